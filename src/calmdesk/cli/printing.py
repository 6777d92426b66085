"""`playbook show --print` at work: a playbook and what it plays as a review sheet, each line with its situation."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.bench.situation import tell_when
from calmdesk.cli.files import write_file
from calmdesk.cli.versions import playbook_path
from calmdesk.cli.why import find_grounds, read_catalogue
from calmdesk.digest import digest
from calmdesk.pages.review import Avoided, Part, Row, Section, Sheet, Source, render_sheet
from calmdesk.playbook.compiling import make_edition
from calmdesk.playbook.kinds import read_span, spoken_span
from calmdesk.playbook.library import BrokenPlaybookError
from calmdesk.playbook.names import BREATH, speaking_seconds
from calmdesk.playbook.placeholders import find_undecided
from calmdesk.playbook.shelf import Shelf, shown_path
from calmdesk.safetext import clean, fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calmdesk.playbook.folders import Library
    from calmdesk.playbook.model import Edition, Playbook, Step
    from calmdesk.terminal.sitting import Desk

_POLICY_LINES = {
    "hold": "Before a hold that the agent starts with a key",
    "back": "Coming back from a hold",
    "approval": "While somebody else must approve an offer",
}


class Sources(NamedTuple):
    """What the sheet is made from."""

    edition: Edition
    versions: dict[str, str]
    """File → the beginning of its text's digest."""
    grounds: dict[tuple[str, str], tuple[Source, ...]]
    """(file, step) → what it rests on."""
    breath: int


def print_sheet(desk: Desk, playbook: str, file: str, *, force: bool = False) -> str:
    """Write the review sheet, and give its path. Raises CalmdeskError (1, 2, 3)."""
    from calmdesk.cli.calls import local

    library = desk.settings.library
    sources, citations = _read(library, playbook)
    edition = sources.edition
    day = local(desk.clock().wall)
    order = list(_order(edition))
    sections = [_section(sources, edition.books[name]) for name in order]
    book = edition.books[edition.root]
    sheet = Sheet(
        clean(book.title),
        clean(book.id),
        sources.versions[book.id],
        f"{day.day} {day:%B %Y}",
        sources.breath,
        [*sections, *_policy(sources)],
        citations,
        [each.name for each in find_undecided(library)],
    )
    path = file or f"{book.id}-review.html"
    write_file(path, render_sheet(sheet).encode(), force=force)
    return path


def _read(library: Library, playbook: str) -> tuple[Sources, list[tuple[str, str]]]:
    path = playbook_path(library, playbook)
    shelf = Shelf(library)
    closure = shelf.closure(path)
    if closure.errors:
        raise BrokenPlaybookError(shown_path(path), closure.errors)
    edition = make_edition(closure.root, closure.data, closure.policies.policy)
    texts: dict[str, bytes] = {}
    for name, where, _ in closure.places:
        # A team's policy is laid over the one below it: both make the version.
        texts[name] = texts.get(name, b"") + shelf.data(where)
    versions = {name: digest(text)[:10] for name, text in texts.items()}
    own = library._replace(folders=tuple(dict.fromkeys((os.path.dirname(path), *library.folders))))
    grounds = {
        (g.book, g.step): tuple(Source(x.id, clean(x.source), clean(x.says), clean(x.caveat)) for x in g.grounds)
        for g in find_grounds(own, edition)
    }
    breath = read_span((edition.policy.compiled.get("durations") or {}).get("breath") or "") or BREATH
    cited = {source.id for found in grounds.values() for source in found}
    published = {name: entry.get("source", "") for name, entry in read_catalogue(own, "evidence").items()}
    citations = [(name, published[name]) for name in sorted(cited & set(published)) if published[name]]
    return Sources(edition, versions, grounds, breath), citations


def _order(edition: Edition) -> Iterator[str]:
    """The playbook, then what it plays, in the order it comes."""
    todo, seen = [edition.root], set[str]()
    while todo:
        name = todo.pop(0)
        if name in seen or name not in edition.books:
            continue
        seen.add(name)
        yield name
        todo += [step["play"] for step in edition.books[name].compiled["steps"].values() if "play" in step]


def _section(sources: Sources, book: Playbook) -> Section:
    drafts = [(name, _filled(sources, book, text)) for name, text in (book.compiled.get("drafts") or {}).items()]
    parts = [_part(sources, book, book.step(name)) for name in book.order]
    for cut in book.interruptions:
        card = sources.edition.books.get(f"{book.id}+{cut.id}")
        if card is not None:
            parts.append(_part(sources, card, card.step("card"), f"When it cuts in: {cut.label}"))
    return Section(
        clean(book.title), clean(book.id), clean(book.goal), sources.versions.get(book.id, ""), parts, drafts
    )


