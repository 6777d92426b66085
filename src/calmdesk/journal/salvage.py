"""What can be read of a damaged journal, or of a call that couldn't be written, comes back as calls of this desk.

Rules of this file: nothing is taken that isn't what was written, as far as its sums tell; nothing comes in twice.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_origin, get_type_hints

from calmdesk.call.events import (
    ApprovalGiven,
    Coached,
    Drilled,
    Forgotten,
    Frame,
    PromiseBroken,
    PromiseKept,
    PromiseMoved,
    Rehearsed,
    Renewed,
    Stamp,
    Started,
)
from calmdesk.digest import digest
from calmdesk.errors import CalmdeskError
from calmdesk.journal.codec import NO_WORDS, Row, decode, encode
from calmdesk.journal.opening import NAME, find_left_over, move_aside, open_journal
from calmdesk.journal.rows import Entry, chain_sum, words_digest
from calmdesk.journal.trouble import GARBLED, UNSAFE, UnusableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from calmdesk.journal.store import Journal

_PAGE = 4096
_MOST, _BEHIND = 1 << 40, 1000
"""No desk has so many rows; and how far behind one that is found the next is looked for by its number."""


class Salvaged(NamedTuple):
    """How many calls and events came back, were here already, can't be read, and came back without their words."""

    calls: int
    events: int
    here: int
    lost: int
    wordless: int = 0


class Found(NamedTuple):
    """A call as it was found: its events, and the texts that it pinned."""

    entries: list[Entry]
    texts: dict[str, bytes]


# --- a call that couldn't be written


def rescue_folders(data: str) -> tuple[str, ...]:
    """Where a call is left that can't be written: with the journal, else at home, else with what is temporary."""
    return tuple(dict.fromkeys((data, os.path.expanduser("~"), tempfile.gettempdir())))


def write_rescue(folders: Sequence[str], name: str, entries: Sequence[Entry], texts: Mapping[str, bytes]) -> str:
    """Write a whole call to a private file in the first folder that has room; gives its path, or nothing."""
    rows = [[*at, *encode(event)] for at, event in entries]
    pinned = {digest: base64.b64encode(text).decode("ascii") for digest, text in texts.items()}
    body = json.dumps({"calmdesk-rescue": 1, "call": name, "rows": rows, "texts": pinned}).encode()
    for folder in folders:
        path = os.path.join(folder, f"calmdesk-rescue-{time.strftime('%Y-%m-%d-%H%M%S')}-{os.getpid()}.json")
        try:
            file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except OSError:
            continue
        try:
            with open(file, "wb") as out:
                out.write(body)
                out.flush()
                os.fsync(out.fileno())
        except OSError:
            with suppress(OSError):
                os.unlink(path)
            continue
        return path
    return ""


def _read_rescue(path: str) -> list[Found] | None:
    """The call of a rescue file; None where it is none."""
    with open(path, "rb") as file:
        body = file.read()
    if not body.lstrip().startswith(b"{"):
        return None
    try:
        found = json.loads(body)
        rows = [(Stamp(*row[:3]), Row(row[3], row[4], row[5], tuple(row[6]))) for row in found["rows"]]
        texts = {digest: base64.b64decode(text) for digest, text in found["texts"].items()}
        entries = [Entry(at, decode(row)) for at, row in rows]
        if not entries or not all(_is_whole(entry, Entry) and _is_whole(entry.event) for entry in entries):
            raise ValueError("a row that nobody wrote")
        return [Found(entries, _sound(texts))]
    except GARBLED as error:
        raise CalmdeskError(f"{path} can't be read: it is no whole rescue file.", "Is it the right file?") from error


def holds_call(path: str, begun: Sequence[Sequence[Entry]]) -> bool:
    """Whether a rescue file holds one of the calls that began so; one that can't be read may."""
    try:
        found = _read_rescue(path) or []
    except (CalmdeskError, OSError):
        return True
    return any(c.entries[0].at == entries[0].at for c in found for entries in begun if entries)


