"""Rows for any size, wrapping by columns, and nothing that reaches a terminal raw."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from calmdesk.terminal.paint import cells, clip, escape_codes, flow, plain_text, wrap


def test_a_wide_character_takes_two_columns_and_a_mark_none() -> None:
    assert cells("日本") == 4
    assert cells("é") == 1
    assert cells("কি") == 2


def test_words_are_wrapped_between_words_and_a_long_one_is_cut() -> None:
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("abcdefghij k", 4) == ["abcd", "efgh", "ij k"]
    assert wrap("", 10) == [""]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=200), st.integers(6, 100))
def test_no_line_is_wider_than_its_room_and_no_letter_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cells(line) <= max(width, 2) for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_row_is_clipped_with_an_ellipsis() -> None:
    assert plain_text([clip([("", "one "), ("say", "two three")], 9)]) == "one two …"


def test_groups_flow_into_as_many_rows_as_they_need() -> None:
    rows = flow([[("", "aaaa")], [("", "bbbb")], [("", "cccc")]], 12, "  ")
    assert plain_text(rows) == " aaaa  bbbb\n cccc"


def test_without_colour_only_the_attributes_stay() -> None:
    rows = [[("alert", "LATE"), ("", "this")]]
    assert "\x1b[1;38;5;231;48;5;124mLATE\x1b[0mthis" in escape_codes(rows, colour=True)
    assert escape_codes(rows, colour=False).startswith("\x1b[1;7mLATE\x1b[0mthis")
