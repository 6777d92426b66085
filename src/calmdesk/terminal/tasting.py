"""A made-up call is played like a real one, and only its summary is left of it, for who played it to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.journal.opening import close_journal, stand_in
from calmdesk.playbook.model import Policy
from calmdesk.terminal.showing import Beside, show_call
from calmdesk.terminal.sitting import catch_signals
from calmdesk.terminal.summary import render_summary
from calmdesk.terminal.unkept import Unkept

if TYPE_CHECKING:
    from calmdesk.playbook.model import Edition
    from calmdesk.terminal.sitting import Desk

NAME = "taste"


class Tasted(NamedTuple):
    """How it ended, and what a call would have left behind; nothing where it was stopped."""

    code: int
    summary: str
    reset: bool
    """Whether some minutes of one's own were asked for then."""


def play_taste(desk: Desk, edition: Edition) -> Tasted:
    """Play an edition from its first step, with only what it says itself to cut in."""
    edition = edition._replace(policy=Policy({**edition.policy.compiled, "interruptions": {}}))
    journal = stand_in()
    try:
        catch_signals()
        sitting = Unkept(desk, journal, edition)
        talk = sitting.begin()
        shown = show_call(sitting, talk, Beside(wrapup=lambda: render_summary(edition, talk.call, NAME, "text")))
        summary = render_summary(edition, talk.call, NAME, "text") if talk.call.over else ""
    finally:
        close_journal(journal)
    return Tasted(0 if shown.code == 4 else shown.code, summary, shown.reset)
