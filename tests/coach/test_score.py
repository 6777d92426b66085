"""What a scorecard says of a rehearsal: the marks, the words they are about, and advice that fits any moment."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from calmdesk.coach.customer import begin, react
from calmdesk.coach.hearing import hear
from calmdesk.coach.rehearsal import Rehearsal, Turn
from calmdesk.coach.rules import open_habits
from calmdesk.coach.score import ADVICE, Scorecard, score
from calmdesk.coach.shelf import find_scenarios, open_scenario
from calmdesk.playbook.folders import Library, built_in_folder
from tests.coach.test_review import judge

if TYPE_CHECKING:
    from calmdesk.coach.phrases import Phrases

LIBRARY = Library((built_in_folder(),), "")


@cache
def habits() -> Phrases:
    return open_habits(LIBRARY)


def card(name: str, *replies: str) -> Scorecard:
    """The scorecard of these replies."""
    scenario, _ = open_scenario(LIBRARY, name)
    mood, turns, line = begin(scenario), [], scenario.opening
    for reply in replies:
        labels = hear(scenario, judge().review, reply, line).labels
        answer = react(scenario, mood, reply, labels)
        turns.append(Turn(said=reply, labels=labels, answer=answer.says, meters=dict(answer.mood.meters)))
        mood, line = answer.mood, answer.says or line
    rehearsal = Rehearsal(turns=tuple(turns), outcome=mood.ended)
    return score(
        scenario,
        rehearsal,
        lambda said, before: hear(scenario, judge().review, said, before),
        habits().find,
        need_met=mood.hidden == "met",
    )


def test_every_model_answer_has_every_mark() -> None:
    for name in find_scenarios(LIBRARY):
        for route in open_scenario(LIBRARY, name)[0].model_answers:
            found = card(name, *route)
            assert found.marks[0] == found.marks[1], (name, route, found)


def test_a_turn_that_makes_them_angrier_costs_a_mark() -> None:
    found = card("bike-for-saturday", "Please calm down, it's only a bike.")
    assert found.risen == (1,)
    assert not found.steady
    assert found.marks[0] == 0


def test_words_by_rote_cost_the_mark_for_harm_and_are_advised_on_once() -> None:
    found = card("rent-week", "I understand your frustration.", "I understand your frustration, Darius.")
    assert [m.turn for m in found.habits] == [1, 2]
    assert not found.harmless
    assert [b.words for b in found.better if "frustration" in b.words] == ["I understand your frustration"]


def test_what_nobody_can_answer_for_costs_the_mark_for_harm() -> None:
    said = "I'll get it sorted today, 100%."
    found = card("last-bus-home", said)
    assert [m.words for m in found.unsure] == [said]
    assert not found.harmless


def test_advice_on_a_later_turn_is_for_any_moment() -> None:
    found = card("rent-week", "One moment.", "I'm looking.", "I'm reading it.", "Please calm down.")
    assert ADVICE["DISMISS"] in [b.instead for b in found.better]


def test_before_the_hidden_need_is_out_no_advice_gives_it_away() -> None:
    found = card("table-for-nine", "Right, calm down a minute.", "Nobody's shouting but you, calm down.")
    assert not any("eight" in b.instead or "walk" in b.instead for b in found.better)


def test_where_nothing_was_said_nothing_is_earned() -> None:
    assert card("rent-week").marks[0] == 0
