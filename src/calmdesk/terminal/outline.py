"""A graph as rows of text: each step once, in the order of the file, numbered, with its ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.terminal.paint import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calmdesk.bench.graph import Cut, Graph, Node, Way

_TIED = "\ue000"
"""Stands for a space at which no row is broken."""


def render_outline(graph: Graph, width: int) -> list[str]:
    """The rows, none wider than `width`."""
    rows = [*wrap(f"{graph.title} ({graph.id})", width), *wrap(graph.goal, width), ""]
    digits = len(str(len(graph.nodes)))
    for number, node in enumerate(graph.nodes, 1):
        rows += _node(graph, node, f"{number:>{digits}} ", width)
    if graph.cuts:
        rows += ["", "May cut in at every step:"]
        rows += [row for cut in graph.cuts for row in _hung(_cut(cut), "  ", width)]
    rows += [
        "",
        *wrap("→ leads on, ↑ goes back up, ⇢ goes round where the step is skipped or a choice is used up.", width),
    ]
    return rows


def _hung(text: str, lead: str, width: int) -> list[str]:
    """A text behind a lead; what is wrapped stands two further in, as far as there is room for it."""
    room = max(12, width - len(lead) - 2)
    first, *rest = (row.replace(_TIED, " ") for row in wrap(text, room))
    return [lead + first, *(" " * (len(lead) + 2) + row for row in rest)]


def _node(graph: Graph, node: Node, lead: str, width: int) -> Iterator[str]:
    inside = "  " * min(node.depth, 4)
    told = f"{node.title} ({node.id})"
    told += f", plays “{node.plays}”" if node.plays else f", {node.principle}" if node.principle else ""
    yield from _hung(told, inside + lead, width)
    under = inside + " " * len(lead) + "  "
    if node.line:
        yield from _hung(f"“{node.line}”", under, width)
    for way in node.ways:
        yield from _hung(_way(graph, node, way), under, width)
    if node.ends:
        yield from _hung(node.ending, under, width)


def _way(graph: Graph, node: Node, way: Way) -> str:
    if not way.to:
        return f"{way.words} → nowhere" if way.words else "→ nowhere"
    sign = "⇢" if way.kind in {"skip", "then"} else "↑" if graph.is_back(node, way) else "→"
    return f"{way.words} {sign}{_TIED}{way.to}" if way.words else f"{sign} {way.to}"


def _cut(cut: Cut) -> str:
    key = f", key {cut.key}" if cut.key else ""
    plays = f", plays “{cut.plays}”" if cut.plays else ""
    back = "" if cut.returns else ", and doesn't come back"
    return f"{cut.label} (i {cut.id}{key}){plays}{back}"
