"""What is left after a call: its summary as data and in words, with the keys that `cli.md` promises."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from calmdesk.call import asides, giving
from calmdesk.call.events import Resumed
from calmdesk.call.wrapup import find_drafts, summarise, write_summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Clock

    from .player import Player

    Begin = Callable[..., Player]

WHOLE = """
facts:
  customer: {ask: Who, default: there}
  fault: {ask: Whose, one-of: {ours: {label: Ours, slip: ours}, theirs: {label: Theirs, slip: customer}}}
  price: {ask: How much, kind: money}
  count: {ask: How many, kind: number}
  agreed: {ask: Agreed, kind: yes-no}
  day: {ask: Which day, kind: date}
  by-when: {ask: When, kind: moment}
interruptions: {cut: {label: They cut in, card: {say: Wait}}}
steps:
  aa:
    title: A
    principle: own
    ask: [customer, fault, price, count, agreed, day, by-when]
    check: [I said it, "They are {customer}"]
    must-check: [They heard]
    choices: {on-now: bb}
  bb: {play: side}
  gift: {title: Gift, offer: {kind: gesture, ladder: goodwill, on: price}}
  cc: {say: "So, {customer}", promise: {what: "A call to {customer}", by: "{by-when}"}, draft: letter, end: recovered}
drafts:
  letter: |
    Dear {customer},

    it is done.
