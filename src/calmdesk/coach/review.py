"""A reply in, what it does to the person who reads it out: labels, each with its words, the reason and a better wording.

Rules find what can be said in a pattern, and explain it best; what was learned from the corpus finds the rest. A
label is given where both together are sure enough (`research/coach.md` 6: precision first, for over a third of
feedback makes people worse).
"""

from __future__ import annotations

import math
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.coach.features import read_case
from calmdesk.coach.labels import MISSING, TEXTS, VIOLATIONS
from calmdesk.coach.learned import ALL_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from calmdesk.coach.learned import Learned, Scored
    from calmdesk.coach.phrases import Hit, Phrases

MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "learned.bin")
MOST_TEXT = 20_000
"""So many characters of a reply are read: a day's typing."""
_MOST_LIKELY = 3.0
"""So much counts what many sentences of a long reply add up to."""
_WIDEST = 6.0
"""A sentence's score counts as far as this."""


class Remark(NamedTuple):
    """A label with the words that earn it: character offsets into the reply."""

    label: str
    kind: str
    """`violation`, `principle`, or `missing` where nothing earns what the situation asks for."""
    start: int
    end: int
    text: str
    why: str
    instead: str
    """Words that would work here and add no fact; nothing for a principle."""
    sure: float
    """How likely the label is, from 0 to 1."""
    rule: str = ""
    """The phrase rule that found it; nothing where it was learned."""
    words: tuple[str, ...] = ()
    """Where it was learned: the words that speak most for it."""


class Review(NamedTuple):
    """What a reply does: its labels in the order of the taxonomy, and every remark in the order of the reply."""

    labels: tuple[str, ...]
    remarks: tuple[Remark, ...]

    @property
    def violations(self) -> tuple[Remark, ...]:
        """The remarks that a reply shouldn't go out with, the most harmful first."""
        found = [r for r in self.remarks if r.kind == "violation"]
        return tuple(sorted(found, key=lambda r: (VIOLATIONS.index(r.label), r.start)))


_WRAPPED = re.compile(r"(?<=[^\s.!?:;…])[ \t]*(\n)(?=[ \t]*[^\s\-*•>\d])")
_QUOTED_MAIL = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_DENIED = {
    "OWN": re.compile(r"(?:\bnot|n['’]t|\bnever) (?:\w+ )?(?:our|my|us|on us)\b", re.IGNORECASE),
    "APOLOGY": re.compile(r"(?:\bnot|n['’]t|\bnever) (?:\w+ )?(?:sorry|apologi[sz]\w+)", re.IGNORECASE),
}
"""Words that deny what they seem to say."""


def as_said(text: str) -> str:
    """A reply as it is meant, of the same length: a wrapped line goes on, and a quoted mail is somebody else's."""
    text = _QUOTED_MAIL.sub(lambda m: " " * len(m.group()), text.replace("\r", " "))
    return _WRAPPED.sub(lambda m: m.group()[:-1] + " ", text)


def tell_apart(scored: Sequence[Scored], whole: Sequence[float], hits: Sequence[Hit], *, known: bool) -> list[float]:
    """What is known of a whole reply before it is judged, in the order that the weights are in.

    Args:
        scored: its sentences.
        whole: its scores as a whole.
        hits: what rules found in it.
        known: whether the facts of the case are known.

    """
    best = [max((s.scores[n] for s in scored), default=-_WIDEST) for n in range(len(ALL_LABELS))]
    likely = [
        math.fsum(1 / (1 + math.exp(-max(-30.0, min(30.0, s.scores[n])))) for s in scored)
        for n in range(len(ALL_LABELS))
    ]
    found = {hit.rule.label for hit in hits}
    return [
        *(max(-_WIDEST, min(_WIDEST, b)) for b in best),
        *(max(0.0, b) ** 2 / 4 if b < _WIDEST else 9.0 for b in best),
        *(min(_MOST_LIKELY, x) for x in likely),
        *(max(-_WIDEST, min(_WIDEST, score)) for score in whole),
        *(float(label in found) for label in ALL_LABELS),
        min(_MOST_LIKELY, len(scored) / 4),
        float(known),
    ]


