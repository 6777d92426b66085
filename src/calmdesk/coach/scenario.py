"""A practice scenario, read with every finding at once: who the customer is, what moves them, and how it is won."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.coach.scenario_keys import AGAIN, MOST, NOTHING, PRINCIPLES, SCENARIO, VIOLATIONS
from calmdesk.playbook.findings import Finding, is_error
from calmdesk.playbook.shapes import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS_MOST = 60


class Meter(NamedTuple):
    """Something about the customer from 0 to 10: heat, shame …"""

    start: int
    lose_at: int | None
    won_at: int | None


class Reaction(NamedTuple):
    """What the customer answers to a label (or `nothing`, `again`) or to words, and how it moves the meters."""

    on: str
    words: tuple[str, ...]
    before: str
    moves: Mapping[str, int]
    says: tuple[str, ...]


class Hidden(NamedTuple):
    """What a customer says only once they are heard: `at_most` is meter → the most it may stand at."""

    need: str
    at_most: Mapping[str, int]
    said: frozenset[str]
    says: str
    met_by: tuple[str, ...] = ()
    """Words of which an answer to it has at least one; any good answer will do where there are none."""


class Scenario(NamedTuple):
    """A written rehearsal."""

    id: str
    title: str
    playbook: str
    level: int
    channel: str
    name: str
    about: str
    meters: Mapping[str, Meter]
    facts: Mapping[str, str]
    you_know: tuple[str, ...]
    you_may: tuple[str, ...]
    others_decide: tuple[str, ...]
    plans: tuple[str, ...]
    opening: str
    reactions: tuple[Reaction, ...]
    hidden: Hidden | None
    win: frozenset[str]
    hidden_met: bool
    goodbye: str
    model_answers: tuple[tuple[str, ...], ...]
    bad_answers: tuple[tuple[str, frozenset[str]], ...]

    @property
    def case(self) -> str:
        """What is true and what may be promised, as the coach reads it."""
        parts = [" ".join(_sentence(x) for x in self.you_know)]
        if self.you_may:
            parts.append(f"Agent may: {', '.join(self.you_may)}.")
        if self.others_decide:
            parts.append(f"Not in the agent's hands: {', '.join(self.others_decide)}.")
        return " ".join(parts)


def _sentence(text: str) -> str:
    return text if text[-1:] in ".!?" else f"{text}."


class ReadScenario(NamedTuple):
    """One scenario file, read: the scenario (None where it can't be used) and the findings."""

    name: str
    scenario: Scenario | None
    reading: Reading

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with it, in the order of the file."""
        return tuple(sorted(self.reading.findings, key=lambda f: (f.line, f.column, f.rule)))


def read_scenario(data: bytes, name: str, path: str = "") -> ReadScenario:
    """A scenario file → its scenario and findings. Never raises.

    Args:
        data: the file's bytes.
        name: the scenario's id (the file's name without its ending).
        path: how findings name the file.

    """
    from calmdesk.playbook.source import read_source

    reading = Reading(path or f"{name}.yaml")
    source = read_source(data, reading.path)
    reading.findings.extend(source.findings)
    if source.root is None or source.root.kind != "map":
        if not any(is_error(f) for f in source.findings):
            reading.report(
                (), "no-scenario", "There is no scenario in this file.", "Start with `calmdesk-scenario: 1`."
            )
        return ReadScenario(name, None, reading)
    reading.root = source.root
    read = SCENARIO.read(source.root, "", reading)
    assert isinstance(read, dict)
    if any(key not in read for key in SCENARIO.required):
        return ReadScenario(name, None, reading)
    _check(read, reading)
    return ReadScenario(name, _make(read, name) if not any(map(is_error, reading.findings)) else None, reading)


def _make(read: dict[str, Any], name: str) -> Scenario:
    hidden = read.get("hidden")
    after = hidden["after"] if hidden else {}
    return Scenario(
        name,
        read["title"],
        read["playbook"],
        read["level"],
        read.get("channel") or "phone",
        read["customer"]["name"],
        read["customer"]["about"],
        {m: Meter(d["start"], d.get("lose-at"), d.get("won-at")) for m, d in read["meters"].items()},
        read.get("facts") or {},
        tuple(read["you-know"]),
        tuple(read.get("you-may") or ()),
        tuple(read.get("others-decide") or ()),
        tuple(read.get("plans") or ()),
        read["opening"],
        tuple(
            Reaction(
                r.get("on") or "",
                tuple(w.lower() for w in r.get("on-words") or ()),
                r.get("before") or "",
                r["moves"],
                tuple(r.get("says") or ()),
            )
            for r in read["reactions"]
        ),
        Hidden(
            hidden["need"],
            {m: bound["at-most"] for m, bound in after.items() if m != "said"},
            frozenset(after.get("said") or ()),
            hidden["says"],
            tuple(hidden.get("met-by") or ()),
        )
        if hidden
        else None,
        frozenset(read["win"]["said"]),
        bool(read["win"].get("hidden-met")),
        read["win"].get("says") or "",
        tuple(tuple(route) for route in read["model-answers"]),
        tuple((bad["reply"], frozenset(bad["loses"])) for bad in read["bad-answers"]),
    )


def _check(read: dict[str, Any], reading: Reading) -> None:
    """Report what can be seen to be wrong without playing it."""
    report, meters = reading.report, read["meters"]
    if read["calmdesk-scenario"] != 1:
        tip = "Write `calmdesk-scenario: 1`, or update calmdesk."
        report(("calmdesk-scenario",), "version", "This format is newer than this calmdesk.", tip)
    if "heat" not in meters:
        report(("meters",), "no-heat", "There is no meter “heat”.", "Add heat: {start: 6, lose-at: 10, won-at: 3}.")
    elif meters["heat"].get("won-at") is None:
        report(("meters", "heat"), "no-won-at", "Nothing says how calm they must be in the end.", "Add `won-at: 3`.")
    for name, meter in meters.items():
        if meter.get("lose-at", MOST + 1) <= meter["start"]:
            tip = "Let it start below `lose-at`."
            report(("meters", name), "lost-at-start", f"“{name}” is lost before a word is said.", tip)
    for n, reaction in enumerate(read["reactions"]):
        _check_reaction(reaction, ("reactions", n), meters, reading)
    hidden = read.get("hidden")
    if read["win"].get("hidden-met") and not hidden:
        report(("win", "hidden-met"), "no-hidden", "There is no hidden need to meet.", "Write `hidden:`.")
    for meter in (hidden or {}).get("after") or ():
        if meter != "said" and meter not in meters:
            tip = f"Meters: {', '.join(meters)}."
            report(("hidden", "after", meter), "unknown-meter", f"There is no meter “{meter}”.", tip)
    if len(read["model-answers"]) < 2:
        tip = "Write a second way to win: who practises must not learn one by heart."
        report(("model-answers",), "one-way", "There is only one way to win.", tip)


def _check_reaction(
    reaction: dict[str, Any], path: tuple[str | int, ...], meters: dict[str, Any], reading: Reading
) -> None:
    report, on = reading.report, reaction.get("on")
    if not on and not reaction.get("on-words"):
        tip = "Add `on: LABEL`, `on: nothing`, `on: again` or `on-words: [words]`."
        report(path, "answers-nothing", "This reaction answers nothing.", tip)
    for name, by in reaction["moves"].items():
        if name not in meters:
            tip = f"Meters: {', '.join(meters)}."
            report((*path, name), "unknown-meter", f"There is no meter “{name}”.", tip)
        elif on in PRINCIPLES and by > 0 and "before" not in reaction:
            tip = "Add `before: LABEL`, where it comes too early; or let it calm."
            report((*path, name), "good-angers", f"What does good ({on}) makes it worse here.", tip)
        elif on in {*VIOLATIONS, NOTHING, AGAIN} and by < 0:
            report((*path, name), "harm-calms", f"“{on}” makes it better here.", "Take the minus out.")
    for n, line in enumerate(reaction.get("says") or ()):
        if len(line.split()) > _WORDS_MOST:
            message = f"{len(line.split())} words; nobody waits so long."
            report((*path, "says", n), "long-line", message, "Cut it.", "warning")
