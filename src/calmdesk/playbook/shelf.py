"""The files of a library, each read and checked once, however many playbooks play it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.errors import CalmdeskError
from calmdesk.playbook.check import FileCheck
from calmdesk.playbook.findings import is_error
from calmdesk.playbook.folders import Library, find_file, find_ids, policy_paths, read_file
from calmdesk.playbook.model import Policy
from calmdesk.playbook.read import ReadFile, check_file, merge_policy, plays, read_playbook, read_policy
from calmdesk.playbook.source import read_source
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from calmdesk.playbook.findings import Finding


Stamp = tuple[int, int, int]
"""What changes when a file is saved: its time (ns), size (bytes) and number on the disk."""


def read_stamp(path: str) -> Stamp:
    """The stamp of a file or folder; zeros where there is none."""
    try:
        at = os.stat(path)
    except OSError:
        return 0, 0, 0
    return at.st_mtime_ns, at.st_size, at.st_ino


class Policies(NamedTuple):
    """The policies that hold in a folder: as one, and each as it was read, the nearest last."""

    policy: Policy
    files: list[ReadFile]
    paths: tuple[str, ...]


class Closure(NamedTuple):
    """A playbook and everything it may play, read and checked."""

    root: str
    path: str
    policies: Policies
    files: dict[str, ReadFile]
    places: tuple[tuple[str, str, str], ...]
    """(id, path, folder it was looked for first) of each file, the policies first."""

    @property
    def all(self) -> list[ReadFile]:
        """Every file, the policies last."""
        return [*self.files.values(), *self.policies.files]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps it from being played."""
        return tuple(dict.fromkeys(f for file in self.all for f in file.findings if is_error(f)))

    @property
    def data(self) -> dict[str, dict[str, Any]]:
        """Id → compiled data of each file that could be read."""
        return {name: file.data for name, file in self.files.items() if file.data is not None}


