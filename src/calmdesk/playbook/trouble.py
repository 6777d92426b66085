"""A syntax error in plain words: what a colleague would say who looks at the line."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.playbook.findings import Finding
from calmdesk.playbook.raw import odd_space
from calmdesk.playbook.unlike import straight
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calmdesk.playbook.node import Node

QUOTES = "Put the whole text in quotes."

_OPENERS = {
    "%": "A text can't start with %.",
    "@": "A text can't start with @.",
    "`": "A text can't start with a backtick.",
}


def explain(here: str, column: int, since: str, problem: str) -> tuple[str, str, str]:
    """A syntax error in plain words, by looking at the line as a colleague would."""
    at = here[column - 1 : column]
    if at in _OPENERS:
        return "special-start", _OPENERS[at], QUOTES
    if found := re.match(r"[\s-]*(?:[\w-]+:\s+)?([*&!])", here):
        return "special-start", f"A text can't start with {found.group(1)}.", QUOTES
    if re.search(r"\s#", since or here) and ("{" in since + here or "[" in since + here):
        return "hash-in-braces", "A # inside { } or [ ] makes the rest of the line a comment.", QUOTES
    if "?" in here and ("{" in here or "[" in here):
        return "question-mark", "A question mark inside { } or [ ] can't stand without quotes.", QUOTES
    if "mapping values" in problem or re.search(r":\s.*:\s", here):
        return "colon-in-text", "A colon and a space inside a text start a new key.", _colon_tip(here, column)
    if re.search(r":\s*[{\[].*[}\]]\s*\S", here):
        return "text-in-braces", "A text that starts with { or [ is read as a group.", QUOTES
    if here.lstrip().startswith(('"', "'")):
        tip = "If it is one more of a list, put “- ” before it; else close the quotation mark of the line above."
        return "open-quote", "A quotation mark is open here, or text follows after it was closed.", tip
    if '"' in here or "'" in here:
        return (
            "open-quote",
            "A quotation mark is open here, or text follows after it was closed.",
            ("Close the quotation mark at the end of the text, and let nothing follow it."),
        )
    return (
        "not-yaml",
        "This line doesn't fit what stands above it.",
        "Start it with a key and a colon; or, if it goes on from the line above, move it to the right of that line's key.",
    )


def _colon_tip(here: str, column: int) -> str:
    """What may be meant where a colon is one too many: a sign that is missing, or a text that needs quotes."""
    # Where a group stands, its braces may be missing rather than the quotes.
    if found := re.match(r"\s*(?:- )?(when|card|promise|offer|expect|not):\s+([\w-]+:\s.*\S)\s*$", here):
        return f"Write {found.group(1)}: {{{found.group(2)}}}"
    if (found := re.search(r"[\s,{]([a-z][a-z-]*) +(?=[{\[])", here)) and found.group(1) in _known_keys():
        return f"Put a colon behind “{found.group(1)}”."
    if re.search(r"[:\[{,]\s*'[^']*'\w", here):
        return "The apostrophe ends the quotation: put the whole text in straight double quotes."
    before = here[: column - 1]
    if (
        "{" in before
        and (found := re.search(r"[^\s,{\[:] +([a-z][a-z-]*)$", before))
        and found.group(1) in _known_keys()
    ):
        return f"If “{found.group(1)}” begins something new, put a comma before it; else put the whole text in quotes."
    return QUOTES


# --- slips that are told by trying what mends them

_KEY = re.compile(r"(\s*(?:- +)*)([a-z][a-z0-9-]*)(?=\s|$)")
_TIGHT = re.compile(r"(\s*(?:- +)*)([a-z][a-z0-9-]*:)(?=[^\s:/])")
_TIGHT_ITEM = re.compile(r"(\s*)-(?=[^\s-])")
_DASHES = re.compile(r" *(?:- +)*")
_HASH = re.compile(r"\s+#(?=[^\s#])")
_BLANK = re.compile(r"\s*(?:#.*)?$")
_FARTHEST = 3
"""A line that is so many columns off was set wrong by a slip; more is another mistake."""
_BEHIND = 60
"""So many lines behind the trouble are read to see whether a mend holds."""


class _Mend(NamedTuple):
    """What may be meant: the finding, and the text's lines from `at` on as they would stand."""

    finding: Finding
    at: int
    lines: list[str]


