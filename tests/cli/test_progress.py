"""A hire looks at what they can do: from the words they said in the real program to the page they hand on."""

from __future__ import annotations

import json
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calmdesk.call import events as e
from calmdesk.call.events import Stamp
from calmdesk.cli.progress import tell_day
from calmdesk.cli.progressing import begin_day, find_title
from calmdesk.coach.scenario import Scenario, read_scenario
from calmdesk.coach.skills import AGAIN, EASY, GOOD, HARD
from calmdesk.digest import digest
from calmdesk.journal.opening import close_journal, open_journal
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.terminal.paint import cells
from tests.terminal.pty_terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.call.events import Event
    from tests.conftest import Desk

SMALL = Path(built_in_folder()) / "scenarios" / "such-a-small-thing.yaml"
DAY = 86_400_000
BLAMES = "You must have pressed the wrong button."
SPILLED = "It's your own fault that you spilled it."


@cache
def small() -> Scenario:
    found = read_scenario(SMALL.read_bytes(), SMALL.stem).scenario
    assert found is not None
    return found


def rehearse(desk: Desk, *lines: str) -> None:
    """The whole of a rehearsal that is won, with other lines first."""
    ran = desk.run("practice", "such-a-small-thing", "--seed", "1", lines=[*lines, *small().model_answers[0]])
    assert ran.code == 0
    assert "WON" in ran.out


def remember(desk: Desk, *days_ago: tuple[int, Sequence[Event]]) -> None:
    """Events in the desk's journal, each under a number of its own, so many days ago."""
    journal = open_journal(str(desk.home))
    now = time.time_ns() // 1_000_000
    for ago, events in days_ago:
        journal.append(
            None, list(events), Stamp(now - ago * DAY, 0, "boot"), {digest(SMALL.read_bytes()): SMALL.read_bytes()}
        )
    close_journal(journal)


def rehearsed(*ratings: tuple[str, int], said: Sequence[Event] = ()) -> list[Event]:
    return [
        e.Rehearsed("such-a-small-thing", digest(SMALL.read_bytes()), 1, "cues"),
        *said,
        e.RehearsalEnded("won", ratings),
    ]


def skills(desk: Desk) -> dict[str, dict[str, object]]:
    told = json.loads(desk.run("progress", "--json").out)
    assert told["schema"] == 1
    return {skill["label"]: skill for skill in told["skills"]}


def test_without_rehearsals_it_says_how_to_begin(desk: Desk) -> None:
    ran = desk.run("progress")
    assert ran.code == 0
    assert "calmdesk practice" in ran.out
    assert json.loads(desk.run("progress", "--json").out) == {"schema": 1, "skills": [], "due": []}
    ran = desk.run("progress", "export")
    assert ran.code == 2
    assert "nothing to export" in ran.err


def test_stopping_leaves_no_mark(desk: Desk) -> None:
    desk.run("practice", "such-a-small-thing", lines=[BLAMES, "/end"])
    desk.run("practice", "such-a-small-thing", lines=[BLAMES, "/p"])
    assert skills(desk) == {}


def test_a_rehearsal_to_its_end_shows_each_skill_and_a_slip_that_was_taken_back(desk: Desk) -> None:
    rehearse(desk, BLAMES, "/b")
    found = skills(desk)
    assert set(found) == {*small().win, "BLAME"}
    assert found["BLAME"]["first"] == "again"
    assert {skill["situation"] for skill in found.values()} == {small().playbook}
    assert {skill["count"] for skill in found.values()} == {1}
    out = desk.run("progress").out
    assert "Silent customer" in out
    assert "not blame" in out
    assert "said" in out


def test_the_first_attempt_stands_beside_the_latest(desk: Desk) -> None:
    remember(desk, (9, rehearsed(("OWN", AGAIN), ("BLAME", AGAIN))))
    rehearse(desk)
    found = skills(desk)
    assert (found["OWN"]["first"], found["OWN"]["latest"], found["OWN"]["count"]) == ("again", "good", 2)
    assert (found["BLAME"]["first"], found["BLAME"]["latest"]) == ("again", "good")
    out = desk.run("progress").out
    assert "missed, then by yourself" in out
    assert "said, then kept out" in out


