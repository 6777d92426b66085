"""What is wrong with playbooks, all at once: the reader's findings, what can be seen, and what exploring proves."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from calmdesk.bench import words
from calmdesk.bench.ignoring import apply_ignores
from calmdesk.bench.maze import Maze, Summary, find_played, find_summary
from calmdesk.bench.proofs import Proofs
from calmdesk.coach.proving import read_phrase
from calmdesk.coach.rules import find_rules, phrase_files
from calmdesk.coach.scenario import read_scenario
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.findings import Finding, is_error
from calmdesk.playbook.folders import NOT_PLAYBOOKS, wanted_path
from calmdesk.playbook.shelf import Shelf, shown_path
from calmdesk.playbook.source import read_source
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from calmdesk.coach.phrases import Phrases
    from calmdesk.playbook.folders import Library
    from calmdesk.playbook.read import ReadFile
    from calmdesk.playbook.shelf import Closure

LINT_NODES = 10_000
"""So many situations a file are looked at while linting; `explore` looks at more."""
_HARMLESS = {
    "key-in-policy",
    "long-timer",
    "no-clock",
    "not-money",
    "returns-after-all",
    "taken-fact",
    "unknown-disposition",
    "unknown-ladder",
    "unknown-policy-value",
}
"""Errors beside which the ways through a file can still be judged."""


class Linter:
    """Lints files of one library; what is read for one of them is read once.

    Args:
        library: where the files that a playbook names are looked for.
        texts: path → bytes that stand in for a file, which need not be written yet.

    """

    def __init__(self, library: Library, texts: Mapping[str, bytes] | None = None) -> None:
        self.shelf = Shelf(library, texts)
        self._cuts: dict[int, tuple[object, Summary]] = {}
        """What a file that cuts in may do, by its data, which is kept so that nothing else gets its number."""
        self._phrases: dict[str, Phrases] = {}
        self._broken: dict[str, list[Finding]] = {}
        """Folder → what keeps phrase rules that hold there from being used."""

    def lint(self, path: str) -> tuple[Finding, ...]:
        """The findings of one file, and the errors of the files it plays. Raises CalmdeskError (3)."""
        name = os.path.splitext(os.path.basename(path))[0]
        if name == "policy":
            return apply_ignores(self.shelf.data(path), self.shelf.policy_findings(path), shown_path(path))
        if name in NOT_PLAYBOOKS:
            return read_source(self.shelf.data(path), shown_path(path)).findings
        if is_phrase(self.shelf.data(path)) or os.path.basename(os.path.dirname(path)) == "phrases":
            found = read_phrase(self.shelf.data(path), name, shown_path(path)).findings
            return apply_ignores(self.shelf.data(path), found, shown_path(path))
        if is_scenario(self.shelf.data(path)) or os.path.basename(os.path.dirname(path)) == "scenarios":
            return self._lint_scenario(path, name)
        closure = self.shelf.closure(path)
        read = closure.files[closure.root]
        others = tuple(f for other in closure.all if other is not read for f in other.findings if is_error(f))
        # What is judged here holds for this file as it is asked for, not wherever it is played.
        file = read._replace(reading=read.reading.copy())
        whole = False
        if file.data is not None and file.data["steps"]:
            whole = self._judge(closure, file, sound=not others)
        own = apply_ignores(self.shelf.data(path), file.findings, file.reading.path, whole=whole)
        self.shelf.drop(closure)
        return (*own, *others, *self.shelf.unreadable, *self._broken.get(os.path.dirname(path), ()))

    def _lint_scenario(self, path: str, name: str) -> tuple[Finding, ...]:
        """The findings of a scenario; the playbook that it names must be there. Raises CalmdeskError (3)."""
        read = read_scenario(self.shelf.data(path), name, shown_path(path))
        own = os.path.dirname(os.path.dirname(path))
        if read.scenario is not None and (played := read.scenario.playbook) not in (ids := self.shelf.ids(own)):
            tip = read.reading.near(played, list(ids))
            read.reading.report(("playbook",), "unknown-playbook", f"There is no playbook “{clean(played)}”.", tip)
        return apply_ignores(self.shelf.data(path), read.findings, shown_path(path))

    def _judge(self, closure: Closure, file: ReadFile, *, sound: bool) -> bool:
        """Look at the file itself, and at its ways where it can be played; whether all of it was looked at."""
        assert file.data is not None
        wrong = {f.rule for f in file.findings if is_error(f)}
        own = os.path.dirname(closure.path)
        words.check_doubles(file)
        words.check_sizes(file)
        words.check_sources(file, lambda key: self.shelf.catalogue(key, own))
        words.check_phrases(file, self.phrases(own))
        words.check_tests(file, closure.files, closure.policies.policy)
        if not wrong:
            words.check_names(file, closure.files)
        if not sound or not wrong <= _HARMLESS:
            return False
        data = closure.data
        maze = Maze(data, closure.root, self._may_cut_in(closure, data), LINT_NODES)
        proofs = Proofs(maze, maze.run(), file.data, file.reading)
        proofs.report()
        return proofs.judged_whole

    def prepare(self, path: str) -> tuple[Closure, dict[str, Summary]]:
        """A playbook with all it may play, and what may cut in. Raises CalmdeskError (3)."""
        closure = self.shelf.closure(path)
        return closure, {} if closure.errors else self._may_cut_in(closure, closure.data)

    def phrases(self, own: str) -> Phrases:
        """The phrase rules that hold in a folder: its own, then the library's; one that can't be read is left out."""
        if own not in self._phrases:
            texts = [(path, self.shelf.data(path)) for path in phrase_files((own, *self.shelf.library.folders))]
            self._phrases[own], wrong = find_rules(texts, self.shelf.library.cache, "lint")
            self._broken.setdefault(own, []).extend(wrong)
        return self._phrases[own]

    def _may_cut_in(self, closure: Closure, data: Mapping[str, dict[str, Any]]) -> dict[str, Summary]:
        """What the files that may interrupt this one, or what it plays, may do to its facts."""
        found = {}
        for name in find_played(data, closure.root):
            for cut in (data[name].get("interruptions") or {}).values():
                if played := cut.get("play"):
                    key = id(data[played])
                    if key not in self._cuts:
                        self._cuts[key] = (data[played], find_summary(data, played, LINT_NODES))
                    found[played] = self._cuts[key][1]
        return found


def is_scenario(data: bytes) -> bool:
    """Whether a file is a practice scenario."""
    return b"calmdesk-scenario:" in data[:4000]


def is_phrase(data: bytes) -> bool:
    """Whether a file is a phrase rule."""
    return b"calmdesk-phrase:" in data[:4000]


def _listed(folder: str) -> list[str]:
    try:
        return sorted(n for n in os.listdir(folder) if not n.startswith("."))
    except OSError as error:
        raise CalmdeskError(f"{folder} can't be read: {error.strerror}.", "Check who may read it.") from None


def _files_in(folder: str, name: str) -> list[str]:
    """The playbooks of a folder, its phrase rules and its scenarios. Raises CalmdeskError (3) where there are none."""
    found = []
    for inner in (folder, os.path.join(folder, "phrases"), os.path.join(folder, "scenarios")):
        listed = _listed(inner) if os.path.isdir(inner) else []
        found += [p for n in listed if n.endswith(".yaml") and os.path.isfile(p := os.path.join(inner, n))]
    if not found:
        near = next((n for n in _listed(folder) if n.endswith((".yml", ".yaml.txt", ".txt"))), "")
        hint = f"{near} looks like one: rename it, so that its name ends in .yaml." if near else "Name another folder."
        raise CalmdeskError(f"There is no playbook in {name}: none of its files ends in .yaml.", hint)
    return found


def is_playbook(path: str) -> bool:
    """Whether a file's place and name say that it is a playbook."""
    name = os.path.splitext(os.path.basename(path))[0]
    return name not in NOT_PLAYBOOKS and os.path.basename(os.path.dirname(path)) not in {"phrases", "scenarios"}


def find_paths(library: Library, wanted: Iterable[str]) -> list[str]:
    """The files that are meant by files, folders and ids."""
    paths: list[str] = []
    for name in wanted:
        if os.path.isdir(name):
            paths += _files_in(os.path.abspath(name), name)
        else:
            paths.append(os.path.abspath(wanted_path(library, name)))
    return list(dict.fromkeys(paths))
