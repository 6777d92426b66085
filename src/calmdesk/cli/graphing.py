"""`playbook graph`: a playbook as an outline, as text for other tools, as a picture, or as a page to click through."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from calmdesk.cli import make_desk
from calmdesk.cli.files import write_file
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calmdesk.bench.graph import Graph, Passed
    from calmdesk.bench.same import Renames
    from calmdesk.call.values import Call
    from calmdesk.journal.store import Journal
    from calmdesk.pages.drawing import Layer
    from calmdesk.playbook.model import Edition
    from calmdesk.terminal.sitting import Desk

FORMATS = ("outline", "mermaid", "dot", "svg", "png")
MOST_CALLS = 500
"""So many of the newest calls of a playbook are looked at."""


class Drawn(NamedTuple):
    """A playbook that can be drawn, and the tests it carries."""

    edition: Edition
    tests: list[dict[str, Any]]


def draw_playbook(
    playbook: Annotated[str, typer.Argument(help="An id or a path.")],
    format_: Annotated[
        str, typer.Option("--format", metavar="outline|mermaid|dot|svg|png", help="What is written.")
    ] = "outline",
    modules: Annotated[bool, typer.Option("--modules", help="With the steps of the files that it plays.")] = False,
    html: Annotated[
        str, typer.Option("--html", metavar="FILE", help="Write a page to click through, with tests and calls.")
    ] = "",
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="Write there, not on the screen; a png needs one.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """A playbook as a picture: its steps in order, and every way between them.

    The page shows what the playbook's tests and the calls of this desk passed through: numbers only, no words.

    Examples: `calmdesk playbook graph angry-caller` · `calmdesk playbook graph my.yaml --html my.html`
    · `calmdesk playbook graph angry-caller --format svg --out angry-caller.svg`
    """
    from calmdesk.bench.graph import make_graph

    _check(format_, html, out)
    desk = make_desk()
    drawn = open_drawn(desk, playbook)
    graph = make_graph(drawn.edition, opened=modules)
    shown = not out and not (html and format_ == "outline")
    if html:
        write_file(html, _page(desk, drawn, graph).encode(), force=force)
        # Where a graph goes to the screen, nothing else does.
        (sys.stderr if shown else sys.stdout).write(f"written: {clean(html)}\n")
    if not out and not shown:
        return
    found = _render(graph, format_)
    if out:
        write_file(out, found, force=force)
        sys.stdout.write(f"written: {clean(out)}\n")
    elif format_ == "png":
        sys.stdout.buffer.write(found)
    else:
        sys.stdout.write(found.decode())


def _check(format_: str, html: str, out: str) -> None:
    """Refuse what makes no sense. Raises CalmdeskError (2)."""
    if format_ not in FORMATS:
        hint = f"Use {', '.join(FORMATS[:-1])} or {FORMATS[-1]}; --html FILE writes the page."
        raise CalmdeskError(f"--format {clean(format_)} isn't known.", hint, 2)
    if format_ == "png" and not out and sys.stdout.isatty():
        raise CalmdeskError("A png is no text for a screen.", "Name a file with --out, such as --out flow.png.", 2)
    if html and html == out:
        raise CalmdeskError(f"{clean(html)} can't be two things at once.", "Name two files.", 2)


def _render(graph: Graph, format_: str) -> bytes:
    """The graph in one of the formats. Raises CalmdeskError (2) where what draws it isn't installed."""
    if format_ == "outline":
        from calmdesk.cli.manual import find_width
        from calmdesk.terminal.outline import render_outline

        return "".join(f"{row}\n" for row in render_outline(graph, find_width())).encode()
    if format_ in {"mermaid", "dot"}:
        from calmdesk.bench.notation import render_dot, render_mermaid

        return (render_dot if format_ == "dot" else render_mermaid)(graph).encode()
    from calmdesk.pages.drawing import render_png, render_svg
    from calmdesk.pages.picture import make_picture

    svg = render_svg(make_picture(graph))
    return render_png(svg) if format_ == "png" else svg.encode()


