"""What `doctor` finds out about the journal, which it opens only to read: nothing is moved, mended or brought up to date."""

from __future__ import annotations

import os
import shlex
import sqlite3
import stat
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.cli.checking import Check, nearest_folder, one_or_more, shown_path
from calmdesk.journal.looking import look_into
from calmdesk.journal.opening import JOURNAL_MODE, NAME, find_left_over, read_mark
from calmdesk.journal.salvage import rescue_folders
from calmdesk.journal.schema import MIGRATIONS
from calmdesk.journal.trouble import UnusableError, damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calmdesk.call.events import Stamp
    from calmdesk.journal.store import Journal

OLDEST_SQLITE = (3, 8, 2)
"""From here on it knows tables without a rowid."""
SQLITE = sqlite3.sqlite_version_info
WHOLE = 1 << 20
"""Bytes of a journal of which every row is looked at; larger ones take a person's time."""
_DAY = 86_400_000
_COPY_EVERY, _YOUNG = 30 * _DAY, 7 * _DAY


class Seen(NamedTuple):
    """What was found out about the journal, and what other looks need of it."""

    checks: tuple[Check, ...]
    last: int | None = None
    """When its last row was written (wall clock, ms)."""


def how_saved() -> str:
    """How this SQLite keeps what is saved safe."""
    return "with a write-ahead log" if JOURNAL_MODE == "wal" else "with a rollback journal"


def look_at_saving(folder: str) -> Iterator[Check]:
    """Whether a call can be saved: a file of no name is made where the journal lies, and goes away at once."""
    path = os.path.join(folder, NAME)
    do = "Put its permissions right, or set CALMDESK_HOME to a folder that you may write in."
    there = nearest_folder(folder)
    if not os.path.isdir(there):
        yield Check("saving", "BAD", f"{shown_path(there)} is no folder: calls can't be saved.", do)
        return
    if there != folder and not os.access(there, os.W_OK | os.X_OK):
        yield Check("saving", "BAD", f"{shown_path(folder)} can't be made: calls can't be saved.", do)
        return
    if there == folder:
        try:
            with tempfile.TemporaryFile(dir=folder, prefix=".doctor-") as file:
                file.write(b"calmdesk")
        except OSError as error:
            yield Check("saving", "BAD", f"{shown_path(folder)} can't be written ({error.strerror}).", do)
            return
    if os.path.exists(path) and not os.access(path, os.W_OK):
        yield Check("saving", "BAD", f"{shown_path(path)} may not be written: calls can't be saved.", do)
        return
    yield Check("saving", "ok", f"calls can be saved in {shown_path(folder)}.")


def look_at_journal(folder: str, now: Stamp, is_open: Callable[[int], bool]) -> Seen:
    """The journal: whether it is there, sound and copied; calls that aren't over.

    Args:
        folder: where it lies.
        now: the clock.
        is_open: whether a call is open in a window, by its number.

    """
    path = os.path.join(folder, NAME)
    mark = read_mark(folder)
    try:
        status = os.stat(path)
        size = status.st_size
        # Opening a pipe would wait for somebody to write into it.
        if not stat.S_ISREG(status.st_mode):
            do = "Move it away; the next call begins a journal there."
            return Seen((Check("journal", "BAD", f"{shown_path(path)} is no file.", do),))
    except (FileNotFoundError, NotADirectoryError):
        size = 0
    except OSError as error:
        hint = "Put the permissions of that folder right, or set CALMDESK_HOME to another."
        return Seen((Check("journal", "BAD", f"{shown_path(path)} can't be looked at ({error.strerror}).", hint),))
    if not size:
        if mark.desk:
            return Seen(
                (
                    Check(
                        "journal",
                        "BAD",
                        f"{shown_path(path)} is gone or empty; it had {one_or_more(mark.seq, 'event', 'events')}.",
                        "Put it back if it was moved; from a backup, `calmdesk journal salvage FILE` brings its calls back.",
                    ),
                )
            )
        return Seen((Check("journal", "ok", f"none yet; the first call begins {shown_path(path)}."),))
    try:
        with look_into(path) as (journal, found):
            if journal is None:
                told = f"a newer calmdesk wrote it (format {found}; this one reads {len(MIGRATIONS)})."
                return Seen((Check("journal", "BAD", told, "Update calmdesk. The file was not touched."),))
            return _look_inside(journal, found, now, is_open)
    except UnusableError as error:
        return Seen((_bad_news(error),))


