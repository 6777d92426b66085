"""A call stays on its step while the text changes under it, and may begin at any step of what it plays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call.events import CUT, MODULE, POLICY_CUT, TOP, Frame, Moved
from calmdesk.call.facts import Known, local_time
from calmdesk.call.way import NoWay, land
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.kinds import read_value
from calmdesk.safetext import clean, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calmdesk.call.events import Place, Stamp
    from calmdesk.call.values import Call
    from calmdesk.playbook.model import Edition

    Facts = Mapping[str, tuple[str, str]]


# --- any step


def find_place(edition: Edition, call: Call, wanted: str) -> Place:
    """The place of a step, named as `step` or as `module/step`.

    Raises CalmdeskError (2) where there is no such step, or what is known so far skips it.
    """
    ways = _find_ways(edition)
    book, _, name = wanted.rpartition("/")
    book = book or edition.root
    if book not in ways or not edition.books[book].has(name):
        here = edition.books[edition.root].order
        names = [*here, *(f"{b}/{s}" for b in ways if b != edition.root for s in edition.books[b].order)]
        same = next((x for x in names if x.rpartition("/")[2] == name), "")
        near = f"Did you mean “{same}”?" if same else nearest(wanted, names)
        raise CalmdeskError(
            f"“{edition.root}” plays no step “{clean(wanted)}”.", near or f"Steps: {', '.join(here[:12])}.", 2
        )
    place = (*ways[book][:-1], ways[book][-1]._replace(step=name))
    step, known = edition.books[book].step(name), Known(edition, call, place)
    if known.unknown(step.when) is None and not known.holds(step.when):
        raise CalmdeskError(
            f"The step “{clean(wanted)}” is skipped with these facts: its condition doesn't hold.",
            "Other facts are given with --fact KEY=VALUE.",
            2,
        )
    try:
        return land(edition, call, place, name).place
    except NoWay:
        told = f"Nothing can be shown from the step “{clean(wanted)}” on: all of it is skipped with these facts."
        raise CalmdeskError(told, "Other facts are given with --fact KEY=VALUE.", 2) from None


def _find_ways(edition: Edition) -> dict[str, Place]:
    """Where each file is played from, the shortest way first: what is played before what cuts in."""
    todo = [edition.root]
    later: list[tuple[Place, str, str]] = []
    first = (Frame(0, TOP, edition.root, edition.books[edition.root].order[0]),)
    ways: dict[str, Place] = {edition.root: first}
    policy = [(first, POLICY_CUT, cut.book) for cut in edition.policy.interruptions]
    while todo or later or policy:
        if not todo:
            # The policy's are last: a file that is played both ways is played by the file.
            place, kind, name = (later or policy).pop(0)
            _add(edition, ways, place, kind, name, todo)
            continue
        book = edition.books[todo.pop(0)]
        place = ways[book.id]
        for name, step in book.compiled["steps"].items():
            if step.get("play"):
                _add(edition, ways, (*place[:-1], place[-1]._replace(step=name)), MODULE, step["play"], todo)
        later += [(place, CUT, cut.book) for cut in book.interruptions]
    return ways


def _add(edition: Edition, ways: dict[str, Place], place: Place, kind: str, book: str, todo: list[str]) -> None:
    if book in ways or book not in edition.books:
        return
    ways[book] = (*place, Frame(len(place), kind, book, edition.books[book].order[0]))
    todo.append(book)


# --- the same step


class Stayed(NamedTuple):
    """A call that is to go on with another text: with what still fits of it, and the move that is due."""

    call: Call
    moved: tuple[Moved, ...]
    said: str
    """Which step is gone, and which one stands in for it; empty where the step is still there."""


def stay(old: Edition, new: Edition, call: Call, facts: Facts) -> Stayed:
    """The call on the same step of a new text, or on the nearest before it that is still there.

    Args:
        old: the text it was played with.
        new: the text it goes on with.
        call: how it stands.
        facts: what was answered and fits the new text (`fit_facts`).

    """
    place, said = _find_nearest(old, new, call)
    trail = tuple(v for v in call.trail if _is_there(new, v.place) or (not v.left and v.place == call.place))
    marks = tuple(
        m._replace(
            trail=tuple(v for v in m.trail if _is_there(new, v.place)),
            facts={k: facts.get(k, v) for k, v in m.facts.items() if k in facts},
        )
        for m in call.marks
        if _is_there(new, m.place)
    )
    # What the rules refused, they may allow now; a code that waits for its answer is made anew.
    settled = frozenset(s for s in call.settled if s[1] != "by-ladder")
    fitted = call._replace(facts=facts, trail=trail, marks=marks, settled=settled, asked=None)
    if place == call.place or call.over:
        return Stayed(fitted._replace(place=place), (), said)
    return Stayed(fitted, (Moved("skip", "", place),), said)


def _is_there(edition: Edition, place: Place) -> bool:
    return all(f.book in edition.books and edition.books[f.book].has(f.step) for f in place)


def _find_nearest(old: Edition, new: Edition, call: Call) -> tuple[Place, str]:
    kept: tuple[Frame, ...] = ()
    for frame in call.place:
        title = old.books[frame.book].title
        if not _leads(new, kept, frame):
            if not kept:
                first = new.books[new.root].order[0]
                kept = (Frame(call.serial + 1, TOP, new.root, first),)
            return kept, f"“{title}” isn't played here any more: this is “{kept[-1].step}”, where it was."
        book = new.books[frame.book]
        if not book.has(frame.step):
            order = old.books[frame.book].order
            before = reversed(order[: order.index(frame.step)])
            near = next((name for name in before if book.has(name)), "")
            kept = (*kept, frame._replace(step=near or book.order[0]))
            which = "the nearest before it" if near else "the first one now"
            return kept, f"The step “{frame.step}” is gone: this is “{kept[-1].step}”, {which}."
        kept = (*kept, frame)
    return kept, ""


def _leads(edition: Edition, below: Place, frame: Frame) -> bool:
    """Whether the new text still plays this file from there."""
    if frame.book not in edition.books:
        return False
    return frame.kind != MODULE or edition.books[below[-1].book].step(below[-1].step).play == frame.book


def fit_facts(edition: Edition, facts: Facts, now: Stamp) -> dict[str, tuple[str, str]]:
    """The answers that still are answers to what this text asks."""
    found = {}
    for key, (kind, value) in facts.items():
        scope, _, name = key.rpartition(":")
        books = [edition.books[scope]] if scope in edition.books else edition.books.values()
        fact = next((f for book in books if (f := book.fact(name))), None)
        if fact is None:
            continue
        if fact.kind == kind and kind != "one-of":
            found[key] = (kind, value)
            continue
        options = [(o.id, o.label) for o in fact.options]
        at = local_time(edition.policy, now)
        read = read_value(fact.kind, value, options=options, currency=edition.policy.currency, at=at)
        if not read.complaint:
            found[key] = (fact.kind, read.text)
    return found
