"""What was typed becomes the exact value of a fact, or one sentence that says what would fit.

Values are text in one canonical form a kind (money `8.90`, time `17:00`, date and moment ISO 8601,
yes-no `yes`): exact, comparable, ready for the journal. Nothing here reads a clock.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.safetext import clean, fold_digits, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_PLACES = dict.fromkeys(("JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "XAF", "XOF", "RWF"), 0) | dict.fromkeys(
    ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3
)
_MONEY = re.compile(r"(\D*?)\s*((?:\d{1,3}(?:,\d{3})+|\d{1,18})(?:\.(\d+))?)\s*(\D*)\Z")
_SIGNS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "INR": "₹",
    "BDT": "৳",
    "NPR": "रू",
    "JPY": "¥",
    "CNY": "¥",
    "KRW": "₩",
    "TRY": "₺",
}
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?\Z")
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?\Z", re.IGNORECASE)
_PLUS = re.compile(r"\+?\s*(\d{1,5})\s*(s|m|min|h|d)\Z")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS_END = "23:59"
"""What a day alone means: by the end of it, so no time is said."""
SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


class Value(NamedTuple):
    """The outcome of reading an answer: `text` in canonical form, or a `complaint` that says what fits."""

    text: str = ""
    complaint: str = ""


def money_places(currency: str) -> int:
    """Decimals of a currency (ISO 4217): 2 for most."""
    return _PLACES.get(currency, 2)


def read_money(text: str, currency: str = "USD") -> Value:
    """An exact amount: `8.9` → `8.90`; a currency sign and thousands commas may stand with it."""
    typed = fold_digits(clean(text))
    found = _MONEY.match(typed)
    places = money_places(currency)
    if not found:
        return Value(complaint=f"“{typed}” isn't an amount. Write it like 8.90, with a point.")
    marks = {found.group(1).strip(), found.group(4).strip()} - {""}
    if marks - {currency, currency.lower(), _SIGNS.get(currency, currency)}:
        return Value(complaint=f"“{typed}” isn't an amount in {currency}. Write only the number, like 8.90.")
    whole, _, cents = found.group(2).replace(",", "").partition(".")
    if len(cents) > places:
        return Value(complaint=f"“{typed}” has more than {places} decimals.")
    whole = whole.lstrip("0") or "0"
    return Value(f"{whole}.{cents:0<{places}}" if places else whole)


def read_span(text: str) -> int:
    """Seconds in a length of time such as `10s`, `2m`, `24h`, `2d`; 0 where it is none."""
    found = _PLUS.match(fold_digits(text).strip().lower())
    return int(found.group(1)) * SECONDS[found.group(2)] if found else 0


def read_time(text: str) -> Value:
    """A time of day as HH:MM; `9`, `9:30`, `9.30` and `5pm` are understood."""
    typed = fold_digits(clean(text)).lower()
    found = _TIME.match(typed)
    hour, minute = (int(found.group(1)), int(found.group(2) or 0)) if found else (99, 0)
    half = found.group(3) if found else None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else 99
    if hour > 23 or minute > 59:
        return Value(complaint=f"“{clean(text)}” isn't a time. Write it like 17:00.")
    return Value(f"{hour:02}:{minute:02}")


def read_date(text: str, at: datetime | None = None) -> Value:
    """A day as ISO text; `today`, `tomorrow` and a weekday's name are understood where the day is known."""
    from datetime import date, timedelta

    typed = fold_digits(clean(text)).lower()
    if at is not None:
        ahead = {"today": 0, "tomorrow": 1}.get(typed)
        day = next((n for n, name in enumerate(DAYS) if len(typed) > 2 and name.startswith(typed)), None)
        if ahead is None and day is not None:
            ahead = (day - at.weekday() - 1) % 7 + 1
        if ahead is not None:
            return Value((at.date() + timedelta(days=ahead)).isoformat())
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", typed):
            raise ValueError(typed)
        return Value(date.fromisoformat(typed).isoformat())
    except ValueError:
        return Value(complaint=f"“{clean(text)}” isn't a date. Write it like 2026-11-25.")


