"""The slow way to an edition: every file read, checked alone and together, and turned into plain data."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.digest import digest
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.check import FileCheck
from calmdesk.playbook.findings import Finding, is_error
from calmdesk.playbook.folders import (
    NOT_PLAYBOOKS,
    Library,
    Manifest,
    find_file,
    find_ids,
    policy_paths,
    read_file,
    wanted_path,
)
from calmdesk.playbook.model import Policy
from calmdesk.playbook.read import ReadFile, cards, check_together, merge_policy, plays, read_playbook, read_policy
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calmdesk.playbook.model import Edition


class Compiled(NamedTuple):
    """What came of reading an edition's files; `bundle` is None where one of them can't be played."""

    manifest: Manifest
    bundle: dict[str, Any] | None
    texts: dict[str, bytes]
    findings: tuple[Finding, ...]


def compile_files(library: Library, path: str) -> Compiled:
    """Read a playbook and everything it may play, from disk."""
    own = os.path.dirname(path)
    policies = [(p, read_file(p)) for p in policy_paths(library, own)]
    policy, read = _merge([(p, data) for p, data in policies])
    manifest = [("policy", p, digest(data), "") for p, data in policies]
    texts = {digest(data): data for _, data in policies}
    root = clean(os.path.splitext(os.path.basename(path))[0])
    files: dict[str, ReadFile] = {}
    todo = [(root, path, own)]
    while todo:
        name, where, looked = todo.pop(0)
        if name in files:
            continue
        data = read_file(where)
        files[name] = read_playbook(data, name, policy, _shown(where))
        manifest.append((name, where, digest(data), looked))
        texts[digest(data)] = data
        todo += _follow(library, files[name], os.path.dirname(where))
        if name == root:
            todo += _follow(library, read[-1], own)
    check_together({**files, **{f"policy-{n}": f for n, f in enumerate(read) if f.data and "steps" in f.data}})
    findings = _in_order([*files.values(), *read])
    bundle = None if any(is_error(f) for f in findings) else _bundle_of(root, files.values(), policy)
    return Compiled(tuple(manifest), bundle, texts, findings)


def compile_policy(library: Library) -> dict[str, Any]:
    """The policy of a library, with no playbook's own. Raises CalmdeskError (1) where one has errors."""
    policy, read = _merge([(p, read_file(p)) for p in policy_paths(library, "")])
    for file in read:
        if any(is_error(f) for f in file.findings):
            raise CalmdeskError("The team's policy has errors.", "`calmdesk playbook lint policy.yaml` shows them.", 1)
    return policy.compiled


def find_findings(library: Library, wanted: Iterable[str]) -> tuple[list[Finding], int]:
    """What is wrong with these files, folders or ids, and how many files were read.

    Raises CalmdeskError: a path that isn't there (3), an id that isn't known (2).
    """
    paths: list[str] = []
    for name in wanted:
        if os.path.isdir(name):
            paths += [os.path.join(name, n) for n in sorted(os.listdir(name)) if n.endswith(".yaml")]
        else:
            paths.append(wanted_path(library, name))
    found: dict[Finding, None] = {}
    for path in paths:
        name = os.path.splitext(os.path.basename(path))[0]
        if name == "policy":
            found |= dict.fromkeys(read_policy(read_file(path), _shown(path)).findings)
        elif name not in NOT_PLAYBOOKS:
            found |= dict.fromkeys(compile_files(library, os.path.abspath(path)).findings)
    return sorted(found, key=lambda f: (f.path, f.line, f.column)), len(paths)


def find_tests(edition: Edition) -> list[dict[str, Any]]:
    """The tests that an edition's playbook carries, as its text has them."""
    text = edition.texts[dict(edition.digests)[edition.root]]
    read = read_playbook(text, edition.root, edition.policy)
    return list((read.data or {}).get("tests") or ())


def compile_texts(texts: Iterable[tuple[str, bytes]]) -> dict[str, Any]:
    """The bundle of an edition from its pinned texts, which were sound when the call started."""
    texts = list(texts)
    policy, _ = _merge([("policy.yaml", data) for name, data in texts if name == "policy"])
    files = [read_playbook(data, name, policy) for name, data in texts if name != "policy"]
    if not files or any(f.data is None for f in files):
        raise CalmdeskError(
            "A text that this call started with can't be read by this calmdesk.",
            "Use the calmdesk it was started with.",
            5,
        )
    return _bundle_of(files[0].name, files, policy)


def _bundle_of(root: str, files: Iterable[ReadFile], policy: Policy) -> dict[str, Any]:
    books = {f.name: f.data for f in files}
    for file in list(books.values()):
        assert file is not None
    for name, data in list(books.items()):
        books |= cards((data or {}).get("interruptions"), name)
    books |= cards(policy.compiled.get("interruptions"), "policy")
    for data in books.values():
        for key in ("tests", "path-rules"):
            (data or {}).pop(key, None)
    return {"root": root, "books": books, "policy": policy.compiled}


def _merge(policies: list[tuple[str, bytes]]) -> tuple[Policy, list[ReadFile]]:
    read = [read_policy(data, _shown(p)) for p, data in policies]
    merged: dict[str, Any] = {}
    for file in read:
        merged = merge_policy(merged, file.data or {})
    policy = Policy(merged)
    if not read:
        raise CalmdeskError("There is no policy.yaml.", "It comes with calmdesk: install it again.")
    for name, cut in (merged.get("interruptions") or {}).items():
        last = FileCheck(
            {"interruptions": {name: {k: v for k, v in cut.items() if k != "key"}}}, read[-1].reading, policy
        )
        last.interruption(name, {k: v for k, v in cut.items() if k != "key"})
    whole = ReadFile("policy", {"steps": {}, "interruptions": merged.get("interruptions") or {}}, read[-1].reading)
    return policy, [*read[:-1], whole]


def _follow(library: Library, file: ReadFile, own: str) -> list[tuple[str, str, str]]:
    """The files that this one plays; a name that leads nowhere is a finding."""
    if file.data is None:
        return []
    found = []
    ids = dict.fromkeys(find_ids(library, own))
    for name, place in plays(file.data).items():
        path = find_file(library, name, own) if name in ids else None
        if path is None:
            tip = file.reading.near(name, ids)
            file.reading.report(place, "unknown-playbook", f"There is no playbook “{name}”.", tip)
        else:
            found.append((name, path, own))
    for sign, name in (file.data.get("not-for") or {}).items():
        if name not in ids:
            tip = file.reading.near(name, ids)
            file.reading.report(
                ("not-for", sign), "unknown-playbook", f"There is no playbook “{name}”.", tip, "warning"
            )
    return found


def _in_order(files: Iterable[ReadFile]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(f for file in files for f in file.findings))


def _shown(path: str) -> str:
    """A path as a person knows it: relative where it lies below the folder they stand in."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        return path
    return path if relative.startswith("..") else relative
