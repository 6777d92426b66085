"""A scenario's proof: what holds passes in silence, and what doesn't is told as the story of how it went."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from calmdesk.bench.rehearsing import Proof, prove
from calmdesk.coach.scenario import read_scenario
from calmdesk.playbook.folders import built_in_folder
from tests.coach.test_review import judge
from tests.forms import some_of

if TYPE_CHECKING:
    from calmdesk.coach.review import Review

TEXT = """\
calmdesk-scenario: 1
title: The parcel
playbook: late-delivery
level: 2
customer: {name: Ann Ames, about: Waits for a parcel.}
meters: {heat: {start: 6, lose-at: 10, won-at: 3}}
you-know: [The parcel was promised for Monday, It is Tuesday]
you-may: [give back the 8.90 for shipping]
opening: "So where is it?"
reactions:
  - {on: OWN, heat: -2, says: ["Well."]}
  - {on: REMEDY, before: OWN, heat: 2, says: ["Money? First tell me what happened."]}
  - {on: nothing, heat: 1, says: ["And?"]}
win: {said: [OWN, REMEDY]}
model-answers:
  - - "We sent it too late. That's our mistake, and I'm sorry."
    - "I'm giving you back the 8.90 for shipping now."
  - - "This is on us: we sent your parcel too late. I'm sorry."
    - "Let me give you back the 8.90 for shipping."
bad-answers:
  - {reply: "There's nothing I can do about that.", loses: [STONEWALL]}
"""


@cache
def read(*said: str) -> Review:
    return judge().review(*said)


def proof(text: str) -> Proof:
    found = read_scenario(text.encode(), "parcel")
    assert found.findings == ()
    assert found.scenario is not None
    return prove(found.scenario, read)


def told(text: str) -> list[tuple[tuple[str | int, ...], str, str]]:
    return [(d.place, d.title, "\n".join(d.story)) for d in proof(text).differences]


def test_what_holds_has_nothing_to_tell() -> None:
    assert proof(TEXT) == Proof("parcel", 2, 1, ())


def test_every_shipped_scenario_holds() -> None:
    # `tests/coach/test_scenarios.py` proves each by itself.
    for file in some_of(sorted((Path(built_in_folder()) / "scenarios").glob("*.yaml")), 5):
        assert told(file.read_text(encoding="utf-8")) == [], file.name


def test_a_way_that_doesnt_win_is_told_turn_by_turn_with_what_was_missing() -> None:
    ((place, title, story),) = told(TEXT.replace("Let me give you back the 8.90 for shipping.", "Hello?"))
    assert place == ("model-answers", 1)
    assert title == "way 2 doesn't win with full marks"
    assert story.split("\n") == [
        "It was played with --seed 0.",
        "Turn 1, heat 6 → 3: “This is on us: we sent your parcel too late. I'm sorry.”",
        "   the coach saw: an apology (APOLOGY), owning it (OWN)",
        "Turn 2, heat 3 → 3: “Hello?”",
        "   the coach saw: nothing in it",
        "Putting it right (REMEDY) was seen in no reply.",
    ]


def test_a_reply_that_hurts_on_a_way_to_win_is_named() -> None:
    ((_, _, story),) = told(
        TEXT.replace('- - "This is on us', '- - "You should have told us sooner."\n    - "This is on us')
    )
    assert "Turn 1 hurts: blame (BLAME)." in story


def test_what_came_too_early_is_told_as_such_and_not_as_unsaid() -> None:
    early = TEXT.replace("- - \"We sent it too late. That's our mistake, and I'm sorry.\"\n    - ", "- - ")
    ((_, _, story),) = told(early)
    assert "Putting it right (REMEDY) came too early (turn 1)" in story
    assert "Owning it (OWN) was seen in no reply." in story
    assert "Heat stands at 8 in the end, and it is won from 3 down." in story


def test_a_hidden_need_that_nobody_answers_is_told() -> None:
    hidden = (
        'hidden: {need: A party., after: {heat: {at-most: MOST}}, says: "It\'s for a party."}\nwin: {hidden-met: true, '
    )
    never = told(TEXT.replace("win: {", hidden.replace("MOST", "0")))
    assert {story.split("\n")[-1] for _, _, story in never} == {"The hidden need never came out."}
    late = hidden.replace("MOST", "3").replace("says: ", "met-by: [balloons], says: ")
    assert "The hidden need came out and no reply answered it." in told(TEXT.replace("win: {", late))[0][2]


def test_a_bad_answer_must_cost_exactly_its_marks() -> None:
    ((place, _, story),) = told(TEXT.replace("loses: [STONEWALL]", "loses: [BLAME]"))
    assert place == ("bad-answers", 0)
    assert "It should cost, and doesn't: blame (BLAME)." in story
    assert "It costs, and `loses` doesn't say so: a closed door (STONEWALL)." in story


def test_one_line_that_wins_alone_teaches_no_conversation() -> None:
    differences = told(TEXT.replace("said: [OWN, REMEDY]", "said: [OWN]"))
    assert [(place, title.partition(":")[0]) for place, title, _ in differences] == [
        (("model-answers", 0, 0), "one line of way 1 wins alone"),
        (("model-answers", 1, 0), "one line of way 2 wins alone"),
    ]


def test_the_same_way_twice_is_no_second_way() -> None:
    text = TEXT.replace(
        "This is on us: we sent your parcel too late. I'm sorry.",
        "We sent it too late! That's our mistake and I'm sorry.",
    )
    text = text.replace(
        "Let me give you back the 8.90 for shipping.", "I'm giving you back the 8.90, for shipping, now."
    )
    assert [title for _, title, _ in told(text)] == ["way 2 says the same as way 1: it is no second way to win"]
