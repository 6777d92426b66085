"""`python -m tests.benchmarks.practice`: what a reply of a rehearsal takes, against the coach alone on it and a durable commit."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from statistics import median

from calmdesk.call import events as e
from calmdesk.cli.coaching import open_judge
from calmdesk.cli.rehearsing import Book
from calmdesk.coach.rehearsal import Rehearsal
from calmdesk.coach.rules import open_habits
from calmdesk.coach.shelf import find_scenarios, open_scenario
from calmdesk.digest import digest
from calmdesk.journal.opening import close_journal, open_journal
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from calmdesk.terminal.practice import Practice, Room
from tests.benchmarks.figures import Figure

ROUNDS, LIMIT = 5, 3


def _now() -> e.Stamp:
    return e.Stamp(time.time_ns() // 1_000_000, time.monotonic_ns() // 1_000_000, "bench")


def _took(begin: float) -> float:
    return (time.perf_counter() - begin) * 1000


def main() -> int:
    """Every model answer of every scenario, one reply after the other: on disk and answered."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.practice", description=__doc__)
    parser.add_argument("--folder", help="where the journal is written: on a disk (default: a temporary folder)")
    parser.add_argument("--check", action="store_true", help="exit code 1 where a limit is not kept")
    asked = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.platform()}")
    coach, commit, whole = [], [], []
    with tempfile.TemporaryDirectory(prefix="calmdesk-practice-", dir=asked.folder) as home:
        library = Library((built_in_folder(),), f"{home}/cache")
        judge, habits, journal = open_judge(library), open_habits(library), open_journal(home)
        for turn in range(ROUNDS):
            for name in find_scenarios(library):
                scenario, text = open_scenario(library, name)
                edition = open_edition(library, scenario.playbook).edition
                book = Book(journal, {digest(text): text, **edition.texts})
                practice = Practice(Room(scenario, edition, judge, habits, book.record, _now), Rehearsal())
                practice.begin(digest(text), turn, "cues", 0)
                for reply in scenario.model_answers[turn % len(scenario.model_answers)]:
                    # The same reply, the same words before it, each in its turn: none is warmer than the other.
                    begin = time.perf_counter()
                    judge.review(reply, practice.last_words, scenario.case)
                    coach.append(_took(begin))
                    begin = time.perf_counter()
                    journal.append(book.number, [e.Hinted(1)], _now())
                    commit.append(_took(begin))
                    begin = time.perf_counter()
                    practice.talk.take(practice.reply(reply))
                    whole.append(_took(begin))
                    if practice.is_over():
                        break
        close_journal(journal)
    floor = [a + b for a, b in zip(coach, commit, strict=True)]
    figure = Figure(
        f"a reply, answered and on disk / coach and commit, {len(whole)} replies",
        median(a / b for a, b in zip(whole, floor, strict=True)),
        LIMIT,
        measured=median(whole),
        note=f"coach {median(coach):.3g} ms, commit {median(commit):.3g} ms",
    )
    print(figure)
    return 1 if asked.check and not figure.kept else 0


if __name__ == "__main__":
    sys.exit(main())
