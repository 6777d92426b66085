"""A playbook as one page: the flow to click through, each step's words, and what tests and calls passed through."""

from __future__ import annotations

import os
from html import escape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from calmdesk.bench.graph import find_facts
from calmdesk.bench.situation import tell_when
from calmdesk.pages.drawing import Layer, draw
from calmdesk.safetext import clean, fill

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from calmdesk.bench.graph import Graph, Node, Way
    from calmdesk.pages.picture import Picture
    from calmdesk.playbook.model import Edition, Playbook, Step

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_MARGIN = 12
_BIG = 1500
"""A picture that is wider or higher than this is printed on A3."""


class Page(NamedTuple):
    """All that stands on the page."""

    edition: Edition
    picture: Picture
    layers: Sequence[Layer]
    """Tests and calls, where there are any."""
    made: str
    """When, in words."""

    @property
    def graph(self) -> Graph:
        """What is drawn."""
        return self.picture.graph


def render_graph_page(page: Page) -> str:
    """The page as HTML; every text is escaped, and nothing is loaded from anywhere."""
    graph = page.graph
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en" data-layer="">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="robots" content="noindex">',
            f"<title>{escape(graph.title)}: the flow</title>",
            f"<style>{_read('graph.css')}{_paper(page.picture)}</style>",
            "</head>",
            "<body>",
            *_head(page),
            "<main>",
            *_flow(page),
            *_steps(page),
            "</main>",
            f"<script>{_read('graph.js')}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _read(name: str) -> str:
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8") as file:
        return file.read()


def _paper(picture: Picture) -> str:
    size = "A3" if max(picture.wide, picture.high) > _BIG else "A4"
    turned = " landscape" if picture.wide > picture.high else ""
    return f"@page {{ size: A4; margin: 14mm; }} @page flow {{ size: {size}{turned}; margin: 10mm; }}\n"


def _head(page: Page) -> Iterator[str]:
    graph = page.graph
    yield "<header>"
    yield f"<h1>{escape(graph.title)}</h1>"
    yield f'<p>{escape(graph.goal)} <span class="soft">Made with calmdesk on {escape(page.made)}.</span></p>'
    yield '<div class="needs-script">'
    yield '<label for="search">Search <input id="search" type="search" autocomplete="off" aria-keyshortcuts="/"></label>'
    if page.layers:
        yield "<fieldset><legend>What passed through</legend>"
        yield '<label><input type="radio" name="layer" value="" checked> don\'t show</label>'
        for layer in page.layers:
            said = _count(layer.passed.of, layer.name)
            yield f'<label><input type="radio" name="layer" value="{layer.name}"> {said}</label>'
        yield "</fieldset>"
    yield '<button type="button" id="print">Print</button>'
    yield '<span class="soft">Arrow keys go from step to step, / searches, Esc shows all.</span>'
    yield "</div>"
    yield '<p id="status" role="status" class="soft"></p>'
    yield "</header>"


def _count(number: int, name: str) -> str:
    return f"{number} {name.removesuffix('s') if number == 1 else name}"


def _flow(page: Page) -> Iterator[str]:
    picture, graph = page.picture, page.graph
    wide, high = picture.wide + 2 * _MARGIN, picture.high + 2 * _MARGIN
    yield '<section id="flow" aria-label="The flow">'
    yield '<div class="needs-script"><button type="button" id="smaller">Smaller</button>'
    yield '<button type="button" id="larger">Larger</button> <button type="button" id="fit">Fit</button></div>'
    yield (
        f'<svg class="graph" role="group" aria-label="The steps of {escape(graph.title)} and the ways between them" '
        f'viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" height="{high:.0f}">'
    )
    yield f'<g transform="translate({_MARGIN} {_MARGIN})">'
    yield from draw(picture, page.layers, live=True)
    yield "</g></svg>"
    yield "</section>"


def _steps(page: Page) -> Iterator[str]:
    graph = page.graph
    yield '<section id="steps" aria-label="The steps">'
    yield '<nav class="contents" aria-label="All steps"><h2>All steps, in the order of the file</h2><ol>'
    for number, node in enumerate(graph.nodes, 1):
        # A number of its own, so that a search leaves it as it is.
        inside = f' value="{number}"' + (' class="inside"' if node.depth else "")
        ends = f' <span class="soft">{escape(node.ending)}</span>' if node.ends else ""
        yield f'<li{inside} data-step="{escape(node.id)}">{_link(node.id, node.title)}{ends}{_passed(page, node)}</li>'
    yield "</ol></nav>"
    yield '<div class="needs-script only-one"><button type="button" id="all">All steps</button></div>'
    titles = {node.id: node.title for node in graph.nodes}
    sources = _sources(graph)
    yield '<h2 class="by-step">Step by step</h2>'
    for node in graph.nodes:
        yield from _article(page, node, titles, sources.get(node.id, []))
    if graph.cuts:
        yield from _cuts(graph)
    yield "</section>"


def _sources(graph: Graph) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node, way in graph.edges():
        if node.id not in found.setdefault(way.to, []):
            found[way.to].append(node.id)
    return found


def _cuts(graph: Graph) -> Iterator[str]:
    yield '<div id="cuts"><h2>May cut in at every step</h2><ul>'
    for cut in graph.cuts:
        key = f", key {escape(cut.key)}" if cut.key else ""
        plays = f": plays “{escape(cut.plays)}”" if cut.plays else ": one screen"
        back = "then back to the same step" if cut.returns else "and doesn't come back"
        yield f"<li>{escape(cut.label)}{key}{plays}, {back}.</li>"
    yield "</ul></div>"


