"""Moves beside the way on: ticks, notes, holds, interruptions, and the ways a call stops.

A refused move changes nothing, as in `moves`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.call import events as e
from calmdesk.call import need as n
from calmdesk.call.facts import find_line
from calmdesk.call.moves import Misfit, NotAllowed, Standing, go_on, need_open, step_promise
from calmdesk.call.way import NoWay
from calmdesk.playbook.kinds import read_span
from calmdesk.safetext import clean, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.call.events import Event, Place


MAX_DEPTH = 5


def toggle(s: Standing, checks: Sequence[str]) -> list[Event]:
    """Ticks are set, or taken away where they were set; with the last one, a step without choices goes on."""
    need_open(s)
    done = {c for spot, c in s.call.ticks if spot == s.call.spot}
    if unknown := [c for c in checks if c not in s.step.checks]:
        raise NotAllowed(f"There is no check “{clean(unknown[0])}” here.")
    made: list[Event] = [e.Unticked(c) if c in done else e.Ticked(c) for c in checks]
    if isinstance(s.need, n.AskTicks) and set(s.need.open) <= {x.check for x in made if isinstance(x, e.Ticked)}:
        return [*made, *_after(s, made)]
    return made


def override(s: Standing) -> list[Event]:
    """Go on with checks open; which ones is journaled."""
    need_open(s)
    still = n.open_checks(s.call, s.step)
    if not still:
        raise NotAllowed("No check is open here.")
    made: list[Event] = [e.Overrode(still)]
    return [*made, *_after(s, made)] if isinstance(s.need, n.AskTicks) else made


def _after(s: Standing, made: list[Event]) -> list[Event]:
    from calmdesk.call.state import evolve

    call = s.call
    for event in made:
        call = evolve(call, event, s.now)
    later = Standing(s.edition, call, s.now)
    return go_on(later) if isinstance(later.need, n.GoOn) and not later.need.closed else []


def note(_: Standing, text: str) -> list[Event]:
    """A note is kept."""
    text = clean(text)
    if not text:
        raise NotAllowed("There is nothing to note.")
    return [e.Noted(text)]


def say_otherwise(s: Standing) -> list[Event]:
    """The next variant of the line."""
    need_open(s)
    line = find_line(s.step, s.known)
    if line is None or len(line.variants) < 2:
        raise NotAllowed("There are no other words for this step.")
    return [e.SaidOtherwise()]


def hold(s: Standing, typed: str = "") -> list[Event]:
    """The customer is put on hold for a time; said again, the hold is over."""
    need_open(s)
    if s.call.held_until is not None:
        return come_back(s)
    policy = s.edition.policy
    seconds = read_span(typed) if typed else read_span(policy.value("hold") or "60s")
    if not seconds:
        raise Misfit(f"“{clean(typed)}” is no length of time. Write it like 60s or 2m.")
    most = read_span(policy.value("hold-max") or "2m")
    if seconds > most:
        raise NotAllowed(f"A hold lasts at most {most} s. For longer, promise to call back: r WHAT by WHEN.")
    if s.call.holds >= policy.count("holds", 2):
        raise NotAllowed(f"That was the last of {s.call.holds} holds. Promise to call back: r WHAT by WHEN.")
    return [e.Held(s.now.wall + seconds * 1000)]


def come_back(s: Standing) -> list[Event]:
    """The hold is over."""
    if s.call.held_until is None:
        raise NotAllowed("Nobody is on hold.")
    return [e.CameBack()]


def find_interruptions(s: Standing) -> dict[str, tuple[str, str, str]]:
    """What may cut in here: id → (label, book, key); a playbook's replaces the policy's of the same id.

    Those with a key of their own come last: nobody opens a list for them.
    """
    policy = {i.id: (i.label, i.book, i.key) for i in s.edition.policy.interruptions}
    found: dict[str, tuple[str, str, str]] = {}
    for frame in s.call.place:
        found |= {
            i.id: (i.label, i.book, policy.get(i.id, ("", "", ""))[2])
            for i in s.edition.books[frame.book].interruptions
        }
    found |= {name: cut for name, cut in policy.items() if name not in found}
    return dict(sorted(found.items(), key=lambda each: bool(each[1][2])))


def interrupt(s: Standing, name: str) -> list[Event]:
    """Something cuts in; `return` goes back from it to the step it left."""
    from calmdesk.call.way import begin

    need_open(s)
    if name == "return":
        return come_again(s)
    cut = next(
        (i for frame in reversed(s.call.place) for i in s.edition.books[frame.book].interruptions if i.id == name), None
    )
    cut = cut or next((i for i in s.edition.policy.interruptions if i.id == name), None)
    if cut is None:
        names = list(find_interruptions(s))
        raise Misfit(
            f"There is no interruption “{clean(name)}”. {nearest(name, names) or 'Interruptions: ' + ', '.join(names) + '.'}"
        )
    if depth(s.call.place) >= MAX_DEPTH:
        raise NotAllowed(f"{MAX_DEPTH} interruptions are open already. Come back from one first.")
    below = s.call.place if cut.returns else ()
    try:
        call = s.call if cut.returns else s.call._replace(serial=s.call.serial + 1)
        way = begin(s.edition, call, cut.book, e.POLICY_CUT if cut.by_policy else e.CUT, below)
    except NoWay:
        raise NotAllowed(f"“{cut.label}” has no step to show here.") from None
    return [e.Interrupted(name, way.place)]


def depth(place: Place) -> int:
    """How many interruptions are open that lead back to something."""
    return sum(f.kind in {e.CUT, e.POLICY_CUT} for f in place[1:])


def come_again(s: Standing) -> list[Event]:
    """Back from an interruption to the exact step it left."""
    for at in range(len(s.call.place) - 1, 0, -1):
        if s.call.place[at].kind in {e.CUT, e.POLICY_CUT}:
            return [e.Moved("return", ":return", s.call.place[:at])]
    raise NotAllowed("No interruption is open.")


def hand_over(s: Standing, to: str = "") -> list[Event]:
    """A colleague takes the call, which ends here."""
    need_open(s)
    if s.edition.policy.disposition("handed-over") is None:
        raise NotAllowed("The policy has no disposition “handed-over”.")
    said = [] if isinstance(s.need, n.AskFact | n.AskAgain) else step_promise(s)
    return [*said, e.HandedOver(clean(to)), e.Ended("handed-over")]


def park(s: Standing, why: str = "by the agent") -> list[Event]:
    """The call is laid aside; `resume` goes on."""
    need_open(s)
    return [e.Parked(why)]


def end(s: Standing, disposition: str) -> list[Event]:
    """End the call from any step, with a disposition that the policy marks any-time."""
    need_open(s)
    if disposition not in s.edition.policy.any_time:
        names = s.edition.policy.any_time
        if s.edition.policy.disposition(disposition) is not None:
            raise NotAllowed(f"“{disposition}” is reached by its step. At any time: {', '.join(names)}.")
        raise Misfit(
            f"There is no disposition “{clean(disposition)}”. {nearest(disposition, names) or 'At any time: ' + ', '.join(names) + '.'}"
        )
    if closed := n.not_yet(s.edition, s.call, disposition):
        raise NotAllowed(closed)
    return [e.Ended(disposition)]
