"""What a fault test found, in one line: how often, what was lost, whether a traceback was shown, and how long it took."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.stage import Ran


class Tally:
    """Counts, and every problem with the place where it was found."""

    most = 20
    """How many problems are shown."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.tracebacks = 0
        self.begun = time.monotonic()

    def count(self, what: str, times: int = 1) -> None:
        self.counts[what] += times

    def check(self, *, holds: bool, where: object, what: object) -> bool:
        """Note a problem where something doesn't hold; gives whether it does."""
        if not holds:
            self.problems.append(f"{where}: {what}")
        return holds

    def look(self, ran: Ran, where: object) -> Ran:
        """Note a traceback that a command showed; gives the run."""
        if ran.shows_a_traceback:
            self.tracebacks += 1
            self.problems.append(f"{where}: a traceback: {(ran.err or ran.out)[-700:]}")
        return ran

    def add(self, other: Tally) -> None:
        """Take in what another one found."""
        self.counts += other.counts
        self.problems += other.problems
        self.tracebacks += other.tracebacks

    def __str__(self) -> str:
        counts = ", ".join(f"{n} {what}" for what, n in self.counts.items())
        lost = len(self.problems) - self.tracebacks
        seconds = time.monotonic() - self.begun
        told = [f"  {problem}" for problem in self.problems[: self.most]]
        more = [f"  … and {len(self.problems) - self.most} more"] if len(self.problems) > self.most else []
        line = f"{self.name}: {counts}; {lost} problems, {self.tracebacks} tracebacks, {seconds:.0f} s"
        return "\n".join([line, *told, *more])
