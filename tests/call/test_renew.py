"""Going on with a newer text: on the first step that still makes sense, and nothing said is lost."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from calmdesk.call import need as n
from calmdesk.call.renew import find_changes, layer
from calmdesk.call.state import replay
from calmdesk.call.wrapup import summarise, write_summary
from calmdesk.journal.codec import decode, encode

from .conftest import HEAD

if TYPE_CHECKING:
    from collections.abc import Callable

    from calmdesk.playbook.model import Edition

    from .player import Player

    Begin = Callable[..., Player]

TEXT = """
facts: {name: {ask: Who}, price: {ask: How much, kind: money}, more: {ask: What else}}
interruptions: {cut: {label: Cut, play: side}}
steps:
  hear: {say: "Hello {name}", ask: name, check: [They finished], choices: {on-now: own, again: {go: hear, at-most: 2}}}
  own: {say: We did, must-check: [Said once]}
  fix: {say: "It was {price}", ask: price, promise: {what: "It, {name}", by: 24h}}
  side-step: {play: module}
  close: {say: Bye, end: recovered}
"""
SIDE = "steps:\n  s1: {say: One}\n  s2: {say: Two, return: lost}\n"
MODULE = "module: true\nsteps:\n  m1: {say: M one}\n  m2: {say: M two}\n"


@pytest.fixture
def renewed(books: Callable[..., Edition]) -> Callable[..., Player]:
    """`renewed(play, old, new)`: the call goes on with the text in which `old` reads `new`."""

    def make(play: Player, *pairs: tuple[str, str], side: str = SIDE, module: str = MODULE) -> Player:
        text = TEXT
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        newer = books(HEAD + dedent(text), side=HEAD + side, module=HEAD + module)
        play.talk.renew(layer(play.talk.edition, newer))
        check(play)
        return play

    return make


def check(play: Player) -> None:
    """What holds after every renewal: the journal replays to it, and all of it can still be read."""
    assert replay(play.entries) == play.call
    assert replay((at, decode(encode(event))) for at, event in play.entries) == play.call
    assert len([v for v in play.call.trail if not v.left and v.place == play.call.place]) == 1
    assert summarise(play.talk.edition, play.call, "x-1")["steps"]
    assert write_summary(play.talk.edition, play.call, "x-1")


def at_fix(begin: Begin) -> Player:
    return begin(TEXT, side=SIDE, module=MODULE).answer("Rosa").choose("on-now").tick("Said once")


def at_module(begin: Begin) -> Player:
    return at_fix(begin).answer("8.90").on().on()


def test_words_that_read_differently_leave_the_call_where_it_stands(
    begin: Begin, renewed: Callable[..., Player]
) -> None:
    play = at_fix(begin)
    play.note("kept")
    before = play.call
    renewed(play, ("We did", "We did it"), ("It was {price}", "It cost {price}"))
    assert (play.at, play.call.trail, play.call.facts) == ("fix", before.trail, before.facts)
    assert play.talk.standing.line == "It cost ⟨How much⟩"
    assert play.call.notes == before.notes


def test_a_new_step_on_the_way_is_where_it_goes_on(begin: Begin, renewed: Callable[..., Player]) -> None:
    play = renewed(at_module(begin), ("  fix:", "  look: {say: Look}\n  fix:"))
    assert (play.at, play.path) == ("look", ["hear", "own", "look"])
    play.on()
    assert play.at == "fix"


def test_a_step_that_is_gone_leads_to_the_one_after_it(begin: Begin, renewed: Callable[..., Player]) -> None:
    play = renewed(
        at_fix(begin), ('  fix: {say: "It was {price}", ask: price, promise: {what: "It, {name}", by: 24h}}\n', "")
    )
    assert play.at == "module/m1"


def test_a_choice_that_is_gone_is_asked_anew(begin: Begin, renewed: Callable[..., Player]) -> None:
    play = renewed(at_fix(begin), ("on-now: own", "yes-now: own"))
    assert (play.at, play.ways) == ("hear", ["yes-now", "again"])
    play.choose("yes-now").tick("Said once")
    assert play.at == "fix"


def test_a_choice_that_leads_elsewhere_leads_there(begin: Begin, renewed: Callable[..., Player]) -> None:
    assert renewed(at_fix(begin), ("on-now: own", "on-now: close")).at == "close"


def test_a_fact_that_is_asked_now_is_asked_on_its_step(begin: Begin, renewed: Callable[..., Player]) -> None:
    play = renewed(at_fix(begin), ("{say: We did,", "{say: We did, ask: more,"))
    assert (play.at, play.asked) == ("own", "more")


def test_a_check_that_must_be_ticked_now_is_ticked(begin: Begin, renewed: Callable[..., Player]) -> None:
    play = renewed(at_fix(begin), ("[Said once]", "[Said once, Waited]"))
    assert play.at == "own"
    assert isinstance(play.need, n.AskTicks)


def test_in_a_module_the_call_stays_in_it(begin: Begin, renewed: Callable[..., Player]) -> None:
    play = at_module(begin)
    assert play.at == "module/m2"
    renewed(play, ("Hello {name}", "Hi {name}"), module=MODULE.replace("M two", "M 2"))
    assert (play.at, play.talk.standing.line) == ("module/m2", "M 2")


def test_what_cuts_in_stays_on_top_where_its_step_still_exists(begin: Begin, renewed: Callable[..., Player]) -> None:
    play = at_fix(begin).cut("cut").on()
    assert play.at == "side/s2"
    renewed(play, ("  fix:", "  look: {say: Look}\n  fix:"))
    assert play.at == "side/s2"
    play.come_back()
    assert play.at == "look"


def test_what_cuts_in_is_left_where_its_step_is_gone(begin: Begin, renewed: Callable[..., Player]) -> None:
    play = at_fix(begin).cut("cut").on()
    renewed(play, side=SIDE.replace("s2:", "s3:"))
    assert play.at == "fix"
    assert play.call.cuts[0].returned


def test_what_was_promised_offered_or_noted_stays(begin: Begin, renewed: Callable[..., Player]) -> None:
    play = at_module(begin)
    promised = play.call.promises
    assert promised
    play = renewed(play, ("  own: {say: We did, must-check: [Said once]}\n", ""), ("on-now: own", "on-now: fix"))
    assert play.call.promises == promised
    assert play.at == "module/m2"
    play = renewed(at_module(begin), ("  fix:", "  look: {say: Look}\n  fix:")).on()
    assert isinstance(play.need, n.AskAgain)


def test_nothing_before_the_change_is_taken_back(begin: Begin, renewed: Callable[..., Player]) -> None:
    play = renewed(at_fix(begin), ("We did", "We did it"))
    assert "first step" in play.refused(lambda s: __import__("calmdesk.call.moves", fromlist=["back"]).back(s))


def test_an_earlier_text_can_be_read_behind_the_new_one(begin: Begin, renewed: Callable[..., Player]) -> None:
    play = renewed(
        at_module(begin), ("  own: {say: We did, must-check: [Said once]}\n", ""), ("on-now: own", "on-now: fix")
    )
    assert [c["text"] for c in summarise(play.talk.edition, play.call, "x")["checks"]] == ["They finished", "Said once"]
    assert play.call.before == (at_fix(begin).call.digests,)


def test_what_changed_is_told_in_a_trainers_words(books: Callable[..., Edition]) -> None:
    old = books(HEAD + dedent(TEXT), side=HEAD + SIDE, module=HEAD + MODULE)
    text = (
        TEXT.replace("We did", "We did it")
        .replace("  close:", "  look: {say: Look}\n  close:")
        .replace("  side-step: {play: module}\n", "")
    )
    new = books(
        HEAD + dedent(text), side=HEAD + SIDE.replace("Two", "Then"), module=HEAD + MODULE,
        policy="calmdesk-policy: 1\nladders: {goodwill: {cap: 1}}\n",
    )  # fmt: skip
    assert find_changes(old, new) == [
        "new step “Look”", "step “Side step” is gone", "“Own” (say)", "A title: “S2” (say)", "gone: A title",
        "the team's policy (ladders)",
    ]  # fmt: skip
    assert find_changes(old, old) == []
