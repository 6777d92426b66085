"""`python -m tests.benchmarks.lint`: what `playbook lint` and `playbook explore` take, against other linters of YAML."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.playbook.folders import NOT_PLAYBOOKS, built_in_folder
from tests.benchmarks.figures import Figure, ratio, worst
from tests.benchmarks.generated import playbook, write_playbooks
from tests.benchmarks.peers import Peer, find_peers, versions
from tests.benchmarks.starts import CALMDESK, interleave
from tests.benchmarks.terminal import GoneError, Program, clean_environment, compile_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MANY, SOME, FEW = 2000, 300, 100
TURN = 10_000
"""Milliseconds after which a program has had its share of the rounds: what is slow is counted once."""
SAVES = 15
FOUND = frozenset({0, 1})
"""Nothing found, or something: either way it was looked at."""
_PARTS = ("one", "many", "watch", "explore")


class AtLeast(Figure):
    """A figure that must not be less than its limit."""

    @property
    def kept(self) -> bool:
        return self.limit is None or self.value >= self.limit

    def __str__(self) -> str:
        aim = f", aim {self.aim:g}" if self.aim is not None else ""
        limit = f" (at least {self.limit:.3g}{aim})" if self.limit is not None else ""
        measured = f"  {self.measured:.4g} {self.unit}" if self.measured is not None else ""
        return f"{self.name}: {self.value:.3g}{limit}{measured}{'' if self.kept else '  UNDER'}  {self.note}".rstrip()


class Part(NamedTuple):
    """What a part of the benchmark found, and what else is to say: what it left out, and who was measured."""

    figures: list[Figure]
    remarks: list[str]


class Bench:
    """The files to lint and the environment to do it in, in a folder that goes away afterwards."""

    def __init__(self, folder: Path, asked: argparse.Namespace) -> None:
        self.folder, self.asked = folder, asked
        self.home = folder / "home"
        self.environment = clean_environment(CALMDESK_HOME=str(self.home), COLUMNS="200")
        self.files = {count: folder / f"files-{count}" for count in {1, FEW, SOME, asked.files}}
        for count, place in self.files.items():
            write_playbooks(place, count)

    def run(self, command: Sequence[str], place: Path | None = None, codes: frozenset[int] = frozenset({0})) -> float:
        """Milliseconds from before a program's start until it is gone; what it says goes nowhere."""
        began = time.perf_counter_ns()
        done = subprocess.run(
            command, env=self.environment, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        taken = (time.perf_counter_ns() - began) / 1e6
        said = done.stderr.decode(errors="replace")
        if done.returncode not in codes or "Traceback" in said:
            raise SystemExit(f"{' '.join(command[:5])} … ended with {done.returncode}:\n{said[-1000:]}")
        return taken

    def lint(self, count: int) -> float:
        """`playbook lint` on so many files that it has never seen."""
        shutil.rmtree(self.home, ignore_errors=True)
        return self.run([*CALMDESK, "playbook", "lint", str(self.files[count])], codes=FOUND)

    def findings(self) -> list[str]:
        """A line where the files aren't sound, as they should be: findings that are made and written take time too."""
        command = [*CALMDESK, "playbook", "lint", str(self.files[FEW]), "--format", "json"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        found = json.loads(done.stdout)["findings"]
        rules = sorted({f"{f['severity']}[{f['rule']}]" for f in found})
        return [f"{len(found)} findings in {FEW} files that should be sound: {', '.join(rules)}"] if found else []

    def peer(self, peer: Peer, count: int) -> float:
        place = self.files[count]
        return self.run([*peer.command, *sorted(os.listdir(place))], place, peer.codes)

    def can(self, word: str, *command: str) -> bool:
        """Whether a command's help speaks of this word."""
        done = subprocess.run(
            [*CALMDESK, *command, "--help"], env=self.environment, capture_output=True, text=True, check=False
        )
        return word in done.stdout


def _counted(runs: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Medians, in turns."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            if sum(times[name]) < TURN:
                times[name].append(run())
    return {name: median(taken) for name, taken in times.items()}


def measure_one(bench: Bench) -> Part:
    """One file against an interpreter that does nothing."""
    runs = {"pass": lambda: bench.run([sys.executable, "-c", "pass"]), "one": lambda: bench.lint(1)}
    times = interleave(runs, bench.asked.rounds)
    noise = f"from {min(times['pass']):.3g} to {max(times['pass']):.3g} ms: the noise of this machine"
    return Part(
        [
            Figure("python -c pass", 1, measured=median(times["pass"]), note=noise),
            Figure("lint of one file / pass", ratio(times["one"], times["pass"]), 15, measured=median(times["one"])),
        ],
        [],
    )


def measure_many(bench: Bench) -> Part:
    """Many files: what each costs, and how often the others could have been linted meanwhile."""
    many, quick = bench.asked.files, bench.asked.quick
    peers, remarks = find_peers(
        bench.folder, bench.asked.peers, Path(built_in_folder()) / "schema/playbook.schema.json"
    )
    remarks += bench.findings()
    count = min(SOME, many) if quick else many
    runs: dict[str, Callable[[], float]] = {str(n): partial(bench.lint, n) for n in (1, FEW, many)}
    for peer in peers:
        runs |= {f"{peer.name} {n}": partial(bench.peer, peer, n) for n in (1, count)}
        bench.peer(peer, 1)
    taken = _counted(runs, 7)
    start, all_of_them = taken["1"], taken[str(many)]
    few_each, many_each = ((taken[str(n)] - start) / (n - 1) for n in (FEW, many))
    figures = [
        Figure(f"a file among {many:,} / among {FEW}", many_each / few_each, 1.1, measured=many_each, note="a file"),
        Figure(f"a file among {FEW}", 1, measured=few_each, note=f"(start and one file: {start:.4g} ms, taken off)"),
        AtLeast(f"lint, files a second of {many:,}", many * 1000 / all_of_them, measured=all_of_them / 1000, unit="s"),
        _again(bench, many),
    ]
    for peer in peers:
        alone = taken[f"{peer.name} 1"]
        whole = alone + (taken[f"{peer.name} {count}"] - alone) / (count - 1) * (many - 1)
        note = f"reckoned from {count} files, its start counted once" if count != many else ""
        name, times = f"{peer.name} / lint, {many:,} files", whole / all_of_them
        figures.append(AtLeast(name, times, peer.least, peer.aim, whole / 1000, "s", note))
    return Part(figures, [*remarks, *(f"peer: {version}" for version in versions(peers))])


def _again(bench: Bench, many: int) -> Figure:
    """The same files once more, with what the run before left behind."""
    first = bench.lint(many)
    taken = bench.run([*CALMDESK, "playbook", "lint", str(bench.files[many])])
    return Figure("lint of the same files again / first time", taken / first, measured=taken / 1000, unit="s")


def measure_watch(bench: Bench) -> Part:
    """From the close of a save to the new finding, in place and as editors do it: a new file moved over the old one."""
    if not bench.can("--watch", "playbook", "lint"):
        return Part([], ["playbook lint --watch: not built yet"])
    file, (_, text) = bench.folder / "watched.yaml", playbook(0)
    figures: list[Figure] = []
    skipped: list[str] = []
    for way in ("in place", "by a move"):
        times: list[float] = []
        file.write_text(_planted(text, 0), encoding="utf-8")
        try:
            with Program([*CALMDESK, "playbook", "lint", str(file), "--watch"], bench.environment) as program:
                program.wait(_nowhere(0))
                for save in range(1, SAVES + 1):
                    # Never the same time after the one before, or a poll's rhythm is timed.
                    program.drain(0.3 + save * 0.37 % 0.25)
                    times.append(_save(program, file, save, text, moved=way == "by a move"))
        except GoneError as gone:
            skipped.append(f"playbook lint --watch, saved {way}: {str(gone).splitlines()[0]} (save {len(times)})")
            continue
        note = f"of {SAVES}; the slowest {worst(times):.3g} ms"
        figures.append(Figure(f"--watch, saved {way} → finding, ms", median(times), 200, note=note))
    return Part(figures, skipped)


def _nowhere(number: int) -> str:
    """A step that no playbook has; without a hyphen, so that no line breaks in it."""
    return f"nowhere{100 + number}"


def _planted(text: str, number: int) -> str:
    """The playbook with a choice that leads to no step."""
    return re.sub(r"(\n      finished: ).*", rf"\g<1>{_nowhere(number)}", text, count=1)


def _save(program: Program, file: Path, number: int, text: str, *, moved: bool) -> float:
    """Save the text, and wait for what is said of it: milliseconds from the moment it is whole on disk."""
    program.seen = b""
    beside = file.with_name(file.name + "~") if moved else file
    beside.write_text(_planted(text, number), encoding="utf-8")
    if moved:
        beside.replace(file)
    began = time.perf_counter_ns()
    program.wait(_nowhere(number))
    return (time.perf_counter_ns() - began) / 1e6


def measure_explore(bench: Bench) -> Part:
    """Every path of each playbook that ships."""
    if not bench.can("explore", "playbook"):
        return Part([], ["playbook explore: not built yet"])
    folder = Path(built_in_folder())
    files = sorted(file for file in folder.glob("*.yaml") if file.stem not in NOT_PLAYBOOKS)
    command = [*CALMDESK, "playbook", "explore"]
    times = _counted({f.stem: partial(bench.run, [*command, str(f)], codes=FOUND) for f in files}, 3)
    return Part([Figure(f"explore {n}, s", taken / 1000, 1, measured=taken) for n, taken in times.items()], [])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.lint", description=__doc__)
    parser.add_argument("--files", type=int, default=MANY, help=f"how many are many (default: {MANY})")
    parser.add_argument(
        "--quick", action="store_true", help=f"the other linters read {SOME} files, the rest is reckoned"
    )
    parser.add_argument("--peers", metavar="DIR", help="where yamllint and check-jsonschema are (default: installed)")
    parser.add_argument("--rounds", type=int, default=15, help="of one file (default: 15)")
    parser.add_argument("--folder", help="where to write (default: a temporary folder)")
    parser.add_argument("--only", choices=_PARTS, action="append", help="this part; may be given again")
    parser.add_argument("--write", metavar="DIR", help="write the files there, and measure nothing")
    parser.add_argument("--json", metavar="FILE", help="the figures once more, as JSON")
    parser.add_argument("--check", action="store_true", help="exit code 1 where a limit is not kept")
    asked = parser.parse_args()
    if asked.files <= FEW:
        parser.error(f"--files takes more than {FEW}")
    return asked


def main() -> int:
    """Measure, print, and say whether the limits are kept."""
    asked = _arguments()
    if asked.write:
        size = write_playbooks(Path(asked.write), asked.files)
        print(f"{asked.files} files, {size / asked.files:.0f} bytes each")
        return 0
    compile_all(sys.executable, ("calmdesk", "typer", "rich", "yaml"))
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.platform()}"
    print(machine, f"load {os.getloadavg()[0]:.2g} before", sep=", ", flush=True)
    measures = {"one": measure_one, "many": measure_many, "watch": measure_watch, "explore": measure_explore}
    found: dict[str, Part] = {}
    with tempfile.TemporaryDirectory(prefix="calmdesk-lint-", dir=asked.folder) as name:
        bench = Bench(Path(name), asked)
        for part in asked.only or _PARTS:
            found[part] = measures[part](bench)
            print(*found[part].figures, *found[part].remarks, sep="\n", flush=True)
    figures = [figure for part in found.values() for figure in part.figures]
    if asked.json:
        document = {
            "schema": 1,
            "machine": machine,
            "quick": asked.quick,
            "remarks": [remark for part in found.values() for remark in part.remarks],
            "figures": [{**figure._asdict(), "kept": figure.kept} for figure in figures],
        }
        Path(asked.json).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if asked.check and not all(figure.kept for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
