"""To forget is to delete the words: from the journal, from the copies made of it, for good, and verifiably."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.errors import CalmdeskError
from calmdesk.journal.opening import find_left_over, open_copy, read_mark, write_mark
from calmdesk.journal.salvage import holds_call, rescue_folders

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calmdesk.call.events import Stamp
    from calmdesk.journal.rows import Entry
    from calmdesk.journal.store import Journal

_DAY = 86_400_000
_SEEN_AFTER, _SEEN_BEFORE = 31 * _DAY, 20 * 3_600_000
"""A clock that jumped ahead would forget everything: something must have been written between these two ages (ms),
and the row before it no longer than the older of them before that."""


class Gone(NamedTuple):
    """What was forgotten: on how many calls, how many words, in how many copies; `left` are files that may still hold some."""

    calls: int
    words: int
    copies: int
    left: tuple[str, ...]


def forget(journal: Journal, calls: Sequence[int], at: Stamp) -> Gone:
    """Delete the words typed on these calls, here and in every copy that can be reached.

    Raises CalmdeskError (5): the journal can't be written.
    """
    begun = [journal.read(call)[:1] for call in calls]
    words = journal.forget(calls, at)
    copies, left = 0, [] if journal.swept else [journal.path + "-wal"]
    for path in (
        *reversed([path for path, _ in journal.copies_made()]),
        *find_left_over(*rescue_folders(os.path.dirname(journal.path))),
    ):
        try:
            copies += _forget_in(path, begun, at)
        except CalmdeskError:
            left.append(path)
    return Gone(len(calls), words, copies, tuple(left))


def _forget_in(path: str, begun: Sequence[Sequence[Entry]], at: Stamp) -> bool:
    """Forget the calls that began so in a copy. Raises CalmdeskError where the file can't be opened as one."""
    if path.endswith(".json"):
        # A call that couldn't be written: it holds the words, and is to be brought in before they can be forgotten.
        if holds_call(path, begun):
            raise CalmdeskError(path)
        return False
    copy = open_copy(path)
    try:
        found = {number for entries in begun for number in (copy.find_written(None, entries)[0],) if number is not None}
        there = [number for number in copy.wordy() if number in found]
        copy.forget(there, at)
        return bool(there)
    finally:
        copy.close()


def find_old(journal: Journal, before: int) -> list[int]:
    """The calls whose words are kept and whose last event is older than a point of the wall clock (ms)."""
    found = []
    for number in journal.wordy():
        last = journal.call(number).last
        if last is not None and last.wall < before:
            found.append(number)
    return found


def keep_retention(journal: Journal, days: int, at: Stamp, is_open: Callable[[int], bool]) -> Gone | None:
    """Forget what is older than so many days, at most once a day; None where nothing was to be done.

    Args:
        journal: this desk's.
        days: how long typed words are kept; 0 keeps them.
        at: now.
        is_open: whether a call is open in a window; such a call waits.

    """
    if not days or not journal.path or journal.read_only:
        return None
    folder, today = os.path.dirname(journal.path), str(at.wall // _DAY)
    mark = read_mark(folder)
    if mark.kept == today or not journal.is_steady(at.wall - _SEEN_AFTER, at.wall - _SEEN_BEFORE):
        return None
    with suppress(CalmdeskError):
        old = [n for n in find_old(journal, at.wall - days * _DAY) if not is_open(n)]
        gone = forget(journal, old, at) if old else None
        write_mark(folder, read_mark(folder)._replace(kept=today))
        return gone
    return None
