"""`python -m tests.benchmarks.progress`: what `calmdesk progress` takes over 2,000 rehearsals, against `python -c pass`."""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from calmdesk.call import events as e
from calmdesk.call.events import Stamp
from calmdesk.coach.scenario import read_scenario
from calmdesk.coach.skills import AGAIN, EASY, GOOD, HARD
from calmdesk.digest import digest
from calmdesk.journal.opening import close_journal, open_journal
from calmdesk.playbook.folders import built_in_folder
from tests.benchmarks.figures import Figure, ratio
from tests.benchmarks.terminal import clean_environment

REHEARSALS, TURNS, ROUNDS = 2000, 4, 21
DAY = 86_400_000
WENT = (GOOD, AGAIN, HARD, GOOD, EASY, GOOD, GOOD)
SAID = "We lost your bike. That's our fault, I'm sorry, and you'll hear from me by five."


def write_rehearsals(folder: str, count: int = REHEARSALS) -> None:
    """Rehearsals of all shipped scenarios, four a day up to now, written as a person's are: one commit an event."""
    scenarios = sorted((Path(built_in_folder()) / "scenarios").glob("*.yaml"))
    read = [(path.read_bytes(), read_scenario(path.read_bytes(), path.stem).scenario) for path in scenarios]
    journal = open_journal(folder)
    now = time.time_ns() // 1_000_000
    for n in range(count):
        text, scenario = read[n % len(read)]
        assert scenario is not None
        at = Stamp(now - (count - n) * DAY // 4, n * 60_000, "boot")
        labels = tuple(sorted(scenario.win))
        entries = [e.Rehearsed(scenario.id, digest(text), n % 17, "cues"), *_turns(labels)]
        number = journal.append(None, entries, at, {digest(text): text})
        ratings = [(label, WENT[(n + k) % len(WENT)]) for k, label in enumerate(labels)]
        if n % 3 == 0:
            ratings.append((("BLAME", "DISMISS", "OVERPROMISE")[n % 9 // 3], AGAIN))
        journal.append(number, [e.RehearsalEnded("won", tuple(ratings))], at)
    close_journal(journal)


def _turns(labels: tuple[str, ...]) -> list[e.Event]:
    said: list[e.Event] = []
    for n in range(TURNS):
        said += [e.Said(f"{SAID} {n}", labels[n : n + 1]), e.CustomerSaid("Go on.", (("heat", 7 - n),))]
    return said


def once(command: list[str], environment: dict[str, str]) -> float:
    """Milliseconds of a whole program."""
    begin = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    taken = (time.perf_counter() - begin) * 1000
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    return taken


def measure() -> list[Figure]:
    """The figures of one run."""
    with tempfile.TemporaryDirectory() as folder:
        environment = clean_environment(CALMDESK_HOME=folder)
        calmdesk = [sys.executable, "-m", "calmdesk", "progress"]
        write_rehearsals(folder)
        once(calmdesk, environment)
        times = [
            (once(calmdesk, environment), once([sys.executable, "-c", "pass"], environment)) for _ in range(ROUNDS)
        ]
        took, passed = zip(*times, strict=True)
        page = [sys.executable, "-m", "calmdesk", "progress", "export", str(Path(folder) / "page.html"), "--force"]
        export = median(once(page, environment) for _ in range(5))
    return [
        Figure(
            f"progress over {REHEARSALS:,} rehearsals, against `python -c pass`",
            ratio(took, passed),
            20,
            measured=median(took),
        ),
        Figure("… its page", export / median(passed), measured=export),
    ]


def main() -> int:
    """Print the figures; 1 where one is over its limit."""
    sys.stdout.write(f"Python {platform.python_version()}\n")
    figures = measure()
    for figure in figures:
        sys.stdout.write(f"{figure}\n")
    return 0 if all(f.kept for f in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
