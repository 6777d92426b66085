"""Playbooks explored and played: a `Play` is one call with the real engine, and everything that was seen on it."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.bench.maze import Maze
from calmdesk.call import asides, events, giving, moves, way
from calmdesk.call import need as n
from calmdesk.call.facts import Known, used_by
from calmdesk.call.play import Conversation
from calmdesk.call.values import Call
from calmdesk.playbook.findings import is_error
from calmdesk.playbook.model import Edition, Playbook
from calmdesk.playbook.read import check_file, read_playbook
from tests.conftest import NOON
from tests.playbook.texts import built_in_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from calmdesk.bench.explore import Run
    from calmdesk.bench.flow import Path
    from calmdesk.call.events import Place
    from calmdesk.call.moves import Move, Standing
    from calmdesk.playbook.model import When

MOST_MOVES = 60
FELL = "behind the last step"
"""Where a way leads that leads nowhere."""
_ALWAYS_THERE = {"channel", "case", "today"}
Spot = tuple[str, str]
"""A file and a step."""


class Books(NamedTuple):
    """Files, read, explored and ready to be played."""

    data: dict[str, dict[str, Any]]
    maze: Maze
    run: Run
    edition: Edition
    whens: dict[int, tuple[str, Path]]
    """The condition with this identity → its file and its place."""


def read_books(texts: Mapping[str, str]) -> Books | None:
    """Files read as they are; None where one of them has an error. The root is `main`."""
    files = {name: read_playbook(text.encode(), name, built_in_policy()) for name, text in texts.items()}
    for file in files.values():
        check_file(file, files)
    data = {name: file.data for name, file in files.items() if file.data is not None}
    if len(data) < len(files) or any(is_error(f) for file in files.values() for f in file.findings):
        return None
    maze = Maze(data, "main")
    edition = Edition("main", {n: Playbook(n, d) for n, d in data.items()}, built_in_policy(), (("main", "x"),), {})
    whens = {id(when): (name, path) for name, d in data.items() for path, when in find_whens(d)}
    return Books(data, maze, maze.run(), edition, whens)


def find_whens(data: Mapping[str, Any]) -> Iterator[tuple[Path, When]]:
    """Every condition of a file's steps, and its place."""
    for name, step in data["steps"].items():
        found: list[tuple[Path, Any]] = [(("steps", name), step)]
        found += [(("steps", name, "say", i), line) for i, line in enumerate(step.get("say") or ())]
        found += [(("steps", name, "go", i), route) for i, route in enumerate(step.get("go") or ())]
        for choice, pick in (step.get("choices") or {}).items():
            here = ("steps", name, "choices", choice)
            found += [(here, pick), *(((*here, "go", i), route) for i, route in enumerate(pick.get("go") or ()))]
        yield from (((*path, "when"), part["when"]) for path, part in found if part.get("when"))


class Laws:
    """The path rules of the started playbook, watched while it is played."""

    def __init__(self, rules: Sequence[dict[str, Any]]) -> None:
        self.rules = rules
        self.broken: set[int] = set()
        self.passed: list[str] = []
        """The steps of the started playbook that the call stood on, in order."""
        self._keys: set[int] = set()

    def stand(self, s: Standing) -> None:
        place, known = s.call.place, Known(s.edition, s.call, s.call.place[:1])
        key = s.call.spot if len(place) == 1 else -place[1].serial
        name = place[0].step
        if key in self._keys:
            return
        self._keys.add(key)
        for number, rule in enumerate(self.rules):
            must = rule.get("must-pass")
            before = rule.get("before") == name != must and must not in self.passed
            if before or (rule.get("never") == name and known.holds(rule.get("when"))):
                self.broken.add(number)
        self.passed.append(name)

    def offer(self, s: Standing) -> None:
        known = Known(s.edition, s.call, s.call.place[:1])
        self.broken |= {i for i, r in enumerate(self.rules) if r.get("never") == "offer" and known.holds(r.get("when"))}

    def end(self, disposition: str) -> None:
        for number, rule in enumerate(self.rules):
            if rule.get("every-end") in {"any", disposition} and rule["must-pass"] not in self.passed:
                self.broken.add(number)


