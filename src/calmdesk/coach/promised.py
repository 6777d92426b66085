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
_NOT_WHEN = r"\b(?:since|because|from|until|last|was|were|had|you (?:needed|waited))\b"
"""Behind these a time tells what was, not by when."""
_PROMISE = re.compile(
    rf"\b(?:I|we)(?:'ll| will|'m going to|'re going to) (?!not\b|never\b)(?:(?:also|personally|just|gladly|then) )*(?P<deed>[a-z]+)\b(?:(?!{_NOT_WHEN})[^.!?;]){{0,120}}?\b(?:by |on )?(?P<time>{_TIME})\b",
    re.IGNORECASE,
)
_ABOUT_THINGS = re.compile(
    r"\b(?:you|it|they|he|she|that|(?:the|your) [a-z]+)(?:'ll| will|'s going to| is going to| are going to) "
    rf"(?!not\b|never\b|hear\b|get (?:a|an|my) (?:text|call|mail|message)\b)[^.!?;]{{0,120}}?(?P<time>\b{_TIME}\b|(?=[.!?;]|$))",
    re.IGNORECASE,
)
"""What will be, said for sure; what somebody says that they will do themselves is theirs to keep."""
_DAYS = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE)
_COMING = re.compile(r"['’]ll\b|\b(?:will|going to|gets?|arrives?|comes?)\b(?! not| never)", re.IGNORECASE)
_SURELY = re.compile(
    r"\b(?<!can't )(?<!not )(?:definitely|guarantee\w*|for sure|certainly|100 ?(?:%|percent))", re.IGNORECASE
)
_SMALL = re.compile(r"^(?:at|by|before|until|till|on) ", re.IGNORECASE)
_CONTACT = {"call", "mail", "text"}
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
        # Two parcels may well be sent on two days; a call is a call.
        if deed in _CONTACT and deed in before and _bare(before[deed]) != _bare(when):
            return before[deed], when
    return None


def find_unsure(reply: str, known: str) -> list[str]:
    """The sentences of a reply that promise a thing for a day of which nothing that is known speaks, or for sure."""
    there, found = _read_days(known), []
    for part in read_parts(reply):
        said = reply[part.start : part.end]
        about = [x["time"] for x in _ABOUT_THINGS.finditer(said.replace("’", "'"))]
        sure = _SURELY.search(said) and _COMING.search(said) and not said.rstrip().endswith("?")
        if sure or any(_read_days(time) and not _read_days(time) & there for time in about):
            found.append(said)
    return found


def _read_days(text: str) -> set[str]:
    return {day.lower() for day in _DAYS.findall(text)}


def _bare(when: str) -> str:
    return " ".join(_SMALL.sub("", when).lower().split())
