"""A review sheet for the people who approve wording: every line said, by situation, on paper or on a screen."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.pages.frame import frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Row(NamedTuple):
    """Words that a customer hears or reads, in one situation."""

    situation: str
    words: str
    seconds: float
    """What they take to say; 0 where they aren't said word by word."""
    long: bool = False
    """Whether they take longer than a breath."""


class Avoided(NamedTuple):
    """Words to keep away from."""

    words: str
    why: str
    instead: str


class Source(NamedTuple):
    """What a step rests on: an article's claim, or evidence; without an id the house's own judgement."""

    id: str
    title: str
    says: str
    caveat: str = ""


class Part(NamedTuple):
    """One step as the sheet shows it."""

    title: str
    id: str
    about: Sequence[tuple[str, str]]
    """(what, words) of all that stands beside the lines: when the step comes, what is asked, hints, checks."""
    rows: Sequence[Row]
    avoided: Sequence[Avoided] = ()
    sources: Sequence[Source] = ()


class Section(NamedTuple):
    """One file: the playbook itself, then what it plays."""

    title: str
    id: str
    goal: str
    version: str
    parts: Sequence[Part]
    drafts: Sequence[tuple[str, str]] = ()
    """(name, text) of what is sent in writing."""


class Sheet(NamedTuple):
    """All that stands on the sheet."""

    title: str
    id: str
    version: str
    """The beginning of the text's digest: it tells one text from any other."""
    made: str
    """The day, in words."""
    breath: int
    """Seconds that a line may take."""
    sections: Sequence[Section]
    citations: Sequence[tuple[str, str]] = ()
    """(id, where it was published) of the evidence."""
    undecided: Sequence[str] = ()
    """The values of the team's policy that nobody has decided yet."""


_FEW = 8
"""So many names of what is undecided are told."""
STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --text: #1b2430; --soft: #4b5768; --line: #8a95a5; --mark: #0b5394; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14181f; --text: #e9edf3; --soft: #b3bdcb; --line: #66727f; --mark: #8ec5ff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 58rem; padding: 1rem; background: var(--page); color: var(--text);
  font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.5rem 0; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 0.5rem; border-bottom: 2px solid var(--mark); padding-bottom: 0.2rem; }
h3 { font-size: 1.1rem; margin: 1.75rem 0 0.25rem; }
p, ul, dl { margin: 0.35rem 0; }
code { font: 0.85em ui-monospace, monospace; color: var(--soft); font-weight: 400; }
.soft, dt { color: var(--soft); }
dl { display: grid; grid-template-columns: minmax(6rem, 9rem) 1fr; gap: 0.1rem 1rem; }
dd { margin: 0; white-space: pre-line; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0; table-layout: fixed; overflow-wrap: anywhere; }
caption { text-align: left; color: var(--soft); padding-bottom: 0.2rem; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.5rem; border: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--soft); font-weight: 600; }
td.words { font-weight: 600; white-space: pre-line; }
td.number { text-align: right; white-space: nowrap; }
th.where { width: 24%; } th.seconds { width: 4.5rem; white-space: nowrap; } th.initials { width: 5rem; }
.sign td { height: 2.6rem; }
.draft { border: 1px solid var(--line); padding: 0.6rem 0.8rem; white-space: pre-line; }
ul.sources { font-size: 0.9rem; padding-left: 1.1rem; }
a { color: var(--mark); }
@media (max-width: 36rem) { body { padding: 0.6rem; } dl { grid-template-columns: 1fr; } dd { margin-bottom: 0.3rem; }
  th, td { padding: 0.3rem; } table { font-size: 0.92rem; } th.where { width: 30%; } th.seconds { width: 4.2rem; } }