class Play:
    """One call, and what was seen on it. Who answers and chooses is up to those who make one of it."""

    most = MOST_MOVES

    def __init__(self, books: Books, given: dict[str, str]) -> None:
        self.books = books
        self.given = given
        self.laws = Laws(books.data["main"].get("path-rules") or ())
        self.visits: list[tuple[str, str, str]] = []
        """File, step and choice of every step that the call stood on."""
        self.unknown: list[tuple[int, Spot, str]] = []
        """What was asked on the spot: after so many visits, where, which fact."""
        self.listed: list[tuple[Spot, str]] = []
        """What was asked by the step that lists it."""
        self.dead: list[tuple[str, str]] = []
        self.held: dict[tuple[str, Path], set[bool]] = defaultdict(set)
        self.offered: list[tuple[Spot, bool]] = []
        """Where something was offered, and whether the failure was owned then."""
        self.owned = False
        self.moved: list[str] = []
        self._spots: set[tuple[str, int]] = set()
        self.talk = Conversation(books.edition, Call(), record=lambda _events, _at: None, now=lambda: NOON)

    # --- for those who answer

    def answer(self, fact: str) -> str:
        raise NotImplementedError

    def choose(self, ids: list[str]) -> str | None:
        """One of these, or None to stop."""
        raise NotImplementedError

    @property
    def enough(self) -> bool:
        return False

    # --- the loop

    def play(self) -> Play:
        original = way.__dict__["Known"]
        way.__dict__["Known"] = self._watching()
        try:
            try:
                self.talk.take(lambda _: self._start())
            except moves.NotAllowed:
                edition = self.books.edition
                self.dead.append((edition.books[edition.root].order[0], FELL))
                return self
            for _ in range(self.most):
                if self.talk.call.over or self.enough or not self._turn():
                    break
        finally:
            way.__dict__["Known"] = original
        if self.talk.call.ended:
            self.laws.end(self.talk.call.ended)
        return self

    def _start(self) -> list[events.Event]:
        """The start and the facts given beforehand, as a call on a desk begins."""
        given = [(f, v) for f, v in self.given.items() if f not in _ALWAYS_THERE]
        channel, case = self.given.get("channel", "phone"), self.given.get("case", "")
        return moves.begin_told(self.books.edition, NOON, given, channel=channel, case=case)

    def _watching(self) -> type[Known]:
        """What navigation knows, with every condition that it decides noted."""
        note = self._note

        class Watching(Known):
            def holds(self, when: When | None) -> bool:
                found = super().holds(when)
                note(self, when, found=found)
                return found

        return Watching

    def _note(self, known: Known, when: When | None, *, found: bool) -> None:
        if not when or id(when) not in self.books.whens:
            return
        file, path = self.books.whens[id(when)]
        unknown = [f for f in used_by(when) if known.value(f) is None]
        if not unknown:
            self.held[file, path].add(found)
        elif self.books.data[file]["steps"][path[1]].get("play"):
            # Behind a file that was played nobody is asked: what is unknown holds for nothing.
            self.unknown += [(len(self.visits), (file, str(path[1])), f) for f in unknown]

    def _here(self, place: Place) -> Spot:
        return place[-1].book, place[-1].step

    def _turn(self) -> bool:
        """One move; False where there is none."""
        s = self.talk.standing
        here, known = self._here(s.call.place), s.known
        door = known.unknown(s.step.when) is not None
        if not door and not known.holds(s.step.when):
            self.dead.append((here[0], FELL))
            return False
        if not door:
            self._stand(s, here)
        if self.enough:
            return False
        move = self._move(s, here, s.need, door=door)
        if move is None:
            return False
        try:
            self.talk.take(move)
        except moves.NotAllowed:
            self.dead.append((here[0], FELL))
            return False
        return True

    def _stand(self, s: Standing, here: Spot) -> None:
        if ("stand", s.call.spot) not in self._spots:
            self._spots.add(("stand", s.call.spot))
            self.visits.append((*here, ""))
            self.laws.stand(s)
            self.owned = self.owned or s.step.principle == "own"
        if s.step.offer and ("offer", s.call.spot) not in self._spots and not isinstance(s.need, n.AskFact):
            self._spots.add(("offer", s.call.spot))
            self.laws.offer(s)
            self.offered.append((here, self.owned))

    def _move(self, s: Standing, here: Spot, need: n.Need, *, door: bool) -> Move | None:
        match need:
            case n.AskFact(fact):
                if fact.id in s.step.ask and not (door and fact.id in set(used_by(s.step.when))):
                    self.listed.append((here, fact.id))
                else:
                    self.unknown.append((len(self.visits), here, fact.id))
                return partial(moves.answer, typed=self.answer(fact.id))
            case n.AskAmount():
                return partial(giving.amount, typed="none")
            case n.AskAgain():
                return partial(giving.again, typed="withdraw")
        self._said(s)
        if unticked := [c for c in s.step.checks if c not in {c for spot, c in s.call.ticks if spot == s.call.spot}]:
            return partial(asides.toggle, checks=unticked)
        if not isinstance(need, n.AskChoice):
            return moves.go_on
        for choice in s.step.choices:
            self._note(s.known, choice.when, found=s.known.holds(choice.when))
        ids = [o.choice.id for o in need.options if not o.closed]
        if not ids:
            self.dead.append(here)
            return None
        picked = self.choose(ids)
        if picked is None:
            return None
        self.moved.append(picked)
        self.visits[-1] = (*here, picked)
        return partial(moves.choose, choice=picked)

    def _said(self, s: Standing) -> None:
        for line in s.step.say:
            found = s.known.holds(line.when)
            self._note(s.known, line.when, found=found)
            if found:
                return
