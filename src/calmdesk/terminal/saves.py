"""A playbook is played in its newest text that can be played: a good save is taken at once, any other is told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.call import moves
from calmdesk.call.play import Conversation
from calmdesk.call.renew import find_changes
from calmdesk.call.staying import find_place, fit_facts, stay
from calmdesk.call.values import Call
from calmdesk.errors import CalmdeskError
from calmdesk.journal.opening import stand_in
from calmdesk.playbook.findings import is_error
from calmdesk.playbook.shelf import shown_path
from calmdesk.safetext import clean
from calmdesk.terminal.summary import render_summary
from calmdesk.terminal.unkept import Unkept

if TYPE_CHECKING:
    from collections.abc import Callable

    from calmdesk.playbook.findings import Finding
    from calmdesk.playbook.library import Opened
    from calmdesk.playbook.model import Edition
    from calmdesk.terminal.sitting import Desk

NAME = "preview"
GOES_ON = "The last good text goes on"


class Found(NamedTuple):
    """What became of the files: an edition that can be played, and why a newer text can't."""

    edition: Edition | None
    findings: tuple[Finding, ...] = ()
    gone: str = ""
    """Why the file can't be read."""

    @property
    def good(self) -> bool:
        """Whether it is the newest text that can be played."""
        return self.edition is not None and not self.findings


class Noticed(NamedTuple):
    """What a look at the files led to."""

    said: str
    """What is to be told now; empty where nothing is new, or where it is told as long as it lasts (`broken`)."""
    taken: bool = False
    """Whether a new text is played."""
    here: bool = False
    """Whether that changes the step one stands on."""


class Preview(Unkept):
    """One preview: what it plays, where it begins, and what the newest save is like.

    Args:
        desk: this desk, with what was asked for.
        opened: what is played at first.
        step: where it begins, as `step` or `module/step`; empty for the first step.
        look: what became of the files since the last look; None where nothing was saved.

    """

    def __init__(self, desk: Desk, opened: Opened, step: str, look: Callable[[], Found | None]) -> None:
        super().__init__(desk, stand_in(), opened.edition)
        self.step = step
        self.look = look
        self.findings: tuple[Finding, ...] = ()
        self.broken = ""
        """Why the newest save isn't what is shown, as long as that is so; `told` says it whole."""
        self.shelved: dict[str, tuple[str, str]] = {}
        """Answers that the newest text doesn't ask for; a later save may ask for them again."""
        if opened.findings:
            self._break(Found(None, opened.findings))

    # --- beginning

    def begin(self) -> Conversation:
        """A call at the step asked for. Raises CalmdeskError (2) where there is none, or a fact doesn't fit."""
        return self._begin(self._given(), self.step)

    def again(self) -> tuple[Conversation, str]:
        """A new call from the same step with the same facts, as far as the text still has them; and what it has not."""
        said, given, step = "", [], self.step
        for name, value in self._given():
            try:
                moves.tell(moves.Standing(self.edition, Call(root=self.edition.root), self.desk.clock()), name, value)
            except moves.NotAllowed as no:
                said = f"Without the fact {clean(name)}: {no}"
            else:
                given.append((name, value))
        self.shelved = {}
        try:
            return self._begin(given, step), said
        except CalmdeskError as error:
            if not step:
                raise
            return self._begin(given, ""), f"{error.message} This is the first step."

    def _given(self) -> list[tuple[str, str]]:
        found = []
        for fact in self.desk.options.facts:
            name, equals, value = fact.partition("=")
            if not equals:
                raise CalmdeskError(f"--fact {clean(fact)} has no value.", "Write it as --fact KEY=VALUE.", 2)
            found.append((name.strip(), value))
        return found

    def _begin(self, given: list[tuple[str, str]], step: str) -> Conversation:
        now = self.desk.clock()
        try:
            start, *told = moves.begin_told(self.edition, now, given, channel=self.desk.options.channel)
        except moves.NotAllowed as no:
            raise CalmdeskError(str(no), "Facts are given with --fact KEY=VALUE.", 2) from None
        if step and isinstance(start, e.Started):
            facts = {x.fact: (x.kind, x.value) for x in told if isinstance(x, e.Answered)}
            call = Call(root=self.edition.root, channel=start.channel, facts=facts, started=now)
            start = start._replace(place=find_place(self.edition, call, step))
        self.entries.clear()
        talk = Conversation(self.edition, Call(), record=self.record, now=self.desk.clock)
        talk.take(lambda _: [start, *told])
        return talk

    # --- saves

    def notice(self, talk: Conversation, found: Found) -> Noticed:
        """Take a good save, on the same step; of any other the reason is told, and the call goes on as it is."""
        if not found.good or found.edition is None:
            self._break(found)
            return Noticed("")
        mended, self.broken, self.findings = bool(self.broken), "", ()
        if found.edition.digests == self.edition.digests:
            return Noticed("Mended: the saved text is shown." if mended else "")
        before, was = self.edition, talk.call
        said = self._take(talk, found.edition)
        there, here = was.place[-1], talk.call.place[-1]
        same = there == here and _step(before, there) == _step(self.edition, here) and was.facts == talk.call.facts
        return Noticed(("Mended. " if mended else "") + said, taken=True, here=not same)

    def _take(self, talk: Conversation, newer: Edition) -> str:
        old = self.edition
        self.edition = newer._replace(policy=newer.policy.at(old.policy.authority))
        known = {**self.shelved, **talk.call.facts}
        facts = fit_facts(self.edition, known, self.desk.clock())
        self.shelved = {k: v for k, v in known.items() if k not in facts}
        stayed = stay(old, self.edition, talk.call, facts)
        was = talk.call.place[-1].step
        talk.edition, talk.call = self.edition, stayed.call
        talk.take(lambda _: list(stayed.moved))
        now = talk.call.place[-1].step
        if stayed.said:
            return stayed.said
        if now != was:
            return f"“{was}” no longer stops here: this is “{now}”."
        changes = find_changes(old, self.edition)
        more = f" and {len(changes) - 2} more" if len(changes) > 2 else ""
        return f"The save is shown: {'; '.join(changes[:2])}{more}." if changes else "The save is shown."

    def _break(self, found: Found) -> None:
        self.findings = tuple(f for f in found.findings if is_error(f)) or found.findings
        if not self.findings:
            self.broken = clean(found.gone)
            return
        first = self.findings[0]
        own = os.path.splitext(os.path.basename(first.path))[0] == self.edition.root
        where = f"Line {first.line}" if own else f"{clean(shown_path(first.path))}, line {first.line}"
        self.broken = f"{where}: {clean(first.message)}" + (f" {clean(first.tip)}" if first.tip else "")

    def told(self, key: str) -> str:
        """Why the newest save isn't what is shown, and the key that tells the rest."""
        more = f"; {key} shows all {len(self.findings)} findings" if len(self.findings) > 1 else ""
        return f"{self.broken} {GOES_ON}{more}." if self.broken else ""

    def wrapup(self, call: Call) -> str:
        """What a call would leave behind."""
        return render_summary(self.edition, call, NAME, "text")


def _step(edition: Edition, frame: e.Frame) -> object:
    """A step as it is written, and what its texts and questions are filled with."""
    book = edition.books[frame.book].compiled
    return book["steps"].get(frame.step), book.get("facts"), book.get("drafts"), edition.policy.compiled
