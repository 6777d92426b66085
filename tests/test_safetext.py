"""Only what is safe reaches a screen, a file or the journal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calmdesk.safetext import HIDDEN, STRAY_JOINER, clean, fill, fold_digits, nearest, slots
from tests.forms import often

_ODD = st.text(
    alphabet=st.sampled_from(
        "ab {}\x00\x07\x1b[]0;m\x9b\x9d\x9c\x07\n\r\t\x85\u2028\u200b\u200d\u202e\u2066\ufeff\u0915\u094d\u0301é\ud800\U000e0041"
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain words", "plain words"), ("  two   words ", "two words"), ("one\ntwo\tthree", "one two three"),
        ("\x1b[31mred\x1b[0m", "red"), ("\x1b]0;a title\x07words", "words"), ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"), ("a\x1bMb", "ab"), ("\x1bP payload \x1b\\after", "after"), ("open \x1b]52;c;eHg=", "open"),
        ("bell\x07 null\x00 del\x7f", "bell null del"), ("a\u202egnp.exe", "agnp.exe"), ("zero\u200bwidth", "zerowidth"),
        ("\ufeffmark", "mark"), ("x\u2066y\u2069", "xy"), ("tag\U000e0041", "tag"), ("half \ud800", "half"), ("a\u200db", "ab"),
        ("soft\u00adhyphen", "softhyphen"), ("e\u0301", "é"), ("a\x85b", "a b"), ("a\u2028b", "a b"), ("\u3164", ""), ("naïve 日本 🚲", "naïve 日本 🚲"),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),
    ],
)  # fmt: skip
def test_a_text_is_cleaned_to_one_line_without_what_hides_moves_or_reorders(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_line_ends_stay_where_they_are_wanted() -> None:
    assert clean("one\r\ntwo\rthree\n\x1b[2Jfour", lines=True) == "one\ntwo\nthree\nfour"
    assert clean("one\n  two", lines=True) == "one\n  two"


def test_accents_are_stacked_four_high_and_no_higher() -> None:
    assert len(clean("e" + "\u0316" * 50)) == 5


@given(_ODD | st.text(max_size=40))
@settings(max_examples=often(75, 300))
def test_cleaning_twice_changes_nothing_more_and_nothing_hidden_is_left(text: str) -> None:
    for lines in (False, True):
        once = clean(text, lines=lines)
        assert clean(once, lines=lines) == once
        left = once.replace("\n", "") if lines else once
        assert HIDDEN.search(left) is None
        assert STRAY_JOINER.search(left) is None
        assert "\x1b" not in once
        assert lines or "\n" not in once
        once.encode("utf-8")


def test_a_joiner_of_a_script_that_uses_it_stays() -> None:
    assert (
        clean("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645") == "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    )


@pytest.mark.parametrize(
    ("text", "folded"),
    [("१७:००", "17:00"), ("٤٢", "42"), ("４２", "42"), ("𝟜𝟚", "42"), ("a1", "a1"), ("½²", "½²"), ("Ⅳ", "Ⅳ")],
)
def test_decimal_digits_of_any_script_become_ours_and_all_else_stays(text: str, folded: str) -> None:
    assert fold_digits(text) == folded


@given(st.text(max_size=30))
def test_folding_keeps_the_length_and_happens_once(text: str) -> None:
    assert len(fold_digits(text)) == len(text)
    assert fold_digits(fold_digits(text)) == fold_digits(text)


def test_the_slots_of_a_text_are_fact_ids_and_policy_values_in_order() -> None:
    assert list(slots("So {problem}, by {fix-by}: {policy.listen} {policy.no}")) == [
        "problem",
        "fix-by",
        "policy.listen",
        "policy.no",
    ]
    assert list(slots("no {Slot} {9x} {} {a b} {{x}} {a--b} {other.listen} {policy.}")) == ["x"]


def test_a_slot_is_filled_once_and_an_unknown_one_stays() -> None:
    values = {"customer": "{agent}", "agent": "no"}
    assert fill("Hi {customer}, {other}", values.get) == "Hi {agent}, {other}"
    assert fill("{customer}{customer}", values.get) == "{agent}{agent}"


def test_what_fills_a_slot_is_cleaned() -> None:
    assert fill("Hi {customer}.", lambda _: "Ro\x1b[31msa\u202e\n") == "Hi Rosa."


@pytest.mark.parametrize("text", ["{0}", "{x.__class__}", "{x!r}", "{x:>99}", "%s %(x)s", "${x}", "{{x}", "{x[0]}"])
def test_no_template_logic_is_read_in_anyones_text(text: str) -> None:
    assert fill(text, {"x": "value"}.get).replace("value", "{x}") == text


@given(_ODD)
def test_filling_never_fails(text: str) -> None:
    assert isinstance(fill(text, lambda name: name or None), str)


def test_a_mistyped_name_gets_a_tip_and_a_strange_one_none() -> None:
    assert nearest("chekc", ["hear", "check", "own"]) == "Did you mean “check”?"
    assert nearest("CHECK", ["check"]) == "Did you mean “check”?"
    assert nearest("zzz", ["hear", "check"]) == ""
    assert nearest("", []) == ""
