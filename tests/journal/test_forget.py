"""Forgotten words are gone: from every file under the home, from copies, and the journal still verifies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calmdesk.call import events as e
from calmdesk.call.state import replay
from calmdesk.journal.check import backup, verify
from calmdesk.journal.forget import find_old, forget, keep_retention
from calmdesk.journal.opening import close_journal, open_journal, read_mark
from calmdesk.journal.salvage import salvage
from tests.conftest import NOON

from .examples import TOP

if TYPE_CHECKING:
    from calmdesk.call.events import Stamp
    from calmdesk.journal.store import Journal

DAY = 86_400_000
SECRET = "the lighthouse keeper's daughter"


def days_ago(days: float) -> Stamp:
    return NOON._replace(wall=NOON.wall - int(days * DAY))


def add_call(journal: Journal, at: Stamp, words: str = SECRET, case: str = "") -> int:
    events: list[e.Event] = [
        e.Started(TOP, (), "phone", case),
        e.Answered("problem", "text", words),
        e.Answered("price", "money", "8.90"),
        *(e.Noted(f"{words} {n} " + "more " * 300) for n in range(20)),
        e.Offered("o1", "gesture", "goodwill", "5.00", "USD", "8.90", "why", "price"),
        e.Promised("p1", words, "17:00", "me"),
        e.Ended("recovered"),
    ]
    return journal.append(None, events, at)


def traces(folder: Path, words: str = SECRET) -> list[str]:
    """The files below a folder in which the words stand."""
    return [p.name for p in folder.rglob("*") if p.is_file() and words.encode() in p.read_bytes()]


def test_forgotten_words_are_in_no_file_any_more_while_the_journal_is_open(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path))
    kept, gone = add_call(journal, NOON, "kept words"), add_call(journal, NOON)
    assert traces(tmp_path) != []
    found = forget(journal, [gone], NOON)
    assert (found.calls, found.words, found.left) == (1, 22, ())
    assert traces(tmp_path) == []
    assert traces(tmp_path, "kept words") == ["journal.db"]
    assert verify(journal) == (26 + 26 + 1, 22)
    call = replay(journal.read(gone))
    assert call.offers[0].made.amount == "5.00"
    assert call.facts == {"price": ("money", "8.90")}
    assert (call.notes, call.ended) == ((), "recovered")
    assert len(replay(journal.read(kept)).notes) == 20


def test_another_window_may_go_on_writing_while_words_are_forgotten(tmp_path: Path) -> None:
    journal, other = open_journal(str(tmp_path)), open_journal(str(tmp_path))
    gone, going = add_call(journal, NOON), other.append(None, [e.Started(TOP, (), "phone", "")], NOON)
    forget(journal, [gone], NOON)
    other.append(going, [e.Noted("goes on")], NOON)
    assert traces(tmp_path) == []
    assert verify(other)[1] == 22


def test_a_backup_that_calmdesk_made_forgets_too_and_still_verifies(tmp_path: Path) -> None:
    home, copy = tmp_path / "home", tmp_path / "monday.db"
    journal = open_journal(str(home))
    gone = add_call(journal, NOON)
    backup(journal, str(copy), NOON)
    later = add_call(journal, NOON, "after the backup")
    assert {"journal.db", "monday.db"} <= set(traces(tmp_path))
    found = forget(journal, [gone, later], NOON)
    assert (found.copies, found.left) == (1, ())
    assert traces(tmp_path) == []
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / "journal.db").write_bytes(copy.read_bytes())
    assert verify(open_journal(str(beside))) == (27, 22)


def test_a_copy_that_can_not_be_reached_is_said(tmp_path: Path) -> None:
    home, copy = tmp_path / "home", tmp_path / "monday.db"
    journal = open_journal(str(home))
    gone = add_call(journal, NOON)
    backup(journal, str(copy), NOON)
    copy.unlink()
    assert forget(journal, [gone], NOON).left == (str(copy),)


def test_a_journal_that_was_moved_aside_forgets_or_is_said(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path))
    gone = add_call(journal, NOON)
    close_journal(journal)
    data = Path(journal.path).read_bytes()
    (tmp_path / "journal.corrupt-2026-11-25-140500.db").write_bytes(data)
    (tmp_path / "journal.corrupt-2026-11-25-140501.db").write_bytes(b"x" * 40 + data)
    journal = open_journal(str(tmp_path))
    found = forget(journal, [gone], NOON)
    assert found.copies == 1
    assert [Path(p).name for p in found.left] == ["journal.corrupt-2026-11-25-140501.db"]


def test_the_calls_older_than_an_age_are_found_by_their_last_event(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path))
    old, new = add_call(journal, days_ago(100)), add_call(journal, days_ago(80))
    assert find_old(journal, days_ago(90).wall) == [old]
    journal.append(old, [e.PromiseKept("p1")], days_ago(1))
    assert find_old(journal, days_ago(90).wall) == []
    assert find_old(journal, NOON.wall) == [old, new]


# --- retention


def keep(journal: Journal, days: int, at: Stamp = NOON, *, opened: bool = False) -> int:
    gone = keep_retention(journal, days, at, lambda _: opened)
    return gone.calls if gone else 0


def test_retention_forgets_what_is_older_once_a_day(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path))
    add_call(journal, days_ago(100))
    for days in (75, 50, 28, 2):
        add_call(journal, days_ago(days), "kept words")
    assert keep(journal, 0) == 0
    assert keep(journal, 90) == 1
    assert traces(tmp_path) == []
    assert keep(journal, 60) == 0
    assert keep(journal, 60, days_ago(-1)) == 1
    assert read_mark(str(tmp_path)).kept


def test_a_clock_that_jumped_ahead_forgets_nothing(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path))
    add_call(journal, days_ago(1))
    assert keep(journal, 90, days_ago(-7300)) == 0
    add_call(journal, days_ago(-7300))
    assert keep(journal, 90, days_ago(-7300.1)) == 0
    assert keep(journal, 90, days_ago(-7302)) == 0
    assert journal.wordy() != []


def test_a_call_that_is_open_is_not_forgotten_under_the_hand(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path))
    add_call(journal, days_ago(100))
    add_call(journal, days_ago(2))
    assert keep(journal, 90, opened=True) == 0


@pytest.mark.parametrize("mode", ["persist", "wal"])
def test_words_are_gone_in_either_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    from calmdesk.journal import opening

    monkeypatch.setattr(opening, "JOURNAL_MODE", mode)
    journal = open_journal(str(tmp_path))
    gone = add_call(journal, NOON)
    forget(journal, [gone], NOON)
    assert traces(tmp_path) == []
    journal.append(gone, [e.PromiseKept("p1")], NOON)
    assert verify(journal)[1] == 22


def test_a_backup_from_before_does_not_bring_forgotten_words_back(tmp_path: Path) -> None:
    home, copy = tmp_path / "home", tmp_path / "elsewhere.db"
    journal = open_journal(str(home))
    gone = add_call(journal, NOON, case="K-7")
    close_journal(journal)
    copy.write_bytes((home / "journal.db").read_bytes())
    journal = open_journal(str(home))
    forget(journal, [gone], NOON)
    close_journal(journal)
    assert salvage(str(home), str(copy)).calls == 0
    assert traces(home) == []