class Shelf:
    """What has been read so far: bytes, policies, playbooks, names."""

    def __init__(self, library: Library, texts: Mapping[str, bytes] | None = None) -> None:
        self.library = library
        self._data: dict[str, bytes] = dict(texts or {})
        self.stamps: dict[str, Stamp] = {}
        """The files that were read, each with its stamp from just before."""
        self._policies: dict[tuple[str, ...], Policies] = {}
        self._in_folder: dict[str, Policies] = {}
        self._ids: dict[str, dict[str, None]] = {}
        self._found: dict[tuple[str, str], str | None] = {}
        self._files: dict[tuple[str, tuple[str, ...]], ReadFile] = {}
        self.unreadable: list[Finding] = []
        """What is wrong with lists of claims and evidence."""
        self._catalogues: dict[tuple[str, str], dict[str, None]] = {}
        self._lists: dict[str, dict[str, None]] = {}
        self._plays: dict[tuple[int, str], list[tuple[str, str, str]]] = {}
        self._checked: set[int] = set()

    def data(self, path: str) -> bytes:
        """The bytes of a file. Raises CalmdeskError (3)."""
        if path not in self._data:
            self.stamps[path] = read_stamp(path)
            self._data[path] = read_file(path)
        return self._data[path]

    def ids(self, own: str) -> dict[str, None]:
        """The ids that a file in the folder `own` may name."""
        if own not in self._ids:
            self._ids[own] = dict.fromkeys(find_ids(self.library, own))
        return self._ids[own]

    def find(self, name: str, own: str) -> str | None:
        """The file of an id, for a file in the folder `own`."""
        key = (name, own)
        if key not in self._found:
            self._found[key] = find_file(self.library, name, own) if name in self.ids(own) else None
        return self._found[key]

    def drop(self, closure: Closure) -> None:
        """Let go of a playbook that nobody plays: thousands of files needn't stay in memory."""
        file = closure.files[closure.root]
        if file.data is None or not file.data.get("module"):
            self._files.pop((closure.path, closure.policies.paths), None)
            self._plays.pop((id(file), os.path.dirname(closure.path)), None)
            self._checked.discard(id(file))

    def policies(self, own: str) -> Policies:
        """The policies that hold in a folder. Raises CalmdeskError where there is none."""
        if own not in self._in_folder:
            paths = tuple(policy_paths(self.library, own))
            if paths not in self._policies:
                policy, files = merge_policies([(p, self.data(p)) for p in paths])
                self._policies[paths] = Policies(policy, files, paths)
            self._in_folder[own] = self._policies[paths]
        return self._in_folder[own]

    def catalogue(self, kind: str, own: str) -> dict[str, None]:
        """The ids of `claims` or `evidence` that a file in the folder `own` may cite."""
        key = (kind, own)
        if key not in self._catalogues:
            found: dict[str, None] = {}
            for folder in (own, *self.library.folders):
                path = os.path.join(folder, f"{kind}.yaml")
                if os.path.isfile(path) and path not in self._lists:
                    source = read_source(self.data(path), shown_path(path))
                    listed = source.root.get(kind) if source.root else None
                    self._lists[path] = dict.fromkeys(listed.names if listed else ())
                    self.unreadable += [f for f in source.findings if is_error(f)]
                found |= self._lists.get(path, {})
            self._catalogues[key] = found
        return self._catalogues[key]

    def policy_findings(self, path: str) -> tuple[Finding, ...]:
        """What is wrong with a policy's own file, and with the files that its interruptions name."""
        policies = self.policies(os.path.dirname(path))
        self._follow(policies.files[-1], os.path.dirname(path))
        found = dict.fromkeys(f for file in policies.files for f in file.findings)
        return tuple(f for f in found if f.path == shown_path(path))

    def read(self, name: str, path: str, policies: Policies) -> ReadFile:
        """A playbook's file, read on its own."""
        key = (path, policies.paths)
        if key not in self._files:
            self._files[key] = read_playbook(self.data(path), name, policies.policy, shown_path(path))
        return self._files[key]

    def closure(self, path: str) -> Closure:
        """A playbook and everything it may play, checked together."""
        own = os.path.dirname(path)
        policies = self.policies(own)
        root = clean(os.path.splitext(os.path.basename(path))[0])
        places = [("policy", p, "") for p in policies.paths]
        files: dict[str, ReadFile] = {}
        todo = [(root, path, own)]
        while todo:
            name, where, looked = todo.pop(0)
            if name in files:
                continue
            file = files[name] = self.read(name, where, policies)
            places.append((name, where, looked))
            todo += self._follow(file, os.path.dirname(where))
            if name == root:
                todo += self._follow(policies.files[-1], own)
        for file in (*files.values(), *policies.files):
            if id(file) not in self._checked and file.data and "steps" in file.data:
                self._checked.add(id(file))
                check_file(file, files)
        return Closure(root, path, policies, files, tuple(places))

    def _follow(self, file: ReadFile, own: str) -> list[tuple[str, str, str]]:
        """The files that this one plays; a name that leads nowhere is a finding."""
        key = (id(file), own)
        if key in self._plays:
            return self._plays[key]
        found = self._plays[key] = []
        for name, place in plays(file.data or {}).items():
            path = self.find(name, own)
            if path is None:
                tip = file.reading.near(name, self.ids(own))
                file.reading.report(place, "unknown-playbook", f"There is no playbook “{name}”.", tip)
            else:
                found.append((name, path, own))
        for sign, name in ((file.data or {}).get("not-for") or {}).items():
            if name not in self.ids(own):
                tip = file.reading.near(name, self.ids(own))
                file.reading.report(
                    ("not-for", sign), "unknown-playbook", f"There is no playbook “{name}”.", tip, "warning"
                )
        return found


def merge_policies(policies: Iterable[tuple[str, bytes]]) -> tuple[Policy, list[ReadFile]]:
    """Policies, least specific first, as one, and each as it was read. Raises CalmdeskError where there is none."""
    read = [read_policy(data, shown_path(p)) for p, data in policies]
    merged: dict[str, Any] = {}
    for file in read:
        merged = merge_policy(merged, file.data or {})
    policy = Policy(merged)
    if not read:
        raise CalmdeskError("There is no policy.yaml.", "It comes with calmdesk: install it again.")
    for name, cut in (merged.get("interruptions") or {}).items():
        own = {k: v for k, v in cut.items() if k != "key"}
        FileCheck({"interruptions": {name: own}}, read[-1].reading, policy).interruption(name, own)
    whole = ReadFile("policy", {"steps": {}, "interruptions": merged.get("interruptions") or {}}, read[-1].reading)
    return policy, [*read[:-1], whole]


def shown_path(path: str) -> str:
    """A path as a person knows it: relative where it lies below the folder they stand in."""
    here = os.path.join(os.getcwd(), "")
    return path.removeprefix(here)
