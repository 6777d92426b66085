"""`practice` at work: a scenario, its playbook and the coach brought together, and the journal that remembers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple, TextIO

from calmdesk.call import events as e
from calmdesk.coach.rehearsal import Rehearsal, replay
from calmdesk.coach.shelf import open_scenario
from calmdesk.digest import digest
from calmdesk.errors import CalmdeskError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.call.events import Event, Stamp
    from calmdesk.journal.store import Journal
    from calmdesk.terminal.sitting import Desk


class Wanted(NamedTuple):
    """What was asked for on the command line."""

    scenario: str
    seed: int
    """Below 0: the next one that hasn't been rehearsed."""
    level: str
    answers: str = ""


class Book:
    """The rehearsals in the journal: one row an event, under a number of their own."""

    def __init__(self, journal: Journal, text: bytes) -> None:
        self.journal = journal
        self.number: int | None = None
        self.texts = {digest(text): text}

    def record(self, events: Sequence[Event], at: Stamp) -> None:
        """Append events; on disk when it returns. Raises CalmdeskError (5)."""
        self.number = self.journal.append(self.number, events, at, self.texts)
        self.texts = {}

    def find(self, scenario: str) -> list[tuple[int, Rehearsal]]:
        """The rehearsals of a scenario, newest first."""
        found = []
        for number in self.journal.calls_with("Rehearsed"):
            rehearsal = replay(entry.event for entry in self.journal.read(number))
            if rehearsal.scenario == scenario:
                found.append((number, rehearsal))
        return found


def rehearse(desk: Desk, wanted: Wanted) -> int:
    """Rehearse a scenario, from where it was left where it was; the exit code of `cli.md`.

    Raises CalmdeskError: no such scenario (2), it has errors (1), it can't be read (3), or the journal can't (5).
    """
    from calmdesk.cli.coaching import open_judge
    from calmdesk.journal.opening import close_journal, open_journal
    from calmdesk.playbook.library import open_edition
    from calmdesk.terminal.plain import Lines
    from calmdesk.terminal.rehearsing import Practice, Room

    library = desk.settings.library
    scenario, text = open_scenario(library, wanted.scenario)
    edition = open_edition(library, scenario.playbook).edition
    judge = open_judge(library)
    journal = open_journal(desk.settings.data)
    try:
        book = Book(journal, text)
        rehearsal = _left_open(book, scenario.id, digest(text), wanted) or Rehearsal()
        source = _open_answers(wanted.answers) if wanted.answers else sys.stdin
        asked = not wanted.answers and sys.stdin.isatty()
        room = Room(scenario, edition, judge, book.record, desk.clock, Lines(source, sys.stdout, asked=asked))
        practice = Practice(room, rehearsal)
        if not rehearsal.scenario:
            seed = wanted.seed if wanted.seed >= 0 else len(book.find(scenario.id))
            practice.take([e.Rehearsed(scenario.id, digest(text), seed, wanted.level)])
        try:
            practice.run()
        except KeyboardInterrupt:
            sys.stdout.write("\n")
            return 130
        finally:
            if wanted.answers:
                source.close()
    finally:
        close_journal(journal)
    return 1 if practice.rehearsal.outcome == "lost" else 0


def _open_answers(path: str) -> TextIO:
    try:
        return open(path, encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise CalmdeskError(f"The replies in {path} can't be read: {error.strerror}.", "Check the path.") from None


def _left_open(book: Book, scenario: str, text: str, wanted: Wanted) -> Rehearsal | None:
    """The newest rehearsal of this text that was laid aside, where nothing else was asked for."""
    if wanted.seed >= 0 or wanted.answers:
        return None
    number, newest = next(iter(book.find(scenario)), (0, None))
    if newest is None or newest.outcome or newest.digest != text or not newest.turns:
        return None
    book.number = number
    return newest._replace(level=wanted.level)
