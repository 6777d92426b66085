"""The ids in a journal, by one read, for a shell that completes a word: it never waits, writes, mends or complains."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from typing import NamedTuple

from calmdesk.journal.opening import NAME

MOST = 200
PATIENCE = 0.05
"""Seconds; nobody waits for the end of somebody else's write with a finger on the Tab key."""
# A call's number is that of its first row, so the newest are found from the end without an index of their own.
_CALLS = """
    select d.id, e.call, e.wall from event e join desk d on d.number = e.desk
    where e.desk = (select min(number) from desk) and e.seq = e.call and e.kind = (select id from name where name = 'Started')
    order by e.seq desc limit ?
"""
_OPEN = """
    select d.id, e.call, e.wall from unfinished u join event e on e.desk = u.desk and e.seq = u.call
    join desk d on d.number = u.desk where u.desk = (select min(number) from desk) order by u.call desc limit ?
"""
_PROMISES = """
    select d.id, e.call, n.name, e.data from event e join desk d on d.number = e.desk join name n on n.id = e.kind
    where e.desk = (select min(number) from desk) and e.kind in (select id from name
      where name in ('Promised', 'PromiseKept', 'PromiseBroken', 'Withdrew', 'Rehearsed'))
    order by e.seq
"""


class Glimpse(NamedTuple):
    """A call as it is offered to a shell."""

    id: str
    wall: int
    """When it began (ms)."""


def _read(folder: str, statement: str, *values: int) -> list[tuple[object, ...]]:
    path = os.path.join(folder, NAME)
    if not os.path.isfile(path):
        return []
    from urllib.parse import quote

    try:
        where = f"file:{quote(os.path.abspath(path))}?mode=ro"
        with closing(sqlite3.connect(where, uri=True, timeout=PATIENCE, isolation_level=None)) as db:
            return db.execute(statement, values).fetchall()
    except sqlite3.Error:
        return []


def glance_calls(folder: str, *, unfinished: bool = False) -> list[Glimpse]:
    """The newest calls of this desk, or of those that aren't over, newest first; none where they can't be read now."""
    found = _read(folder, _OPEN if unfinished else _CALLS, MOST)
    return [Glimpse(f"{desk}-{call}", int(str(wall))) for desk, call, wall in found]


def glance_promises(folder: str) -> list[str]:
    """The ids of promises to customers that are still open, oldest first."""
    counts: dict[str, int] = {}
    names: dict[tuple[str, int], str] = {}
    rehearsed: set[str] = set()
    for desk, call, kind, data in _read(folder, _PROMISES):
        owner = f"{desk}-{call}"
        if kind == "Rehearsed":
            rehearsed.add(owner)
            continue
        try:
            name = json.loads(str(data))[0]
        except (ValueError, IndexError, TypeError):
            continue
        if kind == "Promised":
            counts[owner] = counts.get(owner, 0) + 1
            names[owner, name] = f"{owner}.{counts[owner]}"
        else:
            names.pop((owner, name), None)
    return [promise for (owner, _), promise in names.items() if owner not in rehearsed]
