"""What a customer hears in a reply: the coach's review, held against what this scenario knows of the case.

The coach reads one reply and no more; here it is known what may be given, what was only told, and that a sentence
which hurts is heard for the hurt alone. It takes labels away and never adds one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from calmdesk.coach.features import content_words, read_parts
from calmdesk.coach.scenario_keys import PRINCIPLES, VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calmdesk.coach.features import Part
    from calmdesk.coach.review import Remark, Review
    from calmdesk.coach.scenario import Scenario

    Read = Callable[[str, str, str], Review]
    """A reply, what the customer said before it, and the case → its review."""

_DEEDS = frozenset({"REMEDY", "NEXT_STEP"})
"""What is about what somebody does from here on."""
_AHEAD = re.compile(
    r"(?:['’]ll|\bwill|['’]m|\bam|\b(?:I|we|they)['’](?:ve|re)|\bcan|\bcould|\bwould|['’]d|\bshall|\bmay|\bhave|\bhas"
    r"|\bis|\bare|\blet|\bhere['’]s|\b(?:goes|comes?|gets?|stays?|takes?|brings?)|\bto)\b",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"\b(?:was|were|did(?:n['’]t)?|had|\w+ed|took|came|went|left|sent|said|told|rang|gave|got|lost|made|kept|sat|broke)\b",
    re.IGNORECASE,
)
_SURE = re.compile(
    r"\b(?:definite\w*|guarantee\w*|promise|for sure|certain\w*|never again|always|100)\b", re.IGNORECASE
)

_DENIES = re.compile(
    r"\b(?:we|I) (?:didn['’]t|did not|haven['’]t|have not|never)(?: \w+)? "
    r"(?:took|take|taken|charged?|los[et]|lost|broken?|broke|cancel\w*|deleted?|damaged?|caused?|do|done)\b",
    re.IGNORECASE,
)
"""Words that deny having done harm; who says what wasn't done for somebody uses others."""


def hear(scenario: Scenario, read: Read, reply: str, customer: str) -> Review:
    """What a customer hears in a reply. Never raises.

    Args:
        scenario: who they are, and what may be given.
        read: the coach.
        reply: what is said to them.
        customer: what they had said before it.

    """
    review = read(reply, customer, scenario.case)
    parts = read_parts(reply)
    harms = [
        r
        for r in review.remarks
        if r.label in VIOLATIONS
        and not _may_be_given(scenario, reply, parts, r)
        and not _is_history(scenario, reply, parts, r)
    ]
    hurt = {_find_part(parts, r) for r in harms}
    told = {p for r in review.remarks if r.label in {"OWN", "REFLECT"} and (p := _find_part(parts, r)) not in hurt}
    good = [
        r
        for r in review.remarks
        if r.label in PRINCIPLES
        and (part := _find_part(parts, r)) not in hurt
        and not (r.label in _DEEDS and not r.rule and _only_tells(reply, part, told))
        and not (r.label == "OWN" and not r.rule and _DENIES.search(find_sentence(reply, r)))
    ]
    kept = {r.label for r in (*harms, *good)}
    remarks = tuple(r for r in review.remarks if r in harms or r in good)
    return review._replace(labels=tuple(x for x in review.labels if x in kept), remarks=remarks)


def find_sentence(reply: str, remark: Remark) -> str:
    """The whole sentence that a remark is about."""
    part = _find_part(read_parts(reply), remark)
    return reply[part.start : part.end] if part else remark.text


def _find_part(parts: Sequence[Part], remark: Remark) -> Part | None:
    return next((p for p in parts if p.start <= remark.start < p.end), None)


def _only_tells(reply: str, part: Part | None, told: set[Part | None]) -> bool:
    """Whether what seems to be done stands in a sentence that tells what was: nothing in it is still to come."""
    if part is None:
        return False
    said = reply[part.start : part.end]
    return (part in told or len(said) > _LONG) and bool(_BEHIND.search(said)) and not _AHEAD.search(said)


_LONG = 60
"""A longer sentence of nothing but what has been tells a story; a short one may say what was just done for them."""


def _may_be_given(scenario: Scenario, reply: str, parts: Sequence[Part], remark: Remark) -> bool:
    """Whether what sounds like too much is just what the hire may promise here."""
    part = _find_part(parts, remark)
    if remark.label != "OVERPROMISE" or remark.rule or part is None:
        return False
    said = reply[part.start : part.end]
    words = content_words(said)
    theirs = any(len(words & content_words(x)) > 1 for x in scenario.others_decide)
    return not theirs and not _SURE.search(said) and any(len(words & content_words(x)) > 1 for x in scenario.you_may)


def _is_history(scenario: Scenario, reply: str, parts: Sequence[Part], remark: Remark) -> bool:
    """Whether what sounds like a closed door is part of what happened to them, told in words of the case."""
    part = _find_part(parts, remark)
    if remark.label != "STONEWALL" or remark.rule or part is None:
        return False
    said = reply[part.start : part.end]
    return (
        bool(_BEHIND.search(said)) and len(content_words(said) & content_words(" ".join(scenario.you_know))) > _SHARED
    )


_SHARED = 3
"""Who shares more words than these with what is known tells it."""
