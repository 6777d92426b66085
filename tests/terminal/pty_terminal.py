"""A real terminal for the real program: a pty with an emulator behind it, answered as a terminal answers."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from typing import TYPE_CHECKING

import pyte

from tests import warm
from tests.forms import LONG

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_FILES = 256
"""Files of ours that a terminal's program has no business with have lower numbers."""


class Terminal:
    """`calmdesk ARGUMENTS` on a terminal of this size; `wait` looks until the screen shows a text."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        module: str = "calmdesk",
    ) -> None:
        self.module = module
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.code: int | None = None
        self.warm = module == "calmdesk" and not LONG and warm.can_start(environment)
        if self.warm:
            warm.read_the_code()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            self._child(environment, arguments, columns, rows)
        self.resize(columns, rows)

    def _child(self, environment: Mapping[str, str], arguments: tuple[str, ...], columns: int, rows: int) -> None:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        told = {**environment, "TERM": environment.get("TERM", "xterm-256color")}
        if self.warm:
            os.closerange(3, _MOST_FILES)
            warm.become(arguments, told)
        os.execve(sys.executable, [sys.executable, "-m", self.module, *arguments], told)  # noqa: S606 - no shell is wanted

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def send(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def pump(self, seconds: float) -> None:
        """Take what the program writes for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                return
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return
            if not data:
                return
            self.raw += data
            self.stream.feed(data)
            for _ in range(data.count(b"\x1b[6n")):
                self.send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def flat(self) -> str:
        """The screen's words in one line, without the bar beside what is said."""
        return " ".join(self.text.replace("▌", " ").split())

    def wait(self, text: str, seconds: float = 15) -> str:
        end = time.monotonic() + seconds
        while text not in self.flat:
            assert time.monotonic() < end, f"never saw {text!r} in\n{self.text}"
            self.pump(0.05)
        return self.text

    def keys(self, *steps: tuple[str, str]) -> None:
        """(keys, what the screen shows then) one after another."""
        for keys, shows in steps:
            self.send(keys)
            self.wait(shows)

    def end(self, seconds: float = 15) -> int:
        """The exit code, once the program has ended."""
        until = time.monotonic() + seconds
        while self.code is None:
            self.pump(0.05)
            self.reap()
            assert time.monotonic() < until, f"still running, showing\n{self.text}"
        self.pump(0.1)
        return self.code

    def reap(self) -> None:
        """Take the exit code, where the program has ended."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid, number)

    def close(self) -> None:
        """Close the terminal under the program, and see that it is gone."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
        if self.code is None:
            for _ in range(100):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.code = os.waitstatus_to_exitcode(status)
                    return
                time.sleep(0.05)
            self.kill()
            os.waitpid(self.pid, 0)
