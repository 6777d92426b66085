"""Picking a playbook by what the agent hears: a list that is put in order anew with each letter typed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from calmdesk.errors import CalmdeskError
from calmdesk.playbook.search import Entry, find_entries, rank
from calmdesk.safetext import clean, fold_digits
from calmdesk.terminal.showing import is_on_screen

if TYPE_CHECKING:
    from calmdesk.terminal.paint import Row
    from calmdesk.terminal.sitting import Desk

_NOBODY = ("No playbook was picked.", "Name one: calmdesk handle angry-caller.", 2)


def pick_playbook(desk: Desk, heard: str = "") -> str:
    """The path of the playbook that the agent picks. Raises CalmdeskError (2) where nobody picks one.

    Args:
        desk: whose library is looked through.
        heard: what was typed already.

    """
    entries = find_entries(desk.settings.library)
    if not is_on_screen(desk):
        return _pick_in_lines(desk, entries, heard)
    from calmdesk.terminal.prompts import pick
    from calmdesk.terminal.screen import wants_colour

    picked = pick(lambda typed: rank(entries, typed), draw_entries, heard, colour=wants_colour())
    if picked is None:
        raise CalmdeskError(*_NOBODY)
    return picked.path


def draw_entries(found: list[Entry], at: int, width: int, height: int) -> list[Row]:
    """A row for each playbook, the picked one marked, with the words that go with it."""
    from calmdesk.terminal.paint import cells, clip

    if not found:
        return [[("dim", "   Nothing fits these words yet. Fewer words, or other ones.")]]
    top = max(0, min(at - height + 1, len(found) - height))
    widest = max(cells(entry.title) for entry in found)
    rows: list[Row] = []
    for n, entry in enumerate(found[top : top + height], top):
        mark, style = (" ▸ ", "title") if n == at else ("   ", "")
        gap = " " * (widest - cells(entry.title) + 2)
        heard = " · ".join(entry.signals) or entry.goal
        rows.append(clip([("key", mark), (style, entry.title), ("dim", gap + heard)], width))
    return rows


def _pick_in_lines(desk: Desk, entries: list[Entry], heard: str) -> str:
    if desk.options.answers:
        raise CalmdeskError("With --answers, name the playbook.", "calmdesk handle PLAYBOOK --answers FILE", 2)
    out = sys.stderr if desk.options.summary == "-" else sys.stdout
    listed = rank(entries, heard) or entries
    for _ in range(3):
        for number, entry in enumerate(listed, 1):
            out.write(f"  {number} {entry.title} ({entry.id})\n")
        out.write("Which playbook? A number, an id, or what you hear:\n")
        out.flush()
        line = sys.stdin.readline()
        if not line:
            break
        typed = fold_digits(clean(line))
        if typed.isdecimal() and 1 <= int(typed) <= len(listed):
            return listed[int(typed) - 1].path
        found = rank(entries, typed)
        exact = [x for x in entries if x.id == typed.strip().lower()]
        if exact or len(found) == 1:
            return (exact or found)[0].path
        if not found:
            out.write("Nothing fits these words.\n")
        listed = found or entries
    raise CalmdeskError(*_NOBODY)
