"""From the start of the program to its words, and to the first key that is on disk."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks import books
from tests.benchmarks.figures import Figure, ratio
from tests.benchmarks.terminal import Program, clean_environment, time_pass, time_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CALMDESK = (sys.executable, "-m", "calmdesk")
HELLO = (sys.executable, str(Path(__file__).with_name("hello.py")))
# prompt_toolkit writes this (bracketed paste) once its keys are alive.
KEYS_ALIVE = "\x1b[?2004h"
ALT_SCREEN = "\x1b[?1049h"


class Home:
    """A desk on which a playbook was handled once, to its end; each start finds it exactly so again."""

    def __init__(self, folder: Path, name: str, text: str, answers: str = "") -> None:
        folder.mkdir(parents=True)
        self.playbook = folder / f"{name}.yaml"
        self.playbook.write_text(text, encoding="utf-8")
        self._kept, self.path = folder / "kept", folder / "home"
        self.environment = clean_environment(CALMDESK_HOME=str(self.path))
        given = folder / "answers"
        given.write_text(answers, encoding="utf-8")
        done = subprocess.run(
            [*CALMDESK, "handle", str(self.playbook), "--plain", "--answers", str(given)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in {0, 4}:
            raise SystemExit(done.stderr)
        shutil.copytree(self.path, self._kept)

    def restore(self) -> None:
        """The desk as it was: no earlier call to resume, the playbook compiled, nothing left to write back."""
        shutil.rmtree(self.path)
        shutil.copytree(self._kept, self.path)
        for file in self.path.rglob("*"):
            if file.is_file():
                with file.open("rb") as opened:
                    os.fsync(opened.fileno())

    def command(self, *program: str) -> list[str]:
        """The main job on this desk's playbook."""
        return [*(program or CALMDESK), "handle", str(self.playbook)]

    def words(self, *program: str) -> float:
        """Milliseconds from the start to the words."""
        self.restore()
        return time_words(self.command(*program), self.environment, books.HERE.words)

    def moved(self) -> int:
        """How many moves are on disk, of the call that was cut off."""
        with sqlite3.connect(self.path / "journal.db") as db:
            row = db.execute("select count(*) from event where kind = (select id from name where name = 'Moved')")
            return int(row.fetchone()[0])

    def first_key(self) -> float:
        """Milliseconds from the start to the next screen, where a key was sent as soon as the words stood there."""
        self.restore()
        before = self.moved()
        with Program(self.command(), self.environment) as program:
            program.wait(books.HERE.words)
            program.press("1", books.THERE.words, books.THERE.choice)
            taken = program.wait()
        # It was killed while its screen showed the move: what it showed must be there.
        if self.moved() != before + 1:
            raise SystemExit("A move stood on the screen and was not on disk.")
        return taken

    def keys_alive(self) -> tuple[float, float]:
        """Milliseconds from the start until keys are alive, with none sent; and what the first one takes then."""
        self.restore()
        with Program(self.command(), self.environment) as program:
            alive = program.wait(books.HERE.words, KEYS_ALIVE)
            program.drain(0.02)
            return alive, program.press("1", books.THERE.words, books.THERE.choice)


def copier_question(folder: Path, python: str) -> Callable[[], float] | None:
    """Times copier from its start to its first question; None where there is no copier."""
    environment = clean_environment()
    if subprocess.run([python, "-c", "import copier"], env=environment, capture_output=True, check=False).returncode:
        return None
    template, to = folder / "template", folder / "copied"
    template.mkdir()
    (template / "copier.yml").write_text("name:\n  type: str\n  help: Quixotically asked\n", encoding="utf-8")
    (template / "a.txt.jinja").write_text("{{ name }}\n", encoding="utf-8")

    def question() -> float:
        shutil.rmtree(to, ignore_errors=True)
        return time_words([python, "-m", "copier", "copy", str(template), str(to)], environment, "Quixotically asked")

    return question


def measure_starts(folder: Path, rounds: int, peer_python: str) -> tuple[list[Figure], list[str]]:
    """Figures 1, 2 and 4, every program once a round; and what was skipped."""
    home = Home(folder / "two", "two", books.TWO_STEPS, books.ALL_TO_THE_END)
    sizes = {"twenty": books.of_steps(20), "largest": books.largest(), "most-steps": books.most_steps()}
    homes = {n: Home(folder / n, n, text, "no\n") for n, text in sizes.items()}
    script = str(Path(sys.executable).with_name("calmdesk"))
    alive: list[tuple[float, float]] = []

    def ready() -> float:
        alive.append(home.keys_alive())
        return alive[-1][0]

    runs: dict[str, Callable[[], float]] = {
        "pass": lambda: time_pass(home.environment),
        "words": home.words,
        "script": lambda: home.words(script),
        "hello": lambda: time_words(HELLO, home.environment, "Way-on-0000"),
        "key": home.first_key,
        "ready": ready,
        **{n: h.words for n, h in homes.items()},
    }
    skipped = []
    copier = copier_question(folder, peer_python)
    if copier is None:
        skipped.append("copier is not installed: skipped")
    else:
        runs["copier"] = copier
    if not Path(script).exists():
        del runs["script"]
        skipped.append("the command calmdesk is not beside this python: skipped")
    return _start_figures(interleave(runs, rounds), [key for _, key in alive[1:]]), skipped


def interleave(runs: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Every run once a round, so that a busy moment meets all of them; the first round only warms up."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds + 1):
        for name, run in runs.items():
            times[name].append(run())
    return {name: taken[1:] for name, taken in times.items()}


def _start_figures(times: Mapping[str, list[float]], first_keys: list[float]) -> list[Figure]:
    def figure(name: str, what: str, against: str, limit: float | None, aim: float | None = None) -> list[Figure]:
        if what not in times or against not in times:
            return []
        return [Figure(name, ratio(times[what], times[against]), limit, aim, median(times[what]))]

    return [
        Figure("python -c pass", 1, measured=median(times["pass"])),
        *figure("words / pass", "words", "pass", 5, 3),
        *figure("words by the command calmdesk / pass", "script", "pass", 5, 3),
        *figure("words / Typer+rich+questionary hello", "words", "hello", 1 / 3),
        *figure("words / copier's first question", "words", "copier", 1 / 3),
        *figure("hello / pass", "hello", "pass", None),
        *figure("copier / pass", "copier", "pass", None),
        *figure("key sent at the words → on disk and next screen / pass", "key", "pass", 15, 12),
        *figure("keys alive, none sent / pass", "ready", "pass", 15, 12),
        Figure(
            "the first key, sent when keys are alive",
            median(first_keys) / median(times["pass"]),
            measured=median(first_keys),
            note="(against pass)",
        ),
        *figure("words of the largest playbook / of 20 steps", "largest", "twenty", 3),
        *figure("words of the playbook of most steps / of 20 steps", "most-steps", "twenty", 3),
    ]
