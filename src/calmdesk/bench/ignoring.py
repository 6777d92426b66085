"""Findings that a trainer has decided to live with: by a comment with a reason, on a line or for a file.

    say: "…"     # lint-ok long-line: the product is called that
    # lint-ok-file unknown-claim: our own list of claims

A comment on a line of its own speaks for the next line. Errors can't be lived with: the file can't be played.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.playbook.findings import Finding, is_error

if TYPE_CHECKING:
    from collections.abc import Iterable

_COMMENT = re.compile(r"(?:^|\s)#\s*lint-ok(-file)?\b[ \t]*([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)?\s*:?[ \t]*(.*)$")


MOST_RULES = 20
"""So many rules in one comment; who needs more should mend the file."""
_BLOCK = re.compile(r"[|>][-+0-9]*\s*(#.*)?$")
_WHOLE = re.compile(r"\"(?:[^\"\\]|\\.)*\"|(?<![\w])'(?:[^']|'')*'")


def _is_text(lines: list[str], at: int, column: int) -> bool:
    """Whether a place stands in a quoted or block text, where nothing is a comment."""
    before = _WHOLE.sub("", lines[at][:column])
    if re.search(r"(?:^|[\s:\[{,-])[\"'][^\"']*$", before) and not before.lstrip().startswith("#"):
        return True
    own = len(lines[at]) - len(lines[at].lstrip())
    for above in range(at - 1, -1, -1):
        indent = len(lines[above]) - len(lines[above].lstrip())
        if lines[above].strip() and indent < own:
            return bool(_BLOCK.search(lines[above]))
    return False


class Ignore(NamedTuple):
    """One comment: its rules, the line that it speaks for (0: the file), where it stands, and the reason."""

    rules: tuple[str, ...]
    line: int
    at: tuple[int, int]
    reason: str


def find_ignores(data: bytes) -> list[Ignore]:
    """The comments of a file that say which findings are fine, and why."""
    found = []
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        match = _COMMENT.search(line) if "lint-ok" in line else None
        if match is None or _is_text(lines, number - 1, match.start()):
            continue
        rules = tuple(r.strip() for r in (match.group(2) or "").split(",") if r.strip())[:MOST_RULES]
        alone = not line[: match.start()].strip()
        below = next((n for n in range(number, len(lines)) if not lines[n].lstrip().startswith("#")), number)
        speaks = 0 if match.group(1) else below + 1 if alone else number
        found.append(Ignore(rules, speaks, (number, line.index("#", match.start()) + 1), match.group(3).strip()))
    return found


def apply_ignores(data: bytes, findings: Iterable[Finding], path: str, *, whole: bool = True) -> tuple[Finding, ...]:
    """The findings without those that a comment speaks for, and what is wrong with the comments.

    Args:
        data: the file.
        findings: what was found in it.
        path: how findings name the file.
        whole: whether all of it was judged; a comment that speaks for nothing may have its reason otherwise.

    """
    findings = tuple(findings)
    if b"lint-ok" not in data:
        return findings
    ignores = find_ignores(data)
    if not ignores:
        return findings
    kept: list[Finding] = []
    spoken: set[tuple[Ignore, str]] = set()
    refused: set[tuple[Ignore, str]] = set()
    for finding in findings:
        by = next((x for x in ignores if finding.rule in x.rules and x.line in {0, finding.line}), None)
        if by is not None and by.reason and not is_error(finding):
            spoken.add((by, finding.rule))
            continue
        if by is not None:
            refused.add((by, finding.rule))
        kept.append(finding)
    for ignore in ignores:
        kept += [f for f in _complaints(ignore, spoken, refused, path) if whole or f.rule != "ignore-unused"]
    return tuple(sorted(kept, key=lambda f: (f.line, f.column)))


def _complaints(
    ignore: Ignore, spoken: set[tuple[Ignore, str]], refused: set[tuple[Ignore, str]], path: str
) -> list[Finding]:
    line, column = ignore.at
    if not ignore.rules or not ignore.reason:
        message = "This comment needs a rule and a reason."
        tip = "Write `# lint-ok RULE: why it is fine here`."
        return [Finding("ignore-no-reason", "warning", message, path, line, column, tip)]
    found = []
    for rule in ignore.rules:
        if (ignore, rule) in refused:
            message, tip = (
                f"“{rule}” is an error, which no comment can switch off.",
                "Mend it, and take the comment out.",
            )
            found.append(Finding("ignore-unused", "note", message, path, line, column, tip))
        elif (ignore, rule) not in spoken:
            message, tip = (
                f"There is no “{rule}” here to live with.",
                "Take the comment out, or put it on the line of the finding or the one above.",
            )
            found.append(Finding("ignore-unused", "note", message, path, line, column, tip))
    return found
