"""Small repairs of a playbook's text: each is kept only where it mends its finding and brings no new one.

Only lines are edited, so that comments and layout stay as they are.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.safetext import HIDDEN, STRAY_JOINER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calmdesk.playbook.findings import Finding

MOST_REPAIRS = 100
"""So many repairs are tried on one file: what needs more wants a person."""
_NAMED, _MEANT = re.compile("“([^”]+)”"), re.compile("Did you mean “([^”]+)”")
_QUOTED = {"colon-in-text", "question-mark", "special-start", "text-in-braces", "cut-by-hash", "wrong-kind"}
_NEAR = 0.7


class Fixed(NamedTuple):
    """A text after its repairs, and the findings that they mended."""

    text: str
    mended: tuple[Finding, ...]


def fix(text: str, lint: Callable[[str], tuple[Finding, ...]]) -> Fixed:
    """Repair what can be repaired without asking.

    A text that could not be read at all may show new findings once it can: then repairing goes on, and what
    comes out is kept only where nothing is wrong with it that wasn't wrong before.

    Args:
        text: the file's text, with line feeds.
        lint: text → findings, in the order of the file.

    """
    before = lint(text)
    known = {_sign(f) for f in before}
    best = Fixed(text, ())
    mended: list[Finding] = []
    now, found, tried = text, before, set[tuple[str, str]]()
    for _ in range(MOST_REPAIRS):
        step = _next(now, found, tried, lint)
        if step is None:
            break
        now, found, finding = step
        mended.append(finding)
        if {_sign(f) for f in found} <= known:
            best = Fixed(now, tuple(mended))
    return best


def _next(
    text: str, found: tuple[Finding, ...], tried: set[tuple[str, str]], lint: Callable[[str], tuple[Finding, ...]]
) -> tuple[str, tuple[Finding, ...], Finding] | None:
    """The first repair that mends its finding and breaks nothing that could be read before."""
    for finding in found:
        for repaired in find_repairs(text, finding):
            if repaired == text or (key := (_sign(finding), repaired)) in tried:
                continue
            tried.add(key)
            after = lint(repaired)
            gone = sum(_sign(f) == _sign(finding) for f in after) < sum(_sign(f) == _sign(finding) for f in found)
            new = {_sign(f) for f in after} - {_sign(f) for f in found}
            if gone and (not new or _unreadable(found)):
                return repaired, after, finding
    return None


def _sign(finding: Finding) -> str:
    """What a finding is about, wherever it stands: a repair above may have moved it."""
    return f"{finding.rule} {finding.path} {finding.message}"


def _unreadable(found: tuple[Finding, ...]) -> bool:
    """Whether the file couldn't be read as YAML: then nothing else could be found."""
    return any(
        f.rule in {*_QUOTED, "open-quote", "open-bracket", "tab", "hash-in-braces", "not-yaml", "comma-ends-text"}
        and f.severity == "error"
        for f in found
    )


def find_repairs(text: str, finding: Finding) -> Iterator[str]:
    """The texts that may mend a finding, the likeliest first."""
    lines = text.split("\n")
    at = finding.line - 1
    if not 0 <= at < len(lines):
        return
    for line in _lines(lines[at], finding):
        yield "\n".join([*lines[:at], *([line] if line is not None else []), *lines[at + 1 :]])
    if (meant := _MEANT.search(finding.tip)) and (named := _NAMED.search(finding.message)):
        yield from _renamed(lines, at, finding.column - 1, named.group(1), meant.group(1))
    if finding.rule == "bad-id" and (named := _NAMED.search(finding.message)):
        new = re.sub(r"[^a-z0-9]+", "-", named.group(1).lower()).strip("-")
        yield re.sub(rf"(?<![\w-]){re.escape(named.group(1))}(?![\w-])", new, text)
    if finding.rule == "missing-key" and "“calmdesk”" in finding.message:
        first = next((n for n, line in enumerate(lines) if line.strip() and not line.startswith("#")), 0)
        yield "\n".join([*lines[:first], "calmdesk: 1", *lines[first:]])


def _lines(line: str, finding: Finding) -> Iterator[str | None]:
    """The line as it may be meant; None takes it out."""
    column = finding.column - 1
    rule = finding.rule
    if rule == "tab":
        yield line.replace("\t", "  ")
        yield line.replace("\t", " ")
    elif rule == "hidden-character":
        yield STRAY_JOINER.sub("", HIDDEN.sub("", line))
    elif rule == "empty-list" and re.fullmatch(r"\s*(cue|check|must-check):\s*\[\s*\]\s*", line):
        yield None
    elif rule == "listed-twice":
        yield from _once(line, column)
    elif rule == "ignore-unused":
        cut = line[: line.index("#")].rstrip() if "#" in line else line
        yield cut or None
    elif rule == "comma-ends-text" and (named := _NAMED.search(finding.message)):
        word = re.escape(named.group(1))
        yield re.sub(rf"(:\s*|[\[{{]\s*)([^:{{}}\[\]\"',][^:{{}}\[\]\"']*,\s*{word})(?=\s*[,}}\]])", _in_quotes, line)
    elif rule in _QUOTED:
        if "{" in line or "[" in line:
            words = r"([^\s,{}\[\]\"':][^,{}\[\]\"]*[?:][^,{}\[\]\"]*?|[^\s,{}\[\]\"':][^,{}\[\]\"]*[?:])(?=\s*[,}\]])"
            for before in (r"(: +)", r"([\[,]\s*)"):
                yield re.sub(before + words, _in_quotes, line)
        yield re.sub(r"^(\s*(?:- +)*(?:[\w-]+: +)?)(\S.*?)(?=\s*$)", _in_quotes, line)


def _in_quotes(found: re.Match[str]) -> str:
    words = found.group(2)
    if words[:1] in {'"', "'"}:
        return found.group()
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'{found.group(1)}"{escaped}"'


def _once(line: str, column: int) -> Iterator[str | None]:
    """The line without the item that stands at a column, or no line at all."""
    if line[:column].strip(" -") == "" and line.lstrip().startswith("-"):
        yield None
        return
    before = line[:column].rstrip()
    after = re.sub(r"^(\"[^\"]*\"|'[^']*'|[^,\]}]*)", "", line[column:])
    if before.endswith(","):
        yield before[:-1] + after


def _renamed(lines: list[str], at: int, column: int, old: str, new: str) -> Iterator[str]:
    """A mistyped name replaced where it stands, on the finding's line or soon below it."""
    if difflib.SequenceMatcher(None, old.lower(), new.lower()).ratio() < _NEAR:
        return
    word = re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])")
    for number in range(at, min(at + 8, len(lines))):
        start = column if number == at else 0
        if found := word.search(lines[number], start):
            line = lines[number][: found.start()] + new + lines[number][found.end() :]
            yield "\n".join([*lines[:number], line, *lines[number + 1 :]])
            return
