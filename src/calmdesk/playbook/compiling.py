"""The slow way to an edition: every file read, checked alone and together, and turned into plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.digest import digest
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.findings import Finding, is_error
from calmdesk.playbook.model import Edition, Playbook
from calmdesk.playbook.read import ReadFile, cards, read_playbook
from calmdesk.playbook.shelf import Shelf, merge_policies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from calmdesk.playbook.folders import Library, Manifest
    from calmdesk.playbook.model import Policy


class Compiled(NamedTuple):
    """What came of reading an edition's files; `bundle` is None where one of them can't be played."""

    manifest: Manifest
    bundle: dict[str, Any] | None
    texts: dict[str, bytes]
    findings: tuple[Finding, ...]


def compile_files(library: Library, path: str) -> Compiled:
    """Read a playbook and everything it may play, from disk."""
    shelf = Shelf(library)
    closure = shelf.closure(path)
    manifest = tuple((name, p, digest(shelf.data(p)), looked) for name, p, looked in closure.places)
    texts = {found: shelf.data(p) for _, p, found, _ in manifest}
    findings = _in_order(closure.all)
    policy = closure.policies.policy
    bundle = None if any(is_error(f) for f in findings) else _bundle_of(closure.root, closure.files.values(), policy)
    return Compiled(manifest, bundle, texts, findings)


def compile_policy(library: Library) -> dict[str, Any]:
    """The policy of a library, with no playbook's own. Raises CalmdeskError (1) where one has errors."""
    policies = Shelf(library).policies("")
    for file in policies.files:
        if any(is_error(f) for f in file.findings):
            raise CalmdeskError("The team's policy has errors.", "`calmdesk playbook lint policy.yaml` shows them.", 1)
    return policies.policy.compiled


def compile_texts(texts: Iterable[tuple[str, bytes]]) -> dict[str, Any]:
    """The bundle of an edition from its pinned texts, which were sound when the call started."""
    texts = list(texts)
    policy, _ = merge_policies([("policy.yaml", data) for name, data in texts if name == "policy"])
    files = [read_playbook(data, name, policy) for name, data in texts if name != "policy"]
    if not files or any(f.data is None for f in files):
        raise CalmdeskError(
            "A text that this call started with can't be read by this calmdesk.",
            "Use the calmdesk it was started with.",
            5,
        )
    return _bundle_of(files[0].name, files, policy)


def _bundle_of(root: str, files: Iterable[ReadFile], policy: Policy) -> dict[str, Any]:
    # What proves a playbook isn't needed to play it.
    proofs = {"tests", "path-rules"}
    books = {f.name: {k: v for k, v in (f.data or {}).items() if k not in proofs} for f in files}
    return {"root": root, "books": find_books(books, policy), "policy": policy.compiled}


def find_books(books: Mapping[str, dict[str, Any]], policy: Policy) -> dict[str, dict[str, Any]]:
    """Files with the one-screen books that their interruptions' cards stand for, and the policy's."""
    found = dict(books)
    for name, data in books.items():
        found |= cards(data.get("interruptions"), name)
    return found | cards(policy.compiled.get("interruptions"), "policy")


def make_edition(root: str, books: Mapping[str, dict[str, Any]], policy: Policy) -> Edition:
    """An edition of data that need not stand in a file, to be played and not to be kept."""
    played = {name: Playbook(name, data) for name, data in find_books(books, policy).items()}
    return Edition(root, played, policy, (), {})


def _in_order(files: Iterable[ReadFile]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(f for file in files for f in file.findings))
