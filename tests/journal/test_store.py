"""The journal: append-only, unbroken, private, durable, and small."""

from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
import stat
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from calmdesk.call import events as e
from calmdesk.call import moves
from calmdesk.call.events import Stamp
from calmdesk.call.moves import Standing
from calmdesk.call.state import evolve, replay
from calmdesk.call.values import Call
from calmdesk.errors import CalmdeskError
from calmdesk.journal.opening import JOURNAL_MODE, SAFE_WAL, open_journal
from calmdesk.journal.rows import Entry
from calmdesk.journal.schema import MIGRATIONS
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition

from .examples import EXAMPLES, TOP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calmdesk.journal.store import Journal

AT = Stamp(1_795_615_500_000, 1_000, "boot-1")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_journal(str(tmp_path / "home"))
    yield opened
    opened.close()


def rows(journal: Journal, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """What another program sees in the file."""
    with closing(sqlite3.connect(journal.path)) as other, other:
        return other.execute(sql, values).fetchall()


def verify(path: str) -> int:
    """The chain of sums, worked out from the file alone: how many rows hold. Fails at the first that doesn't."""
    with closing(sqlite3.connect(path)) as db, db:
        names = dict(db.execute("select id, name from name"))

        def long(value: Any) -> Any:
            if isinstance(value, list):
                return [long(x) for x in value]
            if isinstance(value, str):
                return int(value)
            return names[value] if isinstance(value, int) and not isinstance(value, bool) else value

        before, last = b"", 0
        query = "select e.seq, call, kind, version, wall, mono, boot, data, said, sum, salt, words from event e left join words w using (desk, seq) where desk = 1 order by e.seq"
        for seq, call, kind, version, wall, mono, boot, data, said, found, salt, words in db.execute(query):
            assert seq == last + 1
            if words is not None:
                assert blake2b(salt + words.encode(), digest_size=8).digest() == said, f"words of {seq}"
            body = json.dumps(
                [seq, call, names[kind], version, long(json.loads(data)), wall, mono, names[boot]],
                separators=(",", ":"), ensure_ascii=False,
            )  # fmt: skip
            before = blake2b(before + (said or b"") + body.encode(), digest_size=8).digest()
            assert before == found, f"row {seq}"
            last = seq
    return last


# --- append and read


def test_what_is_appended_is_read_in_order_with_its_stamps(journal: Journal) -> None:
    later = AT._replace(wall=AT.wall + 5, boot="boot-2")
    call = journal.append(None, [e.Started(TOP, (), "phone", ""), e.Noted("one")], AT)
    journal.append(call, [e.Noted("two")], later)
    assert [(x.at, x.event) for x in journal.read(call)] == [
        (AT, e.Started(TOP, (), "phone", "")), (AT, e.Noted("one")), (later, e.Noted("two")),
    ]  # fmt: skip


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda x: type(x).__name__)
def test_every_kind_of_event_comes_back_from_disk(journal: Journal, event: e.Event) -> None:
    call = journal.append(None, [event], AT)
    path = os.path.dirname(journal.path)
    again = open_journal(path)
    assert [x.event for x in again.read(call)] == [event]
    again.close()
    assert verify(journal.path) == 1


def test_a_calls_number_is_the_seq_of_its_first_event(journal: Journal) -> None:
    first = journal.append(None, [e.Started(TOP, (), "", ""), e.SaidOtherwise()], AT)
    second = journal.append(None, [e.Started(TOP, (), "", "")], AT)
    assert (first, second) == (1, 3)
    assert journal.calls() == [3, 1]


def test_the_rows_of_a_desk_are_one_unbroken_sequence_over_several_calls(journal: Journal) -> None:
    one = journal.append(None, [e.Started(TOP, (), "", "")], AT)
    two = journal.append(None, [e.Started(TOP, (), "", "")], AT)
    for n in range(20):
        journal.append((one, two)[n % 2], [e.Noted(str(n)), e.SaidOtherwise()], AT)
    assert rows(journal, "select desk, seq from event order by seq") == [(1, n) for n in range(1, 43)]
    assert [x.event for x in journal.read(one)][1:3] == [e.Noted("0"), e.SaidOtherwise()]
    assert verify(journal.path) == 42


def test_a_call_that_has_ended_is_no_longer_unfinished(journal: Journal) -> None:
    one = journal.append(None, [e.Started(TOP, (), "", "")], AT)
    two = journal.append(None, [e.Started(TOP, (), "", "")], AT)
    assert journal.unfinished() == [two, one]
    journal.append(two, [e.Ended("lost")], AT)
    assert journal.unfinished() == [one]


