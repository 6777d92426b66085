"""A rehearsal as a fold over its events: what was said, what came back, and the ways that were tried and taken back.

The playbook beside it is a call like any other, folded from the same events; only it began with the rehearsal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.call.state import evolve as follow
from calmdesk.call.values import Call
from calmdesk.coach.customer import Mood, begin, find_answers
from calmdesk.coach.skills import rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from calmdesk.call.events import Event, Stamp
    from calmdesk.coach.customer import Moved
    from calmdesk.coach.scenario import Scenario


class Turn(NamedTuple):
    """A reply and what came of it; `meters` stand as they were after it."""

    said: str
    """Nothing where the customer was kept waiting without a word."""
    labels: tuple[str, ...]
    answer: str
    meters: Mapping[str, int]
    hints: int = 0
    """The strongest help that was asked for before it: 0 none, 1 a nudge, 2 a cue, 3 an example."""
    waited: int = 0
    """So many seconds nobody spoke."""
    call: Call = Call()
    """Where the playbook stood before it."""


class Rehearsal(NamedTuple):
    """Everything that is known about one rehearsal."""

    scenario: str = ""
    digest: str = ""
    seed: int = 0
    level: str = ""
    clock: int = 0
    """Seconds that the customer waits for a reply; 0: as long as it takes."""
    turns: tuple[Turn, ...] = ()
    """The way as it stands."""
    tried: tuple[tuple[Turn, ...], ...] = ()
    """The ways that were taken back, each from its first turn."""
    hint: int = 0
    outcome: str = ""
    call: Call = Call()
    """Where the playbook beside it stands."""


def evolve(rehearsal: Rehearsal, event: Event, at: Stamp) -> Rehearsal:
    """What an event changes. Total: what makes no sense here changes nothing."""
    match event:
        case e.Rehearsed(scenario, text, seed, level, clock):
            return Rehearsal(scenario, text, seed, level, clock, call=follow(Call(), event, at))
        case e.Said(text, labels):
            return _turn(rehearsal, Turn(text, tuple(labels), "", {}, rehearsal.hint))
        case e.Waited(seconds):
            return _turn(rehearsal, Turn("", (), "", {}, rehearsal.hint, seconds))
        case e.CustomerSaid(text, meters) if rehearsal.turns:
            turn = rehearsal.turns[-1]._replace(answer=text, meters=dict(meters))
            return rehearsal._replace(turns=(*rehearsal.turns[:-1], turn))
        case e.Hinted(grade):
            return rehearsal._replace(hint=max(rehearsal.hint, grade))
        case e.Rewound(to) if 0 <= to < len(rehearsal.turns):
            return rehearsal._replace(
                turns=rehearsal.turns[:to],
                tried=(*rehearsal.tried, rehearsal.turns),
                outcome="",
                hint=0,
                call=rehearsal.turns[to].call,
            )
        case e.RehearsalEnded(outcome):
            return rehearsal._replace(outcome=outcome)
    return rehearsal._replace(call=follow(rehearsal.call, event, at))


def _turn(rehearsal: Rehearsal, turn: Turn) -> Rehearsal:
    return rehearsal._replace(turns=(*rehearsal.turns, turn._replace(call=rehearsal.call)), hint=0)


def replay(entries: Iterable[tuple[Stamp, Event]]) -> Rehearsal:
    """The rehearsal as its events made it."""
    rehearsal = Rehearsal()
    for at, event in entries:
        rehearsal = evolve(rehearsal, event, at)
    return rehearsal


def find_mood(scenario: Scenario, rehearsal: Rehearsal) -> Mood:
    """Where the customer stands now."""
    answers = find_answers(scenario, rehearsal.turns, rehearsal.seed)
    return answers[-1].mood if answers else begin(scenario)


def find_reaction(scenario: Scenario, rehearsal: Rehearsal, events: Sequence[Event], at: Stamp) -> list[Event]:
    """What the customer does when these events have happened: an answer to what was said, and the end where it comes to one.

    A hold that nobody announced is a silence, and so are words that never came; a call that is ended is over for
    the customer too. What else is done in the playbook they don't see.
    """
    made: list[Event] = []
    if rehearsal.outcome:
        return made

    def take(event: Event) -> None:
        nonlocal rehearsal
        made.append(event)
        rehearsal = evolve(rehearsal, event, at)

    for event in events:
        rehearsal = evolve(rehearsal, event, at)
    held = next((x for x in events if isinstance(x, e.Held)), None)
    if held is not None and not (rehearsal.turns and _ANNOUNCED.search(rehearsal.turns[-1].said)):
        take(e.Waited(max(0, held.until - at.wall) // 1000))
    if rehearsal.turns and not rehearsal.turns[-1].meters:
        answer = find_answers(scenario, rehearsal.turns, rehearsal.seed)[-1]
        take(e.CustomerSaid(answer.says, tuple(answer.mood.meters.items())))
        if answer.mood.ended:
            take(e.RehearsalEnded(answer.mood.ended, rate(scenario, rehearsal._replace(outcome=answer.mood.ended))))
    if rehearsal.call.over and not rehearsal.outcome:
        take(e.RehearsalEnded(LEFT))
    return made


LEFT = "left"
"""How a rehearsal ends that was neither won nor lost: it leaves no mark."""
_ANNOUNCED = re.compile(r"\b(?:hold|moments?|minutes?|seconds?|back|line|wait)\b", re.IGNORECASE)
"""Words of somebody who says that they will be away, and comes back."""


def find_reasons(scenario: Scenario, rehearsal: Rehearsal) -> tuple[Moved, ...]:
    """Why the meters moved at the last turn."""
    answers = find_answers(scenario, rehearsal.turns, rehearsal.seed)
    return answers[-1].moved if answers else ()
