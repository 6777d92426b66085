"""What may be offered, by whom, and why: restore gives back what is owed, gesture is goodwill beyond it.

The rules are those of `research/content.md` M4; amounts are exact decimals in the policy's currency.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call.facts import Known
from calmdesk.playbook.kinds import money_places, read_money, read_span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.call.values import Call, Offer
    from calmdesk.playbook.model import Edition, OfferSpec, Rung

NOTHING = Decimal(0)


class Proposal(NamedTuple):
    """What the ladder says: the amount it proposes, the most that may be given, and why.

    `amount` is empty where nothing may be offered; `why` then says the rule, in one sentence. `roles` are
    (role, the most it may give here), from the agent's own rung up: what is above it needs an approval.
    """

    kind: str
    ladder: str
    amount: str
    most: str
    on: str
    why: str
    rule: str
    fact: str = ""
    roles: tuple[tuple[str, str], ...] = ()

    @property
    def own(self) -> str:
        """The most that the agent may give alone."""
        return self.roles[0][1] if self.roles else "0"

    def approver(self, amount: str) -> str:
        """The lowest role that must approve this amount; empty where the agent may give it alone."""
        wanted = Decimal(amount)
        at = next((n for n, (_, most) in enumerate(self.roles) if wanted <= Decimal(most)), 0)
        return self.roles[at][0] if at else ""


def _decimal(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None


def amount_text(amount: Decimal, currency: str) -> str:
    """An amount with the currency's decimals, rounded down: never above a limit."""
    return str(amount.quantize(Decimal(1).scaleb(-money_places(currency)), ROUND_DOWN))


def given(call: Call) -> Decimal:
    """What was already offered on this call and neither declined nor withdrawn; it counts toward the cap."""
    return sum((Decimal(o.made.amount) for o in _standing(call)), NOTHING)


def _standing(call: Call) -> list[Offer]:
    return [o for o in call.offers if not o.withdrawn and o.accepted is not False]


def passed(edition: Edition, call: Call, principle: str) -> int:
    """How often the path came by a step with this principle (the step it stands on counts)."""
    return sum(
        edition.books[v.place[-1].book].step(v.place[-1].step).principle == principle
        for v in call.trail
        if v.place and v.place[-1].book in edition.books
    )


def marked(edition: Edition, call: Call, principle: str) -> bool:
    """Whether any step that this call has come by or may come to from the started playbook carries the mark."""
    todo, seen = [call.root, *(f.book for f in call.place)], set()
    while todo:
        name = todo.pop()
        book = edition.books.get(name)
        if book is None or name in seen:
            continue
        seen.add(name)
        if book.marks.get(principle):
            return True
        todo += [s["play"] for s in book.compiled["steps"].values() if s.get("play")]
    return False


def slip(edition: Edition, call: Call) -> str:
    """Whose slip it was, as far as any answer says; the customer's own outranks every other.

    ours, partner, customer; unknown where such a fact is asked somewhere in the call and nobody has said;
    "" where no fact says whose slip it was.
    """
    found = set()
    for book in edition.books.values():
        for name in book.facts:
            fact = book.fact(name)
            if fact is None or not any(o.slip for o in fact.options):
                continue
            answers: list[str | None] = [v for k, (_, v) in call.facts.items() if k.rpartition(":")[2] == name]
            for answer in answers or [fact.default]:
                found.add("unknown" if answer is None else next((o.slip for o in fact.options if o.id == answer), ""))
    return next((s for s in ("customer", "ours", "partner", "unknown") if s in found), "")


def propose(edition: Edition, call: Call, spec: OfferSpec) -> Proposal:
    """What the ladder proposes for this offer now, and why."""
    price = _decimal(Known(edition, call, call.place).value(spec.on)) or NOTHING
    rungs, cap = edition.policy.ladder(spec.ladder)
    nothing = Proposal(spec.kind, spec.ladder, "", "0", str(price), "", "", spec.on)
    if not rungs:
        return nothing._replace(why=f"Nobody may give anything here by “{spec.ladder}”.", rule="no-ladder")
    if price <= 0:
        return nothing._replace(why=f"“{spec.on}” is 0: there is nothing to measure it by.", rule="no-price")
    mine = edition.policy.mine(spec.ladder)
    if spec.kind == "restore":
        return _restore(edition, call, nothing, price, mine)
    return _gesture(edition, call, nothing, price, mine, _decimal(cap))


