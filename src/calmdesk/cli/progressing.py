"""What the journal of this desk tells of a hire's skills: attempts, cards, and which situations they are of."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.coach.drills import Calendar, make_cards
from calmdesk.coach.scenario_keys import VIOLATIONS
from calmdesk.coach.skills import AGAIN, Attempt, Rated, Skill, find_attempts
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.folders import find_file, read_file

if TYPE_CHECKING:
    from calmdesk.coach.misses import Miss
    from calmdesk.coach.skills import Card
    from calmdesk.journal.store import Journal
    from calmdesk.playbook.folders import Library
    from calmdesk.terminal.sitting import Desk

MOST_CALLS = 20
"""So many of the newest calls are looked at for what they missed."""
KINDS = ("Rehearsed", "RehearsalEnded", "Drilled", "Coached")
_NAMED = re.compile(rb"^playbook:[ \t]+[\"']?([a-z][a-z0-9-]*)[\"']?[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_TITLED = re.compile(r"^title:[ \t]+(\"[^\"\\]+\"|'[^']+'|[^\s\"'\[\]{}&*!|>%@`#][^\r\n]*?)[ \t]*\r?$", re.MULTILINE)


class Practised(NamedTuple):
    """A hire's cards, and what a page says beside them."""

    cards: list[Card]
    """Those that are longest due first."""
    misses: dict[int, list[Miss]]
    """A call's number → what it missed."""


def read_cards(desk: Desk, journal: Journal) -> list[Card]:
    """What a hire can do and when it is due, those that are longest due first. Raises CalmdeskError (5)."""
    return read_practised(desk, journal).cards


def read_practised(desk: Desk, journal: Journal) -> Practised:
    """What was practised on this desk, and what its calls missed. Raises CalmdeskError (5)."""
    rated, others = _read_practice(desk.settings.library, journal)
    misses = _read_misses(desk, journal)
    if misses:
        from calmdesk.coach.misses import rate_misses

        others += [attempt for number, them in misses.items() for attempt in rate_misses(them, number)]
    attempts = find_attempts(rated, others)
    return Practised(make_cards(attempts, CALENDAR) if attempts else [], misses)


def _read_practice(library: Library, journal: Journal) -> tuple[list[Rated], list[Attempt]]:
    """Rehearsals that came to an end and replies that were coached; and drills."""
    situations = _Situations(library, journal)
    rehearsed: dict[int, str] = {}
    # Who takes words back after the end comes to another end, which tells of the words that were taken back, too.
    ended: dict[int, Rated] = {}
    coached: list[Rated] = []
    drilled: list[Attempt] = []
    for number, wall, event in journal.events_of(KINDS):
        match event:
            case e.RehearsalEnded():
                # What was left has no ratings, nor has what was rehearsed before there were any.
                if event.ratings:
                    ended[number] = Rated(event.ratings, rehearsed.get(number, ""), wall, "rehearsal", number)
            case e.Rehearsed():
                rehearsed[number] = situations.find(event)
            case e.Drilled():
                skill = Skill(event.label, event.situation)
                drilled.append(Attempt(skill, event.rating, wall, "drill", number))
            case e.Coached():
                slips = tuple((label, AGAIN) for label in event.labels if label in VIOLATIONS)
                coached.append(Rated(slips, "", wall, "coach", number))
    return [*ended.values(), *coached], drilled


class _Situations:
    """Finds the playbook of a scenario's text, each once."""

    def __init__(self, library: Library, journal: Journal) -> None:
        self._library = library
        self._journal = journal
        self._known: dict[str, str] = {}

    def find(self, rehearsed: e.Rehearsed) -> str:
        """The playbook that was rehearsed; nothing where its text is lost."""
        if rehearsed.digest not in self._known:
            self._known[rehearsed.digest] = self._read(rehearsed)
        return self._known[rehearsed.digest]

    def _read(self, rehearsed: e.Rehearsed) -> str:
        text = self._journal.text(rehearsed.digest)
        if text is None:
            return ""
        # Reading a whole scenario takes as long as all the rest; this line is written in one way nearly always.
        if found := _NAMED.search(text):
            return found[1].decode()
        from calmdesk.coach.scenario import read_scenario

        scenario = read_scenario(text, rehearsed.scenario).scenario
        return scenario.playbook if scenario else ""


def _read_misses(desk: Desk, journal: Journal) -> dict[int, list[Miss]]:
    """What the newest calls missed."""
    numbers = journal.calls()[:MOST_CALLS]
    if not numbers:
        return {}
    from calmdesk.cli.calls import call_edition
    from calmdesk.coach.misses import find_misses

    found: dict[int, list[Miss]] = {}
    editions = {}
    for number in numbers:
        # One call that can't be read any more hides nothing of the others; `call show` says what is wrong with it.
        with suppress(CalmdeskError):
            call = journal.call(number)
            texts = (call.before, call.digests)
            if texts not in editions:
                editions[texts] = call_edition(desk, journal, call)
            if call.over and (misses := find_misses(editions[texts], call)):
                found[number] = misses
    return found


def find_title(library: Library, playbook: str) -> str:
    """A playbook's title as its file says it; its id in words where that can't be seen at a glance."""
    if not playbook:
        return "Any situation"
    path = find_file(library, playbook)
    if path is not None:
        with suppress(CalmdeskError):
            found = _TITLED.search(read_file(path).decode("utf-8", "replace"))
            if found and not re.search(r": | #", found[1].strip("\"'")):
                return found[1].strip("\"'")
    return playbook.replace("-", " ").capitalize()


def find_day(wall: int) -> int:
    """The day of this machine's calendar that a wall clock (ms) lies in, as an ordinal; 0 where it is in none."""
    try:
        at = time.localtime(wall / 1000)
        return _ordinal(at.tm_year, at.tm_mon, at.tm_mday)
    except (ValueError, OverflowError, OSError):
        return 0


def begin_day(day: int) -> int:
    """The wall clock (ms) at which a day begins on this machine."""
    from datetime import date

    at = date.fromordinal(day)
    return int(time.mktime((at.year, at.month, at.day, 0, 0, 0, 0, 0, -1))) * 1000


def _ordinal(year: int, month: int, day: int) -> int:
    from datetime import date

    return date(year, month, day).toordinal()


CALENDAR = Calendar(find_day, begin_day)
