"""What a person may do: within a step the order of `format.md`, and a refused move changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.call import asides, giving, moves
from calmdesk.call import need as n
from calmdesk.call.events import Answered, CameBack, Held, Moved, Overrode, Promised, WentBack
from calmdesk.call.moves import Misfit, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Clock

    from .player import Player

    Begin = Callable[..., Player]

ALL = """
facts:
  customer: {ask: Who, default: there}
  price: {ask: How much, kind: money}
  fault: {ask: Whose, one-of: {ours: {label: Ours, slip: ours}, theirs: {label: Theirs, slip: customer}}}
steps:
  aa:
    title: A
    principle: own
    say: ["Hello {customer}, {price}?", "Hi {customer}."]
    ask: [price, fault]
    offer: {kind: gesture, ladder: goodwill, on: price}
    must-check: [I said it, They heard]
    promise: {what: "Paid {price}", by: 24h}
    choices: {on-now: bb}
  bb: {title: B, end: recovered}
"""


def test_within_a_step_facts_come_first_then_the_offer_then_checks_then_the_way_on(begin: Begin) -> None:
    play = begin(ALL)
    assert play.asked == "price"
    assert play.answer("40").asked == "fault"
    play.answer("ours")
    assert play.waits_for(n.AskAmount)
    play.amount()
    assert play.waits_for(n.AskAccept)
    play.accept()
    assert isinstance(play.need, n.AskChoice)
    assert play.need.open == ("I said it", "They heard")
    play.refused(lambda s: moves.choose(s, "on-now"))
    play.tick("I said it", "They heard")
    assert play.events(Promised) == []
    assert play.choose("on-now").at == "bb"
    assert [p.what for p in play.call.promises] == ["Paid 40.00"]


def test_what_a_step_shows_names_the_question_until_the_answer_fills_it(begin: Begin) -> None:
    play = begin(ALL)
    assert play.standing.line == "Hello there, ⟨How much⟩?"
    assert play.answer("40").standing.line == "Hello there, 40.00?"


def test_a_promise_is_logged_on_leaving_and_only_once_a_stay(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, promise: {what: It, by: '17:00'}}\n  bb: {title: B, end: lost}")
    assert play.events(Promised) == []
    play.on()
    assert play.events(Promised) == [Promised("p1", "It", "2026-11-25T17:00+00:00", "me", by_step=True)]


def test_a_promise_of_the_last_step_is_logged_before_the_end(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, promise: {what: It, by: 2d, who: Ana}, end: recovered}").on()
    assert play.call.ended == "recovered"
    assert [(p.what, p.by, p.who) for p in play.call.promises] == [("It", "2026-11-27T14:05+00:00", "Ana")]


@pytest.mark.parametrize(
    ("kind", "typed", "by"),
    [
        ("moment", "17:00", "2026-11-25T17:00+00:00"),
        ("moment", "9:00", "2026-11-26T09:00+00:00"),
        ("time", "17:00", "2026-11-25T17:00+00:00"),
        ("time", "9:00", "2026-11-26T09:00+00:00"),
        ("date", "2026-12-01", "2026-12-01"),
    ],
)
def test_a_promise_is_due_by_the_fact_in_braces(begin: Begin, kind: str, typed: str, by: str) -> None:
    play = begin(
        f"facts: {{ff: {{ask: When, kind: {kind}}}}}\nsteps:\n  aa: {{ask: ff, promise: {{what: It, by: '{{ff}}'}}, end: lost}}"
    )
    play.answer(typed).on()
    assert play.call.promises[0].by == by


def test_a_promise_is_due_by_a_span_of_the_policy(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, promise: {what: It, by: '{policy.update}'}, end: lost}").on()
    assert play.call.promises[0].by == "2026-11-26T14:05+00:00"


def test_a_step_with_checks_and_no_choices_goes_on_at_the_last_tick(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, must-check: [One, Two]}\n  bb: {title: B, end: lost}")
    assert isinstance(play.need, n.AskTicks)
    assert "One; Two" in play.refused(moves.go_on)
    assert play.tick("One").at == "aa"
    assert play.tick("Two").at == "bb"


def test_a_check_that_neednt_be_ticked_holds_nothing_up(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, check: [One]}\n  bb: {title: B, end: lost}")
    assert play.on().at == "bb"


def test_a_tick_is_taken_away_again(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, must-check: [One, Two], choices: {on-now: aa}}")
    play.tick("One").tick("One")
    assert play.call.ticks == frozenset()


def test_going_on_with_checks_open_is_journaled_and_goes_on(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, must-check: [One, Two]}\n  bb: {title: B, end: lost}").tick("One")
    events = play.do(asides.override)
    assert [type(x) for x in events] == [Overrode, Moved]
    assert events[0] == Overrode(("Two",))
    assert play.at == "bb"
    assert "No check" in play.refused(asides.override)


def test_overriding_where_there_are_choices_leaves_the_choice_to_the_agent(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, must-check: [One], choices: {on-now: bb}}\n  bb: {title: B, end: lost}")
    play.do(asides.override)
    assert play.at == "aa"
    assert play.choose("on-now").at == "bb"


def test_ticks_belong_to_one_stay_at_a_step(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, must-check: [One], choices: {more: aa}}")
    play.tick("One").choose("more")
    assert play.refused(lambda s: moves.choose(s, "more"))


# --- facts


def test_a_fact_that_has_been_given_isnt_asked_again(begin: Begin) -> None:
    text = "facts: {ff: {ask: What}}\nsteps:\n  aa: {title: A}\n  bb: {title: B, ask: ff}\n  cc: {title: C, ask: ff, end: lost}"
    play = begin(text).tell(ff="one").on()
    assert play.at == "bb"
    assert play.asked == ""
    play = begin(text).on().answer("one").on()
    assert play.asked == ""


def test_a_default_is_no_answer_the_step_that_lists_the_fact_still_asks(begin: Begin) -> None:
    play = begin(
        "facts: {ff: {ask: What, default: there}}\nsteps:\n  aa: {say: 'Hi {ff}'}\n  bb: {title: B, ask: ff, end: lost}"
    )
    assert play.asked == ""
    assert play.value("ff") == "there"
    assert play.on().asked == "ff"
    assert play.need.default == "there"  # type: ignore[union-attr]


def test_a_fact_that_a_text_uses_and_nobody_knows_is_asked_on_the_spot(begin: Begin) -> None:
    play = begin("facts: {ff: {ask: What}}\nsteps:\n  aa: {say: 'So {ff}'}\n  bb: {title: B, end: lost}")
    assert play.asked == "ff"
    assert play.answer("the bike").on().at == "bb"


def test_channel_case_and_today_are_always_there(begin: Begin) -> None:
    play = begin("steps:\n  aa: {say: 'On {channel} for {case} at {today}', end: lost}", channel="chat", case="K-7")
    assert play.asked == ""
    assert play.standing.line == "On chat for K-7 at 2026-11-25"


def test_a_fact_that_doesnt_fit_is_refused_with_what_would(begin: Begin) -> None:
    play = begin(ALL)
    assert "8.90" in play.refused(lambda s: moves.answer(s, "a lot"))
    play.answer("40")
    assert "1 ours, 2 theirs" in play.refused(lambda s: moves.answer(s, "mine"))


def test_the_same_fact_in_a_playbook_and_a_module_is_one_fact(begin: Begin) -> None:
    play = begin(
        "facts: {ff: {ask: What}}\nsteps:\n  aa: {title: A, ask: ff}\n  bb: {play: side}\n  cc: {say: 'So {ff}', end: lost}",
        side="module: true\nfacts: {ff: {ask: What}}\nsteps:\n  xx: {title: X, ask: ff, choices: {anew: {go: return, forget: ff}}}\n",
    )
    play.answer("one").on()
    assert play.asked == ""
    assert play.choose("anew").asked == "ff"


def test_the_policys_interruptions_keep_their_facts_to_themselves(begin: Begin) -> None:
    play = begin(
        "facts: {ff: {ask: What}}\nsteps:\n  aa: {title: A}\n  bb: {say: 'So {ff}', end: lost}",
        policy="interruptions: {wait: {label: Wait, play: side, key: q}}\n",
        side="module: true\nfacts: {ff: {ask: Other}}\nsteps:\n  xx: {title: X, ask: ff}\n",
    )
    play.cut("wait").answer("theirs").on(2)
    assert play.at == "bb"
    assert play.asked == "ff"
    assert dict(play.call.facts) == {"side:ff": ("text", "theirs")}


def test_a_playbooks_interruption_shares_its_facts(begin: Begin) -> None:
    play = begin(
        "facts: {ff: {ask: What}}\ninterruptions: {wait: {play: side}}\nsteps:\n  aa: {title: A}\n  bb: {say: 'So {ff}', end: lost}",
        side="module: true\nfacts: {ff: {ask: What}}\nsteps:\n  xx: {title: X, ask: ff}\n",
    )
    play.cut("wait").answer("ours").on(2)
    assert play.standing.line == "So ours"


def test_a_fact_given_beforehand_is_read_like_a_typed_one_and_an_unknown_one_is_refused(begin: Begin) -> None:
    play = begin(ALL).tell(price="$1,040")
    assert play.value("price") == "1040.00"
    assert play.events(Answered) == [Answered("price", "money", "1040.00", given=True)]
    assert "Did you mean “price”?" in play.refused(lambda s: moves.tell(s, "prize", "4"))
    assert "8.90" in play.refused(lambda s: moves.tell(s, "price", "lots"))


# --- when


@pytest.mark.parametrize(
    ("when", "typed", "holds"),
    [
        ("{ff: ours}", "ours", True), ("{ff: ours}", "theirs", False), ("{ff: [ours, third]}", "third", True),
        ("{ff: [ours, third]}", "theirs", False), ("{not: {ff: ours}}", "ours", False), ("{not: {ff: ours}}", "theirs", True),
        ("{not: {ff: [ours, third]}}", "theirs", True), ("{ff: ours, channel: phone}", "ours", True),
        ("{ff: ours, channel: chat}", "ours", False), ("{not: {ff: ours, channel: chat}}", "ours", True),
        ("{not: {not: {ff: ours}}}", "ours", True), ("{ff: ours, not: {channel: phone}}", "ours", False),
    ],
)  # fmt: skip
def test_a_condition_holds_where_all_its_keys_do(begin: Begin, when: str, typed: str, holds: bool) -> None:
    play = begin(
        "facts: {ff: {ask: What, one-of: {ours: Ours, theirs: Theirs, third: Third}}}\nsteps:\n  aa: {title: A, ask: ff}\n"
        f"  bb: {{title: B, when: {when}}}\n  cc: {{title: C, end: lost}}"
    )
    assert play.answer(typed).on().at == ("bb" if holds else "cc")


@pytest.mark.parametrize(
    ("kind", "when", "typed", "holds"),
    [
        ("money", "{over: 8.9}", "8.90", False), ("money", "{over: 8.9}", "8.91", True), ("money", "{at-least: 8.9}", "8.9", True),
        ("money", "{over: 9}", "10", True), ("money", "{under: 100}", "20", True), ("money", "{at-most: 10, over: 2}", "10", True),
        ("money", "{at-most: 10, over: 2}", "2", False), ("money", "8.9", "8.90", True), ("money", "[1, 8.9]", "8.90", True),
        ("number", "{over: -5}", "-4", True), ("number", "{under: 10}", "9", True), ("number", "5", "5.0", True),
        ("number", "{over: 9}", "10", True), ("date", "{over: 2026-11-25}", "2026-11-26", True),
        ("date", "{under: 2026-11-25}", "2026-11-25", False), ("date", "2026-11-25", "today", True),
        ("time", "{at-least: '9:00'}", "10:00", True), ("time", "{under: '10:00'}", "9:30", True), ("time", "'9:00'", "9", True),
        ("yes-no", "yes", "y", True), ("yes-no", "true", "yes", True), ("yes-no", "no", "yes", False),
        ("moment", "{over: '2026-11-25T16:00'}", "17:00", True), ("moment", "{under: '2026-11-25T16:00'}", "17:00", False),
    ],
)  # fmt: skip
def test_a_comparison_is_exact_for_each_kind(begin: Begin, kind: str, when: str, typed: str, holds: bool) -> None:
    play = begin(
        f"facts: {{ff: {{ask: What, kind: {kind}}}}}\nsteps:\n  aa: {{title: A, ask: ff}}\n"
        f"  bb: {{title: B, when: {{ff: {when}}}}}\n  cc: {{title: C, end: lost}}"
    )
    assert play.answer(typed).on().at == ("bb" if holds else "cc")


def test_an_unknown_fact_holds_for_nothing_and_under_not_neither(begin: Begin) -> None:
    text = "facts: {ff: {ask: What}}\nsteps:\n  aa: {title: A, end: lost}"
    known = begin(text, channel="").standing.known
    assert not known.holds({"ff": "x"})
    assert not known.holds({"not": {"ff": "x"}})
    assert not known.holds({"not": {"channel": "chat"}})
    assert not known.holds({"ff": {"over": "1"}})


def test_a_line_is_the_first_whose_condition_holds(begin: Begin) -> None:
    play = begin("""
        facts: {ff: {ask: What, one-of: {ours: Ours, theirs: Theirs, third: Third}}}
        steps:
          aa:
            title: A
            ask: ff
            say: [{when: {ff: [ours, third]}, line: First}, {when: {ff: third}, line: Never}, {line: [Last, Other]}]
            end: lost
        """)
    assert play.answer("third").standing.line == "First"
    assert play.correct("ff", "theirs").standing.line == "Last"


def test_say_it_differently_shows_the_next_variant_and_begins_again(begin: Begin) -> None:
    play = begin("steps:\n  aa: {say: [One, Two, Three], choices: {more: aa}}")
    said = []
    for _ in range(4):
        said.append(play.standing.line)
        play.do(asides.say_otherwise)
    assert said == ["One", "Two", "Three", "One"]
    assert play.choose("more").standing.line == "One"


def test_a_line_without_variants_cant_be_said_differently(begin: Begin) -> None:
    assert begin("steps:\n  aa: {say: One, end: lost}").refused(asides.say_otherwise)
    assert begin("steps:\n  aa: {title: A, end: lost}").refused(asides.say_otherwise)


def test_what_a_customer_is_called_is_never_read_as_a_slot(begin: Begin) -> None:
    play = begin("facts: {ff: {ask: What}, gg: {ask: Which}}\nsteps:\n  aa: {say: 'Hi {ff}', ask: [ff, gg], end: lost}")
    assert play.answer("{gg}", "secret").standing.line == "Hi {gg}"


# --- back


def test_back_takes_back_the_last_answer_and_asks_it_again_with_the_old_one_as_default(begin: Begin) -> None:
    play = begin(ALL).answer("40", "ours").back()
    assert play.asked == "fault"
    assert play.need.default == "ours"  # type: ignore[union-attr]
    assert play.back().asked == "price"
    assert play.need.default == "40.00"  # type: ignore[union-attr]
    assert play.refused(moves.back)


def test_back_any_number_of_steps_stands_where_the_call_stood_then(begin: Begin) -> None:
    play = begin(
        "facts: {ff: {ask: What}}\ninterruptions: {cut: {play: side}}\nsteps:\n  aa: {title: A, ask: ff, choices: {on-now: bb}}\n  bb: {title: B}\n"
        "  cc: {play: side}\n  dd: {title: D, choices: {go-on: ee}}\n  ee: {title: E, end: lost}",
        side="module: true\nsteps:\n  xx: {title: X, choices: {out: return}}\n",
    )
    stood = []
    steps: tuple[Callable[[], object], ...] = (
        lambda: play.answer("one"), lambda: play.choose("on-now"), play.on, lambda: play.cut("cut"), lambda: play.choose("out"),
        lambda: play.choose("out"), lambda: play.choose("go-on"),
    )  # fmt: skip
    for move in steps:
        stood.append((play.call.place, dict(play.call.facts), play.path, play.need.__class__))
        move()
    for place, facts, path, need in reversed(stood):
        play.back(stops=True)
        assert (play.call.place, dict(play.call.facts), play.path, play.need.__class__) == (place, facts, path, need)
    play.refused(lambda s: moves.back(s, stops=True))


def test_back_over_a_step_that_only_says_something_lands_on_the_last_answer(begin: Begin) -> None:
    play = begin(
        "facts: {ff: {ask: What}}\nsteps:\n  aa: {title: A, ask: ff}\n  bb: {title: B}\n  cc: {title: C, end: lost}"
    )
    play.answer("one").on(2).back()
    assert play.at == "aa"
    assert play.asked == "ff"


def test_what_was_promised_noted_or_held_stays_when_going_back(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {title: A, promise: {what: It, by: 24h}}\n  bb: {title: B, choices: {on-now: cc}}\n  cc: {title: C, end: lost}"
    )
    play.on().note("careful").do(lambda s: asides.hold(s, "30s"))
    play.do(asides.come_back)
    play.choose("on-now").back(2, stops=True)
    assert play.at == "aa"
    assert len(play.call.promises) == len(play.call.notes) == play.call.holds == 1


def test_coming_again_to_a_step_that_promised_asks_keep_change_or_withdraw(begin: Begin) -> None:
    text = "facts: {ff: {ask: When, kind: moment}}\nsteps:\n  aa: {title: A, ask: ff, promise: {what: It, by: '{ff}'}}\n  bb: {title: B, choices: {more: aa, out: cc}}\n  cc: {title: C, end: lost}"
    play = begin(text).answer("17:00").on().choose("more")
    assert isinstance(play.need, n.AskAgain)
    assert play.again("keep").on().at == "bb"
    assert [p.withdrawn for p in play.call.promises] == [False]

    play = begin(text).answer("17:00").on().choose("more").again("withdraw").on()
    assert [p.withdrawn for p in play.call.promises] == [True]

    play = begin(text).answer("17:00").on().choose("more").again("change")
    play.correct("ff", "18:00").on()
    assert [(p.by[11:16], p.withdrawn) for p in play.call.promises] == [("17:00", True), ("18:00", False)]


def test_the_event_of_going_back_says_how_far(begin: Begin) -> None:
    play = begin(ALL).answer("40", "ours").back()
    assert play.events(WentBack) == [WentBack(1)]


# --- holds


def test_a_hold_lasts_as_long_as_said_and_ends_with_the_next_answer(begin: Begin, clock: Clock) -> None:
    play = begin("steps:\n  aa: {title: A, choices: {on-now: bb}}\n  bb: {title: B, end: lost}")
    play.do(lambda s: asides.hold(s, "90s"))
    assert play.call.held_until == clock.at.wall + 90_000
    events = play.do(lambda s: moves.choose(s, "on-now"))
    assert isinstance(events[0], CameBack)
    assert play.call.held_until is None


def test_a_hold_without_a_length_takes_the_policys(begin: Begin, clock: Clock) -> None:
    play = begin("steps:\n  aa: {title: A, end: lost}")
    play.do(asides.hold)
    assert play.call.held_until == clock.at.wall + 60_000


def test_a_hold_is_refused_above_the_longest_and_after_the_last(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, end: lost}")
    assert "120" in play.refused(lambda s: asides.hold(s, "3m"))
    assert play.refused(lambda s: asides.hold(s, "soon"))
    assert play.refused(asides.come_back)
    for _ in range(2):
        play.do(asides.hold)
        play.do(asides.come_back)
    assert "last" in play.refused(asides.hold)


def test_notes_ticks_and_promises_leave_a_hold_running(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, check: [One], say: [Hi, Hey], end: lost}")
    play.do(asides.hold)
    play.note("reading").tick("One").do(asides.say_otherwise)
    play.do(lambda s: giving.promise(s, "A call", "2h"))
    assert play.call.held_until is not None


def test_a_step_may_put_the_customer_on_hold_by_itself(begin: Begin, clock: Clock) -> None:
    play = begin(
        "steps:\n  aa: {title: A}\n  bb: {title: B, hold: '{policy.hold}', choices: {back-on: cc}}\n  cc: {title: C, end: lost}"
    ).on()
    assert play.call.held_until == clock.at.wall + 60_000
    assert len(play.events(Held)) == 1
    assert play.choose("back-on").call.held_until is None


def test_a_timer_never_blocks_a_move(begin: Begin, clock: Clock) -> None:
    play = begin("steps:\n  aa: {title: A, timer: 10s}\n  bb: {title: B, end: lost}")
    assert play.on().at == "bb"
    play = begin("steps:\n  aa: {title: A, timer: 10s}\n  bb: {title: B, end: lost}")
    clock.pass_ms(600_000)
    assert play.on().at == "bb"


# --- the ways a call stops


def test_a_call_ends_at_any_step_with_a_disposition_the_policy_marks_any_time(begin: Begin) -> None:
    text = "steps:\n  aa: {title: A}\n  bb: {title: B, end: recovered}"
    for name in ("lost", "dropped", "ended-unsafe"):
        assert begin(text).end(name).call.ended == name
    play = begin(text)
    assert "reached by its step" in play.refused(lambda s: asides.end(s, "recovered"))
    assert "Did you mean “dropped”?" in play.refused(lambda s: asides.end(s, "droped"))


def test_handing_over_ends_the_call_with_the_colleague_named(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, end: lost}")
    play.do(lambda s: asides.hand_over(s, "Priya"))
    assert (play.call.ended, play.call.handed_to) == ("handed-over", "Priya")


def test_ended_by_us_passes_two_limits_first(begin: Begin) -> None:
    play = begin("""
        steps:
          aa: {title: A, choices: {limit: bb, out: cc}}
          bb: {title: B, principle: boundary, go: aa}
          cc: {title: C, choices: {finish: dd, rather-not: aa}}
          dd: {title: D, end: ended-by-us}
        """)
    play.choose("limit").on().choose("out", "finish")
    assert "2 limits; 1 given" in play.refused(moves.go_on)
    play.back().choose("rather-not", "limit").on().choose("out", "finish").on()
    assert play.call.ended == "ended-by-us"


def test_a_limit_that_was_taken_back_doesnt_count(begin: Begin) -> None:
    play = begin("""
        steps:
          aa: {title: A, choices: {limit: bb, finish: dd}}
          bb: {title: B, principle: boundary, choices: {on-now: aa}}
          dd: {title: D, end: ended-by-us}
        """)
    play.choose("limit", "on-now", "limit").back().choose("finish")
    assert "1 given" in play.refused(moves.go_on)


# --- refusals


WRONG: list[tuple[str, Callable[[moves.Standing], object]]] = [
    ("choose", lambda s: moves.choose(s, "on-now")),
    ("go on", moves.go_on),
    ("amount", lambda s: giving.amount(s, "ok")),
    ("accept", lambda s: giving.accept(s, "yes")),
    ("again", lambda s: giving.again(s, "keep")),
    ("correct", lambda s: moves.correct(s, "nothing", "x")),
    ("go to", lambda s: moves.go_to(s, "nowhere")),
    ("back", moves.back),
    ("interrupt", lambda s: asides.interrupt(s, "nobody")),
    ("come again", asides.come_again),
    ("come back", asides.come_back),
    ("note", lambda s: asides.note(s, "  \u200b ")),
    ("override none", lambda s: asides.end(s, "happy")),
    ("promise nothing", lambda s: giving.promise(s, "", "2h")),
    ("promise never", lambda s: giving.promise(s, "A call", "soon")),
    ("hold", lambda s: asides.hold(s, "1h")),
    ("offer", lambda s: giving.offer(s, "gesture")),
]


@pytest.mark.parametrize(("name", "move"), WRONG)
def test_a_refused_move_says_why_and_changes_nothing(
    begin: Begin, name: str, move: Callable[[moves.Standing], list[object]]
) -> None:
    assert name
    play = begin(ALL)
    assert len(play.refused(move)) > 10  # type: ignore[arg-type]


def test_a_word_that_fits_nothing_is_told_apart_from_a_move_that_isnt_allowed(begin: Begin) -> None:
    play = begin(ALL)
    with pytest.raises(Misfit):
        play.do(lambda s: moves.answer(s, "lots"))
    with pytest.raises(NotAllowed) as caught:
        play.do(moves.go_on)
    assert not isinstance(caught.value, Misfit)


def test_a_check_that_isnt_there_cant_be_ticked(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, check: [One], end: lost}")
    assert play.refused(lambda s: asides.toggle(s, ["Two"]))
