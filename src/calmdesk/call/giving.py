"""Moves about what is given: offers made, answered, kept or withdrawn, and promises."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from calmdesk.call import events as e
from calmdesk.call import need as n
from calmdesk.call.facts import fact_key
from calmdesk.call.money import Proposal, propose, read_amount
from calmdesk.call.moves import Misfit, NotAllowed, Standing, find_played, resolve_by
from calmdesk.playbook.kinds import dated_moment, read_moment, read_span
from calmdesk.playbook.model import OfferSpec
from calmdesk.safetext import clean, fold_digits, slots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.call.events import Event


def amount(s: Standing, typed: str) -> list[Event]:
    """The offer that a step asks for is made (`ok` takes the proposal), or not (`none`)."""
    need = s.need
    if not isinstance(need, n.AskAmount):
        raise NotAllowed("No offer is asked for here. `o` makes one.")
    if typed.strip().lower() in {"none", "no"}:
        proposed = f"{need.proposal.amount} {s.edition.policy.currency} {need.proposal.kind}"
        return [e.Refused(_offer_id(s), f"{proposed} was proposed; the agent offered nothing")]
    return _offered(s, need.proposal, typed)


def _offered(s: Standing, proposal: Proposal, typed: str) -> list[Event]:
    found, why_not = read_amount(s.edition, proposal, typed)
    if why_not:
        raise Misfit(why_not)
    why = proposal.why
    if Decimal(found) < Decimal(proposal.amount or "0"):
        why = f"{found} of the {proposal.amount} that the rules propose: the agent's choice."
    if role := proposal.approver(found):
        return [_request(s, proposal, found, role)]
    return [_offer(s, proposal, found, why)]


def _offer(s: Standing, made: Proposal | e.ApprovalAsked, amount: str, why: str) -> e.Offered:
    currency = s.edition.policy.currency
    return e.Offered(_offer_id(s), made.kind, made.ladder, amount, currency, made.on, why, made.fact)


def _request(s: Standing, proposal: Proposal, amount: str, role: str) -> e.ApprovalAsked:
    from calmdesk.call.approval import utc_day

    why = f"{amount} is above the agent's rung."
    day, number = utc_day(s.now.wall), s.call.asks + 1
    kind, ladder, currency = proposal.kind, proposal.ladder, s.edition.policy.currency
    call = s.edition.policy.authority.call()
    return e.ApprovalAsked(
        _offer_id(s), number, day, role, kind, ladder, amount, currency, proposal.on, why, proposal.fact, call
    )


def approve(s: Standing, typed: str) -> list[Event]:
    """The answer of somebody who may give that much; or `none`, or an amount that needs nobody.

    Five wrong answers close the request; `ok` asks anew where its day is over.
    """
    from calmdesk.call.approval import read_answer, utc_day

    need, asked = s.need, s.call.asked
    if not isinstance(need, n.AskApproval) or asked is None:
        raise NotAllowed("No approval is asked for here.")
    made, word = asked.made, typed.strip().lower()
    late = made.day not in {utc_day(s.now.wall), utc_day(s.now.wall, -1)}
    if word in {"none", "no"}:
        return [e.Refused(made.id, f"{made.role} was asked for {need.amount}; the agent offered nothing")]
    if late and word == "ok":
        return [made._replace(number=s.call.asks + 1, day=utc_day(s.now.wall))]
    digits = read_answer(typed)
    if not digits or (_is_own_amount(s, made, typed) and not _who_said_yes(s, made, digits)):
        return _less(s, made, typed)
    if late:
        raise NotAllowed("That request is of another day: its answer no longer counts. `ok` makes a new code.")
    if any(o.code.endswith(f"-{digits}") for o in s.call.offers):
        raise NotAllowed("That answer was used already. Each request has its own.")
    now = propose(s.edition, s.call, OfferSpec(made.kind, made.ladder, made.fact))
    if not now.roles or Decimal(made.amount) > Decimal(now.most):
        raise NotAllowed(f"{need.amount} can't be given any more. {now.why} Type another amount, or none.".strip())
    if role := _who_said_yes(s, made, digits, [r for r, most in now.roles if Decimal(made.amount) <= Decimal(most)]):
        offered = _offer(s, made, made.amount, f"{made.reason.rstrip('.')}; {role} approved it.")
        return [offered._replace(id=made.id), e.Approved(made.id, f"{role}-{digits}")]
    if asked.missed + 1 < n.TRIES:
        return [e.ApprovalMissed(made.id)]
    why = f"{made.role} was asked for {need.amount}; {n.TRIES} wrong codes were typed"
    return [e.ApprovalMissed(made.id), e.Refused(made.id, why)]


def approve_at_once(s: Standing) -> list[Event]:
    """What is asked for is approved as asked: for a test, where nobody is there to be asked."""
    from calmdesk.call.approval import answer_digits

    asked, who = s.call.asked, s.edition.policy.authority
    if asked is None:
        raise NotAllowed("No approval is asked for here.")
    return approve(s, answer_digits(who.key, asked.made, asked.made.role))


def _who_said_yes(s: Standing, made: e.ApprovalAsked, digits: str, able: Sequence[str] | None = None) -> str:
    """The role whose yes these digits are, of those that may give that much."""
    from calmdesk.call.approval import answer_digits

    key = s.edition.policy.authority.key
    rungs = [r.role for r in s.edition.policy.ladder(made.ladder)[0]]
    above = rungs[rungs.index(made.role) :] if made.role in rungs else []
    roles = [r for r in above if able is None or r in able]
    return next((r for r in roles if answer_digits(key, made, r) == digits), "")


def _is_own_amount(s: Standing, made: e.ApprovalAsked, typed: str) -> bool:
    """Whether what looks like an answer is an amount that needs nobody (six digits of a currency without cents)."""
    proposal = propose(s.edition, s.call, OfferSpec(made.kind, made.ladder, made.fact))
    found, _ = read_amount(s.edition, proposal, typed)
    return bool(found) and not proposal.approver(found)


def _less(s: Standing, made: e.ApprovalAsked, typed: str) -> list[Event]:
    """Another amount instead of waiting for an answer."""
    proposal = propose(s.edition, s.call, OfferSpec(made.kind, made.ladder, made.fact))
    found, _ = read_amount(s.edition, proposal, typed)
    if not found or typed.strip().lower() == "ok":
        own = f", an amount up to {proposal.own}" if Decimal(proposal.own) else ""
        raise Misfit(f"Type the six digits that {made.role} answers{own}, or none.")
    return _offered(s, proposal, typed)


def _offer_id(s: Standing) -> str:
    return f"o{len(s.call.offers) + 1}"


def find_offers(s: Standing) -> list[OfferSpec]:
    """What this playbook, and the files it plays, offer somewhere: each kind and price once."""
    found: dict[OfferSpec, None] = {}
    for book in find_played(s):
        for step in book.compiled["steps"].values():
            if offer := step.get("offer"):
                found[OfferSpec(offer["kind"], offer["ladder"], offer["on"])] = None
    return list(found)


def offer(s: Standing, typed: str = "") -> list[Event]:
    """Offer something at any step, as the playbook would: `o`, `o gesture`, `o gesture 10`.

    Without an amount, what the ladder proposes is offered.
    """
    if s.call.over:
        raise NotAllowed("The call is over.")
    if s.call.open_offer:
        raise NotAllowed("First say whether they accepted the offer that is open.")
    if isinstance(s.need, n.AskApproval):
        raise NotAllowed("First the approval that was asked for: its answer, an amount, or none.")
    words = fold_digits(clean(typed)).lower().split()
    kinds = [w for w in words if w in {"restore", "gesture"}]
    amounts = [w for w in words if w not in {"restore", "gesture"}]
    specs = [o for o in find_offers(s) if not kinds or o.kind == kinds[0]]
    known = [o for o in specs if s.known.value(o.on) is not None] or specs
    if not known:
        raise NotAllowed("This playbook has nothing to offer" + (f" as {kinds[0]}." if kinds else "."))
    if s.known.value(known[0].on) is None:
        raise NotAllowed(f"First the price: e, then “{known[0].on}” and the amount.")
    tries = [propose(s.edition, s.call, o) for o in known]
    proposal = next((p for p in tries if p.amount), tries[0])
    # What is above the agent's rung may still be asked for, by its amount.
    if not proposal.amount and not (amounts and Decimal(proposal.most) > 0):
        raise NotAllowed(proposal.why)
    return _offered(s, proposal, amounts[0] if amounts else "ok")


def accept(s: Standing, typed: str) -> list[Event]:
    """Whether the customer accepted the offer that is open."""
    need = s.need
    if not isinstance(need, n.AskAccept):
        raise NotAllowed("No offer is open.")
    word = fold_digits(clean(typed)).lower()
    if word not in {"yes", "y", "no", "n", "1", "2"}:
        raise Misfit(f"“{clean(typed)}” isn't yes or no. Did they accept?")
    yes = word in {"yes", "y", "1"}
    if yes:
        _may_stand(s, need.offer)
    return [e.Accepted(need.offer, yes)]


def _may_stand(s: Standing, name: str) -> None:
    """An offer that was declined and is taken up again counts with what was given since."""
    offer = next((o for o in s.call.offers if o.id == name), None)
    if offer is None:
        return
    made = offer.made
    without = s.call._replace(offers=tuple(o for o in s.call.offers if o.id != name))
    now = propose(s.edition, without, OfferSpec(made.kind, made.ladder, made.fact))
    alone = now.most if offer.approved_by else now.own
    if now.roles and Decimal(made.amount) > Decimal(alone):
        raise NotAllowed(
            f"{made.amount} {made.currency} can't stand beside what was given since. Say no, and offer anew."
        )


def again(s: Standing, typed: str) -> list[Event]:
    """What was offered or promised here before: `keep`, `change` or `withdraw`."""
    need = s.need
    if not isinstance(need, n.AskAgain):
        raise NotAllowed("Nothing was offered or promised here before.")
    word = fold_digits(clean(typed)).lower()
    meant = next(
        (w for i, w in enumerate(("keep", "change", "withdraw"), 1) if word and (w.startswith(word) or word == str(i))),
        "",
    )
    if not meant:
        raise Misfit(f"“{clean(typed)}” isn't keep, change or withdraw.")
    if meant == "keep":
        _may_keep(s, need.id)
        return [e.Kept(need.id)]
    if meant == "withdraw":
        return [e.Withdrew(need.id, "withdrawn")]
    return [e.Withdrew(need.id, "changed", _to_ask_anew(s, need.id))]


def _to_ask_anew(s: Standing, name: str) -> tuple[str, ...]:
    """The facts of a promise that is to be changed; none where they have been corrected already."""
    promise = s.step.promise if name.startswith("p") else None
    if promise is None or _said_otherwise(s, name):
        return ()
    names = dict.fromkeys([*slots(promise.what), *slots(promise.by)])
    return tuple(fact_key(s.call.place, x) for x in names if x in s.step.ask)


def _said_otherwise(s: Standing, name: str) -> str:
    """What the step would promise now, where that isn't what was promised; else nothing."""
    spec = s.step.promise
    old = next((p for p in s.call.promises if p.id == name), None)
    if spec is None or old is None:
        return ""
    what, by = s.known.fill(spec.what), resolve_by(s, spec.by) if "{" in spec.by else old.by
    return f"{what}, by {dated_moment(by)}" if (what, by) != (old.what, old.by) else ""


