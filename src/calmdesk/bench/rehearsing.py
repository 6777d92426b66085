"""A scenario proved both ways: what should win wins with full marks, what should hurt costs exactly its marks.

Nothing here reads: whoever asks brings the judge. What doesn't hold is told as a story, turn by turn.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.coach.customer import begin, react
from calmdesk.coach.hearing import hear
from calmdesk.coach.labels import TEXTS
from calmdesk.coach.scenario_keys import VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from calmdesk.coach.customer import Mood
    from calmdesk.coach.hearing import Read
    from calmdesk.coach.scenario import Scenario

    _Look = Callable[[str, str], Sequence[str]]

SEEDS = (0, 1, 2, 11)
"""The wordings of the customer under which a way must win."""
REPEATS = 12
"""So often one line is said again; who hasn't won by then never will."""
_SHOWN = 64
_WORD = re.compile(r"[^\W_]+")


class Difference(NamedTuple):
    """One thing that doesn't go as the scenario says: where it stands in the file, what it is, and how it went."""

    place: tuple[str | int, ...]
    title: str
    story: tuple[str, ...] = ()


class Proof(NamedTuple):
    """How a scenario's proof went."""

    scenario: str
    routes: int
    bad: int
    differences: tuple[Difference, ...]


class _Turn(NamedTuple):
    said: str
    seen: Sequence[str]
    before: Mapping[str, int]
    mood: Mood


def prove(scenario: Scenario, read: Read) -> Proof:
    """Play every model answer, every line of them alone, and every bad answer; what differs is told, each once.

    Args:
        scenario: what is proved.
        read: the coach.

    """
    known: dict[tuple[str, str], Sequence[str]] = {}

    def look(reply: str, customer: str) -> Sequence[str]:
        if (reply, customer) not in known:
            known[reply, customer] = hear(scenario, read, reply, customer).labels
        return known[reply, customer]

    found = [*_prove_ways(scenario, look), *_prove_lines(scenario, look), *_prove_harm(scenario, look)]
    return Proof(scenario.id, len(scenario.model_answers), len(scenario.bad_answers), tuple(found))


def _play(scenario: Scenario, replies: Sequence[str], look: _Look, seed: int) -> list[_Turn]:
    """Each reply with what the coach saw in it and where the customer stood before and after; to the end of the way."""
    mood, last, turns = begin(scenario), scenario.opening, []
    for reply in replies:
        seen = look(reply, last)
        answer = react(scenario, mood, reply, seen, seed)
        turns.append(_Turn(reply, seen, mood.meters, answer.mood))
        mood, last = answer.mood, answer.says or last
    return turns


# --- model answers


def _prove_ways(scenario: Scenario, look: _Look) -> Iterator[Difference]:
    seen: dict[str, int] = {}
    for number, route in enumerate(scenario.model_answers):
        same = seen.setdefault(" ".join(w for reply in route for w in _WORD.findall(reply.lower())), number)
        if same != number:
            title = f"way {number + 1} says the same as way {same + 1}: it is no second way to win"
            yield Difference(("model-answers", number), title)
        for seed in SEEDS:
            turns = _play(scenario, route, look, seed)
            if missing := tuple(_missing(scenario, turns)):
                title = f"way {number + 1} doesn't win with full marks"
                story = (f"It was played with --seed {seed}.", *_told(turns), *missing)
                yield Difference(("model-answers", number), title, story)
                break


def _missing(scenario: Scenario, turns: Sequence[_Turn]) -> Iterator[str]:
    """What keeps a way from full marks, a sentence each; nothing where it has them."""
    mood = turns[-1].mood
    for number, turn in enumerate(turns, 1):
        if harm := [x for x in turn.seen if x in VIOLATIONS]:
            yield f"Turn {number} hurts: {_names(harm)}."
    if mood.ended == "lost":
        yield "They hang up."
    for label in sorted(scenario.win - mood.said):
        said = [n for n, turn in enumerate(turns, 1) if label in turn.seen]
        early = f"came too early (turn {said[-1]}): say it once what it waits for has been said" if said else ""
        yield f"{_upper(_names([label]))} {early or 'was seen in no reply'}."
    if mood.ended:
        return
    for name, meter in scenario.meters.items():
        if meter.won_at is not None and mood.meters[name] > meter.won_at:
            yield f"{_upper(name)} stands at {mood.meters[name]} in the end, and it is won from {meter.won_at} down."
    if scenario.hidden_met and mood.hidden != "met":
        out = "came out and no reply answered it" if mood.hidden == "out" else "never came out"
        yield f"The hidden need {out}."


def _prove_lines(scenario: Scenario, look: _Look) -> Iterator[Difference]:
    for number, route in enumerate(scenario.model_answers):
        for at, reply in enumerate(route):
            turns = _play(scenario, (reply,) * REPEATS, look, SEEDS[0])
            if turns[-1].mood.ended == "won":
                won = next(n for n, turn in enumerate(turns, 1) if turn.mood.ended == "won")
                told = "alone" if won == 1 else "by being repeated"
                title = f"one line of way {number + 1} wins {told}: nobody learns a conversation by it"
                more = "Ask for more in `win`, or let the heat start higher."
                yield Difference(("model-answers", number, at), title, (*_told(turns[:won]), more))


# --- bad answers


def _prove_harm(scenario: Scenario, look: _Look) -> Iterator[Difference]:
    for number, (reply, loses) in enumerate(scenario.bad_answers):
        seen = look(reply, scenario.opening)
        harm = {x for x in seen if x in VIOLATIONS}
        if harm == loses:
            continue
        story = [f"“{_short(reply)}”", f"The coach saw: {_names(seen) or 'nothing in it'}."]
        if unseen := loses - harm:
            story.append(f"It should cost, and doesn't: {_names(sorted(unseen))}.")
        if more := harm - loses:
            story.append(f"It costs, and `loses` doesn't say so: {_names(sorted(more))}.")
        yield Difference(
            ("bad-answers", number), f"bad answer {number + 1} costs other marks than it says", tuple(story)
        )


# --- telling


def _told(turns: Sequence[_Turn]) -> Iterator[str]:
    for number, turn in enumerate(turns, 1):
        moved = ", ".join(f"{name} {turn.before[name]} → {value}" for name, value in turn.mood.meters.items())
        yield f"Turn {number}, {moved}: “{_short(turn.said)}”"
        yield f"   the coach saw: {_names(turn.seen) or 'nothing in it'}"


def _names(labels: Collection[str]) -> str:
    return ", ".join(f"{TEXTS[x].name} ({x})" for x in labels)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1].rsplit(" ", 1)[0] + " …"