def test_pinned_texts_are_kept_once_and_come_back_byte_for_byte(journal: Journal) -> None:
    texts = {"aa": b"a: b\r\n\xff", "bb": b""}
    journal.append(None, [e.SaidOtherwise()], AT, texts)
    journal.append(None, [e.SaidOtherwise()], AT, texts)
    assert journal.text("aa") == texts["aa"]
    assert journal.text("bb") == b""
    assert journal.text("cc") is None
    assert rows(journal, "select count(*) from text") == [(2,)]


def test_events_that_cant_be_written_together_are_not_written_at_all(journal: Journal) -> None:
    journal.append(None, [e.Noted("one")], AT)
    with pytest.raises(CalmdeskError) as caught:
        journal.append(None, [e.Noted("two"), e.Noted("\ud800")], AT)
    assert caught.value.exit_code == 5
    assert rows(journal, "select count(*) from event") == [(1,)]
    assert rows(journal, "select count(*) from words") == [(1,)]
    journal.append(None, [e.Ticked("a new name")], AT)
    assert [x.event for x in journal.read(2)] == [e.Ticked("a new name")]
    assert verify(journal.path) == 2


def test_two_connections_see_each_others_events_and_names(tmp_path: Path) -> None:
    one, two = open_journal(str(tmp_path)), open_journal(str(tmp_path))
    assert one.desk == two.desk
    for n in range(6):
        (one, two)[n % 2].append(None, [e.Ticked(f"check {n}")], AT)
    assert [one.read(n)[0].event for n in range(1, 7)] == [e.Ticked(f"check {n}") for n in range(6)]
    one.close()
    two.close()


# --- append-only


@pytest.mark.parametrize(
    "sql",
    ["update event set call = 9", "update event set sum = x'00' where seq = 1", "delete from event", "delete from event where seq = 1",
     "update text set body = x'00'"],
)  # fmt: skip
def test_a_row_is_never_changed_or_deleted(journal: Journal, sql: str) -> None:
    journal.append(None, [e.Noted("one")], AT, {"aa": b"text"})
    with (
        closing(sqlite3.connect(journal.path)) as other,
        other,
        pytest.raises(sqlite3.IntegrityError, match=r"append-only|never changes"),
    ):
        other.execute(sql)
    assert verify(journal.path) == 1


def test_a_row_is_not_replaced_either(journal: Journal) -> None:
    journal.append(None, [e.Noted("one")], AT)
    with closing(sqlite3.connect(journal.path)) as other, other, pytest.raises(sqlite3.IntegrityError):
        other.execute(
            "insert or replace into event select desk, seq, 99, kind, version, wall, mono, boot, data, said, sum from event"
        )


def test_a_changed_row_breaks_the_chain(journal: Journal) -> None:
    for n in range(3):
        journal.append(None, [e.Noted(str(n))], AT)
    with closing(sqlite3.connect(journal.path)) as other, other:
        other.execute("drop trigger event_fixed")
        other.execute("update event set wall = wall + 1 where seq = 2")
    with pytest.raises(AssertionError, match="row 2"):
        verify(journal.path)


def test_deleting_words_keeps_the_chain_verifiable_and_the_words_are_gone(journal: Journal) -> None:
    call = journal.append(
        None, [e.Started(TOP, (), "", ""), e.Noted("my secret"), e.Answered("who", "text", "Rosa Delgado")], AT
    )
    journal.append(call, [e.Promised("p1", "a bike", "17:00", "me"), e.Ended("lost")], AT)
    assert verify(journal.path) == 5
    with closing(sqlite3.connect(journal.path)) as other, other:
        other.execute("pragma secure_delete=on")
        other.execute("delete from words")
    assert verify(journal.path) == 5
    assert [x.event for x in journal.read(call)][1:4] == [
        e.Noted("…"), e.Answered("who", "text", "…"), e.Promised("p1", "…", "17:00", "…"),
    ]  # fmt: skip
    journal.append(call, [e.Noted("after")], AT)
    assert verify(journal.path) == 6
    journal.close()
    kept = b"".join(p.read_bytes() for p in Path(journal.path).parent.iterdir())
    assert b"Rosa Delgado" not in kept
    assert b"my secret" not in kept


def test_changed_words_are_noticed(journal: Journal) -> None:
    journal.append(None, [e.Noted("one")], AT)
    with closing(sqlite3.connect(journal.path)) as other, other:
        other.execute("update words set words = '[\"two\"]'")
    with pytest.raises(AssertionError, match="words of 1"):
        verify(journal.path)


