"""Opening the journal: nothing is replaced in silence, and what is newer is left alone."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from calmdesk.call import events as e
from calmdesk.errors import CalmdeskError
from calmdesk.journal import opening
from calmdesk.journal.check import verify
from calmdesk.journal.drives import find_network_drive
from calmdesk.journal.opening import (
    Mark,
    close_journal,
    open_journal,
    open_to_read,
    read_mark,
    stand_in,
    write_mark,
)
from calmdesk.journal.trouble import UnusableError
from tests.conftest import NOON

from .examples import TOP

if TYPE_CHECKING:
    from pathlib import Path

START = e.Started(TOP, (), "phone", "")


def home_with_a_call(folder: Path) -> str:
    """A folder whose journal has three events; gives the desk's id."""
    journal = open_journal(str(folder))
    journal.append(None, [START, e.Noted("one"), e.Noted("two")], NOON)
    close_journal(journal)
    return journal.desk


def test_the_mark_remembers_the_desk_and_how_far_it_went(tmp_path: Path) -> None:
    desk = home_with_a_call(tmp_path)
    assert read_mark(str(tmp_path)) == Mark(desk, 3)


def test_a_first_start_that_was_cut_off_leaves_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / "journal.db").touch()
    journal = open_journal(str(tmp_path))
    assert journal.notices == ()
    assert [p.name for p in tmp_path.glob("journal.corrupt*")] == []
    journal.close()


def test_an_empty_file_where_a_journal_was_is_moved_aside_with_a_date_and_said(tmp_path: Path) -> None:
    old = home_with_a_call(tmp_path)
    (tmp_path / "journal.db").write_bytes(b"")
    journal = open_journal(str(tmp_path))
    (aside,) = tmp_path.glob("journal.corrupt-????-??-??-??????.db")
    assert aside.name in journal.notices[0]
    assert "salvage" in journal.notices[0]
    assert journal.desk != old
    journal.close()
    assert open_journal(str(tmp_path)).notices == ()


def test_a_journal_that_is_gone_is_said_with_what_it_had(tmp_path: Path) -> None:
    home_with_a_call(tmp_path)
    (tmp_path / "journal.db").unlink()
    journal = open_journal(str(tmp_path))
    assert "is gone (it had 3 events)" in journal.notices[0]
    journal.close()
    assert open_journal(str(tmp_path)).notices == ()


def test_an_older_copy_that_was_put_back_is_said_once(tmp_path: Path) -> None:
    home_with_a_call(tmp_path)
    older = (tmp_path / "journal.db").read_bytes()
    journal = open_journal(str(tmp_path))
    journal.append(1, [e.Noted("three")], NOON)
    close_journal(journal)
    (tmp_path / "journal.db").write_bytes(older)
    again = open_journal(str(tmp_path))
    assert "has 3 events; it had 4" in again.notices[0]
    again.close()
    assert open_journal(str(tmp_path)).notices == ()


@pytest.mark.parametrize(
    "data", [b"this is no database, only some words in a file\n" * 40, b"SQLite format 3\x00" + b"\xff" * 500]
)
def test_what_is_no_database_is_moved_aside_as_it_is(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(data)
    journal = open_journal(str(tmp_path))
    (aside,) = tmp_path.glob("journal.corrupt-*.db")
    assert aside.read_bytes() == data
    assert aside.name in journal.notices[0]
    journal.append(None, [START], NOON)
    assert verify(journal) == (1, 0)


def test_a_newer_journal_is_neither_touched_nor_marked(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db, db:
        db.execute("pragma user_version=99")
        db.execute("create table x (y)")
    before = (tmp_path / "journal.db").read_bytes()
    with pytest.raises(CalmdeskError, match="newer calmdesk"):
        open_journal(str(tmp_path))
    assert [p.name for p in tmp_path.iterdir()] == ["journal.db"]
    assert (tmp_path / "journal.db").read_bytes() == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"desk": "x"}', '{"desk": "x", "seq": "many"}', "\x00", "[" * 5000])
def test_a_mark_that_can_not_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "journal.mark").write_text(text)
    assert read_mark(str(tmp_path)) == Mark()


def test_a_journal_that_was_moved_under_an_open_one_takes_no_more_events(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path))
    journal.append(None, [START], NOON)
    os.rename(tmp_path / "journal.db", tmp_path / "elsewhere.db")
    with pytest.raises(UnusableError) as caught:
        journal.append(1, [e.Noted("lost?")], NOON)
    assert caught.value.damaged
    with closing(sqlite3.connect(tmp_path / "elsewhere.db")) as db:
        assert db.execute("select count(*) from event").fetchone() == (1,)


def test_a_stand_in_has_a_desk_and_no_calls(tmp_path: Path) -> None:
    journal = stand_in()
    assert (journal.path, journal.calls(), journal.unfinished(), journal.gone) == ("", [], [], False)
    close_journal(journal)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "geteuid"), reason="permissions are POSIX's")
def test_a_journal_that_may_only_be_read_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home_with_a_call(tmp_path)
    monkeypatch.setattr(os, "access", lambda _, how: how != os.W_OK)
    before = sorted(p.name for p in tmp_path.iterdir())
    journal = open_to_read(str(tmp_path))
    assert [type(x.event).__name__ for x in journal.read(1)] == ["Started", "Noted", "Noted"]
    journal.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == before


# --- network drives

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:41 / /home rw shared:20 - nfs4 server:/home rw,vers=4.2
41 40 0:42 / /home/ana/My\\040Disk rw - cifs //nas/ana rw
42 22 0:43 / /mnt rw master:1 - fuse.sshfs ana@host:/ rw
50 22 0:50 / /srv rw
"""


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="Linux tells its mounts in a file")
@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/ana/.local/share/calmdesk", "nfs4"), ("/home/ana/My Disk/x", "cifs"), ("/mnt", "fuse.sshfs"),
        ("/homes/x", ""), ("/var", ""), ("/srv/x", ""),
    ],
)  # fmt: skip
def test_a_folder_on_a_network_drive_is_known(tmp_path: Path, folder: str, kind: str) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert find_network_drive(folder, str(mounts)) == kind


def test_nobody_knows_where_there_is_no_list_of_mounts(tmp_path: Path) -> None:
    assert find_network_drive(str(tmp_path), str(tmp_path / "none")) == ""


def test_a_home_on_a_network_drive_is_said_once_and_keeps_a_rollback_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "find_network_drive", lambda _: "nfs4")
    monkeypatch.setattr(opening, "JOURNAL_MODE", "wal")
    journal = open_journal(str(tmp_path))
    assert "network drive (nfs4)" in journal.notices[0]
    assert journal.mode == "persist"
    close_journal(journal)
    assert open_journal(str(tmp_path)).notices == ()


def test_what_was_said_stays_in_the_mark(tmp_path: Path) -> None:
    write_mark(str(tmp_path), Mark("bcdfg", 7, "nfs", "20000"))
    assert json.loads((tmp_path / "journal.mark").read_text()) == {
        "desk": "bcdfg", "seq": 7, "said": "nfs", "kept": "20000",
    }  # fmt: skip
    assert read_mark(str(tmp_path)) == Mark("bcdfg", 7, "nfs", "20000")
