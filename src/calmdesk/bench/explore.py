"""Every path of a file: which steps and ends it reaches, what is unknown there, and which path rules it breaks.

Each file is explored alone. A file that it plays is explored from the facts as they stand there, once for
each such box; what cuts in is one edge whose summary says which facts it may set. The search is breadth
first, so that the path to anything found is a shortest one, and it says so where it was bounded.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.bench.space import split

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calmdesk.bench.flow import Flow, Path, Pick, Route, Stop, Test, Use
    from calmdesk.bench.maze import Maze

OWNED = 1
"""The flag that says that the failure has been owned."""


class Inner(NamedTuple):
    """A way out of a file that was played inside a step."""

    run: Run
    exit: int


class Came:
    """How a node was come to.

    Args:
        parent: from which node.
        choice: by which choice; "" for by itself.
        box: what is known then.
        inner: through which file that was played.
        left: the box as the step was left, before the choice forgot anything.
        forgot: the silent bits of the facts that the choice left to be asked anew.

    """

    # Most of what exploring makes: half the time of a named tuple.
    __slots__ = ("box", "choice", "forgot", "inner", "left", "parent")

    def __init__(
        self, parent: int, choice: str, box: int, inner: Inner | None = None, left: int = -1, forgot: int = 0
    ) -> None:
        self.parent, self.choice, self.box, self.inner = parent, choice, box, inner
        self.left = box if left < 0 else left
        self.forgot = forgot

    def with_box(self, box: int) -> Came:
        """The same way, with something else known at its end."""
        return Came(self.parent, self.choice, box, self.inner, self.left, self.forgot)


class Node(NamedTuple):
    """A step with what is known there; `flags` are owned, steps passed, and choices counted."""

    stop: int
    flags: int
    box: int


class Exit(NamedTuple):
    """A way out: "end" with its disposition, or "return"."""

    kind: str
    disposition: str
    flags: int
    came: Came


class Unknown(NamedTuple):
    """A fact that may be unknown where it is needed."""

    path: Path
    fact: str


class Offer(NamedTuple):
    """An offer that is made at a node, with what is known then."""

    kind: str
    node: int
    box: int
    owned: bool


class Breach(NamedTuple):
    """Where something goes wrong: the node, the way out of the file played there, and what is known then."""

    node: int
    inner: Inner | None
    box: int


class Run:
    """One file explored from one box, as long as the maze has nodes left."""

    def __init__(self, maze: Maze, flow: Flow, box: int, flags: int) -> None:
        self.maze = maze
        self.flow = flow
        self.laws = maze.laws if flow.name == maze.root else None
        self.life = maze.lives[flow.name]
        self.ambient = [(field.silent, field.answered, forgets) for field, forgets in maze.ambient[flow.name]]
        self.nodes: list[Node] = []
        self.came: list[Came] = []
        self.links: dict[tuple[int, int], Came] = {}
        """From which node to which one can go, and how."""
        self.cycles = False
        """Whether a step can be come back to with nothing changed; without that, every path ends somewhere."""
        self.exits: list[Exit] = []
        self.out: set[int] = set()
        """Nodes from which an exit is one move away."""
        self.dead: dict[str, Breach] = {}
        """A step where nothing is left to do → where; see `fell` for the end of the file."""
        self.dead_ends: set[int] = set()
        """All of these nodes."""
        self.fell: dict[str, Came] = {}
        """A last step behind which an ordinary file just stops → how one comes there."""
        self.seen: dict[tuple[int, int], dict[int, int]] = {}
        """(step, flags) → the boxes it was come to with, each with its node."""
        self.unknown: dict[Unknown, Came] = {}
        """What may be unknown → how one comes there (its parent is the node itself, where it stands within the step)."""
        self.held: dict[Path, int] = {}
        """Condition → 1: it held somewhere, 2: it failed somewhere, 3: both."""
        self.asked: dict[tuple[int, str], bool] = {}
        """(step, fact it lists) → whether it was ever needed."""
        self.single: dict[Path, int] = {}
        """A choice that is used up where only one other is left → a node."""
        self.offers: list[Offer] = []
        self.inner_offers: list[tuple[Offer, Inner]] = []
        self.missing: dict[tuple[str, str, str], int] = {}
        """(step, file played there, fact that it never asks for and that may be unknown) → a node."""
        self.broken: dict[int, Breach] = {}
        """Number of a path rule → where it breaks."""
        self.bounded = False
        self.queue: deque[int] = deque()
        self._arrive(Came(-1, "", box), 0, flags)
        while self.queue:
            self._leave(self.queue.popleft())

    # --- coming to a step

    def _arrive(self, came: Came, number: int, flags: int) -> None:
        stops = self.flow.stops
        if number < len(stops) and not stops[number].test:
            self._stand(came, stops[number], flags, came.box)
            return
        todo = [(number, came.box)]
        while todo:
            at, box = todo.pop()
            if at >= len(self.flow.stops):
                self._fall(flags, came.with_box(box))
                continue
            stop = self.flow.stops[at]
            if not stop.test:
                self._stand(came, stop, flags, box)
                continue
            box = self._known(stop.test, came, box)
            holds, fails = self._split(stop.test, box)
            todo += [(at + 1, b) for b in fails]
            for one in holds:
                self._stand(came, stop, flags, one)

    def _stand(self, came: Came, stop: Stop, flags: int, box: int) -> None:
        number, taken = stop.number, box
        for silent, answered, forgets in self.ambient:
            # What cuts in may have asked it, or left it to be asked anew.
            if box & silent:
                box |= answered
            elif forgets:
                box |= silent
        broken: list[tuple[int, int]] = []
        if self.laws:
            if number in self.laws.ruled:
                broken = self.laws.at_step(stop, flags, box)
            flags |= self.laws.passes[number]
        if stop.owns:
            flags |= OWNED
        flags &= self.life.flags[number]
        box |= self.life.dead[number]
        for answered in self.life.used[number]:
            if box & answered:
                box |= answered
        if came.box != taken:
            came = came.with_box(taken)
        known = self.seen.get((number, flags))
        if known is None:
            known = self.seen[number, flags] = {}
        elif box in known:
            self.links.setdefault((came.parent, known[box]), came)
            self.cycles = True
            return
        if self.maze.left <= 0:
            self.bounded = True
            return
        self.maze.left -= 1
        node = len(self.nodes)
        known[box] = node
        self.nodes.append(Node(number, flags, box))
        self.came.append(came)
        self.links[came.parent, node] = came
        self.queue.append(node)
        for rule, where in broken:
            self.broken.setdefault(rule, Breach(node, None, where))

    def _split(self, test: Test, box: int) -> tuple[list[int], list[int]]:
        if self.maze.work <= 0:
            self.bounded = True
            return [], []
        self.maze.work -= 1
        holds, fails = split(test.condition, box)
        self.held[test.path] = self.held.get(test.path, 0) | (1 if holds else 0) | (2 if fails else 0)
        return holds, fails

    def _known(self, test: Test, came: Came, box: int) -> int:
        """The box after the facts of a condition were asked on the spot; that one of them was unknown is noted."""
        if box & test.condition.unknown:
            for field in test.condition.fields:
                if box & field.unknown:
                    self.unknown.setdefault(Unknown(test.path, field.fact), came.with_box(box))
                    box = box & ~field.unknown | field.answered
        return box

    # --- within a step

    def _leave(self, node: int) -> None:
        number, flags, box = self.nodes[node]
        stop = self.flow.stops[number]
        if box & stop.needs:
            box = self._needed(stop.uses, box, node)
        for field in stop.asks:
            missing = bool(box & field.silent)
            self.asked[number, field.fact] = self.asked.get((number, field.fact), False) or missing
            if missing:
                box = box & ~field.silent | field.answered
        boxes = [box]
        for field in stop.asks:
            if stop.test and field in stop.test.condition.fields:
                # What was only a default has been answered: the step is left where its condition no longer holds.
                boxes, fails = self._split(stop.test, box)
                for one in fails:
                    self._arrive(Came(node, "", one), number + 1, flags)
                break
        for known in boxes:
            for one in self._say(stop, known, node) if stop.lines else (known,):
                self._lead(stop, node, flags, one)

    def _lead(self, stop: Stop, node: int, flags: int, box: int) -> None:
        if stop.ways:
            here = Came(node, "", box)
            for test in stop.ways:
                # Whatever decides about a way on is asked before one is taken.
                box = self._known(test, here, box)
        if stop.offer:
            self._offer(stop.offer, node, box, flags)
        if stop.play:
            self._play(stop, node, flags, box)
            return
        if stop.picks:
            self._choose(stop, node, flags, box)
            return
        here = Came(node, "", box)
        if stop.end:
            self._exit("end", stop.end, flags, here)
        elif stop.returns:
            self._exit("return" if self.maze.root != self.flow.name else "end", stop.returns, flags, here)
        else:
            self._way(stop, stop.routes, flags, here)

    def _needed(self, uses: Iterable[Use], box: int, node: int) -> int:
        for use in uses:
            if box & use.unknown:
                self.unknown.setdefault(Unknown(use.path, use.field.fact), Came(node, "", box))
        for use in uses:
            if box & use.unknown:
                box = box & ~use.unknown | use.field.answered
        return box

    def _say(self, stop: Stop, box: int, node: int) -> list[int]:
        """The boxes after the first line that holds was said: one, where nothing had to be asked for it."""
        left, here, after, asked = [box], Came(node, "", box), [], False
        for line in stop.lines:
            spoken = left
            if line.test:
                self.held.setdefault(line.test.path, 0)
                spoken, rest = [], []
                for one in left:
                    known = self._known(line.test, here, one)
                    asked = asked or known != one
                    holds, fails = self._split(line.test, known)
                    spoken += holds
                    rest += fails
                left = rest
            for one in spoken:
                known = self._needed(line.uses, one, node)
                asked = asked or known != one
                after.append(known)
            if line.test is None:
                break
        else:
            after += left
        return after if asked else [box]

    def _offer(self, kind: str, node: int, box: int, flags: int) -> None:
        self.offers.append(Offer(kind, node, box, bool(flags & OWNED)))
        if self.laws:
            for rule, where in self.laws.at_offer(box):
                self.broken.setdefault(rule, Breach(node, None, where))

    # --- ways on

    def _choose(self, stop: Stop, node: int, flags: int, box: int) -> None:
        none_left, used_up, opened = [box], [], 0
        for pick in stop.picks:
            shown = [box]
            if pick.test:
                shown, _ = self._split(pick.test, box)
            count = flags >> pick.shift & (1 << pick.width) - 1
            if pick.most and count >= pick.most and not pick.then:
                used_up.append(pick)
                continue
            opened += bool(shown)
            none_left = [x for b in none_left for x in split(pick.test.condition, b)[1]] if pick.test else []
            for one in shown:
                came = Came(node, pick.id, one)
                if pick.most and count >= pick.most:
                    self._go(stop, pick.then, flags, came)
                else:
                    self._way(stop, pick.routes, flags + (1 << pick.shift if pick.most else 0), came, pick)
        if none_left:
            self.dead.setdefault(stop.name, Breach(node, None, none_left[0]))
            self.dead_ends.add(node)
        elif used_up and opened == 1:
            for pick in used_up:
                self.single.setdefault(("steps", stop.name, "choices", pick.id), node)

    def _way(self, stop: Stop, routes: tuple[Route, ...], flags: int, came: Came, pick: Pick | None = None) -> None:
        """Where these routes lead, and the next step in the file where there are none."""
        if not routes or (routes[0].test is None and not (pick and pick.asked_anew)):
            # Nearly all ways: one route, that always holds.
            self._go(stop, routes[0].step if routes else None, flags, came)
            return
        left = [came.box]
        for route in routes:
            taken, rest = left, []
            if route.test:
                self.held.setdefault(route.test.path, 0)
                taken = []
                for one in left:
                    # Behind a file that was played nobody asks: what is unknown holds for nothing there.
                    self._known(route.test, came, one)
                    holds, fails = self._split(route.test, one)
                    taken += holds
                    rest += fails
            forgot = pick.asked_anew if pick else 0
            for box in taken:
                if pick and forgot:
                    after = box & ~pick.forget | forgot
                    here = Came(came.parent, came.choice, after, came.inner, box, forgot)
                else:
                    here = came if box == came.box else Came(came.parent, came.choice, box, came.inner)
                self._go(stop, route.step, flags, here)
            left = rest

    def _go(self, stop: Stop, target: str | None, flags: int, came: Came) -> None:
        if target == "return":
            self._exit("return", "", flags, came)
        else:
            self._arrive(came, stop.number + 1 if target is None else self.flow.numbers[target], flags)

    def _exit(self, kind: str, disposition: str, flags: int, came: Came) -> None:
        self.out.add(came.parent)
        self.exits.append(Exit(kind, disposition, flags, came))
        if self.laws and kind == "end":
            for rule in self.laws.at_end(disposition, flags):
                self.broken.setdefault(rule, Breach(came.parent, came.inner, came.box))

    def _fall(self, flags: int, came: Came) -> None:
        """Behind the last step: back to who played the file, and nowhere where nobody did."""
        if self.flow.name == self.maze.root and not self.flow.module:
            self.fell.setdefault(self.flow.stops[-1].name, came)
            self.dead_ends.add(came.parent)
        else:
            self._exit("return", "", flags, came)

    def _play(self, stop: Stop, node: int, flags: int, box: int) -> None:
        run, outside = self.maze.run_inside(stop.play, box, flags & OWNED)
        self.bounded = self.bounded or run.bounded
        self.cycles = self.cycles or not run.exits
        asked = self.maze.asked[stop.play]
        for fact in (*(u.fact for u in run.unknown), *(f for _, _, f in run.missing)):
            if fact not in asked:
                self.missing.setdefault((stop.name, stop.play, fact), node)
        for number, offer in enumerate(run.all_offers):
            inner = Inner(run, -1 - number)
            made = offer.box & self.maze.touched[stop.play] | outside
            self.inner_offers.append((offer._replace(node=node, box=made), inner))
            for rule, where in self.laws.at_offer(made) if self.laws else ():
                self.broken.setdefault(rule, Breach(node, inner, where))
        for number, way in enumerate(run.exits):
            behind = way.came.box & self.maze.touched[stop.play] | outside
            after = Came(node, "", behind, Inner(run, number))
            gone = flags | way.flags & OWNED
            if way.kind == "end":
                self._exit("end", way.disposition, gone, after)
            else:
                self._way(stop, stop.routes, gone, after)

    @property
    def all_offers(self) -> Iterable[Offer]:
        """The offers made here and in the files played here."""
        yield from self.offers
        yield from (offer for offer, _ in self.inner_offers)
