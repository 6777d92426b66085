"""A path of an exploration played by the real loop, as the lines that a person would type; so nothing is only claimed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.bench.testing import unticked
from calmdesk.call import asides, giving, moves
from calmdesk.call import need as n
from calmdesk.call.play import Conversation
from calmdesk.call.values import Call
from calmdesk.playbook.names import speaking_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from calmdesk.bench.space import Field
    from calmdesk.bench.trace import Leg, Script
    from calmdesk.call.events import Stamp
    from calmdesk.call.moves import Move, Standing
    from calmdesk.playbook.model import Edition

_LONGEST = 2_000


class Walk(NamedTuple):
    """A path as it was played."""

    lines: tuple[str, ...]
    """What was typed: an answers file."""
    given: Mapping[str, str]
    """Facts that were told beforehand."""
    visited: tuple[str, ...]
    """The steps it came to, a module's as `module/step`."""
    seconds: float
    """What the lines said on it take to say."""
    ended: str
    """How the call ended; empty where the path stops on its way."""
    whole: bool
    """Whether it came by every step of the path."""


class _Walker:
    """Answers a conversation as a script says, and notes what it typed."""

    def __init__(self, edition: Edition, script: Script, legs: Sequence[Leg], samples: Mapping[str, str]) -> None:
        self.script = script
        self.samples = samples
        self.wanted = [(leg.file, leg.step.name) for leg in legs if not leg.step.play]
        self.answers = {name: list(values) for name, values in script.answers.items()}
        self.choices = list(script.choices)
        self.typed: list[str] = []
        self.said: list[str] = []
        self.edition = edition

    def walk(self, now: Stamp, *, to_the_end: bool) -> Walk:
        talk = Conversation(self.edition, Call(), record=lambda _events, _at: None, now=lambda: now)
        given = {k: v for k, v in self.script.given.items() if k != "today"}
        told = [(k, v) for k, v in given.items() if k not in {"channel", "case"}]
        channel, case = given.get("channel", "phone"), given.get("case", "")
        try:
            talk.take(lambda s: moves.begin_told(s.edition, s.now, told, channel=channel, case=case))
            for _ in range(_LONGEST):
                if talk.call.over or (self._arrived(talk.call) and not to_the_end):
                    break
                if (line := talk.standing.line) and line not in self.said[-1:]:
                    self.said.append(line)
                for move in self._moves(talk.standing):
                    talk.take(move)
        except (moves.NotAllowed, _Lost):
            pass
        call = talk.call
        visited = tuple(call.label(v.place) for v in call.trail)
        seconds = sum(map(speaking_seconds, self.said))
        return Walk(tuple(self.typed), given, visited, seconds, call.ended, self._arrived(call) or bool(call.ended))

    def _arrived(self, call: Call) -> bool:
        """Whether every step of the path was come to, and no choice is left."""
        return not self.choices and len(self._passed(call)) == len(self.wanted)

    def _passed(self, call: Call) -> list[tuple[str, str]]:
        wanted = iter(self.wanted)
        found: list[tuple[str, str]] = []
        one = next(wanted, None)
        for visit in call.trail:
            if one == (visit.place[-1].book, visit.place[-1].step):
                found.append(one)
                one = next(wanted, None)
        return found

    def _moves(self, s: Standing) -> Iterator[Move]:
        need = s.need
        match need:
            case n.AskFact(fact):
                queue = self.answers.get(fact.id) or []
                value = queue.pop(0) if queue else self.samples.get(fact.id, "something")
                self.typed.append(value)
                yield partial(moves.answer, typed=value)
            case n.AskAmount():
                self.typed.append("none")
                yield partial(giving.amount, typed="none")
            case n.AskAgain():
                # What was promised on an earlier visit still holds.
                self.typed.append("keep")
                yield partial(giving.again, typed="keep")
            case n.AskAccept() | n.AskApproval():
                raise _Lost
            case n.AskTicks(open_checks):
                yield self._tick(s, open_checks)
            case n.AskChoice(open=open_checks):
                if not self.choices:
                    raise _Lost
                if open_checks:
                    yield self._tick(s, open_checks)
                choice = self.choices.pop(0)
                self.typed.append(choice)
                yield partial(moves.choose, choice=choice)
            case _:
                yield moves.go_on

    def _tick(self, s: Standing, checks: Sequence[str]) -> Move:
        numbers = [str(s.step.checks.index(c) + 1) for c in checks]
        self.typed.append(f"x {' '.join(numbers)}")
        return partial(asides.toggle, checks=[c for c in unticked(s) if c in checks])


class _Lost(Exception):  # noqa: N818 - the walk just stops there
    """The script doesn't say what to answer."""


def walk(
    edition: Edition,
    script: Script,
    legs: Sequence[Leg],
    fields: Mapping[str, Field],
    now: Stamp,
    *,
    to_the_end: bool = False,
) -> Walk:
    """Play a path.

    Args:
        edition: the playbook with everything it plays.
        script: the facts and choices of the path.
        legs: the path.
        fields: for facts that the path doesn't care about, a value of their kind.
        now: the moment at which it is played.
        to_the_end: play on behind the last step, until the call is over.

    """
    samples = {name: field.values[0] for name, field in fields.items() if field.values}
    return _Walker(edition, script, legs, samples).walk(now, to_the_end=to_the_end)
