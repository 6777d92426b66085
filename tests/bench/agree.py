"""Where an exploration and the real engine disagree: what was played and not explored, or explored and not playable."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from calmdesk.bench.trace import make_script, trace, trace_exit, trace_way, value_of

from .books import ANSWERS
from .plays import FELL, MOST_MOVES, Play

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from calmdesk.bench.explore import Came, Run
    from calmdesk.bench.trace import Leg, Script

    from .plays import Books

MOST_REPLAYED = 12
"""So many of one kind of thing that was explored are played."""
Disagreement = tuple[str, str]
"""Its kind, and what it is about."""


class Wandering(Play):
    """Answers and chooses at random, some facts given beforehand."""

    def __init__(self, books: Books, rng: random.Random) -> None:
        self.rng = rng
        facts = [f for f in books.maze.space.fields if f not in {"channel", "case", "today"}]
        given = {f: rng.choice(ANSWERS[f]) for f in facts if rng.random() < 0.3}
        super().__init__(books, given | {"channel": rng.choice(("phone", "chat", "desk"))})

    def answer(self, fact: str) -> str:
        return self.rng.choice(ANSWERS[fact])

    def choose(self, ids: list[str]) -> str | None:
        return self.rng.choice(ids)


class Following(Play):
    """Follows the legs of a path by its script."""

    def __init__(self, books: Books, legs: list[Leg], start: int | None = None) -> None:
        self.legs = [(leg.file, leg.step.name, leg.choice) for leg in legs if not leg.step.play]
        self.script: Script = make_script(legs, books.maze.space.fields)
        if start is not None:
            self.script = self.script._replace(given=_given(books, start))
        self.answers = {f: list(a) for f, a in self.script.answers.items()}
        self.choices = list(self.script.choices)
        self.most = MOST_MOVES + 6 * len(legs)
        super().__init__(books, self.script.given | _channel(books, legs, -1 if start is None else start))

    def answer(self, fact: str) -> str:
        left = self.answers.get(fact) or list(self.books.maze.space.fields[fact].values)
        return left.pop(0)

    def choose(self, ids: list[str]) -> str | None:
        return self.choices.pop(0) if self.choices and self.choices[0] in ids else None

    @property
    def enough(self) -> bool:
        """Whether the call has gone two steps further."""
        return len(self.visits) > len(self.legs) + 1

    @property
    def lost(self) -> str:
        """Where the call left the path, or nothing."""
        came = self.visits[: len(self.legs)]
        told = [v if v[2] or not leg[2] else (*v[:2], leg[2]) for v, leg in zip(came, self.legs, strict=False)]
        if len(came) == len(self.legs) and told == self.legs and not self.choices:
            return ""
        return f"{self.legs} by {self.script}, but {self.visits}"


def _given(books: Books, box: int) -> dict[str, str]:
    """What must be given for a call to begin with this box."""
    fields = [f for f in books.maze.space.fields.values() if f.silent and not box & f.silent]
    return {f.fact: value_of(f, box & f.all) for f in fields}


def _channel(books: Books, legs: list[Leg], start: int) -> dict[str, str]:
    """A script gives no channel: it is chosen with the call."""
    field = books.maze.space.fields["channel"]
    bits = field.all & start
    for leg in legs:
        bits &= leg.box & getattr(leg, "came", leg.box)
    return {"channel": next(v for n, v in enumerate(field.values) if bits & field.answered & -field.answered << n)}


# --- everything a play does was explored


def _runs(books: Books, file: str) -> list[Run]:
    """The explorations of a file: of the root its own, of another all that were made while it was played."""
    if file == "main":
        return [books.run]
    return [r for r in books.maze._inside.values() if r.flow.name == file]


def find_unexplored(books: Books, play: Play) -> Iterator[Disagreement]:
    """What a play did that the exploration doesn't know."""
    for file, step, _ in play.visits:
        if not any(r.flow.stops[node.stop].name == step for r in _runs(books, file) for node in r.nodes):
            yield "step", f"{file}/{step}"
    ended = play.talk.call.ended
    if ended and not any(e.kind == "end" and e.disposition == ended for e in books.run.exits):
        yield "end", ended
    for _, (file, step), fact in play.unknown:
        if not any(u.path[1] == step and u.fact == fact for r in _runs(books, file) for u in r.unknown):
            yield "unknown", f"{fact} at {file}/{step}"
    for (file, step), fact in play.listed:
        if not any(_may_be_asked(r, step, fact) for r in _runs(books, file)):
            yield "always known", f"{fact} at {file}/{step}"
    for file, step in play.dead:
        if not any(_may_stop(r, step) for r in [*_runs(books, file), books.run]):
            yield "dead end", f"{file}/{step}"
    for rule in play.laws.broken - set(books.run.broken):
        yield "rule", str(rule)
    for (file, path), values in play.held.items():
        held = 0
        for run in _runs(books, file):
            held |= run.held.get(path, 0)
        if (True in values and not held & 1) or (False in values and not held & 2):
            yield "condition", f"{file} {path} was {values}, explored as {held}"
    yield from _unexplored_ways(books, play)


def _may_be_asked(run: Run, step: str, fact: str) -> bool:
    needed = run.asked.get((run.flow.numbers[step], fact))
    return bool(needed) or any(u.fact == fact for u in run.unknown)


