"""Learn from the corpus what each label sounds like: `python -m tests.coach.train` writes `coach/learned.bin`.

Needs `pip install -e '.[train]'`. Two steps, both logistic regression, both leaving whole writers out where one
is judged by the other: what a sentence does, from its words; what a reply does, from its sentences and from the
phrase rules. The same corpus gives the same file.
"""

from __future__ import annotations

import json
import math
import sys
from array import array
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from calmdesk.coach.features import read_case, read_parts, signs
from calmdesk.coach.keys import LABELS
from calmdesk.coach.learned import ALL_LABELS, MAGIC, Learned, each_gram, gram_key
from calmdesk.coach.review import MODEL, Judge, tell_apart
from calmdesk.coach.rules import shipped_rules
from tests.coach.corpora import read_corpus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.coach.corpora import Reply

LEAST = {"w": 2, "c": 4}
"""A gram is learned that stands in so many sentences."""
STRENGTH = {"sentence": 6.0, "reply": 0.5}
"""The inverse of how strongly weights are held back."""
PRECISE, MOST_FALSE, MOST_SURE = 0.92, 0.03, 0.6
"""So precise are violations where the facts are known; so many replies may be flagged falsely where they aren't; and
so likely a principle must be at most."""
HARD = 3.0
"""What a sentence that has a label weighs against one that hasn't."""


class Sentence(NamedTuple):
    """A sentence to learn from."""

    reply: int
    text: str
    told: list[float]
    labels: list[bool]


def split(replies: Sequence[Reply]) -> list[Sentence]:
    """The sentences of replies; one has a label where the words that earn it stand in it."""
    found = []
    for number, reply in enumerate(replies):
        parts, case = read_parts(reply.text), read_case(reply.customer, reply.facts)
        for n, part in enumerate(parts):
            text = reply.text[part.start : part.end]
            earned = set()
            for label, span in reply.spans:
                at = reply.text.find(span)
                if min(part.end, at + len(span)) - max(part.start, at) >= min(8, len(span)):
                    earned.add(label)
            found.append(Sentence(number, text, signs(text, n, len(parts), case), [x in earned for x in ALL_LABELS]))
    return found


class Vocabulary:
    """The grams that are learned, with how rare each is."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        counts: dict[str, Counter[str]] = {"w": Counter(), "c": Counter()}
        for sentence in sentences:
            for block, grams in each_gram(sentence.text):
                counts[block].update(grams)
        kept = {b: {g: n for g, n in c.items() if n >= LEAST[b]} for b, c in counts.items()}
        self.rarity = {g: 1 + math.log((1 + len(sentences)) / (1 + n)) for b in "wc" for g, n in kept[b].items()}
        self.order = {gram: n for n, gram in enumerate(sorted(self.rarity))}

    def matrix(self, sentences: Sequence[Sentence]) -> Any:
        """One row a sentence: each block of grams with a length of one, then the signs."""
        rows, columns, values = [], [], []
        for n, sentence in enumerate(sentences):
            for _, grams in each_gram(sentence.text):
                known = sorted(g for g in grams if g in self.order)
                norm = math.sqrt(sum(self.rarity[g] ** 2 for g in known))
                rows += [n] * len(known)
                columns += [self.order[g] for g in known]
                values += [self.rarity[g] / norm for g in known]
        grams = sparse.csr_matrix((values, (rows, columns)), (len(sentences), len(self.order)))
        return sparse.hstack([grams, sparse.csr_matrix([s.told for s in sentences])]).tocsr()


class Sentences:
    """What a sentence does of each label, learned from sentences."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        self.vocabulary = Vocabulary(sentences)
        matrix = self.vocabulary.matrix(sentences)
        self.models = []
        for n in range(len(ALL_LABELS)):
            model = LogisticRegression(
                C=STRENGTH["sentence"], class_weight={0: 1.0, 1: HARD}, solver="liblinear", max_iter=400, random_state=0
            )
            self.models.append(model.fit(matrix, [s.labels[n] for s in sentences]))

    def write(self, head: dict[str, Any]) -> bytes:
        """The file of weights."""
        size = len(self.vocabulary.order)
        weights = np.stack([m.coef_[0] for m in self.models], 1)
        rarest = max(self.vocabulary.rarity.values())
        grams = list(self.vocabulary.order)
        step = rarest / 255
        scales: dict[str, list[float]] = {}
        lanes = np.full((size, len(ALL_LABELS) + 1), 128, dtype=np.uint8)
        lanes[:, 0] = [max(1, round(self.vocabulary.rarity[g] / step)) for g in grams]
        times = np.array([self.vocabulary.rarity[g] for g in grams])
        for block in "wc":
            own = np.array([g[0] == block for g in grams])
            part = weights[:size][own] * times[own][:, None]
            scale = np.abs(part).max(0) / 127
            scale[scale == 0] = 1
            scales[block] = [float(f"{s:.6g}") for s in scale]
            lanes[own, 1:] = np.clip(np.rint(part / scale), -127, 127).astype(np.int16) + 128
        keys = [gram_key(g) for g in grams]
        kept = {k: n for n, k in enumerate(keys)}
        chosen = sorted(kept.values(), key=lambda n: keys[n])
        head = {
            "grams": len(chosen),
            "rarity": step,
            "scales": scales,
            "base": [float(f"{m.intercept_[0]:.6g}") for m in self.models],
            "signs": [[float(f"{w:.5g}") for w in row] for row in weights[size:]],
            **head,
        }
        return (
            MAGIC
            + json.dumps(head).encode()
            + b"\n"
            + array("I", [keys[n] for n in chosen]).tobytes()
            + lanes[chosen].tobytes()
        )


