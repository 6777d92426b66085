"""A backup, a salvage, a kept promise and words forgotten, cut off anywhere: it happened or it didn't, and asking again does it."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.errors import CalmdeskError
from tests.faults.errors import ERRORS
from tests.faults.points import SPOKEN, find_points, hit, sampled, tell_points
from tests.faults.script import in_short, keep_earlier, read_calls
from tests.faults.stage import Stage
from tests.faults.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from calmdesk.call.events import Event
    from tests.faults.points import Point
    from tests.faults.stage import Ran

KILLED = -9


class Errand(NamedTuple):
    """A command that is no call: what the journal holds before and after it, and what it says when it is done."""

    name: str
    command: tuple[str, ...]
    kept: str
    says: str
    before: dict[int, list[Event]]
    after: dict[int, list[Event]]


def set_errands(stage: Stage) -> list[Errand]:
    """The errands, each on a home with earlier calls; or beside what was left of one, for salvage."""
    parked = keep_earlier(stage)
    stage.restore("earlier")
    promise = f"{min(read_calls(stage.home))}.1"
    old = stage.folder / "old.db"
    shutil.copyfile(stage.home / "journal.db", old)
    errands = []
    for name, command, kept, says in (
        ("backup", ("journal", "backup", str(stage.temp / "copy.db")), "earlier", "copied to"),
        ("forget", ("call", "forget", str(parked), "--yes"), "earlier", "forgotten"),
        ("promise done", ("promise", "done", promise), "earlier", "kept:"),
        ("salvage", ("journal", "salvage", str(old)), "", "came back"),
    ):
        stage.restore(kept)
        before = read_calls(stage.home) if kept else {}
        ran = stage.fork(*command)
        assert ran.code == 0, ran
        errands.append(Errand(name, command, kept, says, before, read_calls(stage.home)))
    return errands


def _in_order(calls: dict[int, list[Event]]) -> list[list[Event]]:
    return [calls[n] for n in sorted(calls)]


def _run(stage: Stage, errand: Errand, strace: Sequence[str] = ()) -> Ran:
    stage.restore(errand.kept)
    return stage.run(*errand.command, strace=strace)


def _is_between(errand: Errand, calls: dict[int, list[Event]]) -> bool:
    """Whether each call stands as before or as after; of a salvage some calls may be there already."""
    return all(
        calls.get(n) in (errand.before.get(n), errand.after.get(n)) for n in {*calls, *errand.before, *errand.after}
    )


def _look(tally: Tally, stage: Stage, errand: Errand, ran: Ran, where: str) -> None:
    verified = tally.look(stage.fork("journal", "verify"), where)
    tally.check(holds=verified.code == 0 and "The journal" not in verified.err, where=where, what=f"verify: {verified}")
    try:
        calls = read_calls(stage.home)
        done = _in_order(calls) == _in_order(errand.after)
        said = errand.says in ran.out
        tally.check(
            holds=_is_between(errand, calls),
            where=where,
            what=f"neither before nor after: {[*map(in_short, calls.values())]}",
        )
        tally.check(
            holds=done or not said, where=where, what=f"said and not done: {ran.out} {[*map(in_short, calls.values())]}"
        )
        if errand.name == "backup":
            _look_at_copy(tally, stage, errand, where, said=said)
            return
        again = tally.look(stage.fork(*errand.command), where)
        # Kept already, said so; anything else is done now.
        wanted = {0, 2} if done else {0}
        tally.check(holds=again.code in wanted, where=where, what=f"once more: {again}")
        verified = tally.look(stage.fork("journal", "verify"), where)
        tally.check(
            holds=verified.code == 0 and "The journal" not in verified.err,
            where=where,
            what=f"verify at the end: {verified}",
        )
        calls = _only_once(read_calls(stage.home))
        same = _in_order(calls) == _in_order(_only_once(errand.after))
        tally.check(holds=same, where=where, what=f"in the end: {[*map(in_short, calls.values())]}")
    except CalmdeskError as error:
        tally.check(holds=False, where=where, what=f"can't be read: {error}")
    aside = [x.name for x in stage.home.glob("journal.corrupt*")]
    tally.check(holds=not aside, where=where, what=f"moved aside: {aside}")


def _only_once(calls: dict[int, list[Event]]) -> dict[int, list[Event]]:
    """What may be said again without harm counts once: that a promise was kept, that words are forgotten."""
    again = (e.PromiseKept, e.Forgotten)
    return {
        n: [x for i, x in enumerate(events) if not (isinstance(x, again) and x in events[:i])]
        for n, events in calls.items()
    }


def _look_at_copy(tally: Tally, stage: Stage, errand: Errand, where: str, *, said: bool) -> None:
    """A copy said to be there is a whole journal; one that isn't whole gives nothing wrong back."""
    copy = stage.temp / "copy.db"
    tally.check(holds=copy.exists() or not said, where=where, what="said, and there is no copy")
    if copy.exists():
        mended = stage.folder / "mended"
        shutil.rmtree(mended, ignore_errors=True)
        mended.mkdir()
        for found in stage.temp.glob("copy.db*"):
            shutil.copyfile(found, mended / found.name.replace("copy.db", "journal.db"))
        calls = read_calls(mended)
        tally.count("whole copies" if calls == errand.after else "empty copies")
        whole = calls == errand.after or (not calls and not said)
        tally.check(holds=whole, where=where, what=f"a copy that isn't whole: {[*map(in_short, calls.values())]}")
    again = tally.look(stage.fork(*errand.command), where)
    tally.check(holds=again.code in {0, 3}, where=where, what=f"once more: {again}")
    other = str(stage.temp / "other.db")
    again = tally.look(stage.fork(*errand.command[:-1], other), where)
    tally.check(holds=again.code == 0, where=where, what=f"another copy: {again}")


