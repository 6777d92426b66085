"""`practice new` at work: a scenario of a trainer's own, begun from a case that works or from a call, where it is found."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

from calmdesk.cli.placing import (
    Place,
    ask_words,
    check_name,
    check_path,
    find_folder,
    find_name_trouble,
    find_terminal,
    tell_rows,
    write_new,
    write_schema,
)
from calmdesk.coach.drafting import Draft, Told, draft_case, write_draft
from calmdesk.coach.shelf import FOLDER, find_scenarios
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.folders import Library, is_path
from calmdesk.playbook.shelf import shown_path
from calmdesk.safetext import clean, fold_digits, nearest

if TYPE_CHECKING:
    from calmdesk.playbook.search import Entry
    from calmdesk.terminal.plain import Lines
    from calmdesk.terminal.sitting import Desk

_SCHEMA = "scenario.schema.json"
_WHAT, _RESERVED = "a scenario", {"new": "is what this command is called"}


def write_scenario(desk: Desk, name: str, playbook: str, from_call: str) -> int:
    """Write a scenario that works as it is, and say where; nothing that is there is ever written over.

    Args:
        desk: this desk.
        name: what it is called, or a path that ends in .yaml; asked for on a terminal where it is empty.
        playbook: the id of what it rehearses; asked for, or the call's own, where it is empty.
        from_call: a call's id, where it begins from one.

    Returns:
        The exit code of the reference. Raises CalmdeskError (1, 2, 3, 5).

    """
    from calmdesk.coach.scenario_keys import scenario_schema
    from calmdesk.terminal.plain import NoMoreLines

    library = desk.settings.library
    lines = find_terminal()
    try:
        name = name or _ask_name(library, lines)
        place = _find_place(desk, name)
        draft = _retell(desk, playbook, from_call) if from_call else _draft(library, playbook, lines)
    except NoMoreLines:
        sys.stdout.write("\nNothing was written.\n")
        return 4
    text = write_draft(draft, place.schema, _heading(place, from_call))
    write_new(place.path, text)
    if place.schema.startswith("../"):
        write_schema(place, scenario_schema())
    _tell(library, place, text, from_call)
    return 0


# --- where it goes


def _find_place(desk: Desk, name: str) -> Place:
    """Where a scenario of this name goes, so that `practice NAME` finds it. Raises CalmdeskError (2)."""
    if is_path(name):
        path = check_path(name, _WHAT, _RESERVED)
        beside = os.path.basename(os.path.dirname(path)) == FOLDER
        return Place(path, shown_path(path), f"../schema/{_SCHEMA}" if beside else f"./{_SCHEMA}")
    check_name(name, _WHAT, _RESERVED)
    if known := find_scenarios(desk.settings.library).get(name):
        told = f"There is a scenario “{name}” already: {clean(shown_path(known))}."
        raise CalmdeskError(told, "Choose another name; nothing is written over.", 2)
    path = os.path.join(find_folder(desk), FOLDER, f"{name}.yaml")
    if os.path.lexists(path):
        raise CalmdeskError(f"{clean(shown_path(path))} is there already.", "Choose another name.", 2)
    return Place(path, name, f"../schema/{_SCHEMA}")


# --- what it says


def _ask_name(library: Library, lines: Lines | None) -> str:
    if lines is None:
        raise CalmdeskError("What is the scenario called?", "calmdesk practice new broken-kettle", 2)
    known = find_scenarios(library)
    while True:
        name = lines.read("What is it called? Such as: broken-kettle").strip().lower().replace(" ", "-")
        if name in known:
            lines.say(f"   There is a scenario “{name}” already.")
        elif trouble := find_name_trouble(name, _WHAT, _RESERVED):
            lines.say(f"   {trouble[0]} {trouble[1]}")
        else:
            return name


def _draft(library: Library, playbook: str, lines: Lines | None) -> Draft:
    """The case that works, in a trainer's own words where they are asked for some. Raises CalmdeskError (1, 2, 3)."""
    from calmdesk.playbook.library import open_edition

    entries = _rehearsable(library)
    chosen = _check_playbook(entries, playbook) if playbook else _ask_playbook(entries, lines)
    edition = open_edition(library, chosen).edition
    channels = edition.books[edition.root].compiled.get("channels") or ["phone"]
    draft = draft_case(chosen, "phone" if "phone" in channels else channels[0], Told())
    if lines is None:
        return draft
    lines.say("Enter takes what stands in brackets; all of it can be changed later.")
    told = Told(
        ask_words(lines, "The customer's first and last name, invented?", draft.name),
        ask_words(lines, "Their first words?", draft.opening),
        ask_words(lines, "What is it about, in 2 to 6 words?", draft.title),
    )
    return draft_case(chosen, draft.channel, told)


def _rehearsable(library: Library) -> list[Entry]:
    """The playbooks that somebody else is spoken to with; what an agent plays alone is private."""
    from calmdesk.playbook.folders import read_file
    from calmdesk.playbook.search import find_entries
    from calmdesk.playbook.source import read_source

    found = []
    for entry in find_entries(library):
        root = read_source(read_file(entry.path), entry.path).root
        private = root.get("private") if root else None
        if private is None or private.text != "true":
            found.append(entry)
    return found


