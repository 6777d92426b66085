"""A call that was handled becomes a test of its playbook: the way it went, with the words left out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from calmdesk.bench.flow import find_conditions
from calmdesk.call import events as e
from calmdesk.call.facts import used_by
from calmdesk.call.state import evolve
from calmdesk.call.values import Call

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calmdesk.call.events import Event, Stamp
    from calmdesk.playbook.model import Edition


def record_test(edition: Edition, entries: Iterable[tuple[Stamp, Event]], name: str) -> dict[str, Any]:
    """A test that goes the way a call went.

    Typed words stand as their fact's id in brackets, numbers and days as any other, unless a condition looks at
    them; amounts, times and picked answers stand as they are. A test makes offers as they are proposed: where the
    agent gave another amount, whoever records it leaves `amount` out.

    Args:
        edition: what the call played.
        entries: its events.
        name: how the test is called.

    """
    call, chosen = _replay(entries)
    decides = {f for book in edition.books.values() for when in find_conditions(book.compiled) for f in used_by(when)}
    facts = {fact: _shown(decides, fact, kind, value) for fact, (kind, value) in call.facts.items() if ":" not in fact}
    expect: dict[str, Any] = {"disposition": call.ended, "passes": _passes(call)}
    promises = [p for p in call.promises if not p.withdrawn and p.by_step]
    offers = [o for o in call.offers if not o.withdrawn]
    expect["promises"] = len(promises)
    test: dict[str, Any] = {"name": name}
    if call.channel not in {"", "phone"}:
        facts["channel"] = call.channel
    if facts:
        test["facts"] = facts
    if chosen:
        test["choose"] = chosen
    if offers and all(o.accepted for o in offers):
        expect["offers"] = len(offers)
        expect["amount"] = str(sum((Decimal(o.made.amount) for o in offers), Decimal(0)))
    elif not offers and call.refusals:
        test["offer"] = "none"
    return {**test, "expect": expect}


def _replay(entries: Iterable[tuple[Stamp, Event]]) -> tuple[Call, list[str]]:
    """The call, and the choices and interruptions that still stand, in the order they came."""
    call = Call()
    made: list[tuple[int, int, str]] = []
    for at, event in entries:
        spot, marks = call.spot, len(call.marks)
        match event:
            case e.Moved(by="choice", choice=choice):
                made.append((marks, spot, choice))
            case e.Interrupted(name):
                made.append((marks, -1, f"i:{name}"))
            case e.WentBack(to):
                made = [x for x in made if x[0] < to]
        call = evolve(call, event, at)
    left = {(v.number, v.choice) for v in call.trail if v.left}
    return call, [choice for _, spot, choice in made if spot < 0 or (spot, choice) in left]


_NEUTRAL = {"number": "1", "date": "2026-01-15"}


def _shown(decides: set[str], fact: str, kind: str, value: str) -> str:
    """A value as the test gives it: what was typed is left out where no condition looks at it."""
    if kind == "text" and fact not in decides:
        return f"({fact})"
    if kind in _NEUTRAL and fact not in decides:
        return _NEUTRAL[kind]
    if kind == "moment" and "T" in value:
        # A moment of the past is another one when the test is played: its time of day stays.
        return value.partition("T")[2][:5]
    return value


def _passes(call: Call) -> list[str]:
    """The steps it came to, each once in a row."""
    found: list[str] = []
    for visit in call.trail:
        label = call.label(visit.place)
        # A card is no step that a trainer has named.
        if label not in found[-1:] and "+" not in label:
            found.append(label)
    return found


def render_test(test: dict[str, Any]) -> str:
    """A test as it stands in a playbook: an item below `tests:`."""
    rows = [f"  - name: {_quoted(test['name'])}"]
    if facts := test.get("facts"):
        rows.append("    facts:")
        rows += [f"      {fact}: {_quoted(value)}" for fact, value in facts.items()]
    if choose := test.get("choose"):
        rows.append(f"    choose: [{', '.join(choose)}]")
    if "offer" in test:
        rows.append(f"    offer: {test['offer']}")
    rows.append("    expect:")
    expect = test["expect"]
    rows.append(f"      disposition: {expect['disposition']}")
    rows.append(f"      passes: [{', '.join(expect['passes'])}]")
    rows += [f"      {key}: {expect[key]}" for key in ("promises", "offers", "amount") if key in expect]
    return "\n".join(rows) + "\n"


def _quoted(text: str) -> str:
    """A text in double quotes, as YAML reads it back."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
