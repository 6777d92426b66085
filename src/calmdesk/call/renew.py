"""Going on with newer texts: what changed since a call began, and the first step that still makes sense.

The path is walked again in the new text with the same answers. It holds as long as each step is still there
in its turn, asks nothing that nobody has answered, and the choice that was taken still stands; words that
read differently don't break it, for they were said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.call.events import CUT, POLICY_CUT, TOP, Renewed
from calmdesk.call.facts import Known
from calmdesk.call.moves import NotAllowed, Standing
from calmdesk.call.way import NoWay, Way, begin, choice_target, land, step_at, step_way
from calmdesk.playbook.model import Edition, Playbook

if TYPE_CHECKING:
    from calmdesk.call.events import Event, Place
    from calmdesk.call.values import Call, Visit

_CUTS = {CUT, POLICY_CUT}


def layer(old: Edition, new: Edition) -> Edition:
    """The newer edition, in which what was passed before can still be read: steps and files that are gone stay behind it."""
    books: dict[str, Playbook] = dict(old.books)
    for name, book in new.books.items():
        books[name] = Playbook(name, book.compiled, old.books.get(name))
    return Edition(new.root, books, new.policy, new.digests, {**old.texts, **new.texts})


def find_changes(old: Edition, new: Edition) -> list[str]:
    """What changed between two editions, in a trainer's words: steps by title, limits of the policy."""
    found = []
    for name, book in new.books.items():
        before = old.books.get(name)
        if before is None:
            found.append(f"new: {book.title}")
            continue
        found += _changed_steps(before, book, f"{book.title}: " if name != new.root else "")
    found += [f"gone: {book.title}" for name, book in old.books.items() if name not in new.books]
    policy = [
        key
        for key in sorted({*old.policy.compiled, *new.policy.compiled})
        if old.policy.compiled.get(key) != new.policy.compiled.get(key)
    ]
    return found + ([f"the team's policy ({', '.join(policy)})"] if policy else [])


def _changed_steps(before: Playbook, now: Playbook, where: str) -> list[str]:
    old, new = before.compiled["steps"], now.compiled["steps"]
    found = [f"{where}new step “{now.step(n).title}”" for n in new if n not in old]
    found += [f"{where}step “{before.step(n).title}” is gone" for n in old if n not in new]
    for name in new:
        if name in old and old[name] != new[name]:
            keys = [k for k in {**old[name], **new[name]} if old[name].get(k) != new[name].get(k)]
            found.append(f"{where}“{now.step(name).title}” ({', '.join(keys)})")
    rest = [k for k in {**before.compiled, **now.compiled} if k not in {"steps", "marks", "tests", "path-rules"}]
    other = [k for k in rest if before.compiled.get(k) != now.compiled.get(k)]
    return found + ([f"{where}{', '.join(other)}"] if other else [])


def renew(s: Standing) -> list[Event]:
    """The call goes on with a newer edition (`layer`), on the first step that still makes sense there.

    Raises NotAllowed where no step of the new text can be shown.
    """
    if s.call.over:
        raise NotAllowed("The call is over.")
    try:
        kept, place = _walk(s.edition, s.call)
    except NoWay:
        raise NotAllowed("The new text has no step to go on with here. This call goes on with the old one.") from None
    return [Renewed(s.edition.digests, kept, place)]


def _walk(edition: Edition, call: Call) -> tuple[int, Place]:
    """(visits kept, place): how far the path holds in an edition, and where it leads then."""
    fresh = call._replace(trail=(), serial=call.serial + 1)
    first = call.trail[0].place[0] if call.trail else None
    if first is None or first.kind != TOP or edition.root != first.book or call.place[0].kind != TOP:
        # What cut in with no way back has nothing below it to be walked again.
        return _stay(edition, call)
    way = begin(edition, fresh, edition.root, TOP, ())
    for n, visit in enumerate(call.trail):
        if any(f.kind in _CUTS for f in visit.place):
            continue
        if _names(way.place) != _names(visit.place):
            if any(_names(v.place) == _names(way.place) for v in call.trail[n + 1 :]):
                # What was passed here is no longer on the way; it was said, and the path goes on behind it.
                continue
            return n, _under_cuts(edition, call, way.place)
        here = visit.place
        if not visit.left or _asks_more(edition, call, here):
            return (n + (not visit.left), _under_cuts(edition, call, here))
        after = _on(edition, call, visit, n)
        if after is None:
            return n, _under_cuts(edition, call, here)
        way = after
    return len(call.trail), _under_cuts(edition, call, way.place)


def _stay(edition: Edition, call: Call) -> tuple[int, Place]:
    """The step the call stands on, where it still exists."""
    book = edition.books[call.place[-1].book]
    if call.place[-1].step not in book.compiled["steps"]:
        return len(call.trail), land(edition, call, call.place, book.order[0]).place
    return len(call.trail), call.place


def _names(place: Place) -> list[tuple[str, str]]:
    return [(f.book, f.step) for f in place]


def _asks_more(edition: Edition, call: Call, place: Place) -> bool:
    """Whether a step that was passed now asks for something that nobody has said."""
    known = Known(edition, call, place)
    step = step_at(edition, place)
    done = {c for spot, c in call.ticks | call.overridden for v in call.trail if v.number == spot and v.place == place}
    return any(not known.answered(f) for f in step.ask) or any(c not in done for c in step.must_check)


def _on(edition: Edition, call: Call, visit: Visit, n: int) -> Way | None:
    """Where the way that was taken leads now; None where it is no more."""
    step = step_at(edition, visit.place)
    before = call._replace(trail=call.trail[:n])
    if visit.choice.startswith(":"):
        # A step that was gone to by hand is gone to again, where it still is.
        onto = next((v.place for v in call.trail[n + 1 :] if not any(f.kind in _CUTS for f in v.place)), None)
        there = onto is not None and onto[-1].step in edition.books[onto[-1].book].compiled["steps"]
        return Way(onto) if onto is not None and there else None
    if visit.choice:
        choice = next((c for c in step.choices if c.id == visit.choice), None)
        target = choice_target(edition, before, visit.place, choice) if choice else None
        return land(edition, before, visit.place, target) if target else None
    if step.choices:
        return None
    way = step_way(edition, before, visit.place)
    return None if way.ends else way


def _under_cuts(edition: Edition, call: Call, landing: Place) -> Place:
    """The landing, with what cuts in above it still on top, where its step still exists."""
    at = next((n for n, f in enumerate(call.place) if n and f.kind in _CUTS), None)
    if at is None:
        return landing
    above = call.place[at:]
    if any(f.step not in edition.books[f.book].compiled["steps"] for f in above):
        return landing
    return (*landing, *above)
