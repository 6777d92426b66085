"""An earlier fact is corrected: the call lands on the first passed step whose skip, way on or words change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.call import moves
from calmdesk.call.events import Answered, Corrected

if TYPE_CHECKING:
    from collections.abc import Callable

    from .player import Player

    Begin = Callable[..., Player]

LONG = """
facts:
  name: {ask: Who}
  fault: {ask: Whose, one-of: {ours: Ours, theirs: Theirs}}
  price: {ask: How much, kind: money}
interruptions: {cut: {card: {say: Wait}}}
steps:
  aa: {title: A, ask: [name, fault, price]}
  bb: {say: "Hello {name}", promise: {what: A call, by: 2h}}
  cc: {title: C, when: {fault: ours}}
  dd: {title: D, go: [{when: {price: {over: 100}}, step: ff}, {step: ee}]}
  ee: {title: E}
  ff: {title: F, choices: {on-now: gg}}
  gg: {title: G, end: recovered}
"""


def at_ff(begin: Begin, fault: str = "ours", price: str = "5") -> Player:
    play = begin(LONG).answer("Rosa", fault, price)
    while play.at != "ff":
        play.on()
    return play


def test_it_lands_on_the_first_step_whose_words_change(begin: Begin) -> None:
    play = at_ff(begin).correct("name", "Sam")
    assert play.at == "bb"
    assert play.standing.line == "Hello Sam"
    assert play.path == ["aa", "bb"]


def test_it_lands_on_a_step_that_was_skipped_and_now_shows(begin: Begin) -> None:
    play = at_ff(begin, "theirs")
    assert "cc" not in play.path
    play.correct("fault", "ours")
    assert play.at == "cc"
    assert play.path == ["aa", "bb", "cc"]


def test_it_lands_behind_a_step_that_is_skipped_now(begin: Begin) -> None:
    play = at_ff(begin, "ours").correct("fault", "theirs")
    assert play.at == "dd"
    assert play.path == ["aa", "bb", "dd"]


def test_it_lands_on_the_step_whose_way_on_changes(begin: Begin) -> None:
    play = at_ff(begin)
    assert "ee" in play.path
    play.correct("price", "200")
    assert play.at == "dd"
    assert play.on().at == "ff"
    assert play.path == ["aa", "bb", "cc", "dd", "ff"]


def test_where_nothing_that_was_passed_changes_the_call_stays(begin: Begin) -> None:
    play = at_ff(begin)
    place, path = play.call.place, play.path
    play.correct("price", "6")
    assert play.value("price") == "6.00"
    assert (play.call.place, play.path) == (place, path)


def test_other_answers_stay_and_arent_asked_again(begin: Begin) -> None:
    play = at_ff(begin).correct("name", "Sam")
    while play.at != "ff":
        assert play.asked == ""
        play.on() if play.at != "bb" else play.again("keep").on()
    assert play.value("fault") == "ours"


def test_what_was_promised_stays(begin: Begin) -> None:
    play = at_ff(begin).correct("name", "Sam")
    assert len(play.call.promises) == 1
    assert not play.call.promises[0].withdrawn


def test_an_open_interruption_is_not_closed_and_the_landing_waits_below_it(begin: Begin) -> None:
    play = at_ff(begin).cut("cut").correct("name", "Sam")
    assert play.at == "main+cut/card"
    assert play.on().at == "bb"
    assert play.standing.line == "Hello Sam"
    assert [c.returned for c in play.call.cuts] == [True]


def test_a_correction_within_an_interruption_lands_within_it(begin: Begin) -> None:
    play = begin(
        "interruptions: {cut: {play: side}}\nsteps:\n  aa: {title: A, choices: {xx: aa}}",
        side="module: true\nfacts: {ff: {ask: What}}\nsteps:\n  xx: {title: X, ask: ff}\n  yy: {say: 'So {ff}'}\n  zz: {title: Z}\n",
    )
    play.cut("cut").answer("one").on(2)
    assert play.at == "side/zz"
    assert play.correct("ff", "two").at == "side/yy"
    assert play.on(2).at == "aa"


def test_a_choice_that_is_hidden_now_is_where_it_lands(begin: Begin) -> None:
    play = begin("""
        facts: {fault: {ask: Whose, one-of: {ours: Ours, theirs: Theirs}}}
        steps:
          aa: {title: A, ask: fault}
          bb: {title: B, choices: {pay: {go: cc, when: {fault: ours}}, no: cc}}
          cc: {title: C, choices: {on-now: cc}}
        """)
    play.answer("ours").on().choose("pay").correct("fault", "theirs")
    assert play.at == "bb"
    assert play.ways == ["no"]


def test_back_takes_a_correction_back(begin: Begin) -> None:
    play = at_ff(begin)
    before = (play.call.place, dict(play.call.facts), play.path)
    play.correct("name", "Sam").back()
    assert (play.call.place, dict(play.call.facts), play.path) == before


def test_a_fact_that_was_never_asked_is_simply_given(begin: Begin) -> None:
    play = begin(
        "facts: {ff: {ask: What}}\nsteps:\n  aa: {title: A, choices: {on-now: bb}}\n  bb: {say: 'So {ff}', end: lost}"
    )
    events = play.do(lambda s: moves.correct(s, "ff", "one"))
    assert events == (Answered("ff", "text", "one"),)
    assert play.choose("on-now").asked == ""


def test_correcting_the_fact_that_is_asked_answers_it(begin: Begin) -> None:
    play = begin(LONG)
    assert play.do(lambda s: moves.correct(s, "name", "Rosa")) == (Answered("name", "text", "Rosa"),)


def test_a_correction_that_doesnt_fit_is_refused_and_an_unknown_fact_too(begin: Begin) -> None:
    play = at_ff(begin)
    assert "8.90" in play.refused(lambda s: moves.correct(s, "price", "lots"))
    assert "Did you mean “price”?" in play.refused(lambda s: moves.correct(s, "prise", "5"))


def test_a_fact_of_a_module_that_was_passed_can_be_corrected_later(begin: Begin) -> None:
    play = begin(
        "steps:\n  aa: {play: side}\n  bb: {title: B, choices: {xx: bb}}",
        side="module: true\nfacts: {ff: {ask: What}}\nsteps:\n  xx: {title: X, ask: ff}\n  yy: {say: 'So {ff}'}\n",
    )
    play.answer("one").on(2)
    assert play.at == "bb"
    assert play.correct("ff", "two").at == "side/yy"
    assert play.standing.line == "So two"
    assert play.on().at == "bb"


def test_the_facts_the_agent_can_correct_come_with_the_answered_ones_first(begin: Begin) -> None:
    play = begin(LONG).answer("Rosa").correct("price", "5")
    assert moves.find_facts(play.standing) == ["name", "price", "fault"]


def test_the_event_carries_what_is_kept_and_where_it_lands(begin: Begin) -> None:
    play = at_ff(begin)
    (event,) = play.do(lambda s: moves.correct(s, "name", "Sam"))
    assert isinstance(event, Corrected)
    assert (event.fact, event.kind, event.value, event.kept) == ("name", "text", "Sam", 1)
    assert event.place == play.call.place
