"""What a customer hears: less than the coach sees, and never more."""

from __future__ import annotations

import pytest

from calmdesk.coach.hearing import hear
from calmdesk.coach.shelf import open_scenario
from calmdesk.playbook.folders import Library, built_in_folder
from tests.coach.test_review import judge

LIBRARY = Library((built_in_folder(),), "")


def heard(name: str, reply: str) -> tuple[set[str], set[str]]:
    """What the coach sees in a reply to a scenario's first words, and what is heard of it."""
    scenario, _ = open_scenario(LIBRARY, name)
    seen = judge().review(reply, scenario.opening, scenario.case)
    return set(seen.labels), set(hear(scenario, judge().review, reply, scenario.opening).labels)


def test_a_sentence_that_hurts_is_heard_for_the_hurt_alone_and_the_next_one_for_itself() -> None:
    bad = "I'll put it on the express van now, so you'll definitely have it on Saturday, I guarantee it."
    seen, all_that_is_heard = heard("bike-for-saturday", bad)
    assert seen > all_that_is_heard == {"OVERPROMISE"}
    assert heard("bike-for-saturday", f"We lost your red bike, and that's our fault. {bad}")[1] >= {
        "OWN",
        "OVERPROMISE",
    }


def test_what_may_be_given_is_no_overpromise_but_what_others_decide_is() -> None:
    mine = "I can see that we took 6.40 twice on Sunday, so I will give one back to you today."
    seen, all_that_is_heard = heard("double-toll", mine)
    assert "OVERPROMISE" in seen
    assert "OVERPROMISE" not in all_that_is_heard
    assert "OVERPROMISE" in heard("bike-for-saturday", "The courier will definitely deliver it by Saturday.")[1]


def test_who_only_tells_what_was_has_put_nothing_right() -> None:
    told = "You're right: our page timed out, and that left a second 42.50 held on your account."
    seen, all_that_is_heard = heard("rent-week", told)
    assert "REMEDY" in seen
    assert "REMEDY" not in all_that_is_heard
    assert "REMEDY" in heard("rent-week", "I've sent your bank the release of the 42.50.")[1]


@pytest.mark.parametrize(
    "denial", ["We didn't take it twice.", "We didn't charge you twice.", "I never took it twice."]
)
def test_a_denial_owns_nothing(denial: str) -> None:
    assert "OWN" not in heard("rent-week", denial)[1]
    assert "OWN" in heard("rent-week", "We didn't ring you back.")[1]


@pytest.mark.parametrize(
    ("name", "reply", "label"),
    [
        ("quiet-tablet", "Somebody in Toronto. Who is it you'd like to see?", "HOSTILE"),
        ("quiet-tablet", "Oh, what did you think? Please tell me, I've got all the time in the world.", "HOSTILE"),
        ("third-time-leak", "I'm sorry about your mate Sheila, by the way.", "OWN"),
        ("one-star-wedding", "I'm calling because of your review.", "NEXT_STEP"),
        ("you-people", "“You people” and “slow” I'll leave where they lie.", "NEXT_STEP"),
        ("last-bus-home", "According to the courier's record, a delivery was attempted yesterday.", "REFLECT"),
    ],
)
def test_kind_or_idle_words_are_not_heard_as_more_than_they_are(name: str, reply: str, label: str) -> None:
    assert label not in heard(name, reply)[1]


def test_a_remark_on_harm_quotes_the_sentence_that_does_it() -> None:
    scenario, _ = open_scenario(LIBRARY, "rent-week")
    reply = "I've got it here. Please calm down. I'm asking your bank now."
    said = [r.text for r in hear(scenario, judge().review, reply, scenario.opening).remarks if r.label == "DISMISS"]
    assert said
    assert all("calm down" in text for text in said)


def test_a_booking_in_the_present_is_a_next_step() -> None:
    reply = "I book Nadia for tomorrow at 10:00, and she stays until it runs."
    assert "NEXT_STEP" in heard("quiet-tablet", f"{reply} We never booked that hour, and that was our mistake.")[1]


@pytest.mark.parametrize(
    ("name", "reply", "label"),
    [
        ("third-desk-today", "So it was a fault in the post, not ours.", "OWN"),
        ("cold-spa", "I checked it myself at the lake, 34 degrees.", "REFLECT"),
        ("third-desk-today", "Write it down: Hal, 14:46, leasing.", "REFLECT"),
        ("goodbye-for-good", "I don't know when they'll change that, it's for others to decide.", "NEXT_STEP"),
        ("double-toll", "I do see 6.40 two times.", "REMEDY"),
        ("one-star-wedding", "I'm sorry to hear that.", "APOLOGY"),
        ("not-my-parcel", "Only half?", "DISMISS"),
    ],
)
def test_what_no_trainer_would_call_so_is_not_heard_so(name: str, reply: str, label: str) -> None:
    assert label not in heard(name, reply)[1]
