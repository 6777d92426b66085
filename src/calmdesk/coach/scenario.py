"""A practice scenario: every key a trainer may write, declared once, and the file read with every finding at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.coach.keys import LABELS
from calmdesk.playbook.findings import Finding, is_error
from calmdesk.playbook.keys import CHANNELS
from calmdesk.playbook.shapes import (
    Flag,
    ListOf,
    MapOf,
    Reading,
    Record,
    Scalar,
    Shape,
    Text,
    Whole,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from calmdesk.playbook.node import Node

PRINCIPLES, VIOLATIONS = LABELS["principle"], LABELS["violation"]
MOST = 10
"""A meter goes from 0 to this."""
NOTHING, AGAIN = "nothing", "again"
"""What a reaction may answer beside a label: a reply without a principle, and one that was said before."""
_STEP = re.compile(r"-?(?:[0-9]|10)\Z")
_WORDS_MOST = 60


class Step(Shape):
    """By how much a meter moves: a whole number from -10 to 10."""

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind != "number" or not _STEP.match(node.text):
            reading.wrong(node, key, "a whole number from -10 to 10")
            return None
        return int(node.text)

    def schema(self) -> dict[str, object]:
        return {"type": "integer", "minimum": -MOST, "maximum": MOST}


class ReactionShape(Shape):
    """What the customer answers: known keys, and a meter's name with the step that it moves."""

    _known = Record(
        "a reaction",
        {
            "on": (Word(*PRINCIPLES, *VIOLATIONS, NOTHING, AGAIN), "a label, nothing, or again"),
            "on-words": (ListOf(Text(), single=True, filled=True), "words of the reply, any of them"),
            "before": (Word(*PRINCIPLES), "only while this hasn't been said yet"),
            "says": (ListOf(Text(), single=True, filled=True), "what the customer says, in a few ways"),
        },
    )

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind != "map":
            reading.wrong(node, key, "a reaction such as {on: BLAME, heat: 2, says: [Oh, mine?]}")
            return None
        found: dict[str, Any] = {}
        moves: dict[str, int] = {}
        for name, (_, value) in node.value.items():
            if name in self._known.keys:
                read = self._known.keys[name][0].read(value, name, reading)
                if read is not None:
                    found[name] = read
            elif (step := Step().read(value, name, reading)) is not None:
                assert isinstance(step, int)
                moves[name] = step
        return {**found, "moves": moves}

    def schema(self) -> dict[str, object]:
        known = self._known.schema()
        return {**known, "additionalProperties": Step().schema()}


_METER = Record(
    "a meter",
    {
        "start": (Whole(0, MOST), "where it stands at the beginning"),
        "lose-at": (Whole(1, MOST), "from here up the rehearsal is lost"),
        "won-at": (Whole(0, MOST), "down to here it can be won"),
    },
    required=("start",),
    short="start",
)
_AFTER = Record(
    "what comes before it",
    {
        "heat": (Record("a bound", {"at-most": (Whole(0, MOST), "the most")}, required=("at-most",)), "how calm"),
        "shame": (Record("a bound", {"at-most": (Whole(0, MOST), "the most")}, required=("at-most",)), "how free"),
        "said": (ListOf(Word(*PRINCIPLES), single=True), "what has been said"),
    },
)
SCENARIO = Record(
    "a scenario",
    {
        "calmdesk-scenario": (Whole(), "the version of this format: 1"),
        "title": (Text(), "2 to 6 words"),
        "playbook": (Text(), "the playbook it rehearses"),
        "level": (Whole(1, 5), "how hard it is, from 1 to 5"),
        "channel": (Word(*CHANNELS), "how they reach you; phone where nothing is said"),
        "customer": (
            Record(
                "the customer",
                {"name": (Text(), "first and last name"), "about": (Text(), "who they are, in a sentence or two")},
                required=("name", "about"),
            ),
            "who it is",
        ),
        "meters": (MapOf(_METER, like="{heat: {start: 7, lose-at: 10, won-at: 3}}"), "heat, and others such as shame"),
        "facts": (MapOf(Scalar()), "facts of the playbook that are known beforehand"),
        "you-know": (ListOf(Text(), single=True, filled=True), "what the agent sees"),
        "you-may": (ListOf(Text(), single=True), "what the agent may promise"),
        "others-decide": (ListOf(Text(), single=True), "what nobody here can promise"),
        "plans": (ListOf(Text(), single=True), "if-then plans, said aloud before it begins"),
        "opening": (Text(lines=True), "the customer's first words"),
        "reactions": (ListOf(ReactionShape(), filled=True), "what the customer answers"),
        "hidden": (
            Record(
                "the hidden need",
                {
                    "need": (Text(), "what it is, in a sentence"),
                    "after": (_AFTER, "when it comes out"),
                    "says": (Text(), "the words it comes out with"),
                },
                required=("need", "after", "says"),
            ),
            "what they don't say at first",
        ),
        "win": (
            Record(
                "how it is won",
                {
                    "said": (ListOf(Word(*PRINCIPLES), single=True, filled=True), "what must have been said"),
                    "hidden-met": (Flag(), "true: the hidden need has come out and was answered"),
                },
                required=("said",),
            ),
            "how it is won",
        ),
        "model-answers": (ListOf(ListOf(Text(lines=True), filled=True), filled=True), "whole ways to win, each a list"),
        "bad-answers": (
            ListOf(
                Record(
                    "a bad answer",
                    {
                        "reply": (Text(lines=True), "what somebody might say"),
                        "loses": (ListOf(Word(*VIOLATIONS), single=True, filled=True), "the marks it costs"),
                    },
                    required=("reply", "loses"),
                ),
                filled=True,
            ),
            "replies that cost marks",
        ),
    },
    required=(
        "calmdesk-scenario",
        "title",
        "playbook",
        "level",
        "customer",
        "meters",
        "you-know",
        "opening",
        "reactions",
        "win",
        "model-answers",
        "bad-answers",
    ),
)


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
    for report in _check(read):
        reading.report(*report)
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
        )
        if hidden
        else None,
        frozenset(read["win"]["said"]),
        bool(read["win"].get("hidden-met")),
        tuple(tuple(route) for route in read["model-answers"]),
        tuple((bad["reply"], frozenset(bad["loses"])) for bad in read["bad-answers"]),
    )


