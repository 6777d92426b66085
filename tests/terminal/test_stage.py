"""The screen of a rehearsal, as a hire sees it: the customer, the playbook below, one line, and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.cli.coaching import open_judge
from calmdesk.coach.rehearsal import Rehearsal
from calmdesk.coach.rules import open_habits
from calmdesk.coach.shelf import open_scenario
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from calmdesk.terminal.paint import plain_text
from calmdesk.terminal.practice import Practice, Room
from calmdesk.terminal.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Clock

    Golden = Callable[[str, str], None]

OWNS = "We lost your red bike. That's our fault, I'm sorry, and I'm on it now."
SIZES = [(80, 24), (40, 12)]
sizes = pytest.mark.parametrize(("width", "height"), SIZES)


class Shown:
    """A stage with hands: keys and lines in, the screen as text out."""

    def __init__(self, practice: Practice, clock: Clock) -> None:
        self.practice = practice
        self.clock = clock
        self.copied: list[str] = []
        self.stage = Stage(practice, copy=self.copied.append)

    def press(self, *keys: str) -> None:
        for key in keys:
            if self.stage.typing and key != "tab":
                self.stage.leave_line("")
                if key == "escape":
                    continue
            self.stage.press(key)

    def type(self, text: str) -> None:
        assert self.stage.typing
        self.stage.typed(text)

    def screen(self, width: int = 80, height: int = 24) -> str:
        drawn = self.stage.draw(width, height)
        typed = [" ▸"] if self.stage.typing else []
        rows = [*plain_text(drawn.body).split("\n"), *typed]
        gap = height - len(rows) - len(drawn.foot)
        assert gap >= 0
        return "\n".join([*rows, *[""] * gap, plain_text(drawn.foot)])


@pytest.fixture
def bike(tmp_path: Path, clock: Clock) -> Callable[..., Shown]:
    library = Library((built_in_folder(),), str(tmp_path / "cache"))

    def make(level: str = "playbook", clock_seconds: int = 0) -> Shown:
        scenario, _ = open_scenario(library, "bike-for-saturday")
        edition = open_edition(library, scenario.playbook).edition
        practice = Practice(
            Room(scenario, edition, open_judge(library), open_habits(library), lambda *_: None, clock), Rehearsal()
        )
        practice.begin("ab" * 16, 1, level, clock_seconds)
        return Shown(practice, clock)

    return make


@sizes
def test_first_stands_what_the_hire_knows(bike: Callable[..., Shown], golden: Golden, width: int, height: int) -> None:
    golden(f"practice-brief-{width}x{height}", bike().screen(width, height))


@sizes
def test_the_customer_above_and_the_playbook_below(
    bike: Callable[..., Shown], golden: Golden, width: int, height: int
) -> None:
    shown = bike()
    shown.press("enter")
    shown.type("That's the courier's fault, not ours.")
    shown.press("tab")
    golden(f"practice-why-{width}x{height}", shown.screen(width, height))
    shown.press("escape", "a", "1")
    shown.type(OWNS)
    golden(f"practice-step-{width}x{height}", shown.screen(width, height))


@sizes
def test_with_cues_alone_the_talk_has_the_whole_screen(
    bike: Callable[..., Shown], golden: Golden, width: int, height: int
) -> None:
    shown = bike("cues")
    shown.press("enter")
    shown.type(OWNS)
    golden(f"practice-cues-{width}x{height}", shown.screen(width, height))


def test_after_a_move_that_leads_on_the_next_thing_is_to_talk(bike: Callable[..., Shown]) -> None:
    shown = bike()
    shown.press("enter", "escape")
    assert not shown.stage.typing
    shown.press(" ")
    assert not shown.stage.typing
    shown.press("1")
    assert shown.stage.typing


def test_help_leaves_the_line_open_and_why_too(bike: Callable[..., Shown]) -> None:
    shown = bike("none")
    shown.press("enter")
    shown.press("f1")
    assert "nudge: " in shown.screen()
    assert shown.stage.typing
    shown.press("tab")
    assert "Nothing has moved yet." in shown.screen()
    assert shown.stage.typing


def test_what_was_typed_waits_while_keys_are_pressed(bike: Callable[..., Shown]) -> None:
    shown = bike()
    shown.press("enter")
    shown.stage.leave_line("We lost")
    shown.stage.press("t")
    assert shown.stage.unsaved == "We lost"


def test_a_customer_who_waits_too_long_speaks_up(bike: Callable[..., Shown]) -> None:
    shown = bike("cues", 20)
    shown.press("enter")
    assert "  20 s" in shown.screen()
    shown.clock.pass_ms(15_000)
    assert "  5 s" in shown.screen()
    shown.clock.pass_ms(6_000)
    screen = shown.screen()
    assert "(silence, 21 s)" in screen
    assert "heat  8 of 10" in screen
    assert "  20 s" in screen


def test_reading_what_one_knows_doesnt_run_the_clock(bike: Callable[..., Shown]) -> None:
    shown = bike("cues", 20)
    shown.clock.pass_ms(60_000)
    shown.screen()
    shown.press("enter")
    assert "heat  7 of 10" in shown.screen()


def test_a_rewound_turn_brings_the_playbooks_step_back_too(bike: Callable[..., Shown]) -> None:
    shown = bike()
    shown.press("enter", "escape", "a", "1")
    shown.type(OWNS)
    before = shown.practice.talk.call.spot
    shown.press("escape", "i", "1")
    assert shown.practice.talk.call.spot != before
    if not shown.stage.typing:
        shown.press("t")
    shown.type("/b 1")
    assert shown.practice.rehearsal.turns == ()
    assert shown.practice.talk.call.spot == before
    assert shown.practice.talk.call is shown.practice.rehearsal.call


def test_the_end_of_the_rehearsal_ends_the_screen(bike: Callable[..., Shown]) -> None:
    shown = bike("cues")
    shown.press("enter")
    shown.type("/end")
    assert shown.stage.over
    assert shown.practice.rehearsal.outcome == "left"


def test_a_rehearsal_that_the_clock_has_lost_writes_nothing_more(bike: Callable[..., Shown]) -> None:
    shown = bike("cues", 2)
    shown.press("enter")
    for _ in range(12):
        shown.clock.pass_ms(3000)
        shown.screen()
        if shown.stage.over:
            break
    assert shown.practice.rehearsal.outcome == "lost"
    turns = len(shown.practice.rehearsal.turns)
    shown.clock.pass_ms(60_000)
    shown.stage.draw(80, 24)
    shown.stage.press("q")
    assert shown.stage.typed("We lost it.")
    assert len(shown.practice.rehearsal.turns) == turns
    assert shown.practice.rehearsal.outcome == "lost"


def test_back_to_a_turn_takes_a_number(bike: Callable[..., Shown]) -> None:
    shown = bike("cues")
    shown.press("enter")
    shown.type(OWNS)
    shown.type("/b two")
    assert "with its number, such as /b 1" in shown.screen()
    assert len(shown.practice.rehearsal.turns) == 1
