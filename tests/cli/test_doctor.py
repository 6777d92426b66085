"""`doctor`: what is wrong at a desk is found and said with what to do, and nothing at the desk is changed by looking."""

from __future__ import annotations

import json
import os
import select
import shutil
import sqlite3
import struct
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from calmdesk.call import events as e
from calmdesk.call.events import Stamp
from calmdesk.cli import checking
from calmdesk.cli.checking import Check, try_to_look
from calmdesk.cli.doctor import render_checks
from calmdesk.errors import CalmdeskError
from calmdesk.journal.opening import close_journal, open_journal
from calmdesk.journal.schema import MIGRATIONS
from calmdesk.settings import read_settings
from calmdesk.terminal.locks import take_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Desk

DAY = 86_400_000
posix = pytest.mark.skipif(os.name == "nt", reason="needs a pty, a pipe with a name, or mode bits")


@pytest.fixture(autouse=True)
def _nothing_left_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rescue files of other tests, in the home folder or with what is temporary, are none of this desk's."""
    for name in ("HOME", "TMPDIR"):
        folder = tmp_path / f"users-{name.lower()}"
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))


@pytest.fixture
def ready(desk: Desk, _nothing_left_over: None) -> Desk:
    """A desk whose environment is this test's own."""
    desk.environment |= {name: os.environ[name] for name in ("HOME", "TMPDIR")}
    return desk


def look(desk: Desk, **environment: str) -> dict[str, dict[str, Any]]:
    """The findings by name (the last one of a name), and under `code` the exit code."""
    ran = desk.run("doctor", "--json", **environment)
    assert ran.err == ""
    found = json.loads(ran.out)
    assert found["schema"] == 1
    return {"code": {"is": ran.code}} | {check["check"]: check for check in found["checks"]}


def park(desk: Desk) -> None:
    assert desk.run("handle", "angry-caller", "--plain", lines=["Rosa", "1"]).code == 4


def journal_of(desk: Desk) -> Path:
    return desk.home / "journal.db"


