"""Where ways lead: `format.md`, “Ways on” and “Modules”."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.call import asides, moves
from calmdesk.call.events import CUT, MODULE, POLICY_CUT, TOP, Ended, Moved

if TYPE_CHECKING:
    from collections.abc import Callable

    from .player import Player

    Begin = Callable[..., Player]


# --- ways on


def test_a_step_without_a_way_leads_to_the_next_in_the_file(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A}\n  bb: {title: B}\n  cc: {title: C, end: lost}")
    assert play.at == "aa"
    assert play.on().at == "bb"
    assert play.on().at == "cc"
    play.on()
    assert play.call.ended == "lost"
    assert play.path == ["aa", "bb", "cc"]


def test_go_leads_to_its_step_forwards_and_backwards(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, go: cc}\n  bb: {title: B, end: lost}\n  cc: {title: C, go: bb}")
    assert play.on(2).at == "bb"
    assert play.path == ["aa", "cc", "bb"]


def test_end_ends_the_call_with_its_disposition(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, end: recovered}\n  bb: {title: B, end: lost}")
    assert play.do(moves.go_on) == (Ended("recovered"),)
    assert play.call.over


def test_after_the_end_every_move_is_refused(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, choices: {xx: aa}}").end("dropped")
    for move in (
        moves.go_on, asides.override, asides.say_otherwise, asides.park, asides.hand_over,
        lambda s: moves.choose(s, "xx"), lambda s: moves.answer(s, "x"), lambda s: moves.go_to(s, "aa"),
        lambda s: asides.interrupt(s, "pause"), lambda s: asides.end(s, "lost"), lambda s: asides.toggle(s, ["x"]),
    ):  # fmt: skip
        assert play.refused(move)


def test_an_end_is_taken_back_like_any_answer(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, choices: {xx: bb}}\n  bb: {title: B, end: lost}").choose("xx")
    before = (play.call.place, play.path)
    assert play.on().call.over
    play.back()
    assert not play.call.over
    assert (play.call.place, play.path) == before
    assert play.on().call.ended == "lost"


def test_after_the_end_nobody_is_put_on_hold(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, choices: {xx: aa}}").end("dropped")
    play.refused(lambda s: asides.hold(s, "30s"))


def test_a_choice_leads_to_its_step_in_long_and_short_form(begin: Begin) -> None:
    text = "steps:\n  aa: {title: A, choices: {on-now: cc, later: {go: bb}}}\n  bb: {title: B, end: lost}\n  cc: {title: C, end: lost}"
    assert begin(text).choose("later").at == "bb"
    assert begin(text).choose("on-now").at == "cc"


def test_the_label_of_a_choice_defaults_to_its_id_in_words(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, choices: {they-calm-down: aa, other: {label: Not yet, go: aa}}}")
    labels = [c.label for c in play.standing.step.choices]
    assert labels == ["They calm down", "Not yet"]


def test_a_choice_that_isnt_there_is_refused(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, choices: {finished: aa}}")
    assert "finished" in play.refused(lambda s: moves.choose(s, "finnished"))


def test_where_there_are_choices_nothing_goes_on_by_itself(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, choices: {xx: aa}}\n  bb: {title: B, end: lost}")
    play.refused(moves.go_on)


LOOP = """
steps:
  aa: {title: A, choices: {no: {label: Not quite, go: bb, at-most: 2, then: cc}, stop: {go: bb, at-most: 1}}}
  bb: {title: B, go: aa}
  cc: {title: C, choices: {again: aa}}
