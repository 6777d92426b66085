"""The screen as an agent sees it: what stands there, what a key does, what is never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.call.events import Resumed
from calmdesk.terminal.keeping import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terminal.conftest import Shown

    Golden = Callable[[str, str], None]

TO_CHECK = ("1", "1")
SMALL = """
calmdesk: 1
title: Small
goal: Try the keys.
facts:
  fault: {ask: "Whose slip?", one-of: {ours: Ours, theirs: Theirs}}
  sure: {ask: "Sure?", kind: yes-no}
  price: {ask: "What did it cost?", kind: money}
steps:
  hello:
    say: ["Good morning.", "Hello there."]
    check: [They answered, I wrote it down]
    choices:
      yes: told
      no: {label: Not yet, go: hello, at-most: 1}
  told:
    ask: [fault, sure, price]
    say: "Let me see."
    must-check: [Said once]
  last:
    say: "Thank you."
    end: recovered
"""


def walk_to_check(angry: Shown) -> None:
    """From the first step to “Say it back”, where a sentence is asked."""
    angry.press("a", "1", "1")
    angry.type("the lost day")
    angry.clock.pass_ms(21_000)
    angry.press("1")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 12)])
def test_the_first_screen(angry: Shown, golden: Golden, width: int, height: int) -> None:
    golden(f"first-{width}x{height}", angry.screen(width, height))


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 12)])
def test_a_sentence_is_asked_while_the_words_stay(angry: Shown, golden: Golden, width: int, height: int) -> None:
    walk_to_check(angry)
    golden(f"asked-{width}x{height}", angry.screen(width, height))


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 12), (100, 30), (60, 16)])
def test_the_choice_after_saying_it_back(angry: Shown, golden: Golden, width: int, height: int) -> None:
    walk_to_check(angry)
    angry.type("the red bike is late, and the party is Saturday")
    golden(f"check-{width}x{height}", angry.screen(width, height))


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 12)])
def test_an_interruption_shows_its_depth_and_a_hold_shows_when_to_be_back(
    angry: Shown, golden: Golden, width: int, height: int
) -> None:
    walk_to_check(angry)
    angry.board.leave_line("")
    angry.press("h", "1")
    angry.clock.pass_ms(19_000)
    golden(f"hold-{width}x{height}", angry.screen(width, height))


def to_the_offer(angry: Shown) -> None:
    """To the gesture at the end of a call about a red bike."""
    walk_to_check(angry)
    angry.type("the red bike is late")
    angry.press("1", "3", " ")
    angry.type("")
    angry.press("1")
    angry.type("the store bike is held for you")
    angry.type("17:00")
    angry.press("enter")
    angry.type("0")
    angry.type("8.90")
    angry.press("enter")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 12)])
def test_the_offer_shows_why(angry: Shown, golden: Golden, width: int, height: int) -> None:
    to_the_offer(angry)
    golden(f"offer-{width}x{height}", angry.screen(width, height))


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 12)])
def test_all_keys_are_a_list_to_pick_from(angry: Shown, golden: Golden, width: int, height: int) -> None:
    angry.press("?")
    golden(f"keys-{width}x{height}", angry.screen(width, height))


def test_the_path_shows_what_was_said_and_what_may_come(angry: Shown) -> None:
    assert "✓ steady  ▸ hear  · step-in" in angry.press("1")


def test_space_ticks_the_next_a_ticks_all_and_a_letter_ticks_its_own(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    assert "[x] j They answered" in shown.press(" ")
    assert "[x] k I wrote it down" in shown.press("k")
    assert "[ ] k I wrote it down" in shown.press("k")
    assert shown.press("a").count("[x]") == 2
    assert "There is nothing left to tick." in shown.press(" ")


def test_digits_of_other_scripts_choose(board: Callable[..., Shown]) -> None:
    assert "Whose slip?" in board(SMALL).press("১")
    assert "Whose slip?" in board(SMALL).press("१")


def test_function_keys_stand_in_for_letters_that_do_not_arrive(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    shown.press("1", "f2")
    assert "Good morning." in shown.screen()
    assert "All keys" in shown.press("f1")
    assert "Hello there." in shown.press("৭")
    assert "cuts in: danger" in shown.press("f12")


def test_in_the_list_of_keys_each_key_does_what_it_does_outside(angry: Shown) -> None:
    angry.press("1", "?", "c")
    assert angry.copied
    assert angry.board.talk.call.ended == ""
    angry.press("?", "n")
    assert angry.board.typing


def test_a_question_about_an_offer_waits_while_something_cuts_in(angry: Shown) -> None:
    to_the_offer(angry)
    angry.type("")
    assert "Did they accept 13.35 USD?" in angry.screen()
    assert "Did they accept" not in angry.press("h")
    angry.press("1", "1")
    assert [o.accepted for o in angry.board.talk.call.offers] == [None]
    angry.press("i", "0")
    assert "Did they accept 13.35 USD?" in angry.screen()


def test_an_amount_is_typed_whole_so_that_no_digit_gives_money_away(angry: Shown) -> None:
    to_the_offer(angry)
    assert "At most 13.35 USD" in angry.type("15")
    assert "offered: 5.00 USD" in angry.type("5")


def test_an_end_can_be_taken_back_while_its_summary_is_shown(angry: Shown) -> None:
    angry.press("w")
    angry.type("two days of unpaid leave")
    assert angry.board.talk.call.ended == "handed-over"
    assert "One slow breath" in angry.press("b")
    assert angry.board.talk.call.ended == ""


def test_back_again_and_again_never_types_into_an_answer(angry: Shown) -> None:
    walk_to_check(angry)
    angry.type("the red bike is late")
    angry.press("1", "b", "b", "b", "b")
    assert not angry.board.typing
    assert "What did it cost them?" in angry.screen()


def test_the_emergency_card_stands_on_the_danger_screen(angry: Shown) -> None:
    shown = angry.press("d")
    assert " ! " in shown
    assert "placeholder" in shown.lower()


def test_a_command_can_be_typed_from_the_keys_too(angry: Shown) -> None:
    angry.press("/")
    assert "noted: hello" in angry.type("n hello")
    angry.press("/")
    assert "saved: owed = 40.00" in angry.type("e owed 40")


def test_a_promise_made_in_between_is_not_asked_about_at_once(angry: Shown) -> None:
    angry.press("1", "r")
    assert "promised: call back by" in angry.type("call back by 17:00")
    assert "keep" not in angry.screen().lower()


def test_one_key_answers_what_can_be_picked_and_a_line_what_must_be_typed(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    shown.press("1", "2", "1")
    assert shown.board.typing
    assert "saved: price = 8.90" in shown.type("৮.৯")
    assert shown.board.talk.call.facts == {
        "fault": ("one-of", "theirs"),
        "sure": ("yes-no", "yes"),
        "price": ("money", "8.90"),
    }


def test_the_last_tick_goes_on_where_there_is_nothing_to_choose(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    shown.press("1", "1", "1")
    shown.type("8")
    assert "Thank you." in shown.press(" ")


def test_a_used_up_choice_stays_and_says_why(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    assert "Not yet (1 more)" in shown.screen()
    assert "→ “Not yet” was taken 1 times" in shown.press("2")
    before = shown.board.talk.call
    assert "was taken 1 times; that is all." in shown.press("2")
    assert shown.board.talk.call == before


def test_a_key_that_can_not_be_used_says_why(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    assert "there is nothing to take back" in shown.press("b")
    assert "There is no 7 here." in shown.press("7")
    assert "y is no key here. ? shows all keys." in shown.press("y")
    assert "Nothing was hidden." in shown.press("z")


def test_text_that_was_refused_or_left_is_there_again(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    shown.press("1", "1", "1")
    assert "isn't an amount" in shown.type("eight")
    assert shown.board.typing
    shown.board.leave_line("eight")
    shown.press("n")
    shown.board.leave_line("half a note")
    shown.press("enter")
    assert shown.board.unsaved == "eight"
    shown.board.leave_line("eight")
    shown.press("n")
    assert shown.board.unsaved == "half a note"
    assert shown.board.unfinished("half a note") == "eight / half a note"


def test_editing_an_answer_starts_from_it_and_leaving_it_unchanged_leaves_nothing(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    shown.press("1", "1", "1")
    shown.type("8.90")
    shown.press("e", "3")
    assert shown.board.unsaved == "8.90"
    shown.board.leave_line("8.90")
    assert shown.board.unfinished("") == ""
    shown.press("e", "3")
    assert "corrected: price = 9.00" in shown.type("9")


def test_a_slash_gives_a_command_where_a_fact_is_typed(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    shown.press("1", "1", "1")
    assert "noted: call her Rosa" in shown.type("/n call her Rosa")
    assert shown.board.typing
    assert "Sure?" in shown.type("/b")


def test_other_words_change_the_line(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    assert "Hello there." in shown.press("s")
    assert "Good morning." in shown.press("s")


def test_copying_takes_the_line_the_draft_or_the_summary(angry: Shown) -> None:
    angry.press("1", "c")
    assert angry.copied == ["Hi Rosa, I'm listening. Start wherever you like, I'm writing it down."]
    angry.press("q", "3", "c")
    assert angry.copied[-1].startswith("Angry caller — Put right")


def test_an_ending_for_safety_works_from_any_step_without_a_question(angry: Shown) -> None:
    angry.press("q")
    picked = next(k for k, label, _ in angry.board.menu if label.startswith("Ended for safety"))
    angry.press(picked)
    assert angry.board.talk.call.ended == "ended-unsafe"


def test_danger_is_one_key_away_even_from_a_menu_of_nothing(angry: Shown) -> None:
    assert "Stop" in angry.press("d") or "DANGER" in angry.screen()
    assert angry.board.talk.call.cuts[-1].id == "danger"


def test_a_hold_asks_to_be_back_and_says_so_when_it_is_late(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    assert "ON HOLD 1:00, be back by" in shown.press("H")
    shown.clock.pass_ms(75_000)
    assert "ON HOLD 0:15 LATE" in shown.screen()
    assert "ON HOLD" not in shown.press("H")


@pytest.mark.parametrize("height", [12, 14, 18, 24, 40])
@pytest.mark.parametrize("width", [40, 47, 63, 80, 100])
def test_every_size_holds_the_words_and_the_ways_on(angry: Shown, width: int, height: int) -> None:
    walk_to_check(angry)
    angry.type("the red bike is late, and the party is Saturday")
    rows = angry.screen(width, height).split("\n")
    assert len(rows) == height
    assert max(map(len, rows)) <= width
    flat = " ".join(" ".join(rows).replace("▌", " ").split())
    assert "So the red bike is late, and the party is Saturday. Have I got that right?" in flat
    assert " 1 " in flat
    assert " 2 " in flat


def test_danger_works_from_a_list_and_while_a_line_is_typed(angry: Shown) -> None:
    angry.press("g", "f12")
    assert angry.board.talk.call.cuts[-1].id == "danger"


def test_what_is_not_on_disk_is_said_first_until_it_is(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    keeper = Remembered()
    shown.board.keeper = keeper
    keeper.why = "disk full"
    assert shown.press("1").startswith(" NOT SAVED: disk full  call 0:00")
    assert "Whose slip?" in shown.screen(24, 8)
    keeper.why = ""
    assert "NOT SAVED" not in shown.screen()


def test_what_was_done_about_the_journal_is_said_once(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    shown.board.keeper.notices.append("The journal was moved to journal.corrupt-2026-11-25-140500.db.")
    assert "moved to journal.corrupt-2026" in shown.screen()
    assert "moved to" not in shown.press("1")


def test_half_a_line_is_never_saved_as_the_answer_to_another_question(board: Callable[..., Shown]) -> None:
    text = SMALL.replace("steps:", "interruptions: {why: {label: Why, play: why}}\nsteps:").replace(
        "hello:", "hello:", 1
    )
    why = (
        "calmdesk: 1\nmodule: true\ntitle: Why\ngoal: Ask.\nfacts: {reason: {ask: Why}}\nsteps:\n  ask: {ask: reason}\n"
    )
    shown = board(text, why=why)
    shown.press("1", "1", "1")
    first = shown.board.line_id
    shown.board.leave_line("half of it")
    shown.press("i", "1")
    assert shown.board.typing
    assert shown.board.line_id != first
    assert shown.board.unsaved == ""


def test_a_digit_begins_the_figure_that_is_asked(angry: Shown) -> None:
    to_the_offer(angry)
    angry.press("escape")
    angry.board.leave_line("")
    angry.press("4")
    assert angry.board.typing
    assert angry.board.unsaved == "4"


def test_a_gesture_is_asked_about_when_it_turns_out_to_be_their_own_slip(angry: Shown) -> None:
    to_the_offer(angry)
    angry.type("")
    angry.press("1", "/")
    shown = angry.type("e fault customer")
    assert "it was the customer's own slip" in shown
    angry.press("3")
    assert [o.withdrawn for o in angry.board.talk.call.offers] == [True]


def test_a_promise_with_another_time_can_not_just_be_kept(angry: Shown) -> None:
    to_the_offer(angry)
    angry.board.leave_line("")
    angry.press("/")
    shown = angry.type("e fix-by 18:30")
    assert "Here you promised “the store bike is held for you” by Wednesday 25 November, 17:00." in " ".join(
        shown.split()
    )
    assert "The step now says: the store bike is held for you, by Wednesday 25 November, 18:30." in " ".join(
        angry.press("1").split()
    )
    angry.press("2", "enter")
    assert [(p.by[11:16], p.withdrawn) for p in angry.board.talk.call.promises] == [("17:00", True), ("18:30", False)]


def test_the_whole_emergency_card_can_be_read_in_a_small_window(angry: Shown) -> None:
    angry.press("d")
    assert "d shows the whole card" in angry.screen(40, 12)
    angry.press("d")
    pages = [angry.screen(40, 12)]
    for _ in range(4):
        angry.press(" ")
        pages.append(angry.screen(40, 12))
    assert "Emergency card" in pages[0]
    assert "crisis" in " ".join(pages)


def test_a_hold_survives_a_cut_off_call_and_h_ends_it(board: Callable[..., Shown]) -> None:
    shown = board(SMALL)
    shown.press("H")
    talk = shown.board.talk
    talk.take(lambda _: [Resumed("desk", ())])
    assert "ON HOLD" in shown.screen()
    assert "H off hold" in shown.screen()
    assert "ON HOLD" not in shown.press("H")
