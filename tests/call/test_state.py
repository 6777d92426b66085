"""`evolve` is total and needs no playbook; times are honest; what was said is never undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from calmdesk.call import asides, moves
from calmdesk.call import events as e
from calmdesk.call.events import Stamp
from calmdesk.call.state import evolve, replay
from calmdesk.call.values import Call, elapsed
from tests.forms import often
from tests.journal.examples import DEEP, DIGESTS, EXAMPLES, TOP

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Clock

    from .player import Player

    Begin = Callable[..., Player]

AT = Stamp(1_000_000, 5_000, "boot-1")
TWO = "steps:\n  aa: {title: A}\n  bb: {title: B}\n  cc: {title: C, end: lost}"


def after(seconds: float, stamp: Stamp = AT) -> Stamp:
    return stamp._replace(wall=stamp.wall + int(seconds * 1000), mono=stamp.mono + int(seconds * 1000))


_ODD: tuple[e.Event, ...] = (
    e.WentBack(-5), e.WentBack(99), e.Corrected("x", "text", "y", 99, DEEP), e.Corrected("x", "text", "y", -1, ()), e.Moved("on", "", ()),
    e.Moved("skip", "", DEEP), e.Accepted("o9", yes=True), e.Withdrew("", ""), e.Kept(""), e.Interrupted("", ()), e.PromiseMoved("p9", "x"),
    e.Moved("return", "return", TOP), e.Moved("choice", "a", DEEP, ("problem",)),
)  # fmt: skip


# Events that lead nowhere are apart: `test_an_event_that_leads_nowhere_fails_nothing` shows what they do.
_PLACED = [x for x in (*EXAMPLES, *_ODD) if getattr(x, "place", TOP)]
_CALLS = st.lists(st.sampled_from(_PLACED), max_size=25).map(lambda events: [EXAMPLES[0], *events])


def test_an_event_that_leads_nowhere_fails_nothing() -> None:
    replay([(AT, e.Moved("choice", "finished", TOP)), (AT, e.WentBack(0))])


@given(_CALLS)
@settings(max_examples=often(50, 200), deadline=None)
def test_any_events_in_any_order_make_a_call_and_never_fail(events: list[e.Event]) -> None:
    call = replay((after(n), event) for n, event in enumerate(events))
    assert isinstance(call, Call)
    assert call.parked in {True, False}
    assert isinstance(call.spot, int)


@given(_CALLS)
@settings(max_examples=often(30, 100), deadline=None)
def test_a_call_is_the_same_however_its_events_are_cut_in_two(events: list[e.Event]) -> None:
    stamped = [(after(n), event) for n, event in enumerate(events)]
    call = replay(stamped[: len(stamped) // 2])
    for at, event in stamped[len(stamped) // 2 :]:
        call = evolve(call, event, at)
    assert call == replay(stamped)


def test_evolve_changes_no_call_it_was_given() -> None:
    call = replay([(AT, e.Started(TOP, DIGESTS, "phone", "")), (AT, e.Answered("a", "text", "x"))])
    before = (call.place, call.trail, dict(call.facts), call.ticks, call.marks, call.notes)
    for event in (*EXAMPLES, *_ODD):
        evolve(call, event, after(3))
    assert (call.place, call.trail, dict(call.facts), call.ticks, call.marks, call.notes) == before


def test_a_length_of_time_is_known_only_within_one_boot() -> None:
    assert elapsed(AT, after(3)) == 3_000
    assert elapsed(AT, after(3)._replace(boot="boot-2")) is None
    # The wall clock was set back in between: only the monotonic one counts.
    assert elapsed(AT, Stamp(0, AT.mono + 500, "boot-1")) == 500
    assert elapsed(after(3), AT) == 0


def test_a_visit_takes_the_time_from_its_first_screen_to_the_way_on(begin: Begin, clock: Clock) -> None:
    play = begin(TWO)
    clock.pass_ms(4_000)
    play.on()
    clock.pass_ms(1_500)
    play.note("x")
    clock.pass_ms(500)
    play.on()
    assert [v.spent for v in play.call.trail] == [4_000, 2_000, 0]


def test_an_interruption_stops_the_clock_of_the_step_it_left(begin: Begin, clock: Clock) -> None:
    play = begin("interruptions: {cut: {card: {say: Wait}}}\n" + TWO)
    clock.pass_ms(1_000)
    play.cut("cut")
    clock.pass_ms(10_000)
    play.on()
    clock.pass_ms(2_000)
    play.on()
    assert {play.call.label(v.place): v.spent for v in play.call.trail} == {
        "aa": 3_000,
        "main+cut/card": 10_000,
        "bb": 0,
    }


def test_handle_time_leaves_out_the_time_a_call_lay_parked(begin: Begin, clock: Clock) -> None:
    play = begin(TWO)
    clock.pass_ms(5_000)
    play.do(asides.park)
    parked = play.call.parked
    clock.pass_ms(3_600_000)
    play.do(lambda _: [e.Resumed("bcdfg", play.call.digests)])
    assert (parked, play.call.parked) == (True, False)
    clock.pass_ms(2_000)
    play.on()
    assert play.call.active == 7_000
    assert play.call.trail[0].spent == 7_000


def test_a_restart_in_the_middle_makes_the_time_unknown(begin: Begin, clock: Clock) -> None:
    play = begin(TWO)
    clock.at = clock.at._replace(wall=clock.at.wall + 60_000, mono=5, boot="other")
    play.on()
    assert play.call.active is None
    assert play.call.trail[0].spent is None


def test_a_restart_while_a_call_lay_parked_hides_nothing(begin: Begin, clock: Clock) -> None:
    play = begin(TWO)
    clock.pass_ms(5_000)
    play.do(asides.park)
    clock.at = clock.at._replace(wall=clock.at.wall + 60_000, mono=5, boot="other")
    play.do(lambda _: [e.Resumed("bcdfg", play.call.digests)])
    clock.pass_ms(2_000)
    play.on()
    assert play.call.active == 7_000


def test_forgetting_takes_the_words_and_leaves_the_figures() -> None:
    call = replay(
        [(AT, e.Started(TOP, DIGESTS, "phone", "")), (AT, e.Answered("a", "text", "secret")), (AT, e.Answered("p", "money", "8.90")),
         (AT, e.Noted("secret")), (AT, e.Forgotten())]
    )  # fmt: skip
    assert dict(call.facts) == {"p": ("money", "8.90")}
    assert call.notes == ()


def test_what_became_of_a_promise_is_kept_moved_or_broken() -> None:
    made: list[tuple[Stamp, e.Event]] = [
        (AT, e.Started(TOP, DIGESTS, "phone", "")),
        (AT, e.Promised("p1", "x", "17:00", "me")),
        (AT, e.Promised("p2", "y", "17:00", "me")),
    ]
    call = replay([*made, (AT, e.PromiseKept("p1")), (AT, e.PromiseBroken("p2")), (AT, e.PromiseMoved("p2", "18:00"))])
    assert [(p.kept, p.by) for p in call.promises] == [(True, "17:00"), (False, "18:00")]


def test_an_approval_stands_with_its_offer() -> None:
    call = replay(
        [
            (AT, e.Offered("o1", "gesture", "g", "5", "USD", "9", "r")),
            (AT, e.Approved("o1", "K7")),
            (AT, e.Approved("o2", "K8")),
        ]
    )
    assert [o.approved_by for o in call.offers] == ["K7"]


def test_a_visit_number_is_never_used_twice(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {title: A, must-check: [One], choices: {on-now: bb}}\n  bb: {title: B, choices: {on-now: aa}}"
    )
    play.tick("One").choose("on-now").back()
    assert {check for _, check in play.call.ticks} == {"One"}
    play.choose("on-now", "on-now")
    numbers = [v.number for v in play.call.trail]
    assert len(set(numbers)) == len(numbers)
    assert play.refused(lambda s: moves.choose(s, "on-now"))


def test_a_steps_name_is_short_in_the_started_playbook_and_long_elsewhere() -> None:
    call = Call(root="angry-caller")
    assert call.label(TOP) == "hear"
    assert call.label(DEEP) == "hold/waiting"
    assert call.label(()) == ""
