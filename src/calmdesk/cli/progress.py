"""`progress`: what a hire can do, first against latest, and what is due; it is theirs, and leaves only by `export`."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from calmdesk.cli import make_desk
from calmdesk.cli.calls import JsonFlag, open_desk_journal, print_json
from calmdesk.cli.files import write_file
from calmdesk.cli.progressing import find_day, find_title, read_cards, read_practised
from calmdesk.coach.labels import TEXTS
from calmdesk.coach.scenario_keys import PRINCIPLES, VIOLATIONS
from calmdesk.coach.skills import AGAIN, EASY, GOOD, HARD
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean
from calmdesk.terminal.paint import cells, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from calmdesk.cli.progressing import Practised
    from calmdesk.coach.skills import Attempt, Card, Skill
    from calmdesk.journal.store import Journal
    from calmdesk.pages.progress import Evidence
    from calmdesk.playbook.folders import Library
    from calmdesk.terminal.sitting import Desk

__all__ = ["progress_app", "read_cards"]

MOST_DUE = 5
NARROW, WIDEST = 72, 100
"""Below so many columns a skill takes three lines; no line is wider than the other."""
FILE = "calmdesk-progress.html"
RATINGS = {AGAIN: "again", HARD: "hard", GOOD: "good", EASY: "easy"}
ORDER = (*PRINCIPLES, *VIOLATIONS)
# Not by the locale: the words around them are English.
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

progress_app = typer.Typer(invoke_without_command=True)


@progress_app.callback()
def show_progress(context: typer.Context, as_json: JsonFlag = False) -> None:
    """What you can do, your first attempt against your latest, and what is due: yours alone, until you export it.

    Rehearsals that came to an end count, quick drills, what your calls missed, and slips that the coach found.
    When something is due is worked out with FSRS, which was made for flashcards: take it as a reminder.

    Examples: `calmdesk progress` · `calmdesk progress --json` · `calmdesk progress export`
    """
    if context.invoked_subcommand is not None:
        return
    desk = make_desk()
    cards = read_cards(desk, open_desk_journal(desk))
    now = desk.clock().wall
    if as_json:
        listed = [_as_json(card) for card in cards]
        due = [shown for card, shown in zip(cards, listed, strict=True) if card.due <= now]
        print_json({"schema": 1, "skills": listed, "due": due})
        return
    width = min(WIDEST, shutil.get_terminal_size().columns)
    rows = _rows(cards, desk.settings.library, now, width)
    sys.stdout.write("".join(f"{row.rstrip()}\n" for row in rows))


def _as_json(card: Card) -> dict[str, Any]:
    from datetime import date

    return {
        "label": card.skill.label,
        "situation": card.skill.situation or None,
        "first": RATINGS[card.first.rating],
        "latest": RATINGS[card.last.rating],
        "count": card.count,
        "due": date.fromordinal(find_day(card.due)).isoformat(),
    }


# --- in words


def name_skill(skill: Skill) -> str:
    """A skill's name; what is to be kept out is told by what it is."""
    return f"not {TEXTS[skill.label].name}" if skill.label in VIOLATIONS else TEXTS[skill.label].name


def tell_attempt(attempt: Attempt) -> str:
    """How an attempt went, in a word or two."""
    if attempt.skill.label in VIOLATIONS:
        words = {AGAIN: "said", HARD: "with help", GOOD: "kept out", EASY: "even when hard"}
    else:
        words = {AGAIN: "missed", HARD: "with help", GOOD: "by yourself", EASY: "even when hard"}
    return "slowly" if attempt.source == "call" and attempt.rating == HARD else words[attempt.rating]


def tell_day(due: int, now: int) -> str:
    """A day (ms) as it is said today."""
    from datetime import date

    day, today = find_day(due), find_day(now)
    away = day - today
    if away in {-1, 0, 1}:
        return ("since yesterday", "today", "tomorrow")[away + 1]
    if abs(away) < 7:
        return f"{'since' if away < 0 else 'on'} {DAYS[date.fromordinal(day).weekday()]}"
    return f"for {-away} days" if away < 0 else f"in {away} days"


def write_date(wall: int) -> str:
    """A wall clock (ms) as a date with its month in words."""
    from datetime import date

    at = date.fromordinal(find_day(wall))
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


# --- the screen


