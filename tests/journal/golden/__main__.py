"""Writes the golden journal of a program's format, and what that program told of its calls, into this folder.

    python -m tests.journal.golden                    of the program as it stands
    python -m tests.journal.golden --src OLD/src      of an earlier one, such as `git archive COMMIT src playbooks` gives

A journal that is here already is left alone: it was written by the program of its time, and no other can.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# The journal remembers where a playbook was: a place that says nothing of the machine.
DESK = Path(tempfile.gettempdir()) / "desk"
ENDED = (
    "x 1",
    "n she is রহিমা from the corner shop",
    "1",
    "the bike is late",
    "no",
    "i anger",
    "1",
    "the red bike is late",
    "yes",
    "theirs",
    "b",
    "ours",
    "x 1",
    "17:00",
    "/e problem",
    "the red bike is very late",
    "yes",
    "x 1",
    "8.90",
    "ok",
    "yes",
)
PARKED = ("x 1", "1", "the lamp is broken", "n asks for Dana")
BLAMES = "That's the courier's fault, not ours."
WON = (
    BLAMES,
    "We promised you the red bike for Wednesday, it isn't there, and that's our mistake. I'm sorry. Which day do you need it?",
    (
        "Saturday at eleven, eight children and one red bike he knows about: that's what I'm working for. There are two of "
        "them in our Park Street store, and I can hold one for you until Friday evening. I'm ringing the store now."
    ),
    (
        "It's settled: the bike is held in your name, and I'm putting the 8.90 for shipping back. "
        "I'll text you by five that it's ready."
    ),
)
# What a format brought with it, and what is written then.
FORGOTTEN, REHEARSED, DRILLED = 2, 3, 4


class Old:
    """The program of some time, with a home of its own."""

    def __init__(self, src: str, home: str) -> None:
        keep = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "SYSTEMROOT", "TEMP", "TMP"}}
        self.environment = {**keep, "CALMDESK_HOME": home, "TZ": "UTC", "PYTHONUTF8": "1", "PYTHONPATH": src}

    def run(self, *arguments: str, lines: tuple[str, ...] = (), codes: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "calmdesk", *arguments],
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=self.environment,
            cwd=DESK,
            check=False,
        )
        assert done.returncode in codes, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def tell(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))


def make(src: str) -> Path:
    """The journal of that program's format, with a call that ended, one that is parked, and what else it knew."""
    shutil.rmtree(DESK, ignore_errors=True)
    DESK.mkdir()
    shutil.copy(HERE / "late-parcel.yaml", DESK)
    old = Old(src, str(DESK / "home"))
    try:
        old.run("handle", "./late-parcel.yaml", "--case", "4471", "--channel", "phone", lines=ENDED)
        old.run("handle", "./late-parcel.yaml", "--case", "4472", "--channel", "chat", lines=PARKED, codes=(4,))
        journal = DESK / "home" / "journal.db"
        with closing(sqlite3.connect(journal)) as db:
            number = int(db.execute("pragma user_version").fetchone()[0])
        target = HERE / f"format-{number}.db"
        if target.exists():
            sys.exit(f"{target} is there already, and stays: it was written by the program of its time.")
        if number >= FORGOTTEN:
            old.run("handle", "./late-parcel.yaml", "--case", "4473", lines=ENDED)
            old.run("call", "forget", "--case", "4473", "--yes")
        if number >= REHEARSED:
            rehearse(old, number)
        calls = old.tell("call", "list")["calls"]
        told = {"calls": calls, "shown": {c["call"]: old.tell("call", "show", c["call"]) for c in calls}}
        shutil.copy(journal, target)
        target.with_suffix(".json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    finally:
        shutil.rmtree(DESK)
    return target


def rehearse(old: Old, number: int) -> None:
    """A rehearsal to its end, one laid aside, and what else formats from 4 on know.

    That is: the playbook beside the customer, a quick drill, a reply that the coach was asked about on a terminal.
    """
    played = number >= DRILLED
    beside = ("--level", "playbook") if played else ()
    practice = ("practice", "bike-for-saturday", "--seed", "1", *beside)
    moves = ("/1",) if played else ()
    old.run(*practice, lines=(*moves, *WON, "/end"), codes=(0, 1))
    old.run(*practice, lines=(*moves, BLAMES), codes=(0, 1, 4))
    if played:
        from tests.terminal.pty_terminal import Terminal

        old.run("practice", "--quick", "spot", "--seed", "0", lines=("a", "/stop"), codes=(0, 1))
        terminal = Terminal(old.environment, "coach", BLAMES)
        assert terminal.end() == 1, terminal.text
        terminal.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--src", default=str(HERE.parents[2] / "src"), help="the program's folder src")
    made = make(os.path.abspath(parser.parse_args().src))
    sys.stdout.write(f"{made}\n")
