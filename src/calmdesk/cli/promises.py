"""`promise`: what must still be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from calmdesk.call import events as e
from calmdesk.cli import make_desk
from calmdesk.cli.calls import JsonFlag, call_edition, local, open_desk_journal, print_json
from calmdesk.errors import CalmdeskError

if TYPE_CHECKING:
    from datetime import datetime

    from calmdesk.call.values import Call, Promise
    from calmdesk.journal.store import Journal

promise_app = typer.Typer(help="What was promised: list, done, move.", no_args_is_help=True)


class Listed(NamedTuple):
    """A promise with the call it was made on."""

    id: str
    number: int
    call: Call
    promise: Promise


def find_promises(journal: Journal, *, waiting: bool = False) -> list[Listed]:
    """The promises of this desk that stand, by their time; only calls with one that waits, where that is enough."""
    open_ones: dict[tuple[int, str], bool] = {}
    for number, _, event in journal.events_of(("Promised", "PromiseKept", "PromiseBroken", "Withdrew")):
        if isinstance(event, e.Promised | e.PromiseKept | e.PromiseBroken | e.Withdrew):
            open_ones[number, event.id] = isinstance(event, e.Promised)
    # What is promised in a rehearsal is promised to nobody.
    rehearsed = set(journal.calls_with("Rehearsed"))
    found = []
    for number in {n for (n, _), is_open in open_ones.items() if is_open or not waiting} - rehearsed:
        call = journal.call(number)
        found += [
            Listed(f"{journal.desk}-{number}.{p.id[1:]}", number, call, p) for p in call.promises if not p.withdrawn
        ]
    return sorted(found, key=lambda x: (x.promise.by, -x.number))


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
    now = local(desk.clock().wall)
    found = [x for x in find_promises(open_desk_journal(desk)) if every or as_json or x.promise.kept is None]
    found.sort(key=lambda x: (x.promise.kept is not None, not is_late(x, now)))
    if as_json:
        print_json(
            {
                "schema": 1,
                "promises": [
                    {
                        "promise": x.id,
                        "call": x.id.rpartition(".")[0],
                        "case": x.call.case or None,
                        "customer": _customer(x) or None,
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
        ("promise", "by", "", "what", "who", "to"),
        [
            (x.id, spoken_time(x.promise.by, now), promise_state(x, now), x.promise.what, x.promise.who, _to(x))
            for x in found
        ],
    )


def _customer(listed: Listed) -> str:
    return listed.call.facts.get("customer", ("", ""))[1]


def _to(listed: Listed) -> str:
    """Whom it was promised: the customer's first name, and the case."""
    return ", ".join(filter(None, (_customer(listed), listed.call.case)))


def spoken_time(by: str, now: datetime) -> str:
    """A promise\'s time as it is said."""
    from calmdesk.playbook.kinds import shown

    return shown("moment", by, now.date().isoformat())


def promise_state(listed: Listed, now: datetime) -> str:
    """Whether a promise is kept, broken, late or open, in a word."""
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
    journal = open_desk_journal(desk, write=True)
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
    journal = open_desk_journal(desk, write=True)
    listed = _find_promise(journal, promise)
    now = desk.clock()
    policy = call_edition(desk, journal, listed.call).policy
    by = read_moment(when, local_time(policy, now))
    if by.complaint:
        raise CalmdeskError(by.complaint, "Tell the customer too.", 2)
    journal.append(listed.number, [PromiseMoved(listed.promise.id, by.text)], now)
    typer.echo(f"moved: {listed.promise.what}, by {spoken_time(by.text, local(now.wall))}")
