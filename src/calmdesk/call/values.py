"""What a call is at one moment: values that `evolve` makes and everybody reads.

Nothing here is stored; it is always rebuilt from the events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calmdesk.call.events import Place, Stamp

Spot = int
"""One stay at a step: the number of its visit, never used twice on a call."""


class Visit(NamedTuple):
    """One stay at a step: how it was left ("" while it is open), and the ms it took (None: unknown)."""

    number: Spot
    place: Place
    entered: Stamp
    choice: str = ""
    spent: int | None = 0
    left: bool = False


class Mark(NamedTuple):
    """What `back` returns to: the call as it stood before one answer."""

    what: str
    """fact:ID, move:CHOICE, on, cut:ID, offer, accept, again or correct."""
    place: Place
    trail: tuple[Visit, ...]
    facts: Mapping[str, tuple[str, str]]
    settled: frozenset[tuple[Spot, str]]
    ticks: frozenset[tuple[Spot, str]]
    overridden: frozenset[tuple[Spot, str]]
    cuts: tuple[Cut, ...]
    open_offer: str


class Asked(NamedTuple):
    """An approval that was asked for, on which visit, and how many codes were wrong."""

    made: e.ApprovalAsked
    spot: Spot
    missed: int = 0


class Offer(NamedTuple):
    """An offer as it stands: `accepted` is None while nobody has answered."""

    id: str
    step: str
    made: e.Offered
    spot: Spot
    accepted: bool | None = None
    approved_by: str = ""
    code: str = ""
    """The answer that approved it: the role and the digits."""
    withdrawn: bool = False


class Promise(NamedTuple):
    """A promise as it stands; `kept` is None while it is open."""

    id: str
    step: str
    what: str
    by: str
    who: str
    made: Stamp
    by_step: bool
    kept: bool | None = None
    withdrawn: bool = False


class Refusal(NamedTuple):
    """An offer that was not made: on which step, why, and by whom (agent or ladder)."""

    step: str
    why: str
    by: str


class Note(NamedTuple):
    """A typed note."""

    step: str
    text: str
    at: Stamp


class Cut(NamedTuple):
    """An interruption: where it came from, and whether the call came back from it."""

    id: str
    start: str
    serial: int
    returned: bool = False


class Call(NamedTuple):
    """Everything that is known about one call."""

    started: Stamp | None = None
    root: str = ""
    digests: tuple[tuple[str, str], ...] = ()
    before: tuple[tuple[tuple[str, str], ...], ...] = ()
    """The texts it was played with before it went on with newer ones, the oldest first."""
    channel: str = ""
    case: str = ""
    path: str = ""
    place: Place = ()
    trail: tuple[Visit, ...] = ()
    since: Stamp | None = None
    facts: Mapping[str, tuple[str, str]] = {}
    earlier: Mapping[str, str] = {}
    marks: tuple[Mark, ...] = ()
    ticks: frozenset[tuple[Spot, str]] = frozenset()
    overridden: frozenset[tuple[Spot, str]] = frozenset()
    settled: frozenset[tuple[Spot, str]] = frozenset()
    otherwise: Mapping[Spot, int] = {}
    offers: tuple[Offer, ...] = ()
    open_offer: str = ""
    asked: Asked | None = None
    asks: int = 0
    """How many approvals were asked for."""
    refusals: tuple[Refusal, ...] = ()
    promises: tuple[Promise, ...] = ()
    notes: tuple[Note, ...] = ()
    cuts: tuple[Cut, ...] = ()
    held_until: int | None = None
    held_at: Stamp | None = None
    holds: int = 0
    serial: int = 0
    visits: int = 0
    handed_to: str = ""
    parked: bool = False
    ended: str = ""
    ended_at: Stamp | None = None
    last: Stamp | None = None
    active: int | None = 0
    """Milliseconds on the call so far, without the time it lay parked; None where a restart hides some."""

    @property
    def over(self) -> bool:
        """Whether nothing can happen any more."""
        return bool(self.ended)

    @property
    def spot(self) -> Spot:
        """The visit the call stands on; 0 before the first."""
        return next((v.number for v in reversed(self.trail) if not v.left and v.place == self.place), 0)

    def label(self, place: Place) -> str:
        """A step's name as the path shows it: `step` in the started playbook, `module/step` elsewhere."""
        if not place:
            return ""
        frame = place[-1]
        return frame.step if frame.kind == e.TOP and frame.book == self.root else f"{frame.book}/{frame.step}"


def hold_left(call: Call, now: Stamp) -> int:
    """Milliseconds until the agent said to be back, negative when late; by the clock that can't be put."""
    if call.held_until is None or call.held_at is None:
        return 0
    gone = elapsed(call.held_at, now)
    return call.held_until - (now.wall if gone is None else call.held_at.wall + gone)


def elapsed(start: Stamp, end: Stamp) -> int | None:
    """Milliseconds between two stamps; None where the machine was started anew in between."""
    return max(0, end.mono - start.mono) if start.boot == end.boot else None
