"""What an error of SQLite or of the system means for a person, and whether another try can help."""

from __future__ import annotations

import errno
import sqlite3

from calmdesk.errors import CalmdeskError

UNSAFE = (sqlite3.Error, UnicodeDecodeError, UnicodeEncodeError, OSError)
"""What SQLite raises about a file that can't be used; it lets a UnicodeDecodeError out where text is damaged."""
# What reading a row that was changed may raise before its sum is looked at.
GARBLED = (ValueError, TypeError, IndexError, KeyError, RecursionError)


class UnusableError(CalmdeskError):
    """The journal can't be used now (exit code 5).

    Args:
        why: a few words for a screen with no room: "the disk is full".
        damaged: whether the file is no journal any more, so that no second try can help.

    """

    def __init__(self, message: str, hint: str, why: str, *, damaged: bool = False) -> None:
        super().__init__(message, hint, 5)
        self.why = why
        self.damaged = damaged


def damaged(path: str, why: str) -> UnusableError:
    """The file isn't what was written."""
    return UnusableError(
        f"The journal {path} is damaged: {why}.",
        "`calmdesk journal salvage` moves it aside and brings back what can be read.",
        "the journal is damaged",
        damaged=True,
    )


def _is_garbled(error: Exception) -> bool:
    """Whether what was read makes no sense (words that can't be written are no damage)."""
    return isinstance(error, GARBLED) and not isinstance(error, UnicodeEncodeError)


# The low byte of SQLite's result codes: a page that makes no sense, a file that is no database.
_CORRUPT, _NOT_A_DATABASE = 11, 26


def unusable(path: str, error: Exception) -> UnusableError:
    """What an error of SQLite or of the system means for a person."""
    said = str(error)
    where = "Check who may write there, or set CALMDESK_HOME to another folder."
    if (
        getattr(error, "sqlite_errorcode", 0) & 0xFF in {_CORRUPT, _NOT_A_DATABASE}
        or _is_garbled(error)
        or "decode" in said
    ):
        return damaged(path, said)
    if "full" in said or getattr(error, "errno", -1) in {errno.ENOSPC, getattr(errno, "EDQUOT", 0)}:
        return UnusableError(
            f"The disk is full: {path} can't be written.", "Make room; what was said as saved is safe.", "disk full"
        )
    if "locked" in said:
        return UnusableError(
            f"Another program holds the journal {path}.", "Close it, and start again.", "another program holds it"
        )
    if "readonly" in said or "unable to open" in said or isinstance(error, OSError):
        reason = getattr(error, "strerror", None)
        return UnusableError(
            f"The journal {path} can't be written{f': {reason}' if reason else ''}.", where, "can't write"
        )
    return UnusableError(
        f"The journal {path} can't be used ({said}).",
        "Set CALMDESK_HOME to another folder to work on; keep this file.",
        "disk error" if "disk I/O" in said else "can't write",
    )
