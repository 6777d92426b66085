"""When a skill is due again: one review a day, the last twelve, and the same days for the same attempts."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmdesk.coach.drills import LONGEST, MOST_REVIEWS, Calendar, make_cards
from calmdesk.coach.skills import AGAIN, EASY, GOOD, HARD, Attempt, Skill

OWN = Skill("OWN", "angry-caller")
START = date(2026, 11, 25).toordinal()
HOUR = 3_600_000


def begin(day: int) -> int:
    return int(datetime.fromordinal(day).replace(tzinfo=UTC).timestamp() * 1000)


UTC_DAYS = Calendar(lambda wall: datetime.fromtimestamp(wall / 1000, UTC).toordinal(), begin)


def attempts(*went: tuple[float, int], skill: Skill = OWN) -> list[Attempt]:
    """(days from the start, rating) each, at nine in the morning."""
    return [Attempt(skill, rating, begin(START) + int((day * 24 + 9) * HOUR), "drill", 1) for day, rating in went]


def due_in(*went: tuple[float, int]) -> int:
    """So many days after the last attempt it is due."""
    (card,) = make_cards(attempts(*went), UTC_DAYS)
    return UTC_DAYS.day(card.due) - UTC_DAYS.day(card.last.at)


@pytest.mark.parametrize(("rating", "days"), [(AGAIN, 1), (HARD, 1), (GOOD, 2), (EASY, 8)])
def test_the_first_time_tells_how_soon_it_comes_again(rating: int, days: int) -> None:
    assert due_in((0, rating)) == days


def test_what_goes_well_comes_ever_later_and_a_miss_brings_it_back() -> None:
    first, second, third = due_in((0, GOOD)), due_in((0, GOOD), (2, GOOD)), due_in((0, GOOD), (2, GOOD), (13, GOOD))
    assert first < second < third
    assert due_in((0, GOOD), (2, GOOD), (13, AGAIN)) < second


def test_a_card_is_due_from_the_beginning_of_its_day() -> None:
    (card,) = make_cards(attempts((0, GOOD)), UTC_DAYS)
    assert card.due == begin(START + 2)


def test_of_a_day_the_first_attempt_counts_but_a_miss_counts_over_it() -> None:
    assert due_in((0, HARD), (0.1, GOOD), (0.2, EASY)) == due_in((0, HARD))
    assert due_in((0, EASY), (0.1, AGAIN), (0.2, GOOD)) == due_in((0, AGAIN))


def test_the_day_is_that_of_the_person_who_tried() -> None:
    late, early = begin(START) + 23 * HOUR, begin(START + 1) + HOUR
    tried = [Attempt(OWN, EASY, late, "drill", 1), Attempt(OWN, HARD, early, "drill", 2)]
    east = Calendar(lambda wall: UTC_DAYS.day(wall + 3 * HOUR), lambda day: begin(day) - 3 * HOUR)
    (there,) = make_cards(tried, east)
    assert there.due == east.begin(START + 1 + 8), "one day there: the first counts"
    (here,) = make_cards(tried, UTC_DAYS)
    assert here.due != there.due


def test_only_the_last_twelve_reviews_make_a_card() -> None:
    after = [(40.0 + 3 * n, GOOD) for n in range(MOST_REVIEWS)]
    missed = [(float(n), AGAIN) for n in range(30)]
    assert due_in(*missed, *after) == due_in(*after)
    assert due_in(missed[-1], *after[1:]) != due_in(*after)


def test_the_first_attempt_and_the_count_are_of_all_and_the_latest_is_the_very_last() -> None:
    (card,) = make_cards(attempts(*((n, AGAIN) for n in range(20)), (20, HARD), (20.1, GOOD)), UTC_DAYS)
    assert (card.first.rating, card.last.rating, card.count) == (AGAIN, GOOD, 22)


def test_what_is_longest_due_stands_first() -> None:
    other = Skill("ACK", "late-delivery")
    cards = make_cards([*attempts((0, EASY)), *attempts((1, AGAIN), skill=other)], UTC_DAYS)
    assert [card.skill for card in cards] == [other, OWN]


def test_nobody_waits_for_more_than_half_a_year() -> None:
    assert due_in(*((n * 200, EASY) for n in range(MOST_REVIEWS))) == LONGEST


def test_a_clock_that_was_far_off_is_left_out() -> None:
    far = [Attempt(OWN, GOOD, at, "drill", 1) for at in (-(10**9), 10**14)]
    assert make_cards(far, UTC_DAYS) == []


ratings = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from((AGAIN, HARD, GOOD, EASY))), min_size=1, max_size=40
).map(sorted)


@given(ratings)
def test_the_same_attempts_always_give_the_same_day_and_it_lies_ahead(went: list[tuple[int, int]]) -> None:
    assert 1 <= due_in(*went) <= LONGEST
    assert make_cards(attempts(*went), UTC_DAYS) == make_cards(attempts(*went), UTC_DAYS)
