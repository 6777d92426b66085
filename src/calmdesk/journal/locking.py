"""A file can be locked on every system that has locks, and is free again when its holder is gone, however it went."""

from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO


def lock(file: TextIO, *, wait: bool) -> None:
    """Lock an open, empty file until it is closed.

    On Windows a wait ends after ten seconds, with an OSError.

    Raises BlockingIOError where another process holds it (and nobody waits), OSError where nothing can be locked here.
    """
    if sys.platform == "win32":
        _lock_on_windows(file, wait=wait)
        return
    try:
        import fcntl
    except ImportError as error:
        raise OSError(errno.ENOLCK, "this system has no locks") from error
    fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock_on_windows(file: TextIO, *, wait: bool) -> None:
    if sys.platform == "win32":
        import msvcrt

        try:
            # One byte of a file that has none: what is locked can't be read by others, and there is nothing to read.
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in {errno.EACCES, errno.EDEADLK} and not wait:
                raise BlockingIOError(errno.EAGAIN, "another process holds it") from error
            raise
