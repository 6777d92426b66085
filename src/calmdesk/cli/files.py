"""How commands write files: a new one, or one in place of another; whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

_BINARY: int = getattr(os, "O_BINARY", 0)
"""Windows writes other bytes than it is given without it."""


def write_file(path: str, data: bytes, *, force: bool = False) -> None:
    """Write a private file; over what is there only where that is wanted. Raises CalmdeskError (2, 3).

    What is there is whole until the new one is, and stays where that can't be written. A device is written to.
    """
    try:
        if force and os.path.lexists(path):
            if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
                with open(path, "wb") as device:
                    device.write(data)
                return
            _put(os.path.realpath(path), data)
            return
        create(path, data)
    except FileExistsError:
        hint = "Name another file, or write over it with --force."
        raise CalmdeskError(f"{clean(path)} is there already.", hint, 2) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file can have this name"
        raise CalmdeskError(f"{clean(path)} can't be written: {why}.", "Name another file.") from None


def create(path: str, data: bytes) -> None:
    """Write a private file that isn't there yet, whole or not at all. Raises OSError."""
    made = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL | _BINARY, 0o600)
    try:
        with open(made, "wb") as file:
            file.write(data)
    except BaseException:
        os.unlink(path)
        raise


def replace_file(path: str, text: str) -> None:
    """Write a private file in place of what is there, through a link to where it leads. Raises CalmdeskError (3)."""
    path = os.path.realpath(path)
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        _put(path, text.encode())
    except OSError as error:
        raise CalmdeskError(f"{path} can't be written: {error.strerror}.", "Nothing was changed.") from None


def replace_files(texts: Mapping[str, bytes]) -> None:
    """New texts for files that are there, all of them or none; who may read them stays. Raises CalmdeskError (3)."""
    beside: dict[str, str] = {}
    path = ""
    try:
        for path, data in texts.items():
            place = os.path.realpath(path)
            if not os.access(place, os.W_OK):
                raise PermissionError(13, "it may not be written")
            beside[place] = _write_beside(place, data)
            os.chmod(beside[place], os.stat(place).st_mode & 0o777)
        for place, written in beside.items():
            os.replace(written, place)
    except OSError as error:
        for left in beside.values():
            with suppress(OSError):
                os.unlink(left)
        raise CalmdeskError(f"{path} can't be written: {error.strerror}.", "Check who may write it.") from None


def _put(path: str, data: bytes) -> None:
    written = _write_beside(path, data)
    try:
        os.replace(written, path)
    except BaseException:
        os.unlink(written)
        raise


def _write_beside(path: str, data: bytes) -> str:
    """A private file in the same folder, on disk before it takes another's place."""
    import tempfile

    number, beside = tempfile.mkstemp(prefix=".calmdesk-", dir=os.path.dirname(path))
    try:
        with open(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(number)
    except BaseException:
        os.unlink(beside)
        raise
    return beside