def _is_whole(value: tuple[Any, ...], kind: type[Any] | None = None) -> bool:
    """Whether each field of an event, a frame or a stamp is of the kind it is declared."""
    hints = get_type_hints(kind or type(value), localns={"Stamp": Stamp, "Event": tuple})
    return all(_is_of(x, hint) for x, hint in zip(value, hints.values(), strict=True))


def _is_of(value: object, hint: Any) -> bool:  # noqa: ANN401 - whatever an event declares
    if get_origin(hint) is tuple:
        inner = get_args(hint)
        if not isinstance(value, tuple):
            return False
        if inner[-1] is ...:
            return all(_is_of(x, inner[0]) for x in value)
        return len(value) == len(inner) and all(map(_is_of, value, inner))
    if hint in {Frame, Stamp}:
        return isinstance(value, hint) and _is_whole(value)
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


# --- a damaged journal


def salvage(folder: str, path: str, fits: Callable[[Found], bool] = bool) -> Salvaged:
    """Bring the calls of a damaged journal, a backup or a rescue file into the journal of this desk.

    Args:
        folder: where this desk's journal is.
        path: the file to read; it is never changed.
        fits: whether a call of a rescue file can be shown at all; one that can't is refused.

    Raises:
        CalmdeskError: there is no such file (3), nothing in it can be read (5), or the journal can't be written (5).

    """
    if not os.path.isfile(path):
        raise CalmdeskError(f"There is no file {path}.", "Name a journal that was moved aside, or a rescue file.")
    try:
        calls, lost = _read_rescue(path), 0
    except OSError as error:
        raise CalmdeskError(f"{path} can't be read: {error.strerror}.", "Check who may read it.") from error
    if calls is None:
        calls, lost = read_damaged(path)
    elif not all(map(fits, calls)):
        raise CalmdeskError(f"{path} can't be read: it holds no call.", "Is it the right file?")
    with closing(open_journal(folder)) as journal:
        return _bring_in(journal, calls, lost)


def remember_copies(folder: str, paths: Sequence[str], at: Stamp) -> None:
    """Remember where copies lie that another journal of this desk knew: words are forgotten there too."""
    with closing(open_journal(folder)) as journal:
        for path in paths:
            journal.remember_copy(path, at)


def find_damage(folder: str) -> tuple[str, str]:
    """(file to salvage, what was done) for a desk: its journal where that is damaged, then moved aside; else what waits.

    Both are empty where nothing does.
    """
    from calmdesk.journal.check import verify

    with closing(open_journal(folder)) as journal:
        notice = " ".join(journal.notices)
        try:
            verify(journal)
        except UnusableError as error:
            if not error.damaged:
                raise
            notice = move_aside(folder, error.message.rstrip("."), journal.file)
    waiting = find_left_over(folder)
    return (waiting[-1], notice) if notice and waiting else (_unread(folder, waiting), notice)


def _unread(folder: str, waiting: Sequence[str]) -> str:
    """The first file of which something isn't in the journal yet."""
    for path in waiting:
        with suppress(CalmdeskError), closing(open_journal(folder)) as journal:
            calls = _read_rescue(path) or read_damaged(path)[0]
            if any(_find_rest(journal, c.entries)[1] for c in calls):
                return path
    return ""


def _bring_in(journal: Journal, calls: Sequence[Found], lost: int) -> Salvaged:
    brought = events = here = wordless = 0
    for call in calls:
        number, rest = _find_rest(journal, call.entries)
        here += len(call.entries) - len(rest)
        if not rest:
            # A text that is lost here may stand there.
            journal.keep_texts(call.texts)
            continue
        if not any(isinstance(x.event, Forgotten) for x in call.entries):
            wordless += sum(NO_WORDS in x.event for x in rest)
        # What happened in a call that went on otherwise here is a call of its own, from its beginning on.
        whole = rest if number is not None or rest[0] == call.entries[0] else [call.entries[0], *rest]
        journal.append_entries(number, whole, call.texts)
        brought += 1
        events += len(rest)
    return Salvaged(brought, events, here, lost, wordless)


