"""Correcting an earlier fact: on which passed step the call lands, and which visits of the path still hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.call.events import CUT, POLICY_CUT
from calmdesk.call.facts import Known
from calmdesk.call.way import NoWay, Way, choice_target, land, step_at, step_way

if TYPE_CHECKING:
    from calmdesk.call.events import Place
    from calmdesk.call.values import Call, Visit
    from calmdesk.playbook.model import Edition


def _words(edition: Edition, call: Call, place: Place) -> object:
    """Everything that is read on a step: its lines, cues, checks, promise and choices as they show."""
    step = step_at(edition, place)
    known = Known(edition, call, place)
    line = next((x for x in step.say if known.holds(x.when)), None)
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
    for n, visit in enumerate(before.trail):
        if not visit.left and n == len(before.trail) - 1:
            break
        here = visit.place
        known = Known(edition, after, here)
        if not known.holds(step_at(edition, here).when):
            try:
                return n, _under_cuts(before, land(edition, after, here, here[-1].step).place)
            except NoWay:
                return n, _under_cuts(before, here)
        if _words(edition, before, here) != _words(edition, after, here) or not visit.left:
            if visit.left:
                return n, _under_cuts(before, here)
            continue
        if (_target(edition, before, visit), _by_facts(edition, before, visit)) != (
            _target(edition, after, visit),
            _by_facts(edition, after, visit),
        ):
            return n, _under_cuts(before, here)
        old, new = _landing(edition, before, visit), _landing(edition, after, visit)
        if _steps(old) != _steps(new) and new is not None and visit.choice != "go":
            return n + 1, _under_cuts(before, new.place)
    return len(before.trail), before.place


def _under_cuts(call: Call, landing: Place) -> Place:
    """The landing, with the interruption that is open still on top of it."""
    first = next((n for n, f in enumerate(call.place) if n and f.kind in {CUT, POLICY_CUT}), None)
    if first is None or any(f.serial == call.place[first].serial for f in landing):
        return landing
    return (*landing, *call.place[first:])
