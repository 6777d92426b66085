"""In the smallest window the words to say are there, and one way on: at 24×8 as golden screens, at any size as a rule."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

import pytest

from calmdesk.call import asides, giving, moves
from calmdesk.call import need as n
from calmdesk.call.moves import NotAllowed
from calmdesk.call.play import Conversation
from calmdesk.call.values import Call
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from calmdesk.terminal.board import Board
from calmdesk.terminal.paint import cells, plain_text
from tests.conftest import Clock

from .test_board import SMALL, to_the_offer, walk_to_check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calmdesk.playbook.model import Edition

    from .conftest import Shown

WIDTH, HEIGHT = 24, 8
SIZES_TRIED = int(os.environ.get("CALMDESK_SCREEN_SIZES", "2"))
APPROVAL = """
calmdesk: 1
title: Give it back
goal: What is owed is given back.
facts:
  fault: {ask: "Whose slip?", one-of: {ours: {label: Ours, slip: ours}}}
  owed: {ask: "What is owed?", kind: money}
steps:
  own: {principle: own, ask: [fault, owed], say: "This was ours."}
  back: {say: "Let me ask for that right away.", offer: {kind: restore, ladder: goodwill, on: owed}}
  bye: {say: "Thank you.", end: recovered}
"""
LONG = """
calmdesk: 1
title: A title that is longer than any small window
goal: Stand.
facts:
  fault:
    ask: "Which of all these things that may have happened was it, as far as you can tell by now?"
    one-of: {ours: "Ours, and a long label with it", theirs: "Theirs, and a longer label with it", other: "Something else"}
