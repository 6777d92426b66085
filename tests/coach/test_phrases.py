"""The language of patterns, and where they are found."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calmdesk.coach.keys import PatternError, each_way, parse_pattern, render_pattern
from calmdesk.coach.matching import Compiled
from calmdesk.coach.phrases import Hit, PhraseRule, Phrases
from calmdesk.coach.sentences import read_sentences
from tests.forms import often

from .texts import hits, rule, shipped


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("calm down", "Please CALM down, sir.", ["CALM down"]),
        ("calm down", "Calm, down", ["Calm, down"]),
        ("calm down", "calmdown", []),
        ("calm down", "becalm down", []),
        ("don't worry", "Don’t worry; dont worry.", ["Don’t worry", "dont worry"]),
        ("i am", "i am I am", ["i am", "I am"]),
        ("100 %", "It's 100% so, 100 % so", ["100%", "100 %"]),
        ("(a|b c|) d", "a d", ["a d"]),
        ("(a|b c|) d", "b c d", ["b c d"]),
        ("(a|b c|) d", "c d", ["d"]),
        ("so (sad|(very|too) (late|slow))", "so very slow, so late", ["so very slow"]),
        ("sorry … but", "sorry one two three four but", ["sorry one two three four but"]),
        ("sorry … but", "sorry but", ["sorry but"]),
        ("sorry … but", "sorry 1 2 3 4 5 but", []),
        ("sorry ... but", "sorry for it but", ["sorry for it but"]),
        ("sorry * but", "sorry {fix-by} but", ["sorry {fix-by} but"]),
        ("sorry * but", "sorry but", []),
        ("sorry * but", "sorry one two but", []),
        ("sorry … but", "I'm sorry {a} “x y z” 8.90 {b-c}'s but", ["sorry {a} “x y z” 8.90 {b-c}'s but"]),
    ],
)
def test_a_pattern_is_words_in_a_row(pattern: str, text: str, found: list[str]) -> None:
    assert hits(text, pattern) == found


@pytest.mark.parametrize("end", [".", "!", "?", "…", "...", ";", "\n", ".\n", "\r\n", "\u2028"])
def test_nothing_is_found_across_the_end_of_a_sentence(end: str) -> None:
    assert hits(f"I'm sorry{end} But no", "sorry … but") == []
    assert hits(f"I'm sorry{end} sorry but no", "sorry … but") == ["sorry but"]


def test_a_sum_of_money_and_a_colon_end_no_sentence() -> None:
    assert hits("sorry: 8.90, at 17:30 but", "sorry … but") == ["sorry: 8.90, at 17:30 but"]


@pytest.mark.parametrize(
    "text",
    [
        "You said “calm down” to me",
        'You said "please calm down now" to me',
        "You said „calm down“ to me",
        "You said «calm down» to me",
        "You said 'don't calm down' to me",
        "You said ‘don’t calm down’ to me",
        'calm "quite so" down',
    ],
)
def test_what_is_quoted_is_somebody_elses(text: str) -> None:
    assert hits(text, "calm down") == []


@pytest.mark.parametrize(
    "text", ['5" calm down', "calm down “here", "the drivers' calm down", "“a\ncalm down”", "can't calm down"]
)
def test_a_single_mark_quotes_nothing(text: str) -> None:
    assert hits(text, "calm down") == ["calm down"]


def test_an_apostrophe_that_makes_another_word_counts() -> None:
    assert hits("well, were ill", "we'll", "we're", "i'll") == []
    assert hits("We’ll see", "we'll") == ["We’ll"]


def test_unless_is_silent_in_its_own_sentence_only() -> None:
    text = "I won't say calm down. Calm down."
    assert [h.start for h in Phrases([rule("calm down", unless=("won't … say",))]).find(text)] == [23]


def test_a_hit_says_where_it_stands_in_the_whole_text() -> None:
    first, second = rule("calm down", name="bb"), rule("(please|) calm", name="aa")
    text = "Hello İ,\n\n  so Please – calm down!\n“calm”"
    assert Phrases([first, second]).find(text) == [
        Hit(second, 15, 28, "Please – calm"),
        Hit(first, 24, 33, "calm down"),
    ]


def test_hits_of_one_rule_never_stand_over_each_other() -> None:
    assert hits("please calm down please", "calm down", "please calm", "down please") == ["please calm down please"]
    assert hits("calm down calm down", "calm down") == ["calm down", "calm down"]


def test_words_of_other_scripts_are_found_too() -> None:
    assert hits("Bitte ärgern Sie sich nicht", "ärgern sie") == ["ärgern Sie"]
    assert hits("Она сказала: успокойтесь", "успокойтесь") == ["успокойтесь"]


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("", "no word"),
        ("(a|b", "isn't closed"),
        ("a) b", "outside brackets"),
        ("a|b", "outside brackets"),
        ("a ()", "nothing in these"),
        ("a (|)", "nothing in these"),
        ("(a|)", "no word"),
        ("* …", "no word"),
        ("… a", "at an end"),
        ("a …", "at an end"),
        ("a. b", "“.”"),
        ("by {fix-by}", "“{”"),
        ("guarant*", "touches a word"),
        ("a " * 200, "limit"),
        ("(" * 100 + "a" + ")" * 100, "within brackets"),
    ],
)
def test_a_pattern_that_cant_be_read_says_why(pattern: str, said: str) -> None:
    with pytest.raises(PatternError) as caught:
        parse_pattern(pattern)
    assert said in caught.value.message
    assert caught.value.tip


def test_each_way_of_each_bracket_is_told_once() -> None:
    ways = each_way(parse_pattern("I'm (so|) sorry … (but|(how|what) ever)"))
    assert [render_pattern(way) for way in ways] == [
        "i'm so sorry … (but|(how|what) ever)",
        "i'm sorry … (but|(how|what) ever)",
        "i'm (so|) sorry … but",
        "i'm (so|) sorry … how ever",
        "i'm (so|) sorry … what ever",
    ]


def all_hits(rules: list[PhraseRule], text: str) -> set[tuple[str, int, int]]:
    """The slow way: every rule in every sentence."""
    found = set()
    for sentence in read_sentences(text):
        have = sentence.have
        for one in rules:
            compiled = Compiled(*one.plain())
            if not compiled.is_silenced(sentence.words, have):
                for first, behind in compiled.places(sentence.words, have):
                    found.add((one.id, sentence.spans[first][0], sentence.spans[behind - 1][1]))
    return found


WORDS = sorted(
    {w for r in shipped().values() for p in (*r.patterns, *r.unless) for w in p.replace("|", " ").strip("()").split()}
)


@settings(max_examples=often(15, 40))
@given(st.text() | st.text("sory'’\"“” .!?{}…\n", max_size=300))
def test_no_text_makes_it_raise(text: str) -> None:
    for hit in Phrases(shipped().values()).find(text):
        assert text[hit.start : hit.end] == hit.text


@settings(max_examples=often(20, 50))
@given(
    st.lists(
        st.sampled_from([*WORDS, *(f for r in shipped().values() for f in r.flag[:6])])
        | st.sampled_from(list('.,!\n“”"{}')),
        max_size=40,
    )
)
def test_the_fast_way_finds_what_the_slow_way_finds(pieces: list[str]) -> None:
    text = " ".join(pieces)
    # What is said later silences some; that is tried below, rule by rule.
    rules = [rule for rule in shipped().values() if not rule.later]
    assert {(h.rule.id, h.start, h.end) for h in Phrases(rules).find(text)} == all_hits(rules, text)


@given(st.text("ab(|)*… .'", max_size=40), st.text("ab '.", max_size=40))
def test_a_pattern_is_refused_or_works(pattern: str, text: str) -> None:
    try:
        parse_pattern(pattern)
    except PatternError:
        return
    hits(text, pattern)


@pytest.mark.parametrize(
    "piece",
    [
        "sorry ",
        "sorry for the wait ",
        "I promise you that ",
        "'a ",
        "“",
        '"',
        "{a",
        "calm'a",
        "sorry … but ",
        "1,",
        "a",
    ],
)
def test_a_hostile_line_takes_no_longer_than_a_long_one(piece: str) -> None:
    line = "sorry calm down " + piece * (8000 // len(piece))
    phrases = Phrases([*shipped().values(), rule("sorry … * … (sorry|) … * … but", "a (a|a a|) (a|a a|) … (a|) … b")])
    phrases.find("sorry but")
    start = time.perf_counter()
    phrases.find(line)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("end", [".", "\n", ".\n\n"])
def test_what_is_said_later_silences_a_refusal_and_what_was_said_before_does_not(end: str) -> None:
    one = rule("case closed")._replace(later=("i'll find",))
    phrases = Phrases([one])
    assert phrases.find(f"Case closed{end}")
    assert not phrases.find(f"Case closed{end}I'll find somebody.")
    assert phrases.find(f"I'll find somebody{end}Case closed.")
    found = phrases.look(f"Case closed{end}I'll find one{end}Case closed.")
    assert (len(found.hits), len(found.silenced)) == (1, 1)
    assert phrases.find("Case closed.\nI'll find somebody.", apart=True)


def test_a_text_of_refusals_takes_time_in_proportion() -> None:
    phrases = Phrases([rule("case closed")._replace(later=("i'll find",))])
    assert len(phrases.find("Case closed.\n" * 7000)) == 7000
