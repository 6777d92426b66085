"""What is due: attempts become cards of FSRS, and the same attempts always give the same days.

An honest limit: FSRS is validated on flashcards, where something is recalled or not, over hundreds of millions of
reviews. Nothing shows that what is said to an angry customer is forgotten in the same way; it is a better guess than
none. That is why only the last twelve reviews of a skill count: a skill in talking changes, and what was long before
says little of today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.coach.skills import AGAIN, Card

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from calmdesk.coach.skills import Attempt, Skill

MOST_REVIEWS = 12
LONGEST = 180
"""Days: nobody should meet a kind of customer for half a year without having tried it."""
_FIRST_DAY, _LAST_DAY = 719_163, 803_531
"""From 1970 to 2200, as ordinals: a clock that was wrong by more is believed in nothing."""


class Calendar(NamedTuple):
    """The days of a place: day is the ordinal of a date (1 is the first of January of the year 1)."""

    day: Callable[[int], int]
    """Wall clock (ms) → the day it lies in."""
    begin: Callable[[int], int]
    """Day → the wall clock (ms) at which it begins."""


def make_cards(attempts: Iterable[Attempt], calendar: Calendar) -> list[Card]:
    """A card for each skill, those that are longest due first; a card is due from the beginning of a day on.

    Args:
        attempts: in the order they happened.
        calendar: the days of the person who tried.

    """
    days: dict[int, int] = {}
    tried: dict[Skill, list[Attempt]] = {}
    for attempt in attempts:
        if attempt.at not in days:
            days[attempt.at] = calendar.day(attempt.at)
        if _FIRST_DAY < days[attempt.at] < _LAST_DAY:
            tried.setdefault(attempt.skill, []).append(attempt)
    dues = _Dues()
    cards = [
        Card(skill, them[0], them[-1], len(them), calendar.begin(dues.find(find_reviews(them, days))))
        for skill, them in tried.items()
    ]
    return sorted(cards, key=lambda card: (card.due, card.skill))


def find_reviews(attempts: Sequence[Attempt], days: dict[int, int]) -> tuple[tuple[int, int], ...]:
    """The reviews that make a card, as (day, rating): one a day, the last twelve.

    The first attempt of a day counts, for the next ones come fresh from it; but a miss later on that day counts over it.
    """
    found: dict[int, int] = {}
    for attempt in attempts:
        day = days[attempt.at]
        if day not in found or attempt.rating == AGAIN:
            found[day] = attempt.rating
    return tuple(sorted(found.items())[-MOST_REVIEWS:])


class _Dues:
    """Finds the day on which a skill is due; skills that went alike share the work."""

    def __init__(self) -> None:
        from fsrs import Scheduler

        # No steps of ten minutes, for nobody practises by the minute; and no chance in it.
        self._scheduler = Scheduler(
            learning_steps=(), relearning_steps=(), maximum_interval=LONGEST, enable_fuzzing=False
        )
        self._known: dict[tuple[tuple[int, int], ...], int] = {}

    def find(self, reviews: tuple[tuple[int, int], ...]) -> int:
        """The day on which a skill with these reviews is due."""
        if reviews not in self._known:
            from datetime import UTC, datetime

            from fsrs import Card as Remembered
            from fsrs import Rating

            # A card that isn't numbered asks the clock, and waits for it.
            card = Remembered(card_id=1, due=datetime.fromordinal(reviews[0][0]).replace(tzinfo=UTC))
            for day, rating in reviews:
                at = datetime.fromordinal(day).replace(tzinfo=UTC)
                card, _ = self._scheduler.review_card(card, Rating(rating), at)
            self._known[reviews] = card.due.toordinal()
        return self._known[reviews]