def _may_stop(run: Run, step: str) -> bool:
    return step in run.dead or (step == FELL and bool(run.fell or _circles(run)))


def _circles(run: Run) -> bool:
    """Whether steps that only play files lead round to themselves: where those are skipped, the engine stops."""
    leads = _leads(run)
    todo = [n for n, stop in enumerate(run.flow.stops) if stop.play]
    return any(n in _after(run, leads, n) for n in todo)


def _leads(run: Run) -> dict[int, set[int]]:
    leads: dict[int, set[int]] = {}
    for parent, node in run.links:
        if parent >= 0:
            leads.setdefault(run.nodes[parent].stop, set()).add(run.nodes[node].stop)
    return leads


def _after(run: Run, leads: dict[int, set[int]], stop: int) -> set[int]:
    """The steps that follow one, over steps that only play a file."""
    todo, seen = [stop], set[int]()
    while todo:
        for found in leads.get(todo.pop(), set()) - seen:
            seen.add(found)
            todo += [found] if run.flow.stops[found].play else []
    return seen


def _unexplored_ways(books: Books, play: Play) -> Iterator[Disagreement]:
    """Ways from step to step of the started playbook; a file that was skipped as a whole leaves no trace in a play."""
    run = books.run
    leads = _leads(run)
    passed = [run.flow.numbers[name] for name in play.laws.passed]
    for one, other in pairwise(passed):
        if other not in _after(run, leads, one):
            yield "way", f"{run.flow.stops[one].name} to {run.flow.stops[other].name}"


# --- everything that was explored can be played


def find_unplayable(books: Books, rng: random.Random) -> Iterator[Disagreement]:
    """What the exploration says and the engine doesn't do."""
    run = books.run
    if run.bounded:
        yield "bounded", f"{len(run.nodes)} nodes"
    for unknown, came in run.unknown.items():
        play = _follow_way(books, run, came)
        if (("main", str(unknown.path[1])), unknown.fact) not in {(where, fact) for _, where, fact in play.unknown}:
            yield "unknown", f"{unknown}: {play.lost or play.visits}, {play.unknown}"
    yield from _unplayable_inside(books)
    for rule, where in run.broken.items():
        play = _follow(books, trace(run, *where))
        if rule not in play.laws.broken or play.lost:
            yield "rule", f"{rule}: {play.lost or play.visits}"
    for step, dead in run.dead.items():
        play = _follow(books, trace(run, dead) if isinstance(dead, int) else trace(run, *dead))
        if ("main", step) not in play.dead or play.lost:
            yield "dead end", f"{step}: {play.lost or play.visits}"
    for step, came in run.fell.items():
        play = _follow_way(books, run, came)
        if not any(fell == FELL for _, fell in play.dead) or play.lost:
            yield "fell", f"{step}: {play.lost or play.visits} {play.dead}"
    for number in rng.sample(range(len(run.exits)), min(MOST_REPLAYED, len(run.exits))):
        play = _follow(books, trace_exit(run, number))
        if run.exits[number].disposition != play.talk.call.ended or play.lost:
            yield "exit", f"{run.exits[number].disposition}: {play.lost or play.visits}"
    # Where a whole file is skipped, nobody stands on the step that plays it.
    nodes = [i for i, node in enumerate(run.nodes) if not run.flow.stops[node.stop].play]
    for node in rng.sample(nodes, min(MOST_REPLAYED, len(nodes))):
        play = _follow(books, trace(run, node))
        if run.flow.stops[run.nodes[node].stop].name not in play.laws.passed or play.lost:
            yield "step", f"{node}: {play.lost or play.laws.passed}"
    yield from _unplayable_offers(books)


def _follow(books: Books, legs: list[Leg]) -> Following:
    play = Following(books, legs)
    play.play()
    return play


def _follow_way(books: Books, run: Run, came: Came) -> Following:
    """A way that was left; before the first step there is nothing to leave, and what is known is all there is."""
    play = Following(books, trace_way(run, came), None if came.parent >= 0 else came.box)
    play.play()
    return play


def _unplayable_inside(books: Books) -> Iterator[Disagreement]:
    """Facts that a file which is played here needs and never asks for."""
    run = books.run
    for (step, file, fact), node in run.missing.items():
        inner, _ = books.maze.run_inside(file, run.nodes[node].box, run.nodes[node].flags & 1)
        for unknown, came in inner.unknown.items():
            if unknown.fact == fact:
                play = _follow(books, [*trace(run, node), *trace_way(inner, came)])
                if ((file, str(unknown.path[1])), fact) not in {(where, f) for _, where, f in play.unknown}:
                    yield "missing", f"{step} {file} {unknown}: {play.lost or play.visits}, {play.unknown}"


def _unplayable_offers(books: Books) -> Iterator[Disagreement]:
    """Offers that may be made before the failure is owned."""
    run = books.run
    for offer in run.offers:
        step = run.flow.stops[run.nodes[offer.node].stop].name
        if not offer.owned:
            play = _follow(books, trace(run, offer.node))
            if (("main", step), False) not in play.offered or play.lost:
                yield "offer", f"{step}: {play.lost or play.offered}"
