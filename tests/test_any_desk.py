"""The program runs where nothing of POSIX is: proved as far as it can be on one system, and the workflow does the rest.

What can't be run here, and is therefore read, typed against the other systems' declarations (mypy), kept in small
places and played against stand-ins: `terminal/windows.py` (escape codes, typed-ahead keys, the clipboard),
`journal/locking.py` (locks of Windows), the drive and folder look-ups of `journal/drives.py` and `settings.py`,
SIGBREAK in `terminal/sitting.py`, `pbcopy` on macOS, and prompt_toolkit's and rich's own Windows halves.
"""

from __future__ import annotations

import ctypes
import errno
import importlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from calmdesk.journal.locking import lock
from calmdesk.playbook.folders import built_in_folder
from calmdesk.terminal import clipboard, hook, showing, sitting, windows
from calmdesk.terminal.locks import take_lock
from tests import wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Desk

ROOT = Path(__file__).parent.parent
ANSWERS = ROOT / "tests" / "golden" / "angry-caller-answers.txt"
WORKFLOW = ROOT / ".github" / "workflows" / "check.yml"
# Put first on the path of a program and of its workers: what only POSIX has is gone before anything is imported.
ELSEWHERE = """
import builtins, importlib.abc, multiprocessing, os, signal, sys, time

GONE = {"termios", "fcntl", "resource", "pwd", "grp", "tty", "pty", "syslog", "readline"}

class Nowhere(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in GONE:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

for name in GONE:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Nowhere())
sys.builtin_module_names = tuple(n for n in sys.builtin_module_names if n not in GONE)
for name in (
    "fork forkpty killpg getpgid setpgid setsid getsid getuid geteuid getgid getegid getgroups sched_getaffinity "
    "mkfifo mknod chown lchown fchown fchmod getloadavg nice openpty ttyname ctermid statvfs posix_spawn posix_spawnp "
    "pread pwrite O_NOFOLLOW O_DIRECTORY O_NOCTTY O_SYNC fdatasync sync uname"
).split():
    if hasattr(os, name):
        delattr(os, name)
for name in "SIGHUP SIGALRM SIGWINCH SIGTSTP SIGCONT SIGQUIT SIGUSR1 SIGUSR2 alarm setitimer pthread_kill".split():
    if hasattr(signal, name):
        delattr(signal, name)
for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC", "clock_gettime", "clock_gettime_ns", "tzset"):
    if hasattr(time, name):
        delattr(time, name)
shown = builtins.open

def open_elsewhere(file, *more, **named):
    if str(file).startswith(("/proc", "/sys", "/dev/tty")):
        raise FileNotFoundError(2, "No such file or directory", file)
    return shown(file, *more, **named)

builtins.open = open_elsewhere
multiprocessing.set_start_method("spawn")
"""
# Modules that load prompt_toolkit, which takes its Windows half by the name of the system and needs termios on others.
ON_A_SCREEN_ONLY = {"calmdesk.terminal.prompts"}