def read_moment(text: str, at: datetime | None) -> Value:
    """A point in time as ISO 8601 with offset: `17:00`, `fri 9:00`, `tomorrow at 11`, `+2h`, or ISO.

    A time that has passed today means tomorrow (`format.md`, Facts). Nobody rings back in the small hours: from 1 to 6,
    an hour alone is one of the afternoon.
    """
    from datetime import datetime, timedelta

    typed = fold_digits(clean(text)).strip()
    wrong = Value(complaint=f"“{clean(text)}” isn't a moment. Write it like 17:00, fri 9:00, +2h or 2026-11-25T09:00.")
    if at is None:
        return Value(typed) if typed else wrong
    typed = re.sub(r"\b(?:noon|midday)\b", "12:00", typed, flags=re.IGNORECASE)
    typed = re.sub(r"(?i)(?:^|(?<= ))at (?=\d)", "", typed)
    typed = re.sub(r"(?<![\d:.-])([1-6])$", r"\1pm", typed)
    typed = re.sub(r"(?i)^in (\d{1,5}) ?([smhd])[a-z]*$", lambda m: f"+{m[1]}{m[2].lower()}", typed)
    if typed.startswith("+"):
        seconds = read_span(typed)
        return Value(_iso(at + timedelta(seconds=seconds))) if seconds else wrong
    if re.match(r"\d{4}-\d{2}-\d{2}[T ]\d", typed):
        try:
            given = datetime.fromisoformat(typed.replace(" ", "T", 1))
        except ValueError:
            return wrong
        return Value(_iso(given if given.tzinfo else given.replace(tzinfo=at.tzinfo)))
    day, _, clock = typed.rpartition(" ")
    if day and (time := read_time(f"{day.rpartition(' ')[2]} {clock}")).text and clock.lower() in {"am", "pm"}:
        day, clock = day.rpartition(" ")[0], time.text
    time = read_time(clock)
    on = read_date(day, at) if day else Value(at.date().isoformat())
    whole = bool(not day and not time.text and (on := read_date(typed, at)).text)
    if whole:
        time = Value(DAYS_END)
    if not on.text or not time.text:
        return wrong
    found = datetime.fromisoformat(f"{on.text}T{time.text}")
    if not day and not whole and _placed(found, at) <= at:
        found += timedelta(days=1)
    elif day and _placed(found - timedelta(days=7), at) > at:
        # Today's own name with a time that is still to come is today.
        found -= timedelta(days=7)
    return Value(_iso(_placed(found, at)))


def _placed(local: datetime, at: datetime) -> datetime:
    """A local time in the zone of `at`, with the offset of its own day."""
    from datetime import timezone

    if isinstance(at.tzinfo, timezone) and at.utcoffset() == at.astimezone().utcoffset():
        return local.astimezone()
    return local.replace(tzinfo=at.tzinfo)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def read_option(text: str, options: Sequence[tuple[str, str]]) -> Value:
    """The id of the option meant: by id, by number, or by the first letters of one label alone."""
    typed = fold_digits(clean(text)).lower()
    ids = [o[0] for o in options]
    if typed in ids:
        return Value(typed)
    if typed.isdecimal() and 1 <= int(typed) <= len(ids):
        return Value(ids[int(typed) - 1])
    begun = [o for o, label in options if typed and (label.lower().startswith(typed) or o.startswith(typed))]
    if len(begun) == 1:
        return Value(begun[0])
    listed = ", ".join(f"{n} {o}" for n, o in enumerate(ids, 1))
    return Value(complaint=f"“{clean(text)}” isn't one of: {listed}. {nearest(typed, ids)}".strip())


def read_value(
    kind: str, text: str, *, options: Sequence[tuple[str, str]] = (), currency: str = "USD", at: datetime | None = None
) -> Value:
    """An answer to a fact of this kind. `at` is the moment it was typed, in the team's time zone."""
    typed = clean(text)
    if not typed:
        return Value(complaint="There is nothing to save.")
    if kind == "one-of":
        return read_option(typed, options)
    if kind == "money":
        return read_money(typed, currency)
    if kind == "number":
        digits = fold_digits(typed)
        return Value(digits) if _NUMBER.match(digits) else Value(complaint=f"“{typed}” isn't a number.")
    if kind == "yes-no":
        word = {"y": "yes", "n": "no", "true": "yes", "false": "no", "1": "yes", "2": "no"}.get(
            fold_digits(typed).lower(), typed.lower()
        )
        return Value(word) if word in {"yes", "no"} else Value(complaint=f"“{typed}” isn't yes or no.")
    readers = {
        "date": lambda: read_date(typed, at),
        "time": lambda: read_time(typed),
        "moment": lambda: read_moment(typed, at),
    }
    return readers[kind]() if kind in readers else Value(typed)


def shown(kind: str, value: str, today: str = "") -> str:
    """A value as it is said aloud: a moment of today is its time, of another day day and time, a whole day its name."""
    if kind != "moment" or "T" not in value:
        return value
    day, _, clock = value.partition("T")
    if day == today or not today:
        return clock[:5]
    from datetime import date

    ahead = (date.fromisoformat(day) - date.fromisoformat(today)).days
    name = "tomorrow" if ahead == 1 else f"{date.fromisoformat(day):%A}" if 1 < ahead < 7 else dated_moment(day)
    return name if clock[:5] == DAYS_END else f"{name} {clock[:5]}"


def dated_moment(value: str) -> str:
    """A moment for a text that is read on another day: `Thursday 26 November, 17:00`."""
    from datetime import date

    day, _, clock = value.partition("T")
    try:
        on = date.fromisoformat(day)
    except ValueError:
        return value
    return f"{on:%A} {on.day} {on:%B}" + (f", {clock[:5]}" if clock and clock[:5] != DAYS_END else "")


def spoken_span(text: str) -> str:
    """A length of time as it is said: `60s` is 60 seconds, `2d` is 2 days."""
    number = "".join(c for c in text if c.isdecimal())
    unit = {"s": "second", "m": "minute", "h": "hour", "d": "day"}.get(text[-1:], "")
    return f"{number} {unit}{'' if number == '1' else 's'}" if number and unit else text
