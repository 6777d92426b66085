"""`calmdesk` alone, and the taste: what a person meets in the first five minutes."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from calmdesk.playbook.folders import built_in_folder
from tests.terminal.pty_terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Desk

BOOK = """\
calmdesk: 1
title: Two words
goal: One promise.
steps:
  say:
    title: Say it
    say: "I'll ring you."
    promise: {what: WHAT, by: BY}
    choices:
      on: {label: On, go: bye}
  bye: {title: Bye, say: "Goodbye.", end: recovered}
"""
THROUGH = ["told", "the new lamp came broken", "right", "x 1 2", "heard", "i shouting", "calm", "17:00"]


def promise(desk: Desk, folder: Path, what: str, by: str = "2h") -> None:
    book = folder / "two-words.yaml"
    book.write_text(BOOK.replace("WHAT", what).replace("BY", by), encoding="utf-8")
    assert desk.run("handle", book, lines=["on"]).code == 0


def test_on_a_new_desk_the_taste_is_named_first_and_nothing_is_made(desk: Desk) -> None:
    told = desk.run()
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert "unhappy customer" in lines[0]
    assert lines[2].split()[:2] == ["calmdesk", "taste"]
    assert not desk.home.exists() or list(desk.home.iterdir()) == []


def test_later_it_says_what_waits_in_order_and_the_taste_comes_last(desk: Desk, tmp_path: Path) -> None:
    for n in range(5):
        promise(desk, tmp_path, f"Ring number {n} about a matter that takes more words than a line has room for")
    assert desk.run("handle", "angry-caller", lines=["ready"]).code == 4
    told = desk.run().out
    lines = told.splitlines()
    assert len(lines) <= 12
    assert max(map(len, lines)) < 80
    order = [
        told.index(x) for x in ("calmdesk resume ", "calmdesk promise done", "promises:", "calmdesk handle", "taste")
    ]
    assert order == sorted(order)
    assert lines[2].startswith("A call from ")
    assert "calmdesk promise list" in told


def test_late_promises_come_first(desk: Desk, tmp_path: Path) -> None:
    promise(desk, tmp_path, "Ring Ada")
    promise(desk, tmp_path, "Ring Ben", "1s")
    time.sleep(1.1)
    rows = [row for row in desk.run().out.splitlines() if "promise done" in row]
    assert [row.split()[0] for row in rows] == ["LATE", "due"]


def test_forty_columns_hold_it_without_a_broken_command(desk: Desk, tmp_path: Path) -> None:
    promise(desk, tmp_path, "Ring Ada about the long story of the lamp that came broken twice")
    lines = desk.run(COLUMNS="40").out.splitlines()
    assert max(map(len, lines)) < 40
    assert any(row.strip().startswith("calmdesk promise done ") for row in lines)


def test_a_journal_that_cannot_be_used_is_said_and_what_to_try_stands_there_all_the_same(desk: Desk) -> None:
    desk.home.mkdir()
    with closing(sqlite3.connect(desk.home / "journal.db")) as db:
        db.execute("pragma user_version = 99")
    told = desk.run()
    assert told.code == 5
    assert "newer calmdesk" in told.err
    assert "calmdesk --help" in told.out


# --- the taste


def test_the_taste_in_lines_shows_every_kind_of_key_and_keeps_nothing(desk: Desk) -> None:
    told = desk.run("taste", lines=THROUGH)
    assert told.code == 0
    assert told.out.startswith("Only a taste: Sam isn't real")
    for part in (
        "SAY  So the new lamp came broken.",
        "ticked: Then I waited",
        "cuts in: shouting",
        "promised: Ring Sam about the new lamp by 17:00",
        "Sam starts to shout (at cut-in, and back)",
        "Nothing of it was kept.",
        "calmdesk handle angry-caller",
    ):
        assert part in told.out, part
    assert not (desk.home / "journal.db").exists()
    kept = b"".join(f.read_bytes() for f in desk.home.rglob("*") if f.is_file() and "cache" not in f.parts)
    assert b"lamp" not in kept
    assert json.loads(desk.run("call", "list", "--json").out)["calls"] == []
    assert desk.run("promise", "list").out.startswith("Nothing is promised")


def test_the_words_the_taste_tells_to_press_are_all_it_takes_on_a_screen(desk: Desk) -> None:
    terminal = Terminal(desk.environment, "taste")
    for wait, keys in (
        ("Then press 1", "1"),
        ("Type it: the new lamp came broken", "the new lamp came broken\r"),
        ("Sam says yes", "1"),
        ("tick both: a", "a"),
        ("[x] k", "1"),
        ("press i, then 1", "i"),
        ("Sam starts to shout", "1"),
        ("Enter brings the step back", "\r"),
        ("Enter brings you back here", "1"),
        ("such as 17:00", "17:00\r"),
        ("Enter goes on", "\r"),
        ("Enter ends it", "\r"),
        ("Enter closes", "\r"),
    ):
        terminal.wait(wait)
        terminal.send(keys)
    terminal.wait("That was a taste")
    terminal.end()
    terminal.close()
    assert not (desk.home / "journal.db").exists()


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_the_first_screen_of_the_taste_says_what_it_is(desk: Desk, size: tuple[int, int]) -> None:
    terminal = Terminal(desk.environment, "taste", columns=size[0], rows=size[1])
    terminal.wait("Only a taste: nothing is kept")
    assert "Then press 1" in terminal.flat
    terminal.send("\x03")
    terminal.end()
    terminal.close()


def test_who_stops_the_taste_leaves_nothing_to_resume(desk: Desk) -> None:
    told = desk.run("taste", lines=["told", "/p"])
    assert told.code == 0
    assert "stops here" in told.out
    assert desk.run("resume").code == 2


def test_the_taste_stands_among_no_real_playbooks_and_minds_no_broken_policy(desk: Desk, tmp_path: Path) -> None:
    listed = json.loads(desk.run("playbook", "list", "--json").out)["playbooks"]
    assert "taste" not in [each["id"] for each in listed]
    (tmp_path / "policy.yaml").write_text("calmdesk-policy: 1\nladders: {{{\n", encoding="utf-8")
    assert desk.run("taste", lines=THROUGH, CALMDESK_PLAYBOOKS=str(tmp_path)).code == 0


def test_the_taste_lints_clean_and_its_tests_pass(desk: Desk) -> None:
    book = f"{built_in_folder()}/taste/taste.yaml"
    assert "nothing to say" in desk.run("playbook", "lint", book).out
    assert desk.run("playbook", "test", book, "--mutate").out.count("passed  taste:") == 2