def find_slip(
    lines: list[str], wheres: tuple[int, int], find_failure: Callable[[str], int | None], path: str, largest: int
) -> Finding | None:
    """The one small slip that explains why reading stopped: with it mended, reading gets farther.

    Args:
        lines: the file's lines.
        wheres: the lines, from 0, where reading stopped and from where it had begun to wonder.
        find_failure: a text → the line where it can't be read on, or None.
        path: how the finding names the file.
        largest: so many characters are read again at most.

    """
    failed = min(wheres[0], len(lines) - 1)
    asked = sorted({n for n in (failed, wheres[1], _above(lines, failed)) if 0 <= n < len(lines)}, reverse=True)
    first = min(asked)
    end = min(len(lines), failed + _BEHIND)
    start = 0
    if sum(map(len, lines[:end])) > largest:
        start = max((n for n in range(first) if re.match(r"[a-z][a-z-]*:", lines[n])), default=0)
        if sum(map(len, lines[start:end])) > largest:
            return None
    base = find_failure("\n".join(lines[start:end]))
    if base is None:
        return None
    best, reach = None, base
    for mend in _mends(lines, asked, path):
        text = [*lines[start : mend.at], *mend.lines, *lines[mend.at + len(mend.lines) : end]]
        failure = find_failure("\n".join(text))
        if failure is None:
            return mend.finding
        if failure > max(reach, failed - start):
            best, reach = mend.finding, failure
    return best


def _above(lines: list[str], at: int) -> int:
    """The line above that isn't blank or a comment; -1 where there is none."""
    return next((n for n in range(at - 1, max(-1, at - 200), -1) if not _BLANK.match(lines[n])), -1)


def _below(lines: list[str], at: int) -> int:
    return next((n for n in range(at + 1, min(len(lines), at + 200)) if not _BLANK.match(lines[n])), len(lines))


def _mends(lines: list[str], asked: list[int], path: str) -> Iterator[_Mend]:
    for at in asked:
        yield from _with_space(lines[at], at, path)
    for at in asked:
        yield from _with_colon(lines, at, path)
    moves = [move for at in asked for move in _targets(lines, at)]
    for _, _, at, target, sibling in sorted(moves, key=lambda m: m[:2]):
        yield from _moved(lines, at, target, sibling, path)


def _with_space(line: str, at: int, path: str) -> Iterator[_Mend]:
    if found := _TIGHT.match(line):
        end = found.end()
        yield _Mend(_tight(line[found.start(2) :], path, at + 1, end + 1), at, [f"{line[:end]} {line[end:]}"])
    elif found := _TIGHT_ITEM.match(line):
        end = found.end()
        tip = f"Write a space after the hyphen: “{_short('- ' + line[end:])}”."
        message = "A space is missing after the hyphen."
        yield _Mend(
            Finding("missing-space", "error", message, path, at + 1, end + 1, tip), at, [f"{line[:end]} {line[end:]}"]
        )


def _tight(text: str, path: str, line: int, column: int) -> Finding:
    """A key whose value follows its colon without a space."""
    key, _, value = text.partition(":")
    tip = f"Write a space after the colon: “{_short(f'{key}: {value}')}”."
    return Finding("missing-space", "error", "A space is missing after the colon.", path, line, column, tip)


def _with_colon(lines: list[str], at: int, path: str) -> Iterator[_Mend]:
    line = lines[at]
    if not (found := _KEY.match(line)):
        return
    column, end, word = found.start(2), found.end(), found.group(2)
    bare = bool(_BLANK.match(line, end))
    below = _below(lines, at)
    opens = bare and below < len(lines) and _column(lines[below]) >= column
    if opens or word in _known_keys():
        yield _Mend(_no_colon(word, path, at + 1, column + 1), at, [f"{line[:end]}:{line[end:]}"])


def _no_colon(word: str, path: str, line: int, column: int) -> Finding:
    return Finding("missing-colon", "error", f"“{word}” has no colon.", path, line, column, f"Write “{word}:”.")