def _given(call: Call, kind: str) -> Decimal:
    return sum((Decimal(o.made.amount) for o in _standing(call) if o.made.kind == kind), NOTHING)


def _limits(limits: Sequence[tuple[str, Decimal]], currency: str) -> tuple[tuple[str, str], ...]:
    """What each role may give at most, never less than one below it."""
    found, most = [], NOTHING
    for role, limit in limits:
        most = max(most, limit)
        found.append((role, amount_text(most, currency)))
    return tuple(found)


def _restore(edition: Edition, call: Call, nothing: Proposal, owed: Decimal, rungs: Sequence[Rung]) -> Proposal:
    currency = edition.policy.currency
    nothing = nothing._replace(on=amount_text(owed, currency))
    back = sum(
        (Decimal(o.made.amount) for o in _standing(call) if o.made.kind == "restore" and o.made.fact == nothing.fact),
        NOTHING,
    )
    if back >= owed:
        why = f"{amount_text(back, currency)} {currency} was given back already: that is all that is owed."
        return nothing._replace(why=why, rule="given-back")
    owed -= back
    mine = _given(call, "restore")
    roles = _limits([(r.role, min(owed, Decimal(r.restore) - mine)) for r in rungs], currency)
    own, most = roles[0][1], roles[-1][1]
    whole = amount_text(owed, currency)
    if Decimal(most) <= 0:
        why = f"{whole} {currency} is still owed, above every rung: promise when it will be decided."
        return nothing._replace(why=why, rule="rung")
    found = nothing._replace(amount=most, most=most, on=whole, roles=roles, rule="rung")
    if Decimal(own) >= owed:
        return found._replace(why=f"{whole} {currency} is owed, so all of it goes back.", rule="owed")
    who = found.approver(most) or rungs[0].role
    yours = f"{own} is yours to give" if Decimal(own) else "none of it is yours to give alone"
    if Decimal(most) >= owed:
        return found._replace(
            why=f"{whole} {currency} is owed, so all of it goes back; {yours}, above it {who} approves."
        )
    rest = amount_text(owed - Decimal(most), currency)
    return found._replace(
        why=f"{whole} {currency} is owed; {yours}, {who} approves {most}. {rest} is above every rung."
    )


def _withheld(edition: Edition, call: Call) -> str:
    """What is owed and nothing of it was given, where it was to be given back; nothing where none waits.

    What is owed comes first (`research/content.md` M4, 1): something small beside it would look like a trade.
    """
    for visit in call.trail:
        spec = edition.books[visit.place[-1].book].step(visit.place[-1].step).offer if visit.place else None
        if spec is None or spec.kind != "restore" or (visit.number, "offer") not in call.settled:
            continue
        owed = _decimal(Known(edition, call, visit.place).value(spec.on)) or NOTHING
        offered = any(o.made.kind == "restore" and o.made.fact == spec.on and not o.withdrawn for o in call.offers)
        if owed > 0 and not offered:
            return amount_text(owed, edition.policy.currency)
    return ""


def _why_none(edition: Edition, call: Call) -> tuple[str, str]:
    """(why no gesture may be made now, the rule); nothing where one may."""
    whose = slip(edition, call)
    if whose == "customer":
        return "No gesture: it was the customer's own slip.", "own-slip"
    if whose == "unknown":
        return "No gesture yet: nobody knows whose slip it was. Promise when you will know.", "cause-unknown"
    if marked(edition, call, "own") and not passed(edition, call, "own"):
        return "No gesture yet: own the failure first.", "own-first"
    if owed := _withheld(edition, call):
        return f"No gesture beside {owed} that is owed and waits: promise when it is decided.", "owed-first"
    return "", ""