def _part(sources: Sources, book: Playbook, step: Step, comes: str = "") -> Part:
    facts = _facts(sources, book)
    about = [("Comes", comes or (f"Only where {tell_when(step.when, facts)}" if step.when else ""))]
    if step.play:
        played = sources.edition.books[step.play]
        about.append(("Plays", f"{played.title}, which has a part of its own below"))
    about += [
        ("For", step.principle.replace("-", " ")),
        ("Because", step.why),
        ("Asks", " · ".join(fact.ask for name in step.ask if (fact := book.fact(name)))),
        ("Hints", " · ".join(step.cue)),
        ("Checks", " · ".join((*step.check, *(f"{c} (must be ticked)" for c in step.must_check)))),
        ("Sends", step.draft.replace("-", " ")),
    ]
    told = [(what, _filled(sources, book, words)) for what, words in about if words]
    avoided = [Avoided(*(_filled(sources, book, words) for words in a)) for a in step.avoid]
    grounds = sources.grounds.get((book.id, step.id), ())
    # What plays another file, or only asks, says nothing that rests on anything.
    said = bool(step.say or step.avoid or step.offer or step.promise)
    kept = grounds if said or any(g.id for g in grounds) else ()
    return Part(clean(step.title), clean(step.id), told, list(_rows(sources, book, step)), avoided, kept)


def _rows(sources: Sources, book: Playbook, step: Step) -> Iterator[Row]:
    facts = _facts(sources, book)
    for number, line in enumerate(step.say):
        told = tell_when(line.when, facts)
        first = f"Where {told}" if told else "Otherwise" if number else "Always"
        for n, words in enumerate(line.variants):
            yield _row(sources, book, first if n == 0 else "or, said differently", words)
    if step.offer:
        owed = "What is owed is given back" if step.offer.kind == "restore" else "A gesture is offered"
        limits = _limits(sources, step.offer.ladder, step.offer.kind)
        yield _row(
            sources,
            book,
            "Offered",
            f"{owed}, measured by {{{step.offer.on}}}. Who may give how much: {limits}.",
            aloud=False,
        )
    if step.promise:
        who = "" if step.promise.who == "me" else f" ({step.promise.who})"
        yield _row(sources, book, "Promised", f"{step.promise.what}, by {step.promise.by}{who}", aloud=False)


def _facts(sources: Sources, book: Playbook) -> dict[str, Any]:
    """The facts of a file, and behind them those of the others: a card uses what its playbook asks."""
    others = [b.compiled.get("facts") or {} for b in sources.edition.books.values()]
    return {**{name: fact for each in others for name, fact in each.items()}, **(book.compiled.get("facts") or {})}


def _limits(sources: Sources, ladder: str, kind: str) -> str:
    """Who may give how much on a ladder."""
    rungs, cap = sources.edition.policy.ladder(ladder)
    told = [
        f"{r.role} up to {r.restore if kind == 'restore' else r.gesture} {sources.edition.policy.currency}"
        for r in rungs
    ]
    most = f"; together at most {cap} times the price" if cap else ""
    return f"{', '.join(told)}{most}" if told else "nobody"


def _row(sources: Sources, book: Playbook, situation: str, words: str, *, aloud: bool = True) -> Row:
    # A slot counts as one word, as lint counts it.
    seconds = speaking_seconds(words) if aloud else 0.0
    return Row(clean(situation), _filled(sources, book, words), seconds, seconds > sources.breath)


def _filled(sources: Sources, book: Playbook, text: str) -> str:
    """A text as it is heard: the policy's values in it, and the question of each fact that the call fills in."""
    facts = _facts(sources, book)

    def one(name: str) -> str | None:
        if name.startswith("policy."):
            value = sources.edition.policy.value(name[7:])
            return spoken_span(value) if value and read_span(value) else value
        if name == "offer":
            return "⟨the amount⟩"
        return f"⟨{facts.get(name, {}).get('ask', name)}⟩"

    return clean(fill(text, one), lines=True)


def _policy(sources: Sources) -> Iterator[Section]:
    """What the team's policy says on every call."""
    policy = sources.edition.policy
    empty = sources.edition.books[sources.edition.root]
    rows = [
        _row(sources, empty, where, policy.lines[key]) for key, where in _POLICY_LINES.items() if key in policy.lines
    ]
    parts = [Part("Lines on any call", "lines", [], rows)] if rows else []
    for cut in policy.interruptions:
        card = sources.edition.books.get(f"policy+{cut.id}")
        if card is not None:
            parts.append(_part(sources, card, card.step("card"), f"When it cuts in: {cut.label}"))
    if policy.emergency_card:
        shown = [("Shown", "To the agent, when there is danger"), ("Card", clean(policy.emergency_card, lines=True))]
        parts.append(Part("Emergency card", "emergency-card", shown, []))
    if parts:
        yield Section(
            "The team's policy", "policy", "What holds on every call.", sources.versions.get("policy", ""), parts
        )
