"""`python -m tests.benchmarks`: every figure, one a line; exit code 1 where a limit is not kept and --check asks."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.disk import measure_commit, measure_size
from tests.benchmarks.keys import measure_growth, measure_keys
from tests.benchmarks.starts import measure_starts
from tests.benchmarks.terminal import compile_all

if TYPE_CHECKING:
    from tests.benchmarks.figures import Figure

_PARTS = ("starts", "keys", "growth", "size", "commit")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="of the starts (default: 15)")
    parser.add_argument("--peer-python", default=sys.executable, help="the Python beside which copier is installed")
    parser.add_argument("--folder", help="where to write (default: a temporary folder); not in memory")
    parser.add_argument("--only", choices=_PARTS, action="append", help="this part; may be given again")
    parser.add_argument("--json", metavar="FILE", help="the figures once more, as JSON (- prints them instead)")
    parser.add_argument("--check", action="store_true", help="exit code 1 where a limit is not kept")
    return parser.parse_args()


def main() -> int:
    """Measure, print, and say whether the limits are kept."""
    asked = _arguments()
    compile_all(sys.executable, ("calmdesk", "typer", "rich", "questionary", "prompt_toolkit", "yaml"))
    compile_all(asked.peer_python, ("copier",))
    out = sys.stderr if asked.json == "-" else sys.stdout
    figures: list[Figure] = []
    skipped: list[str] = []
    with tempfile.TemporaryDirectory(prefix="calmdesk-bench-", dir=asked.folder) as name:
        folder = Path(name)
        for part in asked.only or _PARTS:
            found: list[Figure] = []
            if part == "starts":
                found, skipped = measure_starts(folder, asked.rounds, asked.peer_python)
            else:
                measure = {
                    "keys": measure_keys,
                    "growth": measure_growth,
                    "size": measure_size,
                    "commit": measure_commit,
                }
                found = measure[part](folder)
            print(*found, *(skipped if part == "starts" else ()), sep="\n", file=out, flush=True)
            figures += found
    if asked.json:
        text = json.dumps(
            {
                "schema": 1,
                "python": platform.python_version(),
                "sqlite": sqlite3.sqlite_version,
                "machine": platform.platform(),
                "cpus": os.cpu_count(),
                "rounds": asked.rounds,
                "skipped": skipped,
                "figures": [{**figure._asdict(), "kept": figure.kept} for figure in figures],
            },
            indent=1,
            ensure_ascii=False,
        )
        (
            sys.stdout.write(text + "\n")
            if asked.json == "-"
            else Path(asked.json).write_text(text + "\n", encoding="utf-8")
        )
    return 1 if asked.check and not all(figure.kept for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
