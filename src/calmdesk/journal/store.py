"""What is remembered: an append-only journal of events in SQLite, on disk before anybody believes it.

Rules of this file: one row an event; a row's key is (desk, seq), and each desk's rows are one unbroken
sequence; rows are never changed or deleted (triggers refuse it); only typed words can be forgotten,
and the chain of sums still holds then.
"""

from __future__ import annotations

import json
import os
import sqlite3
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.call.events import Ended, Stamp, Started, WentBack
from calmdesk.call.state import replay
from calmdesk.digest import blake2b
from calmdesk.errors import CalmdeskError
from calmdesk.journal.codec import Row, decode, encode
from calmdesk.journal.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from calmdesk.call.events import Event
    from calmdesk.call.values import Call

# SQLite before this version can lose commits of two connections that write and checkpoint at once in WAL mode.
# Below it a rollback journal is kept, whose file stays (PERSIST): as safe as TRUNCATE, without its dear ftruncate.
SAFE_WAL = (3, 51, 3)
JOURNAL_MODE = "wal" if sqlite3.sqlite_version_info >= SAFE_WAL else "persist"
_UNSAFE = (sqlite3.Error, UnicodeDecodeError, UnicodeEncodeError)


class Entry(NamedTuple):
    """An event and when it was written."""

    at: Stamp
    event: Event


