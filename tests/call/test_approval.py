"""Above the agent's rung somebody else says yes: by codes that agree on call, amount and day, and by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmdesk.call import events as e
from calmdesk.call import giving, moves
from calmdesk.call import need as n
from calmdesk.call.approval import answer_digits, find_asked, read_answer, read_request, request_code, utc_day
from calmdesk.call.asides import park
from calmdesk.call.moves import Misfit
from calmdesk.playbook.model import Authority, Earlier, Policy

from .test_money import LADDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Clock

    from .player import Player

    Begin = Callable[..., Player]

KEY = b"a key of the team"
POLICY: dict[str, Any] = {
    "currency": "USD",
    "ladders": {"goodwill": {"rungs": [
        {"role": "agent", "restore": "50", "gesture": "20"}, {"role": "lead", "restore": "250", "gesture": "75"},
    ]}},
}  # fmt: skip


def sit(play: Player, **authority: Any) -> Player:
    """The call at somebody's desk."""
    who = Authority(**{"key": KEY, "call": lambda: "bvrgm-12", **authority})
    play.talk.edition = play.edition._replace(policy=play.edition.policy.at(who))
    return play


def at_restore(begin: Begin, owed: str = "80", **authority: Any) -> Player:
    return sit(begin(LADDER).answer("ours", "100", owed), **authority).on()


def at_gift(begin: Begin, price: str = "100", case: str = "", **authority: Any) -> Player:
    return sit(begin(LADDER, case=case).answer("ours", price, "0"), **authority).on()


def asked(play: Player) -> n.AskApproval:
    need = play.talk.standing.need
    assert isinstance(need, n.AskApproval)
    return need


def yes(play: Player, role: str = "lead", key: bytes = KEY) -> str:
    """What somebody of this role would answer."""
    assert play.call.asked is not None
    return answer_digits(key, play.call.asked.made, role)


def say(play: Player, typed: str) -> Player:
    play.do(lambda s: giving.approve(s, typed))
    return play


# --- on the agent's side


def test_an_amount_above_the_rung_waits_for_the_leads_yes(begin: Begin) -> None:
    play = at_restore(begin).amount()
    need = asked(play)
    assert (need.amount, need.role, need.own, need.left) == ("80.00 USD", "lead", "50.00", 5)
    assert not play.call.offers
    say(play, f"lead-{yes(play)}")
    (offer,) = play.call.offers
    assert (offer.made.amount, offer.approved_by, offer.accepted) == ("80.00", "lead", None)
    assert "above the agent's rung; lead approved it." in offer.made.reason
    play.accept().on()
    assert play.at == "gift"


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "lead {0}", "LEAD-{0}", "lead {1} {2}"])
def test_the_answer_is_read_however_it_is_typed(begin: Begin, typed: str) -> None:
    play = at_restore(begin).amount()
    digits = yes(play)
    for number, part in enumerate((digits, digits[:3], digits[3:])):
        typed = typed.replace(f"{{{number}}}", part)
    assert say(play, typed).call.offers


def test_the_digits_may_be_of_any_script(begin: Begin) -> None:
    play = at_restore(begin).amount()
    assert say(play, "".join(chr(0x9E6 + int(d)) for d in yes(play))).call.offers


def test_five_wrong_answers_close_the_request_and_the_call_goes_on(begin: Begin) -> None:
    play = at_restore(begin).amount()
    wrong = f"{(int(yes(play)) + 1) % 1_000_000:06}"
    for left in (4, 3, 2, 1):
        say(play, wrong)
        assert asked(play).left == left
    say(play, wrong)
    assert play.call.asked is None
    assert "5 wrong codes" in play.call.refusals[0].why
    assert isinstance(play.need, n.GoOn)
    assert play.call.offers == ()