"""


def test_a_choice_that_is_used_up_leads_to_its_then(begin: Begin) -> None:
    play = begin(LOOP)
    assert play.choose("no").at == "bb"
    assert play.on().choose("no").at == "bb"
    assert play.on().choose("no").at == "cc"
    assert play.choose("again").choose("no").at == "cc"


def test_a_choice_that_is_used_up_and_has_no_then_is_refused_with_the_reason(begin: Begin) -> None:
    play = begin(LOOP).choose("stop").on()
    assert "1 times" in play.refused(lambda s: moves.choose(s, "stop"))


def test_going_back_gives_the_choice_back(begin: Begin) -> None:
    play = begin(LOOP).choose("stop").on()
    play.back(stops=True).back()
    assert play.at == "aa"
    assert play.choose("stop").at == "bb"


def test_at_most_counts_within_one_playing_of_the_file(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {play: side}\n  bb: {title: B, go: aa}",
        side="module: true\nsteps:\n  xx: {title: X, choices: {once: {go: xx, at-most: 1}, out: return}}\n",
    )
    assert play.choose("once").at == "side/xx"
    play.refused(lambda s: moves.choose(s, "once"))
    play.choose("out").on()
    assert play.at == "side/xx"
    assert play.choose("once").at == "side/xx"


def test_a_used_up_choice_forgets_nothing(begin: Begin) -> None:
    play = begin("""
        facts: {ff: {ask: What}}
        steps:
          aa: {title: A, ask: ff, choices: {no: {go: aa, forget: ff, at-most: 1, then: bb}}}
          bb: {title: B, end: lost}
        """)
    play.answer("one").choose("no")
    assert play.asked == "ff"
    play.answer("two").choose("no")
    assert play.at == "bb"
    assert play.value("ff") == "two"


def test_forget_names_facts_to_be_asked_anew_with_the_old_answer_as_default(begin: Begin) -> None:
    play = begin("""
        facts: {ff: {ask: What}, gg: {ask: Which}}
        steps:
          aa: {title: A, ask: [ff, gg], choices: {no: {go: aa, forget: ff}, yes: bb}}
          bb: {title: B, end: lost}
        """)
    play.answer("one", "two").choose("no")
    assert play.value("ff") is None
    assert play.value("gg") == "two"
    assert play.asked == "ff"
    assert play.need.default == "one"  # type: ignore[union-attr]


def test_a_forgotten_fact_is_unknown_already_where_the_way_on_would_skip_a_step(begin: Begin) -> None:
    play = begin("""
        facts: {ff: {ask: What, kind: yes-no}}
        steps:
          aa: {title: A, ask: ff, choices: {no: {forget: ff, go: bb}, keep: bb}}
          bb: {title: B, when: {ff: yes}, end: lost}
          cc: {title: C, end: lost}
        """)
    play.answer("no")
    assert play.choose("keep").at == "cc"
    assert play.back().choose("no").asked == "ff"
    assert play.at == "bb"


def test_when_hides_a_choice(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {title: A, choices: {write: {go: aa, when: {channel: chat}}, talk: {go: aa, when: {channel: phone}}}}"
    )
    assert play.ways == ["talk"]
    assert play.refused(lambda s: moves.choose(s, "write"))


ROUTES = """
facts: {status: {ask: What, one-of: {ours: Ours, not-theirs: Fraud, third: Other}}}
steps:
  aa: {title: A, ask: status, go: [{when: {status: not-theirs}, step: fraud}, {when: {status: ours}, step: own}, {step: cc}]}
  fraud: {title: F, end: lost}
  own: {title: O, end: lost}
  cc: {title: C, end: lost}
"""


@pytest.mark.parametrize(("status", "step"), [("not-theirs", "fraud"), ("ours", "own"), ("third", "cc")])
def test_go_by_facts_takes_the_first_that_holds_and_the_last_without_when(begin: Begin, status: str, step: str) -> None:
    assert begin(ROUTES).answer(status).on().at == step


def test_a_fact_that_a_way_needs_is_asked_before_it(begin: Begin) -> None:
    play = begin(ROUTES.replace("ask: status, ", ""))
    assert play.asked == "status"
    play.refused(moves.go_on)
    assert play.answer("ours").on().at == "own"


SKIP = """
facts: {price: {ask: How much, kind: money}, ff: {ask: What}}
steps:
  aa: {title: A, ask: price}
  bb: {title: B, when: {price: {over: 0}}, go: aa}
  cc: {title: C, when: {price: {over: 10}}, end: lost}
  dd: {title: D, end: recovered}
