"""The real program on a real pty: words first, keys, signals, resume, and the same events as in lines."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from calmdesk.journal.codec import encode
from calmdesk.journal.opening import open_journal
from tests.terminal.pty_terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Desk

BOOK = """
calmdesk: 1
title: Delivery
goal: A true date.
facts:
  problem: {ask: "The problem in one sentence"}
  fault: {ask: "Whose slip?", one-of: {ours: {label: Ours, slip: ours}, theirs: {label: Theirs, slip: customer}}}
  price: {ask: "What did it cost?", kind: money}
  fix-by: {ask: "By when?", kind: time}
interruptions:
  anger: {label: They shout, card: {say: "Breathe out."}}
steps:
  hear:
    say: "Tell me from the start."
    check: [They finished]
    choices:
      finished: check
  check:
    ask: problem
    say: "So {problem}."
    choices:
      yes: own
      no: {label: Not quite, go: hear, forget: problem, at-most: 2, then: own}
  own:
    principle: own
    ask: fault
    say: "We got this wrong."
    must-check: [Said once]
  fix:
    ask: [fix-by, price]
    say: "You have it by {fix-by}."
    promise: {what: "Fixed: {problem}", by: "{fix-by}"}
  good:
    offer: {kind: gesture, ladder: goodwill, on: price}
    say: "Something for the trouble."
  close:
    say: "Did I miss anything?"
    end: recovered
