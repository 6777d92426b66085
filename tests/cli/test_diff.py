"""`playbook diff` as a trainer runs it: two files, a file against git, a file against what calls were handled with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Desk

BOOK = """\
calmdesk: 1
title: Late parcel
goal: Say where it is.
facts:
  fault: {ask: "Whose slip?", one-of: {ours: Ours, theirs: Theirs}}
steps:
  hear:
    title: Hear them out
    say: "Tell me from the start."
    timer: 2m
    choices: {done: own, looping: hear}
  own:
    title: Own it once
    ask: fault
    say:
      - {when: {fault: ours}, line: "We got this wrong, and it cost you two days of waiting. I'm sorry, and I'm on it."}
      - {line: "I'm going to find out."}
    choices: {clear: close, again: hear}
  close: {title: Close, say: "You hear from me.", end: recovered}
tests:
  - name: All of it
    facts: {fault: ours}
    choose: [done, clear]
    expect: {disposition: recovered, says: cost you}
"""
NEW = (
    BOOK.replace("We got this wrong, and it cost you two days of waiting. I'm sorry, and I'm on it.", "That was us.")
    .replace("timer: 2m", "timer: 1m")
    .replace("looping: hear", "looping: own")
)
TOLD = """\
Before: old.yaml
Now: new.yaml

WHAT IS SAID
  Own it once, where “Whose slip?” is “Ours”
    It says:
      - We got this wrong, and it cost you two days of waiting. I'm sorry, and
        I'm on it.
      + That was us.

WAYS ON
  Hear them out, “Looping”
    It leads:
      - to “Hear them out”
      + to “Own it once”

LIMITS AND CLOCKS
  Hear them out
    The clock shows:
      - 2m
      + 1m

TESTS
  The 1 test of the older text, played on both. Otherwise now:
    “All of it” no longer passes
      Nobody said “cost you”.
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "books"
    made.mkdir()
    monkeypatch.chdir(made)
    for name, text in (("old", BOOK), ("new", NEW), ("main", BOOK)):
        (made / f"{name}.yaml").write_text(text, encoding="utf-8")
    return made


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Dana", "-c", "user.email=dana@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_two_files_are_told_apart_in_words(desk: Desk, folder: Path) -> None:
    assert folder.is_dir()
    ran = desk.run("playbook", "diff", "old.yaml", "new.yaml", COLUMNS="80")
    assert (ran.code, ran.out, ran.err) == (0, TOLD, "")


@pytest.mark.parametrize("columns", [40, 80])
def test_no_row_is_wider_than_the_terminal(columns: int, desk: Desk, folder: Path) -> None:
    assert folder.is_dir()
    out = desk.run("playbook", "diff", "old.yaml", "new.yaml", COLUMNS=str(columns)).out
    assert max(map(len, out.splitlines())) <= columns
    assert " ".join(TOLD.split()) == " ".join(out.split())


@pytest.mark.parametrize(("flags", "code"), [([], 0), (["--exit-code"], 1), (["--exit-code", "--json"], 1)])
def test_a_difference_is_an_exit_code_only_where_it_is_asked_for(
    flags: list[str], code: int, desk: Desk, folder: Path
) -> None:
    assert folder.is_dir()
    assert desk.run("playbook", "diff", "old.yaml", "new.yaml", *flags).code == code
    assert desk.run("playbook", "diff", "old.yaml", "old.yaml", *flags).code == 0


def test_nothing_different_is_said_in_a_sentence(desk: Desk, folder: Path) -> None:
    assert folder.is_dir()
    assert "Nothing differs" in desk.run("playbook", "diff", "old.yaml", "main.yaml").out


def test_json_has_the_keys_that_programs_rely_on(desk: Desk, folder: Path) -> None:
    assert folder.is_dir()
    document = json.loads(desk.run("playbook", "diff", "old.yaml", "new.yaml", "--json").out)
    assert set(document) == {"schema", "old", "new", "same", "changes", "renames", "tests", "calls"}
    assert (document["schema"], document["same"], document["renames"], document["calls"]) == (1, False, [], [])
    assert document["changes"][0] == {
        "group": "said", "playbook": "new", "step": "own", "where": "Own it once, where “Whose slip?” is “Ours”",
        "what": "It says:", "old": "We got this wrong, and it cost you two days of waiting. I'm sorry, and I'm on it.",
        "new": "That was us.",
    }  # fmt: skip
    assert document["tests"] == [
        {"name": "All of it", "passed": True, "passes": False, "difference": "Nobody said “cost you”.", "rewritten": False}
    ]  # fmt: skip


def test_a_text_with_errors_is_told_by_its_findings(desk: Desk, folder: Path) -> None:
    (folder / "new.yaml").write_text(NEW.replace("done: own", "done: onw"), encoding="utf-8")
    ran = desk.run("playbook", "diff", "old.yaml", "new.yaml")
    assert ran.code == 1
    assert "new.yaml:11:" in ran.err
    assert "Did you mean “own”?" in ran.err


def test_a_file_that_is_no_playbook_is_named_as_such(desk: Desk, folder: Path) -> None:
    (folder / "policy.yaml").write_text("calmdesk-policy: 1\n", encoding="utf-8")
    ran = desk.run("playbook", "diff", "policy.yaml", "old.yaml")
    assert ran.code == 2
    assert "policy.yaml is no playbook." in ran.err


# --- against git


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")


