"""A hire's progress as one page for a trainer: each skill, first against latest, with the very words."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.pages.frame import frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Evidence(NamedTuple):
    """One attempt, with what shows how it went."""

    when: str
    went: str
    """How it went, in a word or two."""
    where: str
    """In what: a rehearsal by its title, a quick drill, a call."""
    customer: str = ""
    """What the customer had said."""
    said: str = ""
    """The very words; empty where there are none to show."""
    note: str = ""
    """What is to be known of it where no words show it."""


class Told(NamedTuple):
    """A skill as the page tells it."""

    name: str
    why: str
    """What such words do to who hears them."""
    times: int
    due: str
    """The day, as a date: the page is read later."""
    first: Evidence
    latest: Evidence | None
    """None where there was only one attempt."""


class Page(NamedTuple):
    """All that stands on the page."""

    made: str
    """When, in words."""
    due: Sequence[tuple[str, str, str]]
    """(skill, situation, since when), most overdue first."""
    situations: Sequence[tuple[str, Sequence[Told]]]
    """(title, skills)."""


STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --text: #1b2430; --soft: #4b5768; --line: #c3cbd6; --mark: #0b5394; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14181f; --text: #e9edf3; --soft: #b3bdcb; --line: #465160; --mark: #8ec5ff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 52rem; padding: 1rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.5rem 0; }
h2 { font-size: 1.25rem; margin: 2.25rem 0 0.5rem; border-bottom: 2px solid var(--mark); padding-bottom: 0.2rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 0.25rem; }
p { margin: 0.4rem 0; }
.soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; margin: 0.75rem 0; }
caption { text-align: left; color: var(--soft); padding-bottom: 0.25rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.5rem 0.3rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 600; }
.tries { display: grid; gap: 0.75rem 1.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); }
.try { border-left: 3px solid var(--line); padding-left: 0.75rem; }
.try.latest { border-left-color: var(--mark); }
blockquote { margin: 0.3rem 0; white-space: pre-line; }
blockquote.words { font-weight: 600; }
section { break-inside: avoid; }
@media (max-width: 30rem) { body { padding: 0.75rem; } table { font-size: 0.9rem; } }
@media (max-width: 22rem) { body { padding: 0.5rem; } table { font-size: 0.8rem; } th, td { padding-right: 0.3rem; } }
"""


def render_page(page: Page) -> str:
    """The page as HTML; every text is escaped."""
    body = [
        *_head(page),
        *_due(page),
        *(line for title, skills in page.situations for line in _situation(title, skills)),
    ]
    return frame(f"What I can do: progress, {page.made}", STYLE, body)


def _head(page: Page) -> Iterator[str]:
    yield "<h1>What I can do: progress in practice</h1>"
    yield f"<p>Exported with calmdesk by the person who practised, of their own accord, on {escape(page.made)}.</p>"
    yield (
        "<p>It speaks of sentences, not of a person: which words were said to a simulated customer, and what such words "
        "do. Rehearsals that were left unfinished are not in it.</p>"
    )
    yield (
        '<p class="soft">“With help” means after a hint or at a second try; “even when hard” means without help, in a '
        "hard rehearsal or against the clock. When something is due is worked out with FSRS, which was made for "
        "flashcards: take it as a reminder, not as a measure.</p>"
    )


def _due(page: Page) -> Iterator[str]:
    yield "<h2>Due now</h2>"
    if not page.due:
        yield "<p>Nothing is due now.</p>"
        return
    yield "<ul>"
    for skill, situation, since in page.due:
        yield f'<li>{escape(skill)}, {escape(situation)} <span class="soft">({escape(since)})</span></li>'
    yield "</ul>"


def _situation(title: str, skills: Sequence[Told]) -> Iterator[str]:
    yield f"<h2>{escape(title)}</h2>"
    yield "<table>"
    yield "<caption>How each skill went, the first time and the latest.</caption>"
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Skill", "First", "Latest", "Due"))
    yield f"<thead><tr>{heads}</tr></thead>"
    yield "<tbody>"
    for told in skills:
        cells = (told.first.went, told.latest.went if told.latest else "only once", told.due)
        row = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        yield f'<tr><th scope="row">{escape(told.name)}</th>{row}</tr>'
    yield "</tbody>"
    yield "</table>"
    for told in skills:
        yield "<section>"
        yield f"<h3>{escape(told.name)}</h3>"
        tried = "once" if told.times == 1 else f"{told.times} times"
        yield f'<p class="soft">{escape(told.why)} Tried {tried}.</p>'
        yield '<div class="tries">'
        yield from _try("First" if told.latest else "The only time", told.first, "")
        if told.latest:
            yield from _try("Latest", told.latest, " latest")
        yield "</div>"
        yield "</section>"


def _try(name: str, evidence: Evidence, more: str) -> Iterator[str]:
    yield f'<div class="try{more}">'
    yield f"<p><strong>{name}: {escape(evidence.went)}</strong></p>"
    yield f'<p class="soft">{escape(evidence.when)}, {escape(evidence.where)}</p>'
    if evidence.said:
        if evidence.customer:
            yield f'<p class="soft">The customer:</p><blockquote>“{escape(evidence.customer)}”</blockquote>'
        yield f'<p class="soft">The reply:</p><blockquote class="words">“{escape(evidence.said)}”</blockquote>'
    if evidence.note:
        yield f"<p>{escape(evidence.note)}</p>"
    yield "</div>"