@cache
def _known_keys() -> set[str]:
    """Every key that a playbook or a policy may have, at any level."""
    from calmdesk.playbook.keys import PLAYBOOK, POLICY

    found: set[str] = set()
    todo: list[object] = [PLAYBOOK, POLICY]
    seen: set[int] = set()
    while todo:
        shape = todo.pop()
        if id(shape) in seen:
            continue
        seen.add(id(shape))
        keys = getattr(shape, "keys", None)
        if isinstance(keys, dict):
            found |= set(keys)
            todo += [inner for inner, _ in keys.values()]
        todo += [v for v in vars(shape).values() if hasattr(v, "schema")]
        todo += [v for v in vars(type(shape)).values() if hasattr(v, "keys") and hasattr(v, "schema")]
    return found


def _column(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _targets(lines: list[str], at: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Where a line may be meant to start: how far off, how likely, the line, the column, the line that starts there."""
    own, item = _column(lines[at]), lines[at].lstrip(" ").startswith("- ")
    told: set[int] = set()
    near, lowest = at, 1 << 30
    rank = 0
    below = _below(lines, at)
    while lowest > 0 and (near := _above(lines, near)) >= 0:
        indent = _column(lines[near])
        if indent < lowest:
            found = _DASHES.match(lines[near])
            inner = found.end() if found else indent
            for column in {indent} if item else {indent, inner}:
                if column not in told and 0 < abs(column - own) <= _FARTHEST:
                    told.add(column)
                    yield abs(column - own), rank, at, column, near
                    rank += 1
            lowest = indent
    if below < len(lines) and (column := _column(lines[below])) not in told and 0 < abs(column - own) <= _FARTHEST:
        yield abs(column - own), 9, at, column, below


def _moved(lines: list[str], at: int, target: int, sibling: int, path: str) -> Iterator[_Mend]:
    line, own = lines[at], _column(lines[at])
    below = _below(lines, at)
    held = below < len(lines) and _column(lines[below]) > own
    if line.rstrip().endswith(":") and held and _column(lines[below]) <= target:
        return
    by = target - own
    last = below
    while last < len(lines) and (_BLANK.match(lines[last]) or _column(lines[last]) > own):
        last += 1
    new = " " * target + line.lstrip(" ")
    yield _Mend(_indented(lines, at, target, sibling, path), at, [new])
    if held:
        block = [" " * by + x if by > 0 else x[min(-by, _column(x)) :] for x in lines[at + 1 : last]]
        yield _Mend(_indented(lines, at, target, sibling, path, held=True), at, [new, *block])


def _indented(lines: list[str], at: int, target: int, sibling: int, path: str, *, held: bool = False) -> Finding:
    own = _column(lines[at])
    if sibling == _above(lines, at):
        other = "the one above it"
    elif lines[at].lstrip(" ").startswith("- ") and sibling < at:
        other = f"its list on line {sibling + 1}"
    else:
        other = "the one below it" if sibling > at else f"line {sibling + 1}"
    message = (
        f"This line starts in column {own + 1}, and {other} in column {target + 1}. "
        "Lines that belong together start in the same column."
    )
    by, way = abs(target - own), "right" if target > own else "left"
    far = "one space" if by == 1 else f"{by} spaces"
    tip = f"Move it {far} to the {way}." if not held else f"Move it, and what belongs to it, {far} to the {way}."
    if way == "left" and (key := _unmarked_text(lines, sibling, at)):
        tip = f"If these lines are one text, write a | behind “{key}:”. Else: {tip[0].lower()}{tip[1:]}"
    return Finding("indentation", "error", message, path, at + 1, own + 1, tip)


def _unmarked_text(lines: list[str], sibling: int, at: int) -> str:
    """The key of a text over several lines whose | is missing; nothing where it isn't that."""
    found = re.match(r"\s*([\w-]+):\s*$", lines[sibling])
    between = [line for line in lines[sibling + 1 : at] if line.strip()]
    is_text = bool(between) and not any(re.match(r"\s*(?:- |[\w-]+:(?:\s|$))", line) for line in between)
    return found.group(1) if found and is_text else ""


def find_joined(lines: list[str], first: int, last: int, path: str) -> Iterator[Finding]:
    """Items of a list that were read as part of the text above them: the first of them is told."""
    for at in range(first + 1, last + 1):
        if not (found := re.match(r"\s*- +(?=\S)", lines[at])):
            continue
        tip = "Give the text above a line of its own, after a hyphen too."
        if lines[first].lstrip(" ").startswith("- "):
            tip = f"Start it in column {_column(lines[first]) + 1}, like line {first + 1}."
        message = "This “- ” was read as part of the text above."
        column = found.group().index("-") + 1
        yield Finding("joined-item", "warning", message, path, at + 1, column, tip)
        return


# --- slips inside braces, and what stays open


def find_lone(lines: list[str], key: Node, top: Node, path: str) -> Finding:
    """A key in braces without a colon: one letter is missing, a comma ended a text, or a text starts with a brace."""
    text, line, column = key.text, key.line, key.column
    here = lines[line - 1] if line <= len(lines) else ""
    if found := re.match(r"[a-z][a-z0-9-]*:(?=[\u00a0\u202f\u3000])", text):
        return odd_space(path, line, column + found.end())
    if (found := _TIGHT.match(text)) and here.startswith(text, column - 1):
        return _tight(text, path, line, column + found.end())
    first = not top.names and top.line == line and "," not in here[top.column : column - 1]
    if first and (found := _KEY.match(text)) and found.end() < len(text) and found.group(2) in _known_keys():
        return _no_colon(found.group(2), path, line, column)
    if first:
        message = "A text that starts with { is read as a group."
        tip = _braced(lines[top.line - 1], top.column - 1)
        return Finding("text-in-braces", "error", message, path, top.line, top.column, tip)
    if text in _known_keys():
        return _no_colon(text, path, line, column)
    message = f"“{text}” stands alone: the comma before it ended a text."
    sum_ = re.search(r"(\d+),(?=\d)", here[max(0, column - 12) : column])
    tip = f"Write a sum with a point: {sum_.group(1)}.{text}" if sum_ and text.isdigit() else QUOTES
    return Finding("comma-ends-text", "error", message, path, line, column, tip)


def _braced(line: str, column: int) -> str:
    """How a text that starts with a brace (in a column from 0) is written."""
    whole = re.sub(r"\s#.*", "", line[column : column + 300]).strip()
    if found := re.match(r"\{\s*([a-z][\w-]*)\s*(?:==?|is)\s*([\w-]+)\s*\}", whole):
        return f"Write it with a colon: {{{found.group(1)}: {found.group(2)}}}"
    if any(x in line[:column] for x in "[{") and (piece := re.match(r"[^}]*\}[^,{}\[\]]*", whole)):
        whole = piece.group().strip()
    return f"Write {straight(whole)} in quotes." if whole.count("{") == whole.count("}") else QUOTES


def find_cut(lines: list[str], line: int, column: int, path: str) -> Iterator[Finding]:
    """A comment right behind a text (line and column from 0), which may have belonged to it."""
    if found := _HASH.match(lines[line], column):
        message = "The text ends before the #: what follows is a comment."
        tip = f"If it belongs to the text: {QUOTES.lower()}"
        yield Finding("cut-by-hash", "warning", message, path, line + 1, found.end(), tip)


def find_open_quote(text: str, quoted: list[tuple[int, int]], at: int, path: str) -> Finding | None:
    """A quoted text over several lines, right before the trouble: it was closed by the next one's opening."""
    begun, end = quoted[-1] if quoted else (0, 0)
    if "\n" not in text[begun:end] or end > at or text[end:at].strip():
        return None
    line, column = text.count("\n", 0, begun) + 1, begun - text.rfind("\n", 0, begun)
    message = "The quotation mark that opens here isn't closed."
    return Finding("open-quote", "error", message, path, line, column, "Close it at the end of the text.")


def find_open_bracket(lines: list[str], line: int, column: int, path: str) -> Finding | None:
    """A bracket that isn't closed where the parser began to wonder (line and column from 0)."""
    at = lines[line][column : column + 1] if line < len(lines) else ""
    if at not in {"{", "["}:
        return None
    close = "}" if at == "{" else "]"
    rest = "\n".join(lines[line:]).split("\n\n", 1)[0]
    if rest.count(at) <= rest.count(close):
        return None
    message = f"The {at} that opens here isn't closed."
    tip = f"Close it with {close}, or put the text in quotes."
    return Finding("open-bracket", "error", message, path, line + 1, column + 1, tip)


def _short(text: str) -> str:
    """The beginning of a text, for a tip."""
    text = clean(text).strip()
    return text if len(text) <= 50 else text[:48].rstrip() + " …"
