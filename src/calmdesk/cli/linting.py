"""`playbook lint` at work: files in, findings out, on all cores; repairs, and again after each save."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.bench.lint import Linter, find_paths
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.findings import cleaned, is_error
from calmdesk.safetext import clean, json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.playbook.findings import Finding
    from calmdesk.playbook.folders import Library
    from calmdesk.playbook.shelf import Stamp

FEW = 48
"""So many files are read sooner than a second process has started."""
MOST_PROCESSES = 61
"""Windows can wait for no more at once."""
SHOWN = 100
"""So many cells of a line stand beside its caret."""


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
    read: dict[str, Stamp]
    """Each file that was read, with its stamp from just before."""
    trouble: tuple[tuple[str, str], ...] = ()
    """What kept files from being read: what happened, and what to do."""


def lint(library: Library, wanted: Wanted) -> int:
    """Lint once and write the findings; the exit code. Raises CalmdeskError (2, 3)."""
    check_wanted(wanted)
    _check_ignored(library, wanted)
    if wanted.fix:
        _fix_all(library, wanted)
    linted = find_all(library, wanted)
    write_findings(linted, wanted.form)
    if linted.trouble:
        sys.stdout.flush()
        more = f" ({len(linted.trouble) - 1} more)" if len(linted.trouble) > 1 else ""
        raise CalmdeskError(linted.trouble[0][0] + more, linted.trouble[0][1])
    return exit_code(linted.findings, wanted.max_warnings)


def check_wanted(wanted: Wanted) -> None:
    """Raises CalmdeskError (2) where the flags make no sense."""
    if wanted.form not in {"text", "json", "github"}:
        raise CalmdeskError(f"--format {wanted.form} isn't known.", "Use text, json or github.", 2)
    for one in wanted.ignore:
        if not one.partition("=")[2].strip():
            raise CalmdeskError(f"--ignore {one} has no reason.", "Write --ignore RULE=REASON.", 2)


def _check_ignored(library: Library, wanted: Wanted) -> None:
    """Raises CalmdeskError (2) where a rule is ignored that isn't there."""
    if not wanted.ignore:
        return
    from calmdesk.bench.rules import read_rules
    from calmdesk.playbook.folders import built_in_folder, read_file
    from calmdesk.safetext import nearest

    rules = read_rules(read_file(os.path.join(built_in_folder(), "lint", "rules.yaml")))
    known = {*rules, *(rule.id for rule in Linter(library).phrases("").rules)}
    for one in wanted.ignore:
        if (rule := one.partition("=")[0].strip()) not in known:
            hint = nearest(rule, sorted(known)) or "`calmdesk explain` lists all rules."
            raise CalmdeskError(f"There is no rule “{clean(rule)}” to ignore.", hint, 2)


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
        found, read, trouble = _lint_some(library, paths)
    else:
        found, read, trouble = _lint_many(library, paths, cores)
    if len(trouble) == len(paths):
        raise CalmdeskError(*trouble[0])
    ignored = {one.partition("=")[0].strip() for one in wanted.ignore}
    kept = [f for f in dict.fromkeys(found) if f.rule not in ignored or is_error(f)]
    return Linted(sorted(kept, key=lambda f: (f.path, f.line, f.column)), len(paths), read, trouble)


_Part = tuple["list[Finding]", "dict[str, Stamp]", tuple[tuple[str, str], ...]]


def _lint_some(library: Library, paths: Sequence[str]) -> _Part:
    """The findings of these files, which files were read, and what couldn't be: one such file hides no other."""
    linter = Linter(library)
    found: list[Finding] = []
    trouble = []
    for path in paths:
        try:
            found += linter.lint(path)
        except CalmdeskError as error:
            trouble.append((error.message, error.hint))
    return found, linter.shelf.stamps, tuple(trouble)


def _lint_many(library: Library, paths: Sequence[str], cores: int) -> _Part:
    from concurrent.futures import ProcessPoolExecutor

    share = -(-len(paths) // min(cores, MOST_PROCESSES))
    parts = [paths[n : n + share] for n in range(0, len(paths), share)]
    with ProcessPoolExecutor(len(parts)) as pool:
        done = list(pool.map(_lint_part, [library] * len(parts), parts))
    read = {path: stamp for part in done for path, stamp in part[1].items()}
    return [f for part in done for f in part[0]], read, tuple(t for part in done for t in part[2])


def _lint_part(library: Library, paths: Sequence[str]) -> _Part:
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
    """Repair each file, and say on stderr what was mended and what is left. Raises CalmdeskError (3)."""
    for path in find_paths(library, wanted.paths):
        for told in fix_file(library, path):
            sys.stderr.write(f"{clean(told)}\n")


def fix_file(library: Library, path: str) -> list[str]:
    """Repair one file in place: what was done and what is left, a sentence each. Raises CalmdeskError (3)."""
    from calmdesk.bench.fixing import fix
    from calmdesk.playbook.folders import read_file
    from calmdesk.playbook.shelf import shown_path

    data, shown = read_file(path), shown_path(path)
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [f"{shown}: nothing was mended: some letters were saved in an old encoding."]
    ending = "\r\n" if text.count("\r\n") == text.count("\n") > 0 else "\n"
    if "\r" in text.replace("\r\n", "" if ending == "\r\n" else "\r\n"):
        return [f"{shown}: nothing was mended: its lines end in different ways. Save it with one kind of line ending."]
    fixed = fix(
        text.replace("\r\n", "\n"),
        lambda new: Linter(library, {path: mark + new.encode()}).lint(path),
        shown,
        lambda rule: _other_names(library, path, rule),
    )
    if fixed.mended:
        from calmdesk.cli.files import replace_files

        replace_files({path: mark + fixed.text.replace("\n", ending).encode()})
    told = [f"fixed {shown}:{m.finding.line}: {m.finding.rule}: {m.says or m.finding.message}" for m in fixed.mended]
    if fixed.left and fixed.mended:
        told.append(f"{shown}: {len(fixed.mended)} mended, {len(fixed.left)} left for you.")
    elif fixed.left:
        told.append(f"{shown}: nothing that can be mended without asking; {len(fixed.left)} left for you.")
    return told


def _other_names(library: Library, path: str, rule: str) -> list[str]:
    """The names that a file may use beside its own, for a rule that finds an unknown one."""
    from calmdesk.playbook.keys import CHANNELS
    from calmdesk.playbook.names import policy_names
    from calmdesk.playbook.shelf import Shelf

    shelf, own = Shelf(library), os.path.dirname(path)
    policy = shelf.policies(own).policy
    what = {"unknown-disposition": "dispositions", "unknown-ladder": "ladders", "unknown-interruption": "interruptions"}
    if rule in what:
        return [*(policy.compiled.get(what[rule]) or ()), "return"]
    if rule == "unknown-policy-value":
        return policy_names(policy)
    if rule == "unknown-playbook":
        return list(shelf.ids(own))
    books = [b for name, b in shelf.closure(path).data.items() if name != os.path.splitext(os.path.basename(path))[0]]
    if rule == "unknown-choice":
        return [c for b in books for s in b["steps"].values() for c in s.get("choices") or ()]
    if rule == "unknown-option":
        return list(CHANNELS)
    return []
