"""How well each label of a rehearsal went, and what all attempts together are."""

from __future__ import annotations

from pathlib import Path

from calmdesk.coach.rehearsal import Rehearsal, Turn
from calmdesk.coach.scenario import Scenario, read_scenario
from calmdesk.coach.skills import AGAIN, EASY, GOOD, HARD, Attempt, Rated, Skill, find_attempts, rate
from calmdesk.playbook.folders import built_in_folder

EASY_ONE = read_scenario((Path(built_in_folder()) / "scenarios" / "such-a-small-thing.yaml").read_bytes(), "small")
OWN, OFFER = Skill("OWN", "angry-caller"), Skill("OFFER_HELP", "angry-caller")
BLAME = Skill("BLAME", "angry-caller")


def scenario(*asked: str, level: int = 2) -> Scenario:
    assert EASY_ONE.scenario is not None
    return EASY_ONE.scenario._replace(win=frozenset(asked), level=level)


def turn(*labels: str, hints: int = 0) -> Turn:
    return Turn(" ".join(labels) or "Well.", labels, "Yes?", {"heat": 5}, hints)


def rated(*turns: Turn, tried: tuple[tuple[Turn, ...], ...] = (), level: int = 2, **more: object) -> dict[str, int]:
    """The ratings of a rehearsal that was won, of a scenario that asks for OWN and OFFER_HELP."""
    rehearsal = Rehearsal(turns=turns, tried=tried, outcome="won", level="none")._replace(**more)  # type: ignore[arg-type]
    return dict(rate(scenario("OWN", "OFFER_HELP", level=level), rehearsal))


def test_what_was_left_has_no_mark() -> None:
    assert rated(turn("OWN", "BLAME"), outcome="left") == {}
    assert rated(turn("OWN", "BLAME"), outcome="") == {}


def test_what_was_never_said_is_missed_also_where_it_was_said_in_words_taken_back() -> None:
    assert rated(turn("OWN"))["OFFER_HELP"] == AGAIN
    assert rated(turn("OWN"), tried=((turn("OFFER_HELP"),),))["OFFER_HELP"] == AGAIN


def test_what_nobody_asked_for_has_no_mark() -> None:
    assert set(rated(turn("OWN", "APOLOGY"), turn("OFFER_HELP"))) == {"OWN", "OFFER_HELP"}


def test_unaided_is_good_and_after_a_hint_it_is_hard() -> None:
    assert rated(turn("OWN"), turn("OFFER_HELP", hints=1)) == {"OWN": GOOD, "OFFER_HELP": HARD}
    # Once it was said unaided, help with something else takes nothing away.
    assert rated(turn("OWN"), turn("OWN", "OFFER_HELP", hints=3))["OWN"] == GOOD


def test_a_second_try_is_hard_where_the_first_lacked_it_or_harmed_in_its_place() -> None:
    stands = (turn("ACK"), turn("OWN"), turn("OFFER_HELP"))
    lacked = (stands[0], turn("REFLECT"))
    harmed = (stands[0], turn("OWN", "BLAME"))
    said_too = (stands[0], turn("OWN", "ACK"))
    short = (turn("REFLECT"),)
    assert rated(*stands, tried=(lacked,)) == {"OWN": HARD, "OFFER_HELP": GOOD}
    assert rated(*stands, tried=(harmed,)) == {"OWN": HARD, "OFFER_HELP": GOOD, "BLAME": AGAIN}
    assert rated(*stands, tried=(said_too,))["OWN"] == GOOD
    assert rated(*stands, tried=(short,))["OWN"] == GOOD


def test_harm_that_still_stands_before_it_makes_no_second_try() -> None:
    stands = (turn("BLAME"), turn("OWN"), turn("OFFER_HELP"))
    later = (*stands[:2], turn("ACK"))
    assert rated(*stands, tried=(later,))["OWN"] == GOOD


