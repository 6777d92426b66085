"""Text becomes a playbook, or every finding at once, in the trainer's words."""

from __future__ import annotations

from typing import Any, NamedTuple

from calmdesk.playbook.check import WAYS, FileCheck
from calmdesk.playbook.findings import is_error
from calmdesk.playbook.keys import PLAYBOOK, POLICY
from calmdesk.playbook.shapes import Reading
from calmdesk.playbook.source import read_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from calmdesk.playbook.findings import Finding
    from calmdesk.playbook.model import Policy


class ReadFile(NamedTuple):
    """One file, read: its plain data (None where it can't be used), the findings, and its places."""

    name: str
    data: dict[str, Any] | None
    reading: Reading

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with it, in the order of the file."""
        found = self.reading.findings
        return tuple(sorted(found, key=lambda f: (f.line, f.column, f.rule))) if found else ()


def _root(data: bytes, path: str, head: str) -> tuple[Any, Reading]:
    reading = Reading(path)
    source = read_source(data, path)
    reading.findings.extend(source.findings)
    if source.root is None or source.root.kind != "map":
        if not any(is_error(f) for f in source.findings):
            reading.report((), "no-playbook", "There is no playbook in this file.", f"Start with `{head}: 1`.")
        return None, reading
    reading.root = source.root
    return source.root, reading


def read_playbook(data: bytes, name: str, policy: Policy, path: str = "") -> ReadFile:
    """A playbook file → compiled data and findings. Never raises.

    Args:
        data: the file's bytes.
        name: the playbook's id (the file's name without its ending).
        policy: the team's policy, for the values, ladders and dispositions the file names.
        path: how findings name the file; the id with `.yaml` where nothing is given.

    """
    root, reading = _root(data, path or f"{name}.yaml", "calmdesk")
    compiled = PLAYBOOK.read(root, "", reading) if root is not None else None
    if not isinstance(compiled, dict):
        return ReadFile(name, None, reading)
    FileCheck(compiled, reading, policy).run()
    marks: dict[str, int] = {}
    for step in (compiled.get("steps") or {}).values():
        if principle := step.get("principle"):
            marks[principle] = marks.get(principle, 0) + 1
    compiled["marks"] = marks
    whole = all(k in compiled for k in PLAYBOOK.required) and bool(compiled["steps"])
    return ReadFile(name, compiled if whole else None, reading)


def read_policy(data: bytes, path: str = "policy.yaml") -> ReadFile:
    """A policy file → compiled data and findings. Never raises."""
    root, reading = _root(data, path, "calmdesk-policy")
    compiled = POLICY.read(root, "", reading) if root is not None else None
    if isinstance(compiled, dict) and compiled.get("calmdesk-policy") not in {1, None}:
        reading.report(
            ("calmdesk-policy",),
            "version",
            "This format is newer than this calmdesk.",
            "Write `calmdesk-policy: 1`, or update calmdesk.",
        )
    return ReadFile("policy", compiled if isinstance(compiled, dict) else None, reading)


def merge_policy(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """A policy whose single values are overridden by another's; lists are taken whole."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if key == "interruptions" and isinstance(old, dict):
            # One interruption is one value: a card doesn't mix with the file it stands for.
            merged[key] = {**old, **value}
            continue
        merged[key] = merge_policy(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def cards(data: dict[str, Any] | None, home: str) -> dict[str, dict[str, Any]]:
    """The one-screen books that an interruption's `card` stands for."""
    found = {}
    for name, cut in (data or {}).items():
        if card := cut.get("card"):
            title = cut.get("label") or name
            step = {"title": card.get("title") or title, "say": card.get("say"), "cue": card.get("cue")}
            found[f"{home}+{name}"] = {"title": title, "goal": title, "module": True, "steps": {"card": step}}
    return found


def plays(data: dict[str, Any]) -> dict[str, tuple[str | int, ...]]:
    """The files that this one plays: id → the place that names it first."""
    found: dict[str, tuple[str | int, ...]] = {}
    for name, step in (data.get("steps") or {}).items():
        if "play" in step:
            found.setdefault(step["play"], ("steps", name, "play"))
    for name, cut in (data.get("interruptions") or {}).items():
        if "play" in cut:
            found.setdefault(cut["play"], ("interruptions", name, "play"))
    return found


def check_file(file: ReadFile, files: Mapping[str, ReadFile]) -> None:
    """Report what only shows between files: facts declared differently, circles, ways back that aren't.

    Args:
        file: the file that is looked at.
        files: everything that it may play, by id.

    """
    if file.data is None:
        return
    _check_returns(file, files)
    if file.data["steps"]:
        _check_circle(file, files)
        _check_facts(file, files)
        _check_last_play(file, files)


def _check_circle(file: ReadFile, files: Mapping[str, ReadFile]) -> None:
    assert file.data is not None
    # The files that lead back to this one, directly or through others.
    plays_on = {n: {s.get("play") for s in f.data["steps"].values()} for n, f in files.items() if f.data is not None}
    leads = {file.name}
    while more := {name for name, played in plays_on.items() if name not in leads and played & leads}:
        leads |= more
    for name, step in file.data["steps"].items():
        if step.get("play") in leads:
            file.reading.report(
                ("steps", name, "play"),
                "plays-itself",
                f"“{file.name}” plays itself, directly or through others.",
                "A file can't play itself: use `go` to come back to a step.",
            )
    for name, cut in (file.data.get("interruptions") or {}).items():
        if cut.get("play") == file.name:
            file.reading.report(
                ("interruptions", name, "play"),
                "plays-itself",
                f"“{file.name}” interrupts itself.",
                "Name another playbook.",
            )


def can_return(data: dict[str, Any]) -> bool:
    """Whether playing this file can lead back to where it was played from."""
    if any("return" in s or any(r.get("step") == "return" for r in s.get("go") or ()) for s in data["steps"].values()):
        return True
    for step in data["steps"].values():
        for choice in (step.get("choices") or {}).values():
            if choice.get("then") == "return" or any(r.get("step") == "return" for r in choice.get("go") or ()):
                return True
    last = list(data["steps"].values())[-1]
    return not any(w in last for w in WAYS)


def _check_returns(file: ReadFile, files: Mapping[str, ReadFile]) -> None:
    assert file.data is not None
    for name, cut in (file.data.get("interruptions") or {}).items():
        played = files.get(cut.get("play", ""))
        if (
            cut.get("returns") is False
            and played
            and played.data
            and played.data.get("module")
            and can_return(played.data)
        ):
            file.reading.report(
                ("interruptions", name, "returns"),
                "returns-after-all",
                f"`returns: false`, and the module “{played.name}” returns.",
                "Take `returns: false` out, or end the call in the module.",
            )


def _check_facts(file: ReadFile, files: Mapping[str, ReadFile]) -> None:
    """The same fact in a playbook and the files it plays, directly or through others, is declared alike."""
    assert file.data is not None
    todo, seen = list(plays(file.data)), {file.name}
    while todo:
        name = todo.pop(0)
        other = files.get(name)
        if name in seen or other is None or other.data is None:
            continue
        seen.add(name)
        todo += plays(other.data)
        for fact, declared in (file.data.get("facts") or {}).items():
            theirs = (other.data.get("facts") or {}).get(fact)
            if theirs is None:
                continue
            # An example is help with the answer, no part of what the fact is.
            differs = ", ".join(
                sorted(k for k in {*theirs, *declared} - {"such-as"} if theirs.get(k) != declared.get(k))
            )
            if differs:
                file.reading.report(
                    ("facts", fact),
                    "fact-differs",
                    f"“{fact}” is declared differently in “{name}”: {differs}.",
                    f"There it is: {_declared(theirs)}. Write it alike in both files, or give it another id.",
                )


def _declared(fact: dict[str, Any]) -> str:
    """A fact as its file declares it, in short."""
    told = [f"{key}: {fact[key]}" for key in ("ask", "kind", "default") if key in fact]
    if options := fact.get("one-of"):
        told.append("one-of: " + ", ".join(f"{name} ({o['label']})" for name, o in options.items()))
    return "; ".join(told)


def _check_last_play(file: ReadFile, files: Mapping[str, ReadFile]) -> None:
    assert file.data is not None
    name, last = list(file.data["steps"].items())[-1]
    played = files.get(last.get("play", ""))
    if file.data.get("module") or not played or not played.data or any(w in last for w in WAYS):
        return
    if can_return(played.data):
        file.reading.report(
            ("steps", name),
            "dead-end",
            f"The last step “{name}” leads nowhere when “{played.name}” returns.",
            "Add a step with `end: DISPOSITION` after it.",
        )
