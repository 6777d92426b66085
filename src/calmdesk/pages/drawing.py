"""A picture drawn as SVG: boxes in the order of the file, a curve for each way, and what may cut in below."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.pages.picture import SMALL, TITLE, measure, missing, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from calmdesk.bench.graph import Cut, Graph, Passed
    from calmdesk.pages.picture import Arrow, Box, Exit, Picture

FONT = "'DejaVu Sans', Verdana, 'Noto Sans', 'Noto Sans Bengali', system-ui, sans-serif"
HUES = ("#0b5394", "#8a3c00", "#1d6b35", "#7a2a7e", "#9a1c31", "#4a5563")
"""What leads to the same step has the same colour."""
STYLE = f"""
.graph text {{ font-family: {FONT}; fill: #1b2430; }}
.graph .paper {{ fill: #ffffff; }}
.graph .box {{ fill: #ffffff; stroke: #4b5768; stroke-width: 1.2; }}
.graph .inner, .graph .part {{ fill: none; stroke: #4b5768; stroke-width: 0.8; }}
.graph .played .box, .graph .back .box {{ fill: #f1f3f6; }}
.graph .last .box {{ fill: #e6f0fa; stroke: #0b5394; stroke-width: 2.6; }}
.graph .title {{ font-weight: bold; }}
.graph text.soft {{ fill: #4b5768; }}
.graph .way path {{ fill: none; stroke-width: 1.5; }}
.graph .round path, .graph .round.part {{ stroke-dasharray: 6 4; }}
"""
HUE_STYLE = "".join(
    f".graph .hue{n} path {{ stroke: {hue}; }} .graph .hue{n} polygon {{ fill: {hue}; }}\n"
    for n, hue in enumerate(HUES)
)
_MARGIN = 24


class Layer(NamedTuple):
    """What some calls passed through, as it is drawn on the boxes."""

    name: str
    """tests or calls."""
    passed: Passed


def render_svg(picture: Picture) -> str:
    """The picture as a file of its own, to print or to show."""
    graph = picture.graph
    heads = _heads(graph, picture.wide)
    cuts = _cut_rows(graph.cuts, picture.wide)
    top = 34.0 + 16 * len(heads)
    wide = max(picture.wide, 320.0) + 2 * _MARGIN
    high = top + picture.high + 18 * len(cuts) + (20 if cuts else 0) + 2 * _MARGIN
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" aria-labelledby="name"',
        f'  viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" height="{high:.0f}">',
        f'<title id="name">{escape(graph.title)}: its steps and the ways between them</title>',
        f"<style>{STYLE}{HUE_STYLE}</style>",
        f'<rect class="paper" width="{wide:.0f}" height="{high:.0f}"/>',
        f'<text class="title" x="{_MARGIN}" y="{_MARGIN + 18}" font-size="20">{escape(graph.title)}</text>',
        *(_text(row, _MARGIN, _MARGIN + 38 + 16 * n, 12, "soft") for n, row in enumerate(heads)),
        f'<g transform="translate({_MARGIN} {_MARGIN + top:.0f})">',
        *draw(picture),
        "</g>",
        *_draw_cuts(cuts, _MARGIN + top + picture.high + 28),
        "</svg>",
        "",
    ]
    return "\n".join(rows)


def render_png(svg: str, scale: float = 2.0) -> bytes:
    """An SVG as PNG, with the fonts of this machine. Raises CalmdeskError (2) where what draws it isn't there."""
    try:
        import resvg_py
    except ImportError:
        raise missing("What draws a PNG") from None
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=scale))


def draw(picture: Picture, layers: Sequence[Layer] = (), *, live: bool = False) -> Iterator[str]:
    """The ways and the boxes; `live`: boxes that can be clicked and reached with the keyboard."""
    order = {box.node.id: n for n, box in enumerate(picture.boxes)}
    for arrow in picture.arrows:
        yield from _draw_arrow(arrow, order[arrow.way.to] % len(HUES))
    for box in picture.boxes:
        yield from _draw_box(box, layers, live=live)


def _heads(graph: Graph, wide: float) -> tuple[str, ...]:
    return wrap(graph.goal, 12, max(wide, 320), 3)


def _cut_rows(cuts: Sequence[Cut], wide: float) -> list[str]:
    if not cuts:
        return []
    told = [
        cut.label + (f" (key {cut.key})" if cut.key else "") + ("" if cut.returns else ", and it doesn't come back")
        for cut in cuts
    ]
    return list(wrap(f"May cut in at every step: {' · '.join(told)}.", 12, max(wide, 320), 12))


def _draw_cuts(rows: Sequence[str], top: float) -> Iterator[str]:
    yield from (_text(row, _MARGIN, top + 18 * n, 12) for n, row in enumerate(rows))


def _text(text: str, x: float, y: float, size: float, kind: str = "", anchor: str = "") -> str:
    more = (f' class="{kind}"' if kind else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{more}>{escape(text)}</text>'


def _draw_arrow(arrow: Arrow, hue: int) -> Iterator[str]:
    way, (x, y) = arrow.way, arrow.tip
    first, *rest = arrow.points
    curve = " ".join(f"{px:.1f},{py:.1f}" for px, py in rest)
    px, py = rest[-1]
    long = ((x - px) ** 2 + (y - py) ** 2) ** 0.5 or 1.0
    dx, dy = (x - px) / long, (y - py) / long
    left = f"{x - 9 * dx - 4 * dy:.1f},{y - 9 * dy + 4 * dx:.1f}"
    right = f"{x - 9 * dx + 4 * dy:.1f},{y - 9 * dy - 4 * dx:.1f}"
    kinds = f"way hue{hue}" + (" round" if way.kind in {"skip", "then"} else "")
    data = f'data-from="{escape(arrow.node.id)}" data-to="{escape(way.to)}"'
    yield f'<g class="{kinds}" {data}><path d="M{first[0]:.1f},{first[1]:.1f} C{curve}"/>'
    yield f'<polygon points="{x:.1f},{y:.1f} {left} {right}"/></g>'


def _draw_box(box: Box, layers: Sequence[Layer], *, live: bool) -> Iterator[str]:
    node = box.node
    kind = {"module": "played", "end": "last", "return": "back"}.get(node.kind, "step")
    more = ""
    if live:
        step = escape(node.id)
        more = f' id="box-{step}" data-step="{step}" tabindex="-1" role="button"'
    passed = "".join(f" un{x.name}" for x in layers if not x.passed.at(node))
    yield f'<g class="node {kind}{passed}"{more}>'
    yield (
        f'<rect class="box" x="{box.left:.1f}" y="{box.top:.1f}" width="{box.wide:.1f}" height="{box.high:.1f}" rx="7"/>'
    )
    if node.kind == "module":
        yield (
            f'<rect class="inner" x="{box.left + 3:.1f}" y="{box.top + 3:.1f}" width="{box.wide - 6:.1f}" '
            f'height="{box.high - 6:.1f}" rx="5"/>'
        )
    head = box.exits[0].top - box.top if box.exits else box.high
    x, y = box.left + box.wide / 2, box.top + (head - 18 * len(box.title) - 15 * len(box.line + box.foot)) / 2
    for rows, size, high, name in (
        (box.title, TITLE, 18, "title"),
        (box.line, SMALL, 15, "soft"),
        (box.foot, SMALL, 15, ""),
    ):
        for row in rows:
            y += high
            yield _text(row, x, y - 3, size, name, "middle")
    for part in box.exits:
        yield from _draw_exit(part, box, layers)
    for layer in layers:
        yield from _draw_badge(box, layer)
    yield "</g>"


def _draw_exit(part: Exit, box: Box, layers: Sequence[Layer]) -> Iterator[str]:
    dashed = " round" if all(w.kind in {"skip", "then"} for w in part.ways) else ""
    yield f'<path class="part{dashed}" d="M{part.left:.1f},{part.top:.1f} h{part.wide:.1f}"/>'
    if part.left > box.left + 1:
        yield f'<path class="part" d="M{part.left:.1f},{part.top:.1f} v{part.high:.1f}"/>'
    x = part.left + part.wide / 2
    for n, row in enumerate(part.rows):
        yield _text(row, x, part.top + 16 + 14 * n, SMALL, "", "middle")
    choice = part.ways[0].choice
    for layer in layers:
        if choice and part.ways[0].kind == "choice":
            count = layer.passed.at(box.node, choice)
            said = f"{count} of {layer.passed.at(box.node)}"
            yield _text(said, x, part.top + part.high - 5, SMALL, f"count of-{layer.name}", "middle")


def _draw_badge(box: Box, layer: Layer) -> Iterator[str]:
    said = f"{layer.passed.at(box.node)} of {layer.passed.of}"
    wide = measure(said, SMALL) + 10
    left, top = box.left + box.wide - wide + 6, box.top - 9
    yield f'<g class="count of-{layer.name}"><rect class="badge" x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="18" rx="9"/>'
    yield _text(said, left + wide / 2, top + 13, SMALL, "badge-text", "middle") + "</g>"
