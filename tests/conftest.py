"""What the tests share: books made from a test's own text, a desk in a folder of its own, golden screens."""

from __future__ import annotations

import atexit
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import settings

from calmdesk.call.events import Stamp
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from tests import warm
from tests.forms import LONG, often

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calmdesk.playbook.model import Edition

# A busy machine is no failure: the tests of speed are the benchmarks.
settings.register_profile("calmdesk", deadline=None, max_examples=often(20, 100))
settings.load_profile("calmdesk")

GOLDEN = Path(__file__).parent / "golden"
HERE = Path(__file__).parent
# What only POSIX has: a terminal of one's own, signals, modes and owners of files.
POSIX = re.compile(
    r"pty_terminal|^import (?:fcntl|pty|termios)$|geteuid|mkfifo|SIG(?:HUP|KILL|ALRM)|tzset\(|st_mode|chmod",
    re.MULTILINE,
)
if sys.platform == "win32":
    collect_ignore = [
        str(f.relative_to(HERE)) for f in HERE.rglob("test_*.py") if POSIX.search(f.read_text(encoding="utf-8"))
    ]
# A program that takes longer (seconds) hangs.
PATIENCE = 60
# 2026-11-25 14:05:00 UTC, a Wednesday.
NOON = Stamp(1_795_615_500_000, 1_000_000, "boot")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden screens anew; read the diff")


def pytest_xdist_auto_num_workers() -> int:
    """Two workers a core for `-n auto`: half of what a test takes is waiting for a terminal or a clock."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests read the clock of one place."""
    monkeypatch.setenv("TZ", "UTC")
    import time

    if hasattr(time, "tzset"):
        time.tzset()


@pytest.fixture
def books(tmp_path: Path) -> Callable[..., Edition]:
    """`books(text, other=text …)`: an edition of a playbook and the files beside it, written to a folder."""

    def make(text: str, **others: str) -> Edition:
        folder = tmp_path / "books"
        folder.mkdir(exist_ok=True)
        for name, body in {"main": text, **others}.items():
            (folder / f"{name.replace('_', '-')}.yaml").write_text(body, encoding="utf-8")
        library = Library((os.path.abspath(built_in_folder()),), str(tmp_path / "cache"))
        return open_edition(library, str(folder / "main.yaml")).edition

    return make


def morning() -> str:
    """A time zone in which it is eight o'clock in the morning, or a little later: there, 17:00 is today."""
    ahead = (8 - datetime.now(UTC).hour) % 24
    # POSIX counts to the west.
    return f"MOR{-(ahead - 24 if ahead > 12 else ahead):+d}"


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> Stamp:
        return self.at

    def pass_ms(self, ms: int) -> None:
        self.at = self.at._replace(wall=self.at.wall + ms, mono=self.at.mono + ms)


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Desk:
    """The real program, run with a home of its own and a scrubbed environment, in the morning."""

    def __init__(self, home: Path) -> None:
        self.home = home
        keep = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV"}}
        self.environment = {**keep, "CALMDESK_HOME": str(home), "TZ": morning(), "NO_COLOR": "1", "PYTHONUTF8": "1"}

    def run(self, *arguments: str | Path, lines: Sequence[str] | None = None, **environment: str) -> Ran:
        """Run `calmdesk …`; `lines` are piped in (no terminal, nothing to read, where there are none)."""
        told = {**self.environment, **environment}
        given = "".join(f"{x}\n" for x in lines or ()).encode()
        words = [*map(str, arguments)]
        if LONG or not warm.can_start(told):
            command = [sys.executable, "-m", "calmdesk", *words]
            done = subprocess.run(command, input=given, capture_output=True, env=told, timeout=PATIENCE, check=False)
            ran = Ran(done.returncode, _text(done.stdout), _text(done.stderr))
        else:
            code, out, err = _keeper().run(words, given, told, PATIENCE)
            ran = Ran(code, _text(out), _text(err))
        assert "Traceback" not in ran.err, ran.err
        return ran


def _text(said: bytes) -> str:
    return said.decode("utf-8").replace("\r\n", "\n")


@cache
def _keeper() -> warm.Keeper:
    keeper = warm.Keeper()
    atexit.register(keeper.end)
    return keeper


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden(name, text)`: the text is what `tests/golden/NAME.txt` says, to the letter."""

    def compare(name: str, text: str) -> None:
        file = GOLDEN / f"{name}.txt"
        if request.config.getoption("--update-golden"):
            file.write_text(text + "\n", encoding="utf-8")
        assert text + "\n" == file.read_text(encoding="utf-8")

    return compare