def everything_in(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Each file with its content and mode."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    return {str(file): (file.read_bytes(), file.stat().st_mode) for file in files}


def write_at(desk: Desk, wall: int) -> None:
    """A call that began at a point of the wall clock."""
    journal = open_journal(str(desk.home))
    journal.append(None, [e.Started((), (), "phone", "")], Stamp(wall, 1, "boot"))
    close_journal(journal)


# --- the whole


def test_a_new_desk_is_ready_and_looking_at_it_leaves_nothing_behind(ready: Desk) -> None:
    found = look(ready)
    states = {name: check["state"] for name, check in found.items() if name != "code"}
    assert [name for name, state in states.items() if state != "ok"] == ["policy"]
    assert set(states) == {
        *("terminal", "colour", "letters", "font", "journal", "saving", "private", "disk", "drive"),
        *("clock", "Python", "SQLite", "calmdesk", "settings", "playbooks", "policy"),
    }
    assert found["code"]["is"] == 0
    assert not ready.home.exists()


def test_text_names_each_finding_in_a_line_and_what_to_do_below_those_that_want_it(ready: Desk) -> None:
    ran = ready.run("doctor")
    rows = ran.out.splitlines()
    assert all(len(row) <= 80 or " " not in row.strip() for row in rows)
    assert any(row.startswith("  ok    disk        ") and row.endswith("free where the journal lies.") for row in rows)
    at = next(n for n, row in enumerate(rows) if row.startswith("  LOOK  policy "))
    assert rows[at + 1].endswith("and 24 more.")
    assert rows[at + 2].strip().startswith("- `calmdesk config policy` asks")
    assert rows[-1] == "Ready for a call. To look at: policy."


def test_forty_columns_are_enough(ready: Desk) -> None:
    rows = ready.run("doctor", COLUMNS="40").out.splitlines()
    assert all(len(row) <= 40 or " " not in row.strip() for row in rows)
    assert any(row.startswith("LOOK policy: 28 values") for row in rows)


def test_the_help_says_what_the_exit_code_means(ready: Desk) -> None:
    told = " ".join(ready.run("doctor", "--help", COLUMNS="200").out.split())
    assert "with “BAD” a call may be lost or the program can't work: then the exit code is 1" in told


def test_a_look_that_fails_is_told_and_stops_no_other() -> None:
    def fail(error: Exception) -> Callable[[], list[Check]]:
        def run() -> list[Check]:
            raise error

        return run

    assert try_to_look("x", fail(CalmdeskError("Gone.", "Get it."))) == [Check("x", "LOOK", "Gone.", "Get it.")]
    (mistake,) = try_to_look("x", fail(KeyError("odd")))
    assert (mistake.state, mistake.found) == ("LOOK", "this couldn't be looked at (KeyError: 'odd').")
    (machine,) = try_to_look("x", fail(OSError(5, "Input/output error")))
    assert (machine.state, machine.found) == ("LOOK", "this couldn't be looked at: Input/output error.")


def test_what_a_finding_quotes_moves_no_cursor_and_a_command_stays_on_its_line() -> None:
    check = Check("a", "LOOK", "it\x1b[2J says \u202eso", "Then do `calmdesk journal salvage x` and look.")
    rows = list(render_checks([("Here", [check])], 42))
    assert rows[:2] == ["Here", "LOOK a: it says so"]
    assert "       `calmdesk journal salvage x` and" in rows
    assert "\x1b" not in "".join(rows)


# --- the journal


def test_a_journal_with_changed_bytes_is_bad_and_stays_as_it_is(ready: Desk) -> None:
    park(ready)
    data = bytearray(journal_of(ready).read_bytes())
    data[data.index(b"angry-caller")] ^= 1
    journal_of(ready).write_bytes(data)
    before = everything_in(ready.home)
    found = look(ready)
    assert (found["code"]["is"], found["journal"]["state"]) == (1, "BAD")
    assert "is damaged" in found["journal"]["found"]
    assert "`calmdesk journal salvage`" in found["journal"]["do"]
    assert everything_in(ready.home) == before
    assert ready.run("doctor").out.splitlines()[-1].startswith("BAD: journal. Put that right before the next call.")


@pytest.mark.parametrize("junk", [b"no database at all" * 400, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_file_that_is_no_journal_is_bad(ready: Desk, junk: bytes) -> None:
    ready.home.mkdir(mode=0o700)
    journal_of(ready).write_bytes(junk)
    assert look(ready)["journal"]["state"] == "BAD"
    assert journal_of(ready).read_bytes() == junk


def test_a_database_that_is_no_journal_is_bad(ready: Desk) -> None:
    ready.home.mkdir(mode=0o700)
    with sqlite3.connect(journal_of(ready)) as db:
        db.execute("create table other (x)")
    db.close()
    assert look(ready)["journal"]["state"] == "BAD"


def test_a_journal_that_is_gone_is_bad_and_none_is_begun(ready: Desk) -> None:
    park(ready)
    journal_of(ready).unlink()
    found = look(ready)
    assert (found["code"]["is"], found["journal"]["state"]) == (1, "BAD")
    assert "is gone or empty; it had" in found["journal"]["found"]
    assert not journal_of(ready).exists()


def test_an_older_copy_that_was_put_back_is_bad(ready: Desk, tmp_path: Path) -> None:
    park(ready)
    shutil.copy(journal_of(ready), tmp_path / "older.db")
    park(ready)
    shutil.copy(tmp_path / "older.db", journal_of(ready))
    assert "was an older copy put back?" in look(ready)["journal"]["found"]


def test_another_desks_journal_is_told(ready: Desk, tmp_path: Path) -> None:
    park(ready)
    ready.run("handle", "angry-caller", "--plain", lines=["Ben"], CALMDESK_HOME=str(tmp_path / "other"))
    shutil.copy(tmp_path / "other" / "journal.db", journal_of(ready))
    (ready.home / "journal.mark").write_text('{"desk": "bcdfg", "seq": 1}', encoding="utf-8")
    found = look(ready)["journal"]
    assert (found["state"], "it is another desk's" in found["found"]) == ("LOOK", True)


@pytest.mark.parametrize(
    ("number", "state", "said"),
    [
        (len(MIGRATIONS) + 3, "BAD", "a newer calmdesk wrote it"),
        (len(MIGRATIONS) - 1, "ok", f"(the next start makes it {len(MIGRATIONS)})"),
    ],
)
def test_a_journal_of_another_format_is_told_and_stays_in_it(ready: Desk, number: int, state: str, said: str) -> None:
    park(ready)
    with sqlite3.connect(journal_of(ready)) as db:
        db.execute(f"pragma user_version={number}")
    db.close()
    before = everything_in(ready.home)
    found = look(ready)["journal"]
    assert (found["state"], said in found["found"]) == (state, True)
    assert everything_in(ready.home) == before


def test_a_write_that_was_cut_off_is_told_and_taken_back_by_the_next_start(ready: Desk, tmp_path: Path) -> None:
    park(ready)
    cut = tmp_path / "cut"
    with sqlite3.connect(journal_of(ready), isolation_level=None) as db:
        db.execute("pragma cache_size=2")
        db.execute("begin immediate")
        db.executemany("insert into name (name) values (?)", [(f"{n:0300}",) for n in range(400)])
        shutil.copytree(ready.home, cut)
        db.execute("rollback")
    db.close()
    before = everything_in(cut)
    assert "was cut off" in look(ready, CALMDESK_HOME=str(cut))["journal"]["found"]
    assert everything_in(cut) == before
    ready.run(CALMDESK_HOME=str(cut))
    assert "every row is what was written" in look(ready, CALMDESK_HOME=str(cut))["journal"]["found"]


def test_a_journal_that_another_program_holds_is_told_and_not_waited_for(ready: Desk) -> None:
    park(ready)
    with sqlite3.connect(journal_of(ready), isolation_level=None) as db:
        db.execute("begin exclusive")
        found = look(ready)
    db.close()
    assert (found["code"]["is"], found["journal"]["state"]) == (0, "LOOK")
    assert "Another program holds the journal" in found["journal"]["found"]


@posix
def test_a_pipe_in_the_journals_place_is_bad_and_never_opened(ready: Desk) -> None:
    ready.home.mkdir(mode=0o700)
    os.mkfifo(journal_of(ready))
    assert look(ready)["journal"]["state"] == "BAD"


def test_a_parked_call_is_named_and_one_in_a_window_is_nothing_to_do_about(ready: Desk) -> None:
    park(ready)
    park(ready)
    numbers = [int(c["call"].split("-")[1]) for c in json.loads(ready.run("call", "list", "--json").out)["calls"]]
    held = take_lock(str(ready.home), numbers[0])
    assert held is not None
    found = look(ready)["open calls"]
    assert found["state"] == "LOOK"
    assert found["found"].startswith("1 call is open in a window; 1 is parked or was cut off: ")
    assert found["found"].endswith(f"-{numbers[1]}.")
    held.close()
    assert look(ready)["open calls"]["found"].startswith("2 are parked or were cut off: ")


def test_a_desk_that_is_used_for_a_week_wants_a_copy_and_knows_where_it_is(ready: Desk, tmp_path: Path) -> None:
    now = time.time_ns() // 1_000_000
    write_at(ready, now - DAY)
    assert look(ready)["copies"]["state"] == "ok"
    shutil.rmtree(ready.home)
    write_at(ready, now - 8 * DAY)
    found = look(ready)["copies"]
    assert (found["state"], "`calmdesk journal backup FILE`" in found["do"]) == ("LOOK", True)
    copy = tmp_path / "monday.db"
    assert ready.run("journal", "backup", copy).code == 0
    found = look(ready)["copies"]
    assert (found["state"], str(copy) in found["found"]) == ("ok", True)
    copy.unlink()
    assert "aren't where they were" in look(ready)["copies"]["found"]


def test_what_waits_to_be_brought_back_is_named_with_its_command(ready: Desk) -> None:
    park(ready)
    journal_of(ready).write_bytes(b"")
    ready.run()
    (aside,) = ready.home.glob("journal.corrupt-*.db")
    assert f"`calmdesk journal salvage {aside}`" in look(ready)["left over"]["do"]


# --- the machine


def test_a_home_that_is_a_file_can_save_nothing(ready: Desk) -> None:
    ready.home.write_text("no folder")
    found = look(ready)
    assert (found["code"]["is"], found["saving"]["state"]) == (1, "BAD")
    assert "CALMDESK_HOME" in found["saving"]["do"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_may_not_be_written_can_save_nothing(ready: Desk) -> None:
    park(ready)
    ready.home.chmod(0o500)
    found = look(ready)
    ready.home.chmod(0o700)
    assert (found["saving"]["state"], found["journal"]["state"]) == ("BAD", "ok")


@posix
def test_what_others_may_open_is_named_and_the_command_given_mends_it(ready: Desk) -> None:
    park(ready)
    ready.home.chmod(0o755)
    journal_of(ready).chmod(0o644)
    found = look(ready)["private"]
    assert (found["state"], str(journal_of(ready)) in found["found"]) == ("LOOK", True)
    subprocess.run(found["do"].split("`")[1], shell=True, check=True)  # noqa: S602 - as a person would paste it
    assert look(ready)["private"]["state"] == "ok"


@pytest.mark.parametrize(("free", "state"), [(5 << 30, "ok"), (150 << 20, "LOOK"), (19 << 20, "BAD")])
def test_room_that_runs_out_is_told_in_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, state: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1 << 40, 0, free))
    (check,) = checking.look_at_disk(str(tmp_path / "not" / "there"))
    assert (check.state, bool(check.do)) == (state, state != "ok")


def test_a_home_on_a_network_drive_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calmdesk.journal.drives.find_network_drive", lambda _: "nfs4")
    (check,) = checking.look_at_drive("/home/ana")
    assert (check.state, "(nfs4)" in check.found, "CALMDESK_HOME" in check.do) == ("LOOK", True, True)


def test_a_clock_that_went_back_is_bad(ready: Desk) -> None:
    write_at(ready, time.time_ns() // 1_000_000 + DAY)
    found = look(ready)
    assert (found["code"]["is"], found["clock"]["state"]) == (1, "BAD")
    assert "it went back" in found["clock"]["found"]


def test_a_time_zone_that_nobody_knows_is_told(ready: Desk) -> None:
    assert look(ready, TZ="Europe/Lisbon")["clock"]["state"] == "ok"
    found = look(ready, TZ="Europe/Lisbn")["clock"]
    assert (found["state"], "TZ names Europe/Lisbn" in found["found"]) == ("LOOK", True)


def test_versions_are_told_and_one_that_is_too_old_is_bad() -> None:
    old = {check.name: check for check in checking.look_at_versions((3, 7, 17), (3, 8, 2), "so")}
    assert (old["SQLite"].state, old["SQLite"].found) == ("BAD", "3.7.17 is too old for the journal.")
    new = {check.name: check for check in checking.look_at_versions((3, 40, 1), (3, 8, 2), "so")}
    assert (new["SQLite"].found, new["Python"].state) == ("3.40.1, so.", "ok")


# --- settings


def test_each_value_that_somebody_set_is_told_with_its_source_and_no_secret(ready: Desk) -> None:
    ready.run("config", "set", "retention", "90d")
    ready.run("config", "set", "team-key", lines=["correct horse battery"])
    ready.run("config", "set", "hook", "--", "/opt/crm/send", "--token=hush")
    out = ready.run("doctor", "--json", CALMDESK_ROLE="lead").out
    settings = [check["found"] for check in json.loads(out)["checks"] if check["check"] == "settings"]
    file = ready.home / "config.toml"
    assert settings == [
        "from CALMDESK_ROLE: role lead.",
        f"from {file}: team-key (set), retention 90d, hook /opt/crm/send ….",
    ]
    assert "horse" not in out
    assert "hush" not in out


def test_what_is_locked_and_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    system, own = tmp_path / "system.toml", tmp_path / "home" / "config.toml"
    system.write_text('lock = ["role"]\nrole = "agent"\n')
    own.parent.mkdir()
    own.write_text('retentoin = "90d"\n')
    settings = read_settings({"CALMDESK_HOME": str(own.parent)}, str(system))
    wrong, right = checking.look_at_configuration(settings)
    assert (wrong.state, "Did you mean “retention”?" in wrong.found) == ("LOOK", True)
    assert (right.state, right.listed) == ("ok", ("role agent (locked)",))


def test_many_problems_of_a_file_are_counted(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("".join(f"odd{n} = 1\n" for n in range(9)))
    checks = list(checking.look_at_configuration(read_settings({"CALMDESK_HOME": str(tmp_path)}, "")))
    assert [check.state for check in checks] == ["LOOK"] * 5
    assert checks[-1].found == "5 more to put right."


def test_folders_of_playbooks_are_named_and_one_that_is_none_is_told(ready: Desk, tmp_path: Path) -> None:
    there = tmp_path / "team"
    there.mkdir()
    ran = ready.run("doctor", "--json", CALMDESK_PLAYBOOKS=f"{there}{os.pathsep}{tmp_path / 'nowhere'}")
    missing, found = (check for check in json.loads(ran.out)["checks"] if check["check"] == "playbooks")
    assert (missing["state"], "CALMDESK_PLAYBOOKS names it" in missing["found"]) == ("LOOK", True)
    assert f"the nearest first: {there} (CALMDESK_PLAYBOOKS), those of calmdesk." in found["found"]
    assert ran.err == ""


def test_every_placeholder_is_in_the_json_and_a_policy_of_ones_own_takes_them_out(ready: Desk) -> None:
    assert look(ready)["policy"]["found"].endswith("emergency-card.")
    own = ready.home / "playbooks" / "policy.yaml"
    own.parent.mkdir(parents=True, mode=0o700)
    own.write_text("calmdesk-policy: 1\ncompany: Acme\n")
    assert look(ready)["policy"]["found"].startswith("27 values are still placeholders: team-line, ")


def test_a_policy_that_cannot_be_read_is_bad_and_an_unknown_zone_is_told(ready: Desk) -> None:
    own = ready.home / "playbooks" / "policy.yaml"
    own.parent.mkdir(parents=True, mode=0o700)
    own.write_text("calmdesk-policy: 1\ncompani: Acme\n")
    found = look(ready)
    assert (found["code"]["is"], found["policy"]["state"]) == (1, "BAD")
    assert found["policy"]["found"].startswith(f"{own}:2: A policy has no key “compani”.")
    own.write_text("calmdesk-policy: 1\ntime-zone: Europe/Lisbn\n")
    assert "this machine doesn't know Europe/Lisbn" in ready.run("doctor").out.replace("\n" + " " * 20, " ")


# --- on a terminal


class Answering:
    """A terminal that says where its cursor is, as wide as it draws; or one that says nothing.

    Args:
        widths: columns for each thing it is asked about; none, and it never answers.

    """

    def __init__(self, *widths: int) -> None:
        self.widths = list(widths)

    def run(
        self, desk: Desk, environment: dict[str, str] | None = None, size: tuple[int, int] = (80, 24)
    ) -> tuple[int, str]:
        import fcntl
        import pty
        import termios

        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        told = {**desk.environment, "TERM": "xterm-256color", **(environment or {})}
        command = [sys.executable, "-m", "calmdesk", "doctor"]
        program = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=told)
        before = termios.tcgetattr(theirs)
        out = b"".join(self._talk(ours, program))
        # A terminal is left as it was found.
        assert termios.tcgetattr(theirs) == before
        os.close(theirs)
        os.close(ours)
        return program.returncode, out.decode().replace("\r\n", "\n")

    def _talk(self, ours: int, program: subprocess.Popen[bytes]) -> Iterator[bytes]:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if select.select([ours], [], [], 0.1)[0]:
                piece = os.read(ours, 65536)
                asked = piece.count(b"\x1b[6n")
                for width in self.widths[:asked]:
                    os.write(ours, b"\x1b[7;%dR" % (width + 1))
                del self.widths[:asked]
                yield piece
            elif program.poll() is not None:
                return
        program.kill()
        pytest.fail("doctor waits for a terminal")


@posix
@pytest.mark.parametrize(("width", "said"), [(2, "a vowel sign 1 column."), (1, "a vowel sign no column.")])
def test_a_terminal_is_asked_how_wide_it_draws_a_vowel_sign(ready: Desk, width: int, said: str) -> None:
    code, out = Answering(1, width, 2).run(ready)
    assert (code, said in out) == (0, True)
    assert "xterm-256color, 80×24; calls are on a screen." in out


@posix
def test_a_terminal_that_never_answers_is_not_waited_for(ready: Desk) -> None:
    code, out = Answering().run(ready)
    assert (code, "the terminal doesn't say" in out) == (0, True)


@posix
def test_a_terminal_that_takes_bytes_for_letters_is_told(ready: Desk) -> None:
    assert "it isn't set to UTF-8." in " ".join(Answering(2, 6, 6).run(ready)[1].split())


@posix
def test_a_terminal_that_draws_bars_wide_is_told(ready: Desk) -> None:
    assert "two columns wide" in Answering(1, 2, 4).run(ready)[1]


@posix
def test_a_window_that_is_too_small_is_told(ready: Desk) -> None:
    out = Answering(1, 2, 2).run(ready, size=(36, 10))[1]
    assert "LOOK terminal: xterm-256color, 36×10; a call's screen wants 40×12." in " ".join(out.split())


@posix
@pytest.mark.parametrize("lines", [{"TERM": "dumb"}, {"ACCESSIBLE": "1"}])
def test_where_lines_are_wanted_no_code_is_sent(ready: Desk, lines: dict[str, str]) -> None:
    code, out = Answering(1, 2, 2).run(ready, lines)
    assert (code, "\x1b" in out) == (0, False)
    assert f"calls are lines of text ({next(iter(lines))})." in out


def test_colour_that_was_switched_off_is_told(ready: Desk) -> None:
    assert "off (NO_COLOR=1)" in look(ready)["colour"]["found"]