def test_easy_is_unaided_in_a_hard_scenario_or_against_the_clock() -> None:
    turns = (turn("OWN"), turn("OFFER_HELP"))
    assert rated(*turns, level=4)["OWN"] == EASY
    assert rated(*turns, clock=30)["OWN"] == EASY
    assert rated(*turns, level=3)["OWN"] == GOOD
    assert dict(rate(scenario("OWN", level=4), Rehearsal(turns=turns, outcome="won", level="cues"))) == {"OWN": GOOD}
    assert rated(turn("ACK", hints=1), *turns, level=4)["OWN"] == GOOD


def test_what_came_too_early_was_heard_by_nobody() -> None:
    bike = read_scenario(
        (Path(built_in_folder()) / "scenarios" / "bike-for-saturday.yaml").read_bytes(), "bike"
    ).scenario
    assert bike is not None
    too_early = Rehearsal(turns=(turn("REMEDY"), turn("OWN")), outcome="lost", level="cues")
    in_time = Rehearsal(turns=(turn("OWN"), turn("REMEDY")), outcome="lost", level="cues")
    assert dict(rate(bike, too_early))["REMEDY"] == AGAIN
    assert dict(rate(bike, in_time))["REMEDY"] == GOOD


def test_each_harm_counts_once_also_in_words_taken_back_and_in_a_rehearsal_that_was_lost() -> None:
    found = rated(turn("BLAME"), turn("OWN", "BLAME"), tried=((turn("HOSTILE"),),), outcome="lost")
    assert {x: r for x, r in found.items() if x not in {"OWN", "OFFER_HELP"}} == {"BLAME": AGAIN, "HOSTILE": AGAIN}


# --- all attempts


def ended(at: int, *ratings: tuple[str, int], situation: str = "angry-caller", source: str = "rehearsal") -> Rated:
    return Rated(ratings, situation, at, source, at)


def tries(skill: Skill, *rehearsals: Rated, others: tuple[Attempt, ...] = ()) -> list[tuple[int, int]]:
    """(at, rating) of each attempt at a skill."""
    return [(a.at, a.rating) for a in find_attempts(rehearsals, others) if a.skill == skill]


def test_a_slip_is_a_skill_once_it_was_made_and_each_rehearsal_without_it_is_good() -> None:
    clean, slip = (("OWN", GOOD),), (("OWN", GOOD), ("BLAME", AGAIN))
    found = tries(BLAME, ended(1, *clean), ended(2, *slip), ended(3, *clean), ended(4, *clean))
    assert found == [(2, AGAIN), (3, GOOD), (4, GOOD)]


def test_a_slip_isnt_kept_out_by_a_rehearsal_of_another_situation_or_by_a_drill_of_something_else() -> None:
    slip = ended(1, ("BLAME", AGAIN))
    elsewhere = ended(2, ("OWN", GOOD), situation="late-delivery")
    drill = Attempt(OWN, GOOD, 3, "drill", 3)
    assert tries(BLAME, slip, elsewhere, others=(drill,)) == [(1, AGAIN)]


def test_what_the_coach_found_is_trained_in_any_situation() -> None:
    general = Skill("BLAME", "")
    coached = ended(1, ("BLAME", AGAIN), situation="", source="coach")
    drill = Attempt(Skill("BLAME", "late-delivery"), HARD, 2, "drill", 2)
    later = ended(3, ("OWN", GOOD))
    clean = ended(4, situation="", source="coach")
    assert tries(general, later, clean, coached, others=(drill,)) == [(1, AGAIN), (2, HARD), (3, GOOD), (4, GOOD)]


def test_attempts_stand_in_the_order_of_time_and_what_makes_no_sense_is_left_out() -> None:
    odd = Attempt(OWN, 9, 2, "drill", 2)
    unknown = Attempt(Skill("CHARM", "angry-caller"), GOOD, 2, "drill", 2)
    call = Attempt(OWN, AGAIN, 1, "call", 7)
    found = find_attempts([ended(5, ("OWN", GOOD)), ended(3, ("OFFER_HELP", HARD))], [odd, unknown, call])
    assert [(a.skill, a.rating, a.at) for a in found] == [(OWN, AGAIN, 1), (OFFER, HARD, 3), (OWN, GOOD, 5)]
