"""Whether a journal is what was written: every row's sum, every word's digest, no seq missing; and a copy of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from calmdesk.digest import blake2b
from calmdesk.errors import CalmdeskError
from calmdesk.journal.store import chain_sum

if TYPE_CHECKING:
    from calmdesk.journal.store import Journal


def verify(journal: Journal) -> tuple[int, int]:
    """(events, words forgotten) of a journal in which everything holds.

    Raises CalmdeskError (5): the first row that isn't what was written.
    """
    problem = journal.integrity()
    if problem:
        raise CalmdeskError(
            f"The journal {journal.path} is damaged: {problem}.", "Keep the file, and restore a backup beside it.", 5
        )
    before, last, forgotten = b"", 0, 0
    for seq, call, row, at, said, found, salted in journal.rows():
        words, salt = salted
        if seq != last + 1:
            raise _broken(journal, seq, f"row {last + 1} is missing")
        if said and words is None:
            forgotten += 1
        elif words is not None and blake2b((salt or b"") + words.encode(), digest_size=8).digest() != said:
            raise _broken(journal, seq, "its words were changed")
        before = chain_sum(before, seq, call, row, at, said or b"")
        if before != found:
            raise _broken(journal, seq, "it was changed, or a row before it")
        last = seq
    return last, forgotten


def _broken(journal: Journal, seq: int, why: str) -> CalmdeskError:
    return CalmdeskError(
        f"Row {seq} of {journal.path} isn't what was written: {why}.",
        "Keep the file, and restore a backup beside it.",
        5,
    )


def backup(journal: Journal, target: str) -> None:
    """A whole copy of the journal in a new file, private to the user, while calls may go on.

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
        journal.copy_to(target)
    except CalmdeskError:
        os.unlink(target)
        raise
