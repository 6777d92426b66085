"""After a fault, the desk is as it was said: everything verifies, every said thing is there, and the call goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.errors import CalmdeskError
from tests.faults.script import Script, in_short, missing, read_calls, read_json, said_moves, settled

if TYPE_CHECKING:
    from calmdesk.call.events import Event
    from tests.faults.stage import Ran, Stage
    from tests.faults.tally import Tally


class After(NamedTuple):
    """A call that was cut off by a fault: `look` checks what is there, plays the rest, and checks again."""

    tally: Tally
    stage: Stage
    script: Script
    where: str
    real: bool = False
    """Whether the commands that look are started anew, not forked."""

    def check(self, *, holds: bool, what: object) -> bool:
        return self.tally.check(holds=holds, where=self.where, what=what)

    def command(self, *arguments: str, lines: tuple[str, ...] = ()) -> Ran:
        return self.tally.look((self.stage.run if self.real else self.stage.fork)(*arguments, lines=lines), self.where)

    def look(self, ran: Ran) -> int:
        """Look at what the cut off program left; gives how many moves more than was said are there."""
        self.verify("verify")
        events = self.read("after the fault")
        said = said_moves(ran.out, len(self.script.lines))
        there = self.script.reached(events) if events else -1
        if there is None or there not in {said, said + 1}:
            self.check(holds=False, what=f"{said} moves said, {there} there: {in_short(events)}")
            return 0
        if events:
            show = self.command("call", "show", str(self.script.number), "--json")
            lost = missing(ran.out, read_json(show)) if show.code == 0 else [str(show)]
            self.check(holds=not lost, what=f"said and not shown: {lost}")
        self.go_on(there, over=bool(events) and isinstance(events[-1], e.Ended))
        return there - said

    def verify(self, when: str) -> None:
        ran = self.command("journal", "verify")
        self.check(holds=ran.code == 0 and "The journal" not in ran.err, what=f"{when}: {ran}")

    def read(self, when: str) -> list[Event]:
        """The call's events. The other calls are what they were, and nothing was moved aside."""
        try:
            calls = read_calls(self.stage.home)
        except CalmdeskError as error:
            self.check(holds=False, what=f"can't be read {when}: {error}")
            return []
        events = calls.pop(self.script.number, [])
        others = [in_short(x) for x in calls.values()]
        self.check(holds=calls == self.script.before, what=f"other calls {when}: {others}")
        aside = [x.name for x in self.stage.home.glob("journal.corrupt*")]
        self.check(holds=not aside, what=f"moved aside {when}: {aside}")
        return events

    def go_on(self, there: int, *, over: bool) -> None:
        """Play the lines that are left: in the end the call is what it would have been without the fault."""
        if there < 0:
            ran = self.command(*self.script.command, lines=self.script.lines)
        else:
            ran = self.command("resume", str(self.script.number), "--plain", lines=self.script.lines[there:])
        self.check(holds=ran.code in ({2} if over else {0, 4}), what=f"resume: {ran}")
        self.verify("verify in the end")
        events = settled(self.read("in the end"))
        self.check(holds=events == self.script.after[-1], what=f"in the end: {in_short(events)}")
