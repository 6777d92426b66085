"""The steps of a file compiled for walking: what each one asks, says, needs and leads to, over a `Space`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.safetext import slots

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from calmdesk.bench.space import Condition, Field, Space
    from calmdesk.playbook.model import When

Path = tuple[str | int, ...]
"""Where something stands in its file: keys and indices."""


class Use(NamedTuple):
    """A fact that a text, an offer or a condition needs, and where it stands."""

    unknown: int
    """The bit that says that it isn't known."""
    field: Field
    path: Path


class Test(NamedTuple):
    """A condition at its place."""

    path: Path
    condition: Condition


class Route(NamedTuple):
    """Where a way leads: a step, "return", or None for the next step in the file."""

    test: Test | None
    step: str | None


class Line(NamedTuple):
    """Words to say where a condition holds."""

    test: Test | None
    uses: tuple[Use, ...]


class Pick(NamedTuple):
    """A choice: `most` (0: any number of times) is counted in `shift`, `width` bits of the flags."""

    id: str
    test: Test | None
    routes: tuple[Route, ...]
    most: int
    then: str | None
    forget: int
    """The answered bits of the facts that are asked anew."""
    asked_anew: int
    """Their silent bits."""
    shift: int
    width: int


class Stop(NamedTuple):
    """A step, compiled."""

    name: str
    number: int
    test: Test | None
    uses: tuple[Use, ...]
    needs: int
    """The unknown bits of `uses`, together."""
    asks: tuple[Field, ...]
    lines: tuple[Line, ...]
    offer: str
    """The kind of the offer made here, or nothing."""
    owns: bool
    play: str
    picks: tuple[Pick, ...]
    routes: tuple[Route, ...]
    ways: tuple[Test, ...]
    """The conditions that are decided before a way on is taken."""
    end: str
    returns: str
    reads: int
    """The fields that conditions here look at."""
    touches: int
    """The fields whose being known matters here."""
    counts: int
    """The bits of the flags that its choices count in."""

    def tests(self) -> Iterator[Test]:
        """Every condition of it: its own, its lines', its choices' and its ways'."""
        routes = (*self.routes, *(r for p in self.picks for r in p.routes))
        found = [self.test, *(x.test for x in self.lines), *(p.test for p in self.picks), *(r.test for r in routes)]
        yield from (test for test in found if test)

    def leads(self) -> list[str | None]:
        """Every step that it may lead to by its ways (None: the next in the file)."""
        found = [r.step for p in self.picks for r in p.routes]
        found += [p.then if p.routes else None for p in self.picks if p.then or not p.routes]
        found += [r.step for r in self.routes]
        return found or ([] if self.end or self.returns else [None])


class Flow(NamedTuple):
    """A file, compiled: its steps in order."""

    name: str
    module: bool
    stops: tuple[Stop, ...]
    numbers: Mapping[str, int]