def test_a_name_that_was_changed_breaks_the_chain_and_an_unknown_kind_cant_be_read(journal: Journal) -> None:
    call = journal.append(None, [e.SaidOtherwise()], AT)
    with closing(sqlite3.connect(journal.path)) as other, other:
        other.execute("update name set name = 'Sang' where name = 'SaidOtherwise'")
    with pytest.raises(AssertionError, match="row 1"):
        verify(journal.path)
    again = open_journal(os.path.dirname(journal.path))
    with pytest.raises(CalmdeskError) as caught:
        again.read(call)
    assert caught.value.exit_code == 5
    again.close()


def test_the_same_words_twice_leave_no_trace_of_being_the_same(journal: Journal) -> None:
    journal.append(None, [e.Noted("same"), e.Noted("same")], AT)
    one, two = rows(journal, "select said from event order by seq")
    assert one != two


# --- durable and private


def test_every_commit_is_synced_and_the_journal_mode_is_the_safe_one(journal: Journal) -> None:
    assert journal._db.execute("pragma synchronous").fetchone() == (2,)
    assert journal._db.execute("pragma journal_mode").fetchone() == (JOURNAL_MODE,)
    assert ("wal" if sqlite3.sqlite_version_info >= SAFE_WAL else "persist") == JOURNAL_MODE
    assert journal._db.execute("pragma trusted_schema").fetchone() == (0,)
    assert journal._db.execute("pragma secure_delete").fetchone() == (1,)
    assert journal._db.execute("pragma user_version").fetchone() == (len(MIGRATIONS),)


def test_the_journal_is_private_to_the_user(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        journal = open_journal(str(tmp_path / "new" / "home"))
        journal.append(None, [e.Noted("one")], AT)
        assert stat.S_IMODE(os.stat(journal.path).st_mode) == 0o600
        assert stat.S_IMODE(os.stat(tmp_path / "new" / "home").st_mode) == 0o700
        for path in Path(journal.path).parent.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
        journal.close()
    finally:
        os.umask(old)


# --- what can't be used


def test_a_newer_journal_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("create table event (other text)")
        db.execute(f"pragma user_version={len(MIGRATIONS) + 1}")
    before = path.read_bytes()
    with pytest.raises(CalmdeskError, match="newer calmdesk") as caught:
        open_journal(str(tmp_path))
    assert caught.value.exit_code == 5
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["journal.db"]


def test_a_truncated_journal_is_refused_or_read_and_never_a_traceback(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path))
    call = journal.append(None, [e.Noted(f"note {n}" * 20) for n in range(200)], AT)
    journal.close()
    path = tmp_path / "journal.db"
    whole = path.read_bytes()
    for size in range(0, len(whole), 1500):
        path.write_bytes(whole[:size])
        try:
            opened = open_journal(str(tmp_path))
        except CalmdeskError as error:
            assert error.exit_code == 5  # noqa: PT017 - refused or read, both are fine
            continue
        try:
            opened.read(call)
        except CalmdeskError as error:
            assert error.exit_code == 5  # noqa: PT017
        opened.close()


def test_a_journal_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file", encoding="utf-8")
    with pytest.raises(CalmdeskError) as caught:
        open_journal(str(tmp_path / "home"))
    assert caught.value.exit_code == 5
    (tmp_path / "other" / "journal.db").mkdir(parents=True)
    with pytest.raises(CalmdeskError) as caught:
        open_journal(str(tmp_path / "other"))
    assert caught.value.exit_code == 5


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o500)
    with pytest.raises(CalmdeskError) as caught:
        open_journal(str(tmp_path / "home"))
    assert caught.value.exit_code == 5


