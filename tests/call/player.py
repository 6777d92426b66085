"""A call played by a test: moves in, events kept as a journal would, and nothing changed by a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.call import asides, giving, moves
from calmdesk.call import need as n
from calmdesk.call.moves import NotAllowed, Standing
from calmdesk.call.play import Conversation
from calmdesk.call.values import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calmdesk.call.events import Event, Stamp
    from calmdesk.call.moves import Move
    from calmdesk.playbook.model import Edition


class Player:
    """A call, and every event of it with its stamp."""

    def __init__(self, edition: Edition, now: Callable[[], Stamp], *, channel: str = "phone", case: str = "") -> None:
        self.entries: list[tuple[Stamp, Event]] = []
        self.edition = edition
        self.talk = Conversation(edition, Call(), record=self._record, now=now)
        self.talk.take(lambda _: [moves.start(edition, channel=channel, case=case)])

    def _record(self, events: Sequence[Event], at: Stamp) -> None:
        self.entries += [(at, event) for event in events]

    # --- what there is

    @property
    def call(self) -> Call:
        return self.talk.call

    @property
    def standing(self) -> Standing:
        return self.talk.standing

    @property
    def need(self) -> n.Need:
        return self.standing.need

    @property
    def at(self) -> str:
        """The step the call stands on."""
        return self.call.label(self.call.place)

    @property
    def path(self) -> list[str]:
        """The steps of the path as it stands."""
        return [self.call.label(v.place) for v in self.call.trail]

    @property
    def asked(self) -> str:
        """The fact that is asked, or nothing."""
        return self.need.fact.id if isinstance(self.need, n.AskFact) else ""

    @property
    def ways(self) -> list[str]:
        """The choices that show."""
        return [o.choice.id for o in self.need.options] if isinstance(self.need, n.AskChoice) else []

    @property
    def proposal(self) -> tuple[str, str]:
        """What the ladder proposes here, and by which rule."""
        assert isinstance(self.need, n.AskAmount)
        return self.need.proposal.amount, self.need.proposal.rule

    def value(self, fact: str) -> str | None:
        return self.standing.known.value(fact)

    def events(self, kind: type[Event]) -> list[Event]:
        return [event for _, event in self.entries if isinstance(event, kind)]

    # --- what is done

    def do(self, move: Move) -> tuple[Event, ...]:
        return self.talk.take(move)

    def refused(self, move: Move) -> str:
        """A move that is refused: why; the call and what is remembered stay as they were."""
        before, kept = self.call, list(self.entries)
        with pytest.raises(NotAllowed) as caught:
            self.do(move)
        assert self.call == before
        assert self.entries == kept
        assert str(caught.value)
        return str(caught.value)

    def waits_for(self, kind: type[n.Need]) -> bool:
        """Whether the call waits for this kind of thing."""
        return isinstance(self.need, kind)

    def tell(self, **facts: str) -> Player:
        """Facts given beforehand."""
        for name, typed in facts.items():
            self.do(lambda s, name=name, typed=typed: moves.tell(s, name.replace("_", "-"), typed))  # type: ignore[misc]
        return self

    def answer(self, *typed: str) -> Player:
        for one in typed:
            self.do(lambda s, one=one: moves.answer(s, one))  # type: ignore[misc]
        return self

    def choose(self, *choices: str) -> Player:
        for one in choices:
            self.do(lambda s, one=one: moves.choose(s, one))  # type: ignore[misc]
        return self

    def on(self, times: int = 1) -> Player:
        for _ in range(times):
            self.do(moves.go_on)
        return self

    def back(self, times: int = 1, *, stops: bool = False) -> Player:
        for _ in range(times):
            self.do(lambda s: moves.back(s, stops=stops))
        return self

    def correct(self, fact: str, typed: str) -> Player:
        self.do(lambda s: moves.correct(s, fact, typed))
        return self

    def go(self, step: str) -> Player:
        self.do(lambda s: moves.go_to(s, step))
        return self

    def cut(self, *names: str) -> Player:
        for one in names:
            self.do(lambda s, one=one: asides.interrupt(s, one))  # type: ignore[misc]
        return self

    def come_back(self) -> Player:
        self.do(asides.come_again)
        return self

    def tick(self, *checks: str) -> Player:
        self.do(lambda s: asides.toggle(s, checks))
        return self

    def note(self, text: str) -> Player:
        self.do(lambda s: asides.note(s, text))
        return self

    def amount(self, typed: str = "ok") -> Player:
        self.do(lambda s: giving.amount(s, typed))
        return self

    def accept(self, typed: str = "yes") -> Player:
        self.do(lambda s: giving.accept(s, typed))
        return self

    def again(self, typed: str) -> Player:
        self.do(lambda s: giving.again(s, typed))
        return self

    def end(self, disposition: str) -> Player:
        self.do(lambda s: asides.end(s, disposition))
        return self
