"""What only one of PyYAML's two parsers refuses or reads, found in the text itself, so that we refuse it with both."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Trouble = tuple[str, str, int, int, str]
"""Rule, message, line and column (from 1), tip."""
Spans = list[tuple[int, int]]

_UNLIKE = (
    ("%", re.compile(r"^%", re.MULTILINE), "special-start", "A line can't start with %.", "Take the line out."),
    (
        "#",
        re.compile(r"[:-][ ]+[|>][+-]?[0-9]?[+-]?(?=#)"),
        "hash-after-bar",
        "A # stands right after | or >.",
        "Put a space before it.",
    ),
    (
        (":,", ":}", ":]"),
        re.compile(r"[{\[,]\s*[\w-]+:(?=[,}\]])"),
        "colon-in-text",
        "A key in braces has no value after its colon.",
        "Write the value.",
    ),
)
"""What one of PyYAML's two parsers reads and the other refuses; we refuse it with both."""


def find_unlike(text: str, quoted: Spans, flows: Spans, taken: set[int]) -> Iterator[Trouble]:
    """What stands outside quotes and on no line that is `taken`: the first place of each kind."""
    spans: tuple[Spans, Spans] | None = None
    for signs, pattern, rule, message, tip in _UNLIKE:
        # Most files have none of the signs, and a search for them costs less than one for the pattern.
        if not any(x in text for x in signs):
            continue
        spans = spans or (_merged(quoted), _merged(flows))
        for found in pattern.finditer(text):
            at = found.start()
            if _inside(spans[0], at) or (rule == "colon-in-text" and not _inside(spans[1], at)):
                continue
            line = text.count("\n", 0, at) + 1
            if line not in taken:
                taken.add(line)
                yield rule, message, line, at - text.rfind("\n", 0, at), tip
            break


def find_tab(text: str, quoted: Spans) -> Trouble | None:
    """A tab outside quotes: one parser takes it, the other doesn't, and nobody sees it."""
    at, n = -1, 0
    while (at := text.find("\t", at + 1)) >= 0:
        while n < len(quoted) and quoted[n][1] <= at:
            n += 1
        if n == len(quoted) or at < quoted[n][0]:
            line = text.count("\n", 0, at) + 1
            return "tab", "A tab outside quotes.", line, at - text.rfind("\n", 0, at), "Use spaces instead."
    return None


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same places as spans that don't overlap, in their order."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _inside(spans: list[tuple[int, int]], at: int) -> bool:
    n = bisect_right(spans, (at, 1 << 60)) - 1
    return n >= 0 and spans[n][0] <= at < spans[n][1]
