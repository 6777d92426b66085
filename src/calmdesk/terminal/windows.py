"""What only Windows consoles need: escape codes switched on, keys typed too early dropped, words on the clipboard.

This file has been read and checked against the system's declarations, and played against a stand-in
(`tests/test_any_desk.py`), but not yet run on Windows. So each caller goes on without it where it fails.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes
from typing import Any

_INPUT, _OUTPUT = -10, -11
"""The numbers of a console's two ends."""
_PROCESSED_OUTPUT, _ESCAPE_CODES = 0x0001, 0x0004
_UNICODE_TEXT, _MOVEABLE = 13, 0x0002
_NO_CONSOLE = ctypes.c_void_p(-1).value


def _load(name: str, **calls: tuple[Any, ...]) -> Any:  # noqa: ANN401 - a library of the system
    """A library with the types of these calls, each given as (what comes back, what is taken …).

    Without them a handle of 64 bits is cut to 32.
    """
    if sys.platform == "win32":
        library = ctypes.WinDLL(name)
    else:
        # Where this isn't Windows there is nothing to load, but a test puts a stand-in here.
        library = vars(ctypes)["WinDLL"](name)
    for call, (gives, *takes) in calls.items():
        function = getattr(library, call)
        function.restype, function.argtypes = gives, takes
    return library


def _console(end: int, **calls: tuple[Any, ...]) -> tuple[Any, Any]:
    """(the library, the handle) of one end of the console. Raises OSError where there is no console."""
    library = _load("kernel32", GetStdHandle=(wintypes.HANDLE, wintypes.DWORD), **calls)
    handle = library.GetStdHandle(end)
    if handle in {None, 0, _NO_CONSOLE}:
        raise OSError("there is no console")
    return library, handle


def switch_on_escapes() -> bool:
    """Whether the console understands escape codes; consoles from 2016 on do once they are told to."""
    try:
        library, handle = _console(
            _OUTPUT,
            GetConsoleMode=(wintypes.BOOL, wintypes.HANDLE, ctypes.POINTER(wintypes.DWORD)),
            SetConsoleMode=(wintypes.BOOL, wintypes.HANDLE, wintypes.DWORD),
        )
        mode = wintypes.DWORD()
        if not library.GetConsoleMode(handle, ctypes.byref(mode)):
            return False
        return bool(library.SetConsoleMode(handle, mode.value | _PROCESSED_OUTPUT | _ESCAPE_CODES))
    except (OSError, AttributeError, KeyError):
        return False


def drop_typed() -> None:
    """Away with what was typed before there was anything to see."""
    try:
        library, handle = _console(_INPUT, FlushConsoleInputBuffer=(wintypes.BOOL, wintypes.HANDLE))
        library.FlushConsoleInputBuffer(handle)
    except (OSError, AttributeError, KeyError):
        return


def copy_text(text: str) -> bool:
    """Put a text on the clipboard; whether it is there now.

    Not by `clip.exe`: it takes what it reads for the console's old code page, or guesses.
    """
    try:
        return _copy(text)
    except (OSError, AttributeError, KeyError):
        return False


def _copy(text: str) -> bool:
    user = _load(
        "user32",
        OpenClipboard=(wintypes.BOOL, wintypes.HWND),
        EmptyClipboard=(wintypes.BOOL,),
        SetClipboardData=(wintypes.HANDLE, wintypes.UINT, wintypes.HANDLE),
        CloseClipboard=(wintypes.BOOL,),
    )
    kernel = _load(
        "kernel32",
        GlobalAlloc=(wintypes.HGLOBAL, wintypes.UINT, ctypes.c_size_t),
        GlobalLock=(wintypes.LPVOID, wintypes.HGLOBAL),
        GlobalUnlock=(wintypes.BOOL, wintypes.HGLOBAL),
        GlobalFree=(wintypes.HGLOBAL, wintypes.HGLOBAL),
    )
    data = text.encode("utf-16-le", "replace") + b"\0\0"
    memory = kernel.GlobalAlloc(_MOVEABLE, len(data))
    if not memory:
        return False
    place = kernel.GlobalLock(memory)
    if not place:
        kernel.GlobalFree(memory)
        return False
    ctypes.memmove(place, data, len(data))
    kernel.GlobalUnlock(memory)
    copied = False
    # Another program may have it open for a moment.
    if user.OpenClipboard(None):
        copied = bool(user.EmptyClipboard()) and bool(user.SetClipboardData(_UNICODE_TEXT, memory))
        user.CloseClipboard()
    if not copied:
        # What was taken belongs to the system from then on; what wasn't is ours to give back.
        kernel.GlobalFree(memory)
    return copied
