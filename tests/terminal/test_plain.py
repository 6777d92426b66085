"""The same call in lines: what is told, what is asked, what is refused, as a whole transcript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Desk

CALL = [
    "ready",
    "finished",
    "the party on Saturday",
    "settled",
    "the red bike is late",
    "n call her Rosa",
    "yes",
    "partner",
    "x 1",
    "The courier lost it",
    "picked",
    "the store bike is held for you",
    "17:00",
    "0",
    "8.90",
    "ok",
    "yes",
    "clear",
]


def scrubbed(text: str) -> str:
    """Without ids and times, which differ from run to run."""
    text = re.sub(r"[bcdfghjkmnpqrstvwxz]{5}-\d+", "CALL", text)
    text = re.sub(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", "DATE", text)
    text = re.sub(r"(today|tomorrow|by) ?(\d{2}:\d{2})", r"\1 17:00", text).replace("tomorrow 17:00", "17:00")
    return re.sub(r"\d+ min \d+ s", "0 min", text)


def test_a_whole_call_in_lines(desk: Desk, golden: Callable[[str, str], None], tmp_path: Path) -> None:
    answers = tmp_path / "answers.txt"
    answers.write_text("\n".join(CALL) + "\n", encoding="utf-8")
    ran = desk.run("handle", "angry-caller", "--customer", "Rosa", "--case", "4471", "--answers", answers)
    assert ran.code == 0, ran
    golden("plain-call", scrubbed(ran.out))


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["?"], "take the last answer back"),
        (["t"], "On this step 0 seconds, on the call "),
        (["i"], "They insult me (insults)"),
        (["g"], "Say it back (check)"),
        (["maybe"], "“maybe” fits nothing here."),
        (["redy"], "Did you mean “ready”?"),
        (["b"], "nothing to take back"),
        (["end"], "There is no disposition"),
        (["end recovered"], "is reached by its step"),
        (["end ended-by-us"], "is reached by its step"),
        (["h soon"], "no length of time"),
        (["h 10m"], "A hold lasts at most"),
        (["r call back soon"], "r WHAT by WHEN"),
        (["r call back by teatime"], "isn't a moment"),
        (["e"], "Which fact?"),
        (["e falt"], "Did you mean “fault”?"),
        (["x 9"], "Tick with numbers from 1 to 3"),
        (["o"], "First the price"),
        (["g nowhere"], "There is no step"),
        (["i nobody"], "There is no interruption"),
    ],
)
def test_what_does_not_fit_is_answered_with_what_would(desk: Desk, lines: list[str], says: str) -> None:
    ran = desk.run("handle", "angry-caller", lines=lines)
    assert says in ran.out
    assert ran.code == 4


def test_three_words_in_a_row_that_fit_nothing_park_the_call(desk: Desk) -> None:
    ran = desk.run("handle", "angry-caller", lines=["one", "two", "three", "ready", "finished"])
    assert ran.code == 4
    assert "Hear them out" not in ran.out.split("three")[1]


def test_a_picked_playbook_is_found_by_what_is_heard(desk: Desk) -> None:
    ran = desk.run("handle", lines=["get me your manager", "possible"])
    assert "Supervisor request" in ran.out


def test_a_correction_is_asked_again_until_it_can_be_read(desk: Desk) -> None:
    ran = desk.run("handle", "angry-caller", lines=["e fault", "mine", "ours", "t"])
    assert "isn't one of" in ran.out
    assert "saved: fault = ours" in ran.out


def test_a_call_that_is_over_leaves_no_lock_behind(desk: Desk) -> None:
    assert desk.run("handle", "angry-caller", lines=["end dropped"]).code == 0
    assert list(desk.home.glob("call-*.lock")) == []
