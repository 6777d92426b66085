"""A customer remembers what they were promised, and only that."""

from __future__ import annotations

import time

import pytest

from calmdesk.coach.promised import find_changed, find_promised, find_unsure


@pytest.mark.parametrize(
    ("reply", "promised"),
    [
        ("I'll text you by five that it's ready.", {"text": "by five"}),
        ("I’ll ring you at five with the hour.", {"call": "at five"}),
        (
            "We'll send Sam on Friday at nine, and I will call you by 17:00.",
            {"send": "Friday at nine", "call": "by 17:00"},
        ),
        ("I'll write to you tomorrow morning.", {"mail": "tomorrow morning"}),
        ("I'll also text you by five.", {"text": "by five"}),
        ("I'll not ring before five.", {}),
        ("I'll book that while we talk.", {}),
        ("You said you'd call by five.", {}),
        ("I'll cover your fares since Tuesday.", {}),
        ("It should be there by Friday.", {}),
        ("", {}),
    ],
)
def test_a_deed_with_a_time_is_a_promise(reply: str, promised: dict[str, str]) -> None:
    assert find_promised(reply) == promised


def test_another_time_for_the_same_deed_is_noticed_and_other_words_for_it_are_not() -> None:
    first = find_promised("I'll call you by five.")
    assert find_changed(first, find_promised("I'll ring you by six.")) == ("by five", "by six")
    assert find_changed(first, find_promised("I'll ring you at five.")) is None
    assert find_changed(first, find_promised("I'll send it by six.")) is None


def test_a_long_paste_is_read_in_no_time() -> None:
    begin = time.perf_counter()
    assert find_promised("I'll call " * 4000) == {}
    assert time.perf_counter() - begin < 1


KNOWN = "Promised for Wednesday. Today is Thursday, 16:10. The van leaves at 17:00 and the store may deliver on Friday."


@pytest.mark.parametrize(
    "said",
    [
        "You'll have it by Saturday.",
        "The parcel will be with you on Monday morning.",
        "It’s going to arrive on Sunday at nine.",
        "She'll definitely fix it.",
        "We'll 100 percent get that refunded.",
    ],
)
def test_a_day_that_nothing_bears_out_is_said_for_sure(said: str) -> None:
    assert find_unsure(f"I'm sorry. {said} Goodbye.", KNOWN) == [said]


@pytest.mark.parametrize(
    "said",
    [
        "You'll have it by Friday.",
        "The van will leave at six.",
        "I'll ring you on Monday at nine.",
        "You'll get a text by nine.",
        "It may be there by Saturday.",
        "It won't be there by Saturday.",
        "Will it be there by Saturday?",
        "You'll have it tomorrow.",
        "I can't guarantee that it comes on Friday.",
        "Will it definitely come?",
        "",
    ],
)
def test_what_is_known_or_ones_own_to_do_isnt(said: str) -> None:
    assert find_unsure(said, KNOWN) == []
