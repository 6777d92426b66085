"""How well the coach labels: `python -m tests.coach.measure` prints it beside baselines on the same replies.

Needs `pip install -e '.[train]'`. The development replies were written and rated by others than the corpus, and
nothing is learned from them (but by the last baseline, which leaves out the complaint that it is judged on).
Labels that only one of two raters gave are left out. `--replies FILE` measures another file of the same form,
`--clean FILE` counts the violations flagged in real replies, and `--left-out` measures the corpus itself, each
reply by what was learned from other writers (three minutes).
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from calmdesk.coach.keys import LABELS
from calmdesk.coach.learned import ALL_LABELS, Learned
from calmdesk.coach.review import MODEL, Judge
from tests.coach.corpora import DEVELOPMENT, read_corpus, read_replies
from tests.coach.texts import shipped_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.coach.corpora import Reply

Given: TypeAlias = "Sequence[frozenset[str]]"
TIMES = 1000
"""So often complaints are drawn anew for an interval."""
LIST = {
    "APOLOGY": "sorry|apolog|regret",
    "OWN": "our (?:fault|mistake|error)|my (?:fault|mistake|error)|we (?:got|made) |responsib",
    "ACK": "understand|frustrat|upset|must be|must have been|can imagine",
    "REFLECT": "you said|you mentioned|so you|as i understand|let me repeat",
    "REMEDY": "refund|replace|credit|free of charge|waive|compensat|discount",
    "NEXT_STEP": "i will|i'll|we will|we'll|let me",
    "OFFER_HELP": "anything else|let me know if|happy to help|reach out|any other question",
    "BOUNDARY": "language|respectful|end (?:the|this) (?:call|chat)|swear|abus",
    "EMPTY_APOLOGY": "sorry if|sorry you feel|inconvenience|sorry but|sorry that you feel",
    "BLAME": "you should have|you failed|your fault|their fault|not our fault|the courier",
    "DISMISS": "calm down|relax|it's only|not a big deal|as i (?:said|already)|overreact",
    "OVERPROMISE": "guarantee|promise|definitely|never happen again|100 ?%",
    "HOSTILE": "stupid|idiot|whatever|ridiculous|are you even|!!",
    "STONEWALL": "nothing (?:i|we) can do|our policy|can't help|cannot help|not possible|unable to",
}
"""What anybody would put in a list of phrases, written before the replies were read."""


def label_by_coach(judge: Judge, replies: Sequence[Reply]) -> Given:
    """What the coach gives."""
    return [frozenset(judge.review(r.text, r.customer, r.facts).labels) for r in replies]


def label_by_list(replies: Sequence[Reply]) -> Given:
    """What a plain list of phrases gives."""
    return [frozenset(x for x, p in LIST.items() if re.search(p, r.text.lower().replace("’", "'"))) for r in replies]


def label_by_sentiment(replies: Sequence[Reply]) -> Given:
    """What VADER gives: a friendly reply acknowledges and offers help, a bitter one is hostile."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    score = SentimentIntensityAnalyzer().polarity_scores
    found = [score(r.text)["compound"] for r in replies]
    return [frozenset({"ACK", "OFFER_HELP"} if s > 0.4 else {"HOSTILE", "DISMISS"} if s < -0.4 else ()) for s in found]


