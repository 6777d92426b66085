"""What was learned from the corpus: sentences in, how much each of them does of each label out, and by which words.

The file is written by `python -m tests.coach.train`; nothing but the standard library reads it. A score is a sum
over the words that stand there, so each can be shown. The same words give the same score, on every machine.
"""

from __future__ import annotations

import json
import math
import sys
from array import array
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from calmdesk.coach.features import letter_grams, read_case, read_parts, signs, word_grams
from calmdesk.coach.keys import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from calmdesk.coach.features import Case, Part

ALL_LABELS = (*LABELS["principle"], *LABELS["violation"])
MAGIC = b"calmdesk-learned 1\n"
KINDS = ("sentence", "reply")
"""What is weighed with the same grams: a sentence for itself, and the reply as a whole."""
_ROW = len(KINDS) * len(ALL_LABELS) + 1
"""The bytes of one gram: how rare it is, then its weight for each label and kind, with 128 for nothing."""
_SQUARES = [n * n for n in range(256)]
_BLOCKS: tuple[tuple[str, Callable[[str], Iterator[str]]], ...] = (("w", word_grams), ("c", letter_grams))
_SHOWN = 3
"""So many words are named as the reason of a label."""


class Scored(NamedTuple):
    """A sentence with its score for each label, in the order of `ALL_LABELS`; above 0 is more yes than no."""

    part: Part
    scores: tuple[float, ...]


def each_gram(sentence: str) -> Iterator[tuple[str, set[str]]]:
    """Both kinds of grams of a sentence, each once: what is looked up, by its block."""
    for block, grams in _BLOCKS:
        yield block, {f"{block}{gram}" for gram in grams(sentence)}


def gram_key(gram: str) -> int:
    """The number a gram is looked up by; 32 bits."""
    return crc32(gram.encode("utf-8", "replace"))


class Learned:
    """The learned weights.

    Args:
        data: the file's bytes. Raises ValueError where they aren't such a file.

    """

    def __init__(self, data: bytes) -> None:
        if not data.startswith(MAGIC):
            raise ValueError("not a file of learned weights")
        end = data.index(b"\n", len(MAGIC))
        self.head: Mapping[str, Any] = json.loads(data[len(MAGIC) : end])
        if not isinstance(self.head, dict) or not isinstance(size := self.head.get("grams"), int):
            raise ValueError("the file of learned weights is broken")  # noqa: TRY004 - told like all that is wrong with it
        keys = array("I")
        keys.frombytes(data[end + 1 : end + 1 + 4 * size])
        if sys.byteorder == "big":
            keys.byteswap()
        self._rows = data[end + 1 + 4 * size :]
        if len(keys) != size or len(self._rows) != size * _ROW or keys.itemsize != 4:
            raise ValueError("the file of learned weights is cut off")
        self._at = dict(zip(keys, range(0, size * _ROW, _ROW), strict=True))

    def score(self, text: str, customer: str = "", facts: str = "") -> list[Scored]:
        """Each sentence of a reply with its scores. Never raises."""
        parts, case = read_parts(text), read_case(customer, facts)
        return [
            Scored(part, self._score(text[part.start : part.end], signs_of(text, parts, n, case), "sentence"))
            for n, part in enumerate(parts)
        ]

    def score_whole(self, text: str, customer: str = "", facts: str = "") -> tuple[float, ...]:
        """The scores of a reply as a whole. Never raises."""
        return self._score(text, signs(text, 0, 1, read_case(customer, facts)), "reply")

    def _score(self, sentence: str, told: Sequence[float], kind: str) -> tuple[float, ...]:
        weights = self.head[kind]
        sums, first = list(weights["base"]), 1 + KINDS.index(kind) * len(ALL_LABELS)
        for block, grams in each_gram(sentence):
            rows = b"".join(self._found(grams))
            if rows:
                # A long sentence says no more of a thing than a short one that says it as well.
                norm = math.sqrt(sum(map(_SQUARES.__getitem__, rows[::_ROW]))) * self.head["rarity"]
                shift = 128 * (len(rows) // _ROW)
                for n, scale in enumerate(weights["scales"][block]):
                    sums[n] += (sum(rows[first + n :: _ROW]) - shift) * scale / norm
        for value, each in zip(told, weights["signs"], strict=True):
            if value:
                for n, weight in enumerate(each):
                    sums[n] += value * weight
        return tuple(sums)

    def _found(self, grams: Iterable[str]) -> Iterator[bytes]:
        for gram in grams:
            at = self._at.get(gram_key(gram))
            if at is not None:
                yield self._rows[at : at + _ROW]

    def reasons(self, sentence: str, label: str) -> list[str]:
        """The words of a sentence that speak most for a label, the strongest first."""
        lane, found = ALL_LABELS.index(label) + 1, []
        for gram in dict.fromkeys(word_grams(sentence)):
            at = self._at.get(gram_key(f"w{gram}"))
            if at is not None and self._rows[at + lane] > 128 and any(c.isalpha() for c in gram):
                found.append((self._rows[at + lane], gram))
        named: list[str] = []
        for _, gram in sorted(found, key=lambda x: (-x[0], x[1])):
            shown = gram.replace(" _ ", " … ").strip("^$ ")
            if (
                shown
                and not any(c in "!#?,;:" for c in shown)
                and not any(shown in other or other in shown for other in named)
            ):
                named.append(shown)
        return named[:_SHOWN]


def signs_of(text: str, parts: Sequence[Part], number: int, case: Case) -> list[float]:
    """The signs of one sentence of a reply."""
    part = parts[number]
    return signs(text[part.start : part.end], number, len(parts), case)
