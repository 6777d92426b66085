"""Every system call by which a command changes its desk's files or speaks: found by tracing it once, then made to fail."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.faults.stage import Ran, Stage

CALLS = (
    "pwrite64", "write", "fdatasync", "fsync", "openat", "unlink", "unlinkat", "rename", "renameat2",
    "ftruncate", "mkdir", "mkdirat", "flock",
)  # fmt: skip
_PATH = re.compile(r'^[^"]*"((?:[^"\\]|\\.)*)"')
_BOTH_PATHS = re.compile(r'"((?:[^"\\]|\\.)*)"[^"]*"((?:[^"\\]|\\.)*)"')
_OPENED = re.compile(r"^(\d+)<(.*?)>")
_LINE = re.compile(r"^\d+ +(\w+)\((.*)$")
_NAMED_BY_CHANCE = re.compile(r"(?<=\.)\d+$|(?<=-)\d+(?=\.json$)|(?<=^temp/)(?:tmp)?[a-z0-9_]{8}(?=/|$)")
SPOKEN = {"1": "stdout", "2": "stderr"}


class Point(NamedTuple):
    """The n-th system call of a kind that a command makes, and the file it is about."""

    call: str
    n: int
    place: str

    def __str__(self) -> str:
        return f"{self.call} {self.n} ({self.place})"


class Step(NamedTuple):
    """A system call of a trace: its kind, the file (or stdout) it is about, and its line."""

    call: str
    place: str
    text: str


@cache
def why_not_traced() -> str:
    """Why nothing can be traced here; nothing where it can."""
    found = shutil.which("strace")
    if found is None:
        return "strace is missing"
    tried = subprocess.run([found, "-f", "-qq", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return f"strace can't trace here: {tried.stderr.strip()}" if tried.returncode else ""


def read_log(stage: Stage) -> list[Step]:
    """The steps of the last trace, in their order."""
    steps = []
    with open(stage.folder / "trace", encoding="utf-8", errors="replace") as log:
        for line in log:
            if (found := _LINE.match(line)) is not None:
                call, rest = found.groups()
                steps.append(Step(call, _place(stage, call, rest), line.rstrip("\n")))
    return steps


def _place(stage: Stage, call: str, rest: str) -> str:
    """The file that a system call is about, as a path in the stage's folder; nothing where it is no business of ours."""
    opened = _OPENED.match(rest)
    if opened is not None and call in {"write", "pwrite64"} and opened[1] in SPOKEN:
        return SPOKEN[opened[1]]
    if call.startswith("rename") and (both := _BOTH_PATHS.search(rest)) is not None:
        path = both[2]
    elif opened is not None:
        path = opened[2]
    elif (named := _PATH.match(rest)) is not None:
        path = named[1]
    else:
        return ""
    inside = path.startswith(f"{stage.folder}/")
    # Names that differ from run to run: a file written beside its place, or in a folder for the time being.
    return _NAMED_BY_CHANCE.sub("*", path[len(str(stage.folder)) + 1 :]) if inside else ""


def strace(stage: Stage, calls: Sequence[str], *inject: str) -> list[str]:
    """The beginning of a command line that traces a program, and injects what is asked for."""
    only = [f"?{call}" for call in calls]
    # With its filter in the kernel strace is as fast as no strace, but then (6.1) it injects no signals.
    quick = [] if any("signal=" in x for x in inject) else ["--seccomp-bpf"]
    return [
        "strace", "-f", *quick, "-qq", "-y", "-s", "300", "-e", "signal=none", "-o", str(stage.folder / "trace"),
        "-e", f"trace={','.join(only)}", *(x for each in inject for x in ("-e", f"inject=?{each}")),
    ]  # fmt: skip


def find_points(stage: Stage, run: Callable[[Sequence[str]], Ran], calls: Sequence[str] = CALLS) -> list[Point]:
    """Every point of a command, which `run` runs after the strace command it is given."""
    opened = -1
    while True:
        ran = run(strace(stage, calls))
        assert ran.code in {0, 4}, ran
        steps, before = read_log(stage), opened
        opened = sum(x.call == "openat" for x in steps)
        compiled = any("__pycache__" in x.text and "O_CREAT" in x.text for x in steps)
        if not compiled and opened == before:
            break  # Nothing is compiled any more, and no folder was changed meanwhile: the same files are opened each time.
    counts: Counter[str] = Counter()
    points = []
    for step in steps:
        counts[step.call] += 1
        if step.place:
            points.append(Point(step.call, counts[step.call], step.place))
    return points


def hit(stage: Stage, run: Callable[[Sequence[str]], Ran], point: Point, *faults: str) -> Ran | None:
    """Run a command with faults injected, the first of them at a point; None where that wasn't met, three times in a row.

    Opened files are counted from the start of the interpreter: a source file that was changed in between shifts them.
    """
    calls = [fault.partition(":")[0] for fault in faults]
    for _ in range(3):
        ran = run(strace(stage, calls, *faults))
        steps = [x for x in read_log(stage) if x.call == point.call]
        if len(steps) >= point.n and steps[point.n - 1].place == point.place:
            return ran
    return None


def sampled(points: Sequence[Point], most: int) -> list[Point]:
    """So many of the points, spread over all of them and over all kinds; 0 for all."""
    if not most or len(points) <= most:
        return list(points)
    kinds: dict[tuple[str, str], list[Point]] = {}
    for point in points:
        kinds.setdefault((point.call, point.place), []).append(point)
    rare = [p for found in kinds.values() if len(found) == 1 for p in found]
    first = rare if len(rare) <= most // 2 else rare[:: len(rare) * 2 // most]
    rest = [p for p in points if p not in set(first)]
    wanted = most - len(first)
    return sorted([*first, *(rest[i * len(rest) // wanted] for i in range(wanted))])


def tell_points(points: Sequence[Point]) -> str:
    """How many points of each kind there are."""
    counts = Counter(p.call for p in points)
    return ", ".join(f"{n} {call}" for call, n in counts.most_common())