def label_by_words(replies: Sequence[Reply]) -> Given:
    """What TF-IDF and logistic regression give, learned from the other complaints of the same replies."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    groups = sorted({r.group for r in replies})
    found: list[set[str]] = [set() for _ in replies]
    for group in groups:
        others = [r for r in replies if r.group != group]
        reader = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit([r.text for r in others])
        inside = [n for n, r in enumerate(replies) if r.group == group]
        for label in ALL_LABELS:
            truth = [label in r.labels for r in others]
            if not any(truth):
                continue
            model = LogisticRegression(C=10, class_weight="balanced").fit(
                reader.transform([r.text for r in others]), truth
            )
            for n, given in zip(
                inside, model.predict(reader.transform([replies[n].text for n in inside])), strict=True
            ):
                if given:
                    found[n].add(label)
    return [frozenset(x) for x in found]


def count(replies: Sequence[Reply], given: Given, labels: Sequence[str]) -> np.ndarray[Any, Any]:
    """Per label: rightly given, wrongly given, missed."""
    found = np.zeros((len(labels), 3))
    for reply, own in zip(replies, given, strict=True):
        for n, label in enumerate(labels):
            if label not in reply.disputed:
                truth, told = label in reply.labels, label in own
                found[n] += (truth and told, told and not truth, truth and not told)
    return found


def f1(counts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """F1 of each row of counts."""
    return np.asarray(2 * counts[:, 0] / np.maximum(1, 2 * counts[:, 0] + counts[:, 1] + counts[:, 2]))


def interval(replies: Sequence[Reply], given: Given, figure: Callable[[Any], float]) -> tuple[float, float]:
    """The 95 % interval of a figure where complaints are drawn anew."""
    groups = sorted({r.group for r in replies})
    each = []
    for group in groups:
        inside = [n for n, r in enumerate(replies) if r.group == group]
        each.append(count([replies[n] for n in inside], [given[n] for n in inside], ALL_LABELS))
    draw = random.Random(0)  # noqa: S311 - statistics
    found = sorted(figure(sum(draw.choice(each) for _ in groups)) for _ in range(TIMES))
    return found[int(TIMES * 0.025)], found[int(TIMES * 0.975)]


def _f1_of(number: int) -> Callable[[Any], float]:
    return lambda counts: float(f1(counts)[number])


HARM = slice(len(LABELS["principle"]), None)
GOOD = slice(0, len(LABELS["principle"]))
FIGURES: dict[str, Callable[[Any], float]] = {
    "violation precision": lambda c: float(c[HARM, 0].sum() / max(1, c[HARM, :2].sum())),
    "violation recall": lambda c: float(c[HARM, 0].sum() / max(1, c[HARM, 0].sum() + c[HARM, 2].sum())),
    "principle macro-F1": lambda c: float(f1(c)[GOOD].mean()),
    "macro-F1": lambda c: float(f1(c).mean()),
}


def tell_all(replies: Sequence[Reply], given: dict[str, Given]) -> None:
    """Print the figures of the first of `given` with intervals, and those of the others beside them."""
    sys.stdout.write(f"{len(replies)} replies to {len({r.group for r in replies})} complaints\n\n")
    first = next(iter(given))
    for name, figure in FIGURES.items():
        low, high = interval(replies, given[first], figure)
        others = "  ".join(
            f"{other} {figure(count(replies, x, ALL_LABELS)):.2f}" for other, x in given.items() if other != first
        )
        sys.stdout.write(
            f"{name:20} {figure(count(replies, given[first], ALL_LABELS)):.2f} ({low:.2f}-{high:.2f})   {others}\n"
        )
    sys.stdout.write(f"\n{'label':14} {'n':>4}    P    R   F1 (95 %)         F1 of the others\n")
    counts = count(replies, given[first], ALL_LABELS)
    for n, label in enumerate(ALL_LABELS):
        right, wrong, missed = counts[n]
        low, high = interval(replies, given[first], _f1_of(n))
        others = "  ".join(f"{o} {f1(count(replies, x, [label]))[0]:.2f}" for o, x in given.items() if o != first)
        sys.stdout.write(
            f"{label:14} {int(right + missed):4} {right / max(1, right + wrong):4.2f} {right / max(1, right + missed):4.2f}"
            f" {f1(counts)[n]:4.2f} ({low:.2f}-{high:.2f})   {others}\n"
        )


def measure_clean(judge: Judge, path: Path) -> None:
    """Print how often real replies are flagged."""
    replies = read_replies(path)
    given = label_by_coach(judge, replies)
    harm = LABELS["violation"]
    flags = {label: sum(label in x for x in given) for label in harm}
    told = ", ".join(f"{label} {n}" for label, n in flags.items() if n)
    sys.stdout.write(
        f"\n{len(replies)} real replies: {100 * sum(flags.values()) / len(replies):.1f} violations flagged in 100 ({told})\n"
    )


def measure_left_out() -> None:
    """Print the figures of the corpus, each reply judged by what was learned from other writers."""
    from tests.coach.train import judge_apart, label_apart

    replies = read_corpus()
    tell_all(
        replies,
        {"calmdesk": label_apart(replies, judge_apart(replies, shipped_rules())), "list": label_by_list(replies)},
    )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.coach.measure")
    parser.add_argument("--replies", type=Path, default=DEVELOPMENT)
    parser.add_argument("--clean", type=Path)
    parser.add_argument("--left-out", action="store_true")
    asked = parser.parse_args()
    if asked.left_out:
        measure_left_out()
        return
    judge = Judge(Learned(Path(MODEL).read_bytes()), shipped_rules())
    replies = read_replies(asked.replies)
    tell_all(
        replies,
        {
            "calmdesk": label_by_coach(judge, replies),
            "silent": [frozenset() for _ in replies],
            "list": label_by_list(replies),
            "VADER": label_by_sentiment(replies),
            "TF-IDF": label_by_words(replies),
        },
    )
    if asked.clean:
        measure_clean(judge, asked.clean)


if __name__ == "__main__":
    main()
