"""Where a trainer's new file goes, how it may be called, and how it is written: nothing that is there is written over."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.cli.files import create
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.folders import built_in_folder
from calmdesk.playbook.shelf import shown_path
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calmdesk.terminal.plain import Lines
    from calmdesk.terminal.sitting import Desk

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_LONGEST_NAME = 60
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


class Place(NamedTuple):
    """Where a file is written, by which name it is used, and where it finds the schema for editors."""

    path: str
    wanted: str
    schema: str


def find_name_trouble(name: str, what: str, reserved: Mapping[str, str]) -> tuple[str, str] | None:
    """Why a file can't be called that, and what to do instead; None where it can.

    Args:
        name: the name, without a folder and an ending.
        what: what it would name, such as “a scenario”.
        reserved: name → what it is already.

    """
    hint = "Use small letters, digits and hyphens, such as broken-kettle."
    shown = clean(name)[:80]
    if name in reserved:
        return f"“{shown}” {reserved[name]}.", f"Choose another name. {hint}"
    if len(name) > _LONGEST_NAME or not _NAME.match(name):
        return f"“{shown}” can't be the name of {what}.", hint
    if name in _DEVICES:
        told = f"“{shown}” is what Windows calls a device, so no desk with Windows could open the file."
        return told, f"Put a word to it, such as {shown}-call."
    return None


def check_name(name: str, what: str, reserved: Mapping[str, str]) -> None:
    """Raises CalmdeskError (2) where a file can't be called that."""
    if trouble := find_name_trouble(name, what, reserved):
        raise CalmdeskError(*trouble, 2)


def check_path(wanted: str, what: str, reserved: Mapping[str, str]) -> str:
    """The whole path of a new file. Raises CalmdeskError (2) where it can't be called that, or is there already."""
    path = os.path.abspath(wanted)
    check_name(os.path.splitext(os.path.basename(path))[0], what, reserved)
    if not path.endswith(".yaml"):
        raise CalmdeskError(f"{clean(wanted)} doesn't end in .yaml.", "Write it like ./broken-kettle.yaml.", 2)
    if os.path.lexists(path):
        raise CalmdeskError(f"{clean(wanted)} is there already.", "Choose another name; nothing is written over.", 2)
    return path


def find_folder(desk: Desk) -> str:
    """The playbook folder that takes it: the current one or one in it, else the team's nearest, else the user's own."""
    here, settings = os.path.realpath(os.getcwd()), desk.settings
    shipped = os.path.realpath(built_in_folder())
    folders = [f for f in settings.library.folders if os.path.isdir(f) and os.path.realpath(f) != shipped]
    near = [f for f in folders if os.path.realpath(f) == here or os.path.dirname(os.path.realpath(f)) == here]
    return next(iter([*near, *folders]), os.path.join(settings.config, "playbooks"))


def write_new(path: str, text: str) -> None:
    """Write a file that isn't there yet. Raises CalmdeskError (2, 3)."""
    try:
        if not os.path.isdir(folder := os.path.dirname(path)):
            os.makedirs(folder)
        create(path, text.encode())
    except OSError as error:
        if os.path.lexists(path):
            raise CalmdeskError(f"{clean(shown_path(path))} is there already.", "Choose another name.", 2) from None
        told = f"{clean(shown_path(path))} can't be written: {error.strerror}."
        raise CalmdeskError(told, "Make room there, or name another place by its path.") from None


def write_schema(place: Place, schema: dict[str, object]) -> None:
    """The schema that the first line names, so that editors know the keys; where one is there already, it stays."""
    from contextlib import suppress

    from calmdesk.safetext import json_text

    path = os.path.normpath(os.path.join(os.path.dirname(place.path), place.schema))
    if not os.path.lexists(path):
        # An editor without it only knows fewer keys.
        with suppress(CalmdeskError):
            write_new(path, json_text(schema, 1) + "\n")


def find_terminal() -> Lines | None:
    """Where a trainer is asked; None where nobody is there. No word is cut in two."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    import shutil

    from calmdesk.terminal.paint import wrap
    from calmdesk.terminal.plain import Lines

    class Wrapped(Lines):
        def say(self, text: str = "") -> None:
            for row in self._rows(text):
                super().say(row)

        def read(self, prompt: str) -> str:
            *rows, last = self._rows(prompt)
            for row in rows:
                super().say(row)
            return super().read(last)

        @staticmethod
        def _rows(text: str) -> list[str]:
            inset = text[: len(text) - len(text.lstrip())]
            width = shutil.get_terminal_size().columns - 1 - len(inset)
            return [inset + row for row in wrap(text.strip(), max(8, width))] or [""]

    return Wrapped(sys.stdin, sys.stdout, asked=True)


def ask_words(lines: Lines, question: str, default: str) -> str:
    """An answer without what is private; nothing where the default is taken."""
    from calmdesk.private import mask

    shown = default if len(default) <= 48 else default[:47].rsplit(" ", 1)[0] + " …"
    typed, hidden = mask(lines.read(f"{question} [{shown}]").strip())
    if hidden:
        lines.say(f"   Hidden, since it looks private: {', '.join(hidden)}.")
    return typed


def tell_rows(rows: list[str]) -> None:
    """Rows to a trainer: sentences wrapped on a terminal, and what is copied in one piece."""
    lines = find_terminal()
    for row in rows:
        if lines is not None and not row.startswith(("Written: ", "  calmdesk ")):
            lines.say(clean(row, lines=True))
        else:
            sys.stdout.write(f"{clean(row, lines=True)}\n")
