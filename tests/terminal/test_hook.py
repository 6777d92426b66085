"""A hook gets the call's exact JSON, and whatever it does, the call goes on at once."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from calmdesk.terminal.hook import run_hook

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the commands here are shell scripts")
DOCUMENT = '{"call": "bvrgm-12", "note": "“ধন্যবাদ”, Zoë\\n"}'
LARGE = "x" * 5_000_000
# Of a busy machine; the commands here would take 30.
AT_ONCE = 10


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Where the commands of a test write what they saw; `write` makes one."""
    return tmp_path / "hook"


def write(file: Path, *lines: str) -> Path:
    file.write_text("\n".join(["#!/bin/sh", *lines]) + "\n", encoding="utf-8")
    file.chmod(0o700)
    return file


def wait_for(file: Path) -> bytes:
    """What a command wrote, once it has put it in its place."""
    for _ in range(AT_ONCE * 100):
        if file.exists():
            return file.read_bytes()
        time.sleep(0.01)
    raise AssertionError(f"{file} never came")


def test_a_command_gets_the_exact_bytes_on_standard_input(script: Path, tmp_path: Path) -> None:
    write(script, 'cat > "$1.part"', 'mv "$1.part" "$1"')
    got = tmp_path / "got it"
    assert run_hook([str(script), str(got)], DOCUMENT) == ""
    assert wait_for(got) == DOCUMENT.encode()


def test_a_large_document_arrives_whole(script: Path, tmp_path: Path) -> None:
    write(script, 'cat > "$1.part"', 'mv "$1.part" "$1"')
    run_hook([str(script), str(tmp_path / "got")], LARGE)
    assert wait_for(tmp_path / "got") == LARGE.encode()


def test_half_a_character_of_somebodys_paste_still_is_json(script: Path, tmp_path: Path) -> None:
    write(script, 'cat > "$1.part"', 'mv "$1.part" "$1"')
    assert run_hook([str(script), str(tmp_path / "got")], '"\ud83d"') == ""
    assert wait_for(tmp_path / "got") == b'"\\ud83d"'


@pytest.mark.parametrize("document", [DOCUMENT, LARGE])
def test_a_command_that_sleeps_and_never_reads_delays_nothing(script: Path, tmp_path: Path, document: str) -> None:
    write(script, 'echo $$ > "$1.part"', 'mv "$1.part" "$1"', "exec sleep 30")
    begun = time.monotonic()
    assert run_hook([str(script), str(tmp_path / "pid")], document) == ""
    assert time.monotonic() - begun < AT_ONCE
    os.kill(int(wait_for(tmp_path / "pid")), signal.SIGKILL)


def test_the_program_can_end_while_the_command_goes_on(script: Path, tmp_path: Path) -> None:
    write(script, "sleep 0.5", 'cat > "$1.part"', 'mv "$1.part" "$1"')
    code = "import sys; from calmdesk.terminal.hook import run_hook; run_hook(sys.argv[1:], 'after')"
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code, str(script), str(tmp_path / "got")],
        capture_output=True, text=True, timeout=20, check=True,
    )  # fmt: skip
    assert not (tmp_path / "got").exists()
    assert (done.stdout, done.stderr) == ("", "")
    assert wait_for(tmp_path / "got") == b"after"


def test_what_a_command_writes_goes_nowhere(script: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(script, "echo out", "echo err >&2", 'touch "$1"')
    run_hook([str(script), str(tmp_path / "done")], DOCUMENT)
    wait_for(tmp_path / "done")
    assert capfd.readouterr() == ("", "")


def test_an_argument_is_never_a_shells(script: Path, tmp_path: Path) -> None:
    write(script, 'printf %s "$2" > "$1.part"', 'mv "$1.part" "$1"')
    run_hook([str(script), str(tmp_path / "got"), "$(touch evil); `id` *"], DOCUMENT)
    assert wait_for(tmp_path / "got") == b"$(touch evil); `id` *"


# --- where it can't start


def test_without_a_command_nothing_is_done() -> None:
    assert run_hook([], DOCUMENT) == ""


@pytest.mark.parametrize("command", ["/nowhere/crm", "crm-that-nobody-has", "./hook", "bin/hook", "", "a\0b", "/a\0b"])
def test_a_missing_command_is_one_sentence(command: str) -> None:
    said = run_hook([command], DOCUMENT)
    assert said.startswith("The hook couldn't start: ")
    assert said.isprintable()
    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [("#!/bin/sh\n", 0o600, "Permission denied"), ("no program", 0o700, "Exec format error"),
     ("#!/nowhere/sh\n", 0o700, "No such file")],
)  # fmt: skip
def test_a_file_that_is_no_command_is_one_sentence(script: Path, text: str, mode: int, says: str) -> None:
    script.write_text(text)
    script.chmod(mode)
    assert says in run_hook([str(script)], DOCUMENT)


