"""What an exploration of a file proves wrong, as findings: unknown facts, dead ends, loops, broken path rules."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from calmdesk.bench.trace import tell, trace, trace_way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calmdesk.bench.explore import Came, Inner, Run
    from calmdesk.bench.flow import Path, Stop
    from calmdesk.bench.maze import Maze
    from calmdesk.bench.trace import Leg
    from calmdesk.playbook.shapes import Reading

MOST_STEPS = 40
MOST_CHOICES = 9
"""A screen has keys for so many choices; a file with more steps is one that nobody keeps in mind."""


class Proofs:
    """The findings of one exploration, reported where they stand in the file."""

    def __init__(self, maze: Maze, run: Run, data: Mapping[str, Any], reading: Reading) -> None:
        self.maze = maze
        self.run = run
        self.data = data
        self.reading = reading
        self.flow = run.flow
        self.unknown = {u.path for u in run.unknown}
        self.legs: dict[int, list[Leg]] = {}
        """Number of a finding → the path that shows it."""
        self._last: list[Leg] = []

    def report(self) -> None:
        """Report everything that the exploration found."""
        self._unknown()
        self._ends()
        self._rules()
        self._offers()
        # Behind a dead end, much never comes that would come without it.
        if not self.run.bounded and not self.run.dead_ends:
            self._endless()
        if self.judged_whole:
            self._conditions()
            self._asked_again()
            self._unreachable()

    @cached_property
    def stuck(self) -> list[int]:
        """The nodes from which the call never ends."""
        return _stuck(self.run)

    @property
    def judged_whole(self) -> bool:
        """Whether every way was looked at to an end: otherwise much seems never to come that would."""
        return not self.run.bounded and not self.run.dead_ends and not self.stuck

    def _say(self, path: Path, rule: str, message: str, tip: str, severity: str = "error") -> None:
        """Report a finding, with the path that was told in its message."""
        before = len(self.reading.findings)
        self.reading.report(path, rule, message, tip, severity)
        if self._last and len(self.reading.findings) > before:
            self.legs[before] = self._last
        self._last = []

    def _told(self, node: int, inner: Inner | None = None, box: int | None = None) -> str:
        self._last = trace(self.run, node, inner, box)
        return tell(self._last, self.maze.root)

    def _told_way(self, came: Came, to: str) -> str:
        """A path to a step that one comes to, or stands on already."""
        if came.parent < 0:
            return f"at the start, {to}"
        if self.flow.stops[self.run.nodes[came.parent].stop].name == to and not came.choice:
            return self._told(came.parent)
        self._last = trace_way(self.run, came)
        return f"{tell(self._last, self.maze.root)} → {to}"

    def _unknown(self) -> None:
        for (path, fact), came in self.run.unknown.items():
            told = self._told_way(came, str(path[1]))
            self._say(
                path,
                "may-be-unknown",
                f"“{fact}” can still be unknown here: {told}.",
                f"Ask for “{fact}” in a step that every way here passes, or give the fact a `default`.",
            )
        for (step, played, fact), node in self.run.missing.items():
            self._say(
                ("steps", step, "play"),
                "may-be-unknown",
                f"“{played}” needs “{fact}”, which can still be unknown here: {self._told(node)}.",
                f"Ask for “{fact}” in a step before, or give the fact a `default`.",
            )

        for path, fact, played in self.maze.cut_needs:
            needs = f"“{played}” needs “{fact}”" if played else f"“{fact}” is used here"
            self._say(
                path,
                "may-be-unknown",
                f"{needs}, and it can cut in at the first step, where “{fact}” isn't known.",
                f"Leave “{fact}” out, or give the fact a `default`.",
            )

    def _ends(self) -> None:
        for name, where in self.run.dead.items():
            self._say(
                ("steps", name),
                "dead-end",
                f"Here it can happen that no choice is left: {self._told(*where)}.",
                "Add a choice without `when` and `at-most`, or give the used-up one a `then`.",
            )
        for name, came in self.run.fell.items():
            skipped = bool(self.run.flow.stops[-1].test)
            why = (
                f"When “{name}” is skipped, the call leads nowhere"
                if skipped
                else f"Behind “{name}” the call leads nowhere"
            )
            self._say(
                ("steps", name, "when") if skipped else ("steps", name),
                "dead-end",
                f"{why}: {self._told_way(came, name)}.",
                "Add a last step without `when` that has `end: DISPOSITION`.",
            )
        for path, node in self.run.single.items():
            self._say(
                path,
                "one-way-left",
                f"Once this is used up, one way is left: {self._told(node)}.",
                "Give it a `then: STEP`, if the agent shouldn't have to find that out.",
                "note",
            )

    def _rules(self) -> None:
        rules = self.data.get("path-rules") or ()
        for number, where in sorted(self.run.broken.items()):
            rule, told = rules[number], self._told(*where)
            if "before" in rule:
                message = f"“{rule['before']}” can be reached without “{rule['must-pass']}”: {told}."
            elif "every-end" in rule:
                ended = "end" if rule["every-end"] == "any" else f"end as “{rule['every-end']}”"
                message = f"The call can {ended} without “{rule['must-pass']}”: {told}."
            else:
                what = "An offer" if rule["never"] == "offer" else f"“{rule['never']}”"
                message = f"{what} can come where the rule says never: {told}."
            self._say(
                ("path-rules", number),
                "path-rule-broken",
                message,
                "Change a way on this path, or the rule.",
            )
        if self.run.bounded:
            what = "the path rules hold in" if rules else "what is said here is true of"
            self._say(
                ("path-rules",) if rules else ("steps",),
                "path-rule-unproved",
                f"There are more than {self.maze.limit:,} situations: {what} those that were looked at.",
                "Split the playbook, or let fewer facts decide.",
                "note",
            )

    # --- money before owning

    def _offers(self) -> None:
        if self.flow.module:
            return
        owns = any(s.owns for f in self.maze.flows.values() for s in f.stops)
        told: set[int] = set()
        for offer in self.run.all_offers:
            number = self.run.nodes[offer.node].stop
            if offer.owned or number in told:
                continue
            stop = self.flow.stops[number]
            path: Path = ("steps", stop.name, "play" if stop.play else "offer")
            if not owns:
                if offer.kind == "gesture":
                    told.add(number)
                    self._say(
                        path,
                        "own-unmarked",
                        "A gesture is offered, and no step is marked as the one that owns the failure.",
                        "Give the step that owns it `principle: own`: then no gesture comes before it.",
                        "note",
                    )
            elif offer.kind == "gesture" or self._owns_later(stop):
                told.add(number)
                self._say(
                    path,
                    "offer-before-own",
                    f"Money can be offered before the failure is owned: {self._told(offer.node)}.",
                    "Put the offer behind the step with `principle: own`, on every way.",
                    "warning",
                )

    def _owns_later(self, stop: Stop) -> bool:
        """Whether a step that owns the failure can still come after this one."""
        todo, seen = [stop.number], {stop.number}
        while todo:
            for name in self._leads(self.flow.stops[todo.pop()]):
                if name not in seen and name < len(self.flow.stops):
                    seen.add(name)
                    todo.append(name)
        later = [self.flow.stops[n] for n in seen if n != stop.number]
        return any(s.owns or (s.play and self._owns(s.play)) for s in later)

    def _owns(self, name: str) -> bool:
        """Whether a file, or one that it plays, owns the failure."""
        return any(s.owns or (s.play and self._owns(s.play)) for s in self.maze.flows[name].stops)

    def _leads(self, stop: Stop) -> set[int]:
        numbers = self.flow.numbers
        found = {stop.number + 1 if t is None else numbers[t] for t in stop.leads() if t != "return"}
        return found | ({stop.number + 1} if stop.test else set())

    # --- conditions

    def _conditions(self) -> None:
        first = self.flow.stops[0]
        if all(held == 3 for held in self.run.held.values()) and not first.test:
            return
        # A bound such as 17:00 is another moment each day: nobody can say here whether it holds.
        facts = self.maze.space.facts
        unsure = {
            t.path
            for s in self.flow.stops
            for t in s.tests()
            if any(facts[f.fact].get("kind") == "moment" for f in t.condition.fields)
        }
        for path, held in self.run.held.items():
            if held == 3 or path in self.unknown or path in unsure:
                continue
            what = _what(path)
            if held == 0:
                self._say(
                    path,
                    "when-never",
                    f"Those above it hold for every case that comes here, so {what} never comes.",
                    "Look at the values above it, or take it out.",
                    "warning",
                )
            elif held == 2:
                self._say(
                    path,
                    "when-never",
                    f"This can't hold when the call comes here, so {what} never comes.",
                    "Look at the values: on every way here, the facts are others.",
                    "warning",
                )
            elif self._stands_first(path):
                self._say(
                    path,
                    "when-always",
                    "This always holds when the call comes here: it decides nothing.",
                    "Take the `when` out, or look at the values.",
                    "warning",
                )
        if first.test and not self.flow.module and self.run.held.get(first.test.path, 0) & 2:
            self._say(
                first.test.path,
                "first-step-skipped",
                f"The first step may be skipped: the call may not start with “{first.name}”.",
                "Take the `when` out, or put a step without one first.",
                "warning",
            )

    def _stands_first(self, path: Path) -> bool:
        """Whether a condition is the first of its list: one that holds for all that is left is an honest last one."""
        return not (len(path) > 2 and isinstance(path[-2], int) and path[-2] > 0)

    def _asked_again(self) -> None:
        unsure = {u.fact for u in self.run.unknown}
        for (number, fact), needed in self.run.asked.items():
            stop = self.flow.stops[number]
            if needed or fact in unsure:
                continue
            at = [f.fact for f in stop.asks].index(fact)
            self._say(
                ("steps", stop.name, "ask", at),
                "asked-again",
                f"“{fact}” is always known here, so it isn't asked again.",
                "Take it out, or let the way here `forget` it.",
                "warning",
            )

    def _unreachable(self) -> None:
        reached = {n.stop for n in self.run.nodes} | {0}
        if len(reached) == len(self.flow.stops):
            return
        # What only follows from a condition that never holds has been said there.
        graph, todo = {0}, [0]
        while todo:
            for number in self._leads(self.flow.stops[todo.pop()]):
                if number < len(self.flow.stops) and number not in graph:
                    graph.add(number)
                    todo.append(number)
        never = any(held != 3 for held in self.run.held.values())
        lost = [s for s in self.flow.stops if s.number not in reached and (s.number not in graph or not never)]
        heads = _heads({s.number: self._leads(s) for s in lost})
        for stop in lost:
            if stop.number in heads:
                more = [s.name for s in lost if s.number not in heads]
                with_it = f", and with it {', '.join(more[:5])}" if more else ""
                self._say(
                    ("steps", stop.name),
                    "unreachable-step",
                    f"No way leads to “{stop.name}”{with_it}.",
                    "Let a choice or a `go` lead to it, or take it out.",
                    "warning",
                )

    def _endless(self) -> None:
        run = self.run
        stops = {run.nodes[n].stop for n in self.stuck}
        if not stops:
            return
        first = self.flow.stops[min(stops)]
        node = next(n for n in self.stuck if run.nodes[n].stop == first.number)
        inside = {s.play for n in stops if (s := self.flow.stops[n]).play}
        shut = next((p for p in inside if not any(r.exits for r in self.maze.inside if r.flow.name == p)), "")
        if shut:
            step = next(s.name for s in self.flow.stops if s.play == shut)
            self._say(
                ("steps", step, "play"),
                "endless-loop",
                f"“{shut}” comes to no end, and never back.",
                f"`calmdesk playbook lint {shut}` says where it stops.",
            )
            return
        self._say(
            ("steps", first.name),
            "endless-loop",
            f"From “{first.name}” the call never ends: every way comes back. It comes there by {self._told(node)}.",
            "Give one of these steps a choice that leads on, or an `end`.",
        )


def _what(path: Path) -> str:
    if "choices" in path and "go" not in path:
        return "this choice"
    if "say" in path:
        return "this line"
    return "this way" if "go" in path else "this step"


def _heads(leads: dict[int, set[int]]) -> set[int]:
    """Of lost steps, those that no other leads to; of a circle, the first."""
    heads: set[int] = set()
    covered: set[int] = set()
    followed = {m for n, found in leads.items() for m in found if m != n}
    for start in [*(n for n in leads if n not in followed), *leads]:
        if start in covered:
            continue
        heads.add(start)
        todo = [start]
        while todo:
            at = todo.pop()
            if at not in covered:
                covered.add(at)
                todo += [m for m in leads[at] if m in leads]
    return heads


def _stuck(run: Run) -> list[int]:
    """The nodes from which neither an end nor a dead end can be reached."""
    if not run.cycles:
        return []
    before: dict[int, list[int]] = {}
    for parent, node in run.links:
        before.setdefault(node, []).append(parent)
    todo = [n for n in run.out | run.dead_ends if n >= 0]
    free = set(todo)
    while todo:
        for parent in before.get(todo.pop(), ()):
            if parent >= 0 and parent not in free:
                free.add(parent)
                todo.append(parent)
    return [n for n in range(len(run.nodes)) if n not in free]