def test_who_takes_words_back_after_the_end_has_one_attempt_that_tells_of_all(desk: Desk) -> None:
    lost = [*rehearsed(("OWN", AGAIN)), e.Rewound(0), e.RehearsalEnded("won", (("OWN", HARD),))]
    remember(desk, (1, lost))
    assert (skills(desk)["OWN"]["first"], skills(desk)["OWN"]["count"]) == ("hard", 1)


def test_what_is_due_stands_first_with_what_trains_it(desk: Desk) -> None:
    labels = ("OWN", "ACK", "REFLECT", "REMEDY", "NEXT_STEP", "APOLOGY")
    remember(desk, (5, rehearsed(*((x, AGAIN) for x in labels))), (2, rehearsed(("OFFER_HELP", EASY))))
    lines = desk.run("progress").out.splitlines()
    assert lines[0] == "Due now"
    assert lines[6] == "  and 1 more"
    assert "  calmdesk practice --due" in lines[:10]
    assert not any("an open door" in line for line in lines[:7])
    told = json.loads(desk.run("progress", "--json").out)
    assert {skill["label"] for skill in told["due"]} == set(labels)


def test_a_quick_drill_counts_for_its_situation(desk: Desk) -> None:
    remember(desk, (0, [e.Drilled("spot", "DISMISS", "late-delivery", GOOD, "b")]))
    assert skills(desk)["DISMISS"]["situation"] == "late-delivery"
    assert "Late delivery" in desk.run("progress").out


def test_nothing_is_wider_than_the_screen(desk: Desk) -> None:
    violations = [(x, AGAIN) for x in ("OVERPROMISE", "EMPTY_APOLOGY", "HOSTILE")]
    remember(desk, (30, rehearsed(("OWN", EASY), *violations)), (1, rehearsed(("OWN", EASY), ("ACK", HARD))))
    for width in (100, 80, 60, 40, 26):
        out = desk.run("progress", COLUMNS=str(width)).out
        assert max(map(cells, out.splitlines())) <= width, f"at {width}:\n{out}"
        assert "not too much promised" in " ".join(out.split())


def test_a_step_passed_over_on_a_call_is_a_miss_of_what_it_is_for(desk: Desk) -> None:
    ran = desk.run("handle", "angry-caller", "--customer", "Rosa", lines=["g own", "/end lost"])
    assert ran.code == 0, ran.err
    found = skills(desk)
    assert found["REFLECT"]["situation"] == "angry-caller"
    assert found["REFLECT"]["latest"] == "again"
    assert "OWN" not in found
    page = desk.home / "page.html"
    assert desk.run("progress", "export", page).code == 0
    assert "Hear them out" in page.read_text(encoding="utf-8")


def test_a_call_that_is_still_open_has_missed_nothing_yet(desk: Desk) -> None:
    assert desk.run("handle", "angry-caller", "--customer", "Rosa", lines=["g own"]).code == 4
    assert skills(desk) == {}


# --- the coach


def coach_on_a_terminal(desk: Desk, reply: str) -> str:
    terminal = Terminal(desk.environment, "coach", reply)
    try:
        assert terminal.end() == 1
        return terminal.text
    finally:
        terminal.close()


def test_a_slip_that_the_coach_finds_for_a_person_is_remembered_without_its_words(desk: Desk) -> None:
    coach_on_a_terminal(desk, SPILLED)
    assert not (desk.home / "journal.db").exists(), "who keeps no journal gets none by asking"
    remember(desk, (1, rehearsed(("OWN", GOOD))))
    desk.run("coach", SPILLED)
    desk.run("coach", SPILLED, "--format", "json")
    assert set(skills(desk)) == {"OWN"}, "a program asks for no person"
    assert "change: blame" in coach_on_a_terminal(desk, SPILLED)
    assert skills(desk)["BLAME"]["situation"] is None
    assert "Any situation" in desk.run("progress").out
    kept = b"".join(file.read_bytes() for file in desk.home.rglob("journal*"))
    assert b"spilled" not in kept