def test_a_folder_is_no_command(tmp_path: Path) -> None:
    assert "Permission denied" in run_hook([str(tmp_path)], DOCUMENT)


def test_without_a_place_for_the_document_it_is_one_sentence(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    assert "No space left" in run_hook([str(write(script, "exit 0"))], DOCUMENT)


# --- what it inherits


def test_a_name_is_looked_for_on_the_path_and_never_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, programs = tmp_path / "project", tmp_path / "programs"
    for folder in (project, programs):
        folder.mkdir()
        write(folder / "crm", f'echo {folder.name} > "$1.part"', 'mv "$1.part" "$1"')
    monkeypatch.chdir(project)
    monkeypatch.setenv("PATH", f":.:{programs}:{os.environ['PATH']}")
    assert run_hook(["crm", str(tmp_path / "got")], DOCUMENT) == ""
    assert wait_for(tmp_path / "got") == b"programs\n"


def test_it_runs_in_the_home_folder_whatever_folder_one_stands_in(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(script, 'pwd -P > "$1.part"', 'mv "$1.part" "$1"')
    monkeypatch.setenv("HOME", str(tmp_path))
    run_hook([str(script), str(tmp_path / "got")], DOCUMENT)
    assert wait_for(tmp_path / "got").decode().strip() == os.path.realpath(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "gone"))
    run_hook([str(script), str(tmp_path / "root")], DOCUMENT)
    assert wait_for(tmp_path / "root") == b"/\n"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux says what a process inherits")
def test_it_hears_signals_again_that_are_ignored_while_a_call_is_parked(script: Path, tmp_path: Path) -> None:
    write(script, 'grep -E "^Sig(Ign|Blk)" /proc/self/status > "$1.part"', 'mv "$1.part" "$1"')
    before = {s: signal.signal(s, signal.SIG_IGN) for s in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)}
    try:
        run_hook([str(script), str(tmp_path / "got")], DOCUMENT)
        assert all(signal.getsignal(s) == signal.SIG_IGN for s in before)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for line in wait_for(tmp_path / "got").decode().splitlines():
        assert int(line.split()[1], 16) == 0, line


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="Linux says what a process inherits")
def test_it_gets_its_document_a_session_and_no_other_file_of_ours(script: Path, tmp_path: Path) -> None:
    write(
        script,
        'exec 3> "$1.part"',
        'echo "$(cut -d" " -f6 /proc/$$/stat) $$" >&3',
        "ls -l /proc/$$/fd >&3",
        'mv "$1.part" "$1"',
    )
    journal = tmp_path / "journal.db"
    with journal.open("w") as file:
        os.set_inheritable(file.fileno(), True)  # noqa: FBT003 - it takes no names
        run_hook([str(script), str(tmp_path / "got")], DOCUMENT)
        first, *listed = wait_for(tmp_path / "got").decode().splitlines()
    session, own = first.split()
    assert session == own
    assert "journal.db" not in "\n".join(listed)
    stdin = next(x for x in listed if " 0 -> " in x)
    assert stdin.endswith("(deleted)"), "the document has no name that anybody could open"


def test_the_document_is_private_to_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []

    def start(_command: list[str], file: object) -> None:
        modes.append(stat.S_IMODE(os.fstat(file.fileno()).st_mode))  # type: ignore[attr-defined]

    monkeypatch.setattr("calmdesk.terminal.hook._start", start)
    old = os.umask(0)
    try:
        assert run_hook([str(write(tmp_path / "hook"))], DOCUMENT) == ""
    finally:
        os.umask(old)
    assert modes == [0o600]


def test_many_calls_leave_no_dead_commands_behind(script: Path, tmp_path: Path) -> None:
    write(script, 'touch "$1"')
    for n in range(5):
        run_hook([str(script), str(tmp_path / str(n))], DOCUMENT)
        wait_for(tmp_path / str(n))
    time.sleep(0.2)
    subprocess.run(["true"], check=True)
    children = subprocess.run(
        ["ps", "-o", "stat=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False
    )
    assert children.stdout.count("Z") == 0, children.stdout