@pytest.fixture
def elsewhere(desk: Desk, tmp_path: Path) -> Desk:
    """A desk whose programs have nothing of POSIX, and whose pipes speak an old encoding."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(ELSEWHERE, encoding="utf-8")
    desk.environment |= {"PYTHONPATH": str(folder), "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}
    return desk


def python(desk: Desk, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=desk.environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- nothing of POSIX


def test_what_is_taken_away_is_really_gone(elsewhere: Desk) -> None:
    gone = python(
        elsewhere,
        "import os, importlib.util, sys\n"
        "for name in ('termios', 'fcntl', 'pwd'):\n"
        "    try: __import__(name)\n"
        "    except ImportError: print(name)\n"
        "print(hasattr(os, 'fork'), hasattr(os, 'getuid'))\n",
    )
    assert gone.split() == ["termios", "fcntl", "pwd", "False", "False"]


def test_every_module_is_imported_without_anything_of_posix(elsewhere: Desk) -> None:
    told = python(
        elsewhere,
        "import importlib, pkgutil, calmdesk\n"
        "for m in pkgutil.walk_packages(calmdesk.__path__, 'calmdesk.'):\n"
        "    if m.name.endswith('__main__'): continue\n"
        "    try: importlib.import_module(m.name)\n"
        "    except Exception as error: print(m.name, type(error).__name__, error, sep='|')\n"
        "    else: print('fine')\n".replace("import importlib,", "import sys, importlib,"),
    ).splitlines()
    assert told.count("fine") > 120
    failed = {line.partition("|")[0]: line for line in told if line != "fine"}
    assert set(failed) <= ON_A_SCREEN_ONLY, failed


def test_a_call_from_a_file_of_answers_is_the_same_without_posix(elsewhere: Desk, tmp_path: Path) -> None:
    command = ("handle", "angry-caller", "--customer", "রহিমা", "--plain", "--answers", str(ANSWERS))
    ran = elsewhere.run(*command, "--summary", tmp_path / "told.json", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    told = json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))
    assert (told["disposition"], told["facts"]["customer"]) == ("recovered", "রহিমা")
    assert "Hi রহিমা, I'm listening." in ran.out
    assert "every row is what was written" in elsewhere.run("journal", "verify").out


def test_a_call_is_parked_and_resumed_without_posix(elsewhere: Desk) -> None:
    assert elsewhere.run("handle", "angry-caller", lines=["ready", "finished"]).code == 4
    lines = ANSWERS.read_text(encoding="utf-8").splitlines()
    assert elsewhere.run("resume", lines=lines[3:]).code == 0


def test_a_rehearsal_and_its_progress_are_there_without_posix(elsewhere: Desk, tmp_path: Path) -> None:
    replies = tmp_path / "replies.txt"
    replies.write_text("That's the courier's fault.\r\nWe got this wrong, and I'm sorry.\r\n/p\r\n", encoding="utf-8")
    ran = elsewhere.run("practice", "bike-for-saturday", "--seed", "1", "--answers", replies)
    assert (ran.code, len(re.findall(r"^heat \d+ of 10", ran.out, re.MULTILINE))) == (0, 3)
    assert elsewhere.run("progress", "--json").code == 0


def test_the_coach_reads_a_reply_without_posix(elsewhere: Desk) -> None:
    ran = elsewhere.run("coach", "Please calm down.", "--format", "json")
    assert (ran.code, json.loads(ran.out)["labels"]) == (1, ["DISMISS"])


def test_what_lists_and_checks_runs_without_posix(elsewhere: Desk) -> None:
    for command in (
        ["call", "list"],
        ["promise", "list"],
        ["playbook", "list"],
        ["config", "show"],
        ["config", "path"],
    ):
        assert elsewhere.run(*command).code == 0, command
    assert elsewhere.run("doctor").code in {0, 1}
    assert elsewhere.run().code == 0


def test_many_files_are_linted_by_workers_that_are_spawned(elsewhere: Desk, desk: Desk) -> None:
    # Each worker is a new Python that has nothing of POSIX either; two cores are told where the machine has one.
    two = "import os\nos.cpu_count = lambda: 2\n"
    place = Path(elsewhere.environment["PYTHONPATH"]) / "sitecustomize.py"
    place.write_text(place.read_text(encoding="utf-8") + two, encoding="utf-8")
    spawned = elsewhere.run("playbook", "lint", built_in_folder(), "--format", "json")
    desk.environment.pop("PYTHONPATH")
    here = desk.run("playbook", "lint", built_in_folder(), "--format", "json")
    assert (spawned.code, spawned.err) == (here.code, "")
    assert json.loads(spawned.out) == json.loads(here.out)
    assert json.loads(spawned.out)["files"] > 48


def test_lint_starts_no_more_workers_than_windows_can_wait_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from concurrent import futures

    from calmdesk.cli import linting
    from calmdesk.playbook.folders import Library

    asked = []

    class Pool:
        def __init__(self, workers: int) -> None:
            asked.append(workers)
            raise KeyboardInterrupt

    monkeypatch.setattr(futures, "ProcessPoolExecutor", Pool)
    with pytest.raises(KeyboardInterrupt):
        linting._lint_many(Library((), str(tmp_path)), [f"{n}.yaml" for n in range(500)], 128)
    assert asked == [56]
    assert linting.MOST_PROCESSES == 61


@pytest.mark.parametrize("words", ["গ্রাহক, ক্ষমা", "ग्राहक, क्षमा", "“quotes” – and ✓"])
def test_words_of_any_script_come_through_pipes_of_an_old_encoding(elsewhere: Desk, words: str) -> None:
    assert elsewhere.run("handle", "angry-caller", lines=["ready", f"n {words}"]).code == 4
    [call] = json.loads(elsewhere.run("call", "list", "--json").out)["calls"]
    shown = elsewhere.run("call", "show", call["call"], "--json").out
    assert json.loads(shown)["notes"][0]["text"] == words


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["bare", "bom"])
def test_files_as_windows_editors_save_them_are_read(desk: Desk, tmp_path: Path, ending: str, mark: str) -> None:
    book = (ROOT / "tests" / "journal" / "golden" / "late-parcel.yaml").read_text(encoding="utf-8")
    for name, text in (("book.yaml", book), ("answers.txt", "x 1\n1\nthe bike is late\n")):
        (tmp_path / name).write_bytes((mark + text.replace("\n", ending)).encode())
    assert json.loads(desk.run("playbook", "lint", tmp_path / "book.yaml", "--format", "json").out)["files"] == 1
    ran = desk.run("handle", tmp_path / "book.yaml", "--answers", tmp_path / "answers.txt")
    assert (ran.code, "So the bike is late." in ran.out) == (4, True)


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_answers_that_powershell_saved_are_read(desk: Desk, tmp_path: Path, order: str) -> None:
    answers = tmp_path / "answers.txt"
    answers.write_bytes(("\ufeff" + "ready\r\nn রহিমা\r\nfinished\r\n").encode(order))
    ran = desk.run("handle", "angry-caller", "--answers", answers)
    assert (ran.code, "noted: রহিমা" in ran.out) == (4, True)
    answers.write_bytes("\ufeffWe got this wrong, and I'm sorry.\r\n/p\r\n".encode(order))
    ran = desk.run("practice", "bike-for-saturday", "--seed", "1", "--answers", answers)
    assert "> We got this wrong, and I'm sorry." in ran.out


def test_what_is_called_is_declared_on_windows_or_asked_for_first() -> None:
    # Asked for at run time, in a way that mypy doesn't see; the tests above run these without POSIX.
    guarded = {
        ("cli/__init__.py", "clock_gettime_ns"),
        ("cli/checking.py", "geteuid"),
        *(("cli/checking_terminal.py", name) for name in ("tcgetattr", "tcsetattr", "setcbreak", "TCSADRAIN", "error")),
    }
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("needs mypy")
    flags = ["--platform", "win32", "--no-warn-unreachable", "--cache-dir", ".mypy_cache/win32", "-p", "calmdesk"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *flags], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    found = re.findall(r'calmdesk[/\\](\S+?):\d+: error: Module has no attribute "(\w+)"', done.stdout)
    assert "checked" in done.stdout or "no issues" in done.stdout, done.stdout + done.stderr
    assert {(file.replace("\\", "/"), name) for file, name in found} <= guarded


# --- what only Windows has, against stand-ins


class Console:
    """What Windows' libraries would do: a console with a mode, a clipboard, memory."""

    def __init__(self, *, takes_escapes: bool = True) -> None:
        self.takes_escapes = takes_escapes
        self.mode = 0x0003
        self.flushed = 0
        self.freed = 0
        self.open = 0
        self.clipboard = b""
        self.memory: Any = None
        self.busy = False

    def library(self, name: str) -> Any:
        calls = {
            "kernel32": "GetStdHandle GetConsoleMode SetConsoleMode FlushConsoleInputBuffer "
            "GlobalAlloc GlobalLock GlobalUnlock GlobalFree",
            "user32": "OpenClipboard EmptyClipboard SetClipboardData CloseClipboard",
        }[name]
        return SimpleNamespace(**{call: self._call(call) for call in calls.split()})

    def _call(self, name: str) -> Any:
        def called(*given: Any) -> Any:
            assert len(given) == len(called.argtypes), name  # type: ignore[attr-defined]
            return getattr(self, f"_{name}")(*given)

        return called

    def _GetStdHandle(self, end: int) -> int:  # noqa: N802 - Windows' names
        return {-10: 3, -11: 7}[end]

    def _GetConsoleMode(self, handle: int, mode: Any) -> int:  # noqa: N802
        mode._obj.value = self.mode
        return int(handle == 7)

    def _SetConsoleMode(self, handle: int, mode: int) -> int:  # noqa: N802
        if mode & 4 and not self.takes_escapes:
            return 0
        self.mode = mode
        return int(handle == 7)

    def _FlushConsoleInputBuffer(self, handle: int) -> int:  # noqa: N802
        self.flushed += handle == 3
        return 1

    def _GlobalAlloc(self, _flags: int, size: int) -> int:  # noqa: N802
        self.memory = ctypes.create_string_buffer(size)
        return 11

    def _GlobalLock(self, _memory: int) -> int:  # noqa: N802
        return ctypes.addressof(self.memory)

    def _GlobalUnlock(self, _memory: int) -> int:  # noqa: N802
        return 0

    def _GlobalFree(self, _memory: int) -> int:  # noqa: N802
        self.freed += 1
        return 0

    def _OpenClipboard(self, _window: object) -> int:  # noqa: N802
        self.open += not self.busy
        return int(not self.busy)

    def _EmptyClipboard(self) -> int:  # noqa: N802
        return 1

    def _SetClipboardData(self, kind: int, _memory: int) -> int:  # noqa: N802
        assert kind == 13
        self.clipboard = self.memory.raw
        return 11

    def _CloseClipboard(self) -> int:  # noqa: N802
        self.open -= 1
        return 1


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Console:
    made = Console()
    monkeypatch.setattr(ctypes, "WinDLL", made.library, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    return made


def test_a_windows_console_is_told_to_understand_escape_codes_before_any_is_written(console: Console) -> None:
    assert showing.understands_escapes()
    assert console.mode == 0x0007


def test_a_console_that_never_learned_them_gets_lines(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    console.takes_escapes = False
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    options = SimpleNamespace(plain=False, answers="", summary="")
    on: Any = SimpleNamespace(options=options, settings=SimpleNamespace(plain=False))
    assert not showing.is_on_screen(on)
    console.takes_escapes = True
    assert showing.is_on_screen(on)


def test_where_there_is_no_windows_nothing_of_it_is_there_and_nothing_breaks() -> None:
    assert not windows.switch_on_escapes()
    assert not windows.copy_text("a line")
    windows.drop_typed()
    assert showing.understands_escapes()


def test_keys_typed_too_early_are_dropped_from_a_windows_console(console: Console) -> None:
    from calmdesk.terminal.screen import quiet_terminal

    assert quiet_terminal() is None
    assert console.flushed == 1


def test_words_of_any_script_reach_the_windows_clipboard_whole(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    written: list[str] = []
    clipboard.copy("Hi রহিমা 🙂, I'm listening.", written.append)
    assert console.clipboard.decode("utf-16-le") == "Hi রহিমা 🙂, I'm listening.\0"
    assert (written, console.open, console.freed) == ([], 0, 0)


def test_a_clipboard_that_another_program_holds_leaves_it_to_the_terminal(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setattr(os, "environ", {})
    console.busy = True
    written: list[str] = []
    clipboard.copy("a line", written.append)
    assert [text[:7] for text in written] == ["\x1b]52;c;"]
    assert console.freed == 1


@pytest.fixture
def msvcrt(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bool]]:
    """Windows' locks: a byte of a file that one may hold, and an error for whoever comes second."""
    state = {"held": False}

    def locking(_fd: int, mode: int, count: int) -> None:
        assert count == 1
        if state["held"]:
            raise OSError({2: errno.EACCES, 1: errno.EDEADLK}[mode], "Permission denied")
        state["held"] = True

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_LOCK=1, LK_NBLCK=2))
    monkeypatch.setattr(sys, "platform", "win32")
    yield state
    monkeypatch.undo()


def test_a_second_window_on_windows_is_told_that_the_call_is_open(msvcrt: dict[str, bool], tmp_path: Path) -> None:
    first = take_lock(str(tmp_path), 3)
    assert first is not None
    with closing(first):
        assert take_lock(str(tmp_path), 3) is None
        msvcrt["held"] = False
        third = take_lock(str(tmp_path), 3)
        assert third is not None
        third.close()


def test_whoever_waits_in_vain_on_windows_gets_an_error_that_says_so(msvcrt: dict[str, bool], tmp_path: Path) -> None:
    msvcrt["held"] = True
    with open(tmp_path / "lock", "a", encoding="utf-8") as file, pytest.raises(OSError, match="denied") as caught:
        lock(file, wait=True)
    assert not isinstance(caught.value, BlockingIOError)


def test_where_nothing_can_be_locked_a_call_goes_on_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    for _ in range(2):
        got = take_lock(str(tmp_path), 3)
        assert got is not None
        got.close()


def test_two_processes_lock_one_file_one_after_the_other(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with open(file, "a", encoding="utf-8") as mine:
        lock(mine, wait=False)
        code = (
            "import sys; from calmdesk.journal.locking import lock\n"
            "try: lock(open(sys.argv[1], 'a'), wait=False)\n"
            "except BlockingIOError: print('held')\n"
            "else: print('free')\n"
        )
        command = [sys.executable, "-W", "ignore", "-c", code, str(file)]
        assert subprocess.check_output(command, text=True).strip() == "held"
    assert subprocess.check_output(command, text=True).strip() == "free"


def test_a_window_that_is_closed_on_windows_hangs_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # Its number there; here the same number is a signal that nobody sends.
    monkeypatch.setattr(signal, "SIGBREAK", 21, raising=False)
    with pytest.raises(sitting.Stopped) as stopped:
        sitting._stop(21, None)
    assert stopped.value.code == 129
    before = signal.getsignal(21)
    try:
        sitting.catch_signals()
        assert signal.getsignal(21) is sitting._stop
    finally:
        for number in (21, signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, before if number == 21 else signal.SIG_DFL)


def test_a_hook_on_windows_is_found_by_its_ending_and_never_without_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("notify", "notify.EXE", "send.cmd"):
        (tmp_path / name).write_text("", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PATHEXT", os.pathsep.join([".COM", ".EXE", ".cmd"]))
    assert hook._find("notify") == str(tmp_path / "notify")
    monkeypatch.setattr(sys, "platform", "win32")
    assert hook._find("notify") == str(tmp_path / "notify.EXE")
    assert hook._find("send.cmd") == str(tmp_path / "send.cmd")
    assert hook._find("nothing") == ""


# --- the workflow


def read_commands() -> list[str]:
    """The commands of README that install, handle a call, test and check."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith(("pip install", "ruff check"))]


def read_workflow() -> Any:
    # `on` is a yes in YAML 1.1; as text it stays the key that it is.
    return yaml.load(WORKFLOW.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - text only


def test_the_workflow_runs_the_readmes_commands_in_its_order() -> None:
    commands = read_commands()
    assert len(commands) >= 3
    runs = [step["run"] for step in read_workflow()["jobs"]["readme"]["steps"] if "run" in step]
    found = [next((n for n, run in enumerate(runs) if run.startswith(command)), -1) for command in commands]
    assert found == sorted(found), f"{commands} in {runs}"
    assert -1 not in found, f"{commands} in {runs}"


def test_the_workflow_runs_on_three_systems_with_the_oldest_python_and_a_newer_one() -> None:
    matrix = read_workflow()["jobs"]["readme"]["strategy"]["matrix"]
    assert {name.partition("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    oldest = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert oldest is not None
    versions = [tuple(map(int, v.split("."))) for v in matrix["python"]]
    assert versions[0] == tuple(map(int, oldest[1].split(".")))
    assert versions[-1] >= tuple(map(int, wheel.PYTHONS[-1].split(".")))


def test_the_workflow_may_only_read_and_knows_no_secret() -> None:
    workflow = read_workflow()
    assert workflow["permissions"] == {"contents": "read"}
    assert set(workflow) >= {"name", "on", "jobs"}
    assert "secrets" not in WORKFLOW.read_text(encoding="utf-8")
    for job in workflow["jobs"].values():
        assert "timeout-minutes" in job
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step)


def test_what_the_workflow_names_is_there() -> None:
    runs = [step["run"] for job in read_workflow()["jobs"].values() for step in job["steps"] if "run" in step]
    for name in re.findall(r"tests/[\w./-]+", "\n".join(runs)):
        assert (ROOT / name).exists(), name
    for module in re.findall(r"python -m (tests[\w.]*)", "\n".join(runs)):
        assert importlib.util.find_spec(module) is not None, module


# --- the wheel


@pytest.mark.skipif(importlib.util.find_spec("hatchling") is None, reason="needs hatchling, which builds the wheel")
def test_the_wheel_works_without_the_checkout(tmp_path: Path) -> None:
    made = wheel.build(tmp_path, "--no-build-isolation", "--no-index")
    wheel.check_files(made)
    site, work = tmp_path / "site", tmp_path / "work"
    work.mkdir()
    # Its packages are this Python's; the program itself comes from the wheel, before any checkout on the path.
    shutil.unpack_archive(made, site, "zip")
    wheel.work_with(wheel.Installed(sys.executable, work, PYTHONPATH=str(site)))


def test_a_wheel_that_lacks_a_file_is_found_out(tmp_path: Path) -> None:
    import zipfile

    made = tmp_path / "calmdesk-0-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as inside:
        inside.writestr("calmdesk/__init__.py", "")
    with pytest.raises(wheel.WheelError, match=r"angry-caller\.yaml"):
        wheel.check_files(made)


def test_the_checkout_is_not_taken_for_the_wheel(tmp_path: Path) -> None:
    with pytest.raises(wheel.WheelError, match="this is the checkout"):
        wheel.work_with(wheel.Installed(sys.executable, tmp_path, PYTHONPATH=str(ROOT / "src")))
