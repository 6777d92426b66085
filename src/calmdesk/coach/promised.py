"""What a customer remembers being promised: who says when they will do something is held to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from calmdesk.coach.features import read_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HOUR = (
    r"(?:\d{1,2}(?:[:.]\d\d)?(?: ?[ap]m)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midnight)"
    r"(?: o'clock)?"
)
_DAY = r"(?:today|tonight|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?: (?:morning|noon|afternoon|evening))?"
_TIME = rf"(?:{_DAY}(?:,? (?:at|by|before) {_HOUR})?|(?:at|by|before|until|till) {_HOUR}(?:,? (?:on )?{_DAY})?)"
_PROMISE = re.compile(
    rf"\b(?:I|we)(?:'ll| will|'m going to|'re going to) (?!not\b|never\b)(?:(?:also|personally|just|gladly|then) )*(?P<deed>[a-z]+)\b[^.!?;]{{0,120}}?\b(?:by |on )?(?P<time>{_TIME})\b",
    re.IGNORECASE,
)
_ABOUT_THINGS = re.compile(
    r"\b(?:you|it|they|he|she|that|(?:the|your) [a-z]+)(?:'ll| will|'s going to| is going to| are going to) "
    rf"(?!not\b|never\b|hear\b|get (?:a|an|my) (?:text|call|mail|message)\b)[^.!?;]{{0,120}}?\b(?P<time>{_TIME})\b",
    re.IGNORECASE,
)
"""What will be, said for sure; what somebody says that they will do themselves is theirs to keep."""
_CLOCK = re.compile(
    r"\b(?P<day>(?:mon|tues|wednes|thurs|fri|satur|sun)day|noon|midnight)s?\b"
    r"|\b(?P<hour>\d{1,2})(?:[:.]\d\d| ?[ap]m|\b)|\b(?P<word>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b",
    re.IGNORECASE,
)
_HOURS = ["twelve", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]
_SMALL = re.compile(r"^(?:at|by|before|until|till|on) ", re.IGNORECASE)
_SAME = {"ring": "call", "phone": "call", "write": "mail", "email": "mail", "message": "text"}


def find_promised(reply: str) -> dict[str, str]:
    """What is promised in a reply, deed → when, as it was said: I'll text you by five → {text: by five}."""
    return dict(_promises(reply))


def _promises(reply: str) -> Iterator[tuple[str, str]]:
    for found in _PROMISE.finditer(reply.replace("’", "'")):
        deed = found["deed"].lower()
        yield _SAME.get(deed, deed), found["time"]


def find_changed(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, str] | None:
    """The first deed that has another time now than it had before: (as it was, as it is)."""
    for deed, when in now.items():
        if deed in before and _bare(before[deed]) != _bare(when):
            return before[deed], when
    return None


def find_unsure(reply: str, known: str) -> list[str]:
    """The sentences of a reply that promise a thing for a day or an hour of which nothing that is known speaks."""
    there, found = _read_times(known), []
    for part in read_parts(reply):
        said = reply[part.start : part.end]
        times = [_read_times(x["time"]) for x in _ABOUT_THINGS.finditer(said.replace("’", "'"))]
        if any(time and not time & there for time in times):
            found.append(said)
    return found


def _read_times(text: str) -> set[str | int]:
    """The weekdays and the hours of a text; five and 17:00 are one."""
    return {
        x["day"].lower() if x["day"] else int(x["hour"]) % 12 if x["hour"] else _HOURS.index(x["word"].lower())
        for x in _CLOCK.finditer(text)
    }


def _bare(when: str) -> str:
    return " ".join(_SMALL.sub("", when).lower().split())
