"""lint, explore, test and explain as a trainer runs them: what stands on the screen, in JSON, and in the exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Desk

BOOK = """\
calmdesk: 1
title: Late parcel
goal: Say where it is.
facts:
  fault: {ask: "Whose slip?", one-of: {ours: Ours, theirs: Theirs}}
  price: {ask: "What did it cost?", kind: money}
steps:
  hear:
    say: "Tell me, I'm listening."
    choices:
      done: own
      in-a-hurry: gift
  own:
    principle: own
    ask: [fault, price]
    say: "I'm sorry. I'm on it."
  gift:
    ask: price
    offer: {kind: gesture, ladder: goodwill, on: price}
  close:
    say: "Goodbye."
    end: recovered
path-rules:
  - {before: gift, must-pass: own}
tests:
  - name: All of it
    facts: {fault: ours, price: 10}
    choose: [done]
    expect: {disposition: recovered, passes: [own, gift, close]}
"""
SOUND = BOOK.replace("      in-a-hurry: gift\n", "").replace("    ask: price\n    offer", "    offer")
FINDINGS = """\
main.yaml:19:5: warning[offer-before-own] Money can be offered before the failure is owned: hear (in-a-hurry) → gift.
    19 |     offer: {kind: gesture, ladder: goodwill, on: price}
             ^
   tip: Put the offer behind the step with `principle: own`, on every way.
main.yaml:24:5: error[path-rule-broken] “gift” can be reached without “own”: hear (in-a-hurry) → gift.
    24 |   - {before: gift, must-pass: own}
             ^
   tip: Change a way on this path, or the rule.