def test_a_yes_to_another_amount_call_day_key_or_role_is_none(begin: Begin) -> None:
    play = at_restore(begin).amount()
    made = play.call.asked
    assert made is not None
    right = yes(play)
    others = [
        answer_digits(KEY, made.made._replace(call="bvrgm-13"), "lead"),
        answer_digits(KEY, made.made._replace(amount="90.00"), "lead"),
        answer_digits(KEY, made.made._replace(day="2026-11-24"), "lead"),
        answer_digits(KEY, made.made._replace(number=2), "lead"),
        answer_digits(KEY, made.made._replace(kind="gesture"), "lead"),
        yes(play, key=b"another team's key"),
        yes(play, "agent"),
    ]
    assert right not in others
    for digits in others[:4]:
        say(play, digits)
    assert play.call.offers == ()
    assert say(play, right).call.offers


def test_an_answer_that_was_used_is_refused(begin: Begin) -> None:
    play = at_restore(begin).amount()
    digits = yes(play)
    say(play, digits).accept("no").back().back()
    play.again("withdraw")
    play.do(lambda s: giving.offer(s, "restore 70"))
    assert "used already" in play.refused(lambda s: giving.approve(s, digits))


def test_yesterdays_code_is_stale_and_a_new_one_is_made(begin: Begin, clock: Clock) -> None:
    play = at_restore(begin).amount()
    first, old = asked(play).code, yes(play)
    clock.pass_ms(2 * 86_400_000)
    assert "another day" in play.refused(lambda s: giving.approve(s, old))
    say(play, "ok")
    assert asked(play).code != first
    assert play.call.asked is not None
    assert play.call.asked.made.day == "2026-11-27"
    assert say(play, yes(play)).call.offers


def test_past_midnight_an_answer_still_counts(begin: Begin, clock: Clock) -> None:
    play = at_restore(begin).amount()
    clock.pass_ms(11 * 3_600_000)
    assert say(play, yes(play)).call.offers


def test_nobody_has_to_wait_for_an_answer(begin: Begin) -> None:
    play = at_restore(begin).amount()
    assert "above" not in play.call.facts
    say(play, "40")
    assert play.call.offers[0].made.amount == "40.00"
    play = at_restore(begin).amount()
    say(play, "none")
    assert play.call.offers == ()
    assert isinstance(play.need, n.GoOn)


def test_words_that_are_no_answer_change_nothing(begin: Begin) -> None:
    play = at_restore(begin).amount()
    for typed in ("", "what", "12345", "lead-12"):
        with pytest.raises(Misfit):
            play.do(lambda s, typed=typed: giving.approve(s, typed))  # type: ignore[misc]


def test_a_request_survives_a_park_and_is_taken_back_with_b(begin: Begin) -> None:
    play = at_restore(begin).amount()
    code = asked(play).code
    play.do(park)
    play.do(lambda _: [e.Resumed("bcdfg", play.call.digests)])
    assert asked(play).code == code
    play.back()
    assert play.waits_for(n.AskAmount)


def test_a_request_left_behind_by_going_elsewhere_blocks_nothing(begin: Begin) -> None:
    play = at_restore(begin).amount()
    play.go("done")
    assert isinstance(play.need, n.GoOn)


def test_a_gesture_above_the_rung_may_be_asked_for_up_to_the_cap_and_the_leads_rung(begin: Begin) -> None:
    play = at_gift(begin, "40")
    assert play.proposal == ("20.00", "rung")
    assert "At most 60.00" in play.refused(lambda s: giving.amount(s, "60.01"))
    play.amount("60")
    assert asked(play).role == "lead"


def test_a_lead_at_the_desk_needs_nobody_up_to_their_own_rung(begin: Begin) -> None:
    play = at_gift(begin, role="lead")
    assert play.proposal == ("75.00", "rung")
    assert play.amount().call.offers[0].approved_by == ""


def test_a_role_that_is_no_rung_gives_nothing_alone(begin: Begin) -> None:
    play = at_gift(begin, role="chief")
    assert "Nothing is yours to give alone (chief)" in play.call.refusals[-1].why
    play.do(lambda s: giving.offer(s, "gesture 5"))
    assert asked(play).role == "agent"


