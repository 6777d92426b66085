"""What a call missed: only what is certain counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.call import asides
from calmdesk.coach.misses import find_misses, rate_misses
from calmdesk.coach.skills import AGAIN, HARD
from tests.call.player import Player

if TYPE_CHECKING:
    from collections.abc import Callable

    from calmdesk.playbook.model import Edition
    from tests.conftest import Clock

TALK = """\
calmdesk: 1
title: A talk
goal: A goal.
facts:
  slip: {ask: "Ours?", kind: yes-no, default: no}
interruptions:
  aside: {label: Something else, play: aside}
steps:
  hear:
    title: Hear them out
    principle: listen
    say: Go on.
    timer: 2m
    choices: {finished: own, looping: step-in}
  step-in: {title: Step in, principle: boundary, say: One moment., go: own}
  own:
    title: Own it
    principle: own
    say: That was us.
    must-check: [Said once]
  excuse: {title: Say sorry, principle: apologise, when: {slip: yes}, say: Sorry.}
  fix: {title: Fix it, principle: fix, say: "I'm on it.", timer: 3s}
  close: {title: Close, principle: invite, say: "Anything else?", end: recovered}
"""
ASIDE = """\
calmdesk: 1
title: An aside
goal: A goal.
steps:
  listen: {title: Listen here, principle: empathise, say: I see., must-check: [Seen], return: recovered}
"""


@pytest.fixture
def talk(books: Callable[..., Edition], clock: Clock) -> Player:
    return Player(books(TALK, aside=ASIDE), clock, channel="phone", case="")


def missed(player: Player) -> list[tuple[str, str]]:
    return [(m.how, m.step) for m in find_misses(player.edition, player.call)]


def test_a_call_on_its_path_misses_nothing(talk: Player) -> None:
    talk.choose("finished").tick("Said once")
    talk.on(2)
    assert talk.call.over
    assert missed(talk) == []


def test_a_step_that_was_jumped_over_is_missed_but_not_one_that_no_way_needs(talk: Player) -> None:
    talk.go("fix")
    assert missed(talk) == [("skipped", "Own it")]


def test_a_step_whose_condition_holds_is_missed_and_one_whose_doesnt_is_not(talk: Player) -> None:
    talk.tell(slip="yes")
    talk.go("fix")
    assert missed(talk) == [("skipped", "Own it"), ("skipped", "Say sorry")]


def test_who_comes_back_to_a_step_or_takes_the_jump_back_has_not_missed_it(talk: Player) -> None:
    talk.go("fix")
    talk.go("own")
    assert missed(talk) == []
    talk.back().back()
    assert missed(talk) == []
    talk.go("close")
    assert missed(talk) == [("skipped", "Own it"), ("skipped", "Fix it")]


def test_a_step_left_with_its_checks_open_is_missed_once(talk: Player, clock: Clock) -> None:
    talk.choose("finished")
    clock.pass_ms(60_000)
    talk.do(asides.override)
    assert missed(talk) == [("open", "Own it")]


def test_a_step_is_slow_beyond_its_timer_and_a_silence_never_is(talk: Player, clock: Clock) -> None:
    clock.pass_ms(121_000)
    talk.choose("finished").tick("Said once")
    clock.pass_ms(60_000)
    talk.on()
    assert missed(talk) == [("slow", "Hear them out")]


def test_the_time_of_an_interruption_is_not_the_steps(talk: Player, clock: Clock) -> None:
    talk.cut("aside")
    clock.pass_ms(300_000)
    talk.tick("Seen")
    talk.choose("finished")
    assert missed(talk) == []


def test_what_is_missed_in_an_interruption_is_of_its_own_situation(talk: Player) -> None:
    talk.cut("aside")
    talk.do(asides.override)
    (miss,) = find_misses(talk.edition, talk.call)
    assert (miss.how, miss.situation) == ("open", "aside")


def test_a_miss_becomes_attempts_at_what_the_step_is_for_each_skill_once_at_its_worst(
    talk: Player, clock: Clock
) -> None:
    clock.pass_ms(121_000)
    talk.choose("finished")
    talk.do(asides.override)
    found = rate_misses(find_misses(talk.edition, talk.call), 12)
    assert {(a.skill.label, a.rating) for a in found} == {
        ("REFLECT", HARD),
        ("ACK", HARD),
        ("OWN", AGAIN),
        ("APOLOGY", AGAIN),
    }
    assert {(a.skill.situation, a.source, a.number) for a in found} == {("main", "call", 12)}
    assert len(found) == 4
