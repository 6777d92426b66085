"""Every shipped scenario is proved both ways: model answers win with full marks, bad answers lose exactly theirs."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calmdesk.coach.customer import HEAT, Mood, begin, react
from calmdesk.coach.hearing import hear
from calmdesk.coach.keys import LABELS
from calmdesk.coach.scenario import Scenario, read_scenario
from calmdesk.coach.scenario_keys import AGAIN, NOTHING
from calmdesk.playbook.folders import built_in_folder
from tests.coach.corpora import DEVELOPMENT, read_replies
from tests.coach.test_review import judge

if TYPE_CHECKING:
    from calmdesk.coach.review import Review

FOLDER = Path(built_in_folder()).resolve() / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))
SEEDS = (0, 1, 2, 11)
every = pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)


@cache
def scenario(file: Path) -> Scenario:
    read = read_scenario(file.read_bytes(), file.stem)
    assert read.findings == ()
    assert read.scenario is not None
    return read.scenario


@cache
def review(text: str, customer: str, case: str) -> Review:
    return judge().review(text, customer, case)


def labels(s: Scenario, text: str, customer: str) -> tuple[str, ...]:
    return hear(s, review, text, customer).labels


def play(s: Scenario, replies: tuple[str, ...], seed: int) -> tuple[Mood, list[str], list[tuple[str, ...]]]:
    """The mood in the end, what the customer said, and what the coach saw in each reply."""
    mood, last, said, seen = begin(s), s.opening, [], []
    for reply in replies:
        found = labels(s, reply, last)
        answer = react(s, mood, reply, found, seed)
        mood, last = answer.mood, answer.says or last
        said.append(answer.says)
        seen.append(found)
    return mood, said, seen


def test_there_are_enough_of_every_kind() -> None:
    found = [scenario(f) for f in FILES]
    assert len(found) >= 18
    assert {s.playbook for s in found} >= {
        "angry-caller",
        "abusive-caller",
        "late-delivery",
        "billing-error",
        "repeat-complaint",
        "not-our-fault",
        "supervisor-request",
        "service-failure-winback",
        "text-to-voice",
        "silent-customer-checkin",
    }
    assert {s.level for s in found} == {1, 2, 3, 4, 5}
    assert {s.channel for s in found} >= {"phone", "chat"}


@every
def test_each_model_answer_wins_with_full_marks_whatever_the_seed(file: Path) -> None:
    s = scenario(file)
    assert len({" ".join(route) for route in s.model_answers}) >= 2
    for route in s.model_answers:
        for seed in SEEDS:
            mood, _, seen = play(s, route, seed)
            assert mood.ended == "won", (route, mood)
            assert s.win <= mood.said
            assert {x for found in seen for x in found} & set(LABELS["violation"]) == set()


@every
def test_each_bad_answer_loses_exactly_the_marks_it_should(file: Path) -> None:
    s = scenario(file)
    found = {reply: set(labels(s, reply, s.opening)) & set(LABELS["violation"]) for reply, _ in s.bad_answers}
    assert found == {reply: set(loses) for reply, loses in s.bad_answers}


@every
def test_no_good_line_wins_by_being_repeated(file: Path) -> None:
    s = scenario(file)
    for route in s.model_answers:
        for reply in route:
            assert play(s, (reply,) * 12, 0)[0].ended != "won", reply


@every
def test_nobody_says_the_same_line_twice(file: Path) -> None:
    s = scenario(file)
    replies = tuple(f"{n}. {line}" for n, line in enumerate([*s.model_answers[0], *s.model_answers[1]] * 2))
    for seed in SEEDS:
        spoken = [line for line in play(s, replies, seed)[1] if line]
        assert len(set(spoken)) == len(spoken)


@every
def test_the_same_seed_and_the_same_words_give_the_same_customer(file: Path) -> None:
    s = scenario(file)
    route = s.model_answers[-1]
    assert play(s, route, 7) == play(s, route, 7)


DEV = [tuple(sorted(r.labels)) for r in read_replies(DEVELOPMENT)]


@every
def test_good_never_angers_and_harm_never_calms(file: Path) -> None:
    """Over the labels of the 240 development replies, from several moods; but where a scenario says “too early”."""
    s = scenario(file)
    early = {r.on for r in s.reactions if r.before} | {"words" for r in s.reactions if r.before and r.words}
    for start in range(2, 9):
        mood = begin(s)._replace(meters={**begin(s).meters, HEAT: start})
        for found in dict.fromkeys(DEV):
            heat = {}
            for extra in ("", *LABELS["principle"], *LABELS["violation"]):
                given = tuple(dict.fromkeys([*found, *([extra] if extra else ())]))
                heat[extra] = react(s, mood, "zz", given).mood.meters[HEAT]
            for good in LABELS["principle"]:
                if not early & {good, *found}:
                    assert heat[good] <= heat[""], (found, good)
            for harm in LABELS["violation"]:
                if not early & set(found):
                    assert heat[harm] >= heat[""], (found, harm)


def test_what_helps_helps_once() -> None:
    s = scenario(FOLDER / "bike-for-saturday.yaml")
    mood, heats = begin(s), []
    for n in range(4):
        mood = react(s, mood, f"words {n}", ("OWN",)).mood
        heats.append(mood.meters[HEAT])
    assert heats[0] < s.meters[HEAT].start
    assert len(set(heats)) == 1


def test_a_remedy_before_owning_comes_too_early_and_can_still_be_said_later() -> None:
    s = scenario(FOLDER / "bike-for-saturday.yaml")
    first = react(s, begin(s), "money", ("REMEDY",))
    assert first.mood.meters[HEAT] > s.meters[HEAT].start
    assert "tip" in first.says or "worth" in first.says
    assert "REMEDY" not in first.mood.said
    both = react(s, begin(s), "we did it, and money", ("OWN", "REMEDY"))
    assert both.mood.meters[HEAT] < s.meters[HEAT].start


def test_the_first_question_costs_nothing_and_silence_and_repeats_do() -> None:
    s = scenario(FOLDER / "bike-for-saturday.yaml")
    start = begin(s)
    asked = react(s, start, "May I have the number?", ())
    assert asked.mood.meters[HEAT] == start.meters[HEAT]
    again = react(s, asked.mood, "May I have the number?", ())
    assert {m.why for m in again.moved} == {NOTHING, AGAIN}


def test_nobody_hangs_up_at_the_first_sentence_but_where_it_strikes_at_them() -> None:
    s = scenario(FOLDER / "bike-for-saturday.yaml")
    near = begin(s)._replace(meters={HEAT: 9})
    assert react(s, near, "it was you", ("BLAME",)).mood.ended == ""
    assert react(s, near, "idiot", ("HOSTILE",)).mood.ended == "lost"
    later = near._replace(turns=1)
    lost = react(s, later, "it was you", ("BLAME",))
    assert lost.mood.ended == "lost"
    assert react(s, lost.mood, "sorry", ("OWN",)).mood == lost.mood


def test_the_hidden_need_comes_out_once_it_is_earned_and_counts_once_it_is_answered() -> None:
    s = scenario(FOLDER / "bike-for-saturday.yaml")
    assert s.hidden is not None
    heard = react(s, begin(s), "the red bike, wednesday", ("REFLECT",))
    assert s.hidden.says in heard.says
    assert heard.mood.hidden == "out"
    assert react(s, heard.mood, "hm", ()).mood.hidden == "out"
    assert react(s, heard.mood, "saturday at eleven", ("REFLECT",)).mood.hidden == "met"


BROKEN = """calmdesk-scenario: 1
title: A title
playbook: angry-caller
level: 2
customer: {name: Ann, about: Somebody.}
meters: {heat: {start: 8, lose-at: 8}}
you-know: [A thing]
opening: "Hello."
reactions:
  - {on: OWN, heat: 2, says: ["Oh."]}
  - {on: BLAME, heat: -1, says: ["Ah."]}
  - {heat: 1, says: ["Eh."]}
  - {on: ACK, shame: -1, says: ["Ih."]}
