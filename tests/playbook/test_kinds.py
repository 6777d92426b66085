"""What was typed becomes one exact value, or a sentence that says what would fit (`format.md`, Facts)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmdesk.playbook.kinds import (
    dated_moment,
    read_date,
    read_moment,
    read_money,
    read_option,
    read_span,
    read_time,
    read_value,
    shown,
)
from calmdesk.safetext import HIDDEN

# A Wednesday, five past two, two hours east of Greenwich.
NOW = datetime(2026, 11, 25, 14, 5, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("8.90", "8.90"), ("8.9", "8.90"), ("8", "8.00"), ("0", "0.00"), ("007", "7.00"), ("$8.90", "8.90"), ("8.90 USD", "8.90"),
        ("USD 8.90", "8.90"), ("8.90 usd", "8.90"), ("1,234,567.80", "1234567.80"), (" 8.90 ", "8.90"), ("८.९०", "8.90"),
        ("٨.٩", "8.90"), ("８．９" .replace("．", "."), "8.90"), ("999999999999999999", "999999999999999999.00"), ("0.01", "0.01"),
    ],
)  # fmt: skip
def test_an_amount_is_read_exactly(typed: str, value: str) -> None:
    assert read_money(typed) == (value, "")


@pytest.mark.parametrize(
    "typed", ["", "lots", "8.905", "-5", "8,90", "1,23", "8.9.0", "1e3", "8 90", "∞", "12,34.5", "8.-"]
)
def test_what_is_no_amount_is_met_with_what_would_fit(typed: str) -> None:
    read = read_money(typed)
    assert read.text == ""
    assert read.complaint


def test_a_currency_without_cents_takes_none_and_one_with_three_takes_three() -> None:
    assert read_money("890", "JPY").text == "890"
    assert read_money("8.90", "JPY").complaint
    assert read_money("8.905", "KWD").text == "8.905"


@given(st.integers(0, 10**18 - 1), st.integers(0, 99))
def test_money_is_exact_whatever_its_size(whole: int, cents: int) -> None:
    text = f"{whole}.{cents:02}"
    assert read_money(text).text == text
    assert Decimal(read_money(text).text) * 100 == whole * 100 + cents


@pytest.mark.parametrize(
    ("typed", "value"),
    [("5", "5"), ("-5", "-5"), ("8.5", "8.5"), ("१२", "12"), ("0.1", "0.1"), ("123456789012345", "123456789012345")],
)
def test_a_number_is_read_exactly(typed: str, value: str) -> None:
    assert read_value("number", typed) == (value, "")


@pytest.mark.parametrize("typed", ["five", "1e3", "", "1,000", "0x1f", "--5", "1.2.3", "nan"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    assert read_value("number", typed).text == ""
    assert read_value("number", typed).complaint


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("17:00", "17:00"), ("9", "09:00"), ("9:30", "09:30"), ("9.30", "09:30"), ("9h30", "09:30"), ("5pm", "17:00"),
        ("12am", "00:00"), ("12 pm", "12:00"), ("5:15 PM", "17:15"), ("0:00", "00:00"), ("23:59", "23:59"), ("१७:००", "17:00"),
    ],
)  # fmt: skip
def test_a_time_of_day_is_read(typed: str, value: str) -> None:
    assert read_time(typed) == (value, "")


@pytest.mark.parametrize("typed", ["24:00", "12:60", "noonish", "", "17:0", "1700", "-1:00", "17:00:00"])
def test_what_is_no_time_of_day_is_refused(typed: str) -> None:
    assert read_time(typed).text == ""
    assert "17:00" in read_time(typed).complaint


@pytest.mark.parametrize("typed", ["17pm", "0am", "13 am", "22:15am"])
def test_an_hour_that_no_half_of_the_day_has_is_refused(typed: str) -> None:
    assert read_time(typed).text == ""


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("2031-01-02", "2031-01-02"), ("२०३१-०१-०२", "2031-01-02"), ("today", "2026-11-25"), ("Tomorrow", "2026-11-26"),
        ("fri", "2026-11-27"), ("Friday", "2026-11-27"), ("wed", "2026-12-02"), ("tue", "2026-12-01"),
    ],
)  # fmt: skip
def test_a_day_is_read(typed: str, value: str) -> None:
    assert read_date(typed, NOW) == (value, "")


@pytest.mark.parametrize(
    "typed", ["2031-02-30", "2031-13-01", "20310102", "02.01.2031", "1/2/2031", "", "soon", "2031-W01-1"]
)
def test_what_is_no_day_is_refused(typed: str) -> None:
    assert read_date(typed, NOW).text == ""
    assert "2026-11-25" in read_date(typed, NOW).complaint


@pytest.mark.parametrize("typed", ["monster", "sunny", "friend", "wednesd4y"])
def test_a_word_that_only_begins_like_a_weekday_is_no_day(typed: str) -> None:
    assert read_date(typed, NOW).text == ""


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("17:00", "2026-11-25T17:00+02:00"),
        ("9:00", "2026-11-26T09:00+02:00"),
        ("14:05", "2026-11-26T14:05+02:00"),
        ("14:06", "2026-11-25T14:06+02:00"),
        ("5pm", "2026-11-25T17:00+02:00"),
        ("5 pm", "2026-11-25T17:00+02:00"),
        ("fri 9:00", "2026-11-27T09:00+02:00"),
        ("Friday 9", "2026-11-27T09:00+02:00"),
        ("fri 9 am", "2026-11-27T09:00+02:00"),
        ("wed 9:00", "2026-12-02T09:00+02:00"),
        ("wed 20:00", "2026-11-25T20:00+02:00"),
        ("tomorrow 12:00", "2026-11-26T12:00+02:00"),
        ("tomorrow at 11", "2026-11-26T11:00+02:00"),
        ("today at 4", "2026-11-25T16:00+02:00"),
        ("fri 3", "2026-11-27T15:00+02:00"),
        ("At 5pm", "2026-11-25T17:00+02:00"),
        ("4 am", "2026-11-26T04:00+02:00"),
        ("today 17:00", "2026-11-25T17:00+02:00"),
        ("+2h", "2026-11-25T16:05+02:00"),
        ("+90m", "2026-11-25T15:35+02:00"),
        ("+2d", "2026-11-27T14:05+02:00"),
        ("2031-01-02T09:00", "2031-01-02T09:00+02:00"),
        ("2031-01-02 09:00", "2031-01-02T09:00+02:00"),
        ("2031-01-02T09:00+05:30", "2031-01-02T09:00+05:30"),
        ("2031-01-02T09:00Z", "2031-01-02T09:00+00:00"),
        ("2031-01-02", "2031-01-02T23:59+02:00"),
        ("friday", "2026-11-27T23:59+02:00"),
        ("१७:००", "2026-11-25T17:00+02:00"),
        ("+२h", "2026-11-25T16:05+02:00"),
    ],
)
def test_a_point_in_time_is_read_with_its_offset(typed: str, value: str) -> None:
    assert read_moment(typed, NOW) == (value, "")


@pytest.mark.parametrize(
    "typed", ["", "soon", "+2", "+h", "fri", "fry 9:00", "25:00", "2031-02-30T09:00", "2031-01-02T25:00", "9:00 fri"]
)
def test_what_is_no_point_in_time_is_refused(typed: str) -> None:
    if typed == "fri":
        assert read_moment(typed, NOW).text == "2026-11-27T23:59+02:00"
        return
    assert read_moment(typed, NOW).text == ""
    assert read_moment(typed, NOW).complaint


def test_a_minute_before_midnight_that_has_passed_means_tomorrow() -> None:
    late = NOW.replace(hour=23, minute=59)
    assert read_moment("23:58", late).text == "2026-11-26T23:58+02:00"


def test_the_last_minute_of_the_day_that_has_passed_means_tomorrow() -> None:
    late = NOW.replace(hour=23, minute=59, second=30)
    assert read_moment("23:59", late).text == "2026-11-26T23:59+02:00"


def test_a_day_after_the_clocks_change_has_that_days_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    import time
    from datetime import UTC

    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        # Saturday; the clocks go back in the night to Sunday, 2026-10-25.
        now = datetime(2026, 10, 24, 12, 0, tzinfo=UTC).astimezone()
        assert read_moment("mon 9:00", now).text == "2026-10-26T09:00+01:00"
    finally:
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()


@pytest.mark.parametrize("typed", ["+99999d", "99999-01-01T00:00"])
def test_a_point_in_time_far_away_is_read_or_refused_and_never_breaks(typed: str) -> None:
    read = read_moment(typed, NOW)
    assert bool(read.text) != bool(read.complaint)


@given(st.text(max_size=20) | st.from_regex(r"[+0-9a-z :.T-]{1,18}", fullmatch=True))
def test_any_typed_text_gives_a_value_or_a_complaint_and_never_both(typed: str) -> None:
    for kind in ("text", "money", "number", "date", "time", "yes-no", "moment"):
        read = read_value(kind, typed, at=NOW)
        assert bool(read.text) != bool(read.complaint)
        assert HIDDEN.search(read.text + read.complaint) is None


@given(st.from_regex(r"[+0-9a-z :.T-]{1,18}", fullmatch=True))
def test_a_value_that_was_read_is_read_again_as_itself(typed: str) -> None:
    for kind in ("money", "number", "date", "time", "yes-no", "moment"):
        value = read_value(kind, typed, at=NOW).text
        if value:
            assert read_value(kind, value, at=NOW).text == value


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("10s", 10), ("2m", 120), ("2 min", 120), ("24h", 86400), ("2d", 172800), ("+90m", 5400), ("१०s", 10), ("", 0), ("2", 0),
     ("h", 0), ("2w", 0), ("soon", 0), ("-5m", 0)],
)  # fmt: skip
def test_a_length_of_time_is_read_in_seconds_and_is_zero_where_there_is_none(typed: str, seconds: int) -> None:
    assert read_span(typed) == seconds


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("yes", "yes"),
        ("Y", "yes"),
        ("no", "no"),
        ("N", "no"),
        ("true", "yes"),
        ("false", "no"),
        ("1", "yes"),
        ("2", "no"),
        ("२", "no"),
    ],
)
def test_yes_and_no_are_read(typed: str, value: str) -> None:
    assert read_value("yes-no", typed) == (value, "")


OPTIONS = [("ours", "Ours"), ("colleague", "A colleague's"), ("customer", "Their own")]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("ours", "ours"),
        ("1", "ours"),
        ("३", "customer"),
        ("Their", "customer"),
        ("a coll", "colleague"),
        ("CUSTOMER", "customer"),
        ("cu", "customer"),
    ],
)
def test_an_option_is_its_id_its_number_or_the_beginning_of_its_label(typed: str, value: str) -> None:
    assert read_option(typed, OPTIONS) == (value, "")


@pytest.mark.parametrize("typed", ["0", "4", "c", "nobody", "½", "-1"])
def test_what_is_no_option_is_met_with_the_options(typed: str) -> None:
    read = read_value("one-of", typed, options=OPTIONS)
    assert read.text == ""
    assert "1 ours, 2 colleague, 3 customer" in read.complaint


def test_a_digit_that_is_no_decimal_is_no_option() -> None:
    assert read_option("²", OPTIONS).complaint


def test_a_mistyped_option_is_met_with_did_you_mean() -> None:
    assert "Did you mean “customer”?" in read_option("custmer", OPTIONS).complaint


def test_a_text_is_kept_as_typed_without_what_hides_in_it() -> None:
    assert read_value("text", "  the red bike\u202e is\x1b[31m late ").text == "the red bike is late"
    assert read_value("text", "१२ apples").text == "१२ apples"
    assert read_value("text", " \u200b ").complaint


def test_a_point_in_time_is_said_as_its_time_today_and_with_its_day_later() -> None:
    assert shown("moment", "2026-11-25T17:00+02:00", "2026-11-25") == "17:00"
    assert shown("moment", "2026-11-26T17:00+02:00", "2026-11-25") == "tomorrow 17:00"
    assert shown("moment", "2026-11-27T17:00+02:00", "2026-11-25") == "Friday 17:00"
    assert shown("moment", "2027-01-03T17:00+02:00", "2026-11-25") == "Sunday 3 January 17:00"
    assert shown("moment", "2026-11-26T23:59+02:00", "2026-11-25") == "tomorrow"
    assert dated_moment("2026-11-26T23:59+02:00") == "Thursday 26 November"
    assert shown("money", "8.90") == "8.90"
