"""Whatever is done on a call, in any order: the journal replays to exactly the call that was live.

The quick form plays 150 random calls a playbook; `CALMDESK_REPLAY_EXAMPLES=20000` plays more.
"""

from __future__ import annotations

import os
from functools import cache
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from calmdesk.call import asides, giving, moves
from calmdesk.call import events as e
from calmdesk.call import need as n
from calmdesk.call.moves import NotAllowed
from calmdesk.call.state import replay
from calmdesk.call.wrapup import summarise, write_summary
from calmdesk.journal.codec import Row, decode, encode
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from tests.conftest import NOON, Clock

from .player import Player

if TYPE_CHECKING:
    from calmdesk.call.events import Stamp
    from calmdesk.call.moves import Move, Standing
    from calmdesk.playbook.model import Edition

EXAMPLES = int(os.environ.get("CALMDESK_REPLAY_EXAMPLES", "70"))

SMALL = {
    "main": """
        calmdesk: 1
        title: Small
        goal: A goal.
        facts:
          name: {ask: Who, default: there}
          fault: {ask: Whose, one-of: {ours: {label: Ours, slip: ours}, theirs: {label: Theirs, slip: customer}, unknown: {label: U, slip: unknown}}}
          price: {ask: How much, kind: money}
          ready: {ask: Ready, kind: yes-no}
          by-when: {ask: When, kind: moment}
        interruptions:
          cut: {label: Cut, play: side}
          card: {label: Card, card: {say: ["Wait, {name}", "Wait"]}}
          gone: {label: Gone, play: last, returns: false}
        steps:
          aa: {say: ["Hello {name}", "Hi {name}"], ask: [name, fault], check: [C1], must-check: [M1], choices: {on-now: bb, again: {go: aa, forget: name, at-most: 2, then: cc}}}
          bb: {play: side, when: {fault: [ours, unknown]}}
          cc: {say: [{when: {fault: ours}, line: We did}, {line: "So {name}"}], principle: own, promise: {what: "It, {name}", by: "{by-when}"}, go: [{when: {ready: yes}, step: ee}, {step: dd}]}
          dd: {title: D, hold: 30s, ask: price, choices: {more: {go: aa, forget: [fault, ready], at-most: 1}, on-now: ee, skip: {go: ff, when: {fault: theirs}}}}
          ee: {title: E, ask: price, offer: {kind: restore, ladder: goodwill, on: price}}
          ff: {title: F, when: {price: {over: 5}}, offer: {kind: gesture, ladder: goodwill, on: price}, must-check: [M2, M3]}
          gg: {title: G, choices: {round: {go: aa, forget: [price], at-most: 3, then: hh}, on-now: hh}}
          hh: {title: H, draft: note, end: recovered}
        drafts: {note: "Dear {name}"}
        """,
    "side": """
        calmdesk: 1
        title: Side
        goal: A goal.
        module: true
        facts: {ready: {ask: Ready, kind: yes-no}}
        interruptions: {inner: {card: {say: Inner}}}
        steps:
          xx: {say: Side, choices: {deeper: {go: yy, at-most: 1, then: return}, out: return}}
          yy: {ask: ready, title: Y, go: [{when: {ready: yes}, step: return}, {step: zz}]}
          zz: {play: last, when: {ready: no}}
        """,
    "last": """
        calmdesk: 1
        title: Last
        goal: A goal.
        steps:
          ll: {title: L, principle: boundary, choices: {stay: mm, over: nn}}
          mm: {title: M, return: follow-up}
          nn: {title: N, end: ended-by-us}
        """,
}  # fmt: skip


@cache
def edition(name: str) -> Edition:
    """The shipped angry caller, or the small playbook above; compiled once for all random calls."""
    import tempfile

    built_in = os.path.abspath(built_in_folder())
    with tempfile.TemporaryDirectory() as folder:
        library = Library((built_in,), os.path.join(folder, "cache"))
        if name != "small":
            return open_edition(library, name).edition
        for file, text in SMALL.items():
            with open(os.path.join(folder, f"{file}.yaml"), "w", encoding="utf-8") as out:
                out.write(dedent(text))
        opened = open_edition(library, os.path.join(folder, "main.yaml"))
        assert opened.findings == ()
        return opened.edition


TYPED = (
    "ours",
    "theirs",
    "unknown",
    "yes",
    "no",
    "8.90",
    "0",
    "40",
    "17:00",
    "+2h",
    "Rosa {name}",
    "the red bike",
    "2026-12-01",
    "",
    "\u200b",
    "no such thing",
)


def fitting(draw: st.DrawFn, s: Standing) -> Move:
    """A move that fits what the call waits for."""
    match s.need:
        case n.AskFact(fact):
            options = [o.id for o in fact.options]
            typed = {
                "one-of": options,
                "money": ["8.90", "0", "40"],
                "yes-no": ["yes", "no"],
                "moment": ["17:00", "fri 9:00"],
            }.get(fact.kind, ["Rosa", "the bike"])
            word = draw(st.sampled_from(typed))
            return lambda s: moves.answer(s, word)
        case n.AskAmount():
            word = draw(st.sampled_from(["ok", "ok", "none", "1"]))
            return lambda s: giving.amount(s, word)
        case n.AskAccept():
            word = draw(st.sampled_from(["yes", "no"]))
            return lambda s: giving.accept(s, word)
        case n.AskAgain():
            word = draw(st.sampled_from(["keep", "change", "withdraw"]))
            return lambda s: giving.again(s, word)
        case n.AskTicks(checks):
            return lambda s: asides.toggle(s, checks)
        case n.AskChoice(options, still):
            if still:
                return asides.override if draw(st.booleans()) else lambda s: asides.toggle(s, still)
            word = draw(st.sampled_from([o.choice.id for o in options if o.target] or ["none"]))
            return lambda s: moves.choose(s, word)
    return moves.go_on


