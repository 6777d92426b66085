"""What a sentence of a reply is to the learned part: its words, their letters, and what it shares with the case.

Training and running read it here, so they can't differ.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_END = re.compile(r"(?<![\d.!?;…])[.!?;…]++[\"”’)\]]*+(?=\s|$)|(?<=\d)[.!?;]++[\"”’)\]]*+(?=\s|$)|\n+")
_PIECE = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]['’\w]*|[?!]+|[,;:]")
_WORD = re.compile(r"[^\W\d_]['\w]*")
_CONTENT = re.compile(r"[a-z][a-z']+|\d+")
_CAPITALS = re.compile(r"\b[A-Z]{3,}\b")
_PLAIN_WORDS = (
    "a an the and or but if so to of in on at for with by from as is are was were be been am i we you he "
    "she it they me us him her them my our your his its their this that these those there here not no do "
    "does did done have has had will would can could shall should may might must just very too also than "
    "then what when where who how why which all any some"
)
_PLAIN = frozenset(_PLAIN_WORDS.split())
"""Words that say nothing about a case."""
_QUOTED = re.compile(r"\"[^\"\n]{2,300}\"|“[^“”\n]{2,300}”|«[^«»\n]{2,300}»|(?<![^\W_])‘[^‘’\n]{2,200}’(?![^\W_])")
_NOT = {"not", "never", "no", "without", "nobody", "nothing", "cannot", "cant", "dont", "wont", "neither", "nor"}
_BREAK = {",", ";", ":", "but", "and"}
_SCOPE = 4
LONGEST = 4_000
"""So many characters of a sentence, or of a reply as a whole, are looked at."""
MOST_SENTENCES = 60
"""So many sentences of a reply are looked at."""


class Part(NamedTuple):
    """A sentence of a reply: character offsets, without the white space around it."""

    start: int
    end: int


def read_parts(text: str) -> list[Part]:
    """The sentences of a reply; at least one where there is anything."""
    found, begin = [], 0
    for end in (*(m.end() for m in _END.finditer(text)), len(text)):
        piece = text[begin:end]
        if bare := piece.strip():
            start = begin + piece.index(bare[0])
            found.append(Part(start, start + len(bare)))
        begin = end
    return found[:MOST_SENTENCES]


def lowered(text: str) -> str:
    """A text in small letters with straight apostrophes."""
    return text.lower().replace("’", "'").replace("‘", "'")


def own_words(sentence: str) -> str:
    """A sentence in small letters; what stands in quotation marks is somebody else's, and one word."""
    return lowered(_QUOTED.sub(" quoted ", sentence[:LONGEST]))


def word_grams(sentence: str) -> Iterator[str]:
    """One to four words in a row, and pairs with one to three words between them; a number is #.

    A single word up to four behind a "not" is another word.
    """
    pieces = ["^", *("#" if p[0].isdigit() else p for p in _PIECE.findall(own_words(sentence))), "$"]
    behind = 0
    for piece in pieces:
        yield f"!{piece}" if behind and piece[0].isalpha() else piece
        behind = _SCOPE if piece in _NOT or piece.endswith("n't") else 0 if piece in _BREAK else max(0, behind - 1)
    size = len(pieces)
    for length in (2, 3, 4):
        for n in range(size - length + 1):
            yield " ".join(pieces[n : n + length])
    for apart in (2, 3, 4):
        for n in range(size - apart):
            yield f"{pieces[n]} _ {pieces[n + apart]}"


def letter_grams(sentence: str) -> Iterator[str]:
    """Three to five letters in a row within a word: what is left of a word when it is typed wrong."""
    for word in _WORD.findall(own_words(sentence)):
        padded = f" {word[:30]} "
        for length in (3, 4, 5):
            for n in range(len(padded) - length + 1):
                yield padded[n : n + length]


class Case(NamedTuple):
    """The words of the customer and of the facts that say something about the case."""

    said: frozenset[str]
    true: frozenset[str]


def content_words(text: str) -> frozenset[str]:
    """The words of a text that say something about a case, and its numbers."""
    return frozenset(_CONTENT.findall(lowered(text))) - _PLAIN


def read_case(customer: str, facts: str) -> Case:
    """What a reply can give back."""
    return Case(content_words(customer), content_words(facts))


def signs(sentence: str, number: int, count: int, case: Case) -> list[float]:
    """What can be counted in a sentence, the `number`th from 0 of `count`.

    In this order: words shared with the customer and their share, with the facts and their share, and with the facts
    only; whether it has a number of the customer's, of the facts, or any; its length and whether it is very short;
    whether it is the first, the last or the only one; capitals, a question, an exclamation, stacked ones.
    """
    all_words = _CONTENT.findall(lowered(sentence[:LONGEST]))
    own = set(all_words) - _PLAIN
    many = max(1, sum(word not in _PLAIN for word in all_words))
    said, true = len(own & case.said), len(own & case.true)
    numbers = [word for word in own if word[0].isdigit()]
    return [
        said / 3,
        min(said / many, 1.0),
        true / 3,
        min(true / many, 1.0),
        len(own & (case.true - case.said)) / 3,
        float(any(n in case.said for n in numbers)),
        float(any(n in case.true for n in numbers)),
        float(bool(numbers)),
        len(all_words) / 20,
        float(len(all_words) < 4),
        float(number == 0),
        float(number == count - 1),
        float(count == 1),
        float(len(_CAPITALS.findall(sentence)) > 1),
        float("?" in sentence),
        float("!" in sentence),
        float(sentence.count("!") > 1),
    ]
