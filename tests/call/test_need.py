"""What a call waits for where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.call import asides
from calmdesk.call import need as n

if TYPE_CHECKING:
    from collections.abc import Callable

    from .player import Player

    Begin = Callable[..., Player]


def test_a_step_that_only_says_something_waits_only_to_go_on(begin: Begin) -> None:
    assert begin("steps:\n  aa: {title: A}\n  bb: {title: B, end: lost}").need == n.GoOn("", "")


def test_a_step_that_ends_says_how(begin: Begin) -> None:
    assert begin("steps:\n  aa: {title: A, end: recovered}").need == n.GoOn("recovered", "")
    assert begin("steps:\n  aa: {title: A, return: follow-up}").need == n.GoOn("follow-up", "")


def test_after_the_end_nothing_is_needed(begin: Begin) -> None:
    assert begin("steps:\n  aa: {title: A, end: lost}").on().need == n.Over()


def test_facts_are_asked_in_the_order_of_the_step_after_those_its_texts_use(begin: Begin) -> None:
    play = begin("""
        facts: {one: {ask: A}, two: {ask: B}, used: {ask: C}}
        steps:
          aa: {say: "{used} and {two}", ask: [one, two], end: lost}
        """)
    order = []
    while play.asked:
        order.append(play.asked)
        play.answer("x")
    assert order == ["used", "one", "two"]


@pytest.mark.parametrize(
    "where",
    ["say: 'So {ff}'", "cue: 'So {ff}'", "check: 'So {ff}'", "must-check: 'So {ff}'", "title: A, promise: {what: 'So {ff}', by: 2h}",
     "say: [{when: {ff: x}, line: A}, {line: B}]", "title: A, choices: {xx: {go: aa, when: {ff: x}}}",
     "title: A, choices: {xx: {go: [{when: {ff: x}, step: aa}, {step: aa}]}}", "title: A, go: [{when: {ff: x}, step: aa}, {step: aa}]",
     "title: A, when: {ff: x}", "title: A, when: {not: {ff: x}}"],
)  # fmt: skip
def test_an_unknown_fact_that_a_step_uses_anywhere_is_asked_on_the_spot(begin: Begin, where: str) -> None:
    play = begin(f"facts: {{ff: {{ask: What}}}}\nsteps:\n  aa: {{{where}}}\n  bb: {{title: B, end: lost}}")
    assert play.asked == "ff"


def test_an_option_says_how_often_it_may_still_be_taken_and_where_it_leads(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {title: A, choices: {no: {go: aa, at-most: 1, then: bb}, x1: {go: aa, at-most: 1}, y1: bb}}\n  bb: {title: B, end: lost}"
    )

    def options() -> list[tuple[str, str | None, int | None, bool]]:
        assert isinstance(play.need, n.AskChoice)
        return [(o.choice.id, o.target, o.left, bool(o.closed)) for o in play.need.options]

    assert options() == [("no", "aa", 1, False), ("x1", "aa", 1, False), ("y1", "bb", None, False)]
    play.choose("no", "x1")
    assert options() == [("no", "bb", 0, False), ("x1", None, 0, True), ("y1", "bb", None, False)]


def test_the_choice_that_was_taken_back_is_the_default(begin: Begin) -> None:
    play = (
        begin("steps:\n  aa: {title: A, choices: {one: bb, two: bb}}\n  bb: {title: B, end: lost}").choose("two").back()
    )
    assert isinstance(play.need, n.AskChoice)
    assert play.need.old == "two"


def test_checks_that_are_open_are_named_at_the_choice(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, check: [Zero], must-check: [One, Two], choices: {one: aa}}").tick("One")
    assert isinstance(play.need, n.AskChoice)
    assert play.need.open == ("Two",)


def test_ended_by_us_is_closed_until_two_limits_were_given(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, principle: boundary}\n  bb: {title: B, end: ended-by-us}").on()
    assert isinstance(play.need, n.GoOn)
    assert "1 given" in play.need.closed
    other = begin(
        "steps:\n  aa: {title: A, principle: boundary}\n  bb: {title: B, principle: boundary, end: ended-by-us}"
    ).on()
    assert other.need == n.GoOn("ended-by-us", "")


def test_the_number_of_limits_is_the_policys(begin: Begin) -> None:
    text = "steps:\n  aa: {title: A, principle: boundary}\n  bb: {title: B, end: ended-by-us}"
    assert begin(text, policy="counts: {abuse-warnings: 1}\n").on().need == n.GoOn("ended-by-us", "")


def test_ended_by_us_at_any_time_keeps_to_the_limits_too(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {title: A, principle: boundary, choices: {xx: aa}}",
        policy="dispositions: {ended-by-us: {label: Ended, any-time: true}}\n",
    )
    assert "2 limits" in play.refused(lambda s: asides.end(s, "ended-by-us"))
    assert play.choose("xx").end("ended-by-us").call.over


def test_where_no_step_is_marked_as_a_limit_the_call_isnt_held_up(begin: Begin) -> None:
    """Lint says so instead: `limits-unmarked`."""
    assert begin("steps:\n  aa: {title: A, end: ended-by-us}").on().call.ended == "ended-by-us"