def _bad_news(error: UnusableError) -> Check:
    passing = error.why in {"another program holds it", "cut off"}
    return Check("journal", "LOOK" if passing else "BAD", error.message, error.hint)


def _look_inside(journal: Journal, found: int, now: Stamp, is_open: Callable[[int], bool]) -> Seen:
    last = journal.last_wall()
    checks = [_look_at_soundness(journal, found)]
    if checks[0].state == "ok":
        # Of a journal that isn't what was written, nothing else is to be believed.
        checks += [*_look_at_copies(journal, found, now), *_look_at_open_calls(journal, is_open)]
    return Seen(tuple(checks), last)


def _look_at_soundness(journal: Journal, found: int) -> Check:
    from calmdesk.journal.check import verify

    mark, last = read_mark(os.path.dirname(journal.path)), journal.last()
    if mark.desk == journal.desk and last < mark.seq:
        return Check(
            "journal",
            "BAD",
            f"it has {one_or_more(last, 'event', 'events')}, and had {mark.seq}: was an older copy put back?",
            "If you have the newer file, `calmdesk journal salvage FILE` brings its calls back.",
        )
    if mark.desk not in {"", journal.desk}:
        return Check(
            "journal",
            "LOOK",
            f"it is another desk's ({journal.desk}); here there was one of {mark.desk}.",
            "If that isn't what you meant, put the other file back.",
        )
    size = os.path.getsize(journal.path)
    if size <= WHOLE:
        verify(journal)
        sound = "every row is what was written"
    elif not journal.is_small:
        sound = "it is large; `calmdesk journal verify` looks at every row"
    elif problem := journal.integrity():
        raise damaged(journal.path, problem)
    else:
        sound = "SQLite finds nothing wrong; `calmdesk journal verify` looks at every row"
    later = f" (the next start makes it {len(MIGRATIONS)})" if found < len(MIGRATIONS) else ""
    events, calls = one_or_more(last, "event", "events"), one_or_more(len(journal.calls()), "call", "calls")
    return Check("journal", "ok", f"{calls}, {events}, format {found}{later}; {sound}.")


def _look_at_copies(journal: Journal, found: int, now: Stamp) -> Iterator[Check]:
    """The newest copy that can still be found, and whether it is time for another."""
    from calmdesk.cli.calls import local

    first = journal.first_wall()
    copies = journal.copies_made() if found > 1 else []
    path, made = next(((p, m) for p, m in copies if os.path.exists(p)), ("", 0))
    do = "`calmdesk journal backup FILE` makes one, best on another disk, while calls may go on."
    if path:
        old = now.wall - made > _COPY_EVERY
        said = f"the last was made on {local(made):%Y-%m-%d}, {shown_path(path)}."
        yield Check("copies", "LOOK" if old else "ok", said, do if old else "")
    elif first is not None and now.wall - first > _YOUNG:
        gone = "; those that were made aren't where they were" if copies else ""
        yield Check("copies", "LOOK", f"there is no copy of the journal{gone}.", do)
    else:
        yield Check("copies", "ok", "none yet; `calmdesk journal backup FILE` makes one.")


def _look_at_open_calls(journal: Journal, is_open: Callable[[int], bool]) -> Iterator[Check]:
    """Calls that aren't over: those open in a window are nothing to do about."""
    waiting: list[str] = []
    on: list[str] = []
    for number in journal.unfinished():
        (on if is_open(number) else waiting).append(f"{journal.desk}-{number}")
    here = f"{one_or_more(len(on), 'call is', 'calls are')} open in a window" if on else ""
    if waiting:
        count = one_or_more(len(waiting), "is parked or was cut off", "are parked or were cut off")
        yield Check(
            "open calls",
            "LOOK",
            f"{here}{'; ' if here else ''}{count}",
            "`calmdesk resume` goes on with the newest; `calmdesk call list` shows them.",
            tuple(waiting),
        )
    else:
        yield Check("open calls", "ok", f"{here or 'none waits'}.")


def look_at_left_overs(folder: str) -> Iterator[Check]:
    """Files that hold what isn't in the journal, and wait to be brought back."""
    left: list[str] = []
    with suppress(OSError):
        left = find_left_over(*rescue_folders(folder))
    if left:
        yield Check(
            "left over",
            "LOOK",
            f"{one_or_more(len(left), 'file waits', 'files wait')} to be brought back",
            f"`calmdesk journal salvage {shlex.quote(left[0])}` does that; delete it when you have what is in it.",
            tuple(shown_path(path) for path in left),
        )