@needs_git
def test_a_file_is_compared_with_a_commit_and_so_is_what_it_plays(desk: Desk, folder: Path) -> None:
    (folder / "aside.yaml").write_text(
        "calmdesk: 1\ntitle: Aside\ngoal: g\nmodule: true\nsteps:\n  one: {say: First.}\n", encoding="utf-8"
    )
    text = BOOK.replace("  close: {", "  aside: {play: aside}\n  close: {").replace("clear: close", "clear: aside")
    (folder / "main.yaml").write_text(text, encoding="utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    (folder / "aside.yaml").write_text(
        "calmdesk: 1\ntitle: Aside\ngoal: g\nmodule: true\nsteps:\n  one: {say: Second.}\n", encoding="utf-8"
    )
    ran = desk.run("playbook", "diff", "main.yaml@HEAD", "main.yaml")
    assert ran.code == 0
    assert "Before: main.yaml@HEAD\nNow: main.yaml\n\nWHAT IS SAID\n  Aside: One\n" in ran.out
    assert "      - First.\n      + Second.\n" in ran.out
    assert "Nothing differs" in desk.run("playbook", "diff", "main.yaml@HEAD", "main.yaml@HEAD").out


@needs_git
@pytest.mark.parametrize(
    ("wanted", "code", "says"),
    [
        ("main.yaml@nope", 2, "git knows no revision “nope”."),
        ("main.yaml@--help", 2, "“--help” is no revision."),
        ("new.yaml@HEAD", 3, "new.yaml isn't in HEAD."),
        ("gone.yaml@HEAD", 3, "gone.yaml isn't in HEAD."),
    ],
)
def test_what_git_doesnt_have_is_said(wanted: str, code: int, says: str, desk: Desk, folder: Path) -> None:
    git(folder, "init", "-q")
    git(folder, "add", "main.yaml")
    git(folder, "commit", "-qm", "one")
    ran = desk.run("playbook", "diff", wanted, "main.yaml")
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err


@needs_git
def test_a_text_with_errors_in_a_commit_is_told_by_that_commit(desk: Desk, folder: Path) -> None:
    (folder / "main.yaml").write_text(BOOK.replace("done: own", "done: onw"), encoding="utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "main.yaml")
    git(folder, "commit", "-qm", "one")
    ran = desk.run("playbook", "diff", "main.yaml@HEAD", "new.yaml")
    assert ran.code == 1
    assert "main.yaml@HEAD can't be played as it is written." in ran.err
    assert "main.yaml:11:" in ran.err
    assert os.sep + "tmp" not in ran.err.partition("main.yaml:11:")[0]


def test_without_git_and_outside_of_it_the_way_out_is_said(desk: Desk, folder: Path, tmp_path: Path) -> None:
    ran = desk.run("playbook", "diff", "main.yaml@HEAD", "new.yaml", GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert ran.code == 3
    assert "isn't kept in git" in ran.err or "git isn't installed" in ran.err
    (folder / "empty").mkdir()
    ran = desk.run("playbook", "diff", "main.yaml@HEAD", "new.yaml", PATH=str(folder / "empty"))
    assert ran.code == 3
    assert "git isn't installed here" in ran.err


def test_a_file_with_an_at_sign_in_its_name_is_that_file(desk: Desk, folder: Path) -> None:
    (folder / "a.yaml@b.yaml").write_text(NEW, encoding="utf-8")
    assert "It says:" in desk.run("playbook", "diff", "old.yaml", "./a.yaml@b.yaml").out


# --- against what calls were handled with


def test_one_text_alone_is_compared_with_what_the_newest_call_was_handled_with(desk: Desk, folder: Path) -> None:
    assert desk.run("handle", "./main.yaml", "--plain", lines=["done", "ours", "clear"]).code == 0
    (folder / "main.yaml").write_text(NEW, encoding="utf-8")
    ran = desk.run("playbook", "diff", "main.yaml")
    assert ran.code == 0
    call = json.loads(desk.run("call", "list", "--json").out)["calls"][0]["call"]
    assert ran.out.startswith(f"Before: main as on call {call}, ")
    body = TOLD.partition("\n\n")[2]
    assert ran.out.partition("\n\n")[2] == body
    assert desk.run("handle", "./main.yaml", "--plain", lines=["done", "ours", "clear"]).code == 0
    assert "Nothing differs" in desk.run("playbook", "diff", "main.yaml").out


def test_open_calls_say_where_the_newer_text_would_take_them(desk: Desk, folder: Path) -> None:
    assert desk.run("handle", "./main.yaml", "--plain", lines=["looping"]).code == 4
    assert desk.run("handle", "./main.yaml", "--plain", lines=["done", "ours", "again"]).code == 4
    (folder / "main.yaml").write_text(NEW.replace("looping: own", "looping: close"), encoding="utf-8")
    document = json.loads(desk.run("playbook", "diff", "old.yaml", "main.yaml", "--json").out)
    assert [(c["stands"], c["lands"], c["moved"]) for c in document["calls"]] == [
        ("Hear them out", "Hear them out", False),
        ("Hear them out", "Close", True),
    ]
    text = " ".join(desk.run("playbook", "diff", "main.yaml").out.split())
    assert "OPEN CALLS" in text
    assert "With the newer text it goes on at “Close”" in text


def test_a_playbook_that_no_call_was_handled_with_says_what_to_name(desk: Desk, folder: Path) -> None:
    assert folder.is_dir()
    ran = desk.run("playbook", "diff", "main.yaml")
    assert ran.code == 2
    assert "No call on this desk was handled with “main”." in ran.err
    assert "main.yaml@HEAD" in ran.err
    assert not (desk.home / "journal.db").exists()
