"""Whatever is done on a call, in any order: money stays within its rules, and no interruption is lost.

The quick form plays 150 random calls; `CALMDESK_REPLAY_EXAMPLES=20000` plays more.
"""

from __future__ import annotations

import os
import random
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from calmdesk.call import asides, giving, moves
from calmdesk.call import need as n
from calmdesk.call.events import CUT, POLICY_CUT, Corrected, Offered
from calmdesk.call.play import Conversation
from calmdesk.call.values import Call
from tests.conftest import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calmdesk.call.events import Event
    from calmdesk.call.moves import Move, Standing
    from calmdesk.playbook.model import Edition

EXAMPLES = int(os.environ.get("CALMDESK_REPLAY_EXAMPLES", "150"))
CUTS = {CUT, POLICY_CUT}
BOOKS = {
    "main": """
calmdesk: 1
title: Root
goal: Go.
facts:
  fault: {ask: Whose, one-of: {ours: {label: Ours, slip: ours}, own: {label: Own, slip: customer}, unk: {label: U, slip: unknown}}}
  price: {ask: How much, kind: money}
  owed: {ask: Owed, kind: money, default: 0}
  name: {ask: Who, default: there}
  ready: {ask: Ready, kind: yes-no}
  by-when: {ask: When, kind: moment}
interruptions: {ins: {label: I, play: side}, leave: {label: L, play: side, returns: false}, card: {label: C, card: {say: "Hi {name}"}}}
steps:
  aa: {say: "Hello {name}", ask: name, check: [C1], must-check: [M1], choices: {on-now: bb, again: {go: aa, at-most: 2, then: dd}}}
  bb: {play: mod, when: {fault: ours}}
  cc: {say: "It was {price}", ask: [fault, price], choices: {on-now: {go: [{when: {ready: yes}, step: dd}, {step: ee}]}, back: {go: aa, forget: [fault, name], at-most: 1}}}
  dd: {say: "Owed", ask: owed, offer: {kind: restore, ladder: goodwill, on: owed}, must-check: [K1]}
  ee: {say: "More", when: {fault: [ours, unk], price: {over: 1}}, offer: {kind: gesture, ladder: goodwill, on: price}}
  ff: {say: "By {by-when}", ask: by-when, promise: {what: "It, {name}", by: "{by-when}"}}
  gg: {say: "Bye", choices: {done: hh, more: aa}}
  hh: {say: "Bye", end: recovered}
""",
    "mod": """
calmdesk: 1
module: true
title: Module
goal: Go.
facts: {name: {ask: Who, default: there}}
steps:
  own: {say: "Ours, {name}", principle: own, choices: {ok-now: return, deep: sub}}
  sub: {play: deep}
""",
    "deep": "calmdesk: 1\nmodule: true\ntitle: Deep\ngoal: Go.\nsteps:\n  ss: {title: Deep}\n",
    "side": """
calmdesk: 1
title: Side
goal: Go.
facts: {stake: {ask: What}, price: {ask: How much, kind: money}}
steps:
  c1: {say: "So {stake}", ask: stake, principle: boundary, choices: {one: c2, two: c3}}
  c2: {say: "For {price}", offer: {kind: gesture, ladder: goodwill, on: price}}
  c3: {say: "Thanks", return: follow-up}
""",
}
VALUES = {
    "fault": ["ours", "own", "unk"], "price": ["0", "1", "40", "400"], "owed": ["0", "30", "300"], "name": ["Al", "Bo"],
    "ready": ["yes", "no"], "by-when": ["17:00", "+2h"], "stake": ["the day", "the party"],
}  # fmt: skip


@pytest.fixture
def edition(books: Callable[..., Edition]) -> Edition:
    others = {name: text for name, text in BOOKS.items() if name != "main"}
    return books(BOOKS["main"], **others)


