"""A journal of each format that ever was is opened by the program of today: nothing in it is lost, and its calls go on."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from calmdesk.call import events as e
from calmdesk.journal.check import count_lost_texts, verify
from calmdesk.journal.opening import NAME, open_journal
from calmdesk.journal.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.conftest import Desk

LAID = "Laid aside. `calmdesk practice bike-for-saturday` goes on from here.\n"
GOLDEN = Path(__file__).parent / "golden"
NOW = len(MIGRATIONS)
FORMATS = range(1, NOW + 1)
FORGETS, REHEARSES, RATES = 2, 3, 4
# Events that the golden journal of a format has, and no earlier format knew.
KINDS: dict[int, tuple[type, ...]] = {
    1: (e.Started, e.Interrupted, e.Corrected, e.Promised, e.Offered, e.Noted, e.Parked, e.Ended),
    2: (e.Forgotten,),
    3: (e.Rehearsed, e.Said, e.CustomerSaid, e.RehearsalEnded),
    4: (e.Drilled, e.Coached),
}


def format_of(journal: Path) -> int:
    with closing(sqlite3.connect(journal)) as db:
        return int(db.execute("pragma user_version").fetchone()[0])


def open_golden(desk: Desk, number: int) -> Path:
    """The journal of a format as the desk's own."""
    # What it said then was told in UTC.
    desk.environment["TZ"] = "UTC"
    desk.home.mkdir()
    shutil.copy(GOLDEN / f"format-{number}.db", desk.home / NAME)
    return desk.home / NAME


def read_expected(number: int) -> Any:
    return json.loads((GOLDEN / f"format-{number}.json").read_text(encoding="utf-8"))


def kept(said: Any, says: Any) -> bool:
    """Whether all that was said is said still; a newer program may say more."""
    if isinstance(said, dict):
        return isinstance(says, dict) and all(key in says and kept(value, says[key]) for key, value in said.items())
    if isinstance(said, list):
        return isinstance(says, list) and len(said) == len(says) and all(map(kept, said, says))
    return bool(said == says)


@pytest.mark.parametrize("number", FORMATS)
def test_the_schema_moves_only_with_a_golden_journal_of_the_new_format(number: int) -> None:
    journal = GOLDEN / f"format-{number}.db"
    assert journal.exists(), "`python -m tests.journal.golden` writes it; tests/journal/golden/README.md says how"
    assert format_of(journal) == number


def test_no_golden_journal_is_of_a_format_that_there_is_not() -> None:
    assert {int(re.sub(r"\D", "", f.stem)) for f in GOLDEN.glob("format-*.db")} == set(FORMATS)


@pytest.mark.parametrize("number", FORMATS)
def test_a_golden_journal_has_what_its_format_brought(desk: Desk, number: int) -> None:
    open_golden(desk, number)
    with closing(open_journal(str(desk.home))) as journal:
        found = {type(row.event) for row in journal.rows()}
    assert found >= {kind for since, kinds in KINDS.items() if since <= number for kind in kinds}


@pytest.mark.parametrize("number", FORMATS)
def test_a_journal_of_each_format_is_lifted_and_says_what_it_said(desk: Desk, number: int) -> None:
    file, expected = open_golden(desk, number), read_expected(number)
    listed = json.loads(desk.run("call", "list", "--json").out)
    assert kept(expected["calls"], listed["calls"])
    assert format_of(file) == NOW
    for call, said in expected["shown"].items():
        assert kept(said, json.loads(desk.run("call", "show", call, "--json").out)), call


@pytest.mark.parametrize("number", FORMATS)
def test_what_was_written_is_sound_before_and_after(desk: Desk, number: int) -> None:
    open_golden(desk, number)
    ran = desk.run("journal", "verify")
    assert (ran.code, ran.err.replace(LAID, "")) == (0, "")
    with closing(open_journal(str(desk.home))) as journal:
        events, forgotten = verify(journal)
        assert events == journal.last()
        assert (forgotten > 0) == (number >= FORGETS)
        assert count_lost_texts(journal) == 0
        assert not journal.notices


@pytest.mark.parametrize("number", FORMATS)
def test_lifting_a_journal_changes_no_row_of_it(desk: Desk, number: int) -> None:
    def rows(path: Path) -> list[Sequence[Any]]:
        with closing(sqlite3.connect(path)) as db:
            events = db.execute("select * from event order by desk, seq").fetchall()
            return [*events, *db.execute("select * from words order by desk, seq").fetchall()]

    file = open_golden(desk, number)
    before = rows(file)
    desk.run("call", "list")
    assert len(before) > 30
    assert rows(file) == before


@pytest.mark.parametrize("number", FORMATS)
def test_a_call_that_was_parked_then_goes_on_now(desk: Desk, number: int) -> None:
    open_golden(desk, number)
    [parked] = [c["call"] for c in read_expected(number)["calls"] if c["parked"]]
    ran = desk.run("resume", parked, lines=["yes", "ours", "x 1", "17:00", "8.90", "no", "yes"])
    assert ran.code == 0, ran.err
    assert "the lamp is broken" in ran.out
    shown = json.loads(desk.run("call", "show", parked, "--json").out)
    assert (shown["disposition"], shown["notes"][0]["text"]) == ("recovered", "asks for Dana")
    assert desk.run("journal", "verify").code == 0


@pytest.mark.parametrize("number", [n for n in FORMATS if n >= REHEARSES])
def test_beside_rehearsals_of_an_earlier_format_new_ones_begin(desk: Desk, number: int) -> None:
    open_golden(desk, number)
    ran = desk.run("practice", "bike-for-saturday", "--seed", "2", lines=["We got this wrong, and I'm sorry.", "/p"])
    assert (ran.code, ran.err.replace(LAID, "")) == (0, "")
    assert desk.run("progress").code == 0


@pytest.mark.parametrize("number", [n for n in FORMATS if n >= RATES])
def test_a_rehearsal_and_a_drill_of_an_earlier_format_count_for_progress(desk: Desk, number: int) -> None:
    open_golden(desk, number)
    skills = json.loads(desk.run("progress", "--json").out)["skills"]
    found = {(skill["label"], skill["situation"]) for skill in skills}
    assert found >= {("OWN", "late-delivery"), ("BLAME", "late-delivery"), ("HOSTILE", "billing-error")}


@pytest.mark.parametrize("number", [n for n in FORMATS if n >= RATES])
def test_a_rehearsal_that_was_laid_aside_then_goes_on_now(desk: Desk, number: int) -> None:
    open_golden(desk, number)
    ran = desk.run("practice", "bike-for-saturday", lines=["/why", "/p"])
    assert "where you left it" in ran.out
    assert "heat up 2: blame" in ran.out


@pytest.mark.parametrize("number", FORMATS)
def test_words_of_an_earlier_format_can_be_forgotten(desk: Desk, number: int) -> None:
    file = open_golden(desk, number)
    assert desk.run("call", "forget", "--case", "4471", "--yes").code == 0
    assert "রহিমা".encode() not in file.read_bytes()
    assert desk.run("journal", "verify").code == 0
