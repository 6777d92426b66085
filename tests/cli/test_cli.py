"""Bad input gets one clear sentence, what to do next, the exit code of cli.md, and nothing is lost."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Desk

TOP = Path(__file__).parent.parent.parent
BOOK = """
calmdesk: 1
title: Two steps
goal: Say it.
facts:
  problem: {ask: "The problem?"}
  price: {ask: "What did it cost?", kind: money}
steps:
  hello:
    ask: problem
    say: "So {problem}."
    choices:
      yes: bye
      no: {go: hello, forget: problem, at-most: 1}
  bye:
    say: "Goodbye."
    promise: {what: "Call about {problem}", by: 24h}
    end: recovered
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    file = tmp_path / "two.yaml"
    file.write_text(BOOK, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["handle", "angry-caler"], 2, "Did you mean “angry-caller”?"),
        (["handle", "./nowhere.yaml"], 3, "There is no file"),
        (["handle", "."], 2, "no playbook"),
        (["handle", "./"], 3, "is a folder"),
        (["handle", "steady"], 2, "is a module"),
        (["handle", "angry-caller", "--fact", "falt=ours"], 2, "Did you mean “fault”?"),
        (["handle", "angry-caller", "--fact", "fault"], 2, "--fact KEY=VALUE"),
        (["handle", "angry-caller", "--fact", "fault=mine"], 2, "isn't one of"),
        (["handle", "angry-caller", "--answers", "nowhere.txt"], 3, "can't be read"),
        (["handle", "angry-caller", "--summary", "/nowhere/at/all.txt"], 3, "can't be written"),
        (["handle", "angry-caller", "--format", "xml"], 2, "text, md or json"),
        (["handle", "angry-caller", "--channel", "fax"], 2, "phone, chat, email or desk"),
        (["handle", "angry-caller", "--nope"], 2, "No such option"),
        (["handle"], 2, "No playbook was picked"),
        (["resume"], 2, "no call to resume"),
        (["resume", "zzzzz-9"], 2, "no call “zzzzz-9”"),
        (["call", "show", "77"], 2, "no call “77”"),
        (["promise", "done", "7.1"], 2, "no promise “7.1”"),
        (["playbook", "lint", "nowhere.yaml"], 3, "There is no file"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_a_mistake_gets_a_sentence_and_its_exit_code(desk: Desk, arguments: list[str], code: int, says: str) -> None:
    ran = desk.run(*arguments)
    assert ran.code == code, ran
    assert says in " ".join(ran.err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (BOOK.replace("yes: bye", "yes: by"), 13, "Did you mean “bye”?"),
        (BOOK.replace("title:", "titel:"), 3, "Did you mean “title”?"),
        ("calmdesk: 1\ntitle: {{{\n", 2, "group"),
        ("", 1, "no playbook in this file"),
        ("caf\xe9".encode("latin-1"), 1, "UTF-8"),
    ],
)
def test_a_playbook_with_errors_is_told_with_its_line(
    desk: Desk, book: Path, text: str | bytes, line: int, says: str
) -> None:
    book.write_bytes(text if isinstance(text, bytes) else text.encode())
    ran = desk.run("handle", book)
    assert ran.code == 1
    assert f":{line}:" in ran.err
    assert says in ran.err


def test_a_broken_edit_never_stops_a_call(desk: Desk, book: Path) -> None:
    assert desk.run("handle", book, lines=["it leaks", "yes"]).code == 0
    book.write_text(BOOK.replace("end: recovered", "end: recoverd"), encoding="utf-8")
    ran = desk.run("handle", book, lines=["it leaks", "yes"])
    assert ran.code == 0
    assert "Did you mean “recovered”?" in ran.err
    assert "last good text" in ran.err


def test_answers_that_run_out_park_the_call_and_resume_takes_more(desk: Desk, book: Path, tmp_path: Path) -> None:
    ran = desk.run("handle", book, lines=["it leaks"])
    assert ran.code == 4
    assert "resume" in ran.err
    more = tmp_path / "more.txt"
    more.write_text("# what they say\n\nyes\n", encoding="utf-8")
    ran = desk.run("resume", "--answers", more, "--summary", "-", "--format", "json")
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["facts"] == {"problem": "it leaks"}
    assert told["promises"][0]["what"] == "Call about it leaks"
    assert [s["step"] for s in told["steps"]] == ["hello", "bye"]


def test_a_journal_of_a_newer_calmdesk_is_refused_and_not_touched(desk: Desk, book: Path) -> None:
    desk.home.mkdir()
    file = desk.home / "journal.db"
    db = sqlite3.connect(file)
    db.execute("create table later (x)")
    db.execute("pragma user_version = 99")
    db.commit()
    db.close()
    before = file.read_bytes()
    ran = desk.run("handle", book, lines=["it leaks"])
    assert ran.code == 5
    assert "newer calmdesk" in ran.err
    assert file.read_bytes() == before


def test_a_file_that_is_no_journal_is_moved_aside_and_said_and_the_call_goes_on(desk: Desk, book: Path) -> None:
    desk.home.mkdir()
    data = b"not a database at all, but long enough to look like one" * 40
    (desk.home / "journal.db").write_bytes(data)
    ran = desk.run("handle", book, lines=["it leaks", "yes"])
    assert ran.code == 0
    aside = next(desk.home.glob("journal.corrupt-*.db"))
    assert aside.read_bytes() == data
    assert aside.name in ran.err


