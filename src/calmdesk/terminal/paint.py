"""Rows of styled words, and how they reach a terminal: the same rows as escape codes or for prompt_toolkit.

A row is a list of (style, text). Styles are names of this file; colour never carries meaning alone.
"""

from __future__ import annotations

import os
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

Span = tuple[str, str]
Row = list[Span]

_JOINERS = {"\u200c", "\u200d"}
"""Of the scripts of India; they have no width, and are no marks by their category."""

STYLES = {
    "": ("", ""),
    "say": ("1", "bold"),
    "bar": ("1", "bold"),
    "title": ("1", "bold"),
    "dim": ("", ""),
    "not": ("1", "bold"),
    "key": ("1", "bold"),
    "done": ("", ""),
    "alert": ("1;7", "bold reverse"),
    "ask": ("1", "bold"),
    "told": ("", ""),
    "no": ("1", "bold"),
}
"""Name → (SGR codes, prompt_toolkit style).

No colour of the usual sixteen, and no faint text, can be read on every palette (`tests/test_contrast.py` measures them):
words keep the terminal's own colour, and are told apart by weight, place and sign.
"""
COLOURED = {"alert": ("1;38;5;231;48;5;124", "bold #ffffff bg:#af0000")}
"""Where there is colour: it brings its own background, so that it holds on any, and says nothing that a word doesn't."""


def wants_colour(stream: TextIO) -> bool:
    """Whether this stream is to show colour: the one rule, for whatever is written to it.

    NO_COLOR means no, FORCE_COLOR yes; else a terminal of 256 colours does.
    """
    environment = os.environ
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    term = environment.get("TERM", "")
    many = "256" in term or any(environment.get(name) for name in ("COLORTERM", "WT_SESSION"))
    return many and term != "dumb" and stream.isatty()


def _style(name: str, *, colour: bool) -> tuple[str, str]:
    return COLOURED[name] if colour and name in COLOURED else STYLES[name]


def ptk_style(name: str, *, colour: bool) -> str:
    """A style as prompt_toolkit writes it."""
    return _style(name, colour=colour)[1]


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


def is_mark(letter: str) -> bool:
    """Whether a character belongs to the one before it: a vowel sign, an accent, a joiner."""
    return letter in _JOINERS or (letter != "" and unicodedata.category(letter)[0] == "M")


def letter_before(text: str, at: int) -> int:
    """Where the letter before a place begins, its marks being part of it."""
    at = max(0, at - 1)
    while at > 0 and is_mark(text[at]):
        at -= 1
    return at


def letter_after(text: str, at: int) -> int:
    """Where the letter after a place ends, its marks being part of it."""
    at = min(len(text), at + 1)
    while at < len(text) and is_mark(text[at]):
        at += 1
    return at


def cut(text: str, width: int) -> str:
    """The beginning of a text that fits into so many columns; no letter is parted from its marks."""
    end = used = 0
    for at, letter in enumerate(text):
        used += cells(letter)
        if used > width:
            break
        end = at + 1
    while 0 < end < len(text) and is_mark(text[end]):
        end -= 1
    return text[:end]


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
            part = cut(word, width) or word[: letter_after(word, 0)]
            lines.append(part)
            word = word[len(part) :]
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
        out.append((style, cut(text, left - 1) + "…" if left else ""))
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
            codes = _style(style, colour=colour)[0]
            out.append(f"\x1b[{codes}m{text}\x1b[0m" if codes else text)
        out.append("\x1b[K\r\n")
    return "".join(out)


def first_paint(rows: Sequence[Row], *, colour: bool) -> str:
    """A whole screen, drawn on the terminal's second page before anything heavy is loaded."""
    return "\x1b[?1049h\x1b[H\x1b[2J" + escape_codes(rows, colour=colour).removesuffix("\r\n")
