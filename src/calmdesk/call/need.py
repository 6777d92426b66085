"""What the call waits for next: a fact, an offer, a tick, a choice, or only to go on.

Within a step the order is `format.md`'s: facts asked, offer, checks, way on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call.facts import Known, fact_key, mentions, used_by
from calmdesk.call.money import Proposal, passed, propose, slip
from calmdesk.call.way import NoWay, choice_target, step_at, step_way
from calmdesk.playbook.kinds import dated_moment
from calmdesk.playbook.model import OfferSpec

if TYPE_CHECKING:
    from calmdesk.call.values import Asked, Call, Offer
    from calmdesk.playbook.model import Choice, Edition, Fact, Step


TRIES = 5
"""So many wrong answers close a request for an approval."""


class AskFact(NamedTuple):
    """A fact is asked; `default` is the old answer or the declared default, in canonical form."""

    fact: Fact
    default: str | None


class AskAmount(NamedTuple):
    """How much is offered."""

    proposal: Proposal


class AskApproval(NamedTuple):
    """Somebody who may give that much is asked: `code` is read to them, their answer is typed.

    `own` is what the agent may give without them; `late` says that the code is of another day.
    """

    code: str
    amount: str
    role: str
    own: str
    left: int
    late: bool


class AskAccept(NamedTuple):
    """Whether the customer accepted."""

    offer: str
    amount: str


class AskAgain(NamedTuple):
    """What was offered or promised here before: keep, change or withdraw."""

    id: str
    said: str


class AskTicks(NamedTuple):
    """Checks must be ticked before the step goes on."""

    open: tuple[str, ...]


class Option(NamedTuple):
    """A choice as it stands: closed ones say why; `left` is how often it may still be taken."""

    choice: Choice
    target: str | None
    left: int | None
    closed: str


class AskChoice(NamedTuple):
    """A way on is chosen; `open` are checks that must be ticked first; `old` is the choice taken back."""

    options: tuple[Option, ...]
    open: tuple[str, ...]
    old: str


class GoOn(NamedTuple):
    """Nothing to decide: the step leads on, or ends the call with `ends`; `closed` says why it can't."""

    ends: str
    closed: str


class NothingOffered(NamedTuple):
    """The ladder allows no offer here; it is journaled with its reason."""

    why: str


class Over(NamedTuple):
    """The call has ended."""


Need = AskFact | AskAmount | AskApproval | AskAccept | AskAgain | AskTicks | AskChoice | GoOn | NothingOffered | Over


def waits_for_others(need: Need) -> bool:
    """Whether what is proposed here isn't the agent's to give before somebody else has said yes."""
    if isinstance(need, AskAmount):
        return bool(need.proposal.approver(need.proposal.amount))
    return isinstance(need, AskApproval)


def find_need(edition: Edition, call: Call) -> Need:
    """What the call waits for where it stands."""
    if call.over:
        return Over()
    step = step_at(edition, call.place)
    known = Known(edition, call, call.place)
    name = _next_fact(step, known)
    if name is not None and (fact := known.declared(name)):
        return AskFact(fact, call.earlier.get(fact_key(call.place, name)) or known.value(name))
    return _offer_need(edition, call, step) or _way_need(edition, call, step)


def _next_fact(step: Step, known: Known) -> str | None:
    """The next fact to ask: one that the step uses and nobody knows, then those it lists."""
    if (door := known.unknown(step.when)) is not None:
        return door
    for name in (*mentions(step, known), *_routed(step)):
        if name not in step.ask and known.value(name) is None and known.declared(name):
            return name
    return next((n for n in step.ask if not known.answered(n)), None)


def _routed(step: Step) -> list[str]:
    ways = (*step.go, *(r for c in step.choices for r in c.routes))
    return [n for r in ways for n in used_by(r.when)]


