"""A graph as text that other tools draw: Mermaid and DOT, valid whatever its words are, the same each time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calmdesk.bench.graph import Graph, Node, Way

CUT_IN = "May cut in at every step"
# What Mermaid reads as its own between quotation marks, or as Markdown, becomes a code.
_MERMAID = str.maketrans({c: f"#{ord(c)};" for c in '"#&<>`*_%\\'})
_LIST = re.compile(r"\d+[.)]|[-+]")
_DOT = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;", "\n": " "})
_SHAPES = {"step": ('["', '"]'), "module": ('[["', '"]]'), "end": ('(["', '"])'), "return": ('>"', '"]')}


def _mermaid_text(text: str) -> str:
    """Words as Mermaid takes them; what would begin a list there doesn't."""
    if begun := _LIST.match(text):
        sign = begun.group()[-1]
        return f"{begun.group()[:-1]}#{ord(sign)};{text[begun.end() :].translate(_MERMAID)}"
    return text.translate(_MERMAID)


def _told(node: Node) -> str:
    """The words in a node's box."""
    plays = f"plays “{node.plays}”" if node.plays else ""
    return ": ".join(
        x for x in (node.title, ", ".join(y for y in (plays, node.ending.lower()[:1] + node.ending[1:]) if y)) if x
    )


def _dashed(way: Way) -> bool:
    return way.kind in {"skip", "then"}


def render_mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flowchart."""
    return "\n".join(_mermaid(graph)) + "\n"


def _mermaid(graph: Graph) -> Iterator[str]:
    numbers = {node.id: f"n{n}" for n, node in enumerate(graph.nodes, 1)}
    yield "flowchart TD"
    yield f"  %% {graph.id}"
    for node in graph.nodes:
        before, behind = _SHAPES[node.kind]
        yield f"  {numbers[node.id]}{before}{_mermaid_text(_told(node))}{behind}"
    for node, way in graph.edges():
        arrow = "-.->" if _dashed(way) else "-->"
        label = f'|"{_mermaid_text(way.words)}"|' if way.words else ""
        yield f"  {numbers[node.id]} {arrow}{label} {numbers[way.to]}"
    if graph.cuts:
        yield f'  subgraph cuts["{CUT_IN}"]'
        for n, cut in enumerate(graph.cuts, 1):
            yield f'    c{n}["{_mermaid_text(cut.label)}"]'
        yield "  end"
    for kind, style in (("module", "stroke-dasharray:none,stroke-width:2px"), ("end", "stroke-width:3px")):
        if named := ",".join(numbers[n.id] for n in graph.nodes if n.kind == kind):
            yield f"  classDef {kind}s {style}"
            yield f"  class {named} {kind}s"


def render_dot(graph: Graph) -> str:
    """The graph in the DOT language of Graphviz."""
    return "\n".join(_dot(graph)) + "\n"


def _quoted(text: str) -> str:
    return f'"{text.translate(_DOT)}"'


def _dot(graph: Graph) -> Iterator[str]:
    shapes = {
        "step": "shape=box, style=rounded",
        "module": "shape=box, peripheries=2",
        "end": "shape=box, style=bold",
        "return": "shape=cds",
    }
    yield f"digraph {_quoted(graph.id)} {{"
    yield f'  graph [label={_quoted(graph.title)}, labelloc=t, rankdir=TB, charset="UTF-8"];'
    yield '  node [fontname="Helvetica", fontsize=11];'
    yield '  edge [fontname="Helvetica", fontsize=9];'
    for node in graph.nodes:
        yield f"  {_quoted(node.id)} [label={_quoted(_told(node))}, {shapes[node.kind]}];"
    for node, way in graph.edges():
        style = ", style=dashed" if _dashed(way) else ""
        yield f"  {_quoted(node.id)} -> {_quoted(way.to)} [label={_quoted(way.words)}{style}];"
    if graph.cuts:
        yield f"  subgraph cluster_cuts {{ label={_quoted(CUT_IN)};"
        for cut in graph.cuts:
            yield f"    {_quoted('i:' + cut.id)} [label={_quoted(cut.label)}, shape=box];"
        yield "  }"
    yield "}"