"""
SIDE = "module: true\nsteps:\n  xx: {title: X}\n"


def whole(begin: Begin, clock: Clock) -> Player:
    play = begin(WHOLE, case="K-7", side=SIDE).answer("Rosa", "ours", "40", "3", "y", "2026-12-01", "17:00")
    clock.pass_ms(90_000)
    play.tick("I said it").note("Rings after five")
    play.do(asides.override)
    play.choose("on-now").cut("cut").on()
    clock.pass_ms(4_250)
    play.on().amount("15").accept("no").on().on()
    return play


def test_the_summary_has_every_key_the_command_line_promises(begin: Begin, clock: Clock) -> None:
    play = whole(begin, clock)
    summary = summarise(play.edition, play.call, "bcdfg-1")
    assert {
        "schema", "call", "playbook", "digest", "started", "ended", "disposition", "parked", "handle_time_s", "facts", "steps", "checks",
        "offers", "promises", "notes", "interruptions",
    } <= set(summary)  # fmt: skip
    assert summary["schema"] == 1
    assert summary["call"] == "bcdfg-1"
    assert summary["playbook"] == "main"
    assert summary["digest"] == dict(play.edition.digests)["main"]
    assert summary["started"] == "2026-11-25T14:05:00+00:00"
    assert summary["ended"] == "2026-11-25T14:06:34+00:00"
    assert (summary["disposition"], summary["parked"]) == ("recovered", False)
    assert summary["handle_time_s"] == 94.2
    assert json.loads(json.dumps(summary)) == summary


def test_facts_are_typed_as_the_command_line_promises(begin: Begin, clock: Clock) -> None:
    play = whole(begin, clock)
    assert summarise(play.edition, play.call, "x-1")["facts"] == {
        "customer": "Rosa", "fault": "ours", "price": "40.00", "count": 3, "agreed": True, "day": "2026-12-01",
        "by-when": "2026-11-25T17:00+00:00",
    }  # fmt: skip


def test_steps_are_the_path_with_each_visit_once_and_modules_by_name(begin: Begin, clock: Clock) -> None:
    play = whole(begin, clock)
    steps = summarise(play.edition, play.call, "x-1")["steps"]
    assert [(x["step"], x["seconds"], x["choice"]) for x in steps] == [
        ("aa", 90.0, "on-now"), ("side/xx", 4.2, None), ("main+cut/card", 0.0, None), ("gift", 0.0, None), ("cc", 0.0, None),
    ]  # fmt: skip
    assert set(steps[0]) == {"step", "entered", "seconds", "choice"}


def test_checks_say_what_was_ticked_and_what_was_gone_over(begin: Begin, clock: Clock) -> None:
    play = whole(begin, clock)
    assert summarise(play.edition, play.call, "x-1")["checks"] == [
        {"step": "aa", "text": "I said it", "ticked": True, "overridden": False},
        {"step": "aa", "text": "They are Rosa", "ticked": False, "overridden": False},
        {"step": "aa", "text": "They heard", "ticked": False, "overridden": True},
    ]


def test_offers_promises_notes_and_interruptions_stand_with_all_that_is_known(begin: Begin, clock: Clock) -> None:
    play = whole(begin, clock)
    summary = summarise(play.edition, play.call, "x-1")
    (offer,) = summary["offers"]
    assert {k: offer[k] for k in ("kind", "ladder", "amount", "currency", "accepted", "approved_by")} == {
        "kind": "gesture", "ladder": "goodwill", "amount": "15.00", "currency": "USD", "accepted": False, "approved_by": None,
    }  # fmt: skip
    assert offer["reason"]
    (promise,) = summary["promises"]
    assert {k: promise[k] for k in ("what", "by", "who", "kept")} == {
        "what": "A call to Rosa", "by": "2026-11-25T17:00+00:00", "who": "me", "kept": None,
    }  # fmt: skip
    assert summary["notes"] == [{"step": "aa", "text": "Rings after five", "at": "2026-11-25T14:06:30+00:00"}]
    assert summary["interruptions"] == [{"id": "cut", "from": "side/xx", "returned": True}]


def test_what_was_taken_back_is_not_in_the_path(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {title: A, choices: {one: bb, two: cc}}\n  bb: {title: B, end: lost}\n  cc: {title: C, end: lost}"
    )
    play.choose("one").back().choose("two")
    assert [(x["step"], x["choice"]) for x in summarise(play.edition, play.call, "x-1")["steps"]] == [
        ("aa", "two"),
        ("cc", None),
    ]


def test_a_parked_call_has_no_disposition(begin: Begin, clock: Clock) -> None:
    play = begin(WHOLE, side=SIDE)
    clock.pass_ms(1_000)
    play.do(asides.park)
    summary = summarise(play.edition, play.call, "x-1")
    assert (summary["parked"], summary["disposition"], summary["ended"]) == (True, None, None)
    play.do(lambda _: [Resumed("bcdfg", play.call.digests)])
    assert summarise(play.edition, play.call, "x-1")["parked"] is False


def test_a_time_that_a_restart_hides_is_null(begin: Begin, clock: Clock) -> None:
    play = begin("steps:\n  aa: {title: A, end: lost}")
    clock.at = clock.at._replace(mono=1, boot="other")
    summary = summarise(play.edition, play.on().call, "x-1")
    assert summary["handle_time_s"] is None
    assert summary["steps"][0]["seconds"] is None


def test_drafts_of_the_steps_passed_are_filled_in(begin: Begin, clock: Clock) -> None:
    play = whole(begin, clock)
    assert find_drafts(play.edition, play.call) == {"letter": "Dear Rosa,\n\nit is done."}
    assert find_drafts(play.edition, begin(WHOLE, side=SIDE).call) == {}


def test_the_summary_in_words_holds_what_a_colleague_needs(begin: Begin, clock: Clock) -> None:
    play = whole(begin, clock)
    text = write_summary(play.edition, play.call, "bcdfg-1")
    for line in (
        "A title — Put right", "Call bcdfg-1, 2026-11-25 14:05, 1 min 34 s, case K-7", "Customer: Rosa", "Fault: Ours", "Price: 40.00",
        "A call to Rosa — by Wednesday 25 November, 17:00 (me)", "15.00 USD gesture, declined.", "Rings after five (aa)", "They heard (aa)", "Dear Rosa,",
    ):  # fmt: skip
        assert line in text
    markdown = write_summary(play.edition, play.call, "bcdfg-1", markdown=True)
    assert markdown.startswith("# A title — Put right\n- Call bcdfg-1")
    assert "\n## Promised\n- A call to Rosa" in markdown


def test_what_was_withdrawn_is_in_the_data_and_not_in_the_words(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {title: A, promise: {what: A parcel, by: 2h}}\n  bb: {title: B, choices: {more: aa, out: cc}}\n  cc: {title: C, end: lost}"
    )
    play.on().choose("more").again("withdraw").on().choose("out").on()
    assert summarise(play.edition, play.call, "x-1")["promises"][0]["withdrawn"] is True
    assert "A parcel" not in write_summary(play.edition, play.call, "x-1")


def test_a_handed_over_call_names_the_colleague(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, end: lost}")
    play.do(lambda s: giving.promise(s, "A call", "tomorrow 9:00"))
    play.do(lambda s: asides.hand_over(s, "Priya"))
    text = write_summary(play.edition, play.call, "x-1")
    assert "Handed over to Priya" in text
    assert "A call — by Thursday 26 November, 09:00 (me)" in text
    assert summarise(play.edition, play.call, "x-1")["handed_over_to"] == "Priya"


def test_what_cut_in_tells_how_it_turned_out(begin: Begin) -> None:
    play = begin(
        "interruptions: {insults: {label: They insult me, play: side}}\n"
        "steps:\n  aa: {title: A, choices: {on-now: bb}}\n  bb: {title: B, end: lost}",
        side="steps:\n  xx: {title: X, choices: {calm: {label: Not at me, go: yy}}}\n  yy: {title: Y, return: follow-up}\n",
    )
    play.cut("insults").choose("calm").on()
    assert "\nWhat cut in\n  They insult me → Not at me (at aa, and back)\n" in write_summary(
        play.edition, play.call, "x-1"
    )
