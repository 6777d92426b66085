"""What comes back from a damaged journal, a backup or a rescue file: what was written, once, and the rest is counted."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from calmdesk.call import events as e
from calmdesk.call.state import replay
from calmdesk.digest import digest
from calmdesk.errors import CalmdeskError
from calmdesk.journal.check import verify
from calmdesk.journal.opening import close_journal, find_left_over, open_journal
from calmdesk.journal.rows import Entry
from calmdesk.journal.salvage import Salvaged, find_damage, read_damaged, salvage, write_rescue
from tests.conftest import NOON

from .examples import EXAMPLES, TOP

if TYPE_CHECKING:
    from pathlib import Path

TEXT = b"calmdesk: 1\n"
START = e.Started(TOP, (("angry-caller", digest(TEXT)),), "phone", "K-1")
TEXTS = {digest(TEXT): TEXT}


def make_home(folder: Path, calls: int = 12, notes: int = 30) -> list[list[Entry]]:
    """A journal with some calls; gives what was written."""
    journal = open_journal(str(folder))
    written = []
    for n in range(calls):
        at = NOON._replace(wall=NOON.wall + n * 60_000, mono=NOON.mono + n * 60_000)
        events: list[e.Event] = [
            START,
            *(e.Noted(f"note {n}.{k} " + "word " * 20) for k in range(notes)),
            e.Ended("lost"),
        ]
        number = journal.append(None, events, at, TEXTS)
        written.append(journal.read(number))
    close_journal(journal)
    return written


def test_a_sound_backup_comes_back_whole_and_only_once(tmp_path: Path) -> None:
    written = make_home(tmp_path / "old")
    new = tmp_path / "new"
    assert salvage(str(new), str(tmp_path / "old" / "journal.db")) == Salvaged(12, 12 * 32, 0, 0)
    journal = open_journal(str(new))
    assert [journal.read(n) for n in sorted(journal.calls())] == written
    assert journal.text(digest(TEXT)) == TEXT
    assert verify(journal) == (12 * 32, 0)
    journal.close()
    assert salvage(str(new), str(tmp_path / "old" / "journal.db")) == Salvaged(0, 0, 12 * 32, 0)


@pytest.mark.parametrize("upto", [16, 100, 4096])
def test_a_journal_with_a_broken_header_or_first_page_comes_back(tmp_path: Path, upto: int) -> None:
    written = make_home(tmp_path / "old")
    path = tmp_path / "old" / "journal.db"
    path.write_bytes(os.urandom(upto) + path.read_bytes()[upto:])
    calls, lost = read_damaged(str(path))
    assert sorted((c.entries for c in calls), key=lambda c: c[0].at.wall) == written
    assert lost == 0


def test_of_a_journal_with_a_page_of_rubbish_everything_else_comes_back_as_it_was(tmp_path: Path) -> None:
    written = make_home(tmp_path / "old")
    path = tmp_path / "old" / "journal.db"
    whole = path.read_bytes()
    came_back = 0
    for page in range(2, len(whole) // 4096):
        path.write_bytes(whole[: page * 4096] + bytes(4096) + whole[(page + 1) * 4096 :])
        try:
            calls, _ = read_damaged(str(path))
        except CalmdeskError:
            continue
        came_back += 1
        sound = {x.at: c for c in written for x in c[:1]}
        for call in calls:
            whole_call = sound[call.entries[0].at]
            for entry in call.entries:
                same = [x for x in whole_call if type(x.event) is type(entry.event)]
                forgotten = isinstance(entry.event, e.Noted) and entry.event.text == "…"
                assert entry in same or forgotten or entry.event == START._replace(case="…")
    assert came_back > 5


def test_a_row_that_was_changed_does_not_come_back(tmp_path: Path) -> None:
    make_home(tmp_path / "old", 1, 3)
    path = tmp_path / "old" / "journal.db"
    data = path.read_bytes()
    at = data.index(b"note 0.1")
    path.write_bytes(data[:at] + b"NOTE" + data[at + 4 :])
    calls, _ = read_damaged(str(path))
    texts = [x.event.text for x in calls[0].entries if isinstance(x.event, e.Noted)]
    assert [t[:8] for t in texts] == ["note 0.0", "…", "note 0.2"]


def test_what_is_no_journal_at_all_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(random.Random(1).randbytes(50_000))  # noqa: S311 - rubbish
    with pytest.raises(CalmdeskError, match="Nothing in") as caught:
        salvage(str(tmp_path / "home"), str(path))
    assert caught.value.exit_code == 5
    with pytest.raises(CalmdeskError, match="no file"):
        salvage(str(tmp_path / "home"), str(tmp_path / "none"))


# --- calls that couldn't be written


def test_a_rescued_call_comes_back_exactly_whatever_its_events(tmp_path: Path) -> None:
    entries = [Entry(NOON, START), *(Entry(NOON._replace(mono=n), x) for n, x in enumerate(EXAMPLES))]
    path = write_rescue([str(tmp_path)], "", entries, TEXTS)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert salvage(str(tmp_path / "home"), path) == Salvaged(1, len(entries), 0, 0)
    journal = open_journal(str(tmp_path / "home"))
    assert journal.read(journal.calls()[-1]) == entries
    assert verify(journal)[0] == len(entries)


def test_a_call_of_which_a_part_was_written_gets_the_rest(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path))
    first = [Entry(NOON, START), Entry(NOON, e.Noted("one"))]
    number = journal.append_entries(None, first)
    journal.append(None, [START._replace(case="other")], NOON)
    path = write_rescue([str(tmp_path)], "", [*first, Entry(NOON, e.Noted("two"))], {})
    assert salvage(str(tmp_path), path) == Salvaged(1, 1, 2, 0)
    assert [n.text for n in replay(journal.read(number)).notes] == ["one", "two"]


def test_a_rescue_goes_where_there_is_room(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    path = write_rescue([str(tmp_path / "file"), str(tmp_path / "none"), str(tmp_path)], "", [Entry(NOON, START)], {})
    assert os.path.dirname(path) == str(tmp_path)
    assert find_left_over(str(tmp_path)) == [path]
    assert write_rescue([str(tmp_path / "none")], "", [], {}) == ""


@pytest.mark.parametrize("text", ["{}", '{"rows": 5}', '{"rows": [[1]], "texts": {}, "call": ""}', "{"])
def test_half_a_rescue_file_is_refused_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calmdesk-rescue-x.json"
    path.write_text(text)
    with pytest.raises(CalmdeskError, match="no whole rescue file"):
        salvage(str(tmp_path / "home"), str(path))


# --- without naming a file


def test_a_damaged_journal_of_this_desk_is_moved_aside_and_named(tmp_path: Path) -> None:
    written = make_home(tmp_path, 3, 60)
    path = tmp_path / "journal.db"
    data = bytearray(path.read_bytes())
    at = data.index(b"note 1.20")
    data[at : at + 4] = b"NOTE"
    path.write_bytes(data)
    aside, notice = find_damage(str(tmp_path))
    assert "moved to" in notice
    found = salvage(str(tmp_path), aside)
    assert (found.calls, found.lost) == (3, 0)
    journal = open_journal(str(tmp_path))
    assert [journal.read(n) for n in sorted(journal.calls())][::2] == written[::2]
    assert find_damage(str(tmp_path)) == ("", "")


def test_a_sound_journal_needs_nothing(tmp_path: Path) -> None:
    make_home(tmp_path, 1, 1)
    assert find_damage(str(tmp_path)) == ("", "")


def test_a_playbook_text_that_was_changed_does_not_come_back(tmp_path: Path) -> None:
    make_home(tmp_path / "old", 1, 1)
    path = tmp_path / "old" / "journal.db"
    path.write_bytes(path.read_bytes().replace(TEXT, b"calmdesk: 2\n"))
    salvage(str(tmp_path / "new"), str(path))
    journal = open_journal(str(tmp_path / "new"))
    assert journal.text(digest(TEXT)) is None
    assert verify(journal) == (3, 0)


def test_behind_a_gap_a_row_that_nothing_proves_does_not_come_back(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path / "old"))
    call = journal.append(None, [START, *(e.Noted(f"note {n}") for n in range(6))], NOON)
    close_journal(journal)
    path = tmp_path / "old" / "journal.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("drop trigger event_stays")
        db.execute("delete from event where seq = 4")
    (found,), lost = read_damaged(str(path))
    texts = [x.event.text for x in found.entries if isinstance(x.event, e.Noted)]
    assert (call, texts, lost) == (1, ["note 0", "note 1", "note 4", "note 5"], 2)


def test_a_format_below_zero_is_damage(tmp_path: Path) -> None:
    make_home(tmp_path, 1, 1)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db, db:
        db.execute("pragma user_version=-99")
    journal = open_journal(str(tmp_path))
    assert "its format is -99" not in journal.notices[0]
    assert "moved to" in journal.notices[0]
    journal.close()
    assert salvage(str(tmp_path), find_left_over(str(tmp_path))[0]).calls == 1


def test_a_call_that_went_on_otherwise_here_gets_what_it_lacks_as_a_call_of_its_own(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path))
    first = [Entry(NOON, START), Entry(NOON, e.Noted("one"))]
    number = journal.append_entries(None, first)
    later = NOON._replace(mono=NOON.mono + 5)
    path = write_rescue([str(tmp_path)], "", [*first, Entry(later, e.Noted("unsaved"))], {})
    journal.append(number, [e.Resumed("bcdfg", ()), e.Ended("lost")], later._replace(mono=NOON.mono + 9))
    assert salvage(str(tmp_path), path) == Salvaged(1, 1, 2, 0)
    assert salvage(str(tmp_path), path) == Salvaged(0, 0, 3, 0)
    other, same = journal.calls()
    assert same == number
    assert [x.event for x in journal.read(other)] == [START, e.Noted("unsaved")]


def test_a_rehearsal_and_a_drill_come_back_like_calls(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path / "old"))
    texts = {**TEXTS, digest(b"a scenario"): b"a scenario"}
    first = e.Rehearsed("bike", digest(b"a scenario"), 1, "playbook", 0, TOP, (("angry-caller", digest(TEXT)),))
    kept = [
        journal.append(
            None, [first, e.Said("Sorry.", ("APOLOGY",)), e.CustomerSaid("Well.", (("heat", 5),))], NOON, texts
        ),
        journal.append(None, [e.Drilled("fix", "BLAME", "late-delivery", 3, "We lost it.")], NOON),
        journal.append(None, [e.Coached(("BLAME",))], NOON),
    ]
    written = [journal.read(number) for number in kept]
    close_journal(journal)
    salvage(str(tmp_path / "new"), str(tmp_path / "old" / "journal.db"))
    again = open_journal(str(tmp_path / "new"))
    assert [again.read(number) for number in kept] == written
    assert again.text(digest(TEXT)) == TEXT
    assert again.text(digest(b"a scenario")) == b"a scenario"
    close_journal(again)