class Judge:
    """What was learned and the rules, ready to read replies.

    A rule gives its label by itself, but one that was often wrong in the corpus: that only adds to what was learned.
    Where a rule keeps silent because of the words around, what was learned keeps silent too.
    """

    def __init__(self, learned: Learned, phrases: Phrases) -> None:
        self.learned = learned
        self.phrases = phrases

    def _likelihoods(self, values: Sequence[float]) -> dict[str, float]:
        """How likely each label is for a reply, from 0 to 1."""
        found = {}
        for label, (base, *weights) in self.learned.head["replies"].items():
            # Exact, so that every Python gives the same answer.
            total = math.fsum((base, *(v * w for v, w in zip(values, weights, strict=True))))
            found[label] = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
        return found

    def review(self, text: str, customer: str = "", facts: str = "", *, first_reply: bool = False) -> Review:
        """What a reply does. Never raises; the same words give the same review.

        Args:
            text: the reply, as it would go out; of a longer one than `MOST_TEXT` characters the beginning is read.
            customer: what the customer said last.
            facts: what is true of the case, and what may be promised.
            first_reply: it is the first reply after a failure that is established to be ours, so what is missing
                in it is told.

        """
        text, said = as_said(text[:MOST_TEXT]), text
        case = read_case(customer, facts)
        scored, (hits, silenced) = self.learned.score(text, customer, facts), self.phrases.look(text, case)
        whole = self.learned.score_whole(text, customer, facts)
        likely = self._likelihoods(tell_apart(scored, whole, hits, known=bool(facts.strip())))
        sure, doubted = self.learned.head["sure"], self.learned.head["doubted"]
        ruled = {hit.rule.label for hit in hits if hit.rule.id not in doubted}
        labels = tuple(
            x
            for x in ALL_LABELS
            if x in ruled or (scored and likely[x] >= sure[x] and not self._is_silenced(text, x, scored, silenced))
        )
        found = [remark for label in labels for remark in self._remarks(text, label, likely[label], scored, hits)]
        if first_reply and scored and not any(x in labels for x in VIOLATIONS):
            found += [
                Remark(label, "missing", len(text), len(text), "", why, instead, 1 - likely[label])
                for label, (why, instead) in MISSING.items()
                if label not in labels
            ]
        found = [r._replace(text=said[r.start : r.end]) for r in found]
        return Review(labels, tuple(sorted(found, key=lambda r: (r.start, r.end, r.label))))

    @staticmethod
    def _is_silenced(text: str, label: str, scored: Sequence[Scored], silenced: Sequence[Hit]) -> bool:
        """Whether the sentence that speaks most for a label holds words that a rule knows to be harmless there."""
        part = max(scored, key=lambda s: s.scores[ALL_LABELS.index(label)]).part
        if label in _DENIED and _DENIED[label].search(text, part.start, part.end):
            return True
        return any(hit.rule.label == label and part.start <= hit.start < part.end for hit in silenced)

    def _remarks(
        self, text: str, label: str, sure: float, scored: Sequence[Scored], hits: Sequence[Hit]
    ) -> Iterator[Remark]:
        told, kind = TEXTS[label], "violation" if TEXTS[label].instead else "principle"
        lane = ALL_LABELS.index(label)
        best = max(scored, key=lambda s: s.scores[lane]).part if scored else None
        own = [hit for hit in hits if hit.rule.label == label]
        doubted = self.learned.head["doubted"]
        # A rule that is often wrong is believed where what was learned sees the same.
        own = [h for h in own if h.rule.id not in doubted] or [
            h for h in own if best and best.start <= h.start < best.end
        ]
        # The wording is one of the label's own, which add nothing; the same words get the same one.
        instead = told.instead[len(text.strip()) % len(told.instead)] if told.instead else ""
        for hit in own:
            # What a team wrote for itself is its own affair.
            better = instead if hit.rule.shipped or not instead else hit.rule.instead
            yield Remark(label, kind, hit.start, hit.end, hit.text, hit.rule.why, better, sure, hit.rule.id)
        if not own and best:
            part = best
            said = text[part.start : part.end]
            words = tuple(self.learned.reasons(said, label))
            yield Remark(label, kind, part.start, part.end, said, told.why, instead, sure, "", words)
