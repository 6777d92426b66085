"""From a key to the next screen, on a call that runs; what it takes after hundreds of moves; and the memory of it."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks import books
from tests.benchmarks.figures import Figure, ratio, worst
from tests.benchmarks.starts import HELLO, KEYS_ALIVE, Home
from tests.benchmarks.terminal import Program, clean_environment

if TYPE_CHECKING:
    from pathlib import Path

PAUSE = 0.01
"""Seconds between two keys: what the program does after a screen is not part of the next one."""
MOVES, LONG, EDGE = 200, 500, 50


class RunningCall:
    """A call on the screen, its keys alive."""

    def __init__(self, home: Home) -> None:
        home.restore()
        self.program = Program(home.command(), home.environment)
        self.program.wait(books.HERE.words, KEYS_ALIVE)
        self.program.drain(0.1)
        self._next = books.THERE

    def move(self) -> float:
        """Milliseconds from a choice to the whole next screen, the move on disk."""
        taken = self.program.press("1", *self._next)
        self._next = books.HERE if self._next is books.THERE else books.THERE
        self.program.drain(PAUSE)
        return taken


def measure_keys(folder: Path) -> list[Figure]:
    """Figures 3 and 7: one key on a call, then one select answered, and so on in turn."""
    home = Home(folder / "keys", "two", books.TWO_STEPS, books.ALL_TO_THE_END)
    call = RunningCall(home)
    moves, selects, memory = [], [], 0.0
    with call.program, Program([*HELLO, "--times", str(MOVES + 2)], clean_environment()) as peer:
        peer.wait("Way-on-0000")
        peer.drain(0.1)
        for number in range(1, MOVES + 1):
            moves.append(call.move())
            selects.append(peer.press("\r", f"Way-on-{number:04}"))
            peer.drain(PAUSE)
            if number == EDGE:
                memory = call.program.most_memory()
        total = call.program.most_memory()
    if home.moved() < MOVES:
        raise SystemExit("Moves stood on the screen and were not on disk.")
    return [
        Figure("one questionary.select answered", 1, measured=median(selects), note=f"p99 {worst(selects):.3g} ms"),
        Figure("key → next screen, median / one select", ratio(moves, selects), 1 / 4, measured=median(moves)),
        Figure(
            "key → next screen, p99 / median of one select", worst(moves) / median(selects), 1, measured=worst(moves)
        ),
        Figure(
            f"memory after {EDGE} moves / 60 MB",
            memory / 60,
            1,
            measured=memory,
            unit="MB",
            note=f"({total:.1f} MB after {MOVES})",
        ),
    ]


def measure_growth(folder: Path) -> list[Figure]:
    """Figure 3, the end: the last moves of a long call, in turn with the first ones of another."""
    old = RunningCall(Home(folder / "long", "two", books.TWO_STEPS, books.ALL_TO_THE_END))
    with old.program:
        for _ in range(LONG - EDGE):
            old.move()
        new = RunningCall(Home(folder / "short", "two", books.TWO_STEPS, books.ALL_TO_THE_END))
        with new.program:
            pairs = [(old.move(), new.move()) for _ in range(EDGE)]
        memory = old.program.most_memory()
    last, first = [a for a, _ in pairs], [b for _, b in pairs]
    return [
        Figure(
            f"the last {EDGE} of {LONG} moves / the first {EDGE} of another call",
            ratio(last, first),
            1.2,
            measured=median(last),
            note=f"(first {median(first):.3g} ms; {memory:.1f} MB at the end)",
        )
    ]