def test_data_goes_to_stdout_and_all_else_to_stderr(desk: Desk, book: Path) -> None:
    ran = desk.run("handle", book, "--summary", "-", "--format", "json", lines=["it leaks", "yes"])
    assert json.loads(ran.out)["disposition"] == "recovered"
    assert "SAY  So it leaks." in ran.err


def test_the_wrap_up_is_written_in_three_forms(desk: Desk, book: Path, tmp_path: Path) -> None:
    for form, begins in (("text", "Two steps — Put right"), ("md", "# Two steps — Put right"), ("json", "{")):
        file = tmp_path / f"wrap.{form}"
        assert desk.run("handle", book, "--summary", file, "--format", form, lines=["it leaks", "yes"]).code == 0
        assert file.read_text(encoding="utf-8").startswith(begins)


def test_promises_are_listed_late_first_moved_and_done(desk: Desk, book: Path) -> None:
    lines = ["/r send the form by +2h", "it leaks", "yes"]
    assert desk.run("handle", book, lines=lines).code == 0
    listed = json.loads(desk.run("promise", "list", "--json").out)["promises"]
    assert [p["what"] for p in listed] == ["send the form", "Call about it leaks"]
    assert desk.run("promise", "move", listed[1]["promise"], "2020-01-01T09:00").code == 0
    moved = json.loads(desk.run("promise", "list", "--json").out)["promises"]
    assert [(p["what"], p["late"]) for p in moved] == [("Call about it leaks", True), ("send the form", False)]
    assert "LATE" in desk.run().out
    assert desk.run("promise", "done", listed[1]["promise"]).code == 0
    done = json.loads(desk.run("promise", "list", "--json").out)["promises"]
    assert {p["what"]: p["kept"] for p in done} == {"send the form": None, "Call about it leaks": True}


def test_files_are_private_to_the_user(desk: Desk, book: Path) -> None:
    desk.run("handle", book, lines=["it leaks"])
    for file in desk.home.rglob("*"):
        assert file.stat().st_mode & 0o077 == 0, file


HOSTILE = "x\x1b]52;c;QUJD\x07\x9b2J\u202eevil\x00"


def test_nothing_that_was_typed_reaches_a_terminal_raw(desk: Desk, book: Path) -> None:
    typed = HOSTILE.replace("\x00", "")
    ran = desk.run("handle", book, lines=[typed, f"n {typed}", "yes"])
    told = ran.out + ran.err + desk.run("call", "list").out + desk.run("promise", "list").out
    name = json.loads(desk.run("call", "list", "--json").out)["calls"][0]["call"]
    told += desk.run("call", "show", name, "--json").out + desk.run("call", "summary", name, "--format", "md").out
    for bad in ("\x1b", "\x9b", "\x07", "\u202e"):
        assert bad not in told


def test_bare_calmdesk_says_what_waits_and_what_to_try(desk: Desk, book: Path) -> None:
    first = desk.run()
    assert first.code == 0
    assert "calmdesk handle angry-caller" in first.out
    desk.run("handle", book, lines=["it leaks"])
    assert "calmdesk resume" in desk.run().out


def test_every_command_of_the_readme_is_known(desk: Desk) -> None:
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    commands = {tuple(m.split()[:2]) for m in re.findall(r"^calmdesk ([a-z-]+(?: [a-z-]+)?)", readme, re.MULTILINE)}
    assert ("handle", "angry-caller") in commands
    for first, *second in commands:
        group = [first, *second] if first in {"call", "promise", "playbook", "journal"} else [first]
        assert desk.run(*group, "--help").code == 0, group


def test_the_journal_is_verified_and_a_changed_row_is_found(desk: Desk, book: Path) -> None:
    desk.run("handle", book, lines=["it leaks", "n she is kind", "yes"])
    assert "every row is what was written" in desk.run("journal", "verify").out
    with closing(sqlite3.connect(desk.home / "journal.db")) as db, db:
        db.execute("delete from words where seq = 2")
    ran = desk.run("journal", "verify")
    assert (ran.code, "nobody asked to forget them" in ran.err) == (5, True)
    with closing(sqlite3.connect(desk.home / "journal.db")) as db, db:
        db.execute("drop trigger event_fixed")
        db.execute("update event set wall = wall + 1 where seq = 3")
    ran = desk.run("journal", "verify")
    assert ran.code == 5
    assert "row 3" in ran.err


def test_a_backup_is_a_whole_journal_and_replaces_nothing(desk: Desk, book: Path, tmp_path: Path) -> None:
    desk.run("handle", book, lines=["it leaks", "yes"])
    copy = tmp_path / "other" / "journal.db"
    copy.parent.mkdir()
    assert desk.run("journal", "backup", copy).code == 0
    assert copy.stat().st_mode & 0o077 == 0
    assert (
        desk.run("call", "list", "--json", CALMDESK_HOME=str(copy.parent)).out == desk.run("call", "list", "--json").out
    )
    again = desk.run("journal", "backup", copy)
    assert again.code == 3
    assert "is there already" in again.err