def _check_playbook(entries: list[Entry], playbook: str) -> str:
    """Raises CalmdeskError (2) where nobody can be rehearsed with by it."""
    ids = [entry.id for entry in entries]
    if playbook in ids:
        return playbook
    if is_path(playbook):
        hint = (
            "Name a playbook by its id, as `calmdesk playbook list` shows it. One that isn't there belongs into a folder "
            "`playbooks` here, or into the one that CALMDESK_PLAYBOOKS names."
        )
        raise CalmdeskError(f"--playbook {clean(playbook)} is a file.", hint, 2)
    hint = nearest(playbook, ids) or f"Use {', '.join(ids)}."
    raise CalmdeskError(f"There is no playbook “{clean(playbook)}” to rehearse.", hint, 2)


def _ask_playbook(entries: list[Entry], lines: Lines | None) -> str:
    ids = [entry.id for entry in entries]
    usual = "angry-caller" if "angry-caller" in ids else ids[0]
    if lines is None:
        return usual
    for number, entry in enumerate(entries, 1):
        lines.say(f"{number:>3}  {clean(entry.title)}")
    while True:
        typed = fold_digits(lines.read(f"Which playbook does it rehearse? A number [{ids.index(usual) + 1}]").strip())
        if not typed:
            return usual
        if typed.isascii() and typed.isdecimal() and 1 <= int(typed) <= len(ids):
            return ids[int(typed) - 1]
        if typed in ids:
            return typed
        lines.say(f"   {nearest(typed, ids) or f'Write a number from 1 to {len(ids)}.'}")


def _retell(desk: Desk, playbook: str, wanted: str) -> Draft:
    """A call of this desk as a draft, without anything that was typed. Raises CalmdeskError (2, 5)."""
    from calmdesk.call.wrapup import find_typed
    from calmdesk.cli.calls import call_edition, open_desk_journal
    from calmdesk.coach.retelling import draft_call, is_unsafe
    from calmdesk.terminal.sitting import call_name, find_call

    journal = open_desk_journal(desk)
    digits = wanted.rpartition("-")[2]
    if digits.isdecimal() and int(digits) in journal.calls_with("Rehearsed"):
        raise CalmdeskError(f"“{clean(wanted)}” is a rehearsal, no call.", "`calmdesk call list` shows the calls.", 2)
    number = find_call(journal, wanted)
    call = journal.call(number)
    edition = call_edition(desk, journal, call)
    name = call_name(journal, number)
    if is_unsafe(edition, call):
        hint = "Take another call, or begin with `calmdesk practice new NAME`."
        raise CalmdeskError(f"On call {name} somebody was in danger: it makes no rehearsal.", hint, 2)
    entries = _rehearsable(desk.settings.library)
    if not playbook and call.root not in [entry.id for entry in entries]:
        told = f"Call {name} played “{clean(call.root)}”, which isn't among the playbooks here."
        raise CalmdeskError(told, "Say with --playbook ID what is rehearsed.", 2)
    chosen = _check_playbook(entries, playbook or call.root)
    typed = " ".join(text for _, _, text in find_typed([(entry.at, entry.event) for entry in journal.read(number)]))
    return draft_call(edition, call, chosen, f"{typed} {call.case}")


# --- writing and telling


def _heading(place: Place, from_call: str) -> list[str]:
    name = shlex.quote(place.wanted)
    return [
        "Begun from a call: what was picked and amounts came along, nothing that was typed. Each `review:` is a guess."
        if from_call
        else "A running start: a whole little case that works. Make it your own piece by piece.",
        f"After each change: calmdesk playbook test {name}",
    ]


def _tell(library: Library, place: Place, text: str, from_call: str) -> None:
    """Where it is, what to do next, and what doesn't hold in it, if something doesn't."""
    from calmdesk.bench.rehearsing import prove
    from calmdesk.cli.coaching import open_judge
    from calmdesk.coach.scenario import read_scenario

    path, name = shlex.quote(shown_path(place.path)), shlex.quote(place.wanted)
    rows = [f"Written: {shown_path(place.path)}"]
    if from_call:
        guesses = text.count("# review:")
        rows.append(f"Nothing that was typed on the call is in it. {guesses} lines are guesses: look for “review:”.")
    else:
        rows.append("It is a whole case that works. Change it piece by piece, and prove it again.")
    read = read_scenario(text.encode(), os.path.basename(place.path)[:-5])
    if read.scenario is not None:
        judge = open_judge(library)
        proof = prove(read.scenario, judge.review)
        if proof.differences:
            rows.append(f"With these words, not all of it holds yet: {proof.differences[0].title}.")
    rows += [
        "",
        f"  calmdesk practice {name}",
        "      rehearse it",
        f"  calmdesk playbook lint {path}",
        "      what is wrong, each with its line",
        f"  calmdesk playbook test {name}",
        "      the model answers win, the bad answers lose; or how it went instead",
    ]
    if place.schema.startswith("./"):
        rows += [f"  calmdesk playbook schema scenario > {_SCHEMA}", "      beside it, for your editor"]
    tell_rows(rows)