def answer(s: Standing, pick: random.Random) -> Move:
    """What is asked, answered somehow."""
    match s.need:
        case n.AskFact(fact, _):
            return partial(moves.answer, typed=pick.choice(VALUES[fact.id]))
        case n.AskAmount():
            return partial(giving.amount, typed=pick.choice(["ok", "none", "5", "500"]))
        case n.AskAccept():
            return partial(giving.accept, typed=pick.choice(["yes", "no"]))
        case n.AskAgain():
            return partial(giving.again, typed=pick.choice(["keep", "change", "withdraw"]))
        case n.AskTicks(still):
            return partial(asides.toggle, checks=[still[0]])
        case n.AskChoice(options, still, _):
            return asides.override if still else partial(moves.choose, choice=pick.choice(options).choice.id)
    return moves.go_on


def any_move(s: Standing, pick: random.Random) -> Move:
    """Something an agent may try, possible here or not."""
    name = pick.choice(list(VALUES))
    tries: list[Move] = [
        *[answer(s, pick)] * 6, partial(moves.back, stops=pick.random() < 0.5), asides.come_again, asides.hold,
        partial(moves.correct, name=name, typed=pick.choice(VALUES[name])),
        partial(asides.interrupt, name=pick.choice(["ins", "leave", "card", "pause", "danger"])),
        partial(moves.go_to, wanted=pick.choice(list(moves.find_steps(s)))),
        partial(giving.offer, typed=pick.choice(["", "gesture", "restore", "gesture 5"])),
        partial(giving.promise, what="It", when="17:00"),
    ]  # fmt: skip
    return pick.choice(tries)


def check_place(edition: Edition, call: Call) -> None:
    """The call stands on one open visit of a step that can be shown, or at the door of one that is asked about."""
    assert len([v for v in call.trail if not v.left and v.place == call.place]) == 1
    serials = [f.serial for f in call.place]
    assert len(set(serials)) == len(serials)
    step = edition.books[call.place[-1].book].step(call.place[-1].step)
    assert not step.play or isinstance(n.find_need(edition, call), n.AskFact)
    still = {f.serial for f in call.place[1:] if f.kind in CUTS}
    assert not any(c.returned for c in call.cuts if c.serial in still)


def check_correction(before: Call, after: Call) -> None:
    """A correction closes no interruption that is open, and leads out of none that has no way back."""
    still = [f.serial for f in before.place[1:] if f.kind in CUTS]
    assert set(still) <= {f.serial for f in after.place}
    if before.place[0].kind in CUTS:
        assert after.place[0].serial == before.place[0].serial


def check_money(call: Call, made: Offered) -> None:
    """What was just offered keeps to the rung and the cap, with all that was offered before, and to whose slip it was."""
    standing = [o.made for o in call.offers if not o.withdrawn and o.accepted is not False]
    mine = sum(Decimal(o.amount) for o in standing if o.kind == made.kind)
    assert mine <= (20 if made.kind == "gesture" else 50)
    if made.kind == "gesture":
        assert sum(Decimal(o.amount) for o in standing) <= Decimal("1.5") * Decimal(made.on)
        assert call.facts.get("fault", ("", ""))[1] == "ours"


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_any_call_keeps_the_rules(edition: Edition, seed: int) -> None:
    pick = random.Random(seed)  # noqa: S311 - any moves will do, the same ones each time
    clock = Clock()
    made: list[Event] = []

    def record(events: Sequence[Event], _: Any) -> None:
        made[:] = events

    talk = Conversation(edition, Call(), record=record, now=clock)
    talk.take(lambda _: [moves.start(edition)])
    for _ in range(60):
        if talk.call.over:
            break
        clock.pass_ms(1000)
        before = talk.call
        try:
            talk.take(any_move(talk.standing, pick))
        except moves.NotAllowed:
            assert talk.call is before
            continue
        if not talk.call.over:
            check_place(edition, talk.call)
        for event in made:
            if isinstance(event, Corrected):
                check_correction(before, talk.call)
            if isinstance(event, Offered):
                check_money(talk.call, event)
