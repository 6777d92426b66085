"""What a wording adds that nobody said: numbers, names, promises, and harm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calmdesk.coach.review import Judge

_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z][a-z]+")
_PROMISES = {"NEXT_STEP", "REMEDY", "OVERPROMISE"}


def find_added(wording: str, judge: Judge) -> list[str]:
    """What is wrong with a wording that stands for somebody's own words; nothing where it can be said as it is."""
    review = judge.review(wording)
    found = [f"number {n}" for n in re.findall(r"\d+", wording)]
    found += [f"name {n}" for n in _NAME.findall(wording) if n != "I"]
    found += [f"name {wording.split(maxsplit=1)[0]}"] if re.match(r"[A-Z][a-z]+ (will|has|can)\b", wording) else []
    found += [f"promise {label}" for label in review.labels if label in _PROMISES]
    return found + [f"harm {r.label}" for r in review.violations]
