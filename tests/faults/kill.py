"""kill -9 at any system call loses nothing that was said: the call goes on with the next line, as if nothing had been."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.faults.after import After
from tests.faults.points import CALLS, find_points, hit, sampled, tell_points
from tests.faults.script import Script, learn_all
from tests.faults.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.stage import Ran, Stage

KILLED = -9
REAL = 25
"""At every so many-th point the commands that look after the call are started anew, not forked."""


def play(stage: Stage, script: Script, strace: Sequence[str] = ()) -> Ran:
    """The real program, on the home the script begins on."""
    stage.restore(script.kept)
    return stage.run(*script.command, lines=script.lines, strace=strace)


def kill_script(tally: Tally, stage: Stage, script: Script, most: int) -> None:
    """Kill a call at its points, look what is left each time, and go on with it."""
    run = partial(play, stage, script)
    points = find_points(stage, run, CALLS)
    tally.count(f"points ({tell_points(points)})", len(points))
    for i, point in enumerate(sampled(points, most)):
        ran = hit(stage, run, point, f"{point.call}:signal=SIGKILL:when={point.n}")
        if tally.check(holds=ran is not None and ran.code == KILLED, where=point, what=f"not killed there: {ran}"):
            assert ran is not None
            tally.count("killed")
            after = After(tally, stage, script, f"killed at {point}", real=i % REAL == 0)
            tally.count("more than was said", after.look(tally.look(ran, point)))


def run_kill(stage: Stage, *, most: int = 0) -> Tally:
    """Kill a scripted call at every point, or at so many: on an empty home, on one with earlier calls, and resumed."""
    tally = Tally("kill")
    for script, share in zip(learn_all(stage), (most * 2 // 5, most * 2 // 5, most // 5), strict=True):
        kill_script(tally, stage, script, share)
    return tally
