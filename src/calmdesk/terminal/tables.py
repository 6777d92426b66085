"""Tables for commands that list things, whatever the words and the width: on a pipe, one tab-separated line each.

Columns that are too wide for the window are broken between words. Where not even that helps (a telephone's screen), each
row stands as a few lines of its own.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from calmdesk.safetext import cell, clean
from calmdesk.terminal.paint import cells, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GAP = "  "
LEAST = 16
"""A column that is broken has so many cells, or it would be a pillar of single words."""


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table without borders on a terminal, else a line a row."""
    if not sys.stdout.isatty():
        for row in rows:
            sys.stdout.write("\t".join(cell(text) for text in row) + "\n")
        return
    from calmdesk.terminal.showing import understands_escapes

    marked = os.environ.get("TERM", "") != "dumb" and understands_escapes()
    cleaned = [[clean(text) for text in row] for row in rows]
    for at, line in enumerate(render_table(heads, cleaned, shutil.get_terminal_size().columns)):
        sys.stdout.write(f"\x1b[1m{line}\x1b[0m\n" if marked and not at else f"{line}\n")


def render_table(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The lines of a table: its heads, and its rows; or, in a window too narrow for it, a few lines for each row."""
    wide = [max(map(cells, column)) for column in zip(heads, *rows, strict=True)]
    while sum(wide) + len(GAP) * (len(wide) - 1) > width:
        # The first column is what one types: it stays whole.
        widest = max(range(1, len(wide)), key=wide.__getitem__, default=0)
        wide[widest] -= 1
        if not widest or wide[widest] < LEAST:
            return list(_records(heads, rows, width))
    return [line for row in (heads, *rows) for line in _row(row, wide)]


def _row(texts: Sequence[str], wide: Sequence[int]) -> Iterator[str]:
    """One row, its cells broken between words where they must be."""
    columns = [wrap(text, width) for text, width in zip(texts, wide, strict=True)]
    for at in range(max(map(len, columns))):
        parts = [lines[at] if at < len(lines) else "" for lines in columns]
        line = GAP.join(part + " " * (width - cells(part)) for part, width in zip(parts, wide, strict=True))
        yield line.rstrip()


def _records(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Each row by itself: its name, and below it what else is known, in the order that the first line gives."""
    yield from wrap(" · ".join(filter(None, heads)), width)
    for name, *rest in rows:
        yield from wrap(name, width)
        yield from (GAP + line for line in wrap(" · ".join(filter(None, rest)), width - len(GAP)))
