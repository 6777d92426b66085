"""`practice` at work: a scenario, its playbook and the coach brought together, and the journal that remembers."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TextIO

from calmdesk.call import events as e
from calmdesk.coach.rehearsal import Rehearsal, replay
from calmdesk.coach.rules import open_habits
from calmdesk.coach.scenario import read_scenario
from calmdesk.coach.shelf import FOLDER, open_scenario
from calmdesk.digest import digest
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.folders import is_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from calmdesk.call.events import Event, Stamp
    from calmdesk.coach.scenario import Scenario
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
        """The rehearsals of a scenario, newest first; only the newest is read whole."""
        begun = [
            (number, Rehearsal(event.scenario, event.digest))
            for number, _, event in self.journal.events_of(("Rehearsed",))
            if isinstance(event, e.Rehearsed) and event.scenario == scenario
        ][::-1]
        return [(n, replay(self.journal.read(n))) for n, _ in begun[:1]] + begun[1:]


def rehearse(desk: Desk, wanted: Wanted) -> int:
    """Rehearse a scenario, from where it was left where it was; the exit code of the reference.

    Raises CalmdeskError: no such scenario (2), it has errors (1), it can't be read (3), or the journal can't (5).
    """
    from calmdesk.cli.coaching import open_judge
    from calmdesk.journal.opening import close_journal, open_journal
    from calmdesk.playbook.library import open_edition, reopen_edition
    from calmdesk.terminal.locks import take_lock
    from calmdesk.terminal.practice import Practice, Room
    from calmdesk.terminal.sitting import catch_signals

    library = desk.settings.library
    folder = os.path.dirname(os.path.abspath(wanted.scenario))
    if is_path(wanted.scenario) and os.path.basename(folder) == FOLDER:
        # Scenarios stand in a folder beside the playbooks that they rehearse.
        library = library._replace(folders=(os.path.dirname(folder), *library.folders))
    scenario, text = open_scenario(library, wanted.scenario)
    edition = open_edition(library, scenario.playbook).edition
    judge = open_judge(library)
    journal = open_journal(desk.settings.data)
    lock = None
    try:
        book = Book(journal, {digest(text): text, **edition.texts})
        earlier = book.find(scenario.id)
        left, begun = None, _left_open(book, earlier, scenario, digest(text), wanted)
        if begun is not None:
            scenario = begun
            lock = take_lock(desk.settings.data, book.number or 0)
            if lock is None:
                hint = "Go on there, or begin another with --seed 1."
                raise CalmdeskError("This rehearsal is open in another window.", hint, 10)
            # It goes on with the texts it began with, and as it stands now that nobody else can change it.
            left = replay(journal.read(book.number or 0))
            edition = reopen_edition(library, left.call.digests, journal.text)
        practice = Practice(
            Room(scenario, edition, judge, open_habits(library), book.record, desk.clock), left or Rehearsal()
        )
        if left is None:
            seed = wanted.seed if wanted.seed >= 0 else len(earlier)
            practice.begin(digest(text), seed, wanted.level or USUAL_LEVEL, wanted.clock)
            lock = take_lock(desk.settings.data, book.number or 0)
        catch_signals()
        code = _show(desk, practice, wanted)
    finally:
        close_journal(journal)
        if lock is not None:
            lock.close()
            with suppress(OSError):
                os.unlink(lock.name)
    if practice.rehearsal.turns and not practice.is_over():
        named = shlex.quote(wanted.scenario)
        sys.stderr.write(f"Laid aside. `calmdesk practice {named}` goes on from here.\n")
    return code or (1 if practice.rehearsal.outcome == "lost" else 0)


USUAL_LEVEL = "cues"


def _show(desk: Desk, practice: Practice, wanted: Wanted) -> int:
    """The rehearsal on a screen or in lines, to its end or to where it is laid aside; an exit code above 0 where it was cut."""
    from calmdesk.terminal.plain import Lines
    from calmdesk.terminal.rehearsing import PlainPractice
    from calmdesk.terminal.showing import understands_escapes
    from calmdesk.terminal.sitting import Stopped

    source = open_answers(wanted.answers) if wanted.answers else sys.stdin
    try:
        asked = not wanted.answers and sys.stdin.isatty()
        lines = wanted.plain or desk.settings.plain
        if asked and sys.stdout.isatty() and not lines and understands_escapes():
            from calmdesk.terminal.stage import rehearse_on_screen

            rehearse_on_screen(practice, still=desk.settings.still)
        else:
            PlainPractice(practice, Lines(source, sys.stdout, asked=asked)).run()
    except KeyboardInterrupt:
        sys.stdout.write("\n")
        return 130
    except Stopped as stopped:
        return stopped.code
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


def _left_open(
    book: Book, earlier: list[tuple[int, Rehearsal]], scenario: Scenario, text: str, wanted: Wanted
) -> Scenario | None:
    """What the newest rehearsal rehearses, as it was when it began, where that was laid aside and no other is asked for."""
    if wanted.seed >= 0 or wanted.answers or not earlier:
        return None
    number, newest = earlier[0]
    if newest.outcome or not (newest.turns and newest.call.place):
        return None
    if wanted.level not in {"", newest.level} or wanted.clock not in {0, newest.clock}:
        return None
    if newest.digest != text:
        begun = read_scenario(book.journal.text(newest.digest) or b"", scenario.id, scenario.id).scenario
        if begun is None:
            return None
        scenario = begun
        told = (
            "The scenario was changed since: this rehearsal goes on as it began. `--seed 1` begins with the new text."
        )
        sys.stderr.write(f"{told}\n")
    book.number, book.texts = number, {}
    return scenario
