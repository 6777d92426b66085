"""The scenarios of a library: which there are, the nearest folder's first, and one of them read."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from calmdesk.coach.scenario import read_scenario
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.findings import is_error
from calmdesk.playbook.folders import is_path, read_file
from calmdesk.playbook.shelf import shown_path
from calmdesk.safetext import clean, nearest

if TYPE_CHECKING:
    from calmdesk.coach.scenario import Scenario
    from calmdesk.playbook.folders import Library

FOLDER = "scenarios"


def find_scenarios(library: Library) -> dict[str, str]:
    """Id → path of every scenario, in alphabetical order; the nearest of an id counts."""
    found: dict[str, str] = {}
    for folder in library.folders:
        inner = os.path.join(folder, FOLDER)
        with suppress(OSError):
            for name in os.listdir(inner):
                if name.endswith(".yaml") and not name.startswith("."):
                    found.setdefault(name.removesuffix(".yaml"), os.path.join(inner, name))
    return dict(sorted(found.items()))


def open_scenario(library: Library, wanted: str) -> tuple[Scenario, bytes]:
    """A scenario named by id or path, and its text.

    Raises CalmdeskError: there is no such scenario (2), it can't be read (3), or it has errors (1).
    """
    known = find_scenarios(library)
    path = os.path.abspath(wanted) if is_path(wanted) else known.get(wanted)
    if path is None:
        begun = next((name for name in known if wanted in name.split("-")), "")
        near = f"Did you mean “{begun}”?" if begun else nearest(wanted, list(known))
        hint = near or "`calmdesk practice` shows what there is."
        raise CalmdeskError(f"There is no scenario “{clean(wanted)}”.", hint, 2)
    data = read_file(path)
    name = os.path.splitext(os.path.basename(path))[0]
    read = read_scenario(data, name, shown_path(path))
    if read.scenario is None:
        first = next((f for f in read.findings if is_error(f)), None)
        where = f"{first.path}:{first.line}: {first.message}" if first else f"{shown_path(path)} can't be used."
        raise CalmdeskError(where, first.tip if first else "", 1)
    return read.scenario, data
