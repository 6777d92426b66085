"""`playbook lint` at work: files in, findings out, on all cores; repairs, and again after each save."""

from __future__ import annotations

import gc
import os
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.bench.lint import Linter, find_paths
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.findings import cleaned, is_error
from calmdesk.safetext import clean, json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.playbook.findings import Finding
    from calmdesk.playbook.folders import Library

FEW = 48
"""So many files are read sooner than a second process has started."""
SHOWN = 100
"""So many cells of a line stand beside its caret."""
PAUSE = 0.05
"""Seconds between two looks at the files; a save is answered within a fifth of a second."""


class Wanted(NamedTuple):
    """What was asked for on the command line."""

    paths: tuple[str, ...]
    form: str = "text"
    max_warnings: int = -1
    ignore: tuple[str, ...] = ()
    """RULE=REASON."""
    fix: bool = False


class Linted(NamedTuple):
    """What came of it: the findings in order, how many files, and every file that was read."""

    findings: list[Finding]
    files: int
    read: tuple[str, ...]


def lint(library: Library, wanted: Wanted) -> int:
    """Lint once and write the findings; the exit code. Raises CalmdeskError (2, 3)."""
    check_wanted(wanted)
    if wanted.fix:
        _fix_all(library, wanted)
    linted = find_all(library, wanted)
    write_findings(linted, wanted.form)
    return exit_code(linted.findings, wanted.max_warnings)


def check_wanted(wanted: Wanted) -> None:
    """Raises CalmdeskError (2) where the flags make no sense."""
    if wanted.form not in {"text", "json", "github"}:
        raise CalmdeskError(f"--format {wanted.form} isn't known.", "Use text, json or github.", 2)
    for one in wanted.ignore:
        if not one.partition("=")[2].strip():
            raise CalmdeskError(f"--ignore {one} has no reason.", "Write --ignore RULE=REASON.", 2)


def exit_code(findings: Sequence[Finding], max_warnings: int) -> int:
    """1 with an error, or with more warnings than allowed."""
    warnings = sum(f.severity == "warning" for f in findings)
    return 1 if any(is_error(f) for f in findings) or 0 <= max_warnings < warnings else 0


def find_all(library: Library, wanted: Wanted) -> Linted:
    """Lint every file, with as many processes as there are cores where there are many files."""
    paths = find_paths(library, wanted.paths)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # What is read stays until the end: looking for garbage in it takes longer than reading.
    gc.disable()
    if len(paths) <= FEW or cores == 1:
        found, read = _lint_some(library, paths)
    else:
        found, read = _lint_many(library, paths, cores)
    ignored = {one.partition("=")[0].strip() for one in wanted.ignore}
    kept = [f for f in dict.fromkeys(found) if f.rule not in ignored or is_error(f)]
    return Linted(sorted(kept, key=lambda f: (f.path, f.line, f.column)), len(paths), read)


def _lint_some(library: Library, paths: Sequence[str]) -> tuple[list[Finding], tuple[str, ...]]:
    linter = Linter(library)
    found = [f for path in paths for f in linter.lint(path)]
    return found, tuple(linter.shelf.paths)