def test_a_journal_that_another_program_holds_is_told(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path))
    journal._db.execute("pragma busy_timeout=50")
    other = sqlite3.connect(journal.path, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(CalmdeskError, match="Another program holds") as caught:
        journal.append(None, [e.Noted("one")], AT)
    assert caught.value.exit_code == 5
    other.execute("rollback")
    other.close()
    assert journal.append(None, [e.Noted("one")], AT) == 1
    journal.close()


# --- two at once


def _write(folder: str, name: str, ready: Any, go: Any) -> None:
    journal = open_journal(folder)
    ready.release()
    go.wait()
    call = journal.append(None, [e.Started(TOP, (), "phone", name)], AT)
    for n in range(49):
        journal.append(call, [e.Noted(f"{name} {n}")], AT)
    journal.close()


def test_two_processes_append_at_once_without_a_gap(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, go = context.Semaphore(0), context.Event()
    writers = [context.Process(target=_write, args=(str(tmp_path), name, ready, go)) for name in ("one", "two")]
    for writer in writers:
        writer.start()
    for _ in writers:
        assert ready.acquire(timeout=20)
    go.set()
    for writer in writers:
        writer.join(20)
        assert writer.exitcode == 0
    assert verify(str(tmp_path / "journal.db")) == 100
    journal = open_journal(str(tmp_path))
    for call in journal.calls():
        first, *notes = [x.event for x in journal.read(call)]
        assert isinstance(first, e.Started)
        assert notes == [e.Noted(f"{first.case} {n}") for n in range(49)]
    journal.close()


# --- small


def test_an_event_takes_at_most_a_hundred_bytes_on_average(tmp_path: Path) -> None:
    """200 calls of about 25 events on a shipped playbook, indices included, without pinned texts and typed words."""
    library = Library((os.path.abspath(built_in_folder()),), str(tmp_path / "cache"))
    edition = open_edition(library, "angry-caller").edition
    events = _a_call(edition)
    assert 20 <= len(events) <= 30
    journal = open_journal(str(tmp_path / "home"))
    journal._db.execute("pragma synchronous=off")
    for n in range(200):
        call = None
        for at, event in events:
            stamp = at._replace(wall=at.wall + n * 600_000, mono=at.mono + n * 600_000)
            call = journal.append(call, [event], stamp)
    assert len(journal.calls()) == 200
    journal._db.execute("pragma wal_checkpoint(truncate)")
    try:
        words = journal._db.execute("select sum(pgsize) from dbstat where name = 'words'").fetchone()[0]
    except sqlite3.OperationalError:
        pytest.skip("this SQLite has no dbstat")
    journal.close()
    size = sum(p.stat().st_size for p in (tmp_path / "home").iterdir())
    assert (size - words) / (200 * len(events)) <= 100


def _a_call(edition: Any) -> list[tuple[Stamp, e.Event]]:
    """The events of a plain walk through angry-caller, a few seconds apart."""
    now, call, kept = AT, Call(), []
    facts = {
        "problem": "the bike is late",
        "stake": "the birthday",
        "fault": "1",
        "fix": "a new one",
        "fix-by": "17:00",
        "price": "40",
        "owed": "0",
    }
    made: list[e.Event] = [moves.start(edition)]
    choices = iter(["ready", "finished", "settled", "yes", "picked", "clear"])
    while True:
        for event in made:
            kept.append((now, event))
            call = evolve(call, event, now)
        if call.over:
            assert replay(kept) == call
            return kept
        now = now._replace(wall=now.wall + 7_321, mono=now.mono + 7_321)
        standing = Standing(edition, call, now)
        need = type(standing.need).__name__
        if need == "AskFact":
            made = list(moves.answer(standing, facts.get(standing.need.fact.id, "x")))  # type: ignore[union-attr]
        elif need == "AskChoice":
            made = list(moves.choose(standing, next(choices)))
        elif need == "AskAmount":
            from calmdesk.call import giving

            made = list(giving.amount(standing, "ok"))
        elif need == "AskAccept":
            from calmdesk.call import giving

            made = list(giving.accept(standing, "yes"))
        elif need == "AskTicks":
            made = [e.Overrode(standing.need.open)]  # type: ignore[union-attr]
        else:
            made = list(moves.go_on(standing))


# --- a write of which nobody knows whether it is on disk


def test_what_was_written_after_all_is_found_and_not_written_twice(journal: Journal) -> None:
    entries = [Entry(AT, x) for x in (e.Started(TOP, (), "phone", ""), e.Noted("one"), e.Noted("two"), e.Noted("two"))]
    assert journal.find_written(None, entries) == (None, 0)
    call = journal.append_entries(None, entries[:3])
    journal.append(call, [e.PromiseKept("p1")], AT)
    assert journal.find_written(None, entries) == (call, 3)
    assert journal.find_written(call, entries) == (call, 3)
    journal.append_entries(call, entries[3:])
    assert journal.find_written(None, entries) == (call, 4)


def test_another_call_that_began_like_it_at_another_time_is_another(journal: Journal) -> None:
    started = e.Started(TOP, (), "phone", "")
    journal.append(None, [started], AT)
    assert journal.find_written(None, [Entry(AT._replace(mono=AT.mono + 1), started)]) == (None, 0)
    assert journal.find_written(None, [Entry(AT, started._replace(channel="chat"))]) == (None, 0)
