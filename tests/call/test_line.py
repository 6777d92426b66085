"""The line to say now: it waits for what decides it, names what is really offered, and is never said twice alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.call import asides
from calmdesk.safetext import fill

if TYPE_CHECKING:
    from collections.abc import Callable

    from .player import Player

    Begin = Callable[..., Player]

WHOSE = """
facts:
  fault: {ask: Whose slip, default: unknown, one-of: {ours: {label: Ours, slip: ours}, unknown: {label: Not known, slip: unknown}}}
steps:
  own:
    principle: own
    ask: fault
    say: [{when: {fault: ours}, line: "We got this wrong."}, {line: "I don't know yet what went wrong."}]
  end: {title: End, end: recovered}
"""


def test_while_the_answer_that_decides_the_line_is_open_no_line_is_shown(begin: Begin) -> None:
    play = begin(WHOSE)
    assert play.standing.line == ""
    assert play.answer("ours").standing.line == "We got this wrong."


def test_an_answer_that_decides_nothing_keeps_no_line_back(begin: Begin) -> None:
    play = begin(
        WHOSE.replace("ask: fault", "ask: [fault, name]").replace("facts:", "facts:\n  name: {ask: Their name}")
    )
    assert play.answer("unknown").standing.line == "I don't know yet what went wrong."


GIFT = """
facts:
  fault: {ask: Whose slip, one-of: {ours: {label: Ours, slip: ours}, theirs: {label: Theirs, slip: customer}}}
  price: {ask: How much, kind: money}
steps:
  aa: {title: A, ask: [fault, price]}
  gift: {offer: {kind: gesture, ladder: goodwill, on: price}, say: ["I'd like to add {offer}.", "There's {offer} on top."]}
  end: {title: End, end: recovered}
"""


def at_gift(begin: Begin, fault: str = "ours", price: str = "8") -> Player:
    return begin(GIFT).answer(fault, price).on()


def test_the_line_names_the_amount_that_is_proposed_and_then_the_one_that_is_offered(begin: Begin) -> None:
    play = at_gift(begin)
    assert play.standing.line == "I'd like to add 12.00 USD."
    assert play.amount("5").standing.line == "I'd like to add 5.00 USD."


def test_what_cant_be_offered_or_was_not_isnt_said_either(begin: Begin) -> None:
    assert at_gift(begin, "theirs").standing.line == ""
    assert at_gift(begin).amount("none").standing.line == ""


def test_what_somebody_else_must_approve_isnt_promised_before_they_have(begin: Begin) -> None:
    play = at_gift(begin, price="100").amount("60")
    assert "12.00" not in play.standing.line
    assert play.standing.line.startswith("That's above what I can approve")


CUT = """
facts: {customer: {ask: "Customer's first name", default: there}}
interruptions: {wait: {label: Wait, play: wait}}
steps:
  hear: {ask: customer, say: ["Hi {customer}, start anywhere.", "Go on, I'm with you.", "Tell me all of it."], choices: {done: end}}
  end: {title: End, end: recovered}
"""
WAIT = "module: true\nsteps:\n  only: {title: Wait}\n"


def test_who_comes_back_from_what_cut_in_hears_other_words_than_before(begin: Begin) -> None:
    play = begin(CUT, wait=WAIT).answer("Rosa")
    assert play.standing.line == "Hi Rosa, start anywhere."
    play.cut("wait").on()
    assert (play.at, play.standing.line) == ("hear", "Go on, I'm with you.")
    play.do(asides.say_otherwise)
    assert play.standing.line == "Tell me all of it."


POLICY = "interruptions: {help: {label: Help, play: help, key: h}}\n"
HELP = """
module: true
facts: {customer: {ask: "Customer's first name", default: there}, other: {ask: Something}}
steps:
  who: {ask: [customer, other], say: "This is {customer}."}
"""


def test_what_cuts_in_from_the_policy_knows_what_it_declares_alike_and_asks_it_with_that_as_default(
    begin: Begin,
) -> None:
    play = begin(CUT, policy=POLICY, wait=WAIT, help=HELP).answer("Rosa")
    play.cut("help")
    assert play.standing.line == "This is Rosa."
    assert getattr(play.need, "default", None) == "Rosa"
    play.answer("Bo", "x").on()
    assert play.standing.known.value("customer") == "Rosa"


def test_what_is_declared_otherwise_stays_to_itself(begin: Begin) -> None:
    help_ = HELP.replace("Customer's first name", "Their name")
    play = begin(CUT, policy=POLICY, wait=WAIT, help=help_).answer("Rosa")
    assert play.cut("help").standing.line == "This is there."


@pytest.mark.parametrize(
    ("text", "fact", "said"),
    [
        ("So {x}. Right?", "The bike is late.", "So the bike is late. Right?"),
        ("{x}. I've got two ways.", "the courier lost it", "The courier lost it. I've got two ways."),
        ("Thank you. {x}, by five.", "a letter", "Thank you. A letter, by five."),
        ("What I wrote: {x}", "We were closed", "What I wrote: We were closed"),
        ("Hi {x}, hello.", "Anna", "Hi Anna, hello."),
        ("{x}", "zebra", "zebra"),
        ("It's {x}.", "5 p.m.", "It's 5 p.m."),
        ("It's {x}.", "so late ...", "It's so late ...."),
        ("({x}) is it.", "the fee", "(The fee) is it."),
    ],
)
def test_a_fact_is_fitted_into_the_sentence_around_it(text: str, fact: str, said: str) -> None:
    assert fill(text, lambda _: fact) == said
