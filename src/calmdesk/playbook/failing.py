"""Where the parser gave up: one finding in the trainer's words, at the place where a person would look."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from calmdesk.playbook.trouble import explain, find_open_bracket, find_open_quote, find_slip
from calmdesk.playbook.unlike import mark_breaking

if TYPE_CHECKING:
    from collections.abc import Callable

    from calmdesk.playbook.source import Reader

_Failure = Any
_Mark = Any
"""The parser's own: only the file that reads knows the parser."""
_BREAKING = {"text-in-braces", "colon-in-text"}
"""What is told before reading stops because of it."""


def find_failure_cause(
    reader: Reader, error: _Failure, find_failure: Callable[[str], int | None], most: int
) -> tuple[str, str, int, int, str] | None:
    """Where the parser gave up, as rule, message, line, column and tip; None where what misled it is told already.

    Args:
        reader: what was read until then.
        error: the parser's own, with its marks.
        find_failure: the line, from 0, where a text can't be read on.
        most: so much text, in characters, is read again for each mend that is tried.

    """
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    here = reader.lines[line - 1] if line <= len(reader.lines) else ""
    since, slip = error.context_mark or mark, None
    if mark and (slip := find_open_quote(reader.text, reader.quoted, mark.index, reader.path)):
        reader.findings.append(slip)
        return None
    if _told(reader, line, column) or (since and _told(reader, since.line + 1, since.column + 1)):
        return None
    missed = error.context == "while scanning a simple key"
    if error.context_mark is not None and (missed or not here.strip()):
        line, column = error.context_mark.line + 1, error.context_mark.column + 1
        here = reader.lines[line - 1] if line <= len(reader.lines) else ""
    flow = (error.context or "").startswith("while parsing a flow")
    if flow and error.context_mark and not re.search(r"\s#", here):
        slip = find_open_bracket(reader.lines, error.context_mark.line, error.context_mark.column, reader.path)
    elif mark and not flow:
        slip = find_slip(reader.lines, (mark.line, line - 1), find_failure, reader.path, most)
    if slip:
        reader.findings.append(slip)
        return None
    rule, message, tip = explain(here, column, _since(reader, error.context_mark, line), error.problem or "")
    if rule == "hash-in-braces":
        # The comment's own place; what was only a warning there is the error now.
        cut = next((f for f in reader.findings if f.rule == "cut-by-hash"), None)
        line, column = (cut.line, cut.column) if cut else (line, column)
        reader.findings = [f for f in reader.findings if f.rule != "cut-by-hash"]
    return rule, message, line, column, tip


def _told(reader: Reader, line: int, column: int) -> bool:
    """Whether the trouble comes from a slip on its line that is told already, or from Word's quotation marks."""
    if line <= len(reader.lines) and mark_breaking(reader.curly, reader.lines[line - 1], line, column):
        return True
    return any(f.line == line and f.column <= column and f.rule in _BREAKING for f in reader.findings)


def _since(reader: Reader, mark: _Mark, line: int) -> str:
    """The text from where the parser began to wonder: a # there may have eaten the closing brace."""
    return "\n".join(reader.lines[mark.line : line]) if mark and mark.line < line else ""
