"""Reading the journal: every row is checked against its sum before anybody believes it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.call.events import Stamp, Started
from calmdesk.call.state import replay
from calmdesk.digest import blake2b
from calmdesk.journal.codec import Row, decode, encode
from calmdesk.journal.trouble import GARBLED, UNSAFE, unusable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from calmdesk.call.events import Event
    from calmdesk.call.values import Call


SMALL = 8 << 20
"""Bytes of a journal that is looked through whole when a call begins."""


class Entry(NamedTuple):
    """An event and when it was written."""

    at: Stamp
    event: Event

    @property
    def wordless(self) -> str:
        """What tells it from other events, whatever words were typed: they may be forgotten."""
        row = encode(self.event)
        return repr((self.at, row.kind, row.data))


class Written(NamedTuple):
    """A row as it stands: its event, and what is wrong with it (nothing, where it is what was written)."""

    seq: int
    call: int
    at: Stamp
    event: Event
    problem: str
    forgotten: bool
    """Whether it had words that are no longer there."""


_SELECT = (
    "select e.seq, e.call, e.kind, e.version, e.wall, e.mono, e.boot, e.data, e.said, e.sum, w.words, w.salt, p.sum "
    "from event e left join words w on w.desk = e.desk and w.seq = e.seq "
    "left join event p on p.desk = e.desk and p.seq = e.seq - 1 where e.desk = ? "
)


class Rows:
    """The rows of this desk, to be read."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        desk: int,
        desk_id: str,
        path: str,
        file: tuple[int, int] | None = None,
    ) -> None:
        self._db = connection
        self._desk = desk
        self.desk = desk_id
        self.path = path
        self.notices: tuple[str, ...] = ()
        """What was found and done when it was opened, to be said to a person."""
        self.mode = ""
        self.read_only = False
        self.swept = True
        """Whether nothing of what was forgotten waits beside the file (a reader can keep it there in WAL mode)."""
        self.file = file or file_id(path)
        self._names: dict[str, int] = {}
        self._ids: dict[int, str] = {}

    @property
    def gone(self) -> bool:
        """Whether the file that was opened no longer stands at its path: moved aside, or deleted."""
        return bool(self.path) and file_id(self.path) != self.file

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
        """The events of a call in order, each checked. Raises UnusableError where they can't be read."""
        return [Entry(x.at, x.event) for x in self._written("and e.call = ? order by e.seq", call)]

    def _written(self, which: str, *values: int) -> Iterator[Written]:
        """The rows of this desk that `which` names, each with whether it is what was written.

        Raises UnusableError at the first that isn't, or can't be read.
        """
        try:
            for row in self._db.execute(_SELECT + which, (self._desk, *values)):
                found = self._one(*row)
                if found.problem:
                    raise ValueError(f"row {found.seq}: {found.problem}")
                yield found
        except (*UNSAFE, *GARBLED) as error:
            raise unusable(self.path, error) from error

    def _one(self, seq: int, call: int, kind: int, version: int, *rest: Any) -> Written:  # noqa: ANN401 - SQLite's values
        wall, mono, boot, data, said, found, words, salt, before = rest
        row = Row(self._name(kind), version, self._long(json.loads(data)), tuple(json.loads(words)) if words else ())
        at = Stamp(wall, mono, self._name(boot))
        problem = ""
        if words is not None and words_digest(salt, words) != said:
            problem = "its words were changed"
        elif seq > 1 and before is None:
            problem = f"row {seq - 1} is missing"
        elif chain_sum(before or b"", seq, call, row, at, said or b"") != found:
            problem = "it was changed, or a row before it"
        return Written(seq, call, at, decode(row), problem, forgotten=bool(said) and words is None)

    def began_like(self, first: Entry) -> list[int]:
        """The calls that began at the same moment in the same way, whatever words were typed; newest first.

        Raises UnusableError.
        """
        try:
            rows = self._db.execute(
                "select call from event where desk = ? and seq = call and wall = ? and mono = ? order by seq desc",
                (self._desk, first.at.wall, first.at.mono),
            ).fetchall()
        except UNSAFE as error:
            raise unusable(self.path, error) from error
        return [number for (number,) in rows if self.read(number)[0].wordless == first.wordless]

    def find_written(self, call: int | None, entries: Sequence[Entry]) -> tuple[int | None, int]:
        """(the call's number, how many of its entries stand here already, in their order); (`call`, 0) where none does.

        Words don't count: what was forgotten here is the same event, and must not come back. Raises UnusableError.
        """
        best: tuple[bool, int, int] = (False, 0, 0)
        for number in [call] if call is not None else self.began_like(entries[0]):
            written, rows = 0, self.read(number)
            # Another window may have kept a promise of this call in between.
            for there in rows:
                if written < len(entries) and there.wordless == entries[written].wordless:
                    written += 1
            if written:
                # Two calls may begin at once: the one that is this to the word comes first.
                best = max(best, (rows[0] == entries[0], written, number))
        return (best[2], best[1]) if best[1] else (call, 0)

    def call(self, number: int) -> Call:
        """A call as its events made it."""
        return replay(self.read(number))

    def calls(self) -> list[int]:
        """The numbers of all calls, newest first."""
        try:
            rows = self._db.execute(
                "select call from event where desk = ? and kind = (select id from name where name = 'Started')"
                " order by call desc",
                (self._desk,),
            ).fetchall()
        except UNSAFE as error:
            raise unusable(self.path, error) from error
        return [row[0] for row in rows]

    def outlines(self) -> list[tuple[int, Call]]:
        """Every call, newest first, from the events alone that say when it began, lay by and ended."""
        found: dict[int, list[Entry]] = {}
        for x in self._written(
            "and e.kind in (select id from name where name in ('Started', 'WentBack', 'Parked', 'Resumed', 'Ended')) "
            "order by e.seq"
        ):
            found.setdefault(x.call, []).append(Entry(x.at, x.event))
        # A rehearsal has a playbook beside it that may end, and never began as a call.
        begun = (n for n in sorted(found, reverse=True) if isinstance(found[n][0].event, Started))
        return [(number, replay(found[number])) for number in begun]

    def calls_with(self, kind: str) -> list[int]:
        """The numbers of the calls that have an event of this kind, newest first."""
        try:
            rows = self._db.execute(
                "select distinct call from event where desk = ? and kind = (select id from name where name = ?)"
                " order by call desc",
                (self._desk, kind),
            ).fetchall()
        except UNSAFE as error:
            raise unusable(self.path, error) from error
        return [row[0] for row in rows]

    def events_of(self, kinds: Sequence[str]) -> Iterator[tuple[int, int, Event]]:
        """(the call's number, wall clock, event) of every event of these kinds, in order; words are left out.

        For figures over thousands of rows: their sums aren't looked at, and those that say the same are made once.
        Raises UnusableError.
        """
        made: dict[tuple[int, int, str], Event] = {}
        try:
            for call, wall, *row in self._db.execute(
                "select call, wall, kind, version, data from event where desk = ? and kind in "
                "(select id from name where instr(?, ' ' || name || ' ')) order by seq",
                (self._desk, f" {' '.join(kinds)} "),
            ):
                key = (row[0], row[1], row[2])
                if key not in made:
                    kind, version, data = key
                    made[key] = decode(Row(self._name(kind), version, self._long(json.loads(data)), ()))
                yield call, wall, made[key]
        except (*UNSAFE, *GARBLED) as error:
            raise unusable(self.path, error) from error

    def unfinished(self) -> list[int]:
        """The numbers of the calls that haven't ended, newest first."""
        try:
            rows = self._db.execute(
                "select call from unfinished where desk = ? order by call desc", (self._desk,)
            ).fetchall()
        except UNSAFE as error:
            raise unusable(self.path, error) from error
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
        except UNSAFE as error:
            raise unusable(self.path, error) from error
        return row[0] if row else None

    # --- looking after it

    @property
    def is_small(self) -> bool:
        """Whether looking through the whole file takes no longer than an agent notices."""
        try:
            return os.path.getsize(self.path) < SMALL
        except OSError:
            return False

    def integrity(self) -> str:
        """What SQLite itself finds wrong with the file, or nothing.

        Raises UnusableError where it can't be looked at now: a file that another program holds isn't damaged.
        """
        try:
            found = str(self._db.execute("pragma integrity_check(1)").fetchone()[0])
        except UNSAFE as error:
            what = unusable(self.path, error)
            if not what.damaged:
                raise what from error
            return str(error)
        return "" if found == "ok" else found

    def rows(self) -> Iterator[Written]:
        """Every row of this desk as it stands. Raises UnusableError at one that isn't what was written.

        They are read in pieces, between which other windows write.
        """
        last = 0
        while piece := list(self._written("and e.seq > ? order by e.seq limit 2000", last)):
            yield from piece
            last = piece[-1].seq

    def lists(self) -> tuple[set[int], set[int]]:
        """(the calls that are listed as open, those that are open by their events), at one moment."""
        try:
            self._db.execute("begin")
            try:
                over = {number for number, call in self.outlines() if call.over}
                return set(self.unfinished()), set(self.calls()) - over
            finally:
                self._db.execute("rollback")
        except UNSAFE as error:
            raise unusable(self.path, error) from error

    def calls_of(self, case: str) -> list[int]:
        """The calls of a case, in whatever letters it was typed; the newest first."""
        try:
            rows = self._db.execute(
                "select e.call, w.words from event e join words w on w.desk = e.desk and w.seq = e.seq where e.desk = ? "
                "and e.kind = (select id from name where name = 'Started') order by e.call desc",
                (self._desk,),
            ).fetchall()
            return [call for call, words in rows if str(json.loads(words)[0]).casefold() == case.casefold()]
        except (*UNSAFE, *GARBLED) as error:
            raise unusable(self.path, error) from error

    def last(self) -> int:
        """The number of the newest row; 0 where there is none."""
        try:
            row = self._db.execute("select max(seq) from event where desk = ?", (self._desk,)).fetchone()
        except UNSAFE as error:
            raise unusable(self.path, error) from error
        return row[0] or 0

    def first_wall(self) -> int | None:
        """When the oldest row was written (wall clock, ms); None where there is none."""
        return self._wall("min")

    def last_wall(self) -> int | None:
        """When the newest row was written (wall clock, ms); None where there is none."""
        return self._wall("max")

    def _wall(self, which: str) -> int | None:
        asked = f"select wall from event where desk = ? and seq = (select {which}(seq) from event where desk = ?)"  # noqa: S608 - our own words
        try:
            row = self._db.execute(asked, (self._desk, self._desk)).fetchone()
        except UNSAFE as error:
            raise unusable(self.path, error) from error
        return row[0] if row and isinstance(row[0], int) else None

    def copies_made(self) -> list[tuple[str, int]]:
        """Where copies of this journal were made, and when (wall clock, ms), the newest first."""
        try:
            rows = self._db.execute("select path, made from copy order by made desc").fetchall()
        except UNSAFE as error:
            raise unusable(self.path, error) from error
        return [(str(path), int(made)) for path, made in rows]

    def texts(self) -> Iterator[tuple[str, bytes]]:
        """Every pinned text, as (digest, text)."""
        try:
            yield from self._db.execute("select digest, body from text order by digest")
        except UNSAFE as error:
            raise unusable(self.path, error) from error

    def wordy(self) -> list[int]:
        """The numbers of the calls of which words are kept, the oldest first."""
        try:
            rows = self._db.execute(
                "select distinct e.call from words w join event e on e.desk = w.desk and e.seq = w.seq "
                "where w.desk = ? order by e.call",
                (self._desk,),
            ).fetchall()
        except UNSAFE as error:
            raise unusable(self.path, error) from error
        return [row[0] for row in rows]

    def is_steady(self, since: int, until: int) -> bool:
        """Whether something was written between two points of the wall clock (ms), and no leap of it lies before that."""
        try:
            first = self._db.execute(
                "select min(seq) from event where desk = ? and wall between ? and ?", (self._desk, since, until)
            ).fetchone()[0]
            if first is None:
                return False
            walls = self._db.execute(
                "select wall from event where desk = ? and seq in (?, ?) order by seq", (self._desk, first - 1, first)
            ).fetchall()
        except UNSAFE as error:
            raise unusable(self.path, error) from error
        return len(walls) < 2 or walls[1][0] - walls[0][0] <= until - since


def words_digest(salt: bytes | None, words: str) -> bytes:
    """What a row remembers of its words, so that nobody can change them and they can be forgotten."""
    return blake2b((salt or b"") + words.encode(), digest_size=8).digest()


def chain_sum(before: bytes, seq: int, call: int, row: Row, at: Stamp, words: bytes) -> bytes:
    """The chain: each row's sum covers the one before it, so that no row can change or go unnoticed."""
    body = json.dumps([seq, call, row.kind, row.version, row.data, *at], separators=(",", ":"), ensure_ascii=False)
    return blake2b(before + words + body.encode(), digest_size=8).digest()


def file_id(path: str) -> tuple[int, int] | None:
    """What tells one file from another at the same path; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
