"""`call` and `promise`: what was said and done on this desk, and what must still be kept."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from calmdesk.cli import make_desk
from calmdesk.errors import CalmdeskError

if TYPE_CHECKING:
    from datetime import datetime

    from calmdesk.call.values import Call, Promise
    from calmdesk.journal.store import Journal
    from calmdesk.playbook.model import Edition
    from calmdesk.terminal.sitting import Desk

call_app = typer.Typer(help="Calls on this desk: list, show, summary.", no_args_is_help=True)
promise_app = typer.Typer(help="What was promised: list, done, move.", no_args_is_help=True)
JsonFlag = Annotated[bool, typer.Option("--json", help="As JSON.")]


def _journal(desk: Desk) -> Journal:
    from calmdesk.journal.store import open_journal

    return open_journal(desk.settings.data)


def _edition(desk: Desk, journal: Journal, call: Call) -> Edition:
    from calmdesk.playbook.library import reopen_edition

    return reopen_edition(desk.settings.library, call.digests, journal.text)


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _local(wall: int) -> datetime:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(wall / 1000, UTC).astimezone()


def _listed(journal: Journal, number: int, call: Call) -> dict[str, Any]:
    from calmdesk.terminal.sitting import call_name

    return {
        "call": call_name(journal, number),
        "playbook": call.root,
        "case": call.case or None,
        "started": _local(call.started.wall).isoformat(timespec="seconds") if call.started else None,
        "ended": _local(call.ended_at.wall).isoformat(timespec="seconds") if call.ended_at else None,
        "disposition": call.ended or None,
        "parked": call.parked,
    }


def _unfinished(desk: Desk, call: dict[str, Any]) -> str:
    """Why a call hasn't ended: parked, open in a window now, or cut off."""
    from calmdesk.terminal.sitting import take_lock

    lock = take_lock(desk.settings.data, int(str(call["call"]).rpartition("-")[2]))
    if lock is None:
        return "open now"
    lock.close()
    return "parked" if call["parked"] else "cut off"


@call_app.command("list")
def list_calls(as_json: JsonFlag = False) -> None:
    """The calls of this desk, newest first. Example: `calmdesk call list`"""
    desk = make_desk()
    journal = _journal(desk)
    calls = [c for c in (_listed(journal, n, call) for n, call in journal.outlines()) if c["disposition"] != "unused"]
    if as_json:
        _print_json({"schema": 1, "calls": calls})
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
    journal = _journal(desk)
    number = find_call(journal, name)
    call = journal.call(number)
    edition = _edition(desk, journal, call)
    sys.stdout.write(
        render_summary(edition, call, call_name(journal, number), form) + (write_path(edition, call) if path else "")
    )


@call_app.command("show")
def show_call(call: CallArgument, as_json: JsonFlag = False) -> None:
    """Everything about one call. Example: `calmdesk call show bvrgm-12 --json`"""
    _summary(call, "json" if as_json else "text", path=not as_json)


@call_app.command("summary")
def show_summary(
    call: CallArgument, format_: Annotated[str, typer.Option("--format", metavar="text|md|json")] = "text"
) -> None:
    """The wrap-up of one call, ready to paste. Example: `calmdesk call summary bvrgm-12 --format md`"""
    _summary(call, format_)


# --- promises


class Listed(NamedTuple):
    """A promise with the call it was made on."""

    id: str
    number: int
    call: Call
    promise: Promise


def find_promises(journal: Journal) -> list[Listed]:
    """The promises of this desk that stand, by their time."""
    found = []
    for number in journal.calls_with("Promised"):
        call = journal.call(number)
        found += [
            Listed(f"{journal.desk}-{number}.{p.id[1:]}", number, call, p) for p in call.promises if not p.withdrawn
        ]
    return sorted(found, key=lambda x: x.promise.by)


def is_late(listed: Listed, now: datetime) -> bool:
    """Whether a promise is open and its time has passed (a day has passed when it is over)."""
    from datetime import datetime

    by = listed.promise.by
    try:
        due = datetime.fromisoformat(by if "T" in by else f"{by}T23:59").astimezone()
    except ValueError:
        return False
    return listed.promise.kept is None and due < now


@promise_app.command("list")
def list_promises(
    as_json: JsonFlag = False, every: Annotated[bool, typer.Option("--all", help="Kept ones too.")] = False
) -> None:
    """What must still be kept, the late ones first. Example: `calmdesk promise list`"""
    desk = make_desk()
    now = _local(desk.clock().wall)
    found = [x for x in find_promises(_journal(desk)) if every or as_json or x.promise.kept is None]
    found.sort(key=lambda x: (x.promise.kept is not None, not is_late(x, now)))
    if as_json:
        _print_json(
            {
                "schema": 1,
                "promises": [
                    {
                        "promise": x.id,
                        "call": x.id.rpartition(".")[0],
                        "case": x.call.case or None,
                        "what": x.promise.what,
                        "by": x.promise.by,
                        "who": x.promise.who,
                        "kept": x.promise.kept,
                        "late": is_late(x, now),
                    }
                    for x in found
                ],
            }
        )
        return
    if not found:
        typer.echo("Nothing is promised. A promise is made on a call, with r or by its playbook.")
        return
    from calmdesk.terminal.tables import print_table

    print_table(
        ("promise", "by", "", "what", "who"),
        [(x.id, _spoken(x.promise.by, now), _state(x, now), x.promise.what, x.promise.who) for x in found],
    )


