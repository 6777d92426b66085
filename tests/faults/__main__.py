"""`python -m tests.faults`: the machine fails at every point; exit code 1 where anything was lost or a traceback was shown."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.errands import run_errands
from tests.faults.errors import run_errors
from tests.faults.flips import TIMES, run_flips
from tests.faults.kill import run_kill
from tests.faults.order import run_order
from tests.faults.places import run_places
from tests.faults.points import why_not_traced
from tests.faults.processes import EVENTS, PROCESSES, run_processes
from tests.faults.stage import Stage
from tests.faults.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

PARTS: dict[str, Callable[[Path, bool], Tally]] = {
    "order": lambda folder, _: run_order(folder),
    "kill": lambda folder, quick: run_kill(Stage(folder), most=24 if quick else 0),
    "errors": lambda folder, quick: run_errors(Stage(folder), most=30 if quick else 0),
    "errands": lambda folder, quick: run_errands(folder, most=3 if quick else 0),
    "flips": lambda folder, quick: run_flips(folder, times=9 if quick else TIMES),
    "processes": lambda folder, quick: run_processes(
        folder, processes=3 if quick else PROCESSES, events=40 if quick else EVENTS
    ),
    "places": lambda folder, _: run_places(folder),
}
TRACED = {"order", "kill", "errors", "errands"}


def main() -> int:
    """Try each part that was asked for, and print a line with its counts."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("parts", nargs="*", default=["all"], choices=[*PARTS, "all"], help="which (default: all)")
    parser.add_argument("--quick", action="store_true", help="only a sample, as in the test run")
    parser.add_argument("--folder", help="where to work (default: a temporary folder)")
    parser.add_argument(
        "--most", type=int, default=Tally.most, help="how many problems are shown of each (default: 20)"
    )
    asked = parser.parse_args()
    Tally.most = asked.most
    wanted = list(PARTS) if "all" in asked.parts else asked.parts
    problems = 0
    for name in wanted:
        if name in TRACED and (why := why_not_traced()):
            print(f"{name}: skipped ({why})", flush=True)
            continue
        with tempfile.TemporaryDirectory(prefix="calmdesk-faults-", dir=asked.folder) as folder:
            tally = PARTS[name](Path(folder), asked.quick)
        print(tally, flush=True)
        problems += len(tally.problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
