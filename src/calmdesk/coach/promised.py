"""What a customer remembers being promised: who says when they will do something is held to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

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


def _bare(when: str) -> str:
    return " ".join(_SMALL.sub("", when).lower().split())