def _spoken(by: str, now: datetime) -> str:
    from calmdesk.playbook.kinds import shown

    return shown("moment", by, now.date().isoformat())


def _state(listed: Listed, now: datetime) -> str:
    kept = listed.promise.kept
    return {True: "kept", False: "broken", None: "LATE" if is_late(listed, now) else "due"}[kept]


def _find_promise(journal: Journal, wanted: str) -> Listed:
    for listed in find_promises(journal):
        if wanted in {listed.id, listed.id.rpartition("-")[2]}:
            return listed
    raise CalmdeskError(
        f"There is no promise “{wanted}” on this desk.", "`calmdesk promise list` shows what there is.", 2
    )


PromiseArgument = Annotated[str, typer.Argument(help="A promise's id, as `calmdesk promise list` shows it.")]


@promise_app.command("done")
def keep_promise(promise: PromiseArgument) -> None:
    """A promise was kept. Example: `calmdesk promise done bvrgm-12.1`"""
    from calmdesk.call.events import PromiseKept

    desk = make_desk()
    journal = _journal(desk)
    listed = _find_promise(journal, promise)
    journal.append(listed.number, [PromiseKept(listed.promise.id)], desk.clock())
    typer.echo(f"kept: {listed.promise.what}")


@promise_app.command("move")
def move_promise(
    promise: PromiseArgument, when: Annotated[str, typer.Argument(help="17:00, fri 9:00, +2h, or ISO.")]
) -> None:
    """A promise gets a new time. Example: `calmdesk promise move bvrgm-12.1 "fri 9:00"`"""
    from calmdesk.call.events import PromiseMoved
    from calmdesk.call.facts import local_time
    from calmdesk.playbook.kinds import read_moment

    desk = make_desk()
    journal = _journal(desk)
    listed = _find_promise(journal, promise)
    now = desk.clock()
    policy = _edition(desk, journal, listed.call).policy
    by = read_moment(when, local_time(policy, now))
    if by.complaint:
        raise CalmdeskError(by.complaint, "Tell the customer too.", 2)
    journal.append(listed.number, [PromiseMoved(listed.promise.id, by.text)], now)
    typer.echo(f"moved: {listed.promise.what}, by {_spoken(by.text, _local(now.wall))}")


# --- the journal

journal_app = typer.Typer(help="The journal: backup, verify.", no_args_is_help=True)


@journal_app.command("verify")
def verify_journal() -> None:
    """Whether the journal is what was written, row by row. Example: `calmdesk journal verify`"""
    from calmdesk.journal.check import verify

    journal = _journal(make_desk())
    events, forgotten = verify(journal)
    more = f", the words of {forgotten} forgotten" if forgotten else ""
    typer.echo(f"{journal.path}: {events} events{more}; every row is what was written.")


@journal_app.command("backup")
def backup_journal(file: Annotated[str, typer.Argument(help="A new file.")]) -> None:
    """A whole copy of the journal, while calls may go on. Example: `calmdesk journal backup monday.db`"""
    from calmdesk.journal.check import backup

    backup(_journal(make_desk()), file)
    typer.echo(f"copied to {file}")


# --- home


def show_home(desk: Desk) -> None:
    """`calmdesk` alone: what waits on this desk, and three examples."""
    import os

    typer.echo("calmdesk walks you through a call with an unhappy customer.\n")
    if os.path.exists(os.path.join(desk.settings.data, "journal.db")):
        _waiting(desk)
    typer.echo(
        "Try:\n  calmdesk handle angry-caller      a live call, step by step\n"
        "  calmdesk playbook list            the playbooks there are\n"
        "  calmdesk --help                   everything else"
    )


def _waiting(desk: Desk) -> None:
    from calmdesk.terminal.live import find_earlier
    from calmdesk.terminal.sitting import call_name

    journal = _journal(desk)
    now = _local(desk.clock().wall)
    if number := find_earlier(desk, journal, 0):
        call = journal.call(number)
        begun = _local(call.started.wall).strftime("%H:%M") if call.started else ""
        how = "parked" if call.parked else "cut off"
        typer.echo(f"A call from {begun} was {how} ({call.root}): calmdesk resume {call_name(journal, number)}\n")
    waiting = [x for x in find_promises(journal) if x.promise.kept is None]
    waiting.sort(key=lambda x: not is_late(x, now))
    for listed in waiting[:5]:
        typer.echo(
            f"{_state(listed, now)} {_spoken(listed.promise.by, now)}  {listed.promise.what}   calmdesk promise done {listed.id}"
        )
    if waiting:
        typer.echo("")
