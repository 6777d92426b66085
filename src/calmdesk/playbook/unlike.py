"""What only one of PyYAML's two parsers refuses or reads, found in the text itself, so that we refuse it with both."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.playbook.findings import Finding, is_error
from calmdesk.safetext import clean

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
        re.compile(r"[{\[,]\s*[^\s{}\[\],:\"'#][^{}\[\],:\n]*:(?=[,}\]])"),
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
    """Tabs outside quotes: one parser takes them, the other doesn't, and nobody sees them. All are told at once."""
    at, n = -1, 0
    places: list[int] = []
    while (at := text.find("\t", at + 1)) >= 0:
        while n < len(quoted) and quoted[n][1] <= at:
            n += 1
        if n == len(quoted) or at < quoted[n][0]:
            places.append(at)
            # One a line.
            if (at := text.find("\n", at)) < 0:
                break
    if not places:
        return None
    lines: list[int] = []
    line = done = 0
    for at in places:
        line, done = line + text.count("\n", done, at), at
        lines.append(line + 1)
    message = "A tab outside quotes." if len(lines) == 1 else f"Tabs outside quotes, on lines {_told(lines)}."
    return "tab", message, lines[0], places[0] - text.rfind("\n", 0, places[0]), "Use spaces instead."


def _told(lines: list[int]) -> str:
    """Lines as a person names them: 18, 19 and 40."""
    shown = [str(n) for n in lines[:8]]
    last = shown.pop() if len(lines) <= 8 else f"{len(lines) - 8} more"
    return f"{', '.join(shown)} and {last}"


class Curly(NamedTuple):
    """A text in Word's quotation marks: what stands between them, and where (the line from 1, the columns from 0)."""

    text: str
    line: int
    column: int
    end: int
    named: bool
    """It is a key."""
    breaks: bool = False
    """The file can't be read as it stands."""


CURLY = "“„‘«"
_CURLY_START = re.compile(r"(?:^\s*(?:- +)*|: +|[\[{,] *)[“„‘«]")
_PIECE = r"[“„‘«](.*?)[”“’»]"
_ENDS = {
    (False, False): re.compile(_PIECE + r"(?=\s*(?:\s#.*)?$)"),
    (False, True): re.compile(_PIECE + r"(?=\s*:(?:\s|$))"),
    (True, False): re.compile(_PIECE + r"(?=\s*(?:[,\]}]|:\s|$|\s#))"),
    (True, True): re.compile(_PIECE + r"(?=\s*(?:[,\]}]|:|$|\s#))"),
}
"""In braces or not, a key or not: where such a text may end."""
_MOST = 2_000
"""So far a line is looked through for the mark that closes."""


def find_curly(line: str, column: int, value: str, *, flow: bool, named: bool) -> Curly | None:
    """The text in Word's quotation marks that begins in a column (from 0), if it ends with such a mark too."""
    found = _ENDS[flow, named].match(line[column : column + _MOST])
    if found:
        text, end = found.group(1), column + found.end()
    elif value[-1:] in {"”", "“", "’", "»"} and 2 < len(value) < _MOST:
        text, end = value[1:-1], len(line)
    else:
        return None
    # “No”, she said, “never”: these are two quotations in one text.
    if not text.strip() or re.search(rf"[”“’»].*{line[column]}", text):
        return None
    return Curly(text, 0, column, end, named)


def mark_breaking(curly: list[Curly], here: str, line: int, column: int) -> bool:
    """Whether a text in such marks is why a line can't be read at a column (from 1); it is noted as the reason."""
    if not any(c in here for c in CURLY):
        return False
    known = {(c.line, c.column) for c in curly}
    for found in _CURLY_START.finditer(here[:_MOST]):
        at = found.end() - 1
        if (line, at) in known or here.count('"', 0, at) % 2 or at >= column:
            continue
        opened = any(x in here[:at] for x in "[{")
        if each := find_curly(here, at, here[at:].rstrip(), flow=opened, named=False):
            curly.append(each._replace(line=line))
    for n, each in enumerate(curly):
        if each.line == line and each.column < column:
            curly[n] = each._replace(breaks=True)
            return True
    return False


def tell_curly(curly: list[Curly], findings: list[Finding], path: str) -> list[Finding]:
    """The findings, those that come from Word's quotation marks told as such."""
    kept, told = findings, []
    for each in curly:
        here = [f for f in kept if f.line == each.line and each.column < f.column <= each.end]
        kept = [f for f in kept if f not in here]
        bad = each.breaks or any(is_error(f) for f in here)
        message, tip = "These are Word's quotation marks; a key needs none.", f"Write “{each.text}:”."
        if not each.named:
            message = "These are Word's quotation marks, which would be read out; a text needs straight ones."
            tip = f"Write {straight(each.text)}"
        severity = "error" if bad or each.named else "warning"
        told.append(Finding("curly-quotes", severity, message, path, each.line, each.column + 1, clean(tip)))
    return kept + told


def straight(text: str) -> str:
    """A text in straight quotation marks, as a file takes it."""
    text = " ".join(text.split())
    if len(text) > _SHOWN:
        text = text[: _SHOWN - 10].rstrip() + " …"
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


_SHOWN = 120


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