def test_nobody_stands_on_a_higher_rung_because_theirs_is_left_out(begin: Begin) -> None:
    limits = {"goodwill": {"agent": {"restore": "50", "gesture": "20"}, "lead": {"restore": "250", "gesture": "75"}}}
    only_lead = "ladders: {goodwill: {rungs: [{role: lead, restore: 250, gesture: 75}], cap: 1.5}}"
    for who in ({"limits": limits}, {"limits": limits, "role": "agent"}, {"role": "agent"}):
        play = sit(begin(LADDER, policy=only_lead).answer("ours", "100", "0"), **who).on()
        play.do(lambda s: giving.amount(s, "5")) if isinstance(play.talk.standing.need, n.AskAmount) else None
        play.do(lambda s: giving.offer(s, "gesture 5")) if not play.call.asked else None
        assert asked(play).role == "lead"


def test_rungs_count_by_what_they_may_give_however_they_are_written(begin: Begin) -> None:
    turned = "ladders: {goodwill: {rungs: [{role: lead, restore: 250, gesture: 75}, {role: agent, restore: 50, gesture: 20}]}}"
    assert sit(begin(LADDER, policy=turned).answer("ours", "100", "0")).on().proposal == ("20.00", "rung")


def test_what_was_asked_for_is_looked_at_again_when_it_is_answered(begin: Begin) -> None:
    play = at_gift(begin).amount("60")
    digits = yes(play)
    sit(play, limits={"goodwill": {"agent": {"gesture": "20"}, "lead": {"gesture": "30"}}})
    assert "can't be given any more" in play.refused(lambda s: giving.approve(s, digits))


def test_a_fact_that_is_told_meanwhile_asks_anew(begin: Begin) -> None:
    play = at_gift(begin).amount("60")
    play.correct("fault", "customer")
    assert play.call.asked is None


def test_an_offer_that_was_declined_counts_when_it_is_taken_up_again(begin: Begin) -> None:
    play = at_gift(begin).amount().accept("no")
    play.do(lambda s: giving.offer(s, "gesture 20"))
    play.accept("yes").back().back().back()
    if isinstance(play.talk.standing.need, n.AskAccept):
        assert "can't stand beside" in play.refused(lambda s: giving.accept(s, "yes"))


def test_a_proposal_of_nothing_can_not_be_taken(begin: Begin) -> None:
    play = at_gift(begin).amount().accept().on()
    assert "used up" in play.refused(lambda s: giving.offer(s, "gesture ok"))


def test_used_up_more_is_asked_for_by_its_amount(begin: Begin) -> None:
    play = at_gift(begin).amount().accept().on()
    assert "More needs lead: o, then gesture and the amount." in play.call.refusals[-1].why
    play.do(lambda s: giving.offer(s, "gesture 30"))
    assert asked(play).amount == "30.00 USD"


# --- looking back


def earlier(*days: int) -> Callable[[], tuple[Earlier, ...]]:
    from tests.conftest import NOON

    return lambda: tuple(Earlier("bvrgm-3", "15.00 USD", NOON.wall - d * 86_400_000) for d in days)


def test_an_earlier_gesture_to_the_same_case_goes_one_rung_up(begin: Begin) -> None:
    play = at_gift(begin, case="K-1", earlier=earlier(30))
    assert play.proposal == ("20.00", "look-back")
    assert isinstance(play.talk.standing.need, n.AskAmount)
    assert "15.00 USD 30 days ago (bvrgm-3)" in play.talk.standing.need.proposal.why
    play.amount()
    assert asked(play).role == "lead"
    assert asked(play).own == "0.00"


@pytest.mark.parametrize(("case", "days"), [("K-1", 91), ("", 30)])
def test_long_ago_or_without_a_case_it_does_not(begin: Begin, case: str, days: int) -> None:
    assert at_gift(begin, case=case, earlier=earlier(days)).proposal == ("20.00", "rung")


def test_a_gesture_in_the_future_of_a_clock_that_was_put_back_counts(begin: Begin) -> None:
    assert at_gift(begin, case="K-1", earlier=earlier(-400)).proposal == ("20.00", "look-back")


def test_with_nobody_above_it_is_refused(begin: Begin) -> None:
    play = at_gift(begin, case="K-1", earlier=earlier(1), role="lead")
    assert "Nobody above you" in play.call.refusals[-1].why


