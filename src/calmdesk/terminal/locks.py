"""One window a call: a lock that is free again when its holder is gone, however it went."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from calmdesk.errors import CalmdeskError
from calmdesk.journal.locking import lock

if TYPE_CHECKING:
    from calmdesk.terminal.sitting import Desk


def lock_name(number: int) -> str:
    """The file that a window holds while a call is open in it."""
    return f"call-{number}.lock"


def take_lock(folder: str, number: int) -> TextIO | None:
    """The lock of a call, or None where another window holds it; it is free again when its holder is gone.

    Where a folder can't lock (some network drives), the call goes on without: better than no call.
    Raises CalmdeskError (5) where the lock can't be written.
    """
    path = os.path.join(folder, lock_name(number))
    try:
        file = open(path, "a", encoding="utf-8")  # noqa: SIM115 - held open for the whole call
    except OSError as error:
        raise CalmdeskError(f"{path} can't be written: {error.strerror}.", "Check who may write there.", 5) from error
    try:
        lock(file, wait=False)
    except BlockingIOError:
        file.close()
        return None
    except OSError:
        return file
    return file


def is_open(desk: Desk, number: int) -> bool:
    """Whether a call is open in a window now; where nobody can tell, it isn't."""
    if not os.path.exists(os.path.join(desk.settings.data, lock_name(number))):
        return False
    try:
        held = take_lock(desk.settings.data, number)
    except CalmdeskError:
        return False
    if held is None:
        return True
    held.close()
    return False
