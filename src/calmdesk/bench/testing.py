"""A playbook's own tests, played through the same loop as a call; the first difference is told as a story.

Facts are given beforehand, checks tick themselves, offers are made as proposed and accepted
(`format.md`, tests).
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.call import asides, giving, moves
from calmdesk.call import need as n
from calmdesk.call.events import Stamp
from calmdesk.call.facts import local_time
from calmdesk.call.play import Conversation
from calmdesk.call.values import Call

if TYPE_CHECKING:
    from calmdesk.call.moves import Move, Standing
    from calmdesk.playbook.model import Edition, Policy

_LONGEST = 500


_EIGHT = Stamp(1_795_593_600_000, 1_000_000, "test")
"""2026-11-25 08:00 UTC, a Wednesday."""


def make_morning(policy: Policy) -> Stamp:
    """A Wednesday morning at eight in the team's time zone: tests come out alike on every day and at every hour."""
    ahead = local_time(policy, _EIGHT).utcoffset()
    return _EIGHT._replace(wall=_EIGHT.wall - int(ahead.total_seconds() * 1000) if ahead else _EIGHT.wall)


class Outcome(NamedTuple):
    """What one test came to: `difference` is empty where everything is as expected."""

    name: str
    difference: str
    call: Call
    situation: str = ""
    """The facts that were given, as a sentence."""
    path: tuple[str, ...] = ()
    """The steps it came to, each with the choice that left it in braces."""
    seen: frozenset[tuple[str, str, str, str]] = frozenset()
    """(file, step, "", "") of each step it came to, (…, "choice", its id) and (…, "line", its number)."""


class _Stuck(Exception):  # noqa: N818 - it is told as a difference
    """The test can't be played on."""


def unticked(s: Standing) -> list[str]:
    """The checks of the step that aren't ticked."""
    done = {c for spot, c in s.call.ticks if spot == s.call.spot}
    return [c for c in s.step.checks if c not in done]


