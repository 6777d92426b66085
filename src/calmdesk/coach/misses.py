"""What a real call missed, where that is certain: steps passed over, checks left open, steps that took too long."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call.events import MODULE
from calmdesk.call.facts import Known
from calmdesk.coach.hints import STEPS
from calmdesk.coach.skills import AGAIN, HARD, Attempt, Skill
from calmdesk.playbook.kinds import read_span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from calmdesk.call.events import Place
    from calmdesk.call.values import Call, Visit
    from calmdesk.playbook.model import Edition, Playbook, Step

SKIPPED, OPEN, SLOW = "skipped", "open", "slow"
QUIET = 10
"""Seconds; a shorter timer is a silence to be kept, and nobody is late there."""


class Miss(NamedTuple):
    """A step that a call missed, and how: skipped, open (its checks were) or slow."""

    how: str
    step: str
    """Its title."""
    principle: str
    situation: str
    at: int
    """Wall clock, ms."""


def find_misses(edition: Edition, call: Call) -> list[Miss]:
    """What a call missed on its path as it stands; nothing where it isn't sure.

    Args:
        edition: what the call played.
        call: the call, over or not.

    """
    return [*_left(edition, call), *_passed_over(edition, call)]


def rate_misses(misses: Iterable[Miss], number: int) -> list[Attempt]:
    """Misses of a call as attempts: each skill once, as it went worst."""
    found: dict[Skill, Attempt] = {}
    for miss in sorted(misses, key=lambda m: (m.how == SLOW, m.at)):
        for label, principles in STEPS.items():
            if miss.principle in principles:
                skill = Skill(label, miss.situation)
                rating = HARD if miss.how == SLOW else AGAIN
                found.setdefault(skill, Attempt(skill, rating, miss.at, "call", number))
    return list(found.values())


def _left(edition: Edition, call: Call) -> Iterator[Miss]:
    """The steps that were left with their checks open, or after their time."""
    open_at = {spot for spot, _ in call.overridden}
    for visit in call.trail:
        step = _find_step(edition, visit.place)
        if step is None:
            continue
        if visit.number in open_at:
            yield _miss(OPEN, step, edition, call, visit)
        elif visit.left and visit.spent is not None and 0 < _seconds(edition, step) * 1000 < visit.spent:
            yield _miss(SLOW, step, edition, call, visit)


def _seconds(edition: Edition, step: Step) -> int:
    """How long a step should take; 0 where nothing says so, or where its timer is a silence."""
    written = step.timer
    if written.startswith("{policy."):
        written = edition.policy.value(written[8:-1]) or ""
    seconds = read_span(written) if written else 0
    return seconds if seconds and seconds >= QUIET else 0


def _miss(how: str, step: Step, edition: Edition, call: Call, visit: Visit) -> Miss:
    situation = _find_situation(edition, call, visit.place)
    return Miss(how, step.title or step.id, step.principle, situation, visit.entered.wall)


def _find_situation(edition: Edition, call: Call, place: Place) -> str:
    """The playbook whose customer this is: the deepest that is no module."""
    for frame in reversed(place):
        book = edition.books.get(frame.book)
        if book is not None and frame.kind != MODULE and not book.module and "+" not in frame.book:
            return frame.book
    return call.root


def _find_step(edition: Edition, place: Place) -> Step | None:
    book = edition.books.get(place[-1].book) if place else None
    return book.step(place[-1].step) if book and book.has(place[-1].step) else None


def _passed_over(edition: Edition, call: Call) -> Iterator[Miss]:
    """The steps that every way from where a jump began to where it led goes through."""
    for visit, after in zip(call.trail, call.trail[1:], strict=False):
        if visit.choice != ":go":
            continue
        depth = _where_they_part(visit.place, after.place)
        book = edition.books.get(visit.place[depth].book) if depth >= 0 else None
        if book is None or not all(book.has(p[depth].step) for p in (visit.place, after.place)):
            continue
        frame, target = visit.place[depth], after.place[depth].step
        seen = {
            v.place[depth].step for v in call.trail if len(v.place) > depth and v.place[depth].serial == frame.serial
        }
        if target not in _reach(book, frame.step, ""):
            continue
        for name in book.order:
            step = book.step(name)
            if name in seen or not step.principle or target in _reach(book, frame.step, name):
                continue
            known = Known(edition, call, (*visit.place[:depth], frame._replace(step=name)))
            if known.unknown(step.when) is None and known.holds(step.when):
                yield _miss(SKIPPED, step, edition, call, visit)


def _where_they_part(one: Place, other: Place) -> int:
    """The depth at which two places stand on different steps of one playing of a file; -1 where there is none."""
    for depth, (a, b) in enumerate(zip(one, other, strict=False)):
        if a.serial != b.serial:
            return -1
        if a.step != b.step:
            return depth
    return -1


def _reach(book: Playbook, start: str, without: str) -> set[str]:
    """The steps that can be come to from a step without going through another."""
    found: set[str] = set()
    todo = [start]
    while todo:
        for name in _ways_on(book, todo.pop()):
            if name != without and name not in found and book.has(name):
                found.add(name)
                todo.append(name)
    return found


def _ways_on(book: Playbook, name: str) -> Iterator[str]:
    """The steps that may come next in the file."""
    step = book.step(name)
    for choice in step.choices:
        yield from (route.step for route in choice.routes if route.step)
        if choice.then:
            yield choice.then
    yield from (route.step for route in step.go if route.step)
    ends = step.end or step.returns
    if (after := book.after(name)) and (step.when or not (step.choices or step.go or ends)):
        yield after