def find_copies(path: str) -> list[str]:
    """The copies that a journal remembers and that are there, the newest first; none where that can't be read."""
    with tempfile.TemporaryDirectory() as folder:
        for copy in _copies(path, folder):
            with suppress(*UNSAFE, OSError), closing(sqlite3.connect(copy, isolation_level=None)) as db:
                found = [row[0] for row in db.execute("select path from copy order by made desc")]
                return [x for x in found if isinstance(x, str) and os.path.isfile(x)]
    return []


_BESIDE = (PromiseKept, PromiseMoved, PromiseBroken, Forgotten)
"""What another window may write to a call that is over, or open elsewhere."""


def _find_rest(journal: Journal, entries: list[Entry]) -> tuple[int | None, list[Entry]]:
    """(the call that they go on with, the entries that aren't here yet); no call where none is, or it went on otherwise."""
    numbers = journal.began_like(entries[0])
    # Two calls may begin at once: those that began so to the word come first.
    numbers = [n for n in numbers if journal.read(n)[0] == entries[0]] or numbers
    here = [x for number in numbers for x in journal.read(number)]
    there = Counter(x.wordless for x in here)
    rest = []
    for entry in entries:
        if there[entry.wordless] > 0:
            there[entry.wordless] -= 1
        else:
            rest.append(entry)
    otherwise = any(there[x.wordless] > 0 for x in here if not isinstance(x.event, _BESIDE))
    goes_on = len(numbers) == 1 and not otherwise and entries[len(entries) - len(rest) :] == rest
    return (numbers[0] if goes_on else None), rest


def read_damaged(path: str) -> tuple[list[Found], int]:
    """The calls of a journal of which parts can't be read, and how many rows are lost.

    Tries the file as it is, then with the first page of a new journal: whatever gives more.
    Raises CalmdeskError (5) where nothing can be read.
    """
    best: tuple[list[Found], int] = ([], 0)
    with tempfile.TemporaryDirectory() as folder:
        for copy in _copies(path, folder):
            calls, lost = _read_copy(copy)
            if sum(len(c.entries) for c in calls) > sum(len(c.entries) for c in best[0]):
                best = calls, lost
    if not best[0]:
        raise CalmdeskError(
            f"Nothing in {path} can be read as a journal.", "Keep it; a backup may have more: salvage that.", 5
        )
    return best


