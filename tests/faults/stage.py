"""A desk of its own in a folder: the same program every time, started anew, in a fork of this process, or under strace."""

from __future__ import annotations

import compileall
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import calmdesk
from tests.warm import become, read_the_code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATIENCE = 60
"""Seconds that a command may take."""
_KEPT = {"PATH", "LANG", "VIRTUAL_ENV", "PYTHONPATH"}
NO_TRACEBACK = ("Traceback", "Exception ignored", "During handling of")
"""What nobody may ever see."""


class Ran(NamedTuple):
    """What a command left behind; killed by a signal, its code is negative."""

    code: int
    out: str
    err: str

    @property
    def shows_a_traceback(self) -> bool:
        return any(words in self.out + self.err for words in NO_TRACEBACK)


class Stage:
    """A desk: its home, and a user's own folders, where a call is left that can't be written at home."""

    def __init__(self, folder: Path) -> None:
        _compile()
        self.folder = folder
        self.home = folder / "home"
        self.user = folder / "user"
        self.temp = folder / "temp"
        self.kept = folder / "kept"
        for each in (self.user, self.temp, self.kept):
            each.mkdir(parents=True, exist_ok=True)
        self.environment: Mapping[str, str] = {
            **{k: v for k, v in os.environ.items() if k in _KEPT},
            "CALMDESK_HOME": str(self.home),
            "HOME": str(self.user),
            "TMPDIR": str(self.temp),
            "TZ": "UTC",
            "NO_COLOR": "1",
            "PYTHONUTF8": "1",
        }

    # --- the home as it was

    def keep(self, name: str) -> None:
        """Keep the home as it is now, under a name."""
        if self.home.exists():
            shutil.copytree(self.home, self.kept / name)

    def restore(self, name: str = "") -> None:
        """The home as it was kept under a name, or none at all; the user's folders are empty."""
        for each in (self.home, self.user, self.temp):
            shutil.rmtree(each, ignore_errors=True)
        self.user.mkdir()
        self.temp.mkdir()
        if name and (self.kept / name).exists():
            shutil.copytree(self.kept / name, self.home)

    # --- commands

    def run(self, *arguments: str | Path, lines: Sequence[str] = (), strace: Sequence[str] = ()) -> Ran:
        """The real program, with these lines piped in; under strace where its options are given."""
        with _file("".join(f"{x}\n" for x in lines)) as given, _file() as out, _file() as err:
            code = subprocess.run(
                [*strace, sys.executable, "-m", "calmdesk", *map(str, arguments)],
                stdin=given,
                stdout=out,
                stderr=err,
                env=self.environment,
                # Waiting with a timeout would look again only every 50 ms; and no threads are here to be forked.
                preexec_fn=_be_done_in_time,
                check=False,
            ).returncode
            return Ran(code, _text(out), _text(err))

    def fork(self, *arguments: str | Path, lines: Sequence[str] = ()) -> Ran:
        """The same program in a fork of this process, which has read its code already: five times as fast."""
        read_the_code()
        with _file("".join(f"{x}\n" for x in lines)) as given, _file() as out, _file() as err:
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
            if pid == 0:
                for number, file in enumerate((given, out, err)):
                    os.dup2(file.fileno(), number)
                _be_done_in_time()
                become([*map(str, arguments)], self.environment)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            return Ran(code, _text(out), _text(err))


@cache
def _compile() -> None:
    """Compile the program beforehand: a start that writes what it compiled makes other system calls than the next one."""
    compileall.compile_dir(Path(calmdesk.__file__).parent, quiet=2)


def _be_done_in_time() -> None:
    """A program that hangs is ended."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(PATIENCE)


def _file(text: str = "") -> IO[bytes]:
    """A file, no pipe: a program that is killed leaves all it wrote, and never waits for a reader."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked for it closes it
    file.write(text.encode())
    file.seek(0)
    return file


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")
