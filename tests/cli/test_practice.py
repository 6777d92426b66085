"""A rehearsal as a new hire has it: the customer reacts, help is asked for, the last reply is taken back, and it goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calmdesk.coach.scenario_keys import scenario_schema
from calmdesk.playbook.folders import built_in_folder

if TYPE_CHECKING:
    from tests.conftest import Desk

BIKE = ("practice", "bike-for-saturday", "--seed", "1")
OWNS = "We lost your red bike. That's our fault, I'm sorry, and I'm on it now."
BLAMES = "That's the courier's fault, not ours."


def heats(out: str) -> list[str]:
    """What is told of the heat, line by line."""
    return [line for line in out.splitlines() if line.startswith("heat ")]


def test_what_is_typed_moves_the_customer_and_why_says_by_what(desk: Desk) -> None:
    ran = desk.run(*BIKE, lines=["/why", BLAMES, "/why", OWNS, "/why"])
    assert ran.code == 0
    first, up, down = heats(ran.out)
    assert first == "heat 7 of 10."
    assert up.endswith("up 2 (blame)")
    assert "down" in down
    assert "Nothing has moved yet." in ran.out
    assert "heat up 2: blame" in ran.out
    assert "heat down 2: owning it" in ran.out


def test_the_same_words_under_the_same_seed_have_the_same_answers(desk: Desk) -> None:
    lines = [BLAMES, OWNS, "I'll call you by 17:00.", "/end"]
    assert desk.run(*BIKE, lines=lines).out == desk.run(*BIKE, lines=lines).out
    others = {desk.run("practice", "bike-for-saturday", "--seed", str(n), lines=[BLAMES]).out for n in range(4)}
    assert len(others) > 1


def test_help_comes_in_grades_and_a_mark_says_that_it_was_helped(desk: Desk) -> None:
    ran = desk.run(*BIKE, "--level", "none", lines=["/hint", "/hint", "/hint", "/hint", OWNS, "/end"])
    told = [line.split(":")[0].strip() for line in ran.out.splitlines() if line.startswith("  ")]
    assert [t for t in told if t in {"nudge", "cue", "example"}] == ["nudge", "cue", "example", "example"]
    assert "owning it (turn 1, after a hint)" in ran.out


def test_beside_the_customer_stands_what_was_asked_for(desk: Desk) -> None:
    both, cues, none = (desk.run(*BIKE, "--level", level, lines=[]).out for level in ("playbook", "cues", "none"))
    assert "  playbook: " in both
    assert "  cue: " in both
    assert "  playbook: " not in cues
    assert "  cue: " in cues
    assert "  cue: " not in none


def test_a_reply_is_taken_back_and_what_was_tried_is_kept(desk: Desk) -> None:
    ran = desk.run(*BIKE, lines=["/b", BLAMES, "/b", OWNS, "/ways", "/end"])
    assert "There is nothing to take back yet." in ran.out
    assert "way 1: heat 7, then 9" in ran.out
    assert "now: heat 7, then " in ran.out
    card = ran.out[ran.out.index("ENDED HERE") :]
    assert "blame" not in card
    assert "1 turn," in card


def test_it_goes_on_where_it_was_laid_aside(desk: Desk) -> None:
    desk.run(*BIKE, lines=[OWNS, "/p"])
    again = desk.run("practice", "bike-for-saturday", lines=["/end"])
    assert "Turn 2, where you left it." in again.out
    assert "1 turn," in again.out
    anew = desk.run("practice", "bike-for-saturday", lines=["/end"])
    assert "where you left it" not in anew.out


def test_nothing_said_earns_nothing(desk: Desk) -> None:
    assert "0 turns, 0 of " in desk.run(*BIKE, lines=["/end"]).out


def test_who_is_lost_hangs_up_and_the_exit_code_says_so(desk: Desk) -> None:
    ran = desk.run(*BIKE, lines=[BLAMES, "It's only a bike, calm down.", "You should have read the terms.", "Well?"])
    assert ran.code == 1
    assert "LOST: they have hung up" in ran.out
    assert "What would do better" in ran.out
    assert ran.out.count("instead: ") >= 2


def test_replies_come_from_a_file_and_nobody_is_asked(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "replies.txt"
    file.write_text(f"{OWNS}\n/end\n", encoding="utf-8")
    ran = desk.run("practice", "bike-for-saturday", "--seed", "1", "--answers", file)
    assert ran.code == 0
    assert "ENDED HERE. 1 turn" in ran.out
    assert desk.run("practice", "bike-for-saturday", "--answers", tmp_path / "none.txt").code == 3


def test_a_rehearsal_is_no_call_and_keeps_no_private_number(desk: Desk) -> None:
    desk.run(*BIKE, lines=["Your card is 4111 1111 1111 1111, right?", "/end"])
    assert json.loads(desk.run("call", "list", "--json").out)["calls"] == []
    assert json.loads(desk.run("promise", "list", "--json").out)["promises"] == []
    kept = b"".join(f.read_bytes() for f in desk.home.rglob("*") if f.is_file())
    assert b"bike-for-saturday" in kept
    assert b"4111 1111" not in kept


def test_the_list_begins_with_the_easy_ones(desk: Desk) -> None:
    listed = json.loads(desk.run("practice", "--json").out)["scenarios"]
    assert len(listed) >= 20
    assert [s["level"] for s in listed] == sorted(s["level"] for s in listed)
    assert {s["playbook"] for s in listed} >= {"angry-caller", "late-delivery", "text-to-voice"}
    assert "calmdesk practice " + listed[0]["id"] in desk.run("practice").out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["bike-for-sunday"], 2, "Did you mean"),
        (["./nowhere.yaml"], 3, "nowhere.yaml"),
        (["bike-for-saturday", "--level", "some"], 2, "playbook, cues, none"),
        (["bike-for-saturday", "--seed", "-4"], 2, "--seed"),
        (["bike-for-saturday", "--clock", "-4"], 2, "--clock"),
    ],
)
def test_bad_input_gets_one_clear_sentence(desk: Desk, arguments: list[str], code: int, says: str) -> None:
    ran = desk.run("practice", *arguments)
    assert ran.code == code
    assert says in ran.err
    assert ran.err.startswith("calmdesk: ")


def test_a_scenario_with_an_error_is_told_like_a_playbook(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("calmdesk-scenario: 1\ntitle: Mine\nplaybok: angry-caller\n", encoding="utf-8")
    ran = desk.run("practice", file)
    assert ran.code == 1
    assert "mine.yaml:1: A scenario needs “playbook”." in ran.err


def test_the_schema_for_editors_is_current() -> None:
    file = Path(built_in_folder()) / "schema" / "scenario.schema.json"
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(json.dumps(scenario_schema()))
    for scenario in (Path(built_in_folder()) / "scenarios").glob("*.yaml"):
        first = scenario.read_text(encoding="utf-8").splitlines()[0]
        assert first == "# yaml-language-server: $schema=../schema/scenario.schema.json", scenario.name


GUIDED = (*BIKE, "--level", "playbook")


def test_beside_the_customer_the_playbook_is_played_with_a_slash(desk: Desk) -> None:
    ran = desk.run(*GUIDED, lines=["/x 1 2 3", "/1", "/the party on Saturday", OWNS, "/end"])
    assert "STEP  One slow breath (Late delivery, Settle yourself)" in ran.out
    assert "ticked: My voice is low and slow" in ran.out
    assert "saved: need-by = the party on Saturday" in ran.out
    assert "heat 4 of 10, down 3" in ran.out
    assert "1 turn," in ran.out


def test_the_playbooks_line_can_be_said_as_it_stands(desk: Desk) -> None:
    ran = desk.run(*GUIDED, lines=["/say", "/x 1 2 3", "/1", "/say", "/end"])
    assert "The playbook has no line here." in ran.out
    assert "1 turn," in ran.out


def test_back_takes_back_whatever_was_last_a_move_or_a_reply(desk: Desk) -> None:
    ran = desk.run(*GUIDED, lines=[OWNS, "/x 1 2 3", "/1", "/b", "/b", "/b", "/end"])
    assert ran.out.count("The last move in the playbook is taken back.") == 1
    assert "Back before turn 1." in ran.out
    assert "There is nothing to take back yet." in ran.out
    assert "0 turns," in ran.out


def test_it_goes_on_with_the_playbook_on_the_step_where_it_was_laid_aside(desk: Desk) -> None:
    desk.run(*GUIDED, lines=[OWNS, "/x 1 2 3", "/1", "/p"])
    again = desk.run("practice", "bike-for-saturday", "--level", "playbook", lines=["/the party", "/end"])
    assert "Turn 2, where you left it." in again.out
    assert "One slow breath" not in again.out
    assert "saved: need-by = the party" in again.out


def test_without_the_playbook_its_moves_are_no_commands(desk: Desk) -> None:
    assert "“/1” is no command." in desk.run(*BIKE, lines=["/1"]).out


def test_what_is_promised_in_a_rehearsal_is_promised_to_nobody(desk: Desk) -> None:
    ran = desk.run(*GUIDED, lines=["/r call her back by 17:00", "/g close", "/b", "/end"])
    assert "promised: call her back by 17:00" in ran.out
    assert json.loads(desk.run("promise", "list", "--json").out)["promises"] == []
    assert json.loads(desk.run("call", "list", "--json").out)["calls"] == []
    assert desk.run("resume").code == 2
    assert "OK" in desk.run("journal", "verify").out or desk.run("journal", "verify").code == 0


def test_a_hold_that_nobody_announced_is_a_silence(desk: Desk) -> None:
    silent = desk.run(*GUIDED, lines=["/h 60s", "/end"])
    assert "(60 seconds of silence)" in silent.out or "(59 seconds of silence)" in silent.out
    assert "heat 8 of 10, up 1 (nothing in it for them)" in silent.out
    told = desk.run(*GUIDED, lines=["I'd like to look at this. May I put you on hold for a minute?", "/h 60s", "/end"])
    assert "of silence" not in told.out


def test_what_came_too_early_earns_nothing_and_is_nothing_to_say_again(desk: Desk) -> None:
    ran = desk.run(*BIKE, lines=["I can hold one of the two in our store for you until Friday evening.", "/end"])
    assert "too early (turn 1, before owning it): putting it right" in ran.out
    assert "Worth saying again" not in ran.out


def test_the_customer_remembers_what_they_were_promised(desk: Desk) -> None:
    ran = desk.run(*BIKE, lines=[f"{OWNS} I'll call you by five.", "I'll ring you by six.", "/end"])
    assert "ROSA: You said by five before. Now it's by six?" in ran.out


def test_a_sentence_that_hurts_earns_nothing_and_is_nothing_to_say_again(desk: Desk) -> None:
    said = "I'll put it on the express van now, so you'll definitely have it on Saturday, I guarantee it."
    ran = desk.run(*BIKE, lines=[OWNS, said, "/end"])
    card = ran.out[ran.out.index("ENDED HERE") :]
    assert f"hurts: too much promised (turn 2): “{said}”" in card
    assert f"a next step (turn 2): “{said}”" not in card
    assert "this mark is lost by" in card
    assert "it leaves no mark in `calmdesk progress`" in card


def test_what_may_be_given_is_not_too_much(desk: Desk) -> None:
    said = "I can see that we took 6.40 twice on Sunday, so I'll give the 6.40 back to you today."
    ran = desk.run("practice", "double-toll", "--seed", "1", lines=[said, "/end"])
    assert "too much promised" not in ran.out
    assert "earned: putting it right" in ran.out


def test_going_on_is_short_and_what_one_knows_is_told_on_request(desk: Desk) -> None:
    desk.run(*BIKE, lines=[OWNS])
    again = desk.run("practice", "bike-for-saturday", lines=[])
    assert "You know:" not in again.out
    assert "You know:" in desk.run("practice", "bike-for-saturday", lines=["/facts"]).out


def test_going_on_keeps_the_level_and_another_level_begins_anew(desk: Desk) -> None:
    desk.run(*BIKE, "--level", "none", lines=[OWNS])
    again = desk.run("practice", "bike-for-saturday", lines=[])
    assert "Turn 2, where you left it." in again.out
    assert "  cue: " not in again.out
    anew = desk.run("practice", "bike-for-saturday", "--level", "playbook", lines=[])
    assert "where you left it" not in anew.out


def start(desk: Desk, *arguments: str) -> subprocess.Popen[str]:
    """The program, still open, with pipes to talk to it."""
    return subprocess.Popen(
        [sys.executable, "-m", "calmdesk", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=desk.environment,
    )  # fmt: skip


def wait_for(program: subprocess.Popen[str], words: str) -> None:
    """Read on until a line has these words."""
    assert program.stdout is not None
    while words not in (line := program.stdout.readline()):
        assert line, f"it ended without “{words}”"


def test_a_rehearsal_is_open_in_one_window(desk: Desk) -> None:
    begun = desk.run(*BIKE, lines=[OWNS])
    assert "Laid aside. `calmdesk practice bike-for-saturday` goes on from here." in begun.err
    with start(desk, "practice", "bike-for-saturday") as first:
        wait_for(first, "where you left it")
        second = desk.run("practice", "bike-for-saturday", lines=["Calm down."])
        assert (second.code, "open in another window" in second.err) == (10, True)
        first.communicate("/end\n", timeout=30)


@pytest.mark.skipif(sys.platform == "win32", reason="no TERM there")
def test_a_rehearsal_that_is_terminated_goes_on_later(desk: Desk) -> None:
    with start(desk, *BIKE) as first:
        assert first.stdin is not None
        first.stdin.write(f"{OWNS}\n")
        first.stdin.flush()
        wait_for(first, "down")
        first.terminate()
        assert first.wait(30) == 143
    assert "Turn 2, where you left it." in desk.run("practice", "bike-for-saturday", lines=[]).out


def test_words_that_belong_to_new_are_not_swallowed(desk: Desk) -> None:
    ran = desk.run("practice", "bike-for-saturday", "rent-week")
    assert (ran.code, "belongs to `practice new`" in ran.err) == (2, True)