"""


def test_a_step_whose_when_doesnt_hold_is_skipped_to_the_next_in_the_file_whatever_its_ways(begin: Begin) -> None:
    play = begin(SKIP).answer("0")
    assert play.on().at == "dd"
    assert play.path == ["aa", "dd"]


def test_a_step_whose_when_holds_is_played(begin: Begin) -> None:
    assert begin(SKIP).answer("5").on().at == "bb"


def test_a_first_step_that_is_skipped_is_no_visit(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A, when: {channel: chat}}\n  bb: {title: B, end: lost}")
    assert play.at == "bb"
    assert play.path == ["bb"]


def test_a_step_whose_condition_nobody_can_decide_asks_for_the_fact_and_is_then_skipped_or_played(begin: Begin) -> None:
    text = "facts: {ff: {ask: What, kind: yes-no}}\nsteps:\n  aa: {title: A}\n  bb: {title: B, when: {ff: yes}}\n  cc: {title: C, end: lost}"
    play = begin(text).on()
    assert play.asked == "ff"
    assert play.answer("no").at == "cc"
    assert play.path == ["aa", "cc"]
    assert begin(text).on().answer("yes").at == "bb"


def test_a_module_step_that_is_skipped_plays_nothing(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {title: A}\n  bb: {play: side, when: {channel: chat}}\n  cc: {title: C, end: lost}",
        side="module: true\nsteps:\n  xx: {title: X}\n",
    )
    assert play.on().at == "cc"


def test_a_circle_of_steps_that_only_skip_is_no_endless_loop(begin: Begin) -> None:
    play = begin("""
        facts: {ff: {ask: What, kind: yes-no}}
        steps:
          aa: {title: A, ask: ff, choices: {go-round: bb}}
          bb: {play: side, when: {ff: yes}, go: bb}
          cc: {title: C, end: lost}
        """, side="module: true\nsteps:\n  xx: {title: X, when: {channel: chat}}\n")  # fmt: skip
    play.answer("yes")
    assert "leads nowhere" in play.refused(lambda s: moves.choose(s, "go-round"))


# --- modules

SIDE = "module: true\nsteps:\n  xx: {title: X}\n  yy: {title: Y}\n"


def test_a_module_is_played_inside_the_call_and_returns_at_its_last_step(begin: Begin) -> None:
    play = begin("steps:\n  aa: {play: side}\n  bb: {title: B, end: lost}", side=SIDE)
    assert play.at == "side/xx"
    assert [f.kind for f in play.call.place] == [TOP, MODULE]
    assert play.on().at == "side/yy"
    assert play.on().at == "bb"
    assert play.path == ["side/xx", "side/yy", "bb"]


def test_a_module_returns_by_go_return_and_by_a_choice(begin: Begin) -> None:
    text = "steps:\n  aa: {play: side}\n  bb: {title: B, end: lost}"
    assert begin(text, side="module: true\nsteps:\n  xx: {title: X, go: return}\n  yy: {title: Y}\n").on().at == "bb"
    assert (
        begin(text, side="module: true\nsteps:\n  xx: {title: X, choices: {out: return}}\n  yy: {title: Y}\n")
        .choose("out")
        .at
        == "bb"
    )


def test_a_module_whose_last_steps_are_skipped_returns(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {play: side}\n  bb: {title: B, end: lost}",
        side="module: true\nsteps:\n  xx: {title: X}\n  yy: {title: Y, when: {channel: chat}}\n",
    )
    assert play.on().at == "bb"


def test_a_play_step_goes_on_by_its_own_go_after_the_module(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {play: side, go: [{when: {channel: chat}, step: bb}, {step: cc}]}\n  bb: {title: B, end: lost}\n"
        "  cc: {title: C, end: lost}",
        side="module: true\nsteps:\n  xx: {title: X}\n",
    )
    assert play.on().at == "cc"


def test_an_end_in_a_module_ends_the_whole_call(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {play: side}\n  bb: {title: B, end: lost}",
        side="module: true\nsteps:\n  xx: {title: X, end: follow-up}\n",
    ).on()
    assert play.call.ended == "follow-up"


def test_modules_play_modules_and_return_one_by_one(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {play: one}\n  bb: {title: B, end: lost}",
        one="module: true\nsteps:\n  xx: {play: two}\n  yy: {title: Y}\n",
        two="module: true\nsteps:\n  zz: {title: Z}\n",
    )
    assert play.at == "two/zz"
    assert play.on().at == "one/yy"
    assert play.on().at == "bb"


def test_several_modules_that_end_together_return_to_the_first_step_that_shows(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {play: one}\n  bb: {title: B, end: lost}",
        one="module: true\nsteps:\n  yy: {title: Y}\n  xx: {play: two}\n",
        two="module: true\nsteps:\n  zz: {title: Z}\n",
    )
    assert play.on().at == "two/zz"
    assert play.on().at == "bb"


ORDINARY = "steps:\n  xx: {title: X, choices: {back-to: yy, over: zz}}\n  yy: {title: Y, return: follow-up}\n  zz: {title: Z, end: handed-over}\n"


def test_an_ordinary_playbook_that_is_played_returns_by_return_and_ends_the_call_by_end(begin: Begin) -> None:
    text = "steps:\n  aa: {play: other}\n  bb: {title: B, end: lost}"
    play = begin(text, other=ORDINARY).choose("back-to").on()
    assert play.at == "bb"
    assert not play.call.over
    assert begin(text, other=ORDINARY).choose("over").on().call.ended == "handed-over"


def test_a_return_ends_the_call_with_its_disposition_when_nobody_played_the_file(begin: Begin) -> None:
    assert begin(ORDINARY).choose("back-to").on().call.ended == "follow-up"


# --- interruptions

CUTS = """
interruptions:
  insults: {label: They insult me, play: other}
  pause: {label: A moment, play: side}
  danger: {label: Danger, play: last, returns: false}
  card: {label: A card, card: {say: Just a moment.}}
