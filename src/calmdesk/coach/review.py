"""A reply in, what it does to the person who reads it out: labels, each with its words, the reason and a better wording.

Rules find what can be said in a pattern, and explain it best; what was learned from the corpus finds the rest. A
label is given where both together are sure enough (`research/coach.md` 6: precision first, for over a third of
feedback makes people worse).
"""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.coach.learned import ALL_LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.coach.learned import Learned, Scored
    from calmdesk.coach.phrases import Hit, Phrases

MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "learned.bin")
MOST_TEXT = 20_000
"""So many characters of a reply are read: a day's typing."""
_WIDEST = 6.0
"""A sentence's score counts as far as this."""


class Remark(NamedTuple):
    """A label with the words that earn it: character offsets into the reply."""

    label: str
    kind: str
    start: int
    end: int
    sure: float
    """How likely the label is, from 0 to 1."""
    hit: Hit | None
    """The rule that found it."""
    words: tuple[str, ...] = ()
    """Where nothing but learning found it: the words that speak most for it."""


def tell_apart(scored: Sequence[Scored], hits: Sequence[Hit], *, known: bool) -> list[float]:
    """What is known of a whole reply before it is judged, in the order that the weights are in.

    Args:
        scored: its sentences.
        hits: what rules found in it.
        known: whether the facts of the case are known.

    """
    best = [max((s.scores[n] for s in scored), default=-_WIDEST) for n in range(len(ALL_LABELS))]
    likely = [
        sum(1 / (1 + math.exp(-max(-30.0, min(30.0, s.scores[n])))) for s in scored) for n in range(len(ALL_LABELS))
    ]
    found = {hit.rule.label for hit in hits}
    return [
        *(max(-_WIDEST, min(_WIDEST, b)) for b in best),
        *(max(0.0, b) ** 2 / 4 if b < _WIDEST else 9.0 for b in best),
        *likely,
        *(float(label in found) for label in ALL_LABELS),
        len(scored) / 4,
        float(known),
    ]


class Judge:
    """What was learned and the rules, ready to read replies."""

    def __init__(self, learned: Learned, phrases: Phrases) -> None:
        self.learned = learned
        self.phrases = phrases

    def likelihoods(self, scored: Sequence[Scored], hits: Sequence[Hit], *, known: bool) -> dict[str, float]:
        """How likely each label is for a reply, from 0 to 1."""
        values = tell_apart(scored, hits, known=known)
        found = {}
        for label, (base, *weights) in self.learned.head["replies"].items():
            total = base + sum(v * w for v, w in zip(values, weights, strict=True))
            found[label] = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
        return found
