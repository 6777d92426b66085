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
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from calmdesk.coach.features import read_case, read_parts, signs
from calmdesk.coach.keys import LABELS
from calmdesk.coach.learned import ALL_LABELS, KINDS, MAGIC, Learned, each_gram, gram_key
from calmdesk.coach.phrases import Phrases
from calmdesk.coach.review import MODEL, Judge, tell_apart
from tests.coach.corpora import read_corpus
from tests.coach.stamp import stamp
from tests.coach.texts import shipped_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.coach.phrases import PhraseRule
    from tests.coach.corpora import Reply

LEAST = {"w": 2, "c": 4}
"""A gram is learned that stands in so many sentences."""
STRENGTH = {"sentence": 6.0, "reply": 0.5}
"""The inverse of how strongly weights are held back."""
PRECISE, MOST_FALSE, MOST_SURE = 0.9375, 0.03, 0.6
"""So precise are violations where the facts are known; so many replies may be flagged falsely where they aren't; and
so likely a principle must be at most."""
TRUSTED, MOST_WRONG = 0.8, 2
"""A rule that is right so often, or wrong no oftener than so many times, gives its label by itself."""
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


class Weights:
    """What the words of sentences, or of whole replies, say of each label."""

    def __init__(self, vocabulary: Vocabulary, sentences: Sequence[Sentence]) -> None:
        matrix = vocabulary.matrix(sentences)
        models = [
            LogisticRegression(
                C=STRENGTH["sentence"], class_weight={0: 1.0, 1: HARD}, solver="liblinear", max_iter=400, random_state=0
            ).fit(matrix, [s.labels[n] for s in sentences])
            for n in range(len(ALL_LABELS))
        ]
        weights = np.stack([m.coef_[0] for m in models], 1)
        size = len(vocabulary.order)
        self.lanes = np.full((size, len(ALL_LABELS)), 128, dtype=np.uint8)
        times = np.array([vocabulary.rarity[g] for g in vocabulary.order])
        scales: dict[str, list[float]] = {}
        for block in "wc":
            own = np.array([g[0] == block for g in vocabulary.order])
            part = weights[:size][own] * times[own][:, None]
            scale = np.abs(part).max(0) / 127
            scale[scale == 0] = 1
            scales[block] = [float(f"{s:.6g}") for s in scale]
            self.lanes[own] = np.clip(np.rint(part / scale), -127, 127).astype(np.int16) + 128
        self.head = {
            "scales": scales,
            "base": [float(f"{m.intercept_[0]:.6g}") for m in models],
            "signs": [[float(f"{w:.5g}") for w in row] for row in weights[size:]],
        }


def write(sentences: Sequence[Sentence], whole: Sequence[Sentence], head: dict[str, Any]) -> bytes:
    """The file of weights."""
    vocabulary = Vocabulary(sentences)
    weights = {"sentence": Weights(vocabulary, sentences), "reply": Weights(vocabulary, whole)}
    step = max(vocabulary.rarity.values()) / 255
    rare = np.array([[max(1, round(r / step))] for g, r in sorted(vocabulary.rarity.items())], dtype=np.uint8)
    lanes = np.hstack([rare, *(weights[kind].lanes for kind in KINDS)])
    keys = [gram_key(g) for g in vocabulary.order]
    chosen = sorted({k: n for n, k in enumerate(keys)}.values(), key=lambda n: keys[n])
    head = {"grams": len(chosen), "rarity": step, **{kind: w.head for kind, w in weights.items()}, **head}
    numbers = array("I", [keys[n] for n in chosen]).tobytes()
    return MAGIC + json.dumps(head).encode() + b"\n" + numbers + bytes(lanes[chosen].tobytes())


def as_whole(replies: Sequence[Reply]) -> list[Sentence]:
    """Each reply as one."""
    return [
        Sentence(n, r.text, signs(r.text, 0, 1, read_case(r.customer, r.facts)), [x in r.labels for x in ALL_LABELS])
        for n, r in enumerate(replies)
    ]


def judge_apart(replies: Sequence[Reply], rules: Phrases) -> list[list[float]]:
    """What is known of each reply before it is judged, learned from other writers."""
    judged: list[list[float]] = [[] for _ in replies]
    groups = fold(sorted({r.writer for r in replies}))
    with ProcessPoolExecutor() as pool:
        for part in pool.map(judge_group, [replies] * len(groups), [rules.rules] * len(groups), groups):
            for n, values in part:
                judged[n] = values
    return judged


def judge_group(
    replies: Sequence[Reply], rules: tuple[PhraseRule, ...], group: set[str]
) -> list[tuple[int, list[float]]]:
    """The replies of some writers, by their numbers, looked at with what was learned from the others."""
    sentences, whole = split(replies), as_whole(replies)
    others = [[s for s in some if replies[s.reply].writer not in group] for some in (sentences, whole)]
    apart, phrases = Learned(write(others[0], others[1], {})), Phrases(rules)
    return [(n, look(apart, phrases, reply)) for n, reply in enumerate(replies) if reply.writer in group]


