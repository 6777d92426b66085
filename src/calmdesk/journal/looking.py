"""A journal opened only to be looked at: nothing is moved, mended or brought up to date."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from calmdesk.journal.schema import MIGRATIONS
from calmdesk.journal.store import Journal
from calmdesk.journal.trouble import UNSAFE, UnusableError, damaged, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator

# A write that was cut off and has to be taken back: its file can't be read until somebody may write there.
_CUT_OFF = {sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_READONLY_RECOVERY, sqlite3.SQLITE_READONLY_CANTINIT}


@contextmanager
def look_into(path: str) -> Iterator[tuple[Journal | None, int]]:
    """A journal and its format; no journal where a newer calmdesk wrote it.

    Raises:
        UnusableError: it is damaged, held by another program, or its last write was cut off.

    """
    try:
        with closing(sqlite3.connect(_address(path), uri=True, timeout=0.3, isolation_level=None)) as db:
            found = int(db.execute("pragma user_version").fetchone()[0])
            if found > len(MIGRATIONS):
                yield None, found
                return
            number, desk = db.execute("select number, id from desk order by number limit 1").fetchone() or (0, "")
            yield Journal(db, number, desk, path), found
    except UNSAFE as error:
        raise _meaning(path, error) from error


def _address(path: str) -> str:
    from pathlib import Path

    writable = os.access(path, os.W_OK) and os.access(os.path.dirname(path), os.W_OK)
    # Where nobody can write, a log that SQLite would read through can't be made, and nothing will change either.
    still = not writable and not os.path.exists(path + "-wal")
    return f"{Path(path).absolute().as_uri()}?{'immutable=1' if still else 'mode=ro'}"


def _meaning(path: str, error: Exception) -> UnusableError:
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _CUT_OFF:
        return UnusableError(
            "the last write to it was cut off, and is taken back at the next start.",
            "Run `calmdesk`, and then `calmdesk doctor` again.",
            "cut off",
        )
    # Tables that aren't there: the file is a database, and no journal.
    return damaged(path, str(error)) if code == sqlite3.SQLITE_ERROR else unusable(path, error)
