"""What is private in typed words is hidden before it is remembered, said, and brought back with one key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.call import asides, giving
from calmdesk.call import events as e
from calmdesk.call.moves import NotAllowed
from calmdesk.call.wrapup import write_summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from .player import Player

    Begin = Callable[..., Player]

TEXT = """
facts: {customer: {ask: Name}, problem: {ask: What}}
steps:
  aa: {say: "Hello {customer}, so {problem}.", ask: [customer, problem]}
  bb: {say: "I fix it.", promise: {what: "Fixed: {problem}", by: 24h}}
  cc: {say: Bye, end: recovered}
"""
CARD = "4111 1111 1111 1111"


def remembered(play: Player) -> str:
    return repr(play.entries)


def test_a_card_number_in_a_note_or_a_fact_is_never_remembered(begin: Begin) -> None:
    play = begin(TEXT).answer("Rosa", f"charged twice on {CARD}")
    play.note(f"card {CARD}, call 01712-345678")
    assert CARD not in remembered(play)
    assert play.value("problem") == "charged twice on [card number]"
    assert play.call.notes[0].text == "card [card number], call [phone number]"
    assert play.talk.hidden[0].names == ("card number", "phone number")


def test_one_key_brings_a_note_back_where_it_was_no_such_thing(begin: Begin) -> None:
    play = begin(TEXT).note("first").note(f"order {CARD}")
    play.talk.unmask()
    assert [x.text for x in play.call.notes] == ["first", f"order {CARD}"]
    with pytest.raises(NotAllowed, match="Nothing was hidden"):
        play.talk.unmask()


def test_one_key_brings_a_fact_back_and_what_is_made_of_it_keeps_it(begin: Begin) -> None:
    play = begin(TEXT).answer("Rosa", f"order {CARD}")
    play.talk.unmask()
    play.on().on()
    assert play.call.promises[0].what == f"Fixed: order {CARD}"


def test_a_promise_and_a_hand_over_are_looked_at_too(begin: Begin) -> None:
    play = begin(TEXT)
    play.do(lambda s: giving.promise(s, "mail ana@example.com", "17:00"))
    assert play.call.promises[0].what == "mail [e-mail address]"
    play.talk.unmask()
    assert play.call.promises[0].what == "mail ana@example.com"
    play.do(lambda s: asides.hand_over(s, "Ana, ana@example.com"))
    assert play.call.handed_to == "Ana, [e-mail address]"


def test_first_names_are_enough(begin: Begin) -> None:
    play = begin(TEXT).answer("Rosa Delgado")
    assert play.value("customer") == "Rosa"
    assert play.talk.hidden[0].names == ("last names",)
    play.talk.unmask()
    assert play.value("customer") == "Rosa Delgado"


def test_a_correction_is_looked_at_too(begin: Begin) -> None:
    play = begin(TEXT).answer("Rosa", "it leaks").on()
    play.correct("problem", f"paid with {CARD}")
    assert play.value("problem") == "paid with [card number]"
    assert CARD not in remembered(play)


def test_it_never_stops_the_call_and_other_words_stay_as_they_are(begin: Begin) -> None:
    play = begin(TEXT).answer("Rosa", "order 4471 on 2026-11-25 for 1,250.00")
    assert play.value("problem") == "order 4471 on 2026-11-25 for 1,250.00"
    assert play.talk.hidden == ()
    play.on().on().on()
    assert play.call.ended == "recovered"
    assert CARD not in write_summary(play.edition, play.call, "x-1")


def test_nothing_that_was_hidden_is_said_to_be_anywhere_else(begin: Begin) -> None:
    play = begin(TEXT)
    play.do(lambda _: [e.Unmasked("note 7", "x"), e.Unmasked("fact nobody", "x"), e.Unmasked("odd", "x")])
    assert (play.call.notes, dict(play.call.facts), play.call.handed_to) == ((), {}, "")
