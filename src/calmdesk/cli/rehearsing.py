"""`practice` at work: a scenario, its playbook and the coach brought together, and the journal that remembers."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple, TextIO

from calmdesk.coach.rehearsal import Rehearsal, replay
from calmdesk.coach.shelf import open_scenario
from calmdesk.digest import digest
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.folders import is_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from calmdesk.call.events import Event, Stamp
    from calmdesk.journal.store import Journal
    from calmdesk.terminal.practice import Practice
    from calmdesk.terminal.sitting import Desk


class Wanted(NamedTuple):
    """What was asked for on the command line."""

    scenario: str
    seed: int
    """Below 0: the next one that hasn't been rehearsed."""
    level: str
    answers: str = ""
    clock: int = 0
    plain: bool = False


class Book:
    """The rehearsals in the journal: one row an event, under a number of their own."""

    def __init__(self, journal: Journal, texts: Mapping[str, bytes]) -> None:
        self.journal = journal
        self.number: int | None = None
        self.texts = dict(texts)

    def record(self, events: Sequence[Event], at: Stamp) -> None:
        """Append events; on disk when it returns. Raises CalmdeskError (5)."""
        self.number = self.journal.append(self.number, events, at, self.texts)
        self.texts = {}

    def find(self, scenario: str) -> list[tuple[int, Rehearsal]]:
        """The rehearsals of a scenario, newest first."""
        found = []
        for number in self.journal.calls_with("Rehearsed"):
            rehearsal = replay(self.journal.read(number))
            if rehearsal.scenario == scenario:
                found.append((number, rehearsal))
        return found


def rehearse(desk: Desk, wanted: Wanted) -> int:
    """Rehearse a scenario, from where it was left where it was; the exit code of `cli.md`.

    Raises CalmdeskError: no such scenario (2), it has errors (1), it can't be read (3), or the journal can't (5).
    """
    from calmdesk.cli.coaching import open_judge
    from calmdesk.journal.opening import close_journal, open_journal
    from calmdesk.playbook.library import open_edition, reopen_edition
    from calmdesk.terminal.practice import Practice, Room

    library = desk.settings.library
    if is_path(wanted.scenario):
        # A scenario stands in a folder beside the playbooks that it may rehearse.
        own = os.path.dirname(os.path.dirname(os.path.abspath(wanted.scenario)))
        library = library._replace(folders=(own, *library.folders))
    scenario, text = open_scenario(library, wanted.scenario)
    edition = open_edition(library, scenario.playbook).edition
    judge = open_judge(library)
    journal = open_journal(desk.settings.data)
    try:
        book = Book(journal, {digest(text): text, **edition.texts})
        left = _left_open(book, scenario.id, digest(text), wanted)
        if left is not None:
            # It goes on with the playbook it began with.
            edition = reopen_edition(library, left.call.digests, journal.text)
        practice = Practice(Room(scenario, edition, judge, book.record, desk.clock), left or Rehearsal())
        if left is None:
            seed = wanted.seed if wanted.seed >= 0 else len(book.find(scenario.id))
            practice.begin(digest(text), seed, wanted.level, wanted.clock)
        code = _show(desk, practice, wanted)
    finally:
        close_journal(journal)
    return code or (1 if practice.rehearsal.outcome == "lost" else 0)


def _show(desk: Desk, practice: Practice, wanted: Wanted) -> int:
    """The rehearsal on a screen or in lines, to its end or to where it is laid aside; an exit code above 0 where it was cut."""
    from calmdesk.terminal.plain import Lines
    from calmdesk.terminal.rehearsing import PlainPractice
    from calmdesk.terminal.showing import understands_escapes

    source = open_answers(wanted.answers) if wanted.answers else sys.stdin
    try:
        asked = not wanted.answers and sys.stdin.isatty()
        lines = wanted.plain or desk.settings.plain
        if asked and sys.stdout.isatty() and not lines and understands_escapes():
            from calmdesk.terminal.stage import rehearse_on_screen

            return rehearse_on_screen(practice, still=desk.settings.still)
        PlainPractice(practice, Lines(source, sys.stdout, asked=asked)).run()
    except KeyboardInterrupt:
        sys.stdout.write("\n")
        if practice.rehearsal.turns:
            sys.stderr.write(f"Laid aside. `calmdesk practice {practice.scenario.id}` goes on from here.\n")
        return 130
    finally:
        if wanted.answers:
            source.close()
    return 0


def open_answers(path: str) -> TextIO:
    """A file of replies, to be read in place of the keyboard. Raises CalmdeskError (3)."""
    from calmdesk.terminal.showing import open_lines

    try:
        return open_lines(path)
    except OSError as error:
        raise CalmdeskError(f"The replies in {path} can't be read: {error.strerror}.", "Check the path.") from None


def _left_open(book: Book, scenario: str, text: str, wanted: Wanted) -> Rehearsal | None:
    """The newest rehearsal of this text that was laid aside, where nothing else was asked for."""
    if wanted.seed >= 0 or wanted.answers:
        return None
    number, newest = next(iter(book.find(scenario)), (0, None))
    if newest is None or newest.outcome or newest.digest != text or not (newest.turns and newest.call.place):
        return None
    book.number, book.texts = number, {}
    return newest._replace(level=wanted.level)
