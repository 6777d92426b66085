"""Quick drills as a hire has them: a line, an answer, one remark, once more; and what is due comes first."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from calmdesk.call import events as e
from calmdesk.coach.skills import AGAIN, GOOD, HARD
from calmdesk.journal.opening import open_journal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Desk

BIKE = ("practice", "--quick", "bike-for-saturday", "--seed", "1")
SPOT, FIX, REPLY = (("practice", "--quick", kind, "--seed", "0") for kind in ("spot", "fix", "reply"))
OWNS = "We got this wrong. That's our mistake, and I'm sorry."
BLAMES = "That's the courier's fault, not ours."
DAY = 86_400_000


def drilled(desk: Desk) -> list[e.Drilled]:
    """The drills that the journal has, in order."""
    journal = open_journal(str(desk.home))
    try:
        found = [entry.event for n in reversed(journal.calls_with("Drilled")) for entry in journal.read(n)]
    finally:
        journal.close()
    return [event for event in found if isinstance(event, e.Drilled)]


def write(desk: Desk, *events: e.Event, days_ago: int) -> None:
    """What was done on this desk some days ago, under a number of its own."""
    journal = open_journal(str(desk.home))
    wall = int(time.time() * 1000) - days_ago * DAY
    journal.append(None, events, e.Stamp(wall, 1, "then"), {})
    journal.close()


def titles(out: str) -> list[str]:
    """The kind of each drill, in order."""
    return re.findall(r"^\d of \d: ([a-z ]+?)(?: \(|$)", out, re.MULTILINE)


def spotted(out: str) -> str:
    """Which reply has the slip, as the remark says it."""
    found = re.search(r"^(?:Yes, it|It) is ([ab]): ", out, re.MULTILINE)
    assert found is not None
    return found[1]


def test_a_sitting_is_five_short_drills_of_all_kinds(desk: Desk) -> None:
    ran = desk.run("practice", "--quick", lines=["/skip"] * 5)
    assert ran.code == 0
    assert titles(ran.out) == ["spot the slip", "fix this sentence", "one reply", "spot the slip", "fix this sentence"]
    assert drilled(desk) == []
    assert "went well" not in ran.out


@pytest.mark.parametrize(
    ("kind", "title"), [("spot", "spot the slip"), ("fix", "fix this sentence"), ("reply", "one reply")]
)
def test_one_kind_can_be_asked_for(desk: Desk, kind: str, title: str) -> None:
    assert titles(desk.run("practice", "--quick", kind, lines=["/skip"] * 5).out) == [title] * 5


def test_the_drills_of_one_scenario_are_all_of_it(desk: Desk) -> None:
    out = desk.run(*BIKE, lines=["/skip"] * 5).out
    assert len(titles(out)) == 5
    assert out.count("ROSA: ") == 5


def test_the_slip_is_spotted_or_told_kindly_with_its_words_and_why(desk: Desk) -> None:
    side = spotted(desk.run(*SPOT, lines=["a"]).out)
    other = "b" if side == "a" else "a"
    right = desk.run(*SPOT, lines=["what?", side.upper()])
    wrong = desk.run(*SPOT, lines=[other])
    assert "Type a or b." in right.out
    assert f"\nYes, it is {side}: " in right.out
    assert f"\nIt is {side}: " in wrong.out
    assert "1 of 1 went well." in right.out
    assert "0 of 1 went well. Worth another go: " in wrong.out
    last = [x.rating for x in drilled(desk)][-2:]
    assert last == [GOOD, AGAIN]


def test_a_good_reply_is_praised_by_its_words_and_another_is_shown(desk: Desk) -> None:
    fixed = desk.run(*FIX, lines=[OWNS])
    assert "\nWell: " in fixed.out
    assert "“" in fixed.out.split("\nWell: ")[1].splitlines()[0]
    assert "\nAlso works: “" in fixed.out
    (kept,) = drilled(desk)
    assert (kept.drill, kept.rating, kept.text) == ("fix", GOOD, OWNS)


def test_a_second_try_that_is_right_counts_as_one_with_help(desk: Desk) -> None:
    ran = desk.run(*FIX, lines=[BLAMES, OWNS])
    assert "\nChange: blame, in “" in ran.out
    assert "\nInstead: “" in ran.out
    assert "Once more? (/skip goes on)" in ran.out
    assert "1 of 1 went well. Worth another go: " in ran.out
    assert [(x.rating, x.text) for x in drilled(desk)] == [(HARD, OWNS)]


@pytest.mark.parametrize("lines", [[BLAMES], [BLAMES, "/skip"], [BLAMES, "/stop"], [BLAMES, BLAMES]])
def test_an_answer_that_harms_is_remembered_however_it_goes_on(desk: Desk, lines: list[str]) -> None:
    ran = desk.run(*FIX, lines=lines)
    assert ran.code == 0
    assert "0 of 1 went well." in ran.out
    assert [(x.rating, x.text) for x in drilled(desk)] == [(AGAIN, BLAMES)]


def test_what_is_missing_is_told_with_an_example_that_then_goes_well(desk: Desk) -> None:
    first = desk.run(*REPLY, lines=["One moment, please."])
    found = re.search(r"^For example: “(.+)”$", first.out, re.MULTILINE)
    assert found is not None
    assert "Not heard yet: " in first.out
    again = desk.run(*REPLY, lines=["One moment, please.", found[1]])
    assert "\nWell: " in again.out
    assert [x.rating for x in drilled(desk)] == [AGAIN, HARD]


def test_stopping_leaves_no_mark_and_private_numbers_are_never_kept(desk: Desk) -> None:
    ran = desk.run(*FIX, lines=["/?", "/nonsense", "/stop"])
    assert ran.code == 0
    assert "/skip  on to the next one" in ran.out
    assert "“/nonsense” is no command." in ran.out
    assert drilled(desk) == []
    desk.run(*FIX, lines=["Is your card still 4111 1111 1111 1111?", "/stop"])
    kept = b"".join(f.read_bytes() for f in desk.home.rglob("*") if f.is_file())
    assert len(drilled(desk)) == 1
    assert b"4111 1111" not in kept


def test_the_same_seed_asks_the_same_and_without_one_they_change(desk: Desk) -> None:
    quick = ("practice", "--quick")
    assert (
        desk.run(*quick, "--seed", "3", lines=["/skip"] * 5).out
        == desk.run(*quick, "--seed", "3", lines=["/skip"] * 5).out
    )
    before = desk.run(*quick, lines=["/skip"] * 5).out
    assert desk.run(*quick, lines=["/skip"] * 5).out == before
    desk.run(*FIX, lines=[OWNS])
    assert desk.run(*quick, lines=["/skip"] * 5).out != before


def test_answers_come_from_a_file_and_nobody_is_asked(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "answers.txt"
    file.write_text(f"{OWNS}\n", encoding="utf-8")
    ran = desk.run(*FIX, "--answers", file)
    assert ran.code == 0
    assert "\nWell: " in ran.out
    assert desk.run(*FIX, "--answers", tmp_path / "none.txt").code == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--quick", "spt"], "Did you mean “spot”?"),
        (["--quick", "bike-for-sunday"], "Did you mean “bike-for-saturday”?"),
        (["--quick", "--seed", "-4"], "--seed -4"),
        (["--due", "spot"], "--due picks the drills itself."),
    ],
)
def test_bad_input_gets_one_clear_sentence(desk: Desk, arguments: list[str], says: str) -> None:
    ran = desk.run("practice", *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert ran.err.startswith("calmdesk: ")


# --- what is due


def test_the_first_time_nothing_is_due_and_easy_ones_begin(desk: Desk) -> None:
    ran = desk.run("practice", "--due", lines=["/skip"] * 5)
    assert ran.code == 0
    assert ran.out.startswith("Nothing is due yet. ")
    assert len(titles(ran.out)) == 5
    assert "Next: " not in ran.out


def test_what_is_due_is_drilled_first_and_a_rehearsal_is_named_where_much_is(desk: Desk) -> None:
    for label in ("OWN", "DISMISS"):
        write(desk, e.Drilled("reply", label, "late-delivery", AGAIN), days_ago=9)
    ran = desk.run("practice", "--due", lines=["/skip"] * 5)
    assert ran.out.startswith("2 skills are due.\n")
    assert len(titles(ran.out)) == 2
    assert "one reply" in titles(ran.out)
    assert "This one is for owning it." in ran.out
    assert ran.out.endswith("Next: calmdesk practice bike-for-saturday\n")


def test_what_was_drilled_is_no_longer_due_and_the_next_day_is_told(desk: Desk) -> None:
    write(desk, e.Drilled("fix", "BLAME", "late-delivery", AGAIN), days_ago=9)
    first = desk.run("practice", "--due", "--seed", "1", lines=[OWNS])
    assert first.out.startswith("1 skill is due.\n")
    assert [(x.label, x.situation, x.rating) for x in drilled(desk)][1:] == [("BLAME", "late-delivery", GOOD)]
    again = desk.run("practice", "--due", lines=["/stop"])
    assert re.match(r"Nothing is due today; the next is due (tomorrow|on [A-Z].+)\. Here are ", again.out)


def test_a_skill_of_no_known_situation_is_drilled_and_comes_down_from_the_list(desk: Desk) -> None:
    write(desk, e.Coached(("BLAME",)), days_ago=9)
    desk.run("practice", "--due", "--seed", "1", lines=[OWNS])
    assert [(x.label, x.situation) for x in drilled(desk)] == [("BLAME", "")]


def test_a_rehearsal_that_was_lost_is_named_until_it_is_won(desk: Desk) -> None:
    write(desk, e.Rehearsed("rent-week", "0", 0, "cues"), e.RehearsalEnded("lost", (("OWN", AGAIN),)), days_ago=5)
    assert desk.run("practice", "--due", lines=["/stop"]).out.endswith("Next: calmdesk practice double-toll\n")
    write(desk, e.Rehearsed("double-toll", "0", 0, "cues"), e.RehearsalEnded("won"), days_ago=4)
    assert desk.run("practice", "--due", lines=["/stop"]).out.endswith("Next: calmdesk practice rent-week\n")
    write(desk, e.Rehearsed("rent-week", "0", 0, "cues"), e.RehearsalEnded("won"), days_ago=3)
    assert "Next: " not in desk.run("practice", "--due", lines=["/stop"]).out
