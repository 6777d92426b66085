"""`call`: what was said and done on this desk, what is held about a customer, and forgetting it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from calmdesk.cli import make_desk
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean, json_text

if TYPE_CHECKING:
    from datetime import datetime

    from calmdesk.call.events import Stamp
    from calmdesk.call.values import Call
    from calmdesk.journal.store import Journal
    from calmdesk.playbook.model import Edition
    from calmdesk.terminal.sitting import Desk

call_app = typer.Typer(help="Calls on this desk: list, show, summary, export, forget.", no_args_is_help=True)
JsonFlag = Annotated[bool, typer.Option("--json", help="As JSON.")]


def open_desk_journal(desk: Desk, *, write: bool = False) -> Journal:
    """The journal, to look at or to write in; what was found and done about it is said."""
    from calmdesk.journal.opening import open_journal, open_to_read

    journal = open_journal(desk.settings.data) if write else open_to_read(desk.settings.data)
    notices = list(journal.notices)
    if journal.is_small and (problem := journal.integrity()):
        notices.append(
            f"The journal {journal.path} is damaged ({problem}): something may be missing here. "
            "`calmdesk journal salvage` brings back what can be read."
        )
    for notice in notices:
        sys.stderr.write(f"calmdesk: {clean(notice)}\n")
    return journal


def call_edition(desk: Desk, journal: Journal, call: Call) -> Edition:
    """What a call plays, from its pinned texts."""
    from calmdesk.terminal.sitting import reopen_all

    return reopen_all(desk.settings.library, call, journal.text)


def print_json(value: dict[str, Any]) -> None:
    """A document on stdout."""
    sys.stdout.write(json_text(value) + "\n")


def local(wall: int) -> datetime:
    """A wall clock (ms) as date and time of this machine."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(wall / 1000, UTC).astimezone()


def _listed(journal: Journal, number: int, call: Call) -> dict[str, Any]:
    from calmdesk.terminal.sitting import call_name

    return {
        "call": call_name(journal, number),
        "playbook": call.root,
        "case": call.case or None,
        "started": local(call.started.wall).isoformat(timespec="seconds") if call.started else None,
        "ended": local(call.ended_at.wall).isoformat(timespec="seconds") if call.ended_at else None,
        "disposition": call.ended or None,
        "parked": call.parked,
    }


def _unfinished(desk: Desk, call: dict[str, Any]) -> str:
    """Why a call hasn't ended: parked, open in a window now, or cut off."""
    from calmdesk.terminal.locks import is_open

    if is_open(desk, int(str(call["call"]).rpartition("-")[2])):
        return "open now"
    return "parked" if call["parked"] else "cut off"


@call_app.command("list")
def list_calls(as_json: JsonFlag = False) -> None:
    """The calls of this desk, newest first. Example: `calmdesk call list`"""
    desk = make_desk()
    journal = open_desk_journal(desk)
    calls = [c for c in (_listed(journal, n, call) for n, call in journal.outlines()) if c["disposition"] != "unused"]
    if as_json:
        print_json({"schema": 1, "calls": calls})
        return
    if not calls:
        typer.echo("No calls yet. `calmdesk handle angry-caller` starts one.")
        return
    from calmdesk.terminal.tables import print_table

    print_table(
        ("call", "started", "playbook", "case", "ended as"),
        [
            (
                c["call"],
                str(c["started"])[:16].replace("T", " "),
                c["playbook"],
                c["case"] or "",
                c["disposition"] or _unfinished(desk, c),
            )
            for c in calls
        ],
    )


CallArgument = Annotated[str, typer.Argument(help="A call's id, as `calmdesk call list` shows it.")]


def _summary(name: str, form: str, *, path: bool = False) -> None:
    from calmdesk.call.wrapup import write_path
    from calmdesk.terminal.sitting import call_name, find_call
    from calmdesk.terminal.summary import render_summary

    if form not in {"text", "md", "json"}:
        raise CalmdeskError(f"--format {form} isn't known.", "Use text, md or json.", 2)
    desk = make_desk()
    journal = open_desk_journal(desk)
    number = find_call(journal, name)
    call = journal.call(number)
    edition = call_edition(desk, journal, call)
    sys.stdout.write(
        render_summary(edition, call, call_name(journal, number), form) + (write_path(edition, call) if path else "")
    )


@call_app.command("show")
def show_call(call: CallArgument, as_json: JsonFlag = False) -> None:
    """Everything about one call. Example: `calmdesk call show bvrgm-12 --json`"""
    _summary(call, "json" if as_json else "text", path=not as_json)


@call_app.command("summary")
def show_summary(
    call: CallArgument,
    format_: Annotated[str, typer.Option("--format", metavar="text|md|json", help="How it is written.")] = "text",
) -> None:
    """The wrap-up of one call, ready to paste. Example: `calmdesk call summary bvrgm-12 --format md`"""
    _summary(call, format_)


# --- what is held about a customer, and forgetting it


