"""`python -m tests.benchmarks.shell`: what a shell waits for (version, help, a completed word), against `python -c pass`."""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from calmdesk.call import events as e
from calmdesk.call.events import Stamp
from calmdesk.journal.opening import close_journal, open_journal
from tests.benchmarks.figures import Figure, ratio
from tests.benchmarks.starts import interleave
from tests.benchmarks.terminal import clean_environment, compile_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CALLS, OPEN, MOVES = 2000, 20, 8
VERSION, HELP, COMPLETED = 2, 8, 12
MODULE = (sys.executable, "-m", "calmdesk")
COMPLETIONS = {
    "commands": ("ha",),
    "options": ("handle", "angry-caller", "--c"),
    "playbooks": ("handle", "an"),
    "facts of a playbook": ("handle", "angry-caller", "--fact", "fau"),
    "scenarios": ("practice", "bi"),
    "rules": ("explain", "un"),
    f"calls, of {CALLS:,}": ("call", "show", ""),
    "calls to resume": ("resume", ""),
    "promises": ("promise", "done", ""),
}
# What must be among the answers; where nothing is named, an id with a hyphen.
GIVES = {
    "commands": "handle",
    "playbooks": "angry-caller",
    "facts of a playbook": "fault=",
    "scenarios": "bike-for-saturday",
}


def write_calls(folder: str) -> None:
    """Calls of a busy desk, the last ones still open, a promise on each third."""
    journal = open_journal(folder)
    now = time.time_ns() // 1_000_000
    for n in range(CALLS):
        at = Stamp(now - (CALLS - n) * 600_000, n * 60_000, "boot")
        place = (e.Frame(1, "top", "angry-caller", "hear"),)
        entries: list[e.Event] = [e.Started(place, (("angry-caller", "0" * 16),), "phone", "")]
        entries += [e.Moved("choice", "finished", place) for _ in range(MOVES)]
        if n % 3 == 0:
            entries.append(e.Promised("p1", "ring back", "2026-11-25T17:00", "me"))
        if n % 3 == 0 and n < CALLS - OPEN:
            entries.append(e.PromiseKept("p1"))
        if n < CALLS - OPEN:
            entries.append(e.Ended("recovered"))
        journal.append(None, entries, at)
    close_journal(journal)


def timed(command: tuple[str, ...], environment: Mapping[str, str], gives: str = "") -> Callable[[], float]:
    """Times a whole program whose words go to a pipe, as a shell reads them; they must be the right ones."""

    def run() -> float:
        begin = time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        taken = (time.perf_counter() - begin) * 1000
        if gives and gives not in done.stdout:
            raise SystemExit(f"{' '.join(command)} gave {done.stdout[:200]!r}")
        return taken

    return run


def main() -> int:
    """Every figure, each program once a round."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.shell", description=__doc__)
    parser.add_argument("--rounds", type=int, default=31, help="how often each is run (default: 31)")
    parser.add_argument("--check", action="store_true", help="exit code 1 where a limit is not kept")
    asked = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.platform()}")
    compile_all(sys.executable, ("calmdesk", "typer", "rich", "yaml"))
    with tempfile.TemporaryDirectory(prefix="calmdesk-shell-") as home:
        environment = clean_environment(CALMDESK_HOME=home)
        write_calls(home)
        figures = _measure(environment, asked.rounds)
    print(*figures, sep="\n")
    return 1 if asked.check and not all(figure.kept for figure in figures) else 0


def _measure(environment: Mapping[str, str], rounds: int) -> list[Figure]:
    programs: dict[str, tuple[tuple[str, ...], str, float | None]] = {
        "--version": ((*MODULE, "--version"), "calmdesk ", VERSION),
        "--help": ((*MODULE, "--help"), "calmdesk taste", HELP),
        "handle --help": ((*MODULE, "handle", "--help"), "--customer", HELP),
        "calmdesk alone, with a call to resume": (MODULE, "calmdesk resume", None),
    }
    script = str(Path(sys.executable).with_name("calmdesk"))
    if Path(script).exists():
        programs["--version by the command calmdesk"] = ((script, "--version"), "calmdesk ", VERSION)
        programs["--help by the command calmdesk"] = ((script, "--help"), "calmdesk taste", HELP)
    for name, words in COMPLETIONS.items():
        programs[f"completing {name}"] = ((*MODULE, "_complete", "bash", *words), GIVES.get(name, "-"), COMPLETED)
    runs = {"pass": timed((sys.executable, "-c", "pass"), environment)}
    runs |= {name: timed(command, environment, gives) for name, (command, gives, _) in programs.items()}
    times = interleave(runs, rounds)
    return [
        Figure("python -c pass", 1, measured=median(times["pass"])),
        *(
            Figure(f"{name} / pass", ratio(times[name], times["pass"]), limit, measured=median(times[name]))
            for name, (_, _, limit) in programs.items()
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
