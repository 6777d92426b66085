"""Correcting an earlier fact: on which passed step the call lands, and which visits of the path still hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.call.events import CUT, POLICY_CUT
from calmdesk.call.facts import Known, find_line
from calmdesk.call.money import propose
from calmdesk.call.way import NoWay, Way, choice_target, land, step_at, step_way

if TYPE_CHECKING:
    from calmdesk.call.events import Place
    from calmdesk.call.values import Call, Visit
    from calmdesk.playbook.model import Edition

_CUTS = {CUT, POLICY_CUT}


def _words(edition: Edition, call: Call, place: Place) -> object:
    """Everything that is read on a step: its lines, cues, checks, promise and choices as they show."""
    step = step_at(edition, place)
    known = Known(edition, call, place)
    line = find_line(step, known)
    promise = known.fill(f"{step.promise.what} {step.promise.by}") if step.promise else ""
    return (
        [known.fill(v) for v in line.variants] if line else [],
        [known.fill(c) for c in (*step.cue, *step.checks)],
        promise,
        [c.id for c in step.choices if known.holds(c.when)],
    )


def _target(edition: Edition, call: Call, visit: Visit) -> object:
    """The step that a visit's way on leads to by itself, before anything is skipped."""
    step = step_at(edition, visit.place)
    chosen = next((c for c in step.choices if c.id == visit.choice), None)
    if chosen:
        return choice_target(edition, call._replace(trail=()), visit.place, chosen)
    try:
        return None if step.go else step_way(edition, call, visit.place).ends
    except NoWay:
        return None


def _landing(edition: Edition, call: Call, visit: Visit) -> Way | None:
    """The place that a visit's way on leads to."""
    step = step_at(edition, visit.place)
    chosen = next((c for c in step.choices if c.id == visit.choice), None)
    try:
        if chosen:
            target = choice_target(edition, call._replace(trail=()), visit.place, chosen)
            return land(edition, call, visit.place, target) if target else None
        return None if step.choices else step_way(edition, call, visit.place)
    except NoWay:
        return None


def _steps(way: Way | None) -> object:
    """A way without the serials, which count on from playing to playing."""
    return None if way is None else ([(f.kind, f.book, f.step) for f in way.place], way.ends)


def _shown(edition: Edition, call: Call, visit: Visit) -> object:
    """What a passed step says, offers and leads to by itself."""
    offer = step_at(edition, visit.place).offer
    proposal = propose(edition, call._replace(place=visit.place), offer) if offer else None
    return (
        _words(edition, call, visit.place),
        (proposal.amount, proposal.rule) if proposal else (),
        _target(edition, call, visit),
        _by_facts(edition, call, visit),
    )


def _by_facts(edition: Edition, call: Call, visit: Visit) -> object:
    """The route that a step without choices takes by facts."""
    step = step_at(edition, visit.place)
    known = Known(edition, call, visit.place)
    return next((r.step for r in step.go if known.holds(r.when)), None)


def find_landing(edition: Edition, before: Call, after: Call) -> tuple[int, Place]:
    """(visits kept, place): the first passed step whose skip, way on or words change between two facts.

    Args:
        edition: what the call plays.
        before: the call with the old value.
        after: the same call with the new one.

    Returns:
        All visits and the present place where nothing that was passed changes. An interruption that
        is open stays open: the landing waits below it.

    """
    open_cuts = {f.serial for f in before.place if f.kind in _CUTS}
    for n, visit in enumerate(before.trail):
        here = visit.place
        if not visit.left or here[0].serial != before.place[0].serial:
            continue
        if any(f.kind in _CUTS and f.serial not in open_cuts for f in here):
            continue  # an interruption that is over is not opened again
        if not edition.books[here[-1].book].has(here[-1].step):
            continue  # a newer text no longer has it: nobody goes back there
        if not Known(edition, after, here).holds(step_at(edition, here).when):
            try:
                return n, _under_cuts(before, land(edition, after, here, here[-1].step).place)
            except NoWay:
                return n, _under_cuts(before, here)
        if _shown(edition, before, visit) != _shown(edition, after, visit):
            return n, _under_cuts(before, here)
        old, new = _landing(edition, before, visit), _landing(edition, after, visit)
        if _steps(old) != _steps(new) and new is not None and not visit.choice.startswith(":"):
            return n + 1, _under_cuts(before, new.place)
    return len(before.trail), before.place


def _under_cuts(call: Call, landing: Place) -> Place:
    """The landing, with what cuts in above it still on top."""
    serials = {f.serial for f in landing}
    for n, frame in enumerate(call.place):
        if n and frame.kind in _CUTS and frame.serial not in serials:
            return (*landing, *call.place[n:])
    return landing
