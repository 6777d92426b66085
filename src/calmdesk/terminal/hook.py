"""A command of the configuration gets a call's JSON, in the background: it can neither slow a call nor break it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import warnings
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CHANGE = "`calmdesk config set hook COMMAND` names another one."


def run_hook(command: Sequence[str], document: str) -> str:
    """Start a command with the document as its standard input and go on at once.

    It runs in the home folder, in a session of its own, and what it writes goes nowhere.

    Returns:
        Nothing, or one sentence saying why it couldn't start. Never raises.

    """
    if not command:
        return ""
    name = clean(command[0])
    program = _find(command[0])
    if not program:
        return f"The hook couldn't start: there is no command “{name}”. {_CHANGE}"
    try:
        # A file, not a pipe: a command that never reads fills a pipe, and somebody would have to wait.
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
    except OSError as error:
        return f"The hook couldn't start: the call can't be handed to it ({error.strerror})."
    try:
        with file:
            file.write(document.encode("utf-8", "backslashreplace"))
            file.seek(0)
            _start([program, *command[1:]], file)
    except OSError as error:
        return f"The hook couldn't start: “{name}”: {error.strerror}. {_CHANGE}"
    except (ValueError, subprocess.SubprocessError) as error:
        return f"The hook couldn't start: “{name}”: {clean(str(error))}. {_CHANGE}"
    return ""


def _find(command: str) -> str:
    """The whole path of a command, or nothing. The current folder is never looked in: it may be a project's."""
    if os.path.basename(command) != command:
        return command if os.path.isabs(command) else ""
    endings = [""]
    if sys.platform == "win32":
        known = os.environ.get("PATHEXT", ".COM;.EXE").split(os.pathsep)
        # A file without an ending can't be started there, whatever it is called.
        endings = [""] if os.path.splitext(command)[1].upper() in {e.upper() for e in known} else known
    for folder in os.get_exec_path():
        for ending in endings:
            path = os.path.join(folder, command + ending)
            if os.path.isabs(folder) and os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    return ""


def _start(command: Sequence[str], document: IO[bytes]) -> None:
    home = os.path.expanduser("~")
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    with warnings.catch_warnings(), _signals_heard():
        # Nobody waits for it: its exit code is taken when the next command starts, or by the system after calmdesk.
        warnings.simplefilter("ignore", ResourceWarning)
        subprocess.Popen(  # noqa: S603 - a list from the user's or the system's file, without a shell
            command,
            stdin=document,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=home if os.path.isdir(home) else os.path.abspath(os.sep),
            close_fds=True,
            start_new_session=True,
            creationflags=flags,
        )


@contextmanager
def _signals_heard() -> Iterator[None]:
    """What is ignored here (while a call is parked) isn't in a command started meanwhile, and stays ignored here.

    A new program begins with a signal ignored where its parent ignores it, but not where its parent has a function
    for it: so each gets one that does nothing.
    """
    ignored = []
    for name in ("SIGHUP", "SIGINT", "SIGTERM", "SIGQUIT"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            try:
                signal.signal(number, lambda _number, _frame: None)
            except ValueError:  # not the main thread
                break
            ignored.append(number)
    try:
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)
