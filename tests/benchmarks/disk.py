"""What an event takes on disk, and what a commit takes against the least that makes the same bytes safe."""

from __future__ import annotations

import os
import sqlite3
import time
from statistics import median
from typing import TYPE_CHECKING

from calmdesk.call import events as e
from calmdesk.journal import opening
from tests.benchmarks.figures import Figure, ratio, worst

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from calmdesk.call.events import Event, Place
    from calmdesk.journal.store import Journal

CALLS, COMMITS = 200, 300
# A rollback journal is a rollback journal: persist keeps the file that truncate empties.
_LIMITS = {"wal": 2, "truncate": 7, "persist": 7}
_FILES = ("policy", "angry-caller", "steady", "hold", "apology", "make-good", "handoff", "close", "stop")


def _clock() -> Iterator[e.Stamp]:
    """Stamps some seconds apart, as people talk."""
    at = 0
    while True:
        at += 7_300 + at % 911
        yield e.Stamp(1_795_615_500_000 + at, 86_400_000 + at, "3f2a9c10")


def _place(step: str, module: str = "", serial: int = 1) -> Place:
    top = e.Frame(0, e.TOP, "angry-caller", module or step)
    return (top, e.Frame(serial, e.MODULE, module, step)) if module else (top,)


def _call_turns(number: int) -> list[list[Event]]:
    """A call of 25 events as its turns recorded them: no typed words, but its own amounts, times and way."""
    digests = tuple((name, f"{hash_of:032x}") for hash_of, name in enumerate(_FILES, 0x9E3779B97F4A7C15))
    price = f"{number % 90 + 5}.{number % 10}0"
    return [
        [e.Started(_place("breathe", "steady"), digests, "phone", "")],
        [e.Ticked("One slow breath out")],
        [e.Moved("on", "", _place("voice", "steady"))],
        [e.Moved("on", "", _place("hear"))],
        [e.Ticked("They finished")],
        [e.SaidOtherwise()],
        [e.Ticked("I have their noun on paper")],
        [e.Moved("choice", "finished" if number % 3 else "looping", _place("check"))],
        [
            e.Interrupted("pause", (*_place("check"), e.Frame(2, e.POLICY_CUT, "hold", "ask"))),
            e.Held(1_795_615_900_000),
        ],
        [e.CameBack(), e.Moved("return", "", _place("check"))],
        [e.Moved("choice", "yes", _place("own"))],
        [e.Answered("fault", "one-of", ("ours", "colleague", "partner")[number % 3])],
        [e.Ticked("Said once, without 'but'")],
        [e.Moved("on", "", _place("fix"))],
        [e.Answered("fix-by", "time", f"{9 + number % 9:02}:{number % 4 * 15:02}")],
        [e.Answered("price", "money", price)],
        [e.Moved("on", "", _place("make-good"))],
        [e.Offered("o1", "gesture", "goodwill", f"{number % 20}.00", "USD", price, "the first rung")],
        [e.Accepted("o1", number % 4 > 0)],
        [e.Moved("on", "", _place("recap", "close", 3))],
        [e.Ticked("They said it back")],
        [e.Moved("on", "", _place("close"))],
        [e.Ended("recovered")],
    ]


def measure_size(folder: Path) -> list[Figure]:
    """Figure 5: the journal's file after 200 calls, by its events."""
    journal, clock, count = opening.open_journal(str(folder / "size")), _clock(), 0
    for number in range(CALLS):
        call: int | None = None
        for turn in _call_turns(number):
            call = journal.append(call, turn, next(clock))
            count += len(turn)
    journal.close()
    path = folder / "size" / "journal.db"
    size = path.stat().st_size
    with sqlite3.connect(path) as db:
        data = db.execute("select sum(length(data)) from event").fetchone()[0] / count
    return [
        Figure(
            f"bytes an event, {count / CALLS:.0f} events a call",
            size / count,
            100,
            note=f"({size / 1000:.0f} kB, {count} events; {data:.0f} of an event are its data)",
        )
    ]


def _journal(folder: Path, mode: str) -> Journal:
    """A journal in this mode, whichever ships."""
    shipped = opening.JOURNAL_MODE
    opening.JOURNAL_MODE = mode
    try:
        return opening.open_journal(str(folder / mode))
    finally:
        opening.JOURNAL_MODE = shipped


def _commits(folder: Path, count: int, pause: float) -> dict[str, list[float]]:
    """Milliseconds of one event appended in each mode, and of as many bytes appended and synced, all in turn."""
    folder.mkdir()
    clock = _clock()
    journals = {mode: _journal(folder, mode) for mode in _LIMITS}
    calls = {mode: journal.append(None, _call_turns(0)[0], next(clock)) for mode, journal in journals.items()}
    file = os.open(folder / "raw", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    times: dict[str, list[float]] = {name: [] for name in ("raw", *_LIMITS)}
    for number in range(count):
        event, at = e.Moved("choice", "finished", _place("hear" if number % 2 else "check")), next(clock)
        for name, taken in times.items():
            time.sleep(pause)
            began = time.perf_counter_ns()
            if name == "raw":
                os.write(file, b"x" * 99 + b"\n")
                os.fdatasync(file)
            else:
                journals[name].append(calls[name], [event], at)
            taken.append((time.perf_counter_ns() - began) / 1e6)
    os.close(file)
    for journal in journals.values():
        journal.close()
    return times


def measure_commit(folder: Path) -> list[Figure]:
    """Figure 6: one event appended, against as many bytes appended and synced, without a pause and at a quick hand's pace."""
    figures = []
    for pause, count, pace in ((0.0, COMMITS, ""), (0.02, 60, ", 20 ms after the one before")):
        times = _commits(folder / f"commit-{count}", count, pause)
        raw = times.pop("raw")
        figures.append(
            Figure(f"append of 100 bytes + fdatasync{pace}", 1, measured=median(raw), note=f"p99 {worst(raw):.3g} ms")
        )
        for mode, taken in times.items():
            ships = mode == opening.JOURNAL_MODE
            name = f"one commit, {mode} mode / append + fdatasync{pace}"
            note = f"p99 {worst(taken):.3g} ms" + (f"; ships with SQLite {sqlite3.sqlite_version}" if ships else "")
            limit = _LIMITS[mode] if ships and not pause else None
            figures.append(Figure(name, ratio(taken, raw), limit, measured=median(taken), note=note))
    return figures
