"""Opening the journal: what is no journal any more is moved aside with a date and said, never replaced in silence.

A mark beside the database remembers that there was one, and how far it went: an empty file is a new
journal to SQLite.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.errors import CalmdeskError
from calmdesk.journal.drives import find_network_drive
from calmdesk.journal.locking import lock
from calmdesk.journal.rows import file_id
from calmdesk.journal.schema import MIGRATIONS
from calmdesk.journal.store import Journal
from calmdesk.journal.trouble import UNSAFE, UnusableError, damaged, unusable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# SQLite before this version can lose commits of two connections that write and checkpoint at once in WAL mode.
# Below it a rollback journal is kept, whose file stays (PERSIST): as safe as TRUNCATE, without its dear ftruncate.
SAFE_WAL = (3, 51, 3)
JOURNAL_MODE = "wal" if sqlite3.sqlite_version_info >= SAFE_WAL else "persist"
NAME, MARK = "journal.db", "journal.mark"
_BESIDE = ("", "-journal", "-wal", "-shm")


class Mark(NamedTuple):
    """What stands outside the database: whose journal there was, how many rows it had, and what was said of its folder."""

    desk: str = ""
    seq: int = 0
    said: str = ""
    """The kind of network drive that a person was told about."""
    kept: str = ""
    """The day on which retention last looked, as ISO text."""


def read_mark(folder: str) -> Mark:
    """The mark beside a journal; an empty one where there is none that can be read."""
    try:
        with open(os.path.join(folder, MARK), encoding="utf-8") as file:
            found = json.load(file)
        return Mark(str(found["desk"]), int(found["seq"]), str(found.get("said", "")), str(found.get("kept", "")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Mark()


def write_mark(folder: str, mark: Mark) -> None:
    """Written beside and moved into place; where that can't be done, the older mark stays."""
    path = os.path.join(folder, MARK)
    beside = f"{path}.{os.getpid()}"
    with suppress(OSError):
        with open(os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            json.dump(mark._asdict(), file)
        os.replace(beside, path)
        return
    with suppress(OSError):
        os.unlink(beside)


def open_journal(folder: str, patience: float = 2.0) -> Journal:
    """Open the journal in a folder, or start one; private to the user.

    `notices` of the journal say what was found: an earlier one that is gone, damaged (then it was moved
    aside) or older than it was, a folder on a network drive.

    Args:
        folder: where it is, or will be.
        patience: seconds to wait for another program that holds it.

    Raises UnusableError (5): it can't be opened; CalmdeskError (5): it was written by a newer calmdesk.

    """
    path = os.path.join(folder, NAME)
    if not _has_bytes(path):
        return _begin(folder, patience)
    found = file_id(path)
    try:
        return _open_marked(folder, patience, read_mark(folder), [])
    except UnusableError as error:
        if not error.damaged:
            raise
        with _alone(folder):
            # Another window may have put it aside already; and a read that failed once looks like damage, too.
            moved = move_aside(folder, "it is damaged", found) if is_damaged(folder) else ""
            return _begin_alone(folder, patience, [moved] if moved else [])


def is_damaged(folder: str) -> bool:
    """Whether a journal is damaged to a connection that has never seen it: what only failed to be read once is not."""
    try:
        with closing(_open(folder, 0.5)) as journal:
            return bool(journal.is_small and journal.integrity()) or journal.last() < 0
    except UnusableError as error:
        return error.damaged
    except CalmdeskError:
        return False


def _has_bytes(path: str) -> bool:
    try:
        return os.path.getsize(path) > 0
    except OSError:
        return False


def _begin(folder: str, patience: float) -> Journal:
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError as error:
        raise unusable(os.path.join(folder, NAME), error) from error
    with _alone(folder):
        return _begin_alone(folder, patience, [])


def _begin_alone(folder: str, patience: float, notices: list[str]) -> Journal:
    """A new journal, where there still is none that can be opened; only one window at a time does this."""
    path, mark = os.path.join(folder, NAME), read_mark(folder)
    try:
        if not _has_bytes(path):
            if os.path.exists(path) and mark.desk and not notices:
                notices.append(move_aside(folder, "it was empty", file_id(path)))
            elif mark.desk and not notices:
                notices.append(
                    f"The journal {path} is gone (it had {mark.seq} events); a new one was begun. If you have a backup, "
                    "`calmdesk journal salvage FILE` brings its calls back."
                )
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise unusable(path, error) from error
    return _open_marked(folder, patience, mark, notices)


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """One window at a time looks, moves and makes; where a folder can't lock, they do it all the same."""
    file = None
    with suppress(OSError):
        made = os.open(os.path.join(folder, "journal.lock"), os.O_CREAT | os.O_RDWR, 0o600)
        file = open(made, "a", encoding="utf-8")  # noqa: SIM115 - held until the end
        lock(file, wait=True)
    try:
        yield
    finally:
        if file is not None:
            file.close()


def _open_marked(folder: str, patience: float, mark: Mark, notices: list[str]) -> Journal:
    journal = _open(folder, patience)
    try:
        journal.notices = (*notices, *_look_at_mark(folder, journal, mark, told=bool(notices)))
    except UnusableError:
        journal.close()
        raise
    return journal


def _look_at_mark(folder: str, journal: Journal, mark: Mark, *, told: bool) -> list[str]:
    """Compare the journal with what the mark remembers, and bring the mark up to date."""
    notices = []
    last, drive = journal.last(), find_network_drive(folder)
    if not told and mark.desk == journal.desk and last < mark.seq:
        notices.append(f"The journal {journal.path} has {last} events; it had {mark.seq}. An older copy was put back?")
    if not told and mark.desk not in {"", journal.desk}:
        notices.append(f"The journal {journal.path} is another desk's ({journal.desk}); there was one of {mark.desk}.")
    if drive and drive != mark.said:
        notices.append(
            f"The journal {journal.path} is on a network drive ({drive}): locks and saves there depend on the server. "
            "A folder on this machine is safer: set CALMDESK_HOME."
        )
    now = mark._replace(desk=journal.desk, seq=last, said=drive)
    if now != mark:
        write_mark(folder, now)
    return notices


def close_journal(journal: Journal) -> None:
    """Close a journal, and remember outside it how far it went."""
    if journal.path:
        folder = os.path.dirname(journal.path)
        with suppress(CalmdeskError):
            mark, last = read_mark(folder), journal.last()
            if mark.desk == journal.desk and mark.seq != last:
                write_mark(folder, mark._replace(seq=last))
    journal.close()


def stand_in() -> Journal:
    """A journal in memory, for a call that can't be written yet: the agent's next sentence comes first."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    _migrate(db, 0)
    return Journal(db, *_desk(db), "")


def open_to_read(folder: str) -> Journal:
    """The journal for a command that only looks: also from a folder where nothing may be written.

    Raises UnusableError (5): it can't be read.
    """
    path = os.path.join(folder, NAME)
    if os.path.exists(path) and not (os.access(folder, os.W_OK) and os.access(path, os.W_OK)):
        # Without the right to write, SQLite can't take its locks; nobody can write then, so none is needed.
        try:
            # What another machine left in a WAL can't be seen in a file that is taken for one that never changes.
            how = "mode=ro" if _has_bytes(path + "-wal") else "immutable=1"
            db = sqlite3.connect(f"file:{_quoted(path)}?{how}", uri=True, isolation_level=None)
            _refuse_newer(db, path)
            journal = Journal(db, *_desk(db), path)
        except UNSAFE as error:
            raise unusable(path, error) from error
        journal.read_only = True
        return journal
    return open_journal(folder)


def open_copy(path: str) -> Journal:
    """A copy of a journal, to forget words in it. Raises UnusableError (5) where it is none, or can't be written."""
    if not os.path.isfile(path):
        raise unusable(path, FileNotFoundError(2, "No such file"))
    db = sqlite3.connect(path, timeout=2, isolation_level=None)
    try:
        db.execute("pragma secure_delete=on")
        _migrate(db, _refuse_newer(db, path))
        return Journal(db, *_desk(db), path)
    except UNSAFE as error:
        db.close()
        raise unusable(path, error) from error


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(os.path.abspath(path))


def move_aside(folder: str, why: str, bad: tuple[int, int] | None) -> str:
    """Move a file that is no journal any more aside, with what SQLite left beside it; gives the sentence that says so.

    `bad` is the file that was found to be none (`file_id`): another that stands there now is left, and nothing is said.
    Raises UnusableError where it can't be moved.
    """
    path = os.path.join(folder, NAME)
    if bad is None or file_id(path) != bad:
        return ""
    stamp = time.strftime("%Y-%m-%d-%H%M%S")
    aside, n = os.path.join(folder, f"journal.corrupt-{stamp}.db"), 1
    while os.path.exists(aside):
        n += 1
        aside = os.path.join(folder, f"journal.corrupt-{stamp}-{n}.db")
    try:
        for ending in reversed(_BESIDE):
            if os.path.exists(path + ending):
                os.rename(path + ending, aside + ending)
    except OSError as error:
        raise unusable(path, error) from error
    with suppress(OSError):
        # What the mark remembers has been said with this.
        os.unlink(os.path.join(folder, MARK))
    return (
        f"The journal {path} can't be used: {why}. It was moved to {aside}, and a new one was begun. "
        f"`calmdesk journal salvage {aside}` brings back what can be read."
    )


def _open(folder: str, patience: float) -> Journal:
    """Open the journal that is there, or make one of an empty file."""
    path = os.path.join(folder, NAME)
    db, file = None, file_id(path)
    try:
        db = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
        found = _refuse_newer(db, path)
        mode = _set_up(db, "persist" if JOURNAL_MODE == "wal" and find_network_drive(folder) else JOURNAL_MODE)
        _migrate(db, found)
        journal = Journal(db, *_desk(db), path, file)
    except UNSAFE as error:
        if db is not None:
            db.close()
        if _is_garbled(path, error) and file_id(path) == file:
            raise damaged(path, str(error)) from error
        raise unusable(path, error) from error
    journal.mode = mode
    return journal


def _is_garbled(path: str, error: Exception) -> bool:
    """Whether opening failed for what stands in the file, although SQLite calls it something else.

    A header that was changed looks like an unknown format, like tables that are there already, or like a file
    that may only be read although it may be written.
    """
    error_code = getattr(error, "sqlite_errorcode", 0)
    code = error_code & 0xFF
    may_write = os.access(path, os.W_OK) and os.access(os.path.dirname(path), os.W_OK)
    # (A file that was moved away under the connection has a code of its own among those.)
    return code == sqlite3.SQLITE_ERROR or (error_code == sqlite3.SQLITE_READONLY and may_write)


def _refuse_newer(db: sqlite3.Connection, path: str) -> int:
    """The number of the file's format. Raises CalmdeskError (5) where a newer calmdesk wrote it, or nobody did."""
    found = int(db.execute("pragma user_version").fetchone()[0])
    if found < 0:
        db.close()
        raise damaged(path, f"its format is {found}")
    if found > len(MIGRATIONS):
        db.close()
        raise CalmdeskError(
            f"The journal {path} was written by a newer calmdesk (format {found}; this one reads {len(MIGRATIONS)}).",
            "Update calmdesk. The file was not touched.",
            5,
        )
    return found


def _set_up(db: sqlite3.Connection, wanted: str) -> str:
    db.execute("pragma trusted_schema=off")
    db.execute("pragma secure_delete=on")
    # The answer must be fetched and compared: SQLite keeps the old mode without a word when it fails.
    mode = str(db.execute(f"pragma journal_mode={wanted}").fetchone()[0])
    if wanted not in {mode, "wal"}:
        raise sqlite3.OperationalError(f"journal mode {mode} instead of {wanted}")
    db.execute("pragma synchronous=full")
    return mode


def _migrate(db: sqlite3.Connection, found: int) -> None:
    """Each migration and the number that records it are one transaction."""
    for number in range(found, len(MIGRATIONS)):
        db.execute("begin immediate")
        if db.execute("pragma user_version").fetchone()[0] > number:
            db.execute("rollback")
            continue
        for statement in _statements(MIGRATIONS[number]):
            db.execute(statement)
        db.execute(f"pragma user_version={number + 1}")
        db.execute("commit")


def _statements(script: str) -> Iterable[str]:
    """The statements of a migration (a trigger's own semicolons don't end it)."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _desk(db: sqlite3.Connection) -> tuple[int, str]:
    """This desk's number and id; a new journal is given one by chance."""
    row = db.execute("select number, id from desk order by number limit 1").fetchone()
    if row is None:
        db.execute("begin immediate")
        row = db.execute("select number, id from desk order by number limit 1").fetchone()
        if row is None:
            letters = "bcdfghjkmnpqrstvwxz"
            made = "".join(letters[b % len(letters)] for b in os.urandom(5))
            db.execute("insert into desk values (1, ?)", (made,))
            row = (1, made)
        db.execute("commit")
    return row[0], row[1]


def find_left_over(*folders: str) -> list[str]:
    """Files that wait to be salvaged: journals that were moved aside, calls that couldn't be written."""
    found = []
    for folder in folders:
        with suppress(OSError):
            for name in sorted(os.listdir(folder)):
                aside = name.startswith("journal.corrupt-") and name.endswith(".db")
                if aside or (name.startswith("calmdesk-rescue-") and name.endswith(".json")):
                    found.append(os.path.join(folder, name))
    return found
