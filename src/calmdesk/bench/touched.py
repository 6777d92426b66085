"""Whom a newer text touches: tests that come out otherwise, and open calls that would go on somewhere else.

Nothing is claimed that wasn't tried: the tests are played, and the calls are walked again, as `resume` would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.bench.renaming import Chooser
from calmdesk.bench.same import Renames, exchange
from calmdesk.bench.testing import play_tests
from calmdesk.call.events import Renewed
from calmdesk.call.moves import NotAllowed, Standing
from calmdesk.call.renew import layer, renew

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.bench.change import Comparison
    from calmdesk.call.events import Place, Stamp
    from calmdesk.call.values import Call
    from calmdesk.playbook.model import Edition


class TouchedTest(NamedTuple):
    """A test of the older text that comes out otherwise on the newer one."""

    name: str
    before: str
    """What was wrong with it on the older text; empty where it passed."""
    now: str
    """What is wrong with it on the newer one; empty where it passes."""
    rewritten: bool
    """Whether the newer text has a test of this name that reads otherwise."""


class TouchedCall(NamedTuple):
    """Where an open call would go on with the newer text."""

    stands: str
    """The title of its step."""
    lands: str
    """The title of the step it would go on at; empty where it can't go on with the newer text."""
    moved: bool
    """Whether that is another step."""
    undone: int
    """How many steps that were passed would be passed again."""


def find_touched_tests(old: Edition, new: Edition, comparison: Comparison) -> list[TouchedTest]:
    """The tests of the older text, played on both; those that come out alike are left out.

    Args:
        old: with its tests in the playbook's data.
        new: likewise.
        comparison: of the two, for the names that were only exchanged.

    """
    data = old.books[old.root].compiled
    tests: list[dict[str, Any]] = data.get("tests") or []
    theirs = {t["name"]: t for t in new.books[new.root].compiled.get("tests") or ()}
    players = [Chooser(old, test) for test in tests]
    before = [player.play() for player in players]
    told = [_chosen(player, old.root, new.root, comparison) for player in players]
    told = exchange({"steps": {}, "tests": told}, comparison.names(new.root, data))["tests"]
    for book, names in comparison.renames.items():
        if book != new.root:
            told = exchange({"steps": {}, "tests": told}, Renames(names.steps), book)["tests"]
    found = []
    for test, was, now in zip(told, before, play_tests(new, told), strict=True):
        if bool(was.difference) != bool(now.difference):
            rewritten = was.name in theirs and theirs[was.name] != test
            found.append(TouchedTest(was.name, was.difference, now.difference, rewritten))
    return found


def _chosen(player: Chooser, old: str, new: str, comparison: Comparison) -> dict[str, Any]:
    """A test that chooses by the newer names, each where it was taken."""
    test = player.test
    if "choose" not in test:
        return test
    chosen = list(test["choose"])
    for at, (book, step) in player.taken.items():
        names = comparison.renames.get(new if book == old else book, Renames()).choices
        chosen[at] = names.get((step, chosen[at]), chosen[at])
    return {**test, "choose": chosen}


def find_touched_call(old: Edition, new: Edition, call: Call, now: Stamp) -> TouchedCall:
    """Where an open call would go on with a newer text.

    Args:
        old: what the call plays.
        new: the newer text, with the same root.
        call: as it stands.
        now: what time it is.

    """
    stands = _title(old, call.place)
    edition = layer(old, new)
    try:
        events: Sequence[object] = renew(Standing(edition, call, now))
    except NotAllowed:
        return TouchedCall(stands, "", moved=True, undone=0)
    landed = next(x for x in events if isinstance(x, Renewed))
    passed = sum(v.left for v in call.trail[landed.kept :])
    moved = [(f.book, f.step) for f in landed.place] != [(f.book, f.step) for f in call.place]
    return TouchedCall(stands, _title(edition, landed.place), moved, passed)


def _title(edition: Edition, place: Place) -> str:
    return edition.books[place[-1].book].step(place[-1].step).title if place else "the start"
