"""The one loop: show, ask, move, record, evolve. Live, practice, preview and test differ in who answers and who remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.call import need as n
from calmdesk.call.facts import Known
from calmdesk.call.moves import NotAllowed, Standing
from calmdesk.call.state import evolve
from calmdesk.call.way import NoWay, land, step_at
from calmdesk.playbook.kinds import read_span
from calmdesk.private import first_name, mask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calmdesk.call.events import Event, Stamp
    from calmdesk.call.moves import Move
    from calmdesk.call.values import Call
    from calmdesk.playbook.model import Edition

    Record = Callable[[Sequence[Event], Stamp], None]
    React = Callable[[Sequence[Event], Stamp], Sequence[Event]]

_QUIET = (e.Resumed, e.Noted, e.Ticked, e.Unticked, e.SaidOtherwise, e.Held, e.CameBack, e.Parked, e.Promised)


LAST_NAMES = "last names"
"""First names are enough to talk to somebody; more isn't kept unasked."""


class Hidden(NamedTuple):
    """Something private that was typed and isn't kept: where, the words as they were typed, and what was found in them."""

    where: str
    text: str
    names: tuple[str, ...]


class Conversation:
    """A call being played: `take` is one turn of the loop, for a screen that owns its own keys.

    Args:
        edition: what the call plays.
        call: how it stands.
        record: remembers events; returns when they are safe, and only then are they believed.
        now: the clock.
        react: what the other side does after these events of a turn (live: nothing).

    """

    def __init__(
        self, edition: Edition, call: Call, *, record: Record, now: Callable[[], Stamp], react: React | None = None
    ) -> None:
        self.edition = edition
        self.call = call
        self.record = record
        self.now = now
        self.react = react
        self.hidden: tuple[Hidden, ...] = ()
        """What was last hidden: only in memory, until it is brought back or something else is hidden."""

    @property
    def standing(self) -> Standing:
        """The call as a move would find it now."""
        return Standing(self.edition, self.call, self.now())

    def take(self, move: Move) -> tuple[Event, ...]:
        """Make a move and what follows from it; the events are recorded together, before they are believed.

        Raises NotAllowed where the move is refused: then nothing has changed.
        """
        now = self.now()
        events, call, hidden = _play_out(self.edition, self.call, move, now)
        for event in self.react(events, now) if self.react is not None else ():
            events.append(event)
            call = evolve(call, event, now)
        self.record(events, now)
        self.call = call
        self.hidden = hidden or tuple(h for h in self.hidden if not any(_overtakes(x, h) for x in events))
        return tuple(events)

    def unmask(self) -> tuple[Event, ...]:
        """What was last hidden was no such thing: its words are kept as they were typed.

        Raises NotAllowed where nothing was hidden.
        """
        if not self.hidden:
            raise NotAllowed("Nothing was hidden.")
        events = self.take(lambda _: [e.Unmasked(h.where, h.text) for h in self.hidden])
        self.hidden = ()
        return events

    def renew(self, edition: Edition) -> tuple[Event, ...]:
        """Go on with newer texts, on the first step that still makes sense in them.

        Raises NotAllowed where there is none: then the call goes on as it was.
        """
        from calmdesk.call.renew import renew

        old, self.edition = self.edition, edition
        try:
            return self.take(renew)
        except NotAllowed:
            self.edition = old
            raise


def _play_out(edition: Edition, call: Call, move: Move, now: Stamp) -> tuple[list[Event], Call, tuple[Hidden, ...]]:
    made = list(move(Standing(edition, call, now)))
    if call.held_until is not None and not all(isinstance(x, _QUIET) for x in made):
        made.insert(0, e.CameBack())
    events: list[Event] = []
    hidden: list[Hidden] = []
    for typed in made:
        event, found = mask_words(call, typed)
        hidden += [found] if found else []
        events.append(event)
        call = evolve(call, event, now)
    while not call.parked and (more := _follows(edition, call, now)):
        events.append(more)
        call = evolve(call, more, now)
    return events, call, tuple(hidden)


def _overtakes(event: Event, hidden: Hidden) -> bool:
    """Whether what was hidden no longer stands: said otherwise since, or taken back."""
    match event:
        case e.Answered(fact) | e.Corrected(fact):
            return hidden.where == f"fact {fact}"
        case e.WentBack() | e.Renewed():
            return hidden.where.startswith("fact ")
        case e.Moved(forgot=forgot) | e.Withdrew(forgot=forgot):
            return hidden.where.removeprefix("fact ") in forgot
    return False


def mask_words(call: Call, event: Event) -> tuple[Event, Hidden | None]:
    """The event without what is private in the words a person typed, and what was hidden.

    What a step promises is made of words that were looked at when they were typed.
    """
    match event:
        case e.Noted(text):
            kept, names = mask(text)
            return event._replace(text=kept), _hidden(f"note {len(call.notes)}", text, names)
        case e.Answered(fact, "text", value) | e.Corrected(fact, "text", value):
            kept, names = mask(value)
            if fact == "customer" and (first := first_name(kept)) != kept:
                kept, names = first, (*names, LAST_NAMES)
            return event._replace(value=kept), _hidden(f"fact {fact}", value, names)
        case e.Promised(name, what, by_step=False):
            kept, names = mask(what)
            return event._replace(what=kept), _hidden(f"promise {name}", what, names)
        case e.HandedOver(to):
            kept, names = mask(to)
            return event._replace(to=kept), _hidden("hand-over", to, names)
    return event, None


def _hidden(where: str, text: str, names: tuple[str, ...]) -> Hidden | None:
    return Hidden(where, text, names) if names else None


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
