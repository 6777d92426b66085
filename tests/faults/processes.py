"""Six windows write three hundred things each into one journal at once: every one is there, in one unbroken chain."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from calmdesk.call import events as e
from tests.faults.script import read_calls, read_json, write_book
from tests.faults.stage import Ran, Stage
from tests.faults.tally import Tally

if TYPE_CHECKING:
    from pathlib import Path

PROCESSES, EVENTS = 6, 300
_PATIENCE = 300


def run_processes(folder: Path, *, processes: int = PROCESSES, events: int = EVENTS) -> Tally:
    """So many calls handled at once by programs of their own, each with so many notes."""
    tally = Tally("processes")
    stage = Stage(folder)
    stage.restore()
    book = write_book(stage)
    begun = time.monotonic()
    with ExitStack() as files:
        running = []
        for window in range(processes):
            answers = folder / f"answers-{window}"
            notes = "".join(f"n note {n} of {window}\n" for n in range(events))
            answers.write_text(f"the line is dead\n{notes}p\n", encoding="utf-8")
            out, err = (
                files.enter_context(open(folder / f"{name}-{window}", "w+", encoding="utf-8"))
                for name in ("out", "err")
            )
            options = ("--plain", "--answers", answers, "--case", f"K-{window}")
            command = (sys.executable, "-m", "calmdesk", "handle", book, *options)
            running.append((subprocess.Popen(command, stdout=out, stderr=err, env=stage.environment), out, err))
        for window, (process, out, err) in enumerate(running):
            code = process.wait(_PATIENCE)
            out.seek(0)
            err.seek(0)
            ran = tally.look(Ran(code, out.read(), err.read()), f"window {window}")
            tally.check(holds=code == 0, where=f"window {window}", what=f"ended with {code}: {ran.err}")
            said = ran.out.splitlines()
            tally.count("said as saved at once", sum(x.startswith("noted: ") for x in said))
            tally.count("said as saved later", sum(x.startswith("(not saved yet) noted: ") for x in said))
    seconds = time.monotonic() - begun
    verified = tally.look(stage.run("journal", "verify"), "verify")
    tally.check(holds=verified.code == 0 and "The journal" not in verified.err, where="verify", what=verified)
    calls = read_calls(stage.home)
    tally.check(holds=len(calls) == processes, where="calls", what=f"{len(calls)} calls")
    tally.count("calls", len(calls))
    listed = {c["call"]: c["case"] for c in read_json(stage.run("call", "list", "--json"))["calls"]}
    for number, found in calls.items():
        window = next(int(case[2:]) for name, case in listed.items() if name.endswith(f"-{number}"))
        there = [x.text for x in found if isinstance(x, e.Noted)]
        wanted = [f"note {n} of {window}" for n in range(events)]
        tally.check(holds=there == wanted, where=f"window {window}", what=f"{len(there)} notes there, or not in order")
        tally.count("events there", len(found))
        tally.count("notes there", len(there))
    tally.count(
        f"ms an event ({seconds:.1f} s of writing)", round(1000 * seconds / max(1, tally.counts["events there"]))
    )
    return tally