def open_drawn(desk: Desk, wanted: str) -> Drawn:
    """A playbook as its file stands now. Raises CalmdeskError (1 with the findings, 2, 3)."""
    from calmdesk.bench.lint import Linter
    from calmdesk.cli.testing import find_playbooks
    from calmdesk.playbook.compiling import make_edition
    from calmdesk.playbook.library import BrokenPlaybookError
    from calmdesk.playbook.shelf import shown_path

    paths = find_playbooks(desk.settings.library, [wanted])
    if len(paths) > 1:
        raise CalmdeskError(f"{clean(wanted)} holds several playbooks.", "Name one of them.", 2)
    closure = Linter(desk.settings.library).shelf.closure(paths[0])
    if closure.errors:
        raise BrokenPlaybookError(shown_path(paths[0]), closure.errors)
    data = closure.data
    return Drawn(make_edition(closure.root, data, closure.policies.policy), data[closure.root].get("tests") or [])


# --- the page


def _page(desk: Desk, drawn: Drawn, graph: Graph) -> str:
    from calmdesk.cli.progress import write_date
    from calmdesk.pages.graph import Page, render_graph_page
    from calmdesk.pages.picture import make_picture

    layers = _layers(desk, drawn)
    picture = make_picture(graph, counted=bool(layers))
    return render_graph_page(Page(drawn.edition, picture, layers, write_date(desk.clock().wall)))


def _layers(desk: Desk, drawn: Drawn) -> list[Layer]:
    """What its tests and this desk's calls passed through; nothing where there are none."""
    from calmdesk.bench.graph import count_passed
    from calmdesk.bench.testing import play_tests
    from calmdesk.pages.drawing import Layer

    # What a test came to also counts where it fails at its end.
    outcomes = play_tests(drawn.edition, drawn.tests)
    tests = count_passed(
        [(book, step, part) for book, step, kind, part in outcome.seen if kind != "line"] for outcome in outcomes
    )
    found = [("tests", tests), ("calls", _count_calls(desk, drawn.edition))]
    return [Layer(name, passed) for name, passed in found if passed.of]


def _count_calls(desk: Desk, edition: Edition) -> Passed:
    """What the newest calls of a playbook passed through: steps and choices, no words."""
    from calmdesk.bench.graph import count_passed
    from calmdesk.cli.calls import open_desk_journal
    from calmdesk.journal.opening import NAME

    # Who only draws a playbook gets no journal by it.
    if not os.path.exists(os.path.join(desk.settings.data, NAME)):
        return count_passed([])
    try:
        journal = open_desk_journal(desk)
        numbers = [n for n, call in journal.outlines() if call.root == edition.root and call.ended != "unused"]
        names = _Names(desk, journal, edition)
        return count_passed(names.carry_over(journal.call(n)) for n in numbers[:MOST_CALLS])
    except CalmdeskError as error:
        sys.stderr.write(f"calmdesk: {clean(error.message)} The page is written without calls.\n")
        return count_passed([])


class _Names:
    """What steps and choices of older texts are called in the text that stands there now: what was counted follows."""

    def __init__(self, desk: Desk, journal: Journal, edition: Edition) -> None:
        self.desk = desk
        self.journal = journal
        self.edition = edition
        self.known: dict[tuple[tuple[str, str], ...], Mapping[str, Renames]] = {edition.digests: {}}

    def carry_over(self, call: Call) -> set[tuple[str, str, str]]:
        """`find_places` of a call, by today's names."""
        if call.digests not in self.known:
            self.known[call.digests] = self._find(call)
        renames = self.known[call.digests]
        found = set()
        for book, step, choice in find_places(call):
            names = renames.get(book)
            steps, choices = (names.steps, names.choices) if names else ({}, {})
            found.add((book, steps.get(step, step), choices.get((step, choice), choice)))
        return found

    def _find(self, call: Call) -> Mapping[str, Renames]:
        from calmdesk.bench.change import compare
        from calmdesk.cli.versions import pinned_edition

        try:
            return compare(pinned_edition(self.desk.settings.library, self.journal, call), self.edition).renames
        except CalmdeskError:
            # Its text can't be read any more: it counts by the names it has.
            return {}


def find_places(call: Call) -> set[tuple[str, str, str]]:
    """(file, step, "") of every step that a call came to, and (file, step, choice) of what was chosen there."""
    places: set[tuple[str, str, str]] = set()
    for visit in call.trail:
        places |= {(frame.book, frame.step, "") for frame in visit.place}
        if visit.choice and not visit.choice.startswith(":"):
            places.add((visit.place[-1].book, visit.place[-1].step, visit.choice))
    return places