_Report = tuple[tuple[str | int, ...], str, str, str, str]


def _check(read: dict[str, Any]) -> Iterator[_Report]:
    """What can be seen to be wrong without playing it."""
    if read["calmdesk-scenario"] != 1:
        tip = "Write `calmdesk-scenario: 1`, or update calmdesk."
        yield ("calmdesk-scenario",), "version", "This format is newer than this calmdesk.", tip, "error"
    meters = read["meters"]
    if "heat" not in meters:
        yield (
            ("meters",),
            "no-heat",
            "There is no meter “heat”.",
            "Add heat: {start: 6, lose-at: 10, won-at: 3}.",
            "error",
        )
    for name, meter in meters.items():
        path = ("meters", name)
        if meter.get("lose-at", MOST + 1) <= meter["start"]:
            yield (
                path,
                "lost-at-start",
                f"“{name}” is lost before a word is said.",
                "Let it start below `lose-at`.",
                "error",
            )
    if "heat" in meters and meters["heat"].get("won-at") is None:
        yield (
            ("meters", "heat"),
            "no-won-at",
            "Nothing says how calm they must be in the end.",
            "Add `won-at: 3`.",
            "error",
        )
    for n, reaction in enumerate(read["reactions"]):
        yield from _check_reaction(reaction, ("reactions", n), meters)
    hidden = read.get("hidden")
    if read["win"].get("hidden-met") and not hidden:
        yield ("win", "hidden-met"), "no-hidden", "There is no hidden need to meet.", "Write `hidden:`.", "error"
    for meter in (hidden or {}).get("after") or ():
        if meter != "said" and meter not in meters:
            yield ("hidden", "after", meter), "unknown-meter", f"There is no meter “{meter}”.", "", "error"
    if len(read["model-answers"]) < 2:
        tip = "Write a second way to win: who practises must not learn one by heart."
        yield ("model-answers",), "one-way", "There is only one way to win.", tip, "error"


def _check_reaction(reaction: dict[str, Any], path: tuple[str | int, ...], meters: dict[str, Any]) -> Iterator[_Report]:
    on, moves = reaction.get("on"), reaction["moves"]
    if not on and not reaction.get("on-words"):
        tip = "Add `on: LABEL`, `on: nothing`, `on: again` or `on-words: [words]`."
        yield path, "answers-nothing", "This reaction answers nothing.", tip, "error"
    for name, by in moves.items():
        if name not in meters:
            names = ", ".join(meters)
            yield (*path, name), "unknown-meter", f"There is no meter “{name}”.", f"Meters: {names}.", "error"
        elif on in PRINCIPLES and by > 0 and "before" not in reaction:
            tip = "Add `before: LABEL`, where it comes too early; or let it calm."
            yield (*path, name), "good-angers", f"What does good ({on}) makes it worse here.", tip, "error"
        elif on in {*VIOLATIONS, NOTHING, AGAIN} and by < 0:
            yield (*path, name), "harm-calms", f"“{on}” makes it better here.", "Take the minus out.", "error"
    for n, line in enumerate(reaction.get("says") or ()):
        if len(line.split()) > _WORDS_MOST:
            yield (
                (*path, "says", n),
                "long-line",
                f"{len(line.split())} words; nobody waits so long.",
                "Cut it.",
                "warning",
            )
