"""Which files there are: the nearest folder wins (a file's own, then the project's and the team's, then built in)."""

from __future__ import annotations

import os
import re
import stat
from typing import NamedTuple

from calmdesk.errors import CalmdeskError

HERE = os.path.dirname(os.path.abspath(__file__))
_NAME = re.compile(r"[a-z0-9][a-z0-9._+-]*\Z", re.IGNORECASE)
NOT_PLAYBOOKS = {"policy", "claims", "evidence"}


Manifest = tuple[tuple[str, str, str, str], ...]
"""(id, path, digest, folder it was looked for first) of each file of an edition; the policies come first,
least specific first."""


class Library(NamedTuple):
    """Where playbooks are looked for, nearest first, and where compiled ones are kept."""

    folders: tuple[str, ...]
    cache: str


def built_in_folder() -> str:
    """The playbooks that come with calmdesk: inside the package of a wheel, at the top of a checkout."""
    packaged = os.path.join(os.path.dirname(HERE), "playbooks")
    return packaged if os.path.isdir(packaged) else os.path.join(os.path.dirname(HERE), "..", "..", "playbooks")


def is_path(wanted: str) -> bool:
    """Whether a playbook is named by path: anything with a `/` (or `\\`) or ending in .yaml."""
    return "/" in wanted or os.sep in wanted or wanted.endswith((".yaml", ".yml"))


def find_file(library: Library, name: str, own: str = "") -> str | None:
    """The file of a playbook id: in its player's own folder, or the nearest of the library's."""
    if not _NAME.match(name):
        return None
    for folder in (own, *library.folders) if own else library.folders:
        path = os.path.join(folder, name + ".yaml")
        if os.path.isfile(path):
            return path
    return None


def find_ids(library: Library, own: str = "") -> list[str]:
    """The ids of all files of the library that may be playbooks, in alphabetical order."""
    found: set[str] = set()
    for folder in (own, *library.folders) if own else library.folders:
        try:
            found.update(n[:-5] for n in os.listdir(folder) if n.endswith(".yaml") and not n.startswith("."))
        except OSError:
            continue
    return sorted(found - NOT_PLAYBOOKS)


def read_file(path: str) -> bytes:
    """The bytes of a file. Raises CalmdeskError (3) where it can't be read."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode) and not os.path.isdir(path):
            raise CalmdeskError(f"{path} is no ordinary file.", "Name a playbook file.")
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise CalmdeskError(
            f"There is no file {path}.", "Check the path; `calmdesk playbook list` shows what there is."
        ) from None
    except IsADirectoryError:
        raise CalmdeskError(f"{path} is a folder.", "Name a playbook file in it.") from None
    except OSError as error:
        raise CalmdeskError(f"{path} can't be read: {error.strerror}.", "Check who may read it.") from None


def wanted_path(library: Library, wanted: str) -> str:
    """The file of a playbook named by id or by path. Raises CalmdeskError where there is none."""
    if is_path(wanted):
        return os.path.abspath(wanted)
    found = find_file(library, wanted)
    if found is None:
        from calmdesk.safetext import clean, nearest

        raise CalmdeskError(
            f"There is no playbook “{clean(wanted)}”.",
            nearest(wanted, find_ids(library)) or "`calmdesk playbook list` shows what there is.",
            2,
        )
    return found


def policy_paths(library: Library, own: str) -> list[str]:
    """The policies that hold for a playbook in the folder `own`, least specific first."""
    folders = [*reversed(library.folders), *([own] if own else [])]
    paths = [os.path.abspath(os.path.join(f, "policy.yaml")) for f in folders]
    return [p for p in dict.fromkeys(paths) if os.path.isfile(p)]
