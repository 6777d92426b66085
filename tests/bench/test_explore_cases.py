"""Small playbooks in which exploring and playing could easily differ: each is explored and played, and both agree."""

from __future__ import annotations

import random
from textwrap import dedent

import pytest

from calmdesk.bench.maze import Maze, Summary

from .agree import Wandering, find_unexplored, find_unplayable
from .books import FACTS, as_text
from .plays import Books, read_books

PLAYS = 60
DECLARED = as_text({"facts": FACTS})
PRICED = as_text({"facts": FACTS | {"price": FACTS["price"] | {"default": "4"}}})
SURE = as_text({"facts": FACTS | {"sure": FACTS["sure"] | {"default": "no"}}})


def explore(main: str, declared: str = DECLARED, **others: str) -> Books:
    """A playbook and the modules beside it; all have the same facts."""
    texts = {name: declared + dedent(text) for name, text in {"main": main, **others}.items()}
    books = read_books(texts)
    if books is None:
        raise ValueError(texts)
    return books


def find_differences(books: Books) -> list[tuple[str, str]]:
    rng, found = random.Random("cases"), []  # noqa: S311 - nothing secret hangs on it
    for _ in range(PLAYS):
        play = Wandering(books, rng)
        play.play()
        found += list(find_unexplored(books, play))
    return [*found, *find_unplayable(books, rng)]


