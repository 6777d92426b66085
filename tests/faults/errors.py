"""An I/O error at any system call, once or from then on: the call goes on, and ends on disk or in a rescue file."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from tests.faults.after import After
from tests.faults.kill import play
from tests.faults.points import CALLS, SPOKEN, find_points, hit, sampled, tell_points
from tests.faults.script import Script, in_short, learn_all, read_calls, said_moves, settled
from tests.faults.tally import Tally

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.points import Point
    from tests.faults.stage import Ran, Stage

ERRORS = {
    "pwrite64": ("EIO", "ENOSPC"),
    "pread64": ("EIO",),
    "write": ("EIO", "ENOSPC"),
    "fdatasync": ("EIO", "ENOSPC"),
    "fsync": ("EIO", "ENOSPC"),
    "ftruncate": ("EIO", "ENOSPC"),
    "openat": ("EIO", "ENOSPC", "EACCES"),
    "unlink": ("EIO",),
    "unlinkat": ("EIO",),
    "rename": ("EIO", "ENOSPC"),
    "renameat2": ("EIO", "ENOSPC"),
    "mkdir": ("EIO", "ENOSPC"),
    "mkdirat": ("EIO", "ENOSPC"),
    "flock": ("EIO",),
}
FOR_EVER = ("pwrite64", "fdatasync", "ftruncate")
"""What may fail for ever, so that a rescue file can still be written (by `write` and `fsync`)."""
FOR_EVER_MOST = 200
"""From how many points on everything fails; one point and the next are hardly different."""


def _rescued(stage: Stage) -> list[Path]:
    return [x for folder in (stage.home, stage.user, stage.temp) for x in folder.glob("calmdesk-rescue-*.json")]


def _look_once(tally: Tally, stage: Stage, script: Script, ran: Ran, point: Point, where: str) -> None:
    """After one error: the call went on to its end, or was parked because nobody could be told any more."""
    if ran.code == 5 and _rescued(stage):
        tally.count("ended in a rescue file")
        _bring_back(tally, stage, script, where)
        return
    if ran.code == 5 and not ran.out and script.command[0] == "resume":
        tally.count("refused before a word was said")
    elif ran.code == 3 and not ran.out and point.place == "bike.yaml":
        tally.count("no playbook")
    elif point.place in SPOKEN.values():
        tally.check(holds=ran.code in {0, 4, 129}, where=where, what=f"ended with {ran}")
    else:
        tally.check(holds=ran.code == 0, where=where, what=f"ended with {ran}")
        said = said_moves(ran.out, len(script.lines))
        tally.check(holds=said == len(script.lines), where=where, what=f"went on to line {said}: {ran}")
    if "! NOT SAVED" in ran.out:
        tally.count("went on in memory and were written")
    After(tally, stage, script, where).look(ran)


def _bring_back(tally: Tally, stage: Stage, script: Script, where: str) -> None:
    """Salvaging the one rescue file brings the whole call back, and leaves no file."""
    rescued = _rescued(stage)
    tally.check(holds=len(rescued) == 1, where=where, what=f"rescue files: {rescued}")
    ran = tally.look(stage.fork("journal", "salvage", rescued[0]), where)
    tally.check(holds=ran.code == 0 and not _rescued(stage), where=where, what=f"salvage: {ran}")
    verified = tally.look(stage.fork("journal", "verify"), where)
    tally.check(holds=verified.code == 0, where=where, what=f"verify: {verified}")
    calls = read_calls(stage.home)
    new = [settled(calls[n]) for n in calls if n not in script.before]
    tally.check(holds=new == [script.after[-1]], where=where, what=f"salvaged: {[in_short(x) for x in new]}")
    same = {n: calls.get(n) for n in script.before} == script.before
    tally.check(holds=same, where=where, what=f"other calls after salvage: {[*calls]}")
    aside = [x.name for x in stage.home.glob("journal.corrupt*")]
    tally.check(holds=not aside, where=where, what=f"moved aside: {aside}")


def _look_for_ever(tally: Tally, stage: Stage, script: Script, ran: Ran, where: str) -> None:
    """After errors without end: what was said as saved is there, and a rescue file has the whole call."""
    saved, unsaved, _ = ran.out.partition("! NOT SAVED")
    if ran.code == 0:
        # Too late to matter: everything was on disk already.
        tally.count("were on disk already")
        After(tally, stage, script, where).look(ran)
        return
    tally.check(holds=ran.code == 5 and bool(_rescued(stage)), where=where, what=f"no rescue file: {ran}")
    if not _rescued(stage):
        return
    told = bool(unsaved) and ran.out.count("! NOT SAVED") == 1 and "! saved" not in ran.out
    tally.check(
        holds=told or said_moves(ran.out, len(script.lines)) == len(script.lines), where=where, what=f"not told: {ran}"
    )
    said, events = said_moves(saved, len(script.lines)), read_calls(stage.home).get(script.number, [])
    there = script.reached(events) if events else -1
    tally.check(
        holds=there is not None and there >= said,
        where=where,
        what=f"{said} moves said, {there} there: {in_short(events)}",
    )
    tally.count("ended in a rescue file")
    _bring_back(tally, stage, script, where)


def fail_script(tally: Tally, stage: Stage, script: Script, most: int, *, every: bool) -> None:
    """One error at each point: of every kind, or the kinds in turn, but then where something is read, too."""
    run = partial(play, stage, script)
    points = find_points(stage, run, CALLS if every else (*CALLS, "pread64"))
    tally.count(f"points ({tell_points(points)})", len(points))
    for i, point in enumerate(sampled(points, most)):
        kinds = ERRORS[point.call]
        for error in kinds if every and not most else (kinds[i % len(kinds)],):
            where = f"{error} at {point}"
            ran = hit(stage, run, point, f"{point.call}:error={error}:when={point.n}")
            if tally.check(holds=ran is not None, where=where, what="not met"):
                assert ran is not None
                tally.count("errors")
                _look_once(tally, stage, script, tally.look(ran, where), point, where)


def fail_for_ever(tally: Tally, stage: Stage, script: Script, most: int) -> None:
    """From a point on the disk stays full (nothing can be written), or is broken (nothing can be synced or cut off either)."""
    run = partial(play, stage, script)
    points = find_points(stage, run, FOR_EVER)
    for i, point in enumerate(sampled(points, most)):
        error = ("EIO", "ENOSPC")[i % 2] if point.call == "pwrite64" else "EIO"
        where = f"{error} for ever from {point}"
        earlier = Counter(p.call for p in points[: points.index(point)])
        broken = [point.call, *(c for c in FOR_EVER if c != point.call and error == "EIO")]
        ran = hit(stage, run, point, *(f"{call}:error={error}:when={earlier[call] + 1}+" for call in broken))
        if tally.check(holds=ran is not None, where=where, what="not met"):
            assert ran is not None
            tally.count("errors for ever")
            _look_for_ever(tally, stage, script, tally.look(ran, where), where)


def run_errors(stage: Stage, *, most: int = 0) -> Tally:
    """Errors at every point of a scripted call, or at so many."""
    tally = Tally("errors")
    new, beside, resumed = learn_all(stage)
    fail_script(tally, stage, new, most * 2 // 5, every=True)
    fail_script(tally, stage, beside, most // 5, every=False)
    fail_script(tally, stage, resumed, most // 5, every=False)
    for script in (new, beside):
        fail_for_ever(tally, stage, script, max(1, most // 10) if most else FOR_EVER_MOST)
    return tally
