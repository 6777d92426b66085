"""The real program in a process of its own that has read the code already: a start then takes a tenth of the time.

A keeper imports the whole program once and runs nothing of it; each start is a fork of the keeper, with its own
streams, environment and folder. What only a cold start shows (what is imported when, and how fast) has tests that
start the program cold, and the full form starts it cold everywhere.
"""

from __future__ import annotations

import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COLD = ("PYTHON", "FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TERMINAL_WIDTH", "_TYPER")
"""Variables that the interpreter or a library reads while it is imported."""
_LENGTH = 4


class EndedError(Exception):
    """A program that didn't end in time."""


def can_start(environment: Mapping[str, str]) -> bool:
    """Whether a start with these variables may be a warm one."""
    return hasattr(os, "fork") and not any(name.startswith(_COLD) for name in environment if name != "PYTHONUTF8")


class Keeper:
    """A process that has read the code, from which others are forked."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._socket = ours
        told = {k: v for k, v in os.environ.items() if not k.startswith(_COLD)} | {"PYTHONUTF8": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.warm", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            cwd=Path(__file__).parent.parent,
            env=told,
        )
        theirs.close()

    def run(
        self, arguments: Sequence[str], given: bytes, environment: Mapping[str, str], seconds: float
    ) -> tuple[int, bytes, bytes]:
        """A start with this on stdin: exit code, stdout and stderr.

        Raises:
            EndedError: it took too long, and was ended.

        """
        with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            stdin.write(given)
            stdin.seek(0)
            asked = json.dumps([list(arguments), dict(environment), os.getcwd()]).encode()
            self._socket.settimeout(seconds)
            length = len(asked).to_bytes(_LENGTH, "big")
            socket.send_fds(self._socket, [length], [f.fileno() for f in (stdin, out, err)])
            self._socket.sendall(asked)
            try:
                code = int.from_bytes(self._socket.recv(_LENGTH), "big", signed=True)
            except TimeoutError:
                self.end()
                raise EndedError(" ".join(arguments)) from None
            return code, _read(out), _read(err)

    def end(self) -> None:
        """End the keeper and whatever still runs."""
        self._socket.close()
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@cache
def read_the_code() -> None:
    """Import the whole program, so that no fork has to."""
    import calmdesk

    for module in pkgutil.walk_packages(calmdesk.__path__, "calmdesk."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


def become(arguments: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Go on as the program, in a process just forked, with streams that are open as 0, 1 and 2."""
    code = 1
    try:
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        tempfile.tempdir = None
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
        sys.argv = ["calmdesk", *arguments]
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, mode, encoding="utf-8") for n, mode in enumerate("rww"))
        from calmdesk.cli import main

        main()
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else int(done.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


def _serve(asked: socket.socket) -> None:
    """Fork for each request, one after another, until nobody asks any more."""
    read_the_code()
    while True:
        length, streams, _, _ = socket.recv_fds(asked, _LENGTH, 3)
        if not length:
            return
        said = b""
        while len(said) < int.from_bytes(length, "big"):
            said += asked.recv(1 << 20)
        arguments, environment, folder = json.loads(said)
        pid = os.fork()
        if pid == 0:
            asked.close()
            os.chdir(folder)
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            become(arguments, environment)
        for stream in streams:
            os.close(stream)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        asked.sendall(code.to_bytes(_LENGTH, "big", signed=True))


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
