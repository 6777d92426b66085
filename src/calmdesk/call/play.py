"""The one loop: show, ask, move, record, evolve. Live, practice, preview and test differ in who answers and who remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.call import events as e
from calmdesk.call import need as n
from calmdesk.call.facts import Known
from calmdesk.call.moves import NotAllowed, Standing
from calmdesk.call.state import evolve
from calmdesk.call.way import NoWay, land, step_at
from calmdesk.playbook.kinds import read_span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calmdesk.call.events import Event, Stamp
    from calmdesk.call.moves import Move
    from calmdesk.call.values import Call
    from calmdesk.playbook.model import Edition

    Record = Callable[[Sequence[Event], Stamp], None]
    React = Callable[[Call], Sequence[Event]]

_QUIET = (e.Resumed, e.Noted, e.Ticked, e.Unticked, e.SaidOtherwise, e.Held, e.CameBack, e.Parked, e.Promised)


class Conversation:
    """A call being played: `take` is one turn of the loop, for a screen that owns its own keys.

    Args:
        edition: what the call plays.
        call: how it stands.
        record: remembers events; returns when they are safe, and only then are they believed.
        now: the clock.
        react: what the other side does after a turn (live: nothing).

    """

    def __init__(
        self, edition: Edition, call: Call, *, record: Record, now: Callable[[], Stamp], react: React | None = None
    ) -> None:
        self.edition = edition
        self.call = call
        self.record = record
        self.now = now
        self.react = react

    @property
    def standing(self) -> Standing:
        """The call as a move would find it now."""
        return Standing(self.edition, self.call, self.now())

    def take(self, move: Move) -> tuple[Event, ...]:
        """Make a move and what follows from it; the events are recorded together, before they are believed.

        Raises NotAllowed where the move is refused: then nothing has changed.
        """
        now = self.now()
        events, call = _play_out(self.edition, self.call, move, now)
        self.record(events, now)
        self.call = call
        if self.react is not None:
            for event in self.react(call):
                self.record([event], now)
                self.call = evolve(self.call, event, now)
        return tuple(events)


def _play_out(edition: Edition, call: Call, move: Move, now: Stamp) -> tuple[list[Event], Call]:
    events = list(move(Standing(edition, call, now)))
    if call.held_until is not None and not all(isinstance(x, _QUIET) for x in events):
        events.insert(0, e.CameBack())
    for event in events:
        call = evolve(call, event, now)
    while not call.parked and (more := _follows(edition, call, now)):
        events.append(more)
        call = evolve(call, more, now)
    return events, call


def _follows(edition: Edition, call: Call, now: Stamp) -> Event | None:
    """What follows by itself: a step skipped now that its condition is known, an offer that may not be made, a hold."""
    if call.over or not call.place:
        return None
    step = step_at(edition, call.place)
    known = Known(edition, call, call.place)
    if known.unknown(step.when) is not None:
        return None
    if step.play or not known.holds(step.when):
        # The call waited at this door for its condition: now it goes past it, or into the file it plays.
        try:
            return e.Moved("skip", "", land(edition, call, call.place, call.place[-1].step).place)
        except NoWay:
            return None
    if step.hold and (call.spot, "hold") not in call.settled:
        seconds = read_span(known_span(edition, step.hold))
        return e.Held(now.wall + seconds * 1000)
    if step.offer:
        need = n.find_need(edition, call)
        if isinstance(need, n.NothingOffered):
            return e.Refused(f"o{len(call.offers) + 1}", need.why, by="ladder")
    return None


def known_span(edition: Edition, text: str) -> str:
    """A timer or hold as written, or the policy's duration it names."""
    return (edition.policy.value(text[8:-1]) or "") if text.startswith("{policy.") else text


def play(
    talk: Conversation,
    *,
    show: Callable[[Conversation], None],
    ask: Callable[[Conversation], Move | None],
    tell: Callable[[Conversation, Sequence[Event]], None],
    refuse: Callable[[NotAllowed], None],
) -> Call:
    """Show, ask and move until the call is over or laid aside.

    Args:
        talk: the call being played.
        show: shows where it stands.
        ask: gives the next move, or None to stop.
        tell: says what a move made, once it is safe.
        refuse: says why a move was refused.

    """
    while not talk.call.over and not talk.call.parked:
        show(talk)
        move = ask(talk)
        if move is None:
            break
        try:
            events = talk.take(move)
        except NotAllowed as no:
            refuse(no)
        else:
            tell(talk, events)
    return talk.call
