"""Offers made, answered, kept, changed or withdrawn, and promises at any step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.call import giving, moves
from calmdesk.call import need as n
from calmdesk.call.events import Kept, Offered, Refused, Withdrew

if TYPE_CHECKING:
    from collections.abc import Callable

    from .player import Player

    Begin = Callable[..., Player]

GIFT = """
facts: {price: {ask: How much, kind: money}, owed: {ask: Owed, kind: money, default: 0}}
steps:
  aa: {title: A, ask: price}
  gift: {title: Gesture, offer: {kind: gesture, ladder: goodwill, on: price}, choices: {on-now: bb}}
  bb: {title: B, choices: {again: gift, out: cc}}
  back: {title: Restore, offer: {kind: restore, ladder: goodwill, on: owed}}
  cc: {title: C, end: recovered}
"""


def at_gift(begin: Begin) -> Player:
    return begin(GIFT).answer("40").on()


def test_an_offer_asks_the_amount_then_whether_they_accepted_then_the_way_on(begin: Begin) -> None:
    play = at_gift(begin)
    assert play.waits_for(n.AskAmount)
    play.refused(lambda s: moves.choose(s, "on-now"))
    play.amount()
    assert play.need == n.AskAccept("o1", "20.00 USD")
    play.refused(lambda s: moves.choose(s, "on-now"))
    assert play.accept().ways == ["on-now"]


@pytest.mark.parametrize(
    ("typed", "yes"), [("yes", True), ("Y", True), ("1", True), ("no", False), ("n", False), ("२", False)]
)
def test_they_accepted_or_they_didnt(begin: Begin, typed: str, yes: bool) -> None:
    play = at_gift(begin).amount().accept(typed)
    assert play.call.offers[0].accepted is yes


def test_an_answer_that_is_neither_yes_nor_no_is_refused(begin: Begin) -> None:
    play = at_gift(begin).amount()
    assert "yes or no" in play.refused(lambda s: giving.accept(s, "perhaps"))


def test_none_offers_nothing_and_that_is_journaled(begin: Begin) -> None:
    play = at_gift(begin).amount("none")
    assert play.events(Refused) == [Refused("o1", "20.00 USD gesture was proposed; the agent offered nothing", "agent")]
    assert play.events(Offered) == []
    assert play.choose("on-now").at == "bb"


def test_coming_again_to_a_step_that_offered_asks_keep_change_or_withdraw(begin: Begin) -> None:
    play = at_gift(begin).amount("10").accept().choose("on-now", "again")
    assert play.need == n.AskAgain("o1", "you offered 10.00 USD (gesture)")
    play.refused(lambda s: giving.again(s, "perhaps"))
    play.again("keep")
    assert play.events(Kept) == [Kept("o1")]
    assert play.ways == ["on-now"]
    assert [(o.made.amount, o.withdrawn) for o in play.call.offers] == [("10.00", False)]


def test_a_changed_offer_is_withdrawn_and_made_anew(begin: Begin) -> None:
    play = at_gift(begin).amount("10").accept().choose("on-now", "again").again("change")
    assert play.events(Withdrew) == [Withdrew("o1", "changed")]
    assert play.proposal[0] == "20.00"
    play.amount("15").accept()
    assert [(o.id, o.made.amount, o.withdrawn) for o in play.call.offers] == [
        ("o1", "10.00", True),
        ("o2", "15.00", False),
    ]


def test_a_withdrawn_offer_stays_on_record_and_the_step_goes_on(begin: Begin) -> None:
    play = at_gift(begin).amount("10").accept().choose("on-now", "again").again("withdraw")
    assert play.ways == ["on-now"]
    assert [(o.made.amount, o.withdrawn) for o in play.call.offers] == [("10.00", True)]


def test_going_back_undoes_no_offer(begin: Begin) -> None:
    play = at_gift(begin).amount("10").accept().back(2)
    assert play.at == "gift"
    assert [(o.made.amount, o.withdrawn) for o in play.call.offers] == [("10.00", False)]
    assert isinstance(play.need, n.AskAgain)


def test_back_after_the_customers_answer_asks_for_it_again(begin: Begin) -> None:
    play = at_gift(begin).amount("10").accept("no").back()
    assert play.need == n.AskAccept("o1", "10.00 USD")


def test_an_offer_that_was_never_answered_is_asked_for_again_when_it_is_kept(begin: Begin) -> None:
    play = at_gift(begin).amount("10").back()
    assert play.at == "gift"
    assert isinstance(play.need, n.AskAgain)
    assert play.again("keep").need == n.AskAccept("o1", "10.00 USD")
    assert play.accept().ways == ["on-now"]


def test_an_offer_can_be_made_at_any_step_as_the_playbook_would(begin: Begin) -> None:
    play = begin(GIFT)
    assert "First the price" in play.refused(lambda s: giving.offer(s, "gesture"))
    play.answer("40")
    play.do(lambda s: giving.offer(s, "gesture 10"))
    assert play.call.offers[0].made.amount == "10.00"
    play.refused(giving.offer)
    play.accept()
    play.do(giving.offer)
    assert play.call.offers[1].made.amount == "10.00"


def test_an_offer_of_a_kind_the_playbook_hasnt_is_refused(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, end: lost}")
    assert "nothing to offer" in play.refused(giving.offer)
    assert "restore" in play.refused(lambda s: giving.offer(s, "restore"))


def test_an_offer_at_any_step_keeps_to_the_ladder(begin: Begin) -> None:
    play = at_gift(begin).amount("none")
    assert "At most 60.00 USD" in play.refused(lambda s: giving.offer(s, "gesture 61"))
    assert "0" in play.refused(lambda s: giving.offer(s, "restore"))


# --- promises


@pytest.mark.parametrize(
    ("when", "by"),
    [
        ("17:00", "2026-11-25T17:00+00:00"), ("9:00", "2026-11-26T09:00+00:00"), ("2h", "2026-11-25T16:05+00:00"),
        ("+2h", "2026-11-25T16:05+00:00"), ("fri 9:00", "2026-11-27T09:00+00:00"), ("tomorrow", "2026-11-26T23:59+00:00"),
    ],
)  # fmt: skip
def test_a_promise_is_made_at_any_step_with_its_time(begin: Begin, when: str, by: str) -> None:
    play = begin(GIFT)
    play.do(lambda s: giving.promise(s, " a  call\u202e ", when))
    (made,) = play.call.promises
    assert (made.id, made.step, made.what, made.by, made.who, made.kept) == ("p1", "aa", "a call", by, "me", None)


def test_promises_are_numbered_on(begin: Begin) -> None:
    play = begin(GIFT)
    for what in ("one", "two"):
        play.do(lambda s, what=what: giving.promise(s, what, "2h", "Ana"))  # type: ignore[misc]
    assert [(p.id, p.what, p.who) for p in play.call.promises] == [("p1", "one", "Ana"), ("p2", "two", "Ana")]
