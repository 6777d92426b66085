"""A call that was handled becomes a test of its playbook: the way it went, with the words left out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from calmdesk.call import events as e
from calmdesk.call.state import evolve
from calmdesk.call.values import Call

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calmdesk.call.events import Event, Stamp
    from calmdesk.playbook.model import Edition


def record_test(edition: Edition, entries: Iterable[tuple[Stamp, Event]], name: str) -> dict[str, Any]:
    """A test that goes the way a call went.

    Typed words stand as their fact's id in braces; amounts, times, days and picked answers stand as they are,
    since the way may depend on them. What was offered is told only where the test would offer the same.

    Args:
        edition: what the call played.
        entries: its events.
        name: how the test is called.

    """
    call, chosen = _replay(entries)
    facts = {fact: _shown(edition, fact, kind, value) for fact, (kind, value) in call.facts.items() if ":" not in fact}
    expect: dict[str, Any] = {"disposition": call.ended, "passes": _passes(call)}
    promises = [p for p in call.promises if not p.withdrawn and p.by_step]
    offers = [o for o in call.offers if not o.withdrawn]
    expect["promises"] = len(promises)
    test: dict[str, Any] = {"name": name}
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


def _shown(edition: Edition, fact: str, kind: str, value: str) -> str:
    if kind == "text":
        return f"({fact})"
    if kind == "moment" and "T" in value:
        # A moment of the past is another one when the test is played: its time of day stays.
        return value.partition("T")[2][:5]
    del edition
    return value


def _passes(call: Call) -> list[str]:
    """The steps it came to, each once in a row."""
    found: list[str] = []
    for visit in call.trail:
        label = call.label(visit.place)
        if label not in found[-1:]:
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