def look(learned: Learned, rules: Phrases, reply: Reply) -> list[float]:
    """What is known of a reply before it is judged."""
    told = (reply.text, reply.customer, reply.facts)
    hits = rules.find(reply.text, read_case(reply.customer, reply.facts))
    return tell_apart(learned.score(*told), learned.score_whole(*told), hits, known=bool(reply.facts))


def learn(replies: Sequence[Reply], rules: Phrases, head: dict[str, Any]) -> bytes:
    """A whole file from these replies."""
    judged = judge_apart(replies, rules)
    second = [
        LogisticRegression(C=STRENGTH["reply"], max_iter=1000).fit(judged, [label in r.labels for r in replies])
        for label in ALL_LABELS
    ]
    head["doubted"] = find_doubted(replies, rules)
    head["sure"] = find_sure(replies, likely_apart(replies, judged))
    head["replies"] = {
        label: [float(f"{x:.5g}") for x in (m.intercept_[0], *m.coef_[0])]
        for label, m in zip(ALL_LABELS, second, strict=True)
    }
    return write(split(replies), as_whole(replies), head)


def likely_apart(replies: Sequence[Reply], judged: Sequence[Sequence[float]]) -> Any:
    """How likely each label is for each reply, judged by what was learned from other writers."""
    likely = np.zeros((len(replies), len(ALL_LABELS)))
    truth, values = truth_of(replies), np.array(judged)
    for group in fold(sorted({r.writer for r in replies})):
        inside = np.array([r.writer in group for r in replies])
        for n in range(len(ALL_LABELS)):
            model = LogisticRegression(C=STRENGTH["reply"], max_iter=1000).fit(values[~inside], truth[~inside, n])
            likely[inside, n] = model.predict_proba(values[inside])[:, 1]
    return likely


def truth_of(replies: Sequence[Reply]) -> Any:
    """One row a reply, one column a label."""
    return np.array([[label in r.labels for label in ALL_LABELS] for r in replies])


def find_doubted(replies: Sequence[Reply], rules: Phrases) -> list[str]:
    """The rules that are too often wrong in the corpus to give a label by themselves."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for reply in replies:
        for rule in {hit.rule for hit in rules.find(reply.text, read_case(reply.customer, reply.facts))}:
            (right if rule.label in reply.labels else wrong)[rule.id] += 1
    return sorted(r for r in wrong if wrong[r] > MOST_WRONG and right[r] / (right[r] + wrong[r]) < TRUSTED)


def find_sure(replies: Sequence[Reply], likely: Any) -> dict[str, float]:
    """How likely a label must be to be given: where principles are found best, and violations rarely falsely."""
    found, truth = {}, truth_of(replies)
    steps = [n / 100 for n in range(25, 96)]
    for n, label in enumerate(LABELS["principle"]):
        scores = {s: f1(truth[:, n], likely[:, n] >= s) for s in steps if s <= MOST_SURE}
        found[label] = max(scores, key=lambda s: scores[s])
    harm = slice(len(LABELS["principle"]), None)
    known = np.array([bool(r.facts) for r in replies])
    for s in steps:
        given = likely[:, harm] >= s
        false = given & ~truth[:, harm]
        precise = (given & truth[:, harm])[known].sum() / max(1, given[known].sum())
        if precise >= PRECISE and false[~known].any(1).sum() / max(1, (~known).sum()) <= MOST_FALSE:
            break
    else:
        raise SystemExit("No threshold is precise enough.")
    return found | dict.fromkeys(LABELS["violation"], s)


def label_apart(replies: Sequence[Reply], judged: Sequence[Sequence[float]]) -> list[frozenset[str]]:
    """The labels of each reply, judged by what was learned from other writers."""
    likely = likely_apart(replies, judged)
    sure = find_sure(replies, likely)
    return [frozenset(x for n, x in enumerate(ALL_LABELS) if row[n] >= sure[x]) for row in likely]


def f1(truth: Any, given: Any) -> float:
    """The balance of precision and recall."""
    return float(2 * (truth & given).sum() / max(1, truth.sum() + given.sum()))


def fold(writers: Sequence[str], most: int = 8) -> list[set[str]]:
    """Writers in groups that are left out together."""
    return [set(writers[n::most]) for n in range(min(most, len(writers)))]


def main() -> None:
    """Write the file."""
    replies = read_corpus()
    data = learn(replies, shipped_rules(), {"made-of": stamp(replies)})
    Path(MODEL).write_bytes(data)
    sys.stdout.write(f"{len(replies):,} replies, {len(data):,} bytes\n")
    Judge(Learned(data), shipped_rules())


if __name__ == "__main__":
    main()