def _copies(path: str, folder: str) -> Iterator[str]:
    """The file as it is, then mended: with the header, and with the whole first page, of a new journal."""
    whole = os.path.join(folder, "whole.db")
    shutil.copyfile(path, whole)
    for ending in ("-journal", "-wal"):
        if os.path.exists(path + ending):
            shutil.copyfile(path + ending, whole + ending)
    yield whole
    new = open_journal(os.path.join(folder, "new"))
    new.close()
    with open(os.path.join(folder, "new", NAME), "rb") as file:
        page = file.read(_PAGE)
    with open(path, "rb") as file:
        body = file.read()
    size = (len(body) // _PAGE).to_bytes(4, "big")
    for name, upto in (("header.db", 100), ("page.db", _PAGE)):
        first = page[:upto] + body[upto:_PAGE]
        # The number of pages, and no list of free ones.
        first = first[:28] + size + bytes(8) + first[40:]
        mended = os.path.join(folder, name)
        with open(mended, "wb") as out:
            out.write(first + body[_PAGE:])
        yield mended


def _read_copy(path: str) -> tuple[list[Found], int]:
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("pragma cell_size_check=on")
            return _read_rows(db)
    except UNSAFE:
        return [], 0


def _read_rows(db: sqlite3.Connection) -> tuple[list[Found], int]:
    """Each call of each desk, from the rows that can be read and, where the one before them can, are what was written."""
    names = dict(_each(db, "select id, name from name"))
    texts = dict(_each(db, "select digest, body from text"))
    desks = [number for (number,) in _each(db, "select number from desk")]
    calls: dict[tuple[int, int], list[Entry]] = {}
    lost = 0
    for desk in desks or [1]:
        last: int = 0
        before: bytes | None = b""
        for seq in _seqs(db, desk):
            lost += min(seq - last - 1, _BEHIND)
            row, before = _row(db, desk, seq, names, before if seq == last + 1 else None)
            last = seq
            if row is None:
                lost += 1
            else:
                calls.setdefault((desk, row[0]), []).append(row[1])
    found = []
    for entries in calls.values():
        started = entries[0].event
        begins = isinstance(started, _BEGIN)
        if begins and not any(isinstance(x.event, Started) for x in entries[1:]):
            played = [
                d for x in entries if isinstance(x.event, Started | Renewed | Rehearsed) for _, d in x.event.digests
            ]
            played += [x.event.digest for x in entries if isinstance(x.event, Rehearsed)]
            found.append(Found(entries, _sound({d: texts[d] for d in played if d in texts})))
        else:
            lost += len(entries)
    return found, lost


_BEGIN = Started | ApprovalGiven | Rehearsed | Drilled | Coached
"""What the events of one number begin with."""


def _sound(texts: Mapping[str, bytes]) -> dict[str, bytes]:
    """The texts that are what their digest says."""
    return {name: text for name, text in texts.items() if isinstance(text, bytes) and digest(text) == name}


def _each(db: sqlite3.Connection, sql: str, *values: int) -> Iterator[Any]:
    """Rows up to the first that can't be read."""
    with suppress(*UNSAFE):
        yield from db.execute(sql, values)


def _seqs(db: sqlite3.Connection, desk: int) -> list[int]:
    """The numbers of the rows, by every way there is: a page that can't be read hides what stands behind it on one of them."""
    found: set[int] = set()
    for sql in (
        "select seq from event where desk = ? order by seq",
        "select seq from event where desk = ? order by seq desc",
        "select seq from event indexed by event_call where desk = ? order by call",
        "select seq from event indexed by event_call where desk = ? order by call desc",
        "select seq from words where desk = ?",
    ):
        found |= {seq for (seq,) in _each(db, sql, desk) if isinstance(seq, int) and 0 < seq < _MOST}
    rows = sorted(found | {0})
    for at, behind in zip(rows, [*rows[1:], rows[-1] + _BEHIND], strict=True):
        for seq in range(at + 1, min(behind, at + _BEHIND)):
            found |= {
                x for (x,) in _each(db, "select seq from event where desk = ? and seq = ?", desk, seq) if x == seq
            }
    return sorted(found)


def _row(
    db: sqlite3.Connection, desk: int, seq: int, names: Mapping[int, str], before: bytes | None
) -> tuple[tuple[int, Entry] | None, bytes | None]:
    """((call, event), sum) of a row; no event where it can't be read, or isn't proved by the row before it.

    Its sum goes on to the next row all the same: that one is proved by it.
    """

    def long(value: Any) -> Any:  # noqa: ANN401 - any part of an event
        if isinstance(value, list):
            return [long(x) for x in value]
        if isinstance(value, str):
            return int(value)
        return names[value] if isinstance(value, int) and not isinstance(value, bool) else value

    found: bytes | None = None
    try:
        call, kind, version, wall, mono, boot, data, said, found = db.execute(
            "select call, kind, version, wall, mono, boot, data, said, sum from event where desk = ? and seq = ?",
            (desk, seq),
        ).fetchone()
        row = Row(names[kind], version, long(json.loads(data)), ())
        at = Stamp(wall, mono, names[boot])
        if before is None or chain_sum(before, seq, call, row, at, said or b"") != found:
            return None, found
        return (call, Entry(at, decode(row._replace(words=_words(db, desk, seq, said))))), found
    except (*UNSAFE, *GARBLED):
        return None, found if isinstance(found, bytes) else None


def _words(db: sqlite3.Connection, desk: int, seq: int, said: bytes | None) -> tuple[str, ...]:
    """A row's words, where they are what was written."""
    with suppress(*UNSAFE, *GARBLED):
        found = db.execute("select salt, words from words where desk = ? and seq = ?", (desk, seq)).fetchone()
        if found and words_digest(*found) == said:
            return tuple(json.loads(found[1]))
    return ()
