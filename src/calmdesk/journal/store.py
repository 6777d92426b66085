"""What is remembered: an append-only journal of events in SQLite, on disk before anybody believes it.

Rules of this file: one row an event; a row's key is (desk, seq), and each desk's rows are one unbroken
sequence; rows are never changed or deleted (triggers refuse it); only typed words can be forgotten,
and the chain of sums still holds then.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from calmdesk.call.events import Ended, Forgotten, Stamp, Started, WentBack
from calmdesk.errors import CalmdeskError
from calmdesk.journal.codec import encode
from calmdesk.journal.rows import Entry, Rows, chain_sum, words_digest
from calmdesk.journal.trouble import UNSAFE, UnusableError, damaged, unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from calmdesk.call.events import Event


class Journal(Rows):
    """The journal of this desk. `open_journal` makes one; without a path it is a stand-in that nothing is written to."""

    # --- writing

    def append(
        self, call: int | None, events: Sequence[Event], at: Stamp, texts: Mapping[str, bytes] | None = None
    ) -> int:
        """Append events that happened at one time; see `append_entries`."""
        return self.append_entries(call, [Entry(at, event) for event in events], texts)

    def append_entries(
        self,
        call: int | None,
        entries: Sequence[Entry],
        texts: Mapping[str, bytes] | None = None,
        claim: Callable[[int], None] | None = None,
    ) -> int:
        """Append events of one call in one transaction, with the texts they pin; durable on return.

        Args:
            call: the call's number; None for a new one, whose number is the seq of its first event.
            entries: in order, each with when it happened.
            texts: digest → text, kept where they aren't yet.
            claim: is told the call's number before anybody else can see the call.

        Returns:
            The call's number. Raises UnusableError where the journal can't be written.

        """
        if self.gone:
            raise UnusableError(f"The journal {self.path} is gone.", "", "the journal is gone", damaged=True)
        try:
            with self._transaction():
                self._pin(texts or {})
                call = self._add(call, entries)
                if claim is not None:
                    claim(call)
        except UNSAFE as error:
            raise unusable(self.path, error) from error
        return call

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of it or nothing; durable when it is left."""
        self._db.execute("begin immediate")
        try:
            yield
            self._db.execute("commit")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("rollback")
            self._names.clear()
            self._ids.clear()
            raise

    def _add(self, call: int | None, entries: Sequence[Entry]) -> int:
        row = self._db.execute(
            "select seq, sum from event where desk = ? order by seq desc limit 1", (self._desk,)
        ).fetchone()
        seq, before = row or (0, b"")
        if not isinstance(seq, int) or not isinstance(before, bytes):
            raise damaged(self.path, "its last row can't be read")
        for at, event in entries:
            seq += 1
            call = seq if call is None else call
            before = self._insert(seq, call, event, at, before)
            self._finish(call, event)
        assert call is not None
        return call

    def _insert(self, seq: int, call: int, event: Event, at: Stamp, before: bytes) -> bytes:
        row = encode(event)
        digest = b""
        if row.words:
            salt = os.urandom(8)
            words = json.dumps(row.words, ensure_ascii=False)
            digest = words_digest(salt, words)
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
            # Who goes back in a rehearsal opens no call.
            if known is None and (isinstance(event, Started) or self._is_call(call)):
                self._db.execute("insert into unfinished values (?, ?)", key)

    def _is_call(self, number: int) -> bool:
        found = self._db.execute(
            "select 1 from event where desk = ? and call = ? and kind = (select id from name where name = 'Started')",
            (self._desk, number),
        )
        return found.fetchone() is not None

    def forget(self, calls: Sequence[int], at: Stamp) -> int:
        """Delete the words typed on these calls, each with an event that says so; gives how many words there were.

        Nothing of them is left in the file: freed space is zeroed, what SQLite wrote beside the file goes away, and
        where no other window reads, the file is written anew. Raises UnusableError.
        """
        gone = 0
        try:
            if self.mode == "persist":
                self._db.execute("pragma journal_mode=delete").fetchone()
            with self._transaction():
                for call in calls:
                    gone += self._db.execute(
                        "delete from words where desk = ? and "
                        "seq in (select seq from event where desk = ? and call = ?)",
                        (self._desk, self._desk, call),
                    ).rowcount
                    self._add(call, [Entry(at, Forgotten())])
            self._db.execute("pragma temp_store=memory")
            with suppress(sqlite3.OperationalError):
                self._db.execute("vacuum")
            self.swept = not self._db.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
            if self.mode == "persist":
                self._db.execute("pragma journal_mode=persist").fetchone()
        except UNSAFE as error:
            raise unusable(self.path, error) from error
        return gone

    def be_patient(self, seconds: float) -> None:
        """How long to wait for another window's write: while a call goes on unsaved, no key may wait long."""
        self._db.execute(f"pragma busy_timeout={int(seconds * 1000)}").fetchone()

    def _pin(self, texts: Mapping[str, bytes]) -> None:
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

    # --- looking after it

    def keep_texts(self, texts: Mapping[str, bytes]) -> None:
        """Keep pinned texts that aren't here any more. Raises UnusableError."""
        try:
            with self._transaction():
                self._pin(texts)
        except UNSAFE as error:
            raise unusable(self.path, error) from error

    def remember_copy(self, target: str, at: Stamp) -> None:
        """Remember where a copy was made. Raises UnusableError."""
        try:
            self._db.execute("insert or replace into copy values (?, ?)", (target, at.wall))
        except UNSAFE as error:
            raise unusable(self.path, error) from error

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
            if self.mode == "persist":
                self._db.execute("pragma journal_mode=delete").fetchone()
        except sqlite3.Error:
            pass  # another window has it open, and will do this when it closes
        self._db.close()