def _lint_many(library: Library, paths: Sequence[str], cores: int) -> tuple[list[Finding], tuple[str, ...]]:
    from concurrent.futures import ProcessPoolExecutor

    share = -(-len(paths) // cores)
    parts = [paths[n : n + share] for n in range(0, len(paths), share)]
    with ProcessPoolExecutor(len(parts)) as pool:
        done = list(pool.map(_lint_part, [library] * len(parts), parts))
    return [f for found, _ in done for f in found], tuple(p for _, read in done for p in read)


def _lint_part(library: Library, paths: Sequence[str]) -> tuple[list[Finding], tuple[str, ...]]:
    gc.disable()
    return _lint_some(library, paths)


# --- writing


def write_findings(linted: Linted, form: str) -> None:
    """Findings as text with the line and a caret, as JSON, or as a workflow's annotations."""
    findings = [cleaned(f) for f in linted.findings]
    if form == "json":
        keys = ("rule", "severity", "path", "line", "column", "message", "tip")
        listed = [{key: getattr(f, key) for key in keys} for f in findings]
        sys.stdout.write(json_text({"schema": 1, "findings": listed, "files": linted.files}) + "\n")
        return
    texts: dict[str, list[str]] = {}
    for raw, f in zip(linted.findings, findings, strict=True):
        if form == "github":
            level = "notice" if f.severity == "note" else f.severity
            sys.stdout.write(
                f"::{level} file={_property(f.path)},line={f.line},col={f.column},title={f.rule}::{_escaped(f.message)} {_escaped(f.tip)}\n"
            )
            continue
        sys.stdout.write(f"{f.path}:{f.line}:{f.column}: {f.severity}[{f.rule}] {f.message}\n")
        sys.stdout.write("".join(f"{row}\n" for row in _excerpt(raw, texts)))
        if f.tip:
            sys.stdout.write(f"   tip: {f.tip}\n")
    if form == "text":
        sys.stdout.write(f"{_counted(linted)}\n")


def _counted(linted: Linted) -> str:
    files = f"{linted.files} file{'' if linted.files == 1 else 's'} read"
    if not linted.findings:
        return f"{files}, nothing to say."
    counts = []
    for severity in ("error", "warning", "note"):
        number = sum(f.severity == severity for f in linted.findings)
        counts += [f"{number} {severity}{'' if number == 1 else 's'}"] if number else []
    return f"{files}: {', '.join(counts)}. `calmdesk explain RULE` says more about one."


def _excerpt(finding: Finding, texts: dict[str, list[str]]) -> list[str]:
    """The line that a finding is about, and a caret below the place."""
    from calmdesk.terminal.paint import cells

    if finding.path not in texts:
        try:
            with open(finding.path, encoding="utf-8-sig", errors="replace") as file:
                texts[finding.path] = file.read().split("\n")
        except OSError:
            texts[finding.path] = []
    lines = texts[finding.path]
    if not 1 <= finding.line <= len(lines) or not lines[finding.line - 1].strip():
        return []
    line, at = lines[finding.line - 1], finding.column - 1
    start = max(0, at - SHOWN // 2) if len(line) > SHOWN else 0
    shown = line[start : start + SHOWN]
    # What is hidden in a line must not move the caret.
    before, after = _visible(shown[: at - start]), _visible(shown[at - start :])
    number = f"{finding.line:>6} | "
    return [f"{number}{before}{after}".rstrip(), " " * (len(number) + cells(before)) + "^"]


def _visible(text: str) -> str:
    return "".join(c if c == " " or clean(c) else "·" for c in text.replace("\t", " "))


def _escaped(text: str) -> str:
    """A text inside a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


# --- repairing


def _fix_all(library: Library, wanted: Wanted) -> None:
    for path in find_paths(library, wanted.paths):
        for finding in fix_file(library, path):
            told = cleaned(finding)
            sys.stderr.write(f"fixed {told.path}:{told.line}: {told.rule}: {told.message}\n")


def fix_file(library: Library, path: str) -> tuple[Finding, ...]:
    """Repair one file in place; the findings that this mended. Raises CalmdeskError (3)."""
    from calmdesk.bench.fixing import fix
    from calmdesk.playbook.folders import read_file

    data = read_file(path)
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ()
    ending = "\r\n" if text.count("\r\n") == text.count("\n") > 0 else "\n"
    if "\r" in text.replace("\r\n", "" if ending == "\r\n" else "\r\n"):
        # Mixed endings would change with the repair.
        return ()
    fixed = fix(text.replace("\r\n", "\n"), lambda new: Linter(library, {path: mark + new.encode()}).lint(path))
    if fixed.mended:
        _write(path, mark + fixed.text.replace("\n", ending).encode())
    return fixed.mended


def _write(path: str, data: bytes) -> None:
    """Beside, and moved into place, so that nobody reads half of it."""
    path = os.path.realpath(path)
    beside = f"{path}.{os.getpid()}"
    try:
        mode = os.stat(path).st_mode & 0o777
        with open(beside, "wb") as file:
            file.write(data)
        os.chmod(beside, mode)
        os.replace(beside, path)
    except OSError as error:
        raise CalmdeskError(f"{path} can't be written: {error.strerror}.", "Check who may write it.") from None


# --- watching


def watch(library: Library, wanted: Wanted) -> int:
    """Lint, and again whenever one of the files is saved, until it is stopped (130)."""
    check_wanted(wanted)
    while True:
        stamps: dict[str, tuple[int, int, int]] = {}
        try:
            linted = find_all(library, wanted)
            if sys.stdout.isatty():
                sys.stdout.write("\x1b[2J\x1b[H")
            write_findings(linted, wanted.form)
            stamps = _stamps(linted.read, wanted.paths)
        except CalmdeskError as error:
            # An editor may take a file away before it puts the new one there.
            sys.stdout.write(f"{clean(error.message)}\n")
            stamps = _stamps((), wanted.paths)
        if wanted.form == "text":
            sys.stdout.write(f"{time.strftime('%H:%M:%S')}  Waiting for a save; Ctrl-C stops.\n")
        sys.stdout.flush()
        while _stamps(tuple(stamps), ()) == stamps:
            time.sleep(PAUSE)


def _stamps(read: Sequence[str], wanted: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """Files and folders with what changes when they are saved."""
    found = {}
    for path in (*read, *wanted):
        try:
            at = os.stat(path)
            found[path] = (at.st_mtime_ns, at.st_size, at.st_ino)
        except OSError:
            found[path] = (0, 0, 0)
    return found