win: {said: [OWN], hidden-met: true}
model-answers: [["We did it."]]
bad-answers: [{reply: "You did it.", loses: [BLAME]}]
"""


def test_what_is_wrong_with_a_scenario_is_told_all_at_once_with_its_line() -> None:
    read = read_scenario(BROKEN.encode(), "ann")
    assert read.scenario is None
    assert [(f.rule, f.line) for f in read.findings] == [
        ("lost-at-start", 6),
        ("no-won-at", 6),
        ("good-angers", 10),
        ("harm-calms", 11),
        ("answers-nothing", 12),
        ("unknown-meter", 13),
        ("no-hidden", 14),
        ("one-way", 15),
    ]


def test_keys_and_labels_that_arent_known_are_told_with_the_nearest() -> None:
    text = BROKEN.replace("opening:", "openning:").replace("on: OWN", "on: OWNED")
    told = {f.rule: f.tip for f in read_scenario(text.encode(), "ann").findings}
    assert "opening" in told["unknown-key"]
    assert "OWN" in told["unknown-word"]


def test_levels_go_up_without_gaps() -> None:
    found = sorted({scenario(f).level for f in FILES})
    assert all(b - a == 1 for a, b in pairwise(found))


def test_an_open_question_opens_somebody_who_is_calm_enough_and_no_one_else() -> None:
    s = scenario(FOLDER / "bike-for-saturday.yaml")
    asked = "What do you need it for?"
    hot = react(s, begin(s), asked, ())
    assert hot.mood.hidden == ""
    calmer = begin(s)._replace(meters={HEAT: 5})
    assert react(s, calmer, asked, ()).mood.hidden == "out"
    assert react(s, calmer, f"You people! {asked}", ("HOSTILE",)).mood.hidden == ""
    assert react(s, calmer, "Is it urgent?", ()).mood.hidden == ""


def test_no_open_question_is_left_without_a_word() -> None:
    s = scenario(FOLDER / "third-time-leak.yaml")
    for start in (9, 2):
        mood = begin(s)._replace(meters={HEAT: start}, hidden="met")
        plain = react(s, mood, "We let you down.", ("OWN",)).says
        asked = react(s, mood, "We let you down. Who was it that you spoke to?", ("OWN",)).says
        assert asked.startswith(plain)
        assert len(asked) > len(plain)
