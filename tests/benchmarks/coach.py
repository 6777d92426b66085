"""`python -m tests.benchmarks.coach`: what the coach takes, against one combined regular expression of the same phrases."""

from __future__ import annotations

import platform
import re
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from calmdesk.coach.keys import ANY, GAP, Pattern
from calmdesk.coach.learned import Learned
from calmdesk.coach.phrases import Phrases
from calmdesk.coach.review import MODEL, Judge
from calmdesk.coach.rules import open_rules
from calmdesk.playbook.folders import Library, built_in_folder
from tests.benchmarks.figures import Figure
from tests.coach.corpora import read_corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REPLIES, ROUNDS = 300, 5


def as_regex(pattern: Pattern) -> str:
    """A pattern as a regular expression, as somebody without a matcher would write it."""
    parts = []
    for item in pattern:
        if item == GAP:
            parts.append(r"(?:\W+\w+){0,4}?")
        elif item == ANY:
            parts.append(r"\W*\b[\w']+")
        elif isinstance(item, str):
            parts.append("" if item.startswith("<") else rf"\W*\b{re.escape(item)}\b")
        else:
            parts.append("(?:" + "|".join(as_regex(way) for way in item) + ")")
    return "".join(parts)


def of_ninety_words() -> list[str]:
    """Replies of about ninety words: the corpus's own, one after the other."""
    found, words = [], []
    for reply in read_corpus():
        words += reply.text.split()
        if len(words) >= 90:
            found.append(" ".join(words[:90]))
            words = []
    return found[:REPLIES]


def each_ms(work: Callable[[str], object], texts: Sequence[str]) -> float:
    """Milliseconds a text, the median of a few rounds."""
    rounds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        for text in texts:
            work(text)
        rounds.append((time.perf_counter() - begin) / len(texts) * 1000)
    return median(rounds)


def once_ms(work: Callable[[], object]) -> float:
    """Milliseconds of doing it once, the median of a few rounds."""
    rounds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        rounds.append((time.perf_counter() - begin) * 1000)
    return median(rounds)


def measure() -> list[Figure]:
    """All figures, in one run."""
    texts = of_ninety_words()
    with tempfile.TemporaryDirectory() as folder:
        library = Library((built_in_folder(),), str(Path(folder) / "cache"))
        rules, _ = open_rules(library)
        start = once_ms(lambda: open_rules(library))
    combined = re.compile("|".join(as_regex(p) for plain in rules.built.plain for p in plain[0]), re.IGNORECASE)
    data = Path(MODEL).read_bytes()
    judge = Judge(Learned(data), rules)
    by_rules = each_ms(rules.find, texts)
    by_regex = each_ms(lambda text: list(combined.finditer(text)), texts)
    hostile = "you should have sorry if that's the only!!! case closed.\n" * 1800
    half = hostile[: len(hostile) // 2]
    both = [once_ms(lambda t=t: Phrases(rules.rules, rules.built).find(t)) for t in (half, hostile)]  # type: ignore[misc]
    return [
        Figure("all rules on a reply of 90 words, ms", by_rules, 2, note=f"{len(rules.rules)} rules"),
        Figure("… against one combined regular expression", by_rules / by_regex, 10, measured=by_regex),
        Figure("the rules made ready from the cache, ms", start, 10),
        Figure("what was learned, loaded, ms", once_ms(lambda: Learned(data)), 50, note=f"{len(data):,} bytes"),
        Figure("a whole review of such a reply, ms", each_ms(judge.review, texts[:60])),
        Figure("100 kB of a hostile text against half of it", both[1] / both[0], 2.5, measured=both[1]),
    ]


def main() -> int:
    """Print the figures; 1 where one is over its limit."""
    sys.stdout.write(f"Python {platform.python_version()}\n")
    figures = measure()
    for figure in figures:
        sys.stdout.write(f"{figure}\n")
    return 0 if all(f.kept for f in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
