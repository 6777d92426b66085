"""`playbook new` and `playbook snippets`: a trainer's own playbook that plays from the first minute, and short words for editors."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from calmdesk.cli import make_desk
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calmdesk.cli.placing import Place
    from calmdesk.playbook.beginning import Told
    from calmdesk.playbook.findings import Finding
    from calmdesk.playbook.folders import Library
    from calmdesk.playbook.outlining import Note, Outlined
    from calmdesk.terminal.plain import Lines
    from calmdesk.terminal.sitting import Desk

_WHAT = "a playbook"
_SCHEMA = "./schema/playbook.schema.json"
_LARGEST, _MOST_LINES = 64 * 1024, 600
"""One that is longer is no outline; with all its words kept, the playbook would be too large to be read."""
_MOST_TOLD = 20
_MOST_TRIES = 60


def new_playbook(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="What it is called, or a path ending in .yaml.")] = "",
    outline: Annotated[
        str, typer.Option("--from", metavar="FILE", help="An outline: headings become steps, bullets cues and choices.")
    ] = "",
    title: Annotated[str, typer.Option("--title", help="Its title, as agents see it.")] = "",
) -> None:
    """A playbook of your own that plays at once, with tests; on a terminal a few questions are asked first.

    Examples: `calmdesk playbook new broken-bike` · `calmdesk playbook new broken-bike --from outline.md`
    · `calmdesk playbook new ./team/broken-bike.yaml --title "Broken bike"`
    """
    raise typer.Exit(_start(make_desk(), name, outline, title))


def show_snippets(
    format_: Annotated[str, typer.Option("--format", metavar="vscode", help="For which editor.")] = "vscode",
) -> None:
    """Short words for your editor: a step, an interruption, a letter, a test, a fact, a choice, each as it plays.

    Examples: `calmdesk playbook snippets` · `calmdesk playbook snippets --format vscode`
    """
    from calmdesk.playbook.snippets import vscode_snippets
    from calmdesk.safetext import json_text

    if format_ != "vscode":
        raise CalmdeskError(f"--format {clean(format_)} isn't known.", "Use vscode.", 2)
    sys.stdout.write(json_text(vscode_snippets(), 1) + "\n")


def _start(desk: Desk, name: str, outline: str, title: str) -> int:
    """Write a playbook that works as it is, and say where; nothing that is there is ever written over.

    Raises CalmdeskError (2, 3).
    """
    from calmdesk.cli.placing import find_terminal, write_new, write_schema
    from calmdesk.playbook.keys import playbook_schema
    from calmdesk.terminal.plain import NoMoreLines

    lines, library = find_terminal(), desk.settings.library
    reserved = _reserved(library)
    words = _read_outline(outline) if outline else ""
    notes: tuple[Note, ...] = ()
    try:
        place = _find_place(desk, name or _ask_name(lines, reserved), reserved)
        if outline:
            made = fit_outline(library, place.path, words, title, _heading(place, os.path.basename(outline)))
            text, notes = made.text, made.notes
        else:
            text = _begin(library, place, title, lines)
    except NoMoreLines:
        sys.stdout.write("\nNothing was written.\n")
        return 4
    write_new(place.path, text)
    write_schema(place, playbook_schema())
    _tell(library, place, notes)
    return 0


# --- where it goes


def _reserved(library: Library) -> dict[str, str]:
    """Names that are something else already, each with what it is."""
    from calmdesk.playbook.folders import NOT_PLAYBOOKS, find_file, find_ids
    from calmdesk.playbook.shelf import shown_path

    known = {name: f"is there already: {shown_path(find_file(library, name) or name)}" for name in find_ids(library)}
    return {**known, **dict.fromkeys(NOT_PLAYBOOKS, "is the name of a file beside the playbooks")}


def _find_place(desk: Desk, name: str, reserved: Mapping[str, str]) -> Place:
    """Where a playbook of this name goes, so that `handle NAME` finds it. Raises CalmdeskError (2)."""
    from calmdesk.cli.placing import Place, check_name, check_path, find_folder
    from calmdesk.playbook.folders import is_path
    from calmdesk.playbook.shelf import shown_path

    if is_path(name):
        path = check_path(name, _WHAT, reserved)
        shown = shown_path(path)
        return Place(path, shown, _SCHEMA)
    check_name(name, _WHAT, reserved)
    path = os.path.join(find_folder(desk), f"{name}.yaml")
    return Place(path, name, _SCHEMA)


def _ask_name(lines: Lines | None, reserved: Mapping[str, str]) -> str:
    from calmdesk.cli.placing import find_name_trouble

    if lines is None:
        raise CalmdeskError("What is the playbook called?", "calmdesk playbook new broken-bike", 2)
    while True:
        name = lines.read("What is the file called? Such as: broken-bike").strip().lower().replace(" ", "-")
        trouble = find_name_trouble(name, _WHAT, reserved)
        if trouble is None:
            return name
        lines.say(f"   {trouble[0]} {trouble[1]}")


def _heading(place: Place, outline: str = "") -> list[str]:
    name = shlex.quote(place.wanted)
    begun = (
        f"Begun from {outline}. A comment with a line number holds words of it that have no place yet."
        if outline
        else "A running start: a whole playbook that works. Make it your own piece by piece."
    )
    return [begun, f"After each change: calmdesk playbook test {name}"]


# --- from a few questions


def _begin(library: Library, place: Place, title: str, lines: Lines | None) -> str:
    from calmdesk.playbook.beginning import Told, write_beginning
    from calmdesk.playbook.folders import find_file

    name = os.path.splitext(os.path.basename(place.path))[0]
    usual = title or name.replace("-", " ").capitalize()
    told = _ask_told(lines, usual, asked_title=not title) if lines is not None else Told(usual)
    steady = find_file(library, "steady", os.path.dirname(place.path)) is not None
    return write_beginning(told, place.schema, _heading(place), steady=steady)


def _ask_told(lines: Lines, usual: str, *, asked_title: bool) -> Told:
    """What a trainer tells of the case, a question a line."""
    from calmdesk.cli.placing import ask_words
    from calmdesk.playbook.beginning import BY, FAULTS, GIVING, PROBLEM, Told

    lines.say("Enter takes what stands in brackets; all of it can be changed later.")
    title = ask_words(lines, "What is it called, as agents see it?", usual) if asked_title else usual
    problem = ask_words(lines, "What do customers come with, in a few words of theirs?", PROBLEM)
    fault = _pick(lines, "Whose slip is it usually?", FAULTS)
    giving = _pick(lines, "What may an agent give back, within the team's limits?", GIVING)
    return Told(title or usual, problem, fault, giving, _ask_by(lines, BY))


def _pick(lines: Lines, question: str, options: Mapping[str, str]) -> str:
    from calmdesk.playbook.kinds import read_option

    for number, label in enumerate(options.values(), 1):
        lines.say(f"{number:>3}  {label}")
    while True:
        typed = lines.read(f"{question} A number [1]").strip()
        read = read_option(typed or "1", list(options.items()))
        if not read.complaint:
            return read.text
        lines.say(f"   Write a number from 1 to {len(options)}.")


def _ask_by(lines: Lines, usual: str) -> str:
    """By when a fix is promised: a clock time, a day and a time, or a span."""
    from datetime import UTC, datetime

    from calmdesk.playbook.kinds import read_value

    while True:
        typed = clean(lines.read(f"By when do you usually promise the fix? Such as: 17:00, 2h [{usual}]")) or usual
        # Any moment does to see whether it can be read; it is worked out on the call.
        reads = {way: read_value("moment", way, at=datetime(2026, 1, 1, tzinfo=UTC)) for way in (typed, f"+{typed}")}
        if found := next((way for way, read in reads.items() if not read.complaint), ""):
            return found
        lines.say(f"   {reads[typed].complaint}")


# --- from an outline


def _read_outline(path: str) -> str:
    """The words of an outline. Raises CalmdeskError: it can't be read (3), or is too long for one (2)."""
    from calmdesk.playbook.folders import read_file
    from calmdesk.playbook.raw import decode_text

    data = read_file(path)
    if len(data) > _LARGEST:
        told = f"{clean(path)} is too long for an outline: {len(data) // 1024} KiB; {_LARGEST // 1024} are read."
        raise CalmdeskError(told, "Leave the headings, bullets and lines to say, or split it.", 2)
    text, wrong = decode_text(data, path)
    if wrong:
        raise CalmdeskError(f"{clean(path)} can't be read: {wrong[0].message}", wrong[0].tip)
    if (count := len(text.splitlines())) > _MOST_LINES:
        told = f"{clean(path)} is too long for an outline: {count:,} lines; {_MOST_LINES} are read."
        raise CalmdeskError(told, "Leave the headings, bullets and lines to say, or split it.", 2)
    return text