def _rows(cards: Sequence[Card], library: Library, now: int, width: int) -> Iterator[str]:
    if not cards:
        yield from wrap("Nothing has been rehearsed to its end yet, so there is nothing to show.", width)
        yield from wrap("`calmdesk practice` lists the rehearsals, the easy ones first.", width)
        return
    titles = {card.skill.situation: clean(find_title(library, card.skill.situation)) for card in cards}
    yield from _due_rows([card for card in cards if card.due <= now], titles, now, width)
    table = [_cells(card, now) for card in cards]
    heads = ("first, then latest", "times", "due")
    wide = [max(map(cells, column)) for column in zip(("", *heads), *table, strict=True)]
    narrow = width < max(NARROW, sum(wide) + 2 * len(wide))
    yield ""
    yield "What you can do" if narrow else f"  {_row(('', *heads), wide)}"
    for title, them in _by_situation(cards, titles):
        yield from wrap(title, width)
        for card in them:
            yield from _narrow(card, now, width) if narrow else (f"  {_row(_cells(card, now), wide)}",)
    yield ""
    yield from wrap("This is yours alone: it stays on this machine until you export it.", width)
    yield "  calmdesk progress export"


def _due_rows(due: Sequence[Card], titles: dict[str, str], now: int, width: int) -> Iterator[str]:
    if not due:
        yield "Nothing is due now."
        return
    yield "Due now"
    for card in due[:MOST_DUE]:
        name, rest = name_skill(card.skill), f"{titles[card.skill.situation]}, {tell_day(card.due, now)}"
        if cells(name) + cells(rest) + 5 <= width:
            yield f"  {name}: {rest}"
        else:
            yield f"  {name}"
            yield from (f"    {row}" for row in wrap(rest, width - 4))
    if len(due) > MOST_DUE:
        yield f"  and {len(due) - MOST_DUE} more"
    yield ""
    yield from wrap("Train what is due, in five minutes:", width)
    yield "  calmdesk practice --due"


def _cells(card: Card, now: int) -> tuple[str, str, str, str]:
    first, last = tell_attempt(card.first), tell_attempt(card.last)
    return (
        name_skill(card.skill),
        first if card.count == 1 else f"{first}, then {last}",
        str(card.count),
        tell_day(card.due, now),
    )


def _row(texts: Sequence[str], wide: Sequence[int]) -> str:
    return "  ".join(text + " " * (width - cells(text)) for text, width in zip(texts, wide, strict=True))


def _narrow(card: Card, now: int, width: int) -> Iterator[str]:
    """A skill one line below the other, for a screen with no room beside it."""
    name, went, times, due = _cells(card, now)
    yield f"  {name}"
    for text in (went, f"{times} time{'' if times == '1' else 's'}, due {due}"):
        yield from (f"    {row}" for row in wrap(text, width - 4))


def _by_situation(cards: Sequence[Card], titles: dict[str, str]) -> Iterator[tuple[str, list[Card]]]:
    """(title, cards) of each situation, by title; what is of no known situation stands last."""
    for situation in sorted(titles, key=lambda s: (not s, titles[s].casefold())):
        them = [card for card in cards if card.skill.situation == situation]
        yield titles[situation], sorted(them, key=lambda card: ORDER.index(card.skill.label))


# --- the page


@progress_app.command("export")
def export_progress(
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="Where the page is written.")] = FILE,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write your progress as one HTML page that you can hand to your trainer; nothing is sent.

    It shows each skill, the first time and the latest, with the words you said then. Read it before you hand it on.

    Examples: `calmdesk progress export` · `calmdesk progress export for-dana.html --force`
    """
    from calmdesk.pages.progress import render_page

    desk = make_desk()
    journal = open_desk_journal(desk)
    practised = read_practised(desk, journal)
    if not practised.cards:
        hint = "`calmdesk practice` lists the rehearsals, the easy ones first."
        raise CalmdeskError("Nothing has been rehearsed to its end yet, so there is nothing to export.", hint, 2)
    page = render_page(_page(desk, journal, practised))
    write_file(file, page.encode(), force=force)
    typer.echo(f"written: {clean(file)}. Read it before you hand it on; nothing was sent.")


def _page(desk: Desk, journal: Journal, practised: Practised) -> Any:  # noqa: ANN401 - a Page, imported late
    from calmdesk.cli.evidence import Finder
    from calmdesk.pages.progress import Page, Told

    now, finder = desk.clock().wall, Finder(journal, practised.misses)
    titles = {
        card.skill.situation: clean(find_title(desk.settings.library, card.skill.situation)) for card in practised.cards
    }

    def find(attempt: Attempt) -> Evidence:
        return finder.find(attempt, write_date(attempt.at), tell_attempt(attempt))

    def tell(card: Card) -> Told:
        name, why = name_skill(card.skill), TEXTS[card.skill.label].why
        latest = find(card.last) if card.count > 1 else None
        return Told(name, why, card.count, write_date(card.due), find(card.first), latest)

    return Page(
        write_date(now),
        [
            (name_skill(c.skill), titles[c.skill.situation], f"since {write_date(c.due)}")
            for c in practised.cards
            if c.due <= now
        ],
        [(title, [tell(card) for card in them]) for title, them in _by_situation(practised.cards, titles)],
    )