def _link(step: str, title: str) -> str:
    return f'<a href="#step-{escape(quote(step))}">{escape(title)}</a>'


def _passed(page: Page, node: Node, choice: str = "") -> str:
    """How many came here, or went this way from here."""
    told = []
    for layer in page.layers:
        of = layer.passed.at(node) if choice else layer.passed.of
        told.append(f"{layer.passed.at(node, choice)} of {_count(of, layer.name)}")
    return f' <span class="count">({", ".join(told)})</span>' if told else ""


def _article(page: Page, node: Node, titles: Mapping[str, str], sources: Sequence[str]) -> Iterator[str]:
    inside = ' class="inside"' if node.depth else ""
    yield f'<article id="step-{escape(node.id)}"{inside}>'
    yield f'<h3 tabindex="-1">{escape(node.title)} <span class="soft">({escape(node.id)})</span></h3>'
    told = [f"Principle: {node.principle}." if node.principle else ""]
    told += [f"Plays “{node.plays}”." if node.plays else "", f"{node.ending}." if node.ends else ""]
    if any(told):
        yield f"<p>{escape(' '.join(x for x in told if x))}</p>"
    if page.layers and node.kind != "return":
        yield f"<p>Came here:{_passed(page, node)}</p>"
    book = page.edition.books[node.book]
    if book.has(node.step) and node.kind != "return":
        yield from _words(page.edition, book, book.step(node.step))
    known = [way for way in node.ways if way.to in titles]
    if known:
        yield "<h4>Ways on</h4><ul>"
        for way in known:
            yield f"<li>{_way(page, node, way, titles)}</li>"
        yield "</ul>"
    if sources:
        yield f"<h4>Comes from</h4><p>{', '.join(_link(s, titles[s]) for s in sources)}</p>"
    yield "</article>"


def _way(page: Page, node: Node, way: Way, titles: Mapping[str, str]) -> str:
    said = f"{escape(way.words)} → " if way.words else ""
    counted = _passed(page, node, way.choice) if way.kind == "choice" else ""
    return f"{said}{_link(way.to, titles[way.to])}{counted}"


def _words(edition: Edition, book: Playbook, step: Step) -> Iterator[str]:
    """Everything that a step says, asks and holds ready."""
    facts = find_facts(edition, book)
    if step.when:
        yield f"<p>Skipped unless {escape(clean(tell_when(step.when, facts)))}.</p>"
    if step.say:
        yield "<h4>Say</h4>"
        for line in step.say:
            when = f'<p class="soft">If {escape(clean(tell_when(line.when, facts)))}:</p>' if line.when else ""
            otherwise = '<p class="soft">Otherwise:</p>' if not line.when and len(step.say) > 1 else ""
            yield when or otherwise
            yield '<ul class="spoken">'
            yield from (f"<li>“{escape(_filled(words, edition))}”</li>" for words in line.variants)
            yield "</ul>"
    yield from _listed("Cues", step.cue)
    yield from _listed("Asks", [_asked(edition, book, fact) for fact in step.ask])
    yield from _listed("Checks", [*step.check, *(f"{check} (must be ticked)" for check in step.must_check)])
    yield from _listed("Keep away from", [_avoided(a.line, a.why, a.instead) for a in step.avoid])
    if step.offer:
        kind = "Gives back what is owed" if step.offer.kind == "restore" else "A gesture of goodwill"
        yield f"<h4>Offer</h4><p>{kind}, measured by {escape(step.offer.on)}, within “{escape(step.offer.ladder)}”.</p>"
    if step.promise:
        what, by = escape(clean(step.promise.what)), escape(clean(step.promise.by))
        yield f"<h4>Promise</h4><p>{what}, by {by} ({escape(clean(step.promise.who))}).</p>"
    if step.timer:
        yield f"<h4>Clock</h4><p>{escape(_filled(step.timer, edition))}</p>"
    if step.why:
        yield f"<h4>Why</h4><p>{escape(clean(step.why))}</p>"
    data = book.compiled["steps"][step.id]
    if sources := [*(data.get("claims") or ()), *(data.get("evidence") or ())]:
        yield f"<h4>Rests on</h4><p>{escape(', '.join(sources))}</p>"
    if step.play and step.play in edition.books:
        played = edition.books[step.play]
        yield from _listed(f"Steps of “{clean(played.title)}”", [played.step(s).title for s in played.order])


def _filled(text: str, edition: Edition) -> str:
    """A text with the policy's values in it; a fact stays a name in braces."""
    policy = edition.policy
    return clean(
        fill(text, lambda name: policy.value(name.removeprefix("policy.")) if name.startswith("policy.") else None)
    )


def _asked(edition: Edition, book: Playbook, name: str) -> str:
    fact = next((f for b in (book, *edition.books.values()) if (f := b.fact(name))), None)
    if fact is None:
        return name
    options = ", ".join(option.label for option in fact.options)
    return f"{fact.ask} ({options})" if options else fact.ask


def _avoided(line: str, why: str, instead: str) -> str:
    return " ".join(x for x in (f"“{line}”", why, f"Instead: {instead}" if instead else "") if x)


def _listed(name: str, rows: Sequence[str]) -> Iterator[str]:
    if not rows:
        return
    yield f"<h4>{escape(name)}</h4><ul>"
    yield from (f"<li>{escape(clean(row))}</li>" for row in rows)
    yield "</ul>"