def fit_outline(library: Library, path: str, words: str, title: str, heading: list[str]) -> Outlined:
    """An outline as a playbook about which lint has nothing to say: what it minds is kept as a comment, and told.

    Args:
        library: where what it plays is looked for, and the words that hurt.
        path: where it will be written.
        words: the outline.
        title: its title, or nothing where the outline says it.
        heading: the comment at the top, a line each.

    """
    from calmdesk.bench.lint import Linter
    from calmdesk.playbook.outlining import draft_outline

    usual = os.path.splitext(os.path.basename(path))[0].replace("-", " ").capitalize()
    without: dict[tuple[int, str], str] = {}
    for _ in range(_MOST_TRIES):
        made = draft_outline(words, _SCHEMA, (title, usual), heading, without)
        minded: dict[tuple[int, str], str] = {}
        for finding in Linter(library, {path: made.text.encode()}).lint(path):
            if finding.line in made.rows:
                minded.setdefault(made.rows[finding.line], f"{finding.message} {finding.tip}".strip())
        if not minded.keys() - without.keys():
            break
        without |= minded
    return made


# --- telling


def _tell(library: Library, place: Place, notes: tuple[Note, ...]) -> None:
    """Where it is, what was done with the outline, what doesn't hold yet if something doesn't, and what to do next."""
    from calmdesk.cli.placing import tell_rows
    from calmdesk.playbook.shelf import shown_path

    path, name = shlex.quote(shown_path(place.path)), shlex.quote(place.wanted)
    rows = [f"Written: {shown_path(place.path)}"]
    notes = tuple(sorted(notes))
    rows += [f"   line {note.line}: {note.told}" if note.line else f"   {note.told}" for note in notes[:_MOST_TOLD]]
    if len(notes) > _MOST_TOLD:
        rows.append(f"   … and {len(notes) - _MOST_TOLD} more; the comments with a line number in the file say which.")
    rows += _prove(library, place.path)
    rows += [
        "",
        f"  calmdesk handle {name}",
        "      play it, as an agent would",
        f"  calmdesk playbook lint {path} --watch",
        "      what is wrong, each with its line, again after each save",
        f"  calmdesk playbook test {name} --mutate",
        "      plays its tests, and says what they wouldn't notice",
        "  calmdesk playbook snippets > calmdesk.code-snippets",
        "      short words for VS Code; put the file into the folder .vscode",
    ]
    tell_rows(rows)


def _prove(library: Library, path: str) -> list[str]:
    """What lint and its tests say of the file as it stands, under this team's policy."""
    from calmdesk.bench.lint import Linter
    from calmdesk.bench.testing import play_tests
    from calmdesk.playbook.compiling import make_edition

    linter = Linter(library)
    findings: tuple[Finding, ...] = linter.lint(path)
    if findings:
        return [f"Lint has something to say about it: {findings[0].message} (line {findings[0].line})"]
    closure, _ = linter.prepare(path)
    tests = closure.files[closure.root].data or {}
    outcomes = play_tests(make_edition(closure.root, closure.data, closure.policies.policy), tests.get("tests") or [])
    failed = next((o for o in outcomes if o.difference), None)
    if failed is not None:
        return [f"One of its tests doesn't pass here: {failed.name}. {failed.difference}"]
    count = "its test passes" if len(outcomes) == 1 else f"its {len(outcomes)} tests pass"
    return [f"It plays at once, lint has nothing to say, and {count}. Change it piece by piece."]