def _gesture(
    edition: Edition, call: Call, nothing: Proposal, price: Decimal, rungs: Sequence[Rung], cap: Decimal | None
) -> Proposal:
    currency = edition.policy.currency
    shown = amount_text(price, currency)
    nothing = nothing._replace(on=shown)
    why, rule = _why_none(edition, call)
    if why:
        return nothing._replace(why=why, rule=rule)
    mine, before, me = _given(call, "gesture"), given(call), rungs[0]
    limit = max(NOTHING, Decimal(me.gesture) - mine)
    room = price * cap - before if cap is not None else Decimal(max((r.gesture for r in rungs), key=Decimal)) - mine
    if room <= 0:
        spent = f"and {amount_text(before, currency)} {currency} was offered already"
        return nothing._replace(why=f"The cap is reached: {cap} × {shown}, {spent}.", rule="cap")
    earlier = _earlier(edition, call, nothing.ladder)
    alone = NOTHING if earlier else min(limit, room)
    above = [(r.role, min(room, Decimal(r.gesture) - mine)) for r in rungs[1:]]
    roles = _limits([(me.role, alone), *above], currency)
    found = nothing._replace(most=roles[-1][1], roles=roles, rule="rung")
    more = (
        f" More needs {rungs[1].role}: o, then gesture and the amount."
        if Decimal(found.most) > alone and len(rungs) > 1
        else ""
    )
    if limit <= 0:
        why = f"Your rung ({me.role}) is used up: {amount_text(mine, currency)} {currency} was offered.{more}"
        if not mine:
            why = f"Nothing is yours to give alone ({me.role}).{more}"
        return found._replace(why=why)
    amount = Decimal(amount_text(min(limit, room, Decimal(found.most)), currency))
    if amount <= 0:
        why = f"{earlier} Nobody above you may approve one." if earlier else f"The cap leaves nothing: {cap} × {shown}."
        return found._replace(why=why.strip(), rule="look-back" if earlier else "cap")
    found = found._replace(amount=str(amount))
    if earlier:
        return found._replace(why=f"{earlier} So {found.approver(str(amount))} approves this one.", rule="look-back")
    if room < limit:
        less = f", less the {amount_text(before, currency)} offered already" if before else ""
        why = f"The cap: {cap} × {shown}{less}. Your rung ({me.role}) would go to {limit}."
        return found._replace(why=why, rule="cap")
    allows = f"; the cap ({cap} × {shown}) would allow more" if cap is not None else ""
    return found._replace(why=f"Your rung ({me.role}) goes to {limit}{allows}.")


def _earlier(edition: Edition, call: Call, ladder: str) -> str:
    """The sentence that says which gesture to the same case still counts; nothing where none does."""
    span = read_span(edition.policy.look_back(ladder))
    if not span or not call.case or call.started is None:
        return ""
    # A clock that was put back makes a gesture look as if it were still to come: it counts all the same.
    since = call.started.wall - span * 1000
    found = next((x for x in edition.policy.authority.earlier() if x.at >= since), None)
    if found is None:
        return ""
    days = max(0, (call.started.wall - found.at) // 86_400_000)
    when = "today" if not days else "a day ago" if days == 1 else f"{days} days ago"
    return f"This case had a gesture of {found.amount} {when} ({found.call})."


def read_amount(edition: Edition, proposal: Proposal, typed: str) -> tuple[str, str]:
    """(amount, "") for what the agent typed (`ok` takes the proposal), or ("", why not)."""
    if typed.strip().lower() == "ok":
        return proposal.amount, "" if proposal.amount else proposal.why or "Nothing is proposed here."
    currency = edition.policy.currency
    read = read_money(typed, currency)
    if read.complaint:
        return "", f"{read.complaint} Or `ok` for {proposal.amount}, `none` for nothing."
    wanted = Decimal(read.text)
    if wanted <= 0:
        return "", "To offer nothing, say `none`."
    if wanted > Decimal(proposal.most):
        return "", f"At most {proposal.most} {currency}. {proposal.why}"
    return read.text, ""