@media screen and (max-width: 36rem) { .initials { display: none; } }
@media print {
  :root { --page: #ffffff; --text: #000000; --soft: #333333; --line: #777777; --mark: #000000; }
  body { max-width: none; padding: 0; font-size: 9.5pt; line-height: 1.35; }
  h2 { break-before: page; } main > h2:first-of-type { break-before: auto; }
  h1, h2, h3, caption, dl:has(+ table) { break-after: avoid; }
  h2 + p { break-after: avoid; }
  h3 { margin-top: 1.1rem; } th, td { padding: 0.25rem 0.4rem; }
  .part, .sign, .draft, tr { break-inside: avoid; }
  thead { display: table-header-group; }
  a { color: inherit; text-decoration: none; }
}
"""


def render_sheet(sheet: Sheet) -> str:
    """The sheet as HTML; every text is escaped."""
    body = [
        *_head(sheet),
        *(line for section in sheet.sections for line in _section(section, sheet)),
        *_citations(sheet),
    ]
    return frame(f"{sheet.title}: wording to approve, {sheet.made}", STYLE + _running(sheet), body)


def _running(sheet: Sheet) -> str:
    """What stands at the top and foot of every printed page, as style: only plain letters get into it."""
    told = re.sub(r"[^\w .:,()-]", "", f"{sheet.id}, version {sheet.version}, {sheet.made}")
    return (
        f'@page {{ size: A4; margin: 18mm 14mm 16mm; @top-left {{ content: "{told}"; font: 8pt sans-serif; }} '
        '@top-right { content: "Wording to approve"; font: 8pt sans-serif; } '
        '@bottom-right { content: counter(page) " of " counter(pages); font: 8pt sans-serif; } }\n'
    )


def _head(sheet: Sheet) -> Iterator[str]:
    rows = [row for section in sheet.sections for part in section.parts for row in part.rows]
    judged = [p for s in sheet.sections for p in s.parts if p.sources and not any(x.id for x in p.sources)]
    long = sum(row.long for row in rows)
    yield f"<h1>{escape(sheet.title)}: wording to approve</h1>"
    yield f"<p>Playbook <code>{escape(sheet.id)}</code>, version <code>{escape(sheet.version)}</code>, {escape(sheet.made)}.</p>"
    told = "None of them takes longer than a breath" if not long else f"{long} of them take longer than a breath"
    told = "1 of them takes longer than a breath" if long == 1 else told
    yield (
        f"<p>{len(rows)} texts that a customer may hear or read, each with the situation in which it is said. {told} "
        f"({sheet.breath} seconds). {_judged(len(judged))}</p>"
    )
    if sheet.undecided:
        few, more = ", ".join(sheet.undecided[:_FEW]), len(sheet.undecided) - _FEW
        names = f"{few} and {more} more" if more > 0 else few
        yield (
            f"<p><strong>Not yet to be signed:</strong> the team's policy still has placeholders that nobody has decided "
            f"({escape(names)}). Amounts, times and names on this sheet may be of them. "
            "<code>calmdesk config policy</code> asks for each.</p>"
        )
    yield (
        '<p class="soft">What stands in ⟨ ⟩ is filled in on the call. Where several lines stand for one situation, the agent '
        "says the first, and the others when it must be said differently. Any change of the text changes the version: what "
        "was approved is this version only.</p>"
    )
    yield '<table class="sign"><caption>Approved by</caption>'
    heads = "".join(f'<th scope="col">{h}</th>' for h in ("Name", "Role", "Date", "Signature"))
    yield f"<thead><tr>{heads}</tr></thead><tbody>"
    yield from ["<tr><td></td><td></td><td></td><td></td></tr>"] * 3
    yield "</tbody></table>"


def _judged(number: int) -> str:
    if not number:
        return "Every step that says something rests on a source."
    steps = "1 step rests" if number == 1 else f"{number} steps rest"
    return f"{steps} on the house's own judgement alone."


def _section(section: Section, sheet: Sheet) -> Iterator[str]:
    version = "" if section.id == sheet.id else f" Version <code>{escape(section.version)}</code>."
    yield f"<h2>{escape(section.title)} <code>{escape(section.id)}</code></h2>"
    yield f'<p class="soft">{escape(section.goal)}{version}</p>'
    for number, part in enumerate(section.parts, 1):
        yield '<section class="part">'
        yield f"<h3>{number}. {escape(part.title)} <code>{escape(part.id)}</code></h3>"
        if part.about:
            yield "<dl>"
            yield from (f"<dt>{escape(what)}</dt><dd>{escape(words)}</dd>" for what, words in part.about)
            yield "</dl>"
        yield from _rows(part)
        yield from _avoided(part)
        yield from _sources(part)
        yield "</section>"
    for name, text in section.drafts:
        yield f"<h3>Sent in writing: {escape(name.replace('-', ' '))} <code>{escape(name)}</code></h3>"
        yield f'<div class="draft">{escape(text)}</div>'
        yield '<p class="soft">Initials: ______________</p>'


def _table(caption: str, heads: Sequence[tuple[str, str]], rows: Sequence[str]) -> Iterator[str]:
    """A table with its headings: (class, words)."""
    told = "".join(f'<th scope="col" class="{name}">{escape(words)}</th>' for name, words in heads)
    yield f"<table><caption>{escape(caption)}</caption><thead><tr>{told}</tr></thead><tbody>"
    yield from rows
    yield "</tbody></table>"


def _rows(part: Part) -> Iterator[str]:
    if not part.rows:
        return
    rows = []
    for row in part.rows:
        seconds = f"{row.seconds:.0f} s{' – long' if row.long else ''}" if row.seconds else "–"
        rows.append(
            f'<tr><th scope="row">{escape(row.situation)}</th><td class="words">{escape(row.words)}</td>'
            f'<td class="number">{seconds}</td><td class="initials"></td></tr>'
        )
    heads = (("where", "Situation"), ("", "Words"), ("seconds", "To say"), ("initials", "Initials"))
    yield from _table(f"What is said at “{part.title}”", heads, rows)


def _avoided(part: Part) -> Iterator[str]:
    if not part.avoided:
        return
    rows = [
        f'<tr><th scope="row">“{escape(a.words)}”</th><td>{escape(a.why)}</td><td>{escape(a.instead)}</td><td class="initials"></td></tr>'
        for a in part.avoided
    ]
    heads = (("where", "Never"), ("", "What it does"), ("", "Instead"), ("initials", "Initials"))
    yield from _table(f"Words to keep away from at “{part.title}”", heads, rows)


def _sources(part: Part) -> Iterator[str]:
    if not part.sources:
        return
    if named := [escape(s.id) for s in part.sources if s.id]:
        listed = ", ".join(f'<a href="#{name}">{name}</a>' for name in dict.fromkeys(named))
        yield f'<p class="soft">Rests on {listed}.</p>'
    yield from (f'<p class="soft">Rests on {escape(s.says)}</p>' for s in part.sources if not s.id)


def _citations(sheet: Sheet) -> Iterator[str]:
    """Everything that a step rests on, each once."""
    cited = {s.id: s for section in sheet.sections for part in section.parts for s in part.sources if s.id}
    if not cited:
        return
    published = dict(sheet.citations)
    yield "<h2>What the steps rest on</h2>"
    yield '<ul class="sources">'
    for name, source in sorted(cited.items()):
        caveat = f" <em>Caveat: {escape(source.caveat)}</em>" if source.caveat else ""
        where = f' <span class="soft">{escape(published[name])}</span>' if name in published else ""
        told = f"{escape(source.title)}: {escape(source.says)}{caveat}{where}"
        yield f'<li id="{escape(name)}"><code>{escape(name)}</code> {told}</li>'
    yield "</ul>"
