"""`playbook lint --watch`: each save of a file that was read is answered, until Ctrl-C."""

from __future__ import annotations

import gc
import os
import sys
import time
from typing import TYPE_CHECKING

from calmdesk.cli.linting import Linted, check_wanted, find_all, write_findings
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.shelf import Stamp, read_stamp
from calmdesk.safetext import clean
from calmdesk.terminal.showing import understands_escapes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calmdesk.cli.linting import Wanted
    from calmdesk.playbook.folders import Library

PAUSE = 0.05
"""Seconds between two looks at the files; a save is answered within a fifth of a second."""


def watch(library: Library, wanted: Wanted) -> int:
    """Lint, and again whenever a file that was read is saved, or one beside it comes or goes; ends by Ctrl-C (130).

    Raises CalmdeskError (2): flags that make no sense together.
    """
    check_wanted(wanted)
    if wanted.fix:
        raise CalmdeskError("--fix and --watch don't go together.", "Run --fix once, and then --watch.", 2)
    told, read = "", dict[str, Stamp]()
    while True:
        # What has a stamp from before it was read is seen to change, whenever that happens.
        folders = read_stamps(_folders(library, wanted, read))
        before = read_stamps(path for path in {*read, *wanted.paths} if not os.path.isdir(path))
        linted, said = _look(library, wanted)
        read = linted.read if linted else {}
        if said != told:
            told = said
            _tell(linted, said, wanted)
        if _wait({**before, **read}, folders):
            # A save is answered also where it changes nothing.
            told = ""
        # Nothing is looked for while linting; here there is time.
        gc.collect()


def _tell(linted: Linted | None, said: str, wanted: Wanted) -> None:
    sys.stdout.write("\x1b[2J\x1b[H" if sys.stdout.isatty() and understands_escapes() else "")
    if linted is not None:
        write_findings(linted, wanted.form)
    elif wanted.form == "text":
        sys.stdout.write(f"{said}\n")
    else:
        sys.stderr.write(f"calmdesk: {said}\n")
    if wanted.form == "text":
        sys.stdout.write(f"{time.strftime('%H:%M:%S')}  Waiting for a save; Ctrl-C stops.\n")
    sys.stdout.flush()


def _folders(library: Library, wanted: Wanted, read: Iterable[str]) -> set[str]:
    """Where files may come and go that change what is found."""
    found = {os.path.dirname(os.path.abspath(path)) for path in (*read, *wanted.paths)}
    found |= {*library.folders, *(os.path.abspath(path) for path in wanted.paths if os.path.isdir(path))}
    return found | {os.path.join(folder, "phrases") for folder in found}


def read_stamps(paths: Iterable[str]) -> dict[str, Stamp]:
    """The stamps of files and folders; taken before they are read, no save between the two is missed."""
    return {path: read_stamp(path) for path in paths}


def has_changed(stamps: dict[str, Stamp]) -> bool:
    """Whether one of them was saved, came or went since its stamp was taken."""
    return any(read_stamp(path) != stamp for path, stamp in stamps.items())


def _look(library: Library, wanted: Wanted) -> tuple[Linted | None, str]:
    """What lint finds now, and as words that tell one answer from another."""
    try:
        linted = find_all(library, wanted)
    except CalmdeskError as error:
        # An editor may take a file away before it puts the new one there.
        return None, clean(error.message)
    return linted, repr(linted.findings)


def _wait(files: dict[str, Stamp], folders: dict[str, Stamp]) -> bool:
    """Wait until something changes; whether it was a file that was read or asked for."""
    while True:
        if has_changed(files):
            return True
        if has_changed(folders):
            return False
        time.sleep(PAUSE)