def learn(replies: Sequence[Reply], rules: Any, head: dict[str, Any]) -> bytes:
    """A whole file from these replies."""
    sentences = split(replies)
    writers = sorted({r.writer for r in replies})
    judged: list[list[float]] = [[] for _ in replies]
    for group in fold(writers):
        inside = [n for n, r in enumerate(replies) if r.writer in group]
        apart = Learned(Sentences([s for s in sentences if replies[s.reply].writer not in group]).write({}))
        for n in inside:
            reply = replies[n]
            judged[n] = tell_apart(
                apart.score(reply.text, reply.customer, reply.facts),
                rules.find(reply.text, read_case(reply.customer, reply.facts)),
                known=bool(reply.facts),
            )
    second = [
        LogisticRegression(C=STRENGTH["reply"], max_iter=1000).fit(judged, [label in r.labels for r in replies])
        for label in ALL_LABELS
    ]
    head["sure"] = find_sure(replies, judged)
    head["replies"] = {
        label: [float(f"{x:.5g}") for x in (m.intercept_[0], *m.coef_[0])]
        for label, m in zip(ALL_LABELS, second, strict=True)
    }
    return Sentences(sentences).write(head)


def find_sure(replies: Sequence[Reply], judged: Sequence[Sequence[float]]) -> dict[str, float]:
    """How likely a label must be to be given: where principles are found best, and violations rarely falsely.

    Each reply is judged by what was learned from other writers.
    """
    folds = fold(sorted({r.writer for r in replies}))
    likely = np.zeros((len(replies), len(ALL_LABELS)))
    truth = np.array([[label in r.labels for label in ALL_LABELS] for r in replies])
    values = np.array(judged)
    for group in folds:
        inside = np.array([r.writer in group for r in replies])
        for n in range(len(ALL_LABELS)):
            model = LogisticRegression(C=STRENGTH["reply"], max_iter=1000).fit(values[~inside], truth[~inside, n])
            likely[inside, n] = model.predict_proba(values[inside])[:, 1]
    found = {}
    steps = [n / 100 for n in range(25, 96)]
    for n, label in enumerate(LABELS["principle"]):
        found[label] = max(
            (s for s in steps if s <= MOST_SURE),
            key=lambda s: f1(truth[:, n], likely[:, n] >= s),  # noqa: B023 - used at once
        )
    harm = slice(len(LABELS["principle"]), None)
    known = np.array([bool(r.facts) for r in replies])
    for s in steps:
        given = likely[:, harm] >= s
        false = given & ~truth[:, harm]
        precise = (given & truth[:, harm])[known].sum() / max(1, given[known].sum())
        if precise >= PRECISE and false[~known].sum() / max(1, (~known).sum()) <= MOST_FALSE:
            break
    found |= dict.fromkeys(LABELS["violation"], s)
    return found


def f1(truth: Any, given: Any) -> float:
    """The balance of precision and recall."""
    return float(2 * (truth & given).sum() / max(1, truth.sum() + given.sum()))


def fold(writers: Sequence[str], most: int = 8) -> list[set[str]]:
    """Writers in groups that are left out together."""
    return [set(writers[n::most]) for n in range(min(most, len(writers)))]


def digest(replies: Sequence[Reply]) -> str:
    """What tells one corpus from another."""
    return sha256(json.dumps([[r.id, r.text, sorted(r.labels), r.spans] for r in replies]).encode()).hexdigest()[:16]


def main() -> None:
    """Write the file."""
    replies = read_corpus()
    data = learn(replies, shipped_rules(), {"corpus": digest(replies)})
    Path(MODEL).write_bytes(data)
    sys.stdout.write(f"{len(replies):,} replies, {len(data):,} bytes\n")
    Judge(Learned(data), shipped_rules())


if __name__ == "__main__":
    main()
