"""What should happen: frozen values. A `Playbook` reads its steps from compiled data one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

When = dict[str, Any]
"""A condition as it was written: fact → value, list of values or comparison; `not` → condition."""


class Line(NamedTuple):
    """Words to say where `when` holds (always, where there is none), in one or more variants."""

    when: When | None
    variants: tuple[str, ...]


class Route(NamedTuple):
    """A step that a way leads to, where `when` holds."""

    when: When | None
    step: str


class Choice(NamedTuple):
    """One way on."""

    id: str
    label: str
    routes: tuple[Route, ...]
    at_most: int | None
    then: str | None
    forget: tuple[str, ...]
    when: When | None


class Avoid(NamedTuple):
    """Words to keep away from."""

    line: str
    why: str
    instead: str


class OfferSpec(NamedTuple):
    """What a step offers: `kind` restore or gesture, on which ladder, measured by which money fact."""

    kind: str
    ladder: str
    on: str


class PromiseSpec(NamedTuple):
    """What a step promises on leaving it."""

    what: str
    by: str
    who: str


class Option(NamedTuple):
    """One answer of a one-of fact; `slip` says whose slip it means (ours, partner, customer, unknown or "")."""

    id: str
    label: str
    slip: str


class Fact(NamedTuple):
    """Asked information."""

    id: str
    ask: str
    kind: str
    default: str | None
    options: tuple[Option, ...]


class Interruption(NamedTuple):
    """What may cut in: it plays `book`, and brings the exact step back unless `returns` is False."""

    id: str
    label: str
    book: str
    returns: bool
    key: str
    by_policy: bool


class Step(NamedTuple):
    """One screen."""

    id: str
    title: str
    principle: str
    cue: tuple[str, ...]
    say: tuple[Line, ...]
    avoid: tuple[Avoid, ...]
    why: str
    check: tuple[str, ...]
    must_check: tuple[str, ...]
    timer: str
    hold: str
    ask: tuple[str, ...]
    offer: OfferSpec | None
    promise: PromiseSpec | None
    draft: str
    play: str
    when: When | None
    choices: tuple[Choice, ...]
    go: tuple[Route, ...]
    end: str
    returns: str

    @property
    def checks(self) -> tuple[str, ...]:
        """All checks, `check` first, as they are numbered on the screen."""
        return self.check + self.must_check


def _routes(data: list[dict[str, Any]] | None) -> tuple[Route, ...]:
    return tuple(Route(r.get("when"), r["step"]) for r in data or ())


def _words(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _choice(name: str, data: dict[str, Any]) -> Choice:
    return Choice(
        name,
        data.get("label") or _words(name),
        _routes(data.get("go")),
        data.get("at-most"),
        data.get("then"),
        tuple(data.get("forget") or ()),
        data.get("when"),
    )


def make_step(name: str, data: dict[str, Any]) -> Step:
    """A step from its compiled data."""
    offer, promise = data.get("offer"), data.get("promise")
    return Step(
        name,
        data.get("title") or _words(name),
        data.get("principle") or "",
        tuple(data.get("cue") or ()),
        tuple(Line(x["when"], tuple(x["lines"])) for x in data.get("say") or ()),
        tuple(Avoid(a["line"], a.get("why") or "", a.get("instead") or "") for a in data.get("avoid") or ()),
        data.get("why") or "",
        tuple(data.get("check") or ()),
        tuple(data.get("must-check") or ()),
        data.get("timer") or "",
        data.get("hold") or "",
        tuple(data.get("ask") or ()),
        OfferSpec(offer["kind"], offer["ladder"], offer["on"]) if offer else None,
        PromiseSpec(promise["what"], promise["by"], promise.get("who") or "me") if promise else None,
        data.get("draft") or "",
        data.get("play") or "",
        data.get("when"),
        tuple(_choice(c, d) for c, d in (data.get("choices") or {}).items()),
        _routes(data.get("go")),
        data.get("end") or "",
        data.get("return") or "",
    )


def make_fact(name: str, data: dict[str, Any]) -> Fact:
    """A fact from its compiled data; a one-of fact has the kind `one-of`."""
    options = tuple(Option(o, d["label"], d.get("slip") or "") for o, d in (data.get("one-of") or {}).items())
    kind = "one-of" if options else data.get("kind") or "text"
    ask = data["ask"]
    if example := data.get("such-as"):
        ask += f" Such as: {example}" if ask.endswith(("?", ".", "…")) else f", such as: {example}"
    return Fact(name, ask, kind, data.get("default"), options)


class Playbook:
    """An authored guide: looked up by step id, in the order of the file.

    Built on plain data (`compiled`), so that the largest file opens as fast as a small one: a step
    becomes a value when somebody comes to it.
    """

    def __init__(self, name: str, compiled: dict[str, Any], before: Playbook | None = None) -> None:
        self.id = name
        self.before = before
        """An earlier text of it, in which steps can be read that this one no longer has."""
        self.compiled = compiled
        self.title: str = compiled["title"]
        self.goal: str = compiled["goal"]
        self.module: bool = compiled.get("module") or False
        self.private: bool = compiled.get("private") or False
        """Nothing of it is kept, whoever plays it as a call of its own."""
        self.order: list[str] = list(compiled["steps"])
        self._steps: dict[str, Step] = {}
        self._facts: dict[str, Fact] = {}

    def step(self, name: str) -> Step:
        """The step with this id. Raises KeyError where there is none."""
        if name not in self._steps and name not in self.compiled["steps"] and self.before is not None:
            return self.before.step(name)
        if name not in self._steps:
            self._steps[name] = make_step(name, self.compiled["steps"][name])
        return self._steps[name]

    def has(self, name: str) -> bool:
        """Whether this text has such a step; an earlier one may have had it."""
        return name in self.compiled["steps"]

    def after(self, name: str) -> str | None:
        """The id of the next step in the file, None behind the last, and behind one that an earlier text had."""
        if name not in self.compiled["steps"]:
            return None
        at = self.order.index(name) + 1
        return self.order[at] if at < len(self.order) else None

    def fact(self, name: str) -> Fact | None:
        """The fact with this id as this file declares it."""
        if name not in self._facts:
            data = (self.compiled.get("facts") or {}).get(name)
            if data is None:
                return self.before.fact(name) if self.before is not None else None
            self._facts[name] = make_fact(name, data)
        return self._facts[name]

    @property
    def facts(self) -> tuple[str, ...]:
        """The ids of the facts that this file declares."""
        return tuple(self.compiled.get("facts") or ())

    @property
    def interruptions(self) -> tuple[Interruption, ...]:
        """What may cut into this file."""
        return make_interruptions(self.compiled.get("interruptions"), self.id, by_policy=False)

    @property
    def marks(self) -> Mapping[str, int]:
        """How many steps carry each principle: the ladder asks for `own`, an ending for `boundary`."""
        marks: Mapping[str, int] = self.compiled.get("marks") or {}
        return marks


def make_interruptions(data: dict[str, Any] | None, home: str, *, by_policy: bool) -> tuple[Interruption, ...]:
    """Interruptions from compiled data; a card is played as the book `HOME+ID`."""
    return tuple(
        Interruption(
            i,
            d.get("label") or _words(i),
            d.get("play") or f"{home}+{i}",
            d.get("returns", True),
            d.get("key") or "",
            by_policy,
        )
        for i, d in (data or {}).items()
    )


class Rung(NamedTuple):
    """How much one role may give: amounts as exact text."""

    role: str
    restore: str
    gesture: str


class Earlier(NamedTuple):
    """A gesture that an earlier call to the same case ended with."""

    call: str
    amount: str
    at: int
    """Wall clock, ms."""


def _nobody() -> str:
    return "a-0"


def _never() -> tuple[Earlier, ...]:
    return ()


class Authority(NamedTuple):
    """Who sits at this desk, and what its configuration allows, whatever a policy says."""

    role: str = ""
    """The rung they stand on; the lowest where it is empty, or no rung of the ladder."""
    limits: Mapping[str, Mapping[str, Mapping[str, str]]] = {}
    """Ladder → role → restore, gesture: the most that any policy may allow. Empty: the policy decides."""
    key: bytes = b""
    """The team's key, which approvals are signed with."""
    strict: bool = False
    """The administrator's configuration can't be read: the lowest rung, and only where a limit that can be read allows it."""
    call: Callable[[], str] = _nobody
    """The id of the call that is being played."""
    earlier: Callable[[], tuple[Earlier, ...]] = _never
    """The gestures of earlier calls to the same case."""


