"""A line that says something is saved is written only after everything the journal was told has been synced to the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.points import read_log, strace
from tests.faults.script import ENDED, PARKED, SHORT, keep_earlier, read_calls, write_book
from tests.faults.stage import Stage
from tests.faults.tally import Tally

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.points import Step

_CALLS = ("pwrite64", "write", "fdatasync", "fsync", "ftruncate", "openat")
JOURNAL = "home/journal.db"
SAID = (
    "saved:", "noted:", "ticked:", "unticked:", "offered:", "accepted:", "promised:", "parked", "cuts in:", "ended:",
    "corrected:", "taken back", "kept:", "moved:", "broken:", "forgotten", "came back", "copied to", "forgot",
)  # fmt: skip


def find_unsynced(steps: list[Step], tally: Tally, where: str) -> None:
    """Follow the journal's files through a trace: what is written, what is synced, and what stdout says in between."""
    dirty: dict[str, str] = {}
    for step in steps:
        if step.place == "stdout" and step.call == "write":
            tally.count("lines shown")
            tally.check(holds=not dirty, where=where, what=f"{[*dirty]} not synced before {step.text}")
            if any(f'"{word}' in step.text or f"\\n{word}" in step.text for word in SAID):
                tally.count("of them say that something is saved")
        elif step.place.startswith(JOURNAL):
            if step.call in {"pwrite64", "write", "ftruncate"}:
                dirty[step.place] = step.text
                tally.count("writes to the journal")
            elif step.call in {"fdatasync", "fsync"}:
                dirty.pop(step.place, None)
                tally.count("syncs of it")
            elif step.call == "openat" and "O_CREAT" in step.text and step.place == JOURNAL and "home" not in dirty:
                # A new file is only there after a power cut once its folder is synced too.
                dirty["home"] = step.text
        elif step.place == "home" and step.call in {"fdatasync", "fsync"}:
            dirty.pop("home", None)


def run_order(folder: Path) -> Tally:
    """The order of system calls of a new call, a call beside others, a resumed one, and of what changes a promise."""
    tally = Tally("order")
    stage = Stage(folder)
    book = str(write_book(stage))
    parked = keep_earlier(stage)
    promise = f"{min(read_calls(stage.home))}.1"
    for kept, command, lines in (
        ("", ("handle", book, "--plain"), PARKED),
        ("earlier", ("handle", book, "--plain"), ENDED),
        ("earlier", ("resume", str(parked), "--plain"), ("n on again", "b", "e problem", "the blue bike", *SHORT[1:])),
        ("earlier", ("promise", "move", promise, "2031-03-06 09:00"), ()),
        ("earlier", ("promise", "done", promise), ()),
        ("earlier", ("call", "forget", str(parked), "--yes"), ()),
    ):
        where = f"{' '.join(command[:2])} on {kept or 'an empty'} home"
        before = tally.counts["of them say that something is saved"]
        stage.restore(kept)
        ran = tally.look(stage.run(*command, lines=lines, strace=strace(stage, _CALLS)), where)
        tally.check(holds=ran.code in {0, 4}, where=where, what=ran)
        find_unsynced(read_log(stage), tally, where)
        tally.check(
            holds=tally.counts["of them say that something is saved"] > before,
            where=where,
            what=f"nothing said: {ran.out}",
        )
    return tally
