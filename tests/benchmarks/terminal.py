"""A program on a real terminal of 80x24, timed from before it starts; the other end of the line is a patient user."""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

WHERE_IS_THE_CURSOR, IT_IS_HERE = b"\x1b[6n", b"\x1b[1;1R"
COLUMNS, ROWS = 80, 24
# Each of these changes what is timed: no .pyc files, unbuffered output, other places, no screen, other colours.
_AWAY = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "ACCESSIBLE", "NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR")


def clean_environment(**more: str) -> dict[str, str]:
    """The environment of every program that is timed."""
    kept = {k: v for k, v in os.environ.items() if k not in _AWAY and not k.startswith("CALMDESK_")}
    return {**kept, "TERM": "xterm-256color", "LANG": "C.UTF-8", **more}


def compile_all(python: str, names: Sequence[str]) -> None:
    """Write the .pyc files of these packages, as an installer does (pip does, an editable install doesn't)."""
    code = (
        "import compileall, importlib.util as u, os, sys\n"
        "for spec in filter(None, map(u.find_spec, sys.argv[1:])):\n"
        "    compileall.compile_dir(os.path.dirname(spec.origin), quiet=2)\n"
    )
    subprocess.run([python, "-c", code, *names], env=clean_environment(), check=True)


class GoneError(Exception):
    """The program ended, or said nothing for too long, before what was waited for."""


class Program:
    """A program on a terminal of its own; killed without mercy on leaving, so that nothing of its end is timed."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.master, slave = pty.openpty()
        ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        # A session leader's first terminal becomes its own: what a window does for a shell.
        setup = [(os.POSIX_SPAWN_OPEN, 0, os.ttyname(slave), os.O_RDWR, 0)]
        setup += [(os.POSIX_SPAWN_DUP2, 0, n) for n in (1, 2)]  # type: ignore[misc]
        self.seen = b""
        self._status: int | None = None
        self.began = time.perf_counter_ns()
        self.pid = os.posix_spawnp(command[0], list(command), environment, file_actions=setup, setsid=True)
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)

    def _read(self, seconds: float) -> bool:
        """Take in what was said, and answer the one question that terminals are asked; False: it hung up."""
        if not select.select([self.master], [], [], seconds)[0]:
            raise GoneError(f"waited in vain, after:\n{self.seen[-2000:].decode(errors='replace')}")
        try:
            said = os.read(self.master, 65536)
        except OSError:
            return False
        asked = (self.seen[-3:] + said).count(WHERE_IS_THE_CURSOR)
        self.seen += said
        for _ in range(asked):
            os.write(self.master, IT_IS_HERE)
        return bool(said)

    def wait(self, *words: str, seconds: float = 10) -> float:
        """Milliseconds from the start until all these words were said since the last key."""
        wanted = [w.encode() for w in words]
        until = time.monotonic() + seconds  # not a silence: a clock on the screen is never silent
        while not all(w in self.seen for w in wanted):
            if not self._read(max(0, until - time.monotonic())):
                raise GoneError(f"ended before {words}:\n{self.seen[-2000:].decode(errors='replace')}")
        return (time.perf_counter_ns() - self.began) / 1e6

    def end(self, seconds: float = 10) -> float:
        """Milliseconds from the start until the program is gone."""
        try:
            while self._read(seconds):
                pass
        finally:
            self._status = os.waitpid(self.pid, 0)[1]
        return (time.perf_counter_ns() - self.began) / 1e6

    def drain(self, seconds: float) -> None:
        """Let it finish what it is saying; a person's pause between two keys."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self.master], [], [], left)[0] and not self._read(left):
                return

    def press(self, key: str, *words: str) -> float:
        """Milliseconds from a key until all these words were said."""
        self.seen = b""
        began = time.perf_counter_ns()
        os.write(self.master, key.encode())
        self.wait(*words)
        return (time.perf_counter_ns() - began) / 1e6

    def most_memory(self) -> float:
        """The most memory that was resident so far, in MB (VmHWM)."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            found = next(line for line in file if line.startswith("VmHWM:"))
        return int(found.split()[1]) / 1000


def time_words(command: Sequence[str], environment: Mapping[str, str], *words: str) -> float:
    """Milliseconds from the start of a program until these words are on its terminal."""
    with Program(command, environment) as program:
        return program.wait(*words)


def time_pass(environment: Mapping[str, str], python: str = sys.executable) -> float:
    """Milliseconds that this interpreter takes to do nothing, on a terminal like the others."""
    with Program([python, "-c", "pass"], environment) as program:
        return program.end()
