"""A playbook marked private is played like a call, and nothing of it is kept anywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.terminal.pty_terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Desk


def words_on_disk(folder: Path) -> bytes:
    return b"".join(f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file() and "cache" not in f.parts)


def test_nothing_that_happens_in_a_reset_is_written_anywhere(desk: Desk) -> None:
    ran = desk.run("handle", "reset", lines=["off", "n my hands are shaking", "told", "ready"])
    assert ran.code == 0
    assert "Off the queue" in ran.out
    assert not (desk.home / "journal.db").exists()
    assert b"shaking" not in words_on_disk(desk.home)
    assert json.loads(desk.run("call", "list", "--json").out)["calls"] == []


def test_stopping_in_the_middle_parks_nothing(desk: Desk) -> None:
    ran = desk.run("handle", "reset", lines=["off"])
    assert (ran.code, ran.err.count("parked")) == (0, 0)
    assert desk.run("resume").code == 2


def test_nobody_is_put_on_hold_in_it(desk: Desk) -> None:
    told = desk.run("handle", "reset", lines=["i", "x"]).out
    assert "Danger or self-harm" in told
    assert "I need a moment" not in told


def test_the_wrapup_of_a_call_leads_to_a_reset_with_one_key(desk: Desk) -> None:
    terminal = Terminal(desk.environment, "handle", "angry-caller", "--customer", "Rosa")
    terminal.wait("Settle yourself")
    terminal.send("q")
    terminal.wait("They left")
    terminal.send("1")
    terminal.wait("a few minutes for you")
    terminal.send("r")
    terminal.wait("Off the queue")
    terminal.send("\x03")
    terminal.end()
    terminal.close()
    calls = json.loads(desk.run("call", "list", "--json").out)["calls"]
    assert [c["playbook"] for c in calls] == ["angry-caller"]
