"""A playing that leaves no trace: it is shown like a call, and nothing of it is journaled or written anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.journal.opening import close_journal, stand_in
from calmdesk.playbook.model import Policy
from calmdesk.terminal.showing import Beside, show_call
from calmdesk.terminal.sitting import Desk, Sitting, catch_signals

if TYPE_CHECKING:
    from calmdesk.playbook.model import Edition

_SAID = "Nothing of this is kept."


class Unkept(Sitting):
    """A sitting whose events live as long as it does."""

    def save(self, *, patient: bool = False) -> bool:
        """Nothing waits to be written."""
        del patient
        self.written = len(self.entries)
        return True

    def save_again(self) -> None:
        """Nothing waits to be written."""


def _alone(edition: Edition) -> Edition:
    """Without what cuts in for a customer's sake: nobody is there to be put on hold."""
    compiled = edition.policy.compiled
    cuts = {name: cut for name, cut in (compiled.get("interruptions") or {}).items() if cut.get("returns") is False}
    return edition._replace(policy=Policy({**compiled, "interruptions": cuts}))


def play_unkept(desk: Desk, edition: Edition) -> int:
    """Play an edition from its first step and forget it. Returns the exit code of the reference."""
    journal = stand_in()
    try:
        catch_signals()
        sitting = Unkept(desk, journal, _alone(edition))
        shown = show_call(sitting, sitting.begin(), Beside(wrapup=lambda: _SAID))
    finally:
        close_journal(journal)
    # Who stops in the middle leaves nothing unanswered.
    return 0 if shown.code == 4 else shown.code
