"""The lines of an outline, each with what it is (a heading, a bullet, words to say …), and the steps gathered from them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HEADING = re.compile(r"\s{0,3}(#{1,6})(?:\s+|(?=[^\s#\d]))(.*?)(?:\s+#+)?\s*\Z")
_BULLET = re.compile(r"(\s*)(?:[-*+•–]|\d{1,9}[.)])\s+(.*)\Z")
CHECK = re.compile(r"\[[ xX]?\]\s*(.*)\Z")
_ARROW = re.compile(r"\s*(?:-+>|=+>|[→⇒➔➜⟶])\s*")
_QUOTE = re.compile(r"\s{0,3}>+\s?(.*)\Z")
SAID = re.compile('[“"„«](.+)[”"“»]\\Z')
NUMBERED = re.compile(r"(?:step\s+)?\d{1,3}\s*[.):]\s*", re.IGNORECASE)
_UNDERLINED = re.compile(r"\s{0,3}(=+|-{2,})\s*\Z")
_RULE = re.compile(r"\s{0,3}([-*_])(?:\s*\1){2,}\s*\Z")
_EMPHASIS = re.compile(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1")


Item = tuple[int, str]
"""A line of the outline, and the words of it that stand in one row of the playbook."""
NOWHERE: Item = (0, "")


class Piece(NamedTuple):
    """A line of the outline: heading, bullet, said, text, other or gap; `depth` is its level or its inset."""

    line: int
    kind: str
    depth: int
    text: str


class Way:
    """A choice: what the agent sees, and where the outline says it leads."""

    def __init__(self, line: int, label: str, wanted: str, item: Item = NOWHERE) -> None:
        self.line, self.label, self.wanted, self.item = line, label, wanted, item
        self.id = ""
        self.to = -1
        self.worded = bool(label)


class Step:
    """A step as it is gathered."""

    def __init__(self, line: int, title: str) -> None:
        self.line, self.title = line, title
        self.id = ""
        self.says: list[tuple[Item, str]] = []
        self.cues: list[tuple[Item, str]] = []
        self.checks: list[tuple[Item, str]] = []
        self.ways: list[Way] = []
        self.kept: list[str] = []
        self.rest: list[Piece] = []
        """What a breath had no room for: it becomes cues, behind those that were written as such."""

    @property
    def picks(self) -> list[Way]:
        """The ways among which an agent picks: none where the one way on has no words of its own."""
        return [] if len(self.ways) == 1 and not self.ways[0].worded else self.ways


def find_pieces(text: str) -> Iterator[Piece]:
    """The lines of an outline, each with its kind."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").expandtabs(4).split("\n")
    fence, number = "", 0
    while number < len(lines):
        line, number = lines[number], number + 1
        bare = line.strip()
        if fence:
            fence = "" if fence in bare else fence
            yield Piece(number, "other", 0, line)
        elif bare[:3] in {"```", "~~~"} or (bare.startswith("<!--") and "-->" not in bare) or _is_front(lines, number):
            fence = "-->" if bare.startswith("<!--") else bare[:3]
            yield Piece(number, "other", 0, line)
        elif not clean(bare) or _RULE.match(line):
            yield Piece(number, "gap", 0, "")
        elif (under := _UNDERLINED.match(lines[number]) if number < len(lines) else None) and not _BULLET.match(line):
            yield Piece(number, "heading", 1 if under.group(1)[0] == "=" else 2, bare)
            number += 1
        else:
            yield _one(number, line, bare)


def _is_front(lines: list[str], number: int) -> bool:
    """Whether a block of settings begins here, as some editors put it above a text."""
    return number == 1 and lines[0].strip() == "---" and any(x.strip() == "---" for x in lines[1:])


def _one(number: int, line: str, bare: str) -> Piece:
    if head := _HEADING.match(line):
        return Piece(number, "heading" if clean(head.group(2)) else "gap", len(head.group(1)), head.group(2))
    if bullet := _BULLET.match(line):
        return Piece(number, "bullet", len(bullet.group(1)), bullet.group(2))
    if said := _QUOTE.match(line):
        return Piece(number, "said", 0, said.group(1))
    if SAID.match(bare):
        return Piece(number, "said", 0, bare)
    return Piece(number, "other" if bare.startswith(("|", "<!--")) else "text", len(line) - len(line.lstrip()), bare)


def join_pieces(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces, where lines of one paragraph, or that go on with a bullet, are one."""
    held: Piece | None = None
    for piece in pieces:
        if held is not None and _goes_on(held, piece):
            held = held._replace(text=f"{held.text} {piece.text}")
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def _goes_on(held: Piece, piece: Piece) -> bool:
    if piece.kind != "text" or _ARROW.match(piece.text):
        return False
    # A choice is one line, and words below a bullet belong to it where they stand further in.
    return held.kind == "text" or (held.kind == "bullet" and piece.depth > held.depth and not _ARROW.search(held.text))


def find_levels(pieces: Sequence[Piece]) -> tuple[Piece | None, int]:
    """The heading that is the title, and the level of the steps: 0 where there are no headings for them."""
    heads = [p for p in pieces if p.kind == "heading"]
    if not heads:
        return None, 0
    top, below = min(p.depth for p in heads), [p.depth for p in heads[1:] if p.depth > heads[0].depth]
    if heads[0].depth != top or (len(heads) > 1 and not below):
        return None, heads[0].depth
    return heads[0], min(below) if below else 0


def bullets_as_steps(pieces: Sequence[Piece]) -> list[Piece]:
    """Without headings for steps, the outermost bullets are steps, and those within them belong to them."""
    outermost = min((p.depth for p in pieces if p.kind == "bullet"), default=0)
    found = []
    for piece in pieces:
        if piece.kind == "bullet" and piece.depth <= outermost:
            check = CHECK.match(piece.text)
            found.append(Piece(piece.line, "heading", 1, check.group(1) if check else piece.text))
        else:
            found.append(piece)
    return found


def split_way(text: str) -> tuple[str, bool, str]:
    """What stands before an arrow, whether there is one, and what stands behind it."""
    label, *rest = _ARROW.split(text, maxsplit=1)
    return (label.strip(), True, rest[0].strip()) if rest and clean(rest[0]) else (text, False, "")


def unmarked(text: str) -> str:
    """Words without the signs that make them bold."""
    return _EMPHASIS.sub(r"\2", text).strip()