1 file read: 1 error, 1 warning. `calmdesk explain RULE` says more about one.
"""


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "main.yaml"
    file.write_text(BOOK, encoding="utf-8")
    return file


def test_findings_stand_with_their_line_a_caret_and_a_tip(desk: Desk, book: Path) -> None:
    ran = desk.run("playbook", "lint", book)
    assert (ran.code, ran.out) == (1, FINDINGS)


def test_json_has_the_keys_that_programs_rely_on(desk: Desk, book: Path) -> None:
    ran = desk.run("playbook", "lint", book, "--format", "json")
    document = json.loads(ran.out)
    assert set(document) == {"schema", "findings", "files"}
    assert document["schema"] == document["files"] == 1
    for finding in document["findings"]:
        assert set(finding) == {"rule", "severity", "path", "line", "column", "message", "tip"}
    assert [(f["rule"], f["line"], f["column"]) for f in document["findings"]] == [
        ("offer-before-own", 19, 5),
        ("path-rule-broken", 24, 5),
    ]


def test_a_workflow_gets_one_annotation_a_line(desk: Desk, book: Path) -> None:
    book.write_text(BOOK.replace('"Goodbye."', '"100%::error::x Calm down."'), encoding="utf-8")
    out = desk.run("playbook", "lint", book, "--format", "github").out
    assert len(out.splitlines()) == 3
    assert all(
        line.startswith(("::warning file=main.yaml,line=", "::error file=main.yaml,line=")) for line in out.splitlines()
    )


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        ([], 0),
        (["--max-warnings", "0"], 1),
        (["--max-warnings", "1"], 0),
        (["--max-warnings", "0", "--ignore", "long-line=its name is that long"], 0),
        (["--ignore", "long-line"], 2),
        (["--format", "xml"], 2),
    ],
)
def test_warnings_fail_only_beyond_their_budget(desk: Desk, book: Path, flags: list[str], code: int) -> None:
    book.write_text(SOUND.replace('"Goodbye."', '"' + "word " * 26 + '"'), encoding="utf-8")
    assert desk.run("playbook", "lint", book, *flags).code == code


def test_a_hundred_files_are_told_as_one_after_the_other_would_be(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(100):
        text = BOOK if n % 7 == 0 else SOUND
        (folder / f"book-{n:03}.yaml").write_text(text, encoding="utf-8")
    document = json.loads(desk.run("playbook", "lint", folder, "--format", "json").out)
    assert document["files"] == 100
    named = [f["path"].rpartition("/")[2] for f in document["findings"]]
    assert named == [f"book-{n:03}.yaml" for n in range(0, 100, 7) for _ in range(2)]


def test_fix_mends_the_file_and_says_what_it_mended(desk: Desk, book: Path) -> None:
    text = "\ufeff# The parcel.\r\n" + SOUND.replace("\n", "\r\n")
    book.write_bytes(text.replace("end: recovered", "end: recoverd  # so they say").encode())
    book.chmod(0o640)
    ran = desk.run("playbook", "lint", book, "--fix")
    assert ran.code == 0
    assert "fixed main.yaml:21: unknown-disposition" in ran.err
    assert book.read_bytes() == text.replace("end: recovered", "end: recovered  # so they say").encode()
    assert book.stat().st_mode & 0o777 == 0o640


@pytest.fixture
def watching(desk: Desk, book: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "calmdesk", "playbook", "lint", str(book), "--watch"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", env=desk.environment
    ) as program:
        yield program
        program.kill()


def read_to(program: subprocess.Popen[str], words: str) -> str:
    assert program.stdout is not None
    read = ""
    for line in program.stdout:
        read += line
        if words in line:
            return read
    raise AssertionError(read)


def test_each_save_is_answered_until_ctrl_c(watching: subprocess.Popen[str], book: Path) -> None:
    assert "path-rule-broken" in read_to(watching, "Waiting for a save")
    book.write_text(SOUND, encoding="utf-8")
    assert "nothing to say" in read_to(watching, "Waiting for a save")
    beside = book.with_suffix(".new")
    beside.write_text(SOUND.replace("end: recovered", "end: recoverd"), encoding="utf-8")
    beside.replace(book)
    assert "Did you mean “recovered”?" in read_to(watching, "Waiting for a save")
    book.unlink()
    assert "There is no file" in read_to(watching, "Waiting for a save")
    book.write_text(SOUND, encoding="utf-8")
    assert "nothing to say" in read_to(watching, "Waiting for a save")
    time.sleep(0.2)
    os.kill(watching.pid, signal.SIGINT)
    assert watching.wait(5) == 130
    assert watching.stderr is not None
    assert watching.stderr.read() == ""


def test_explore_writes_the_way_to_a_broken_rule_and_handle_walks_it(desk: Desk, book: Path, tmp_path: Path) -> None:
    ran = desk.run("playbook", "explore", book, "--write", tmp_path / "ways")
    assert ran.code == 1
    assert "path rules: 0 of 1 hold on every path." in ran.out
    (way,) = sorted((tmp_path / "ways").glob("*path-rule-broken.txt"))
    command = way.read_text(encoding="utf-8").split("\n")[1].removeprefix("# calmdesk ").split()
    walked = desk.run(*command, "--summary", "-", "--format", "json")
    assert [s["step"] for s in json.loads(walked.out)["steps"]] == ["hear", "gift"]


def test_a_way_that_comes_by_a_promise_twice_keeps_it_and_arrives(desk: Desk, book: Path, tmp_path: Path) -> None:
    text = (
        "calmdesk: 1\ntitle: T\ngoal: G.\nsteps:\n"
        '  visit: {say: "Somebody comes.", promise: {what: A visit, by: "15:00"}, choices: {no: {go: visit, at-most: 2}}}\n'
        "  close: {title: Close, end: lost}\n"
    )
    book.write_text(text, encoding="utf-8")
    ran = desk.run("playbook", "explore", book, "--write", tmp_path / "ways")
    (way,) = sorted((tmp_path / "ways").glob("*dead-end.txt"))
    lines = [line for line in way.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert lines == ["no", "keep", "no"], ran.out
    # There the call waits: the promise is asked about once more, and then nothing is left to choose.
    assert desk.run("handle", book, "--answers", way).code == 4


def test_explore_tells_ends_and_lengths(desk: Desk, book: Path) -> None:
    book.write_text(SOUND, encoding="utf-8")
    ran = desk.run("playbook", "explore", book, "--json")
    assert ran.code == 0
    (one,) = json.loads(ran.out)["playbooks"]
    assert one["exact"] is True
    assert [e["disposition"] for e in one["endings"]] == ["recovered"]
    assert one["shortest"]["steps"] == one["longest"]["steps"] == ["hear", "own", "gift", "close"]
    assert one["findings"] == []


def test_a_bounded_search_says_so(desk: Desk, book: Path) -> None:
    book.write_text(SOUND, encoding="utf-8")
    ran = desk.run("playbook", "explore", book, "--most", "2")
    assert "bounded: 2 situations looked at, there are more." in ran.out
    assert "every path" not in ran.out
    assert desk.run("playbook", "explore", book, "--most", "0").code == 2


def test_a_failed_test_is_told_with_its_line_and_its_way(desk: Desk, book: Path) -> None:
    book.write_text(SOUND.replace("passes: [own, gift, close]", "passes: [gift, own]"), encoding="utf-8")
    ran = desk.run("playbook", "test", book)
    assert ran.code == 1
    assert ran.out == (
        "FAILED  main: All of it\n"
        "   main.yaml:24: Behind “gift” it never comes to “own”: it goes on with close.\n"
        "   The situation: fault “ours”, price “10.00”.\n"
        "   The way it went: hear (done) → own → gift → close.\n"
        "main: passed through 4 of 4 steps, 1 of 1 choice, 3 of 3 lines.\n"
    )


def test_planted_faults_that_nobody_notices_are_named(desk: Desk, book: Path) -> None:
    text = SOUND.replace("      done: own\n", "      done: own\n      again: {go: hear, at-most: 1}\n")
    book.write_text(text, encoding="utf-8")
    ran = desk.run("playbook", "test", book, "--mutate")
    assert "main.yaml:12: nobody notices hear: choice again taken out" in ran.out
    document = json.loads(desk.run("playbook", "test", book, "--mutate", "--json").out)["playbooks"][0]
    assert document["mutants"]["planted"] == document["mutants"]["by_tests"] + document["mutants"]["by_rules"] + len(
        document["mutants"]["survivors"]
    )


def test_a_call_of_this_desk_becomes_a_test_that_passes(desk: Desk, book: Path) -> None:
    book.write_text(SOUND, encoding="utf-8")
    ran = desk.run("handle", book, "--plain", lines=["done", "ours", "10", "ok", "yes"])
    assert ran.code == 0, ran
    recorded = desk.run("playbook", "test", "--record", "1")
    assert recorded.code == 0, recorded
    book.write_text(SOUND.partition("tests:")[0] + "tests:\n" + recorded.out, encoding="utf-8")
    again = desk.run("playbook", "test", book)
    assert again.code == 0, again.out
    assert desk.run("playbook", "test", "--record", "77").code == 2


def test_a_playbook_with_errors_is_neither_explored_nor_tested(desk: Desk, book: Path) -> None:
    book.write_text(SOUND.replace("end: recovered", "end: recoverd"), encoding="utf-8")
    for command in ("explore", "test"):
        ran = desk.run("playbook", command, book)
        assert ran.code == 1
        assert "Did you mean “recovered”?" in ran.err