def _offer_need(edition: Edition, call: Call, step: Step) -> Need | None:
    spot, here = call.spot, call.label(call.place)
    # An open offer waits on the step it was made on; what cuts in has its own questions.
    offer = next((o for o in call.offers if o.id == call.open_offer and o.spot == spot), None)
    if offer:
        return AskAccept(offer.id, f"{offer.made.amount} {offer.made.currency}")
    if call.asked and call.asked.spot == spot:
        return _approval_need(edition, call, call.asked)
    gesture = _own_slip(edition, call)
    if gesture:
        return AskAgain(
            gesture.id, f"you offered {gesture.made.amount} {gesture.made.currency}, and it was the customer's own slip"
        )
    if step.offer and (spot, "offer") not in call.settled:
        before = next((o for o in call.offers if o.step == here and not o.withdrawn), None)
        if before:
            return AskAgain(before.id, f"you offered {before.made.amount} {before.made.currency} ({before.made.kind})")
        proposal = propose(edition, call, step.offer)
        if proposal.amount:
            return AskAmount(proposal)
        if (spot, "by-ladder") not in call.settled:
            return NothingOffered(proposal.why)
    if step.promise and (spot, "promise") not in call.settled:
        promised = next((p for p in call.promises if p.by_step and p.step == here and not p.withdrawn), None)
        if promised:
            return AskAgain(promised.id, f"you promised “{promised.what}” by {dated_moment(promised.by)}")
    return None


def _approval_need(edition: Edition, call: Call, asked: Asked) -> AskApproval:
    from calmdesk.call.approval import request_code, utc_day

    who, made = edition.policy.authority, asked.made
    spec = OfferSpec(made.kind, made.ladder, made.fact)
    late = call.last is not None and made.day not in {utc_day(call.last.wall), utc_day(call.last.wall, -1)}
    return AskApproval(
        request_code(who.key, made),
        f"{made.amount} {made.currency}",
        made.role,
        propose(edition, call, spec).own,
        TRIES - asked.missed,
        late,
    )


def _own_slip(edition: Edition, call: Call) -> Offer | None:
    """A gesture that stands although it turned out to be the customer's own slip, and nobody has decided about it."""
    standing = [o for o in call.offers if o.made.kind == "gesture" and not o.withdrawn and o.accepted is not False]
    if not standing or slip(edition, call) != "customer":
        return None
    return next((o for o in standing if (0, f"kept {o.id}") not in call.settled), None)


def open_checks(call: Call, step: Step) -> tuple[str, ...]:
    """The checks of this step that must still be ticked."""
    done = {c for s, c in call.ticks | call.overridden if s == call.spot}
    return tuple(c for c in step.must_check if c not in done)


def _way_need(edition: Edition, call: Call, step: Step) -> Need:
    still = open_checks(call, step)
    if step.choices:
        frame = call.place[-1]
        old = call.earlier.get(f"choice {frame.serial} {frame.step}", "")
        options = tuple(find_options(edition, call, step))
        return AskChoice(options, still, old if any(o.choice.id == old for o in options) else "")
    if still:
        return AskTicks(still)
    return GoOn(_ends(edition, call), not_yet(edition, call, _ends(edition, call)))


def _ends(edition: Edition, call: Call) -> str:
    try:
        return step_way(edition, call, call.place).ends or ""
    except NoWay:
        return ""


def not_yet(edition: Edition, call: Call, disposition: str) -> str:
    """Why a call can't end like this yet, or nothing: `ended-by-us` always passes two limits."""
    if disposition != "ended-by-us":
        return ""
    wanted = edition.policy.count("abuse-warnings", 2)
    boundaries = sum(b.marks.get("boundary", 0) for b in edition.books.values())
    given = passed(edition, call, "boundary")
    if boundaries and given < wanted:
        return f"A call is ended by us only after {wanted} limits; {given} given. For threat, slur or sexual words: ended-unsafe."
    return ""


def find_options(edition: Edition, call: Call, step: Step) -> list[Option]:
    """The choices that show here, each with where it leads now."""
    from calmdesk.call.way import taken

    known = Known(edition, call, call.place)
    found = []
    for choice in step.choices:
        if not known.holds(choice.when):
            continue
        left = None if choice.at_most is None else max(0, choice.at_most - taken(call, call.place, choice.id))
        target = choice_target(edition, call, call.place, choice)
        closed = "" if target or left != 0 else f"“{choice.label}” was taken {choice.at_most} times; that is all."
        found.append(Option(choice, target, left, closed))
    return found
