"""Whether a journal is what was written: every row's sum, every word's digest, no seq missing; and a copy of it."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from calmdesk.call.events import Forgotten, Renewed, Resumed, Started
from calmdesk.digest import digest
from calmdesk.errors import CalmdeskError
from calmdesk.journal.opening import read_mark
from calmdesk.journal.trouble import damaged

if TYPE_CHECKING:
    from calmdesk.call.events import Stamp
    from calmdesk.journal.store import Journal


def verify(journal: Journal) -> tuple[int, int]:
    """(events, rows whose words were forgotten) of a journal in which everything holds.

    Raises UnusableError (5): what isn't what was written.
    """
    mark = read_mark(os.path.dirname(journal.path))
    problem = journal.integrity()
    if problem:
        raise damaged(journal.path, problem)
    last, forgotten, gone = 0, [], set()
    for row in journal.rows():
        last = row.seq
        if row.forgotten:
            forgotten.append(row)
        if isinstance(row.event, Forgotten):
            gone.add(row.call)
    for row in forgotten:
        if row.call not in gone:
            raise damaged(journal.path, f"the words of row {row.seq} are gone, and nobody asked to forget them")
    for name, text in journal.texts():
        if digest(text) != name:
            raise damaged(journal.path, f"the playbook text {name} was changed")
    if mark.desk == journal.desk and mark.seq > last:
        raise damaged(journal.path, f"it has {last} events, and had {mark.seq}")
    listed, opened = journal.lists()
    if listed != opened:
        raise damaged(journal.path, "its list of open calls is wrong")
    return last, len(forgotten)


def count_lost_texts(journal: Journal) -> int:
    """How many texts that calls were played with are no longer there; such a call can't be shown whole."""
    there = {name for name, _ in journal.texts()}
    wanted: set[str] = set()
    for row in journal.rows():
        if isinstance(row.event, Started | Resumed | Renewed):
            wanted |= {name for _, name in row.event.digests}
    return len(wanted - there)


def backup(journal: Journal, target: str, at: Stamp) -> None:
    """A whole copy of the journal in a new file, private to the user, while calls may go on.

    Where it was made is remembered, so that words can be forgotten there too.

    Raises CalmdeskError (3): the file is there already, or can't be written.
    """
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        raise CalmdeskError(f"{target} is there already.", "Name a new file; a backup replaces nothing.") from None
    except OSError as error:
        raise CalmdeskError(
            f"{target} can't be written: {error.strerror}.", "Choose a folder that is there and may be written."
        ) from error
    try:
        with suppress(CalmdeskError):
            # A journal that can't be written any more is the one that most needs a copy.
            journal.remember_copy(os.path.abspath(target), at)
        journal.copy_to(target)
    except CalmdeskError:
        os.unlink(target)
        raise
