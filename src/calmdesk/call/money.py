"""What may be offered, by whom, and why: restore gives back what is owed, gesture is goodwill beyond it.

The rules are those of `research/content.md` M4; amounts are exact decimals in the policy's currency.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call.facts import Known
from calmdesk.playbook.kinds import money_places, read_money

if TYPE_CHECKING:
    from calmdesk.call.values import Call, Offer
    from calmdesk.playbook.model import Edition, OfferSpec, Rung

NOTHING = Decimal(0)


class Proposal(NamedTuple):
    """What the ladder says: the amount it proposes, the most that may be given, and why.

    `amount` is empty where nothing may be offered; `why` then says the rule, in one sentence.
    """

    kind: str
    ladder: str
    amount: str
    most: str
    on: str
    why: str
    rule: str
    fact: str = ""


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
    nothing = Proposal(spec.kind, spec.ladder, "", "0", str(price), "", "")
    if not rungs:
        return nothing._replace(why=f"The policy has no ladder “{spec.ladder}”.", rule="no-ladder")
    if price <= 0:
        return nothing._replace(why=f"“{spec.on}” is 0: there is nothing to measure it by.", rule="no-price")
    if spec.kind == "restore":
        return _restore(edition, call, spec, price, rungs[0])._replace(fact=spec.on)
    return _gesture(edition, call, spec, price, rungs[0], _decimal(cap))._replace(fact=spec.on)


def _restore(edition: Edition, call: Call, spec: OfferSpec, owed: Decimal, rung: Rung) -> Proposal:
    currency = edition.policy.currency
    mine = sum((Decimal(o.made.amount) for o in _standing(call) if o.made.kind == "restore"), NOTHING)
    limit = max(NOTHING, Decimal(rung.restore) - mine)
    back = sum(
        (Decimal(o.made.amount) for o in _standing(call) if o.made.kind == "restore" and o.made.fact == spec.on),
        NOTHING,
    )
    if back >= owed:
        why = f"{amount_text(back, currency)} {currency} was given back already: that is all that is owed."
        return Proposal(spec.kind, spec.ladder, "", "0", amount_text(owed, currency), why, "given-back")
    owed -= back
    if limit <= 0:
        why = f"{amount_text(owed, currency)} {currency} is still owed, above your rung ({rung.role}): your lead gives it back, on this call."
        return Proposal(spec.kind, spec.ladder, "", "0", amount_text(owed, currency), why, "rung")
    most = min(owed, limit)
    text, whole = amount_text(most, currency), amount_text(owed, currency)
    why = f"{whole} {currency} is owed, so all of it goes back."
    rule = "owed"
    if owed > limit:
        rest = amount_text(owed - limit, currency)
        why = (
            f"{whole} {currency} is owed. You may give back {text} yourself; the other {rest} is above your rung "
            f"({rung.role}) and needs your lead, on this call."
        )
        rule = "rung"
    return Proposal(spec.kind, spec.ladder, text, text, whole, why, rule)


def _gesture(
    edition: Edition, call: Call, spec: OfferSpec, price: Decimal, rung: Rung, cap: Decimal | None
) -> Proposal:
    currency = edition.policy.currency
    shown = amount_text(price, currency)
    nothing = Proposal(spec.kind, spec.ladder, "", "0", shown, "", "")
    whose = slip(edition, call)
    if whose == "customer":
        return nothing._replace(why="No gesture: it was the customer's own slip.", rule="own-slip")
    if whose == "unknown":
        return nothing._replace(
            why="No gesture yet: nobody knows whose slip it was. Promise when you will know.", rule="cause-unknown"
        )
    if marked(edition, call, "own") and not passed(edition, call, "own"):
        return nothing._replace(why="No gesture yet: own the failure first.", rule="own-first")
    mine = sum((Decimal(o.made.amount) for o in _standing(call) if o.made.kind == "gesture"), NOTHING)
    limit, before = max(NOTHING, Decimal(rung.gesture) - mine), given(call)
    room = price * cap - before if cap is not None else limit
    if limit <= 0:
        return nothing._replace(
            why=f"Your rung ({rung.role}) is used up: {amount_text(mine, currency)} {currency} was offered.",
            rule="rung",
        )
    amount = Decimal(amount_text(max(NOTHING, min(limit, room)), currency))
    if amount <= 0:
        return nothing._replace(
            why=f"The cap is reached: {cap} × {shown}, and {amount_text(before, currency)} {currency} was offered already.",
            rule="cap",
        )
    text = amount_text(amount, currency)
    if room < limit:
        less = f", less the {amount_text(before, currency)} offered already" if before else ""
        return Proposal(
            spec.kind,
            spec.ladder,
            text,
            text,
            shown,
            f"The cap: {cap} × {shown}{less}. Your rung ({rung.role}) would go to {limit}.",
            "cap",
        )
    return Proposal(
        spec.kind,
        spec.ladder,
        text,
        text,
        shown,
        f"Your rung ({rung.role}) goes to {limit}; the cap ({cap} × {shown}) would allow more."
        if cap is not None
        else f"Your rung ({rung.role}) goes to {limit}.",
        "rung",
    )


def read_amount(edition: Edition, proposal: Proposal, typed: str) -> tuple[str, str]:
    """(amount, "") for what the agent typed (`ok` takes the proposal), or ("", why not)."""
    if typed.strip().lower() == "ok":
        return proposal.amount, ""
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