"""
# The same call: keys on the screen with what shows then, and lines in plain mode.
KEYS = [
    (" ", "[x]"),
    ("1", "The problem in one sentence"),
    ("the bike is late\r", "Not quite"),
    ("2", "Tell me from the start."),
    ("i", "What cuts in?"),
    ("1", "Breathe out."),
    ("\r", "Tell me from the start."),
    ("1", "The problem in one sentence"),
    ("the red bike is late\r", "So the red bike is late."),
    ("1", "Whose slip?"),
    ("2", "Tick what is done"),
    ("b", "Whose slip?"),
    ("1", "Tick what is done"),
    (" ", "By when?"),
    ("17:00\r", "What did it cost?"),
    ("8.90\r", "Enter goes on"),
    ("n", "Note"),
    ("she is kind\r", "noted: she is kind"),
    ("\r", "Offer as a gesture: 13.35 USD?"),
    ("\r", "Did they accept"),
    ("1", "Enter goes on"),
    ("\r", "Did I miss anything?"),
    ("\r", "Delivery — Put right"),
]
LINES = [
    "x 1",
    "1",
    "the bike is late",
    "no",
    "i anger",
    "1",
    "the red bike is late",
    "yes",
    "theirs",
    "b",
    "ours",
    "x 1",
    "17:00",
    "8.90",
    "ok",
    "yes",
]


@pytest.fixture
def book(tmp_path: Path) -> str:
    file = tmp_path / "delivery.yaml"
    file.write_text(BOOK, encoding="utf-8")
    return str(file)


@pytest.fixture
def terminals(desk: Desk) -> Iterator[Any]:
    """`terminals(arguments, columns=…, rows=…)`: the program on a terminal, closed at the end."""
    opened: list[Terminal] = []

    def make(*arguments: str, columns: int = 80, rows: int = 24, **environment: str) -> Terminal:
        opened.append(Terminal({**desk.environment, **environment}, *arguments, columns=columns, rows=rows))
        return opened[-1]

    yield make
    for terminal in opened:
        terminal.close()


def recorded(desk: Desk, *, call: int | None = None) -> list[Any]:
    """What a call left in the journal, without times, Parked and Resumed."""
    journal = open_journal(str(desk.home))
    number = call or journal.calls()[0]
    rows = [encode(entry.event) for entry in journal.read(number)]
    journal.close()
    keep = [r for r in rows if r.kind not in {"Parked", "Resumed", "Noted", "SaidOtherwise"}]
    return [(r.kind, r.data if r.kind != "Held" else [], r.words) for r in keep]


def shows(terminal: Terminal, steps: list[tuple[str, str]]) -> None:
    for keys, text in steps:
        terminal.send(keys)
        terminal.wait(text)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 12)])
def test_the_same_call_on_a_screen_and_in_lines_makes_the_same_events(
    desk: Desk, terminals: Any, book: str, tmp_path: Path, columns: int, rows: int
) -> None:
    terminal = terminals("handle", book, columns=columns, rows=rows)
    terminal.wait("Tell me from the start.")
    shows(terminal, KEYS)
    terminal.send("\r")
    assert terminal.end() == 0
    on_screen = recorded(desk)
    answers = tmp_path / "answers.txt"
    answers.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    assert desk.run("handle", book, "--answers", answers).code == 0
    in_lines = recorded(desk)
    assert on_screen == in_lines


def test_dumb_terminals_and_pipes_make_the_same_events(desk: Desk, terminals: Any, book: str) -> None:
    assert desk.run("handle", book, lines=LINES).code == 0
    piped = recorded(desk)
    terminal = terminals("handle", book, TERM="dumb")
    terminal.wait("Choose")
    for line in [*LINES[:5], "", *LINES[5:14], "", "ok", "yes", "", ""]:
        seen = len(terminal.raw)
        terminal.send(line + "\r")
        end = time.monotonic() + 10
        while len(terminal.raw) < seen + len(line) + 4 and time.monotonic() < end:
            terminal.pump(0.1)
        terminal.pump(0.15)
    assert terminal.end() == 0
    assert b"\x1b[" not in terminal.raw
    assert recorded(desk) == piped


def test_a_call_that_is_killed_goes_on_at_the_exact_step_with_the_same_events(
    desk: Desk, terminals: Any, book: str
) -> None:
    assert desk.run("handle", book, lines=LINES).code == 0
    whole = recorded(desk)
    terminal = terminals("handle", book)
    terminal.wait("Tell me from the start.")
    steps = KEYS
    shows(terminal, steps[:9])
    terminal.kill()
    terminal.end()
    terminal = terminals("resume")
    terminal.wait("So the red bike is late.")
    shows(terminal, steps[9:12])
    terminal.send("\x03")
    assert terminal.end() == 130
    terminal = terminals("resume")
    terminal.wait("Whose slip?")
    shows(terminal, steps[12:])
    terminal.send("\r")
    assert terminal.end() == 0
    assert recorded(desk) == whole


@pytest.mark.parametrize(("number", "code"), [(signal.SIGHUP, 129), (signal.SIGTERM, 143)])
def test_hang_up_and_term_park_the_call(desk: Desk, terminals: Any, book: str, number: int, code: int) -> None:
    terminal = terminals("handle", book)
    shows(terminal, [("", "Tell me from the start."), ("1", "The problem in one sentence")])
    terminal.kill(number)
    assert terminal.end() == code
    [call] = json.loads(desk.run("call", "list", "--json").out)["calls"]
    assert call["parked"]


def test_a_closed_terminal_parks_the_call_and_loses_no_typed_word(desk: Desk, terminals: Any, book: str) -> None:
    terminal = terminals("handle", book)
    shows(
        terminal,
        [("", "Tell me from the start."), ("1", "The problem in one sentence"), ("the blue bi", "the blue bi")],
    )
    terminal.close()
    [call] = json.loads(desk.run("call", "list", "--json").out)["calls"]
    assert call["parked"]
    shown = json.loads(desk.run("call", "show", call["call"], "--json").out)
    assert [n["text"] for n in shown["notes"]] == ["(unfinished) the blue bi"]


def test_ctrl_c_gives_the_terminal_back_as_it_was(terminals: Any, book: str) -> None:
    terminal = terminals("handle", book)
    terminal.wait("Tell me from the start.")
    terminal.pump(0.5)
    terminal.send("\x03")
    assert terminal.end() == 130
    assert terminal.raw.count(b"\x1b[?1049l") >= 1
    assert b"is parked." in terminal.raw


def test_keys_typed_before_there_was_anything_to_see_are_thrown_away(terminals: Any, book: str) -> None:
    terminal = terminals("handle", book)
    terminal.send("111")
    terminal.wait("Tell me from the start.")
    terminal.pump(1.0)
    assert "Tell me from the start." in terminal.flat


def test_the_first_screen_offers_an_earlier_call_and_u_goes_on_with_it(desk: Desk, terminals: Any, book: str) -> None:
    assert desk.run("handle", book, lines=["1", "the bike is late"]).code == 4
    terminal = terminals("handle", book)
    terminal.wait("u resume")
    terminal.send("u")
    terminal.wait("So the bike is late.")
    terminal.send("p")
    assert terminal.end() == 0
    assert len(json.loads(desk.run("call", "list", "--json").out)["calls"]) == 1


def test_a_resize_draws_the_screen_anew(terminals: Any, book: str) -> None:
    terminal = terminals("handle", book)
    terminal.wait("? keys")
    for columns, rows in ((40, 12), (100, 30), (60, 16)):
        terminal.resize(columns, rows)
        terminal.screen.reset()
        terminal.kill(signal.SIGWINCH)
        terminal.wait("Tell me from the start.")
        assert max(len(line) for line in terminal.text.split("\n")) <= columns


def test_a_second_window_on_the_same_call_is_refused(desk: Desk, terminals: Any, book: str) -> None:
    terminal = terminals("handle", book)
    terminal.wait("? keys")
    [call] = json.loads(desk.run("call", "list", "--json").out)["calls"]
    ran = desk.run("resume", call["call"])
    assert ran.code == 10
    assert "open in another window" in ran.err


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux: pyte drops what stands behind a vowel sign")
def test_a_bengali_name_leaves_every_row_as_it_is(desk: Desk) -> None:
    tmux = ["tmux", "-f", "/dev/null", "-L", f"calmdesk-test-{os.getpid()}"]

    def ask(*arguments: str) -> str:
        return subprocess.run([*tmux, *arguments], capture_output=True, text=True, check=True).stdout

    def wait(text: str) -> str:
        for _ in range(100):
            shown = ask("capture-pane", "-p")
            if text in " ".join(shown.replace("▌", " ").split()):
                return shown
            time.sleep(0.1)
        raise AssertionError(shown)

    settings = [f"-e{k}={v}" for k, v in {**desk.environment, "LC_ALL": "C.UTF-8"}.items()]
    program = [sys.executable, "-m", "calmdesk", "handle", "angry-caller", "--customer", "রহিমা"]
    ask("new-session", "-d", "-x", "80", "-y", "24", *settings, *program)
    try:
        wait("One slow breath")
        for keys, shows in (
            ("1", "Hi রহিমা, I'm listening."),
            ("1", "What did it cost them?"),
            ("রহিমা বেগম waited", "▸ রহিমা বেগম waited"),
            ("Enter", "Sounds like the worst part of this is রহিমা বেগম waited."),
            ("b", "Enter opens: রহিমা বেগম waited"),
            ("b", "Hi রহিমা, I'm listening."),
        ):
            ask("send-keys", keys)
            wait(shows)
        time.sleep(1.5)
        rows = ask("capture-pane", "-p").split("\n")
        assert rows[1].rstrip() == " Angry caller › Hear them out  রহিমা"
        assert rows[3].rstrip() == " SAY ▌ Hi রহিমা, I'm listening. Start wherever you like, I'm writing it"
        assert rows[6].rstrip() == " · Let them finish   · Nouns, dates, amounts on paper"
    finally:
        ask("kill-server")