def _of_case(journal: Journal, case: str) -> list[int]:
    """The calls of a case, the oldest first. Raises CalmdeskError (2) where there is none."""
    found = [n for n, call in journal.outlines() if call.case and call.case.casefold() == case.casefold()]
    if not found:
        raise CalmdeskError(
            f"There is no call with the case “{case}” on this desk.", "`calmdesk call list` shows them.", 2
        )
    return sorted(found)


CaseOption = Annotated[str, typer.Option("--case", metavar="ID", help="Every call of a case.")]


@call_app.command("export")
def export_calls(
    call: Annotated[str, typer.Argument(help="A call's id.")] = "",
    case: CaseOption = "",
    format_: Annotated[str, typer.Option("--format", metavar="text|md|json", help="How it is written.")] = "text",
) -> None:
    """All that is held about a customer, to hand it to them. Example: `calmdesk call export --case 4471 --format md`"""
    from calmdesk.call.wrapup import find_typed, summarise, write_path, write_typed
    from calmdesk.terminal.sitting import call_name, find_call
    from calmdesk.terminal.summary import render_summary

    if format_ not in {"text", "md", "json"}:
        raise CalmdeskError(f"--format {format_} isn't known.", "Use text, md or json.", 2)
    if bool(call) == bool(case):
        raise CalmdeskError("Name one call, or a case.", "`calmdesk call export --case ID`", 2)
    desk = make_desk()
    journal = open_desk_journal(desk)
    documents = []
    for number in _of_case(journal, case) if case else [find_call(journal, call)]:
        found, name = journal.call(number), call_name(journal, number)
        edition = call_edition(desk, journal, found)
        if format_ == "json":
            typed = [
                {"at": local(at.wall).isoformat(timespec="seconds"), "what": what, "text": text}
                for at, what, text in find_typed(journal.read(number))
            ]
            documents.append({**summarise(edition, found, name), "typed": typed})
        else:
            markdown = format_ == "md"
            sys.stdout.write(
                render_summary(edition, found, name, format_)
                + write_path(edition, found, markdown=markdown)
                + write_typed(edition, journal.read(number), markdown=markdown)
                + "\n"
            )
    if format_ == "json":
        print_json({"schema": 1, "case": case or None, "calls": documents})


@call_app.command("forget")
def forget_calls(
    call: Annotated[str, typer.Argument(help="A call's id.")] = "",
    case: CaseOption = "",
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="90d", help="Every call whose last event is older.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Delete the words typed on calls, for good: from the journal and from the copies calmdesk made of it.

    What happened and when, amounts and answers to pick from stay, so that figures still add up.

    Examples: `calmdesk call forget bvrgm-12` · `calmdesk call forget --case 4471` · `calmdesk call forget --older-than 90d`
    """
    from calmdesk.journal.forget import forget

    if sum(map(bool, (call, case, older_than))) != 1:
        raise CalmdeskError("Name one call, a case, or an age.", "`calmdesk call forget --case ID`", 2)
    desk = make_desk()
    journal = open_desk_journal(desk, write=True)
    found = _to_forget(journal, desk.clock(), call, case, older_than)
    numbers, meant = _not_open(desk, journal, found, one=bool(call)), len(found)
    if not numbers:
        typer.echo("No words are kept there.")
        return
    if not yes and sys.stdin.isatty() and not typer.confirm(f"Forget the words of {len(numbers)} calls for good?"):
        raise typer.Exit(1)
    gone = forget(journal, numbers, desk.clock())
    copies = f" and in {gone.copies} copies" if gone.copies else ""
    if not gone.words and not gone.copies:
        typer.echo("No words are kept there.")
    else:
        typer.echo(f"forgotten: {gone.words} texts on {gone.calls} calls, here{copies}")
    for path in gone.left:
        typer.echo(
            f"{clean(path)} can't be reached, and may still hold them: bring it here and forget again, or delete it."
        )
    if len(numbers) < meant:
        raise typer.Exit(10)


def _to_forget(journal: Journal, now: Stamp, call: str, case: str, older_than: str) -> list[int]:
    """The calls that are meant."""
    from calmdesk.journal.forget import find_old
    from calmdesk.playbook.kinds import read_span
    from calmdesk.terminal.sitting import find_call

    if older_than:
        seconds = read_span(older_than)
        if not seconds:
            raise CalmdeskError(f"“{older_than}” is no length of time.", "Write it like 90d.", 2)
        found = find_old(journal, now.wall - seconds * 1000)
    else:
        # A call whose words are forgotten here may still have some in a copy that was away then.
        found = _of_case(journal, case) if case else [find_call(journal, call)]
    return found


def _not_open(desk: Desk, journal: Journal, found: list[int], *, one: bool) -> list[int]:
    """Those that are open in no window; the others are left out, and said."""
    from calmdesk.terminal.locks import is_open
    from calmdesk.terminal.sitting import call_name

    opened = [n for n in found if is_open(desk, n)]
    if opened and one:
        name = call_name(journal, opened[0])
        raise CalmdeskError(f"Call {name} is open in another window.", "Close it there first.", 10)
    for number in opened:
        typer.echo(f"{call_name(journal, number)} is open in a window: left as it is.")
    return [n for n in found if n not in opened]
