"""Rows of styled words, and how they reach a terminal: the same rows as escape codes or for prompt_toolkit.

A row is a list of (style, text). Styles are names of this file; colour never carries meaning alone.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Span = tuple[str, str]
Row = list[Span]

# name → (SGR codes, prompt_toolkit style); without colour only the attributes stay.
STYLES = {
    "": ("", ""),
    "say": ("1", "bold"),
    "bar": ("36", "ansicyan"),
    "title": ("1", "bold"),
    "dim": ("2", "dim"),
    "not": ("31", "ansired"),
    "key": ("1", "bold"),
    "done": ("32", "ansigreen"),
    "alert": ("1;7", "bold reverse"),
    "ask": ("1;36", "bold ansicyan"),
    "told": ("36", "ansicyan"),
    "no": ("1;31", "bold ansired"),
}
_COLOURS = {"31", "32", "36"}


@lru_cache(maxsize=64)
def ptk_style(name: str, *, colour: bool) -> str:
    """A style as prompt_toolkit writes it."""
    words = STYLES[name][1].split()
    return " ".join(w for w in words if colour or not w.startswith("ansi"))


@lru_cache(maxsize=4096)
def cells(text: str) -> int:
    """Columns that a text takes in a terminal: 2 for wide characters, 0 for marks that stand on another."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(c) in {"Mn", "Me", "Cf"}
        else 2
        if unicodedata.east_asian_width(c) in {"W", "F"}
        else 1
        for c in text
    )


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken between words; a word longer than a line is cut."""
    width = max(1, width)
    lines: list[str] = []
    line = ""
    for word in text.split():
        while cells(word) > width:
            if line:
                lines.append(line)
                line = ""
            cut = max(1, width)
            while cells(word[:cut]) > width and cut > 1:
                cut -= 1
            lines.append(word[:cut])
            word = word[cut:]
        if line and cells(line) + 1 + cells(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line or not lines else lines


def clip(row: Row, width: int) -> Row:
    """A row cut to `width` columns, an ellipsis where words went missing."""
    left, out = width, []
    for style, text in row:
        if cells(text) <= left:
            out.append((style, text))
            left -= cells(text)
            continue
        while text and cells(text) > left - 1:
            text = text[:-1]
        out.append((style, text + "…" if left else ""))
        break
    return out


def flow(spans: Sequence[Row], width: int, gap: str = "   ") -> list[Row]:
    """Groups of spans side by side, as many a row as fit."""
    rows: list[Row] = []
    used = 0
    for group in spans:
        wide = sum(cells(t) for _, t in group)
        if rows and used + len(gap) + wide <= width:
            rows[-1] += [("", gap), *group]
            used += len(gap) + wide
        else:
            rows.append([("", " "), *group])
            used = 1 + wide
    return rows


def plain_text(rows: Sequence[Row]) -> str:
    """Rows without their styles."""
    return "\n".join("".join(t for _, t in row).rstrip() for row in rows)


def escape_codes(rows: Sequence[Row], *, colour: bool) -> str:
    """Rows as a terminal takes them."""
    out = []
    for row in rows:
        for style, text in row:
            codes = [c for c in STYLES[style][0].split(";") if c and (colour or c not in _COLOURS)]
            out.append(f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if codes else text)
        out.append("\x1b[K\r\n")
    return "".join(out)


def first_paint(rows: Sequence[Row], *, colour: bool) -> str:
    """A whole screen, drawn on the terminal's second page before anything heavy is loaded."""
    return "\x1b[?1049h\x1b[H\x1b[2J" + escape_codes(rows, colour=colour).removesuffix("\r\n")