class Journal:
    """The journal of this desk. `open_journal` makes one."""

    def __init__(self, connection: sqlite3.Connection, desk: int, desk_id: str, path: str) -> None:
        self._db = connection
        self._desk = desk
        self.desk = desk_id
        self.path = path
        self._names: dict[str, int] = {}
        self._ids: dict[int, str] = {}

    # --- writing

    def append(
        self, call: int | None, events: Sequence[Event], at: Stamp, texts: dict[str, bytes] | None = None
    ) -> int:
        """Append events of one call in one transaction, with the texts they pin; durable on return.

        Args:
            call: the call's number; None for a new one, whose number is the seq of its first event.
            events: in order.
            at: when they happened.
            texts: digest → text, kept where they aren't yet.

        Returns:
            The call's number. Raises CalmdeskError (5) where the journal can't be written.

        """
        try:
            self._db.execute("begin immediate")
            try:
                row = self._db.execute(
                    "select seq, sum from event where desk = ? order by seq desc limit 1", (self._desk,)
                ).fetchone()
                seq, before = row or (0, b"")
                self._pin(texts or {})
                for event in events:
                    seq += 1
                    call = seq if call is None else call
                    before = self._insert(seq, call, event, at, before)
                    self._finish(call, event)
                self._db.execute("commit")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("rollback")
                self._names.clear()
                self._ids.clear()
                raise
        except _UNSAFE as error:
            raise _unusable(self.path, error) from error
        assert call is not None
        return call

    def _insert(self, seq: int, call: int, event: Event, at: Stamp, before: bytes) -> bytes:
        row = encode(event)
        digest = b""
        if row.words:
            salt = os.urandom(8)
            words = json.dumps(row.words, ensure_ascii=False)
            digest = blake2b(salt + words.encode(), digest_size=8).digest()
            self._db.execute("insert into words values (?, ?, ?, ?)", (self._desk, seq, salt, words))
        chained = chain_sum(before, seq, call, row, at, digest)
        self._db.execute(
            "insert into event values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._desk,
                seq,
                call,
                self._id(row.kind),
                row.version,
                at.wall,
                at.mono,
                self._id(at.boot),
                json.dumps(self._short(row.data), separators=(",", ":")),
                digest or None,
                chained,
            ),
        )
        return chained

    def _finish(self, call: int, event: Event) -> None:
        """Keep the list of calls that haven't ended; it can always be made anew from the events."""
        key = (self._desk, call)
        if isinstance(event, Ended):
            self._db.execute("delete from unfinished where desk = ? and call = ?", key)
        elif isinstance(event, Started | WentBack):
            known = self._db.execute("select 1 from unfinished where desk = ? and call = ?", key).fetchone()
            if known is None:
                self._db.execute("insert into unfinished values (?, ?)", key)

    def _pin(self, texts: dict[str, bytes]) -> None:
        for digest, body in texts.items():
            if self._db.execute("select 1 from text where digest = ?", (digest,)).fetchone() is None:
                self._db.execute("insert into text values (?, ?)", (digest, body))

    def _id(self, name: str) -> int:
        if name not in self._names:
            row = self._db.execute("select id from name where name = ?", (name,)).fetchone()
            self._names[name] = (
                row[0] if row else int(self._db.execute("insert into name (name) values (?)", (name,)).lastrowid or 0)
            )
        return self._names[name]

    def _short(self, value: Any) -> Any:  # noqa: ANN401 - any part of an event
        """Texts as numbers: a number in the data is the id of a text; the few real numbers stand in quotes."""
        if isinstance(value, list):
            return [self._short(x) for x in value]
        if isinstance(value, str):
            return self._id(value)
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    # --- reading

    def _name(self, number: int) -> str:
        if number not in self._ids:
            self._ids[number] = self._db.execute("select name from name where id = ?", (number,)).fetchone()[0]
        return self._ids[number]

    def _long(self, value: Any) -> Any:  # noqa: ANN401 - any part of an event
        if isinstance(value, list):
            return [self._long(x) for x in value]
        if isinstance(value, str):
            return int(value)
        return self._name(value) if isinstance(value, int) and not isinstance(value, bool) else value

    def read(self, call: int) -> list[Entry]:
        """The events of a call in order. Raises CalmdeskError (5) where they can't be read."""
        try:
            rows = self._db.execute(
                "select e.kind, e.version, e.wall, e.mono, e.boot, e.data, w.words from event e indexed by event_call "
                "left join words w on w.desk = e.desk and w.seq = e.seq where e.desk = ? and e.call = ? order by e.seq",
                (self._desk, call),
            ).fetchall()
            return [self._entry(row) for row in rows]
        except (*_UNSAFE, ValueError, TypeError, IndexError) as error:
            raise _unusable(self.path, error) from error

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        kind, version, wall, mono, boot, data, words = row
        fields = self._long(json.loads(data))
        read = Row(self._name(kind), version, fields, tuple(json.loads(words)) if words else ())
        return Entry(Stamp(wall, mono, self._name(boot)), decode(read))

    def call(self, number: int) -> Call:
        """A call as its events made it."""
        return replay(self.read(number))

    def calls(self) -> list[int]:
        """The numbers of all calls, newest first."""
        try:
            rows = self._db.execute(
                "select distinct call from event where desk = ? order by call desc", (self._desk,)
            ).fetchall()
        except _UNSAFE as error:
            raise _unusable(self.path, error) from error
        return [row[0] for row in rows]

    def outlines(self) -> list[tuple[int, Call]]:
        """Every call, newest first, from the events alone that say when it began, lay by and ended."""
        found: dict[int, list[Entry]] = {}
        try:
            rows = self._db.execute(
                "select e.kind, e.version, e.wall, e.mono, e.boot, e.data, w.words, e.call from event e "
                "left join words w on w.desk = e.desk and w.seq = e.seq where e.desk = ? and e.kind in "
                "(select id from name where name in ('Started', 'WentBack', 'Parked', 'Resumed', 'Ended')) order by e.seq",
                (self._desk,),
            )
            for *row, call in rows:
                found.setdefault(call, []).append(self._entry(tuple(row)))
        except (*_UNSAFE, ValueError, TypeError, IndexError) as error:
            raise _unusable(self.path, error) from error
        return [(number, replay(found[number])) for number in sorted(found, reverse=True)]

    def calls_with(self, kind: str) -> list[int]:
        """The numbers of the calls that have an event of this kind, newest first."""
        try:
            rows = self._db.execute(
                "select distinct call from event where desk = ? and kind = (select id from name where name = ?)"
                " order by call desc",
                (self._desk, kind),
            ).fetchall()
        except _UNSAFE as error:
            raise _unusable(self.path, error) from error
        return [row[0] for row in rows]

    def unfinished(self) -> list[int]:
        """The numbers of the calls that haven't ended, newest first."""
        try:
            rows = self._db.execute(
                "select call from unfinished where desk = ? order by call desc", (self._desk,)
            ).fetchall()
        except _UNSAFE as error:
            raise _unusable(self.path, error) from error
        return [row[0] for row in rows]

    def last_digests(self, playbook: str) -> tuple[tuple[str, str], ...] | None:
        """The texts that the newest call with a playbook played, as (id, digest); None where there was none."""
        for number in self.calls()[:200]:
            started = self.read(number)[0].event
            if isinstance(started, Started) and started.place and started.place[0].book == playbook:
                return started.digests
        return None

    def text(self, digest: str) -> bytes | None:
        """A pinned text."""
        try:
            row = self._db.execute("select body from text where digest = ?", (digest,)).fetchone()
        except _UNSAFE as error:
            raise _unusable(self.path, error) from error
        return row[0] if row else None

    # --- looking after it

    def integrity(self) -> str:
        """What SQLite itself finds wrong with the file, or nothing."""
        try:
            found = str(self._db.execute("pragma integrity_check(1)").fetchone()[0])
        except _UNSAFE as error:
            return str(error)
        return "" if found == "ok" else found

    def rows(self) -> Iterator[tuple[int, int, Row, Stamp, bytes | None, bytes, tuple[str | None, bytes | None]]]:
        """Every row of this desk as it stands: seq, call, row, stamp, digest of words, sum, (words, salt)."""
        try:
            for seq, call, kind, version, wall, mono, boot, data, said, found, words, salt in self._db.execute(
                "select e.seq, e.call, e.kind, e.version, e.wall, e.mono, e.boot, e.data, e.said, e.sum, w.words, w.salt "
                "from event e left join words w on w.desk = e.desk and w.seq = e.seq where e.desk = ? order by e.seq",
                (self._desk,),
            ):
                row = Row(self._name(kind), version, self._long(json.loads(data)), ())
                yield seq, call, row, Stamp(wall, mono, self._name(boot)), said, found, (words, salt)
        except (*_UNSAFE, ValueError, TypeError, IndexError) as error:
            raise _unusable(self.path, error) from error

    def copy_to(self, target: str) -> None:
        """Copy the whole journal to a file that is there and empty. Raises CalmdeskError (3)."""
        other = sqlite3.connect(target)
        try:
            self._db.backup(other)
        except sqlite3.Error as error:
            raise CalmdeskError(f"The copy to {target} failed: {error}.", "Make room there, and try again.") from error
        finally:
            other.close()

    def close(self) -> None:
        """Close the file; no page of it is left behind in the journal beside it."""
        try:
            if JOURNAL_MODE == "persist":
                self._db.execute("pragma journal_mode=delete").fetchone()
        except sqlite3.Error:
            pass  # another window has it open, and will do this when it closes
        self._db.close()