class Player:
    """Answers a conversation from a test's facts and choices."""

    def __init__(self, edition: Edition, test: dict[str, Any]) -> None:
        self.test = test
        self.facts: dict[str, str] = test.get("facts") or {}
        self.choose: list[str] = list(test.get("choose") or ())
        self.shown: list[str] = []
        self.returned = False
        self.seen: set[tuple[str, str, str, str]] = set()
        morning = make_morning(edition.policy)
        self.talk = Conversation(edition, Call(), record=lambda _events, _at: None, now=lambda: morning)

    def play(self) -> Outcome:
        """Play the test to its end and compare."""
        name = self.test.get("name") or "a test without a name"
        try:
            self._begin()
            for _ in range(_LONGEST):
                if self.talk.call.over:
                    break
                self._show()
                self.talk.take(self._answer(self.talk.standing))
            else:
                raise _Stuck(f"the call hasn't ended after {_LONGEST} moves")
        except (_Stuck, moves.NotAllowed) as stuck:
            here = self.talk.call.label(self.talk.call.place) or "the start"
            if isinstance(stuck, moves.NowhereError) and self.talk.edition.books[self.talk.edition.root].module:
                # Played alone, a module has nobody to go back to: that is its end.
                self.returned = True
            else:
                return self._outcome(name, f"At “{here}”: {str(stuck).rstrip('.')}.")
        left = f"These choices are left over: {', '.join(self.choose)}." if self.choose else ""
        return self._outcome(name, left or self._compare())

    def _outcome(self, name: str, difference: str) -> Outcome:
        call = self.talk.call
        path = []
        for visit in call.trail:
            place = visit.place[-1]
            self.seen.add((place.book, place.step, "", ""))
            self.seen |= {(f.book, f.step, "", "") for f in visit.place}
            if visit.choice and not visit.choice.startswith(":"):
                self.seen.add((place.book, place.step, "choice", visit.choice))
            label = call.label(visit.place)
            path.append(f"{label} ({visit.choice})" if visit.choice else label)
        told = ", ".join(f"{fact} “{value}”" for fact, value in self.facts.items())
        return Outcome(name, difference, call, told, tuple(path), frozenset(self.seen))

    def _begin(self) -> None:
        given = [(fact, value) for fact, value in self.facts.items() if fact not in {"channel", "case", "today"}]
        channel, case = self.facts.get("channel", "phone"), self.facts.get("case", "")
        self.talk.take(lambda s: moves.begin_told(s.edition, s.now, given, channel=channel, case=case))

    def _show(self) -> None:
        s = self.talk.standing
        if (line := s.line) and line not in self.shown[-1:]:
            self.shown.append(line)
        held = next((n for n, x in enumerate(s.step.say) if s.known.holds(x.when)), None)
        if held is not None and not isinstance(s.need, n.AskFact):
            place = s.call.place[-1]
            self.seen.add((place.book, place.step, "line", str(held)))

    def _answer(self, s: Standing) -> Move:
        """The next move: as the test says, or as a colleague would who does what is asked."""
        need = s.need
        if self.choose and self.choose[0].startswith("i:") and not isinstance(need, n.AskFact | n.AskAccept):
            return partial(asides.interrupt, name=self.choose.pop(0)[2:])
        match need:
            case n.AskFact(fact, default):
                value = self.facts.get(fact.id, default)
                if value is None:
                    raise _Stuck(f"the fact “{fact.id}” is asked, and the test doesn't give it")
                return partial(moves.answer, typed=value)
            case n.AskAmount():
                return partial(giving.amount, typed="none" if self.test.get("offer") == "none" else "ok")
            case n.AskApproval():
                return giving.approve_at_once
            case n.AskAccept():
                return partial(giving.accept, typed="yes")
            case n.AskAgain():
                return partial(giving.again, typed="keep")
            case n.AskTicks() | n.AskChoice(open=(_, *_)):
                return partial(asides.toggle, checks=unticked(s))
            case n.AskChoice(options):
                return self._choice(s, [o.choice.id for o in options])
        left = unticked(s)
        return partial(asides.toggle, checks=left) if left else moves.go_on

    def _choice(self, s: Standing, ids: list[str]) -> Move:
        if left := unticked(s):
            return partial(asides.toggle, checks=left)
        if not self.choose:
            raise _Stuck(f"a choice is missing; here are {', '.join(ids)}")
        return partial(moves.choose, choice=self.choose.pop(0))

    # --- comparing

    def _compare(self) -> str:
        """The first difference from what is expected, or nothing."""
        expect, call = self.test.get("expect") or {}, self.talk.call
        made = [o for o in call.offers if not o.withdrawn]
        promises = [p for p in call.promises if not p.withdrawn]
        ticked = {c for _, c in call.ticks}
        ended = "return" if self.returned else call.ended
        if (wanted := expect.get("disposition")) not in {None, ended}:
            return f"It ended as “{ended}”, expected “{wanted}”."
        if difference := self._passes(expect.get("passes") or [], expect.get("not-passes") or []):
            return difference
        for key, found in (("promises", len(promises)), ("offers", len(made))):
            if expect.get(key) not in {None, found}:
                return f"{found} {key}, expected {expect[key]}."
        amount = sum((Decimal(o.made.amount) for o in made if o.accepted), Decimal(0))
        if "amount" in expect and Decimal(expect["amount"]) != amount:
            return f"The offers came to {amount}, expected {expect['amount']}."
        for text in expect.get("ticked") or ():
            if text not in ticked:
                return f"“{text}” was not ticked."
        for text in expect.get("says") or ():
            if not any(text in line for line in self.shown):
                return f"Nobody said “{text}”."
        return ""

    def _passes(self, wanted: list[str], unwanted: list[str]) -> str:
        call = self.talk.call
        visits = [{call.label(v.place[: depth + 1]) for depth in range(len(v.place))} for v in call.trail]
        at, before = 0, set[str]()
        for step in wanted:
            # Several names may stand for one visit, the same name only for another.
            at, before = (at + 1, set[str]()) if step in before else (at, before)
            found = next((i for i in range(at, len(visits)) if step in visits[i]), None)
            if found is None:
                return self._left(step, at)
            before = {*before, step} if found == at else {step}
            at = found
        for step in unwanted:
            if any(step in visit for visit in visits):
                return f"It came to “{step}”, which it shouldn't."
        return ""

    def _left(self, step: str, at: int) -> str:
        """Where the path left what was expected: behind the last step that was."""
        call = self.talk.call
        labels = [call.label(v.place) for v in call.trail]
        if not at and not any(step in label for label in labels[:1]):
            last = f"It begins with “{labels[0]}” and " if labels else "It "
            return f"{last}never comes to “{step}”."
        following = labels[at + 1] if at + 1 < len(labels) else f"the end, “{call.ended}”"
        return f"Behind “{labels[at]}” it never comes to “{step}”: it goes on with {following}."


def play_tests(edition: Edition, tests: list[dict[str, Any]]) -> list[Outcome]:
    """Play a playbook's tests.

    Args:
        edition: the playbook with everything it plays.
        tests: its `tests`, as they were read.

    """
    return [Player(edition, test).play() for test in tests]
