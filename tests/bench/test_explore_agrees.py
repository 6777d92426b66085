"""What is explored is what can be played, and all of it: small random playbooks, explored and played for real.

A quick run writes fifty playbooks; `CALMDESK_EXPLORE_EXAMPLES=5000` is the full form, and `CALMDESK_EXPLORE_SEED`
begins elsewhere. A playbook that is judged differently is named by its number, which writes the same one again.
"""

from __future__ import annotations

import os
import random
from functools import cache

from .agree import Disagreement, Wandering, find_unexplored, find_unplayable
from .books import as_text, write_books
from .plays import Books, read_books

EXAMPLES = int(os.environ.get("CALMDESK_EXPLORE_EXAMPLES", "50"))
SEED = os.environ.get("CALMDESK_EXPLORE_SEED", "1")
PLAYS = 25
"""So many random plays of each."""


def dice(seed: str) -> random.Random:
    """The same throws every time."""
    return random.Random(seed)  # noqa: S311 - nothing secret hangs on it


def make_books(number: int) -> Books:
    """The playbook with this number, and what it plays."""
    written = write_books(dice(f"{SEED} {number}"))
    books = read_books({name: as_text(data) for name, data in written.items()})
    if books is None:
        raise ValueError(number)
    return books


# The long form would keep too many of them.
kept_books = cache(make_books) if EXAMPLES <= 1000 else make_books


def told(found: list[tuple[int, Disagreement]]) -> str:
    """Each kind of disagreement with its first playbook."""
    kinds: dict[str, list[str]] = {}
    for number, (kind, what) in found:
        kinds.setdefault(kind, []).append(f"playbook {number}: {what}")
    return "\n".join(f"{len(whats)} × {kind}, first {whats[0]}" for kind, whats in kinds.items())


def test_everything_that_a_play_does_was_explored() -> None:
    found = []
    for number in range(EXAMPLES):
        books, rng = kept_books(number), dice(f"plays {SEED} {number}")
        for _ in range(PLAYS):
            play = Wandering(books, rng)
            play.play()
            found += [(number, what) for what in find_unexplored(books, play)]
    assert not found, told(found)


def test_everything_that_was_explored_can_be_played() -> None:
    found = []
    for number in range(EXAMPLES):
        books = kept_books(number)
        found += [(number, what) for what in find_unplayable(books, dice(f"paths {SEED} {number}"))]
    assert not found, told(found)


def test_the_random_playbooks_hold_everything_that_is_compared() -> None:
    seen: set[str] = set()
    for number in range(100):
        books = kept_books(number)
        run = books.run
        seen |= {
            k for k in ("unknown", "missing", "dead", "fell", "broken", "exits", "inner_offers") if getattr(run, k)
        }
        seen |= {(pick.test and "hidden") or "" for stop in run.flow.stops for pick in stop.picks}
        seen |= {"then" for stop in run.flow.stops for pick in stop.picks if pick.then}
        seen |= {e.disposition and "return with a disposition" for e in run.exits if e.came.inner}
        assert not run.bounded
    wanted = {"unknown", "missing", "dead", "fell", "broken", "exits", "inner_offers", "hidden", "then"}
    assert wanted < seen
