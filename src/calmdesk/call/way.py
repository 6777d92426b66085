"""The only navigation: where a way leads, over skipped steps, into modules and back out of them.

Used by moves, by correcting an earlier fact, by exploring and by preview; it reads no clock and
changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call.events import CUT, MODULE, POLICY_CUT, TOP, Frame
from calmdesk.call.facts import Known

if TYPE_CHECKING:
    from calmdesk.call.events import Place
    from calmdesk.call.values import Call
    from calmdesk.playbook.model import Choice, Edition, Route, Step

_LONGEST = 10_000
_MOST_RETURNS = 60
"""More files than this, closed in one move without a step to stand on, is a circle."""


class Way(NamedTuple):
    """Where a way leads: a place, or an end.

    A step whose own condition can't be decided yet is such a place too: its fact is asked there.
    """

    place: Place
    ends: str | None = None


class NoWay(Exception):  # noqa: N818 - it is no error: nobody can go on from here by itself
    """The steps lead round in a circle, or off the end of a playbook that doesn't say how it ends."""


def step_at(edition: Edition, place: Place) -> Step:
    """The step a place stands on."""
    return edition.books[place[-1].book].step(place[-1].step)


def begin(edition: Edition, call: Call, book: str, kind: str, below: Place) -> Way:
    """The first step of a file, played on top of `below`."""
    first = edition.books[book].order[0]
    frame = Frame(_next_serial(call, below), kind, book, first)
    return _enter(edition, call, (*below, frame), first)


def land(edition: Edition, call: Call, place: Place, target: str | None, returns: int = 0) -> Way:
    """Where `target` leads from `place`: a step of the same file, "return", or None for the next in the file."""
    if target == "return":
        return _pop(edition, call, place, returns)
    if target is None:
        target = edition.books[place[-1].book].after(place[-1].step)
        if target is None:
            return _pop(edition, call, place, returns)
    return _enter(edition, call, place, target, returns)


def _next_serial(call: Call, below: Place) -> int:
    return max(call.serial, *(f.serial for f in below)) + 1 if below else call.serial


def _enter(edition: Edition, call: Call, place: Place, target: str, returns: int = 0) -> Way:
    for _ in range(_LONGEST):
        book = edition.books[place[-1].book]
        place = (*place[:-1], place[-1]._replace(step=target))
        step = book.step(target)
        known = Known(edition, call, place)
        if known.unknown(step.when) is not None:
            return Way(place)
        if not known.holds(step.when):
            after = book.after(target)
            if after is None:
                return _pop(edition, call, place, returns)
            target = after
        elif step.play:
            target = edition.books[step.play].order[0]
            place = (*place, Frame(_next_serial(call, place), MODULE, step.play, target))
        else:
            return Way(place)
    raise NoWay


def _pop(edition: Edition, call: Call, place: Place, returns: int = 0) -> Way:
    """Back to where the deepest file was played from."""
    frame, below = place[-1], place[:-1]
    if frame.kind == TOP or not below or returns > _MOST_RETURNS:
        raise NoWay
    if frame.kind in {CUT, POLICY_CUT}:
        return Way(below)
    return way_on(edition, call, below, step_at(edition, below).go, returns + 1)


def route(edition: Edition, call: Call, place: Place, routes: tuple[Route, ...]) -> str | None:
    """The first route that holds (None: the next step in the file)."""
    known = Known(edition, call, place)
    for way in routes:
        if known.holds(way.when):
            return way.step
    return None


def way_on(edition: Edition, call: Call, place: Place, routes: tuple[Route, ...], returns: int = 0) -> Way:
    """Where these routes lead from `place`; the next step in the file where there are none."""
    return land(edition, call, place, route(edition, call, place, routes) if routes else None, returns)


def step_way(edition: Edition, call: Call, place: Place) -> Way:
    """Where a step without choices leads: its `end`, its `return`, its `go`, or the next in the file."""
    step = step_at(edition, place)
    if step.end:
        return Way(place, ends=step.end)
    if step.returns:
        return Way(place, ends=step.returns) if place[-1].kind == TOP or len(place) == 1 else _pop(edition, call, place)
    return way_on(edition, call, place, step.go)


def taken(call: Call, place: Place, choice: str) -> int:
    """How often a choice was taken within this playing of its file."""
    here = (place[-1].serial, place[-1].step)
    return sum(v.left and v.choice == choice and (v.place[-1].serial, v.place[-1].step) == here for v in call.trail)


def choice_target(edition: Edition, call: Call, place: Place, choice: Choice) -> str | None:
    """The step a choice leads to now: its `then` once `at-most` is used up. None where it is used up and has none."""
    if choice.at_most is not None and taken(call, place, choice.id) >= choice.at_most:
        return choice.then
    return route(edition, call, place, choice.routes)