def _kill(tally: Tally, stage: Stage, errand: Errand, point: Point) -> None:
    where = f"{errand.name} killed at {point}"
    ran = hit(stage, partial(_run, stage, errand), point, f"{point.call}:signal=SIGKILL:when={point.n}")
    if tally.check(holds=ran is not None and ran.code == KILLED, where=where, what=f"not killed: {ran}"):
        assert ran is not None
        tally.count("killed")
        _look(tally, stage, errand, tally.look(ran, where), where)


def _fail(tally: Tally, stage: Stage, errand: Errand, point: Point, error: str) -> None:
    """One error: the errand is done, or refused with a sentence and 3 or 5."""
    where = f"{errand.name}, {error} at {point}"
    ran = hit(stage, partial(_run, stage, errand), point, f"{point.call}:error={error}:when={point.n}")
    if not tally.check(holds=ran is not None, where=where, what="not met"):
        return
    assert ran is not None
    tally.look(ran, where)
    tally.count("errors")
    told = ran.code == 0 or bool(ran.err) or point.place in SPOKEN.values()
    tally.check(holds=ran.code in {0, 3, 5} and told, where=where, what=f"ended with {ran}")
    tally.count(f"of them ended with {ran.code}")
    _look(tally, stage, errand, ran, where)


def run_errands(folder: Path, *, most: int = 0) -> Tally:
    """Kill each errand at its points, and let each of its system calls fail; or at so many of them."""
    tally = Tally("errands")
    stage = Stage(folder)
    for errand in set_errands(stage):
        points = find_points(stage, partial(_run, stage, errand))
        tally.count(f"points of {errand.name} ({tell_points(points)})", len(points))
        for point in sampled(points, most):
            _kill(tally, stage, errand, point)
        for i, point in enumerate(sampled(points[1:] if most else points, most)):
            kinds = ERRORS[point.call]
            for error in kinds if not most else (kinds[i % len(kinds)],):
                _fail(tally, stage, errand, point, error)
    return tally