END = "  end-it: {say: Bye, end: recovered}\n"
NEVER = "path-rules: [{never: offer, when: {sure: 'yes', fault: ours}}]\n"
OFFER = "offer: {kind: restore, ladder: goodwill, on: price}"
CASES: dict[str, tuple[str, ...]] = {
    "an unknown fact under not": ("steps:\n  first: {say: Hi, when: {not: {sure: 'yes'}}}\n" + END,),
    "a step that is skipped, whose own ways don't count": (
        "steps:\n  ask: {ask: sure}\n  skip: {say: Hi, when: {sure: 'yes'}, end: lost}\n" + END,
    ),
    "a choice that is used up and leads elsewhere, and forgets nothing": (
        "steps:\n  ask: {ask: sure, choices: {again: {go: ask, forget: sure, at-most: 1, then: use}}}\n"
        "  use: {say: '{sure}', go: end-it}\n" + END,
    ),
    "a choice that is used up and leads nowhere": (
        "steps:\n  ask: {ask: sure, choices: {again: {go: ask, at-most: 2}}}\n" + END,
    ),
    "a fact that is forgotten and used": (
        "steps:\n  ask: {ask: sure, choices: {on: {go: use, forget: sure}}}\n  use: {say: '{sure}'}\n" + END,
    ),
    "a file that ends the call": (
        "steps:\n  play-it: {say: Hi}\n  it: {play: low}\n" + END,
        (
            "module: true\nsteps:\n  ask: {ask: sure, go: [{when: {sure: 'yes'}, step: leave}, {step: return}]}\n"
            "  leave: {say: Hi, end: lost}\n"
        ),
    ),
    "a playbook that returns when it is played": (
        "steps:\n  it: {play: low}\n" + END,
        "steps:\n  say-it: {say: Hi, return: lost}\n",
    ),
    "a choice that may be taken once in each playing": (
        "steps:\n  it: {play: low}\n  ask: {say: Hi, choices: {again: {go: it, at-most: 1}, on: end-it}}\n" + END,
        "module: true\nsteps:\n  ask: {say: Hi, choices: {again: {go: ask, at-most: 1}, on: return}}\n",
    ),
    "a file that forgets what it was played with": (
        "steps:\n  ask: {ask: sure}\n  it: {play: low, go: [{when: {sure: 'no'}, step: end-it}, {step: use}]}\n"
        "  use: {say: Hi, end: lost}\n" + END,
        (
            "module: true\nsteps:\n  ask: {ask: sure, choices: {again: {when: {sure: 'yes'}, go: ask, forget: sure},"
            " on: return}}\n"
        ),
    ),
    # The explorer says that it comes round, not that it never stops for some: `agree.py` lets that pass.
    "a circle of files that are skipped": (
        "steps:\n  ask: {ask: sure}\n  it: {play: low, go: it}\n",
        "module: true\nsteps:\n  leave: {say: Hi, when: {sure: 'yes'}, end: lost}\n",
    ),
}
MENDED: dict[str, tuple[str, tuple[str, ...]]] = {
    # Name: what went wrong once, and the texts.
    "what decides about any choice is asked before one is taken": (
        "bench: the facts of the other choices aren't known afterwards",
        ("steps:\n  pick: {say: Hi, choices: {on: use, or: {when: {sure: 'yes'}, go: use}}}\n"
         "  use: {say: '{sure}'}\n" + END,),
    ),
    "choices that leave nothing out": (
        "bench: a dead end is told from facts that have been asked by then",
        ("steps:\n  pick:\n    say: Hi\n"
         "    choices: {one: {when: {sure: 'yes'}, go: end-it}, two: {when: {sure: 'no'}, go: end-it}}\n" + END,),
    ),
    "a way behind one that holds": (
        "bench: its facts are asked on the spot all the same",
        ("steps:\n  ask: {ask: sure}\n"
         "  way: {say: Hi, go: [{when: {sure: ['yes', 'no']}, step: use}, {when: {word: red}, step: use},"
         " {step: use}]}\n"
         "  use: {say: Hi}\n" + END,),
    ),
    "a line that is said on some paths only": (
        "bench: its facts are known afterwards on those paths, not on all",
        ("steps:\n  ask: {ask: sure}\n  say-it: {say: [{when: {sure: 'yes'}, line: '{word}'}, {line: Hi}]}\n"
         "  use: {say: '{word}'}\n" + END,),
    ),
    "a fact of the way behind a file that was played": (
        "engine: it isn't asked there, it only doesn't hold; bench: it is known afterwards",
        ("steps:\n  it: {play: low, go: [{when: {sure: 'yes'}, step: use}, {step: use}]}\n"
         "  use: {say: '{sure}'}\n" + END, "module: true\nsteps:\n  say-it: {say: Hi}\n"),
    ),
    "an offer in a file that is played": (
        "bench: what the file doesn't touch is forgotten at its offers",
        ("steps:\n  ask: {ask: [fault, sure], go: [{when: {sure: 'yes', fault: ours}, step: end-it}, {step: it}]}\n"
         "  it: {play: low}\n" + END + NEVER, f"module: true\nsteps:\n  give: {{{OFFER}, ask: price}}\n"),
    ),
    "the second offer of a file that is played": (
        "trace: the path leads to the first",
        ("steps:\n  it: {play: low}\n" + END + "path-rules: [{never: offer, when: {sure: 'yes'}}]\n",
         (f"module: true\nsteps:\n  one: {{{OFFER}, ask: price, choices: {{on: {{go: two, forget: sure}}}},"
         f" when: {{sure: 'no'}}}}\n  two: {{{OFFER}, ask: [price, sure]}}\n")),
    ),
    "a file whose steps are all skipped": (
        "trace: a way out before the first step has no node",
        ("steps:\n  it: {play: low}\n" + END, "module: true\nsteps:\n  say-it: {say: Hi, when: {sure: 'yes'}}\n"),
    ),
    "an amount under the smallest that is named": (
        "space: no value stands for 0.20",
        ("steps:\n  ask: {ask: price}\n  small: {say: Hi, when: {price: {under: 0.50}}, end: lost}\n" + END,),
    ),
    "a call without a case": (
        "space: `case` counts as known under `not`",
        ("steps:\n  first: {say: Hi}\n  skip: {say: Hi, when: {not: {case: '7'}}, end: lost}\n" + END,),
    ),
    "the opposite of nothing": (
        "space: `not: {}` never holds",
        ("steps:\n  first: {say: Hi}\n  skip: {say: Hi, when: {not: {}}, end: lost}\n" + END,),
    ),
    "a step that may never come": (
        "trace: what is known when a rule breaks isn't in its path",
        ("steps:\n  ask: {ask: sure}\n  no-step: {say: Hi}\n" + END
         + "path-rules: [{never: no-step, when: {sure: 'no'}}]\n",),
    ),
    "a dead end for some": (
        "trace: what is known at a dead end isn't in its path",
        ("steps:\n  ask: {ask: sure, choices: {on: {when: {sure: 'yes'}, go: end-it}}}\n" + END,),
    ),
    "a first step that is skipped": (
        "trace: what skipped it isn't in the path",
        ("steps:\n  skip: {say: Hi, when: {price: {over: 5}}}\n  use: {say: '{price}'}\n" + END,),
    ),
    "a choice that forgets what let it show": (
        "trace: what was known before it isn't in the path",
        ("steps:\n  ask: {ask: sure, choices: {again: {when: {sure: 'no'}, go: ask, forget: sure, at-most: 1},"
         " on: {when: {sure: 'yes'}, go: end-it}}}\n" + END,),
    ),
    "a fact that a later line needs": (
        "trace: that the earlier lines didn't hold isn't in the path",
        ("steps:\n  say-it: {say: [{when: {sure: ['yes']}, line: Hi}, {when: {word: red}, line: Hi},"
         " {line: Hi}]}\n" + END,),
    ),
}  # fmt: skip
ENGINE: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "a condition that is answered on its own step": (
        "bench: the engine skips a step when its condition no longer holds, answered or not",
        SURE,
        ("steps:\n  first: {say: Hi}\n  ask: {ask: sure, when: {sure: 'no'}, end: lost}\n" + END,),
    ),
    "a step that asks what its own condition needs": (
        "engine: what the step shows is asked before its condition, though it may be skipped",
        DECLARED,
        ("steps:\n  first: {say: '{word}', ask: hour, when: {hour: {under: '00:00'}}}\n" + END,),
    ),
    "a line that isn't decided before the step has asked": (
        "engine: what the line behind it needs is asked first, though it may never be said",
        DECLARED,
        ("steps:\n  ask: {ask: sure, say: [{when: {sure: ['yes', 'no']}, line: Hi}, {line: '{word}'}]}\n" + END,),
    ),
    "a first step that a default skips, with another value given": (
        "engine: the first step is looked for before what was given is known",
        PRICED,
        ("steps:\n  first: {say: Hi, when: {price: {over: 5}}, end: lost}\n" + END,),
    ),
}  # fmt: skip


