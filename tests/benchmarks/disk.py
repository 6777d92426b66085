"""What an event takes on disk, and what a commit takes against the least that makes the same bytes safe."""

from __future__ import annotations

import os
import sqlite3
import time
from statistics import median
from typing import TYPE_CHECKING

from calmdesk.call import events as e
from calmdesk.journal.store import JOURNAL_MODE, open_journal
from tests.benchmarks.figures import Figure, ratio, worst

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from calmdesk.call.events import Event, Place

CALLS, COMMITS = 200, 400
_LIMITS = {"wal": 2, "truncate": 7}
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
    journal, clock, count = open_journal(str(folder / "size")), _clock(), 0
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


def measure_commit(folder: Path) -> list[Figure]:
    """Figure 6: an event appended, then as many bytes appended and synced, and so on in turn."""
    journal, clock = open_journal(str(folder / "commit")), _clock()
    call = journal.append(None, _call_turns(0)[0], next(clock))
    ours: list[float] = []
    raw: list[float] = []
    file = os.open(folder / "commit" / "raw", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    for number in range(COMMITS):
        at, event = next(clock), e.Moved("choice", "finished", _place("hear" if number % 2 else "check"))
        began = time.perf_counter_ns()
        journal.append(call, [event], at)
        between = time.perf_counter_ns()
        os.write(file, b"x" * 99 + b"\n")
        os.fdatasync(file)
        raw.append((time.perf_counter_ns() - between) / 1e6)
        ours.append((between - began) / 1e6)
    os.close(file)
    journal.close()
    return [
        Figure("append of 100 bytes + fdatasync", 1, measured=median(raw), note=f"p99 {worst(raw):.3g} ms"),
        Figure(
            f"one commit / append + fdatasync ({JOURNAL_MODE} mode ships with SQLite {sqlite3.sqlite_version})",
            ratio(ours, raw),
            _LIMITS[JOURNAL_MODE],
            measured=median(ours),
            note=f"p99 {worst(ours):.3g} ms",
        ),
    ]