def test_what_is_owed_is_owed_however_often(begin: Begin) -> None:
    assert sit(begin(LADDER, case="K-1").answer("ours", "100", "8.90"), earlier=earlier(1)).on().proposal == (
        "8.90",
        "owed",
    )


# --- limits of the configuration


def ladder(limits: dict[str, Any], **more: Any) -> list[tuple[str, str, str]]:
    return [
        (r.role, r.restore, r.gesture) for r in Policy(POLICY, Authority(limits=limits, **more)).ladder("goodwill")[0]
    ]


def test_a_policy_may_only_lower_what_the_configuration_allows() -> None:
    limits = {"goodwill": {"agent": {"restore": "40", "gesture": "100"}, "lead": {"restore": "300", "gesture": "60"}}}
    assert ladder(limits) == [("agent", "40", "20"), ("lead", "250", "60")]


def test_a_role_or_a_ladder_that_the_configuration_does_not_know_gives_nothing() -> None:
    assert ladder({"goodwill": {"agent": {"restore": "40"}}}) == [("agent", "40", "20"), ("lead", "0", "0")]
    assert ladder({"other": {"agent": {"restore": "40"}}}) == [("agent", "0", "0"), ("lead", "0", "0")]


def test_where_the_configuration_can_not_be_read_only_limits_that_can_allow_anything() -> None:
    assert ladder({}, strict=True) == [("agent", "0", "0")]
    limits = {"goodwill": {"agent": {"restore": "40", "gesture": "7"}, "lead": {}}}
    assert ladder(limits, strict=True) == [("agent", "40", "7")]


# --- codes

MADE = e.ApprovalAsked(
    "o1", 2, "2026-11-25", "lead", "gesture", "goodwill", "40.00", "USD", "90.00", "why", "price", "bvrgm-12"
)
DAYS = ("2026-11-25", "2026-11-24")


def test_a_code_says_call_request_amount_and_day_to_the_ear() -> None:
    code = request_code(KEY, MADE)
    assert code.startswith("bvrgm-12.2-g40.00-25-")
    request = read_request(code.upper() + " ")
    assert request is not None
    assert request == ("bvrgm-12", 2, "gesture", "40.00", 25, request.check)
    assert find_asked(KEY, Policy(POLICY), request, DAYS) == MADE._replace(id="", on="", reason="", fact="")


@pytest.mark.parametrize(
    "wrong",
    ["bvrgm-13.2-g40.00-25-", "bvrgm-12.3-g40.00-25-", "bvrgm-12.2-r40.00-25-", "bvrgm-12.2-g41.00-25-", "bvrgm-12.2-g40.00-24-"],
)  # fmt: skip
def test_a_slip_anywhere_in_the_code_is_noticed(wrong: str) -> None:
    request = read_request(wrong + request_code(KEY, MADE)[-4:])
    assert request is not None
    days = tuple(d for d in DAYS if int(d[8:]) == request.day)
    assert find_asked(KEY, Policy(POLICY), request, days) is None


def test_another_teams_key_makes_other_letters() -> None:
    request = read_request(request_code(b"another team's key", MADE))
    assert request is not None
    assert find_asked(KEY, Policy(POLICY), request, DAYS) is None


@pytest.mark.parametrize("typed", ["", "bvrgm-12", "bvrgm-12.1-x40-25-abcd", "bvrgm-12.1-g40-25-abc", "🙂", "a" * 5000])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert read_request(typed) is None


@given(st.text())
def test_whatever_is_typed_is_read_or_not_and_never_breaks(typed: str) -> None:
    assert read_request(typed) is None or typed
    assert read_answer(typed) == "" or len(read_answer(typed)) == 6


def test_the_day_is_the_same_for_two_desks_in_two_time_zones() -> None:
    assert utc_day(1_795_615_500_000) == "2026-11-25"
    assert utc_day(1_795_615_500_000, -1) == "2026-11-24"


def test_tells_a_call_its_own_desk_by_default(begin: Begin) -> None:
    play = begin(LADDER).answer("ours", "100", "80").on().amount()
    play.do(giving.approve_at_once)
    assert play.call.offers[0].approved_by == "lead"
    assert moves.start(play.edition).path == ""