def chain_sum(before: bytes, seq: int, call: int, row: Row, at: Stamp, words: bytes) -> bytes:
    """The chain: each row's sum covers the one before it, so that no row can change or go unnoticed."""
    body = json.dumps([seq, call, row.kind, row.version, row.data, *at], separators=(",", ":"), ensure_ascii=False)
    return blake2b(before + words + body.encode(), digest_size=8).digest()


def _unusable(path: str, error: Exception) -> CalmdeskError:
    said = str(error)
    if "full" in said:
        return CalmdeskError(
            f"The disk is full: {path} can't be written.", "Make room; what was said as saved is safe.", 5
        )
    if "locked" in said:
        return CalmdeskError(f"Another program holds the journal {path}.", "Close it, and start again.", 5)
    if "readonly" in said or "unable to open" in said:
        return CalmdeskError(
            f"The journal {path} can't be written.",
            "Check who may write there, or set CALMDESK_HOME to another folder.",
            5,
        )
    return CalmdeskError(
        f"The journal {path} can't be used ({said}).",
        "Set CALMDESK_HOME to another folder to work on; keep this file.",
        5,
    )


def open_journal(folder: str) -> Journal:
    """Open the journal in a folder, or start one; private to the user.

    Raises CalmdeskError (5): it can't be opened, or it was written by a newer calmdesk.
    """
    path = os.path.join(folder, "journal.db")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not os.path.exists(path):
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        db = sqlite3.connect(path, timeout=2, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise CalmdeskError(
            f"The journal {path} can't be opened: {getattr(error, 'strerror', None) or error}.",
            "Check who may write there, or set CALMDESK_HOME to another folder.",
            5,
        ) from error
    try:
        found = db.execute("pragma user_version").fetchone()[0]
        if found > len(MIGRATIONS):
            db.close()
            raise CalmdeskError(
                f"The journal {path} was written by a newer calmdesk (format {found}; this one reads {len(MIGRATIONS)}).",
                "Update calmdesk. The file was not touched.",
                5,
            )
        _set_up(db)
        _migrate(db, found)
        number, desk = _desk(db)
    except _UNSAFE as error:
        db.close()
        raise _unusable(path, error) from error
    return Journal(db, number, desk, path)


def _set_up(db: sqlite3.Connection) -> None:
    db.execute("pragma trusted_schema=off")
    db.execute("pragma secure_delete=on")
    # The answer must be fetched and compared: SQLite keeps the old mode without a word when it fails.
    mode = db.execute(f"pragma journal_mode={JOURNAL_MODE}").fetchone()[0]
    if JOURNAL_MODE not in {mode, "wal"}:
        raise sqlite3.OperationalError(f"journal mode {mode} instead of {JOURNAL_MODE}")
    db.execute("pragma synchronous=full")


def _migrate(db: sqlite3.Connection, found: int) -> None:
    """Each migration and the number that records it are one transaction."""
    for number in range(found, len(MIGRATIONS)):
        db.execute("begin immediate")
        if db.execute("pragma user_version").fetchone()[0] > number:
            db.execute("rollback")
            continue
        for statement in _statements(MIGRATIONS[number]):
            db.execute(statement)
        db.execute(f"pragma user_version={number + 1}")
        db.execute("commit")


def _statements(script: str) -> Iterable[str]:
    """The statements of a migration (a trigger's own semicolons don't end it)."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _desk(db: sqlite3.Connection) -> tuple[int, str]:
    """This desk's number and id; a new journal is given one by chance."""
    row = db.execute("select number, id from desk order by number limit 1").fetchone()
    if row is None:
        db.execute("begin immediate")
        row = db.execute("select number, id from desk order by number limit 1").fetchone()
        if row is None:
            letters = "bcdfghjkmnpqrstvwxz"
            made = "".join(letters[b % len(letters)] for b in os.urandom(5))
            db.execute("insert into desk values (1, ?)", (made,))
            row = (1, made)
        db.execute("commit")
    return row[0], row[1]