steps:
  aa: {title: A, choices: {on-now: bb}}
  bb: {title: B, choices: {on-now: cc}}
  cc: {title: C, end: lost}
"""
LAST = "module: true\nsteps:\n  xx: {title: X, end: handed-over}\n"


def cuts(begin: Begin) -> Player:
    return begin(CUTS, other=ORDINARY, side=SIDE, last=LAST).choose("on-now")


def test_an_interruption_is_away_at_every_step_and_returns_to_the_exact_step(begin: Begin) -> None:
    play = cuts(begin)
    left = play.call
    assert play.cut("pause").at == "side/xx"
    assert [f.kind for f in play.call.place] == [TOP, CUT]
    play.on(2)
    assert play.call.place == left.place
    assert play.path == ["aa", "bb", "side/xx", "side/yy"]
    assert play.ways == ["on-now"]


def test_coming_back_from_an_interruption_is_no_new_visit(begin: Begin) -> None:
    play = cuts(begin).cut("pause").on(2).choose("on-now")
    assert play.path.count("bb") == 1
    assert play.path == ["aa", "bb", "side/xx", "side/yy", "cc"]


def test_a_return_in_an_interruptions_playbook_comes_back_and_an_end_ends_the_call(begin: Begin) -> None:
    assert cuts(begin).cut("insults").choose("back-to").on().at == "bb"
    assert cuts(begin).cut("insults").choose("over").on().call.ended == "handed-over"


def test_a_card_is_one_screen_and_back(begin: Begin) -> None:
    play = cuts(begin).cut("card")
    assert play.standing.line == "Just a moment."
    assert play.on().at == "bb"


def test_an_interruption_that_returns_false_has_no_way_back(begin: Begin) -> None:
    play = cuts(begin).cut("danger")
    assert play.at == "last/xx"
    assert len(play.call.place) == 1
    play.refused(asides.come_again)
    assert play.on().call.ended == "handed-over"


def test_a_playbooks_interruption_replaces_the_policys_of_the_same_id(begin: Begin) -> None:
    play = cuts(begin)
    assert asides.find_interruptions(play.standing)["pause"][1] == "side"
    assert play.cut("pause").call.place[-1].kind == CUT
    bare = begin("steps:\n  aa: {title: A, choices: {xx: aa}}")
    assert asides.find_interruptions(bare.standing)["pause"][1:] == ("hold", "h")
    assert bare.cut("pause").call.place[-1].kind == POLICY_CUT


def test_an_interruption_that_isnt_there_is_refused_with_what_there_is(begin: Begin) -> None:
    assert "insults" in cuts(begin).refused(lambda s: asides.interrupt(s, "insult"))


def test_interruptions_may_interrupt_to_a_depth_of_five_and_come_back_one_by_one(begin: Begin) -> None:
    play = cuts(begin)
    stood = []
    for depth in range(1, 6):
        stood.append(play.call.place)
        play.cut("pause")
        if depth % 2:
            play.on()
        assert asides.depth(play.call.place) == depth
    assert "5" in play.refused(lambda s: asides.interrupt(s, "pause"))
    for place in reversed(stood):
        play.come_back()
        assert play.call.place == place
    assert play.at == "bb"
    assert all(c.returned for c in play.call.cuts)
    assert len(play.call.cuts) == 5


def test_at_depth_five_a_way_back_makes_room_again(begin: Begin) -> None:
    play = cuts(begin).cut(*["pause"] * 5).come_back()
    assert asides.depth(play.cut("pause").call.place) == 5


def test_coming_back_needs_no_step_of_the_interruption_to_be_finished(begin: Begin) -> None:
    play = cuts(begin).cut("pause").come_back()
    assert play.at == "bb"
    assert play.events(Moved)[-1] == Moved("return", ":return", play.call.place)
    play.refused(asides.come_again)


def test_an_interruption_inside_a_module_comes_back_into_the_module(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {play: side}\n  bb: {title: B, end: lost}\ninterruptions: {cut: {card: {say: Wait}}}", side=SIDE
    ).on()
    assert play.at == "side/yy"
    assert play.cut("cut").on().at == "side/yy"
    assert play.on().at == "bb"


def test_a_module_may_bring_interruptions_of_its_own(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {play: side}\n  bb: {title: B, end: lost}",
        side="module: true\ninterruptions: {own: {card: {say: Wait}}}\nsteps:\n  xx: {title: X}\n",
    )
    assert "own" in asides.find_interruptions(play.standing)
    play.cut("own").on(2)
    assert play.at == "bb"
    assert "own" not in asides.find_interruptions(play.standing)


def test_a_step_can_be_gone_to_by_name_within_the_file_and_the_file_that_plays_it(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {title: A}\n  bb: {play: side}\n  cc: {title: C, end: lost}", side=SIDE
    ).on()  # fmt: skip
    assert play.go("yy").at == "side/yy"
    assert play.go("cc").at == "cc"
    assert play.go("bb").at == "side/xx"
    assert play.events(Moved)[-1].by == "go"  # type: ignore[union-attr]
    assert "Did you mean" in play.refused(lambda s: moves.go_to(s, "ccc"))


def test_a_step_that_is_skipped_on_this_call_cant_be_gone_to(begin: Begin) -> None:
    play = begin("steps:\n  aa: {title: A}\n  bb: {title: B, when: {channel: chat}}\n  cc: {title: C, end: lost}")
    assert "skipped" in play.refused(lambda s: moves.go_to(s, "bb"))


def test_going_to_a_step_stays_within_the_open_interruption(begin: Begin) -> None:
    play = cuts(begin).cut("pause")
    play.refused(lambda s: moves.go_to(s, "cc"))
    assert play.go("yy").come_back().at == "bb"
