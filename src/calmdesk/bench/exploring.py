"""What `calmdesk playbook explore` tells: ends, lengths, and each thing that is wrong with a path that plays it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.bench.ignoring import apply_ignores
from calmdesk.bench.maze import Maze, Summary
from calmdesk.bench.proofs import Proofs
from calmdesk.bench.trace import make_script, tell, trace_along, trace_exit
from calmdesk.bench.walking import Walk, walk
from calmdesk.playbook.compiling import make_edition
from calmdesk.playbook.shapes import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calmdesk.bench.explore import Run
    from calmdesk.bench.trace import Leg
    from calmdesk.call.events import Stamp
    from calmdesk.playbook.findings import Finding
    from calmdesk.playbook.model import Edition
    from calmdesk.playbook.shelf import Closure


class Ending(NamedTuple):
    """A way the call can end, with a shortest path to it."""

    disposition: str
    path: str
    walk: Walk


class Cut(NamedTuple):
    """What may cut in, as one edge: how it may end the call, whether it comes back, which facts it asks for."""

    id: str
    played: str
    summary: Summary


class Wrong(NamedTuple):
    """A finding with the path that shows it; no path where none is needed to see it."""

    finding: Finding
    walk: Walk | None


class Explored(NamedTuple):
    """Everything about one file's paths."""

    root: str
    situations: int
    bounded: bool
    steps: int
    rules: int
    endings: tuple[Ending, ...]
    cuts: tuple[Cut, ...]
    shortest: Ending | None
    longest: Ending | None
    round: str
    """A loop that can be gone round without limit; empty where there is none."""
    wrong: tuple[Wrong, ...]


class Explorer:
    """Explores the root of a closure, whose file says `text`; `limit` situations at most."""

    def __init__(self, closure: Closure, text: bytes, summaries: Mapping[str, Summary], now: Stamp, limit: int) -> None:
        self.closure = closure
        self.text = text
        self.now = now
        self.file = closure.files[closure.root]
        data = closure.data
        self.summaries = summaries
        self.maze = Maze(data, closure.root, summaries, limit)
        self.run = self.maze.run()
        self.edition: Edition = make_edition(closure.root, data, closure.policies.policy)

    def explore(self) -> Explored:
        """All of it."""
        run = self.run
        ends: dict[str, int] = {}
        for number, way in enumerate(run.exits):
            name = way.disposition if way.kind == "end" else "(returns)"
            if name not in ends or len(trace_exit(run, number)) < len(trace_exit(run, ends[name])):
                ends[name] = number
        endings = tuple(self._ending(name, trace_exit(run, n)) for name, n in ends.items())
        longest, loop, ends_as = _longest(run)
        path_rules = (self.file.data or {}).get("path-rules") or ()
        return Explored(
            self.closure.root,
            len(run.nodes) + sum(len(r.nodes) for r in self.maze.inside),
            run.bounded,
            len(run.flow.stops),
            len(path_rules),
            endings,
            self._cuts(),
            min(endings, key=lambda x: len(x.walk.visited), default=None),
            self._ending(ends_as, longest) if longest else None,
            loop,
            self._wrong(),
        )

    def _ending(self, disposition: str, legs: list[Leg]) -> Ending:
        played = self._walk(legs, to_the_end=True)
        return Ending(disposition or played.ended, tell(legs, self.closure.root, whole=True), played)

    def _walk(self, legs: list[Leg], *, to_the_end: bool = False) -> Walk:
        fields = self.maze.space.fields
        return walk(self.edition, make_script(legs, fields), legs, fields, self.now, to_the_end=to_the_end)

    def _shown(self, legs: list[Leg] | None) -> Walk | None:
        """A path that was played as it is told; None where there is none, or where the calls went another way."""
        played = self._walk(legs) if legs else None
        return played if played and played.whole else None

    def _cuts(self) -> tuple[Cut, ...]:
        cuts = (self.file.data or {}).get("interruptions") or {}
        return tuple(
            Cut(name, cut["play"], self.summaries[cut["play"]])
            for name, cut in cuts.items()
            if cut.get("play") in self.summaries
        )

    def _wrong(self) -> tuple[Wrong, ...]:
        """The findings that exploring proves, each with its path played where there is one."""
        reading = Reading(self.file.reading.path)
        reading.root = self.file.reading.root
        proofs = Proofs(self.maze, self.run, self.file.data or {}, reading)
        proofs.report()
        return tuple(
            Wrong(finding, self._shown(proofs.legs.get(n)))
            for n, finding in enumerate(reading.findings)
            if finding in apply_ignores(self.text, [finding], reading.path, whole=False)
        )


def _longest(run: Run) -> tuple[list[Leg], str, str]:
    """A long way to an end on which no situation comes twice (the longest is hard to find), a loop without limit, and how it ends."""
    after: dict[int, list[int]] = {}
    for parent, node in run.links:
        if parent >= 0:
            after.setdefault(parent, []).append(node)
    order, back = _in_order(after, 0 if run.nodes else -1)
    out: dict[int, int] = {}
    for number, way in enumerate(run.exits):
        out.setdefault(way.came.parent, number)
    best: dict[int, tuple[int, int]] = {}
    for node in order:
        # Reversed order of leaving: everything behind a node is known before the node.
        ways = [(best[n][0] + 1, n) for n in after.get(node, ()) if n in best and (node, n) not in back]
        if node in out:
            ways.append((1, -1))
        if ways:
            best[node] = max(ways)
    if 0 not in best:
        return [], "", ""
    chain, node = [0], best[0][1]
    while node >= 0:
        chain.append(node)
        node = best[node][1]
    loop = min(back, key=lambda edge: edge[0], default=None)
    told = (
        f"{run.flow.stops[run.nodes[loop[1]].stop].name} … {run.flow.stops[run.nodes[loop[0]].stop].name}"
        if loop
        else ""
    )
    cames = [run.links[edge] for edge in pairwise(chain)]
    last = run.exits[out[chain[-1]]]
    return trace_along(run, [*cames, last.came]), told, last.disposition or "(returns)"


def _in_order(after: Mapping[int, list[int]], start: int) -> tuple[list[int], set[tuple[int, int]]]:
    """Nodes in the order they are left by a search in depth, and the edges that go back to an open node."""
    if start < 0:
        return [], set()
    order: list[int] = []
    back: set[tuple[int, int]] = set()
    open_, done = {start}, set[int]()
    stack = [(start, iter(after.get(start, ())))]
    while stack:
        node, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            stack.pop()
            open_.discard(node)
            done.add(node)
            order.append(node)
        elif following in open_:
            back.add((node, following))
        elif following not in done:
            open_.add(following)
            stack.append((following, iter(after.get(following, ()))))
    return order, back
