"""What is checked with a running server: whole files, faults one by one, words, help, and the line that names the schema."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from tests.editor.bad import BASE, FAULTS
from tests.editor.words import READ_ALIKE, READ_OTHERWISE, as_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.editor.bad import Fault
    from tests.editor.server import Server

MODELINE = "# yaml-language-server: $schema=./schema/playbook.schema.json\n"
TYPO = "gaol: One fix with a time.\n"
"""A line that every playbook is flagged for, where the server has its schema."""


class Row(NamedTuple):
    """A line of the table: how many were tried, flagged by the server, and found on the same line by lint."""

    name: str
    tried: int
    flagged: int = 0
    alike: int = 0
    known: int = 0
    """Where the two are known to differ, for a reason that is written beside the fault or the word."""


class Book:
    """What was checked, what doesn't hold, and what is worth knowing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[Row] = []
        self.breaches: list[str] = []
        self.told: list[str] = []

    def check(self, *, holds: bool, what: str) -> bool:
        """Note a breach where something doesn't hold; gives whether it does."""
        if not holds:
            self.breaches.append(what)
        return holds

    def file(self, text: str) -> Path:
        """A new file of our own, each in a folder of its own: they all have the same name."""
        place = self.folder / f"{len(list(self.folder.iterdir())):04}" / "late-parcel.yaml"
        place.parent.mkdir()
        place.write_text(text, encoding="utf-8")
        return place

    # --- lint

    def lint(self, files: Sequence[Path]) -> list[dict[int, list[str]]]:
        """What lint finds in each file: line → rules."""
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as several:
            return list(several.map(self._lint, files))

    def _lint(self, file: Path) -> dict[int, list[str]]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CALMDESK_", "XDG_"))}
        done = subprocess.run(
            [sys.executable, "-m", "calmdesk", "playbook", "lint", str(file), "--format", "json"],
            capture_output=True,
            encoding="utf-8",
            check=False,
            # Somebody's own playbooks and settings are no part of this.
            cwd=self.folder,
            env={**kept, "HOME": str(self.folder), "CALMDESK_HOME": str(self.folder / "home")},
        )
        if not done.stdout.startswith("{"):
            raise RuntimeError(f"lint doesn't run: {done.stderr.strip()[-300:]}")
        found: dict[int, list[str]] = {}
        for finding in json.loads(done.stdout)["findings"]:
            found.setdefault(finding["line"], []).append(f"{finding['severity']} {finding['rule']}")
        return found


def check_good(book: Book, server: Server, shipped: Sequence[Path]) -> None:
    """Nothing is underlined in a file without a fault, by its association alone; a typo in the same file is."""
    texts = {file.name: file.read_text(encoding="utf-8").replace(MODELINE, "#\n") for file in shipped}
    texts["the base of the faults"] = BASE
    book.check(holds=not book.lint([book.file(BASE)])[0], what="lint finds something in the base of the faults")
    flagged = 0
    for name, text in texts.items():
        flagged += _nothing_but_the_typo(book, server, name, (book.file(text), book.file(text + TYPO)), text)
    book.rows.append(Row("files without a fault", len(texts), flagged))


def _nothing_but_the_typo(book: Book, server: Server, name: str, files: tuple[Path, Path], text: str) -> bool:
    whole, broken = files
    server.open(whole, text)
    server.open(broken, text + TYPO)
    flags = server.flags(whole)
    book.check(holds=not flags, what=f"{name}: underlined without a fault: {flags}")
    lines = [flag.line for flag in server.flags(broken)]
    typo = text.count("\n") + 1
    book.check(holds=lines == [typo], what=f"{name}: a typo on line {typo} is underlined on {lines}")
    return bool(flags)


def check_bad(book: Book, server: Server) -> None:
    """What the server flags, lint flags on the same line; and every fault is an error of lint."""
    for group, faults in FAULTS.items():
        files = [book.file(fault.text) for fault in faults]
        for fault, file in zip(faults, files, strict=True):
            server.open(file, fault.text)
        lints = book.lint(files)
        flags = [{flag.line: flag.message for flag in reversed(server.flags(file))} for file in files]
        for each in zip(faults, flags, lints, strict=True):
            _compare(book, *each)
        alone = [fault.name for fault, flag in zip(faults, flags, strict=True) if not flag]
        book.told += [f"only lint sees: {name}" for name in alone]
        known = sum(bool(fault.guess) for fault in faults)
        alike = sum(bool(flag) and set(flag) <= set(found) for flag, found in zip(flags, lints, strict=True))
        book.rows.append(Row(group, len(faults), len(faults) - len(alone), alike, known))


def _compare(book: Book, fault: Fault, flags: Mapping[int, str], found: Mapping[int, list[str]]) -> None:
    errors = {line for line, rules in found.items() if any(rule.startswith("error") for rule in rules)}
    book.check(holds=bool(errors), what=f"{fault.name}: no error of lint, so it is no fault: {dict(found)}")
    missed = {line: message for line, message in flags.items() if line not in found}
    if not fault.guess:
        book.check(holds=not missed, what=f"{fault.name}: the server flags {missed}, lint only {dict(found)}")
        return
    book.check(holds=bool(missed), what=f"{fault.name}: the two agree now: take the reason out of the table")
    at = f"{fault.name}: lint stands on {sorted(errors)}, the fault on {list(fault.lines)}"
    book.check(holds=bool(errors & set(fault.lines)), what=at)


def check_words(book: Book, server: Server) -> None:
    """Words that both take for texts are never underlined; those that YAML reads otherwise are, where lint is silent."""
    for name, words, differ in (
        ("words read alike", READ_ALIKE, False),
        ("words read otherwise", READ_OTHERWISE, True),
    ):
        files = [book.file(as_title(word).text) for word in words]
        for word, file in zip(words, files, strict=True):
            server.open(file, as_title(word).text)
        flagged = alike = 0
        for word, file, found in zip(words, files, book.lint(files), strict=True):
            missed = {flag.line for flag in server.flags(file)} - set(found)
            flagged += bool(server.flags(file))
            alike += bool(server.flags(file)) and not missed
            told = f"title: {word}: the server flags lines {sorted(missed)}, lint {dict(found)}"
            book.check(holds=bool(missed) == differ, what=told + (": they agree now" if differ else ""))
        book.rows.append(Row(name, len(words), flagged, alike, len(words) if differ else 0))


def check_modeline(book: Book, server: Server, shipped: Sequence[Path]) -> None:
    """The first line of a shipped playbook alone is enough for the server to find the schema beside it."""
    flagged = 0
    for file in shipped:
        text = file.read_text(encoding="utf-8")
        book.check(holds=text.startswith(MODELINE), what=f"{file.name}: no line that names the schema")
        # The server is told its text; nothing of this name is ever written.
        flagged += _nothing_but_the_typo(book, server, file.name, (file, file.with_stem(f"{file.stem}-typo")), text)
    without = book.file(BASE + TYPO)
    server.open(without, BASE + TYPO)
    book.check(holds=not server.flags(without), what="a file without that line has a schema from somewhere else")
    book.rows.append(Row("files that name the schema", len(shipped), flagged))