steps:
  hello:
    title: A step with a title of many words
    say: >-
      Thank you for waiting while I read all of this, I can see how much it has cost you,
      and I would like to put it right with you now.
    cue: [One short hint that isn't short, Another one of them, A third]
    check: [They answered all of it, I wrote all of it down, And a third thing]
    choices:
      yes: {label: "Yes, that's exactly what happened to them", go: told}
      no: {label: "No, there is still something else to it", go: hello, at-most: 1}
  told:
    ask: fault
    say: "Let me see what I can do about it, and tell you when."
    must-check: [I have said it once more than I thought I would]
  bye: {say: "Thank you.", end: recovered}
"""


class Seen(NamedTuple):
    """What stands on a screen: its rows, and all its words in one line, without the bar beside what is said."""

    rows: list[str]
    flat: str


def see(board: Board, width: int = WIDTH, height: int = HEIGHT) -> Seen:
    """The screen as it stands, the line being typed where it belongs."""
    drawn = board.draw(width, height)
    line = [" ▸"] if board.typing else []
    rows = [*plain_text(drawn.body).split("\n"), *line, *plain_text(drawn.foot).split("\n")]
    return Seen(rows, " ".join(" ".join(rows).replace("▌", " ").split()))


def fits(seen: Seen, width: int = WIDTH, height: int = HEIGHT) -> None:
    """No more rows than there are, and none wider than the window."""
    assert len(seen.rows) <= height, "\n".join(seen.rows)
    wide = [row for row in seen.rows if cells(row) > width]
    assert not wide, f"{len(wide)} rows wider than {width}:\n" + "\n".join(wide)


def shows(shown: Shown, golden: Callable[[str, str], None], name: str, *words: str) -> None:
    """The golden screen of this name at 24×8, in which all these words stand."""
    seen = see(shown.board)
    fits(seen)
    for text in words:
        assert text in seen.flat, "\n".join(seen.rows)
    golden(f"small-{name}", "\n".join(seen.rows))


def test_the_first_step_shows_its_checks_and_its_choices(angry: Shown, golden: Callable[[str, str], None]) -> None:
    shows(angry, golden, "first", "My voice is low", "1 I'm steady")


def test_a_fact_being_typed_leaves_the_words_and_the_line(angry: Shown, golden: Callable[[str, str], None]) -> None:
    walk_to_check(angry)
    assert angry.board.typing
    shows(angry, golden, "typed", "The problem in one", "▸", "Enter", "F12")


def test_a_choice_stands_below_the_words(angry: Shown, golden: Callable[[str, str], None]) -> None:
    walk_to_check(angry)
    angry.type("the red bike is late")
    shows(angry, golden, "choice", "So the red bike", "1 They say yes")


def test_an_offer_shows_what_is_proposed_and_the_line(angry: Shown, golden: Callable[[str, str], None]) -> None:
    to_the_offer(angry)
    shows(angry, golden, "offer", "13.35 USD", "▸", "Enter")


def test_an_approval_shows_the_code_to_read_and_the_line(
    board: Callable[..., Shown], golden: Callable[[str, str], None]
) -> None:
    shown = board(APPROVAL)
    shown.press("1")
    shown.type("80")
    shown.press("enter")
    shown.type("")
    need = shown.board.s.need
    assert isinstance(need, n.AskApproval)
    # A code cut in two is read aloud all the same; one cut short is no code.
    assert need.code in see(shown.board).flat.replace(" ", ""), see(shown.board).flat
    shows(shown, golden, "approval", shown.board.s.line.split()[0], "▸")


def test_must_checks_show_what_is_to_be_ticked(board: Callable[..., Shown], golden: Callable[[str, str], None]) -> None:
    shown = board(SMALL)
    shown.press("1", "1", "1")
    shown.type("8")
    shows(shown, golden, "must", "Let me see.", "Said once", "Tick")


def test_a_hold_shows_its_clock_and_the_way_back(angry: Shown, golden: Callable[[str, str], None]) -> None:
    walk_to_check(angry)
    angry.board.leave_line("")
    angry.press("h", "1")
    angry.clock.pass_ms(19_000)
    shows(angry, golden, "hold", "ON HOLD 0:41", "I'm still here, and still", "1 I'm back")


def test_two_interruptions_deep_the_words_stay(angry: Shown, golden: Callable[[str, str], None]) -> None:
    angry.press("1", "i", "3", "h")
    depth = asides.depth(angry.board.talk.call.place)
    assert depth == 2
    seen = see(angry.board)
    assert angry.board.s.line.split()[0] in seen.flat
    shows(angry, golden, "deep", " ".join(angry.board.s.line.split()[:2]), "1 ")


@pytest.mark.parametrize("key", ["i", "g", "q", "?"])
def test_a_list_shows_what_can_be_picked(angry: Shown, golden: Callable[[str, str], None], key: str) -> None:
    angry.press("1", key)
    first = angry.board.menu[0]
    name = {"?": "keys"}.get(key, key)
    shows(angry, golden, f"list-{name}", "Hi Rosa,", f"{first[0]} {first[1].split()[0]}")
    for _ in range(40):
        fits(see(angry.board))
        angry.press(" ")


def test_every_row_of_a_list_comes_into_sight(angry: Shown) -> None:
    angry.press("1", "?")
    seen = ""
    for _ in range(len(angry.board.menu)):
        seen += see(angry.board).flat
        angry.press(" ")
    for key, label, _ in angry.board.menu:
        assert f"{key} {label.split()[0]}" in seen


def test_what_is_not_saved_is_said_and_the_words_stay(
    board: Callable[..., Shown], golden: Callable[[str, str], None]
) -> None:
    shown = board(SMALL)
    shown.board.keeper.why = "disk full"  # type: ignore[misc]
    shows(shown, golden, "unsaved", "NOT SAVED", "Good morning.", "1 Yes")


def test_the_wrapup_can_be_read_and_closed(angry: Shown, golden: Callable[[str, str], None]) -> None:
    angry.press("w")
    angry.type("Bo")
    assert angry.board.talk.call.over
    shows(angry, golden, "wrapup", "Angry caller — Put", "c copies", "Enter")


def test_nine_ways_on_are_all_in_sight_on_a_telephone(board: Callable[..., Shown]) -> None:
    ways = "".join(f"      w{n}: {{label: 'Way number {n}, in a few words', go: bye}}\n" for n in range(1, 10))
    shown = board(
        "calmdesk: 1\ntitle: Nine\ngoal: Go.\nsteps:\n  look:\n"
        "    say: I'm reading your order from the start, what we promised, and where it really is.\n"
        f"    choices:\n{ways}  bye: {{say: Bye., end: recovered}}\n"
    )
    seen = see(shown.board, 40, 12)
    fits(seen, 40, 12)
    assert "I'm reading your order" in seen.flat
    assert re.findall(r"(\d)  Way", "\n".join(seen.rows)) == [*"123456789"], "\n".join(seen.rows)


def test_a_playbook_of_long_words_leaves_room_for_a_way_on(
    board: Callable[..., Shown], golden: Callable[[str, str], None]
) -> None:
    shown = board(LONG)
    shows(shown, golden, "long", "Thank you for waiting", "1 Yes,")
    shown.press("1")
    shows(shown, golden, "long-asked", "Let me see", "1 Ours")
    shown.press("1")
    shows(shown, golden, "long-must", "Let me see", "Tick")


# --- any step of what is shipped, in a window of any size

BOOKS = ("angry-caller", "abusive-caller", "supervisor-request")
ANSWERS = {"money": "30.50", "number": "3", "date": "tomorrow", "time": "17:00", "moment": "17:00", "yes-no": "yes"}


@cache
def shipped(folder: str) -> tuple[tuple[Edition, Call], ...]:
    """Every kind of stand there is in the shipped playbooks: each step with each thing it asks for."""
    library = Library((os.path.abspath(built_in_folder()),), folder)
    found: dict[object, tuple[Edition, Call]] = {}
    for name in BOOKS:
        edition = open_edition(library, name).edition
        for seed in range(60):
            rng = random.Random(seed)  # noqa: S311 - the same walks each time
            talk = Conversation(edition, Call(), record=lambda _, __: None, now=Clock())
            talk.take(lambda _: [moves.start(edition, case="4471")])  # noqa: B023 - taken at once
            for _ in range(60):
                need = talk.standing.need
                if isinstance(need, n.Over):
                    break
                place = tuple((f.book, f.step) for f in talk.call.place)
                fact = need.fact.id if isinstance(need, n.AskFact) else ""
                found.setdefault((name, place, type(need), fact), (edition, talk.call))
                _walk(talk, need, rng)
    return tuple(found.values())


def _walk(talk: Conversation, need: n.Need, rng: random.Random) -> None:
    """Somebody goes on, now and then by another way; where that is refused, over what is open."""
    try:
        if rng.random() < 0.1 and asides.depth(talk.call.place) < 2:
            talk.take(partial(asides.interrupt, name=rng.choice([*asides.find_interruptions(talk.standing)])))
        elif rng.random() < 0.1:
            talk.take(partial(moves.back, stops=True))
        else:
            _answer(talk, need, rng)
    except NotAllowed:
        with contextlib.suppress(NotAllowed):
            talk.take(asides.override)


def _answer(talk: Conversation, need: n.Need, rng: random.Random) -> None:
    match need:
        case n.AskFact(fact, _):
            typed = rng.choice(fact.options).id if fact.options else ANSWERS.get(fact.kind, "the red bike that is late")
            talk.take(partial(moves.answer, typed=typed))
        case n.AskAmount():
            talk.take(partial(giving.amount, typed=rng.choice(("ok", "none"))))
        case n.AskApproval():
            talk.take(partial(giving.approve, typed="none") if rng.random() < 0.5 else giving.approve_at_once)
        case n.AskAccept():
            talk.take(partial(giving.accept, typed=rng.choice(("yes", "no"))))
        case n.AskAgain():
            talk.take(partial(giving.again, typed=rng.choice(("keep", "change", "withdraw"))))
        case n.AskTicks(still):
            talk.take(partial(asides.toggle, checks=still))
        case n.AskChoice(options, _, _):
            talk.take(partial(moves.choose, choice=rng.choice([o for o in options if not o.closed]).choice.id))
        case _:
            talk.take(moves.go_on)


@pytest.fixture(scope="module")
def stands(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[Edition, Call], ...]:
    return shipped(str(tmp_path_factory.mktemp("cache")))


def test_the_walks_come_to_every_step_that_is_shipped(stands: tuple[tuple[Edition, Call], ...]) -> None:
    steps = {(f.book, f.step) for _, call in stands for f in call.place[-1:]}
    shipped_steps = {
        (book.id, name)
        for edition, _ in stands
        for book in edition.books.values()
        for name in book.order
        if not book.step(name).play
    }
    assert len(stands) > 300
    assert len(shipped_steps - steps) <= 2, sorted(shipped_steps - steps)


def way_on(need: n.Need) -> tuple[str, ...]:
    """What of a screen says how to go on: one of these."""
    match need:
        case n.AskChoice(options, _, _):
            return tuple(f"{at} {o.choice.label[:4]}" for at, o in enumerate(options, 1))
        case n.AskFact(fact, _) if fact.options:
            return tuple(f"{at} {o.label[:4]}" for at, o in enumerate(fact.options, 1))
        case n.AskFact(fact, _) if fact.kind == "yes-no":
            return ("1 Yes",)
        case n.AskAccept():
            return ("1 Yes",)
        case n.AskAgain():
            return ("1 Keep",)
        case n.AskTicks():
            return ("Tick", "space")
        case n.GoOn(_, closed):
            return (" ".join(closed.split()[:2]),) if closed else ("Enter",)
    return ("▸",)


def _wrong(board: Board, width: int, height: int) -> Iterator[str]:
    """What is wrong with a screen, each in words that are the same for the same fault."""
    seen = see(board, width, height)
    if len(seen.rows) > height:
        yield "more rows than there are"
    yield from (f"too wide: {re.sub('[0-9]+', '9', row)}" for row in seen.rows if cells(row) > width)
    words = board.s.line.split()
    if words and not board.menu and words[0] not in seen.flat:
        yield f"no words: {type(board.s.need).__name__}"
    ways = [f"{k} {label[:4]}".strip() for k, label, _ in board.menu] or way_on(board.s.need)
    if not any(" ".join(way.split()) in seen.flat for way in ways):
        yield f"no way on: {board.menu_title if board.menu else type(board.s.need).__name__}"


def test_in_a_window_of_any_size_the_words_and_a_way_on_show(stands: tuple[tuple[Edition, Call], ...]) -> None:
    rng = random.Random(1)  # noqa: S311 - the same windows each time
    wrong: dict[str, list[str]] = {}
    for edition, call in stands:
        sizes = [
            (WIDTH, HEIGHT),
            (WIDTH, HEIGHT),
            *((rng.randint(24, 120), rng.randint(8, 40)) for _ in range(SIZES_TRIED)),
        ]
        for width, height in sizes:
            board = Board(Conversation(edition, call, record=lambda _, __: None, now=Clock()), copy=lambda _: None)
            if rng.random() < 0.2:
                board.message, board.refused = "Tick it with x, or ! goes on anyway, which the summary says.", True
            where = f"{call.label(call.place)} at {width}×{height}"
            for why in _wrong(board, width, height):
                wrong.setdefault(why, []).append(where)
            board.leave_line("")
            board.press(rng.choice("eigq?"))
            for why in _wrong(board, width, height) if board.menu else ():
                wrong.setdefault(why, []).append(f"a list, {where}")
    assert not wrong, "\n".join(
        f"{len(at)} × {why}: {at[:3]}" for why, at in sorted(wrong.items(), key=lambda x: -len(x[1]))
    )


@pytest.fixture
def _soon() -> Iterator[None]:
    """A screen that is never done drawing fails, rather than standing still for ever."""

    def stop(_number: int, _frame: object) -> None:
        raise TimeoutError("a screen is never done drawing")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(5)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="needs a clock that interrupts")
@pytest.mark.usefixtures("_soon")
def test_no_window_is_so_small_that_anything_breaks(stands: tuple[tuple[Edition, Call], ...]) -> None:
    for at, (edition, call) in enumerate(stands):
        board = Board(Conversation(edition, call, record=lambda _, __: None, now=Clock()), copy=lambda _: None)
        for key in "eigq?":
            see(board, 1 + at % 20, 1 + at % 7)
            board.leave_line("")
            board.press(key)
            see(board, 20 - at % 20, 1 + at % 7)
