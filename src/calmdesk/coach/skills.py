"""What a hire can do: attempts by skill (a label in a kind of situation), and when each is due again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.coach.customer import find_answers
from calmdesk.coach.scenario_keys import PRINCIPLES, VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from calmdesk.coach.rehearsal import Rehearsal, Turn
    from calmdesk.coach.scenario import Scenario

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
"""How well it went, as FSRS rates: missed or harmed; only with help or at a second try; unaided; unaided and harder."""
LABELS = frozenset((*PRINCIPLES, *VIOLATIONS))
HARDER = 4
"""From this level up a scenario is a hard one."""


class Skill(NamedTuple):
    """A label of the coach in a kind of situation: the id of a playbook, or nothing where none is known."""

    label: str
    situation: str


class Attempt(NamedTuple):
    """A skill tried once."""

    skill: Skill
    rating: int
    at: int
    """Wall clock, ms."""
    source: str
    """rehearsal, drill, call or coach."""
    number: int
    """Under which number the journal has it."""


class Card(NamedTuple):
    """Where a skill stands."""

    skill: Skill
    first: Attempt
    last: Attempt
    count: int  # type: ignore[assignment]  # that a tuple can count is no loss
    due: int
    """Wall clock, ms."""


class Rated(NamedTuple):
    """A whole conversation with what was found in it: a rehearsal that came to an end, or a reply that was coached."""

    ratings: tuple[tuple[str, int], ...]
    situation: str
    at: int
    """Wall clock, ms."""
    source: str
    number: int


def rate(scenario: Scenario, rehearsal: Rehearsal) -> tuple[tuple[str, int], ...]:
    """How well each label went in a rehearsal that has come to its end; nothing for one that was left."""
    if rehearsal.outcome not in {"won", "lost"}:
        return ()
    heard = [answer.mood.said for answer in find_answers(scenario, rehearsal.turns, rehearsal.seed)]
    asked = [(x, _rate_asked(x, heard, scenario, rehearsal)) for x in PRINCIPLES if x in scenario.win]
    said = {x for way in (*rehearsal.tried, rehearsal.turns) for turn in way for x in turn.labels}
    return (*asked, *((x, AGAIN) for x in VIOLATIONS if x in said))


def _rate_asked(label: str, heard: Sequence[frozenset[str]], scenario: Scenario, rehearsal: Rehearsal) -> int:
    """How well something went that the scenario asks for; what came too early was heard by nobody."""
    at = next((n for n, said in enumerate(heard) if label in said), -1)
    if at < 0:
        return AGAIN
    if rehearsal.turns[at].hints or any(_fell_short(way, label, at, rehearsal.turns) for way in rehearsal.tried):
        return HARD
    unaided = rehearsal.level == "none" and not any(turn.hints for turn in rehearsal.turns[: at + 1])
    return EASY if unaided and (scenario.level >= HARDER or rehearsal.clock > 0) else GOOD


def _fell_short(way: Sequence[Turn], label: str, at: int, stands: Sequence[Turn]) -> bool:
    """Whether a way that was taken back had come as far, and lacked this, or did harm where other words stand now."""
    if len(way) <= at:
        return False
    if not any(label in turn.labels for turn in way[: at + 1]):
        return True
    same = next((n for n, (a, b) in enumerate(zip(way, stands, strict=False)) if a != b), len(way))
    return any(x in VIOLATIONS for turn in way[same : at + 1] for x in turn.labels)


def find_attempts(rated: Iterable[Rated], others: Iterable[Attempt]) -> list[Attempt]:
    """Every attempt, the oldest first: what was rated, the others, and each slip that was kept out again.

    A slip is kept out by a whole conversation without it, once it was made before in that situation. A skill of which
    no situation is known (the coach was asked about a reply) is trained in any.

    Args:
        rated: rehearsals that came to an end, and replies that were coached.
        others: single attempts, of drills and calls.

    """
    found: list[Attempt] = []
    skills: dict[str, dict[str, Skill]] = {"": {}}
    """Situation → label → skill, of those that were tried so far."""
    happened: list[Rated | Attempt] = [*rated, *others]
    for what in sorted(happened, key=lambda x: (x.at, x.number)):
        if isinstance(what, Rated):
            whole, situation, ratings = True, what.situation, what.ratings
        else:
            whole, (label, situation), ratings = False, what.skill, ((what.skill.label, what.rating),)
        known = skills.setdefault(situation, {})
        for label, _ in ratings:
            if label not in known and label in LABELS:
                known[label] = Skill(label, situation)
        here = dict(ratings)
        for place in (known, skills[""]) if situation else (known,):
            for label, skill in place.items():
                rating = here.get(label) or (GOOD if whole and label in VIOLATIONS else 0)
                if AGAIN <= rating <= EASY:
                    found.append(Attempt(skill, rating, what.at, what.source, what.number))
    return found
