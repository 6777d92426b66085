"""`approve`: a lead answers an agent's code on a machine of their own, and keeps a list of what was approved."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from calmdesk.cli import make_desk
from calmdesk.cli.calls import JsonFlag, local, open_desk_journal
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import json_text

if TYPE_CHECKING:
    from calmdesk.call.events import ApprovalAsked, ApprovalGiven, Stamp
    from calmdesk.journal.store import Journal
    from calmdesk.playbook.model import Policy
    from calmdesk.terminal.sitting import Desk


class Given(NamedTuple):
    """An approval of this desk's lead, and whether the call that asked for it is known to have it."""

    number: int
    made: ApprovalGiven
    at: Stamp
    matched: bool


def approve(
    code: Annotated[
        str, typer.Argument(help="The code that the agent reads to you; without it, what you have approved.")
    ] = "",
    seen: Annotated[
        list[str] | None,
        typer.Option("--seen", metavar="FILE", help="A call's summary as JSON: its approvals are found in your list."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Answer an agent's code, offline: prints the code to read aloud.

    Your own `role` (`calmdesk config set role lead`) and the team's policy say how much you may approve. The codes
    carry call, amount and day; they guard against mistakes, not against fraud: whoever has the team's key can make
    both. Both sides journal it; an approval that no call is known to have stands in your list as “no twin”.

    Examples: `calmdesk approve bvrgm-12.1-g40.00-25-kdfp` · `calmdesk approve` · `calmdesk approve --seen call.json`
    """
    desk = make_desk()
    journal = open_desk_journal(desk, write=True)
    if code:
        _answer(desk, journal, code)
        return
    for path in seen or ():
        _match(desk, journal, path)
    _list(journal, as_json=as_json)


def _policy(desk: Desk) -> Policy:
    from calmdesk.playbook.library import open_policy
    from calmdesk.playbook.model import Authority

    s = desk.settings
    return open_policy(s.library).at(Authority(s.role, s.limits, s.team_key.reveal().encode(), s.strict))


def _answer(desk: Desk, journal: Journal, typed: str) -> None:
    from calmdesk.call.approval import answer_digits, find_asked, read_request, utc_day
    from calmdesk.call.events import ApprovalGiven
    from calmdesk.safetext import clean

    request, now, policy = read_request(typed), desk.clock(), _policy(desk)
    if request is None:
        raise CalmdeskError(
            f"“{clean(typed)}” is no request for an approval.", "It reads like bvrgm-12.1-g40.00-25-kdfp.", 2
        )
    days = tuple(utc_day(now.wall, n) for n in (0, -1, 1))
    if request.day not in {int(day[8:]) for day in days}:
        raise CalmdeskError(
            f"That code was made on the {request.day}., and counts for a day.",
            "Let the agent ask anew: `ok`, Enter.",
            2,
        )
    key = policy.authority.key
    asked = find_asked(key, policy, request, days)
    if asked is None:
        raise CalmdeskError(
            "The letters at the end don't fit the rest of this code.",
            "Listen again: call, amount, day, letters. If they are right, your team's keys or policies differ.",
            2,
        )
    role = _may(policy, asked)
    for earlier in find_given(journal):
        if (earlier.made.call, earlier.made.number, earlier.made.day) == (request.call, asked.number, asked.day):
            at = local(earlier.at.wall).strftime("%H:%M")
            raise CalmdeskError(
                f"That code was answered at {at}.",
                "`calmdesk approve` shows the answer; a new offer has a new code.",
                2,
            )
    digits = answer_digits(key, asked, role)
    given = ApprovalGiven(
        request.call, asked.number, asked.day, role, asked.kind, asked.ladder, asked.amount, asked.currency, digits
    )
    journal.append(None, [given], now)
    sys.stdout.write(
        f"{asked.amount} {asked.currency} {asked.kind} for call {request.call}, asked on {asked.day}.\n"
        f"Read aloud:  {role}-{digits[:3]} {digits[3:]}\n"
    )
    if not key:
        sys.stderr.write(
            "No team key is set, so any calmdesk can answer: `calmdesk config set team-key`, on each desk.\n"
        )


def _may(policy: Policy, asked: ApprovalAsked) -> str:
    """This desk's role, where it may approve that much. Raises CalmdeskError (2)."""
    from decimal import Decimal

    names = [r.role for r in policy.ladder(asked.ladder)[0]]
    mine = policy.mine(asked.ladder)[0]
    most = mine.gesture if asked.kind == "gesture" else mine.restore
    at = names.index(mine.role) if mine.role in names else -1
    if at < names.index(asked.role) or Decimal(asked.amount) > Decimal(most):
        raise CalmdeskError(
            f"{asked.amount} {asked.currency} needs {asked.role}; this desk's role is {mine.role} (up to {most}).",
            f"Pass the code on to {asked.role}. A desk's role is set once: `calmdesk config set role ROLE`.",
            2,
        )
    return mine.role


def find_given(journal: Journal) -> list[Given]:
    """What this desk's lead has approved, newest first."""
    from calmdesk.call.events import ApprovalGiven, ApprovalMatched

    found = []
    for number in journal.calls_with("ApprovalGiven"):
        entries = journal.read(number)
        made = entries[0].event
        if isinstance(made, ApprovalGiven):
            matched = any(isinstance(x.event, ApprovalMatched) for x in entries) or _is_here(journal, made)
            found.append(Given(number, made, entries[0].at, matched))
    return found


def _is_here(journal: Journal, made: ApprovalGiven) -> bool:
    """Whether the call stands in this very journal, with this approval."""
    desk, _, digits = made.call.rpartition("-")
    if desk != journal.desk or not digits.isdecimal() or int(digits) not in journal.calls():
        return False
    code = f"{made.role}-{made.code}"
    return any(o.code == code for o in journal.call(int(digits)).offers)


def _match(desk: Desk, journal: Journal, path: str) -> None:
    """Find the approvals of a call's summary among those that this lead gave."""
    from calmdesk.call.events import ApprovalMatched
    from calmdesk.playbook.folders import read_file
    from calmdesk.safetext import clean

    try:
        document = json.loads(read_file(path))
        calls = document.get("calls", [document])
        approved = {(o["approval"], o["amount"]) for c in calls for o in c["offers"] if o.get("approval")}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise CalmdeskError(
            f"{clean(path)} is no summary of a call.", "Make one: `calmdesk call summary ID --format json > FILE`.", 2
        ) from None
    for given in find_given(journal):
        if not given.matched and (f"{given.made.role}-{given.made.code}", given.made.amount) in approved:
            journal.append(given.number, [ApprovalMatched()], desk.clock())


def _list(journal: Journal, *, as_json: bool) -> None:
    given = find_given(journal)
    if as_json:
        listed = [
            {
                "call": x.made.call,
                "request": x.made.number,
                "at": local(x.at.wall).isoformat(timespec="seconds"),
                "kind": x.made.kind,
                "ladder": x.made.ladder,
                "amount": x.made.amount,
                "currency": x.made.currency,
                "role": x.made.role,
                "answer": f"{x.made.role}-{x.made.code}",
                "twin": x.matched,
            }
            for x in given
        ]
        sys.stdout.write(json_text({"schema": 1, "approvals": listed}) + "\n")
        return
    if not given:
        typer.echo("You have approved nothing yet. An agent reads you a code: `calmdesk approve CODE`.")
        return
    from calmdesk.terminal.tables import print_table

    print_table(
        ("call", "when", "what", "answer", ""),
        [
            (
                x.made.call,
                local(x.at.wall).strftime("%Y-%m-%d %H:%M"),
                f"{x.made.amount} {x.made.currency} {x.made.kind}",
                f"{x.made.role}-{x.made.code}",
                "" if x.matched else "no twin",
            )
            for x in given
        ],
    )
    if any(not x.matched for x in given):
        typer.echo(
            "No twin: no call is known to have it. `calmdesk approve --seen FILE` looks in a call's summary (JSON)."
        )