def _may_keep(s: Standing, name: str) -> None:
    """What was said stands only as long as it would be said again: a fact may have changed since."""
    if now := _said_otherwise(s, name):
        raise NotAllowed(f"The step now says: {now}. Change the promise, or withdraw it.")
    offer = next((o for o in s.call.offers if o.id == name), None)
    if offer is None or s.step.offer is None:
        return
    without = s.call._replace(offers=tuple(o for o in s.call.offers if o.id != name))
    proposal = propose(s.edition, without, s.step.offer)
    if not proposal.amount or Decimal(offer.made.amount) > Decimal(proposal.most):
        what = f"{offer.made.amount} {offer.made.currency}"
        raise NotAllowed(f"{what} can't stand any more. {proposal.why} Change or withdraw it.")


def promise(s: Standing, what: str, when: str, who: str = "me") -> list[Event]:
    """A promise made at any step."""
    if s.call.over:
        raise NotAllowed("The call is over.")
    what = clean(what)
    if not what or not when.strip():
        raise Misfit("Say what is promised, and by when: WHAT by WHEN, such as call back by 17:00.")
    span = f"+{when.strip().lstrip('+')}" if read_span(when) else when
    by = read_moment(span, s.clock)
    if by.complaint:
        raise Misfit(by.complaint)
    return [e.Promised(f"p{len(s.call.promises) + 1}", what, by.text, who)]