def anything(draw: st.DrawFn, s: Standing) -> Move:
    """Any move at all, possible here or not."""
    book = s.edition.books[s.call.place[-1].book]
    facts = sorted({f for b in s.edition.books.values() for f in b.facts})
    cuts = [*asides.find_interruptions(s), "nobody"]
    steps = [x for f in s.call.place for x in s.edition.books[f.book].order]
    word, fact, step = draw(st.sampled_from(TYPED)), draw(st.sampled_from(facts)), draw(st.sampled_from(steps))
    cut, check = draw(st.sampled_from(cuts)), draw(st.sampled_from([*s.step.checks, "no check"]))
    options = [o.id for b in s.edition.books.values() if (f := b.fact(fact)) for o in f.options]
    right = draw(st.sampled_from([*options, "8.90", "yes", "no", "fri 9:00", "Sam"]))
    choice = draw(st.sampled_from([c.id for x in book.order for c in book.step(x).choices] or ["none"]))
    every: list[Move] = [
        lambda s: moves.answer(s, word), lambda s: moves.correct(s, fact, word), lambda s: moves.correct(s, fact, right), lambda s: moves.correct(s, fact, right), lambda s: moves.tell(s, fact, word),
        lambda s: moves.choose(s, choice), moves.go_on, moves.back, lambda s: moves.back(s, stops=True), lambda s: moves.go_to(s, step),
        lambda s: asides.interrupt(s, cut), asides.come_again, lambda s: asides.toggle(s, [check]), asides.override,
        lambda s: asides.note(s, word), asides.say_otherwise, lambda s: asides.hold(s, "30s"), asides.come_back,
        lambda s: giving.offer(s, draw_kind), lambda s: giving.amount(s, word), lambda s: giving.accept(s, word),
        lambda s: giving.again(s, "change"), lambda s: giving.promise(s, word, "17:00"), asides.park,
    ]  # fmt: skip
    draw_kind = draw(st.sampled_from(["", "gesture", "restore", "gesture 1", "nothing"]))
    return draw(st.sampled_from(every))


def through_rows(entries: list[tuple[Stamp, e.Event]]) -> list[tuple[Stamp, e.Event]]:
    """The entries as they come back from the journal's codec, by way of JSON."""
    import json

    found = []
    for at, event in entries:
        kind, version, data, words = json.loads(json.dumps(encode(event)))
        found.append((at, decode(Row(kind, version, data, tuple(words)))))
    return found


@st.composite
def random_calls(draw: st.DrawFn, name: str) -> tuple[Player, list[str]]:
    """A call after up to 40 moves, and what went wrong on the way."""
    clock, wrong = Clock(), []
    clock.at = NOON
    play = Player(edition(name), clock)
    for _ in range(draw(st.integers(0, 40))):
        if play.call.over:
            break
        clock.pass_ms(draw(st.sampled_from([0, 1, 250, 60_000])))
        if draw(st.integers(0, 200)) == 0:
            clock.at = clock.at._replace(mono=1, boot=clock.at.boot + "'")
        if play.call.parked:
            play.do(lambda _: [e.Resumed("bcdfg", play.call.digests)])
        move = (fitting if draw(st.integers(0, 9)) < 6 else anything)(draw, play.standing)
        before, count = play.call, len(play.entries)
        try:
            play.do(move)
        except NotAllowed as no:
            if play.call != before or len(play.entries) != count or not str(no):
                wrong.append(f"refused, and changed: {no}")
    return play, wrong


def check(play: Player, wrong: list[str]) -> None:
    assert wrong == []
    call = play.call
    assert replay(play.entries) == call
    assert replay(through_rows(play.entries)) == call
    # What holds of every call, whatever was done.
    assert sum(not v.left for v in call.trail if v.place == call.place) == (0 if call.over else 1)
    assert len({v.number for v in call.trail}) == len(call.trail)
    assert asides.depth(call.place) <= 5
    assert len({o.id for o in call.offers}) == len(call.offers)
    assert len({p.id for p in call.promises}) == len(call.promises)
    assert len(call.notes) == sum(isinstance(x, e.Noted) for _, x in play.entries)
    assert len(call.offers) == sum(isinstance(x, e.Offered) for _, x in play.entries)
    assert len(call.promises) == sum(isinstance(x, e.Promised) for _, x in play.entries)
    assert summarise(play.edition, call, "bcdfg-1")["schema"] == 1
    assert write_summary(play.edition, call, "bcdfg-1")


_QUICK = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)  # fmt: skip


@given(random_calls("small"))
@_QUICK
def test_a_random_call_on_a_small_playbook_replays_to_what_it_was(made: tuple[Player, list[str]]) -> None:
    check(*made)


@given(random_calls("angry-caller"))
@_QUICK
def test_a_random_call_on_the_shipped_angry_caller_replays_to_what_it_was(made: tuple[Player, list[str]]) -> None:
    check(*made)


@pytest.mark.parametrize("name", ["small", "angry-caller"])
@given(data=st.data())
@settings(max_examples=max(30, EXAMPLES // 4), deadline=None, suppress_health_check=list(HealthCheck))
def test_back_to_the_beginning_and_on_again_stands_on_the_first_step(name: str, data: st.DataObject) -> None:
    play, _ = data.draw(random_calls(name))
    if play.call.over or play.call.parked:
        return
    first = play.entries[0][1]
    assert isinstance(first, e.Started)
    for _ in range(200):
        try:
            play.back(stops=True)
        except NotAllowed:
            break
    assert play.call.marks == ()
    assert play.call.place == first.place
    assert replay(play.entries) == play.call
