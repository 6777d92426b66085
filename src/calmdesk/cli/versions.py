"""A text of a playbook, wherever it stands: in a file, in git's history, or pinned by the calls that were handled with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.bench.lint import is_playbook
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.compiling import make_edition
from calmdesk.playbook.folders import is_path, wanted_path
from calmdesk.playbook.library import BrokenPlaybookError, reopen_edition
from calmdesk.playbook.read import read_playbook
from calmdesk.playbook.shapes import is_id
from calmdesk.playbook.shelf import Shelf, merge_policies, shown_path
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from calmdesk.call.values import Call
    from calmdesk.journal.store import Journal
    from calmdesk.playbook.folders import Library
    from calmdesk.playbook.model import Edition

_AT = re.compile(r"@")


class Version(NamedTuple):
    """One text, with everything it plays."""

    name: str
    """As it is told."""
    edition: Edition
    """With tests and path rules."""
    path: str = ""
    """Its file, where it is the one that stands there now."""


def read_version(library: Library, wanted: str) -> Version:
    """The text meant by an id, a path, or either with `@REVISION`. Raises CalmdeskError (1, 2, 3)."""
    named, revision = _split(wanted)
    path = playbook_path(library, named)
    if revision:
        return _from_git(library, path, revision)
    return Version(shown_path(path), read_edition(library, path), path)


def playbook_path(library: Library, wanted: str) -> str:
    """The file of a playbook named by id or by path. Raises CalmdeskError (2) where it is something else."""
    path = os.path.abspath(wanted_path(library, wanted))
    if not is_playbook(path):
        hint = "Limits of the policy that moved are told with a playbook: `calmdesk playbook diff PLAYBOOK`."
        policy = os.path.basename(path) == "policy.yaml"
        raise CalmdeskError(f"{clean(shown_path(path))} is no playbook.", hint if policy else "Name a playbook.", 2)
    return path


def read_edition(library: Library, path: str, shown: str = "") -> Edition:
    """What a file plays as it is written now, proofs and all. Raises BrokenPlaybookError (1), CalmdeskError (3)."""
    closure = Shelf(library).closure(path)
    if closure.errors:
        folder = os.path.join(os.path.dirname(path), "")
        told = [f._replace(path=f.path.removeprefix(folder)) if shown else f for f in closure.errors]
        raise BrokenPlaybookError(shown or shown_path(path), tuple(told))
    return make_edition(closure.root, closure.data, closure.policies.policy)


def _split(wanted: str) -> tuple[str, str]:
    """(playbook, revision): what stands behind the first @ that follows a file's name or an id."""
    if os.path.exists(wanted):
        return wanted, ""
    for found in _AT.finditer(wanted):
        named, revision = wanted[: found.start()], wanted[found.end() :]
        if is_id(named) or (is_path(named) and named.endswith((".yaml", ".yml"))):
            return named, revision or "HEAD"
    return wanted, ""


# --- git


def _from_git(library: Library, path: str, revision: str) -> Version:
    """A file as a commit has it, with the files that stood beside it there."""
    path = os.path.realpath(path)
    folder, file = os.path.split(path)
    if not os.path.isdir(folder):
        raise CalmdeskError(f"There is no folder {clean(folder)}.", "Check the path.", 3)
    git = shutil.which("git")
    shown = f"{shown_path(path)}@{clean(revision)}"
    if git is None:
        raise CalmdeskError("git isn't installed here, and a text of its history was asked for.", "Name two files.", 3)
    if revision.startswith("-"):
        raise CalmdeskError(f"“{clean(revision)}” is no revision.", "Write it like my.yaml@HEAD~1.", 2)
    if _run(git, folder, "rev-parse", "--is-inside-work-tree") is None:
        hint = "Name two files, or only one: then it is compared with what calls were handled with."
        raise CalmdeskError(f"{clean(shown_path(path))} isn't kept in git.", hint, 3)
    commit = _run(git, folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if commit is None:
        hint = "`git log --oneline` shows what there is: a tag, a branch, a commit, or HEAD~1."
        raise CalmdeskError(f"git knows no revision “{clean(revision)}”.", hint, 2)
    at = commit.decode().strip()
    listed = _run(git, folder, "ls-tree", "-z", "--name-only", at, "./") or b""
    names = [os.fsdecode(n) for n in listed.split(b"\0") if n.endswith((b".yaml", b".yml"))]
    if file not in names:
        hint = f"`git log --oneline -- {file}` shows the commits that have it."
        raise CalmdeskError(f"{clean(file)} isn't in {clean(revision)}.", hint, 3)
    # What stands in this folder today is not what stood there then.
    library = library._replace(folders=tuple(f for f in library.folders if os.path.realpath(f) != folder))
    with tempfile.TemporaryDirectory() as beside:
        for name in names:
            data = _run(git, folder, "show", f"{at}:./{name}")
            if data is not None and os.path.basename(name) == name:
                with open(os.path.join(beside, name), "wb") as out:
                    out.write(data)
        found = read_edition(library, os.path.join(beside, file), shown)
    return Version(shown, found)


def _run(git: str, folder: str, *arguments: str) -> bytes | None:
    """What git says; None where it refuses."""
    try:
        done = subprocess.run([git, "-C", folder, *arguments], capture_output=True, check=False, timeout=60)  # noqa: S603 - git itself, without a shell
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CalmdeskError(f"git can't be used: {error}.", "Name two files.", 3) from None
    return done.stdout if done.returncode == 0 else None


# --- calls


def pinned_edition(library: Library, journal: Journal, call: Call) -> Edition:
    """What a call was handled with, by its pinned texts, proofs and all. Raises CalmdeskError (5)."""
    if call.path:
        library = library._replace(folders=(os.path.dirname(call.path), *library.folders))
    texts = reopen_edition(library, call.digests, journal.text).texts
    policy, _ = merge_policies([("policy.yaml", texts[d]) for name, d in call.digests if name == "policy"])
    files = {n: read_playbook(texts[d], n, policy).data for n, d in call.digests if n != "policy"}
    data = {name: found for name, found in files.items() if found is not None}
    return make_edition(call.root, data, policy)


def stands_for(call: Call, root: str, path: str) -> bool:
    """Whether a call was handled with this playbook: its id, from this file where it was named by its path."""
    return call.root == root and (not call.path or not path or os.path.realpath(call.path) == os.path.realpath(path))