def test_a_journal_that_cant_be_used_never_keeps_the_coach_from_answering(desk: Desk) -> None:
    import sqlite3

    remember(desk, (1, rehearsed(("OWN", GOOD))))
    with sqlite3.connect(desk.home / "journal.db") as db:
        db.execute("pragma user_version=99")
    out = coach_on_a_terminal(desk, BLAMES)
    assert "change: blame" in out
    assert "newer calmdesk" not in out
    assert desk.run("progress").code == 5


# --- the page


def test_the_page_shows_the_very_words_of_the_first_and_the_latest(desk: Desk) -> None:
    said: list[Event] = [e.Said("Not my fault <b>at all</b>.", ("BLAME",)), e.CustomerSaid("Oh.", (("heat", 5),))]
    remember(desk, (9, rehearsed(("OWN", AGAIN), ("BLAME", AGAIN), said=said)))
    rehearse(desk)
    page = desk.home / "page.html"
    ran = desk.run("progress", "export", page)
    assert ran.code == 0
    text = page.read_text(encoding="utf-8")
    assert "Not my fault &lt;b&gt;at all&lt;/b&gt;." in text
    assert "<b>" not in text
    owned = next(x for x in small().model_answers[0] if "our mistake" in x)
    assert owned.replace("'", "&#x27;") in text
    assert "of their own accord" in text


def test_the_page_is_never_written_over_unless_it_is_wanted(desk: Desk, tmp_path: Path) -> None:
    remember(desk, (1, rehearsed(("OWN", GOOD))))
    page = tmp_path / "mine.html"
    page.write_text("kept", encoding="utf-8")
    ran = desk.run("progress", "export", page)
    assert ran.code == 2
    assert "--force" in ran.err
    assert page.read_text(encoding="utf-8") == "kept"
    assert desk.run("progress", "export", page, "--force").code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    ran = desk.run("progress", "export", tmp_path / "nowhere" / "page.html")
    assert ran.code == 3
    assert "can't be written" in ran.err


def test_words_that_were_forgotten_are_on_no_page_and_the_figures_stay(desk: Desk) -> None:
    rehearse(desk)
    before = skills(desk)
    journal = open_journal(str(desk.home))
    journal.forget(journal.calls_with("Rehearsed"), Stamp(time.time_ns() // 1_000_000, 0, "boot"))
    close_journal(journal)
    assert skills(desk) == before
    page = desk.home / "page.html"
    desk.run("progress", "export", page)
    text = page.read_text(encoding="utf-8")
    assert "The words were forgotten." in text
    assert "our mistake" not in text


# --- in words


@pytest.mark.parametrize(
    ("away", "said"),
    [
        (-9, "for 9 days"),
        (-3, "since Sunday"),
        (-1, "since yesterday"),
        (0, "today"),
        (1, "tomorrow"),
        (2, "on Friday"),
        (8, "in 8 days"),
    ],
)
def test_a_day_is_said_as_people_say_it(away: int, said: str) -> None:
    # The twenty-fifth of November 2026 is a Wednesday.
    today = 739_945
    assert tell_day(begin_day(today + away), begin_day(today) + 9 * 3_600_000) == said


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("title: Angry caller", "Angry caller"),
        ('title: "Late, or missing"', "Late, or missing"),
        ("title: 'Get me your boss'", "Get me your boss"),
        ("title: Slow # an old one", "One of ours"),
        ('title: "A \\"quoted\\" one"', "One of ours"),
        ("title: >-\n  folded", "One of ours"),
    ],
)
def test_a_title_is_taken_where_it_can_be_seen_at_a_glance(tmp_path: Path, line: str, title: str) -> None:
    (tmp_path / "one-of-ours.yaml").write_text(f"calmdesk: 1\n{line}\n", encoding="utf-8")
    assert find_title(Library((str(tmp_path),), ""), "one-of-ours") == title
