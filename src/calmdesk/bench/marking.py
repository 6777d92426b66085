"""What each character of a playbook's text is: layout and plain values, quoted, block or folded text, or a comment.

It looks at lines as a person does, so it also works where the text can't be read as YAML.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calmdesk.playbook.node import Node

PLAIN, QUOTED, BLOCK, COMMENT = ".", "q", "b", "#"
_LEAD = re.compile(r"[ \t]*(?:- +)*")
_KEY = re.compile(r"(?:[^\s#:\"'{\[][^:#]*?|\"[^\"]*\"|'[^']*')\s*:(?=\s|$)")
_BAR = re.compile(r"[|>][+-]?[0-9]?[+-]?")
_BOUND = re.compile(r"[ \t]*(?:$|[,\]}]|:(?:\s|$)|(?<=[ \t])#)", re.MULTILINE)


class Marked:
    """A text and its marks: `marks` has one letter for each character, PLAIN, QUOTED, BLOCK or COMMENT."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.marks = "\n".join(_Marker().mark(self.lines))

    def at(self, line: int, column: int) -> int:
        """The offset of a line and a column, both from 1."""
        return self.starts[min(line, len(self.lines)) - 1] + column - 1

    def line_of(self, offset: int) -> int:
        """The line of an offset, from 1."""
        return min(bisect_right(self.starts, offset), len(self.lines))

    def comment(self, number: int) -> str:
        """The comment of a line (from 0), with its #."""
        start = self.starts[number]
        at = self.marks[start : start + len(self.lines[number])].find(COMMENT)
        return self.lines[number][at:] if at >= 0 else ""

    def comments(self) -> list[str]:
        """Every comment in its order."""
        return [c for n in range(len(self.lines)) if (c := self.comment(n))]

    def body(self, number: int) -> str:
        """A line (from 0) without its comment and the spaces before it."""
        line = self.lines[number]
        return line[: len(line) - len(self.comment(number))].rstrip()

    def indent(self, number: int) -> int:
        """How far a line (from 0) is indented."""
        return len(self.lines[number]) - len(self.lines[number].lstrip(" "))

    def goes_on(self, number: int, column: int) -> bool:
        """Whether what begins at a column (from 0) of a line goes on below it."""
        for below in range(number + 1, len(self.lines)):
            if self.lines[below].strip():
                return not self.lines[below].lstrip().startswith("#") and self.indent(below) > column
        return False

    def name_at(self, offset: int, name: str) -> int:
        """Where a name begins that stands at an offset as a whole value or key, in quotes or not; -1 where it doesn't."""
        for quote in ("", '"', "'"):
            written = f"{quote}{name}{quote}"
            if self.text.startswith(written, offset) and _BOUND.match(self.text, offset + len(written)):
                return offset + len(quote)
        return -1

    def value_of(self, offset: int) -> int:
        """The offset of the value on the line of a key that stands at an offset; -1 where there is none."""
        found = re.compile(r"(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s:\"'][^:\n]*)[ ]*:[ ]+(?=\S)").match(self.text, offset)
        return found.end() if found else -1


def _column(line: str) -> int:
    """Where a line starts; a tab is taken for eight columns, so that nothing below seems to belong to it."""
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(8))


class _Marker:
    """Goes over the lines once and remembers what is open."""

    def __init__(self) -> None:
        self.quote = ""
        self.depth = 0
        self.opened = 0
        self.block: int | None = None
        self.fold: int | None = None

    def mark(self, lines: list[str]) -> Iterator[str]:
        """The marks of each line."""
        for line in lines:
            yield self._continued(line) or self._line(line)

    def _continued(self, line: str) -> str:
        """The marks of a line that goes on with a block or a plain text from above; nothing where it doesn't."""
        indent, first = _column(line), line.lstrip(" \t")
        if self.quote:
            return ""
        if self.depth and indent <= self.opened and _KEY.match(first):
            # A bracket that was never closed doesn't reach into the next key.
            self.depth = 0
        if self.depth:
            return ""
        if self.block is not None:
            if not line.strip() or indent > self.block:
                return BLOCK * len(line)
            self.block = None
        if self.fold is not None and line.strip():
            if indent > self.fold and not first.startswith("#"):
                cut = re.search(r"\s#", line)
                self.fold = None if cut else self.fold
                at = cut.start() + 1 if cut else len(line)
                return BLOCK * at + COMMENT * (len(line) - at)
            self.fold = None
        return ""

    def _line(self, line: str) -> str:
        begun = bool(self.quote or self.depth)
        if not begun:
            self.opened = _column(line)
        marks = self._characters(line)
        if begun or self.quote or self.depth or not line.strip():
            return marks
        at = marks.find(COMMENT)
        content = (line[:at] if at >= 0 else line).rstrip()
        lead = _LEAD.match(content)
        head = lead.end() if lead else 0
        key = _KEY.match(content, head)
        value = content[key.end() if key else head :].strip()
        dash = content.rfind("-", 0, head)
        column = (
            _column(line) + (head if key else dash if dash >= 0 else head - 1) - (len(line) - len(line.lstrip(" \t")))
        )
        if _BAR.fullmatch(value):
            self.block = column
        elif value and value[0] not in "\"'{[" and at < 0:
            self.fold = column
        return marks

    def _characters(self, line: str) -> str:
        marks, fresh, n = "", True, 0
        while n < len(line):
            sign = line[n]
            if self.quote:
                step = 2 if (sign == "\\" and self.quote == '"') or line[n : n + 2] == "''" == self.quote * 2 else 1
                if step == 1 and sign == self.quote:
                    self.quote, fresh = "", False
                marks += QUOTED * min(step, len(line) - n)
                n += step
                continue
            if sign == "#" and (n == 0 or line[n - 1].isspace()):
                return marks + COMMENT * (len(line) - n)
            if sign in "\"'" and fresh:
                self.quote = sign
            fresh = self._is_fresh(line, n, fresh=fresh)
            marks += QUOTED if self.quote else PLAIN
            n += 1
        return marks

    def _is_fresh(self, line: str, n: int, *, fresh: bool) -> bool:
        """Whether a value may begin behind a character; brackets are counted."""
        sign, behind = line[n], line[n + 1 : n + 2]
        if sign in "[{" and (fresh or self.depth):
            self.depth += 1
            return True
        if sign in "]}" and self.depth:
            self.depth -= 1
            return False
        if (sign == "," and self.depth) or (sign == ":" and (not behind or behind.isspace())):
            return True
        return fresh and (sign.isspace() or (sign in "-?" and behind == " "))


def leaves(marked: Marked, root: Node) -> list[tuple[int, bool, str]]:
    """Every key and single value in the order of the file: offset, whether it is a key, kind and text."""
    found: list[tuple[int, bool, str]] = []
    todo = [(root, False)]
    while todo:
        node, key = todo.pop()
        if node.kind == "map":
            todo += [pair for k, v in node.entries.values() for pair in ((k, True), (v, False))]
        elif node.kind == "list":
            todo += [(item, False) for item in node.items]
        else:
            found.append((marked.at(node.line, node.column), key, f"{node.kind} {node.text}"))
    return sorted(found)