def _number(amount: str) -> Decimal:
    from decimal import Decimal

    return Decimal(amount)


def _lower(one: str, other: str) -> str:
    return min(one, other, key=_number)


class Policy:
    """The team's settings: what `{policy.NAME}` means, how calls may end, who may give how much."""

    def __init__(self, compiled: dict[str, Any], authority: Authority | None = None) -> None:
        self.compiled = compiled
        self.authority = authority or Authority()
        self.currency: str = compiled.get("currency") or "USD"
        self.time_zone: str = compiled.get("time-zone") or "system"
        self.interruptions = make_interruptions(compiled.get("interruptions"), "policy", by_policy=True)
        self.lines: dict[str, str] = compiled.get("lines") or {}
        self.emergency_card: str = compiled.get("emergency-card") or ""

    def value(self, name: str) -> str | None:
        """A plain value, a duration or a count, as text."""
        for group in ("durations", "counts", "promises"):
            found = (self.compiled.get(group) or {}).get(name)
            if found is not None:
                return ", ".join(map(str, found)) if isinstance(found, list) else str(found)
        plain = self.compiled.get(name)
        return plain if isinstance(plain, str) else None

    def count(self, name: str, default: int) -> int:
        """A count of the policy."""
        found = (self.compiled.get("counts") or {}).get(name)
        return int(found[0]) if found else default

    def disposition(self, name: str) -> str | None:
        """How an ending reads; None where the policy has no such disposition."""
        found = (self.compiled.get("dispositions") or {}).get(name)
        return found["label"] if found else None

    @property
    def any_time(self) -> tuple[str, ...]:
        """The dispositions that may end a call at any step."""
        return tuple(d for d, v in (self.compiled.get("dispositions") or {}).items() if v.get("any-time"))

    def ladder(self, name: str) -> tuple[tuple[Rung, ...], str | None]:
        """The rungs of a ladder, lowest first, and its cap as a factor of the price (None: no cap).

        Where the desk's configuration has limits, a policy may only lower them: a ladder or a role that they
        don't name gives nothing.
        """
        found = (self.compiled.get("ladders") or {}).get(name) or {}
        rungs = [Rung(r["role"], r["restore"], r["gesture"]) for r in found.get("rungs") or ()]
        rungs.sort(key=lambda r: (_number(r.restore), _number(r.gesture)))
        if self.authority.limits:
            limits = self.authority.limits.get(name, {})
            rungs = [
                r._replace(
                    restore=_lower(r.restore, most.get("restore", r.restore) if most else "0"),
                    gesture=_lower(r.gesture, most.get("gesture", r.gesture) if most else "0"),
                )
                for r in rungs
                for most in (limits.get(r.role),)
            ]
        if self.authority.strict:
            # What the administrator meant can't be known: only what a limit that can be read allows.
            known = name in self.authority.limits
            rungs = [r if known else r._replace(restore="0", gesture="0") for r in rungs[:1]]
        return tuple(rungs), found.get("cap")

    def mine(self, name: str) -> tuple[Rung, ...]:
        """The rungs of a ladder from the one on which this desk stands up.

        A role that is none of them gives nothing alone; without a role it is the lowest, of those that the
        configuration limits where it does.
        """
        rungs = self.ladder(name)[0]
        limits = self.authority.limits.get(name, {})
        lowest = min(limits, key=lambda r: _number(limits[r].get("restore", "0")), default="")
        role = self.authority.role or lowest or (rungs[0].role if rungs else "")
        at = next((n for n, r in enumerate(rungs) if r.role == role), None)
        if at is not None or not rungs:
            return rungs[at or 0 :]
        return (Rung(role, "0", "0"), *rungs)

    def look_back(self, name: str) -> str:
        """How long an earlier gesture to the same case counts, as written (90d); empty where it never does."""
        found = (self.compiled.get("ladders") or {}).get(name) or {}
        return str(found.get("look-back") or "")

    def at(self, authority: Authority) -> Policy:
        """The same policy at somebody's desk."""
        return Policy(self.compiled, authority)


class Edition(NamedTuple):
    """All a call may play, fixed by digest: the playbook, what it plays, what may cut in, the policy."""

    root: str
    books: Mapping[str, Playbook]
    policy: Policy
    digests: tuple[tuple[str, str], ...]
    """(id, digest of the text) of each file, in the order it was found; the policy's id is `policy`."""
    texts: Mapping[str, bytes]
    """Digest → the text it was read from."""
