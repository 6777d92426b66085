"""A rehearsal as a fold over its events: what was said, what came back, and the ways that were tried and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.coach.customer import Answer, Mood, begin, react

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from calmdesk.call.events import Event
    from calmdesk.coach.customer import Moved
    from calmdesk.coach.scenario import Scenario


class Turn(NamedTuple):
    """A reply and what came of it; `meters` stand as they were after it."""

    said: str
    labels: tuple[str, ...]
    answer: str
    meters: Mapping[str, int]
    hints: int = 0
    """The strongest help that was asked for before it: 0 none, 1 a nudge, 2 a cue, 3 an example."""


class Rehearsal(NamedTuple):
    """Everything that is known about one rehearsal."""

    scenario: str = ""
    digest: str = ""
    seed: int = 0
    level: str = ""
    turns: tuple[Turn, ...] = ()
    """The way as it stands."""
    tried: tuple[tuple[Turn, ...], ...] = ()
    """The ways that were taken back, each from its first turn."""
    hint: int = 0
    outcome: str = ""


def evolve(rehearsal: Rehearsal, event: Event) -> Rehearsal:
    """What an event changes. Total: what makes no sense here changes nothing."""
    match event:
        case e.Rehearsed(scenario, digest, seed, level):
            return rehearsal._replace(scenario=scenario, digest=digest, seed=seed, level=level)
        case e.Said(text, labels):
            turn = Turn(text, tuple(labels), "", {}, rehearsal.hint)
            return rehearsal._replace(turns=(*rehearsal.turns, turn), hint=0)
        case e.CustomerSaid(text, meters) if rehearsal.turns:
            turn = rehearsal.turns[-1]._replace(answer=text, meters=dict(meters))
            return rehearsal._replace(turns=(*rehearsal.turns[:-1], turn))
        case e.Hinted(grade):
            return rehearsal._replace(hint=max(rehearsal.hint, grade))
        case e.Rewound(to) if 0 <= to < len(rehearsal.turns):
            return rehearsal._replace(
                turns=rehearsal.turns[:to], tried=(*rehearsal.tried, rehearsal.turns), outcome="", hint=0
            )
        case e.RehearsalEnded(outcome):
            return rehearsal._replace(outcome=outcome)
    return rehearsal


def replay(events: Iterable[Event]) -> Rehearsal:
    """The rehearsal as its events made it."""
    rehearsal = Rehearsal()
    for event in events:
        rehearsal = evolve(rehearsal, event)
    return rehearsal


def find_answers(scenario: Scenario, turns: Sequence[Turn], seed: int) -> list[Answer]:
    """What the customer did at each of these turns, with the reasons: their memory is what was said to them."""
    mood, found = begin(scenario), []
    for turn in turns:
        found.append(react(scenario, mood, turn.said, turn.labels, seed))
        mood = found[-1].mood
    return found


def find_mood(scenario: Scenario, rehearsal: Rehearsal) -> Mood:
    """Where the customer stands now."""
    answers = find_answers(scenario, rehearsal.turns, rehearsal.seed)
    return answers[-1].mood if answers else begin(scenario)


def say(scenario: Scenario, rehearsal: Rehearsal, text: str, labels: Sequence[str]) -> list[Event]:
    """A reply, what the customer answers, and the end where it comes to one."""
    answer = react(scenario, find_mood(scenario, rehearsal), text, labels, rehearsal.seed)
    events: list[Event] = [
        e.Said(text, tuple(labels)),
        e.CustomerSaid(answer.says, tuple(answer.mood.meters.items())),
    ]
    return [*events, e.RehearsalEnded(answer.mood.ended)] if answer.mood.ended else events


def find_reasons(scenario: Scenario, rehearsal: Rehearsal) -> tuple[Moved, ...]:
    """Why the meters moved at the last turn."""
    answers = find_answers(scenario, rehearsal.turns, rehearsal.seed)
    return answers[-1].moved if answers else ()
