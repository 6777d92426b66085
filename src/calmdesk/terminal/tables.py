"""Tables for commands that list things: rich on a terminal, one tab-separated line each in a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from calmdesk.safetext import cell, clean

if TYPE_CHECKING:
    from collections.abc import Sequence


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table without borders; free text stands last, where its width can push nothing aside."""
    if not sys.stdout.isatty():
        for row in rows:
            sys.stdout.write("\t".join(cell(text) for text in row) + "\n")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(Text(head))
    for row in rows:
        table.add_row(*(Text(clean(text)) for text in row))
    Console().print(table)
