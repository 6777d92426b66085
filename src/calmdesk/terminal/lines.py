"""The words of a call that both faces share: the line to say now, and what was saved, said back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.call import events as e
from calmdesk.call import need as n
from calmdesk.call.way import step_at
from calmdesk.playbook.kinds import shown

if TYPE_CHECKING:
    from calmdesk.call.events import Event
    from calmdesk.call.moves import Standing


def back_line(s: Standing) -> str:
    """What to say on coming back from a hold."""
    return s.edition.policy.lines.get("back", "Thanks for waiting. Here's what I found.")


def hold_line(s: Standing) -> str:
    """What to say before a hold."""
    return s.edition.policy.lines.get(
        "hold", "I want to look at this properly. May I put you on hold for about a minute?"
    )


def clock_time(s: Standing, wall: int) -> str:
    """A wall time as HH:MM:SS in the team's time zone."""
    from calmdesk.call.facts import local_time

    return local_time(s.edition.policy, s.now._replace(wall=wall)).strftime("%H:%M:%S")


def spoken_time(ms: int | None) -> str:
    """A length of time as it is said: a voice reads 2:05 as a time of day."""
    if ms is None:
        return "an unknown time"
    told = [
        f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in ((ms // 60000, "minute"), (ms // 1000 % 60, "second")) if n
    ]
    return " ".join(told) or "0 seconds"


def said_back(s: Standing, event: Event) -> str:
    """One line that says what was saved, or nothing where the next screen says it."""
    today = s.known.value("today") or ""
    match event:
        case e.Answered(fact, kind, value, given):
            return "" if given else f"saved: {fact} = {shown(kind, value, today)}"
        case e.Corrected(fact, kind, value, _, place):
            where = place[-1].step if place else ""
            waits = place != s.call.place or len([f for f in place if f.kind in {e.CUT, e.POLICY_CUT}]) > 0
            later = " when you are back from here" if waits and len(place) > 1 else ""
            return f"corrected: {fact} = {shown(kind, value, today)}; on with “{_title(s, place) or where}”{later}"
        case e.Noted(text):
            return f"noted: {text}"
        case e.Promised(_, what, by, who, _):
            return f"promised: {what} by {shown('moment', by, today)}" + ("" if who == "me" else f" ({who})")
        case e.Offered(_, kind, _, amount, currency, _, reason, _):
            return f"offered: {amount} {currency} ({kind}). {reason}"
        case e.ApprovalAsked(_, _, _, role):
            return f"asked: {role} must approve {event.amount} {event.currency}"
        case e.ApprovalMissed():
            left = s.need.left if isinstance(s.need, n.AskApproval) else 0
            more = "1 try" if left == 1 else f"{left} tries"
            return f"that is not the answer to this code; {more} left" if left else "five wrong answers: `o` asks anew"
        case e.Approved(_, code):
            return f"approved by {code.rpartition('-')[0]}"
        case e.Refused(_, why):
            return f"no offer: {why}"
        case e.Accepted(_, yes):
            return "accepted: yes" if yes else "accepted: no"
        case e.Kept():
            return "kept as it is"
        case e.Unmasked(_, text):
            return f"kept as typed: {text}"
        case e.Renewed():
            return f"on with the new text, at “{_title(s, event.place)}”"
        case e.Withdrew(_, why, _):
            return "withdrawn" if why == "withdrawn" else "withdrawn, to be made anew"
    return _moved_back(s, event)


def _left_a_hold(s: Standing) -> bool:
    """Whether the step just left, or still stood on, is one that holds the line."""
    return any(step_at(s.edition, v.place).hold for v in s.call.trail[-2:] if v.place)


def _title(s: Standing, place: e.Place) -> str:
    """The step a correction lands on; below an open interruption, the step it comes back to."""
    first = next((n for n, f in enumerate(place) if n and f.kind in {e.CUT, e.POLICY_CUT}), len(place))
    frame = place[first - 1] if place else None
    return s.edition.books[frame.book].step(frame.step).title if frame else ""


def _moved_back(s: Standing, event: Event) -> str:
    match event:
        case e.Ticked(check):
            return f"ticked: {s.known.fill(check)}"
        case e.Unticked(check):
            return f"unticked: {s.known.fill(check)}"
        case e.Overrode(checks):
            return f"gone on with open checks: {'; '.join(checks)}"
        case e.Held(until):
            return (
                f"SAY  {hold_line(s)}\non hold: be back by {clock_time(s, until)}"
                if not s.step.hold
                else f"on hold: be back by {clock_time(s, until)}"
            )
        case e.CameBack():
            # A step that holds the line has its own words for coming back.
            return "" if s.call.over or _left_a_hold(s) else f"SAY  {back_line(s)}"
        case e.WentBack():
            return "taken back"
        case e.HandedOver(to):
            return f"handed over{f' to {to}' if to else ''}"
        case e.Parked():
            return "parked"
        case e.Interrupted(name):
            return f"cuts in: {name}"
        case e.Ended(disposition):
            return f"ended: {s.edition.policy.disposition(disposition) or disposition}"
    return ""