class FlowMaker:
    """Compiles one file's data over a space; `counted` is the first bit that its choices may count in."""

    def __init__(self, name: str, data: Mapping[str, Any], space: Space, counted: int) -> None:
        self.name = name
        self.data = data
        self.space = space
        self.counted = counted

    def make(self) -> Flow:
        """The file's flow."""
        stops = tuple(self._stop(n, name, step) for n, (name, step) in enumerate(self.data["steps"].items()))
        numbers = {s.name: s.number for s in stops}
        return Flow(self.name, bool(self.data.get("module")), stops, numbers)

    def _test(self, when: When | None, path: Path) -> Test | None:
        condition = self.space.condition(when)
        return Test((*path, "when"), condition) if condition else None

    def _uses(self, texts: list[tuple[str, Path]], asked: list[str]) -> list[Use]:
        found = []
        for text, path in texts:
            for name in slots(text):
                field = self.space.fields.get(name)
                if field is not None and field.unknown and name not in asked:
                    found.append(Use(field.unknown, field, path))
        return found

    def _routes(self, routes: list[dict[str, Any]] | None, path: Path) -> tuple[Route, ...]:
        if routes and len(routes) == 1 and not routes[0].get("when"):
            return (Route(None, routes[0].get("step")),)
        return tuple(
            Route(self._test(when, (*path, n)) if (when := r.get("when")) else None, r.get("step"))
            for n, r in enumerate(routes or ())
        )

    def _lines(self, say: list[dict[str, Any]], path: Path, asked: list[str]) -> Iterator[Line]:
        lined = len(say) > 1 or say[0]["when"] is not None
        for n, line in enumerate(say):
            here = (*path, n) if lined else path
            texts = [(t, (*here, "line", m) if lined else (*path, m)) for m, t in enumerate(line["lines"]) if "{" in t]
            test = self._test(line["when"], here) if line["when"] else None
            yield Line(test, tuple(self._uses(texts, asked)) if texts else ())

    def _pick(self, name: str, choice: dict[str, Any], path: Path) -> Pick:
        forgotten = [self.space.fields[f] for f in choice.get("forget") or ()]
        most = choice.get("at-most") or 0
        shift, width = self.counted, most.bit_length()
        self.counted += width
        return Pick(
            name,
            self._test(choice["when"], path) if "when" in choice else None,
            self._routes(choice.get("go"), (*path, "go")),
            most,
            choice.get("then"),
            sum(f.answered for f in forgotten) if forgotten else 0,
            sum(f.silent for f in forgotten) if forgotten else 0,
            shift,
            width,
        )

    def _stop(self, number: int, name: str, step: dict[str, Any]) -> Stop:
        path: Path = ("steps", name)
        fields = self.space.fields
        asked: list[str] = step.get("ask") or []
        uses = self._uses(self._texts(step, path), asked)
        if (offer := step.get("offer")) and fields[offer["on"]].unknown and offer["on"] not in asked:
            uses.append(Use(fields[offer["on"]].unknown, fields[offer["on"]], (*path, "offer", "on")))
        test = self._test(step["when"], path) if "when" in step else None
        say = step.get("say") or []
        # Lines without conditions and slots need nothing, and most are such.
        lines = tuple(self._lines(say, (*path, "say"), asked)) if _is_needy(say) else ()
        picks = tuple(self._pick(c, d, (*path, "choices", c)) for c, d in (step.get("choices") or {}).items())
        routes = self._routes(step["go"], (*path, "go")) if "go" in step else ()
        asks = tuple(fields[f] for f in asked)
        ways = self._ways(picks, routes)
        reads = touches = needs = counts = 0
        for found in [*([test] if test else ()), *[x.test for x in lines if x.test], *ways]:
            for field in found.condition.fields:
                reads |= field.all
        for field in asks:
            touches |= field.all
        for use in uses:
            needs |= use.unknown
            touches |= use.field.all
        for line in lines:
            for use in line.uses:
                touches |= use.field.all
        for pick in picks:
            if pick.width:
                counts |= ((1 << pick.width) - 1) << pick.shift
        return Stop(
            name,
            number,
            test,
            tuple(uses),
            needs,
            asks,
            lines if lines and any(x.test or x.uses for x in lines) else (),
            offer["kind"] if offer else "",
            step.get("principle") == "own",
            step.get("play") or "",
            picks,
            routes,
            () if step.get("play") else ways,
            step.get("end") or "",
            step.get("return") or "",
            reads,
            touches | reads,
            counts,
        )

    def _ways(self, picks: tuple[Pick, ...], routes: tuple[Route, ...]) -> tuple[Test, ...]:
        own, behind = [], []
        for pick in picks:
            if pick.test:
                own.append(pick.test)
            behind += [route.test for route in pick.routes if route.test]
        return (*own, *[r.test for r in routes if r.test], *behind)

    def _texts(self, step: dict[str, Any], path: Path) -> list[tuple[str, Path]]:
        """Every text of a step with slots but its lines, each with its place, in the order they are needed."""
        found: list[tuple[str, Path]] = []
        if "{" in (title := step.get("title") or ""):
            found.append((title, (*path, "title")))
        for key in ("cue", "check", "must-check"):
            if key in step:
                found += [(text, (*path, key, n)) for n, text in enumerate(step[key]) if "{" in text]
        for n, avoid in enumerate(step.get("avoid") or ()):
            for key in ("line", "instead"):
                if "{" in (text := avoid.get(key) or ""):
                    found.append((text, (*path, "avoid", n, key)))
        if promise := step.get("promise"):
            found += [(promise[key], (*path, "promise", key)) for key in ("what", "by", "who") if key in promise]
        for name, choice in (step.get("choices") or {}).items():
            if "{" in (label := choice.get("label") or ""):
                found.append((label, (*path, "choices", name, "label")))
        if draft := step.get("draft"):
            found.append(((self.data.get("drafts") or {}).get(draft) or "", (*path, "draft")))
        return found


def _is_needy(say: list[dict[str, Any]]) -> bool:
    """Whether a line has a condition, or a slot to fill."""
    for line in say:
        if line["when"]:
            return True
        for text in line["lines"]:
            if "{" in text:
                return True
    return False


def find_conditions(data: Mapping[str, Any]) -> list[When]:
    """Every `when` of a file's steps and path rules."""
    found: list[When] = []
    for step in data["steps"].values():
        if "when" in step:
            found.append(step["when"])
        parts = [*(step.get("say") or ()), *(step.get("go") or ())]
        for choice in (step.get("choices") or {}).values():
            if "when" in choice:
                found.append(choice["when"])
            parts += choice.get("go") or ()
        found += [part["when"] for part in parts if part.get("when")]
    found += [rule["when"] for rule in data.get("path-rules") or () if rule.get("when")]
    return [when for when in found if when]
