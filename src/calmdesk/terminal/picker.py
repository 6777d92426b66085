"""Which playbook fits what the agent hears: a list that narrows as they type, over titles and signals."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean, fold_digits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.terminal.sitting import Desk


class Entry(NamedTuple):
    """A playbook that can be handled."""

    id: str
    title: str
    goal: str
    signals: tuple[str, ...]
    path: str


def find_entries(desk: Desk) -> list[Entry]:
    """The playbooks of the library that aren't modules and can be read, in alphabetical order."""
    from calmdesk.playbook.folders import find_file, find_ids
    from calmdesk.playbook.source import read_source

    library = desk.settings.library
    found = []
    for name in find_ids(library):
        path = find_file(library, name)
        if path is None:
            continue
        try:
            with open(path, "rb") as file:
                root = read_source(file.read(), path).root
        except OSError:
            continue
        keys = {k: v for k, (_, v) in root.entries.items()} if root is not None else {}
        if "calmdesk" in keys and not ("module" in keys and keys["module"].text == "true"):
            texts = {k: clean(keys[k].text) for k in ("title", "goal") if k in keys}
            signals = tuple(clean(x.text) for x in keys["signals"].items) if "signals" in keys else ()
            found.append(Entry(name, texts.get("title", name), texts.get("goal", ""), signals, os.path.abspath(path)))
    return found


def find_matches(entries: Sequence[Entry], heard: str) -> list[Entry]:
    """The entries that fit what was heard, the best first: every word counts once, in title, id or signals."""
    words = [w for w in clean(heard).lower().split() if len(w) > 1]
    scored = []
    for entry in entries:
        text = " ".join((entry.id, entry.title, entry.goal, *entry.signals)).lower()
        score = sum(w in text for w in words) + (5 if clean(heard).lower() in {entry.id, entry.title.lower()} else 0)
        if score:
            scored.append((-score, entry.id, entry))
    return [entry for _, _, entry in sorted(scored)]


def pick_playbook(desk: Desk) -> str:
    """The path of the playbook that the agent picks. Raises CalmdeskError (2) where nobody picks one."""
    entries = find_entries(desk)
    options = desk.options
    if sys.stdin.isatty() and sys.stdout.isatty() and not (options.plain or options.answers or desk.settings.plain):
        return _pick_on_screen(entries)
    return _pick_in_lines(desk, entries)


def _pick_in_lines(desk: Desk, entries: list[Entry]) -> str:
    if desk.options.answers:
        raise CalmdeskError("With --answers, name the playbook.", "calmdesk handle PLAYBOOK --answers FILE", 2)
    out = sys.stderr if desk.options.summary == "-" else sys.stdout
    listed = entries
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
        found = find_matches(entries, typed)
        exact = [x for x in entries if x.id == typed.lower()]
        if exact or len(found) == 1:
            return (exact or found)[0].path
        listed = found or entries
    raise CalmdeskError("No playbook was picked.", "Name one: calmdesk handle angry-caller.", 2)


def _pick_on_screen(entries: list[Entry]) -> str:
    from calmdesk.terminal.paint import clip, plain_text
    from calmdesk.terminal.prompts import pick

    room = os.get_terminal_size(sys.stdout.fileno()).columns - 4
    labels = [f"{x.title}  ({', '.join(x.signals)})" for x in entries]
    listed = [(plain_text([clip([("", label)], room)]), x.path) for label, x in zip(labels, entries, strict=True)]
    picked = pick("What do you hear? Type to narrow the list.", listed)
    if picked is None:
        raise CalmdeskError("No playbook was picked.", "Name one: calmdesk handle angry-caller.", 2)
    return picked