def _params() -> list[object]:
    found: list[object] = [pytest.param(DECLARED, texts, id=name) for name, texts in CASES.items()]
    found += [pytest.param(DECLARED, texts, id=name) for name, (_, texts) in MENDED.items()]
    found += [pytest.param(declared, texts, id=name) for name, (_, declared, texts) in ENGINE.items()]
    return found


@pytest.mark.parametrize(("declared", "texts"), _params())
def test_exploring_and_playing_agree_about(declared: str, texts: tuple[str, ...]) -> None:
    main, *played = texts
    books = explore(main, declared, **dict(zip(("low", "mid"), played, strict=False)))
    assert not find_differences(books)


# --- what the exploration says


def unknown(books: Books) -> set[tuple[str, str]]:
    return {(str(u.path[1]), u.fact) for u in books.run.unknown}


def ends(books: Books) -> set[tuple[str, str]]:
    return {(e.kind, e.disposition) for e in books.run.exits}


def test_an_unknown_fact_holds_for_nothing_and_under_not_neither() -> None:
    books = explore(*CASES["an unknown fact under not"])
    field, space = books.maze.space.fields["sure"], books.maze.space
    condition = space.condition({"not": {"sure": "yes"}})
    assert condition is not None
    assert ("first", "sure") in unknown(books)
    assert not find_differences(books)
    assert field.unknown == field.silent


def test_the_step_that_lists_a_fact_still_asks_for_it_where_it_has_a_default() -> None:
    books = explore("steps:\n  use: {say: '{price}'}\n  ask: {ask: price}\n" + END, PRICED)
    assert books.run.asked[1, "price"]
    assert not books.run.unknown
    assert not find_differences(books)


def test_a_fact_that_was_asked_before_is_not_asked_again_and_one_that_was_forgotten_is() -> None:
    books = explore("steps:\n  ask: {ask: sure}\n  again: {ask: sure, choices: {on: use}}\n  use: {ask: sure}\n" + END)
    assert [books.run.asked[n, "sure"] for n in range(3)] == [True, False, False]
    text = (
        "steps:\n  ask: {ask: sure}\n  again: {ask: sure, choices: {on: {go: use, forget: sure}}}\n  use: {ask: sure}\n"
    )
    books = explore(text + END)
    assert [books.run.asked[n, "sure"] for n in range(3)] == [True, False, True]
    assert not find_differences(books)


def test_used_up_a_choice_forgets_nothing() -> None:
    books = explore(*CASES["a choice that is used up and leads elsewhere, and forgets nothing"])
    assert not books.run.unknown


def test_a_playbook_that_returns_ends_alone_and_returns_played() -> None:
    main, low = CASES["a playbook that returns when it is played"]
    assert ends(explore(main, low=low)) == {("end", "recovered")}
    assert ends(explore(low)) == {("end", "lost")}


def test_a_files_end_ends_the_call_that_plays_it() -> None:
    main, low = CASES["a file that ends the call"]
    assert ends(explore(main, low=low)) == {("end", "lost"), ("end", "recovered")}


def test_a_skipped_steps_own_ways_do_not_count() -> None:
    books = explore(*CASES["a step that is skipped, whose own ways don't count"])
    assert ends(books) == {("end", "lost"), ("end", "recovered")}


def test_at_most_counts_within_one_playing_of_a_file() -> None:
    main, low = CASES["a choice that may be taken once in each playing"]
    assert not explore(main, low=low).run.dead
    # In one playing, the choice alone is a dead end the second time.
    alone = explore("steps:\n  ask: {say: Hi, choices: {again: {go: ask, at-most: 1}}}\n" + END)
    assert set(alone.run.dead) == {"ask"}


def test_what_may_cut_in_may_ask_for_a_fact_or_leave_it_to_be_asked_anew() -> None:
    cut = "interruptions: {cut: {label: Cut, play: hold}}\n"
    text = cut + "steps:\n  ask: {ask: sure}\n  again: {ask: sure, say: '{sure}'}\n" + END
    books = explore(text)
    assert not books.run.asked[1, "sure"]
    asks = Summary((), returns=True, sets=frozenset({"sure"}), forgets=frozenset(), needs=frozenset())
    assert not Maze(books.data, "main", {"hold": asks}).run().asked[1, "sure"]
    forgets = asks._replace(forgets=frozenset({"sure"}))
    assert Maze(books.data, "main", {"hold": forgets}).run().asked[1, "sure"]
    use = explore(cut + "steps:\n  use: {say: '{sure}'}\n" + END)
    assert Maze(use.data, "main", {"hold": asks}).run().unknown
