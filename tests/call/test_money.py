"""What may be offered, by whom, and why: `restore` gives back what is owed, `gesture` goes by the ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.call import giving
from calmdesk.call import need as n
from calmdesk.call.events import Refused
from calmdesk.call.money import propose
from calmdesk.playbook.model import OfferSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from .player import Player

    Begin = Callable[..., Player]

LADDER = """
facts:
  fault:
    ask: Whose
    one-of:
      ours: {label: Ours, slip: ours}
      partner: {label: A partner's, slip: partner}
      customer: {label: Their own, slip: customer}
      unknown: {label: Not known, slip: unknown}
  price: {ask: How much, kind: money}
  owed: {ask: Owed, kind: money}
steps:
  own: {title: Own it, principle: own, ask: [fault, price, owed]}
  back: {title: Restore, when: {owed: {over: 0}}, offer: {kind: restore, ladder: goodwill, on: owed}}
  gift: {title: Gesture, offer: {kind: gesture, ladder: goodwill, on: price}}
  more: {title: More, offer: {kind: gesture, ladder: goodwill, on: price}}
  done: {title: Done, end: recovered}
"""
RUNGS = "ladders: {{goodwill: {{rungs: [{{role: agent, restore: 50, gesture: 20}}], cap: {}}}}}\n"


def at_offer(begin: Begin, fault: str, price: str, owed: str, **more: str) -> Player:
    return begin(LADDER, **more).answer(fault, price, owed).on()


def reason(play: Player) -> str:
    """Why the ladder offered nothing."""
    refused = play.events(Refused)[-1]
    assert isinstance(refused, Refused)
    assert refused.by == "ladder"
    return refused.why


# --- restore


def test_restore_proposes_all_that_is_owed(begin: Begin) -> None:
    play = at_offer(begin, "ours", "0", "8.90")
    assert play.proposal == ("8.90", "owed")


def test_the_cap_never_cuts_what_is_owed(begin: Begin) -> None:
    assert at_offer(begin, "ours", "1", "45").proposal == ("45.00", "owed")


@pytest.mark.parametrize("fault", ["customer", "unknown"])
def test_what_is_owed_is_owed_whosever_slip_it_was(begin: Begin, fault: str) -> None:
    assert at_offer(begin, fault, "10", "8.90").proposal == ("8.90", "owed")


def test_above_the_rung_all_that_is_owed_is_proposed_and_who_must_approve_it(begin: Begin) -> None:
    play = at_offer(begin, "ours", "10", "80")
    assert isinstance(play.need, n.AskAmount)
    assert play.proposal == ("80.00", "rung")
    assert play.need.proposal.approver("80.00") == "lead"
    assert "50.00 is yours to give" in play.need.proposal.why


def test_above_every_rung_the_reason_names_what_is_left(begin: Begin) -> None:
    play = at_offer(begin, "ours", "10", "300")
    assert isinstance(play.need, n.AskAmount)
    assert play.proposal == ("250.00", "rung")
    assert "50.00 is above every rung" in play.need.proposal.why
    assert play.refused(lambda s: giving.amount(s, "300"))


# --- gesture


def test_a_gesture_goes_to_the_rungs_limit_where_the_cap_allows_more(begin: Begin) -> None:
    play = at_offer(begin, "ours", "40", "0")
    assert play.proposal == ("20.00", "rung")


def test_a_gesture_goes_to_the_cap_where_that_is_smaller(begin: Begin) -> None:
    assert at_offer(begin, "partner", "8.90", "0").proposal == ("13.35", "cap")


def test_what_was_given_back_counts_toward_the_cap(begin: Begin) -> None:
    play = at_offer(begin, "ours", "10", "8.90")
    play.amount().accept()
    play.on()
    assert play.proposal == ("6.10", "cap")
    assert isinstance(play.need, n.AskAmount)
    assert "8.90" in play.need.proposal.why


def test_what_was_offered_counts_even_before_and_declined_or_withdrawn_doesnt(begin: Begin) -> None:
    play = at_offer(begin, "ours", "10", "0").amount("5").accept("no").on()
    assert play.proposal == ("15.00", "cap")
    play = at_offer(begin, "ours", "10", "0").amount("5").accept("yes").on()
    assert play.proposal == ("10.00", "cap")


def test_a_cap_that_is_reached_ends_gestures_with_the_reason(begin: Begin) -> None:
    play = at_offer(begin, "ours", "10", "0").amount("15").accept().on()
    assert play.at == "more"
    assert "cap is reached" in reason(play)
    assert isinstance(play.need, n.GoOn)


def test_no_gesture_for_the_customers_own_slip(begin: Begin) -> None:
    play = at_offer(begin, "customer", "40", "0")
    assert play.at == "gift"
    assert "own slip" in reason(play)


def test_no_gesture_while_nobody_knows_the_cause(begin: Begin) -> None:
    assert "nobody knows" in reason(at_offer(begin, "unknown", "40", "0"))


NOT_OWNED = """
facts: {price: {ask: How much, kind: money}}
steps:
  gift: {title: Gesture, ask: price, offer: {kind: gesture, ladder: goodwill, on: price}, choices: {on-now: own}}
  own: {title: Own it, principle: own, go: gift}
"""


def test_no_gesture_before_the_failure_is_owned(begin: Begin) -> None:
    play = begin(NOT_OWNED).answer("40")
    assert "own the failure first" in reason(play)
    assert play.choose("on-now").on().proposal == ("20.00", "rung")


def test_where_no_step_owns_the_failure_the_ladder_doesnt_insist(begin: Begin) -> None:
    play = begin(NOT_OWNED.replace("principle: own, ", "")).answer("40")
    assert play.proposal == ("20.00", "rung")


def test_owning_that_was_taken_back_counts_no_more(begin: Begin) -> None:
    play = begin(NOT_OWNED).answer("40").choose("on-now").back()
    rule = propose(play.edition, play.call, OfferSpec("gesture", "goodwill", "price")).rule
    assert rule == "own-first"


OWED = """
facts: {owed: {ask: Owed, kind: money}, price: {ask: Price, kind: money}}
steps:
  own: {title: Own it, principle: own, ask: [owed, price]}
  back: {title: Give back, offer: {kind: restore, ladder: goodwill, on: owed}}
  gift: {title: Gesture, offer: {kind: gesture, ladder: goodwill, on: price}}
  done: {title: Done, end: recovered}
"""


def test_no_gesture_beside_what_is_owed_and_waits(begin: Begin) -> None:
    play = begin(OWED).answer("30", "40").on().amount("none").on()
    assert "No gesture beside 30.00 that is owed" in reason(play)
    given = begin(OWED).answer("30", "40").on().amount().accept().on()
    assert given.proposal == ("20.00", "rung")
    nothing_owed = begin(OWED).answer("0", "40").on().on()
    assert nothing_owed.proposal == ("20.00", "rung")


def test_each_reason_of_the_ladder_has_its_rule(begin: Begin) -> None:
    spec = OfferSpec("gesture", "goodwill", "price")
    rules = {
        (fault, price): propose(play.edition, play.call, spec).rule
        for fault, price in (("customer", "40"), ("unknown", "40"), ("ours", "40"), ("ours", "1"), ("ours", "0"))
        for play in [begin(LADDER).answer(fault, price, "0")]
    }
    assert rules == {
        ("customer", "40"): "own-slip", ("unknown", "40"): "cause-unknown", ("ours", "40"): "rung", ("ours", "1"): "cap",
        ("ours", "0"): "no-price",
    }  # fmt: skip


def test_a_ladder_without_a_cap_goes_by_the_rung_alone(begin: Begin) -> None:
    policy = "ladders: {free: {rungs: [{role: agent, restore: 50, gesture: 20}]}}\n"
    play = begin(LADDER.replace("ladder: goodwill", "ladder: free"), policy=policy).answer("ours", "1", "0").on()
    assert play.proposal == ("20.00", "rung")


def test_amounts_are_exact_and_rounded_down_never_above_a_limit(begin: Begin) -> None:
    assert at_offer(begin, "ours", "0.33", "0").proposal == ("0.49", "cap")
    assert at_offer(begin, "ours", "999999999999999999", "0").proposal == ("20.00", "rung")
    yen = at_offer(begin, "ours", "9", "0", policy="currency: JPY\n")
    assert yen.proposal == ("13", "cap")


def test_an_amount_that_rounds_to_nothing_is_no_offer(begin: Begin) -> None:
    play = at_offer(begin, "ours", "0.01", "0", policy=RUNGS.format("0.5"))
    assert not isinstance(play.need, n.AskAmount)


@pytest.mark.parametrize("typed", ["60.01", "100", "0", "-1", "lots", "", "5.001", "5,50"])
def test_an_amount_above_the_most_or_that_is_none_is_refused(begin: Begin, typed: str) -> None:
    play = at_offer(begin, "ours", "40", "0")
    assert play.refused(lambda s: giving.amount(s, typed))


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("ok", "20.00"), ("OK", "20.00"), ("20", "20.00"), ("0.01", "0.01"), ("१०", "10.00"), ("$7.5", "7.50")],
)
def test_an_amount_up_to_the_most_is_offered(begin: Begin, typed: str, amount: str) -> None:
    play = at_offer(begin, "ours", "40", "0").amount(typed)
    assert play.call.offers[0].made.amount == amount
    assert play.call.offers[0].made.currency == "USD"
    assert play.call.offers[0].made.on == "40.00"


def test_an_offer_keeps_the_reason_it_was_made_for(begin: Begin) -> None:
    play = at_offer(begin, "ours", "40", "0").amount()
    assert play.call.offers[0].made.reason == "Your rung (agent) goes to 20; the cap (1.5 × 40.00) would allow more."
