"""Every key of a practice scenario, declared once, for the reader and for editors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from calmdesk.coach.keys import LABELS
from calmdesk.playbook.keys import CHANNELS
from calmdesk.playbook.shapes import Flag, ListOf, MapOf, Reading, Record, Scalar, Shape, Text, Whole, Word

if TYPE_CHECKING:
    from calmdesk.playbook.node import Node

PRINCIPLES, VIOLATIONS = LABELS["principle"], LABELS["violation"]
MOST = 10
"""A meter goes from 0 to this."""
NOTHING, AGAIN = "nothing", "again"
"""What a reaction may answer beside a label: a reply without a principle, and one that was said before."""
_STEP = re.compile(r"-?(?:[0-9]|10)\Z")


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
                    "met-by": (ListOf(Text(), single=True), "words of an answer to it, any of them"),
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
                    "says": (Text(), "their last words when it is won"),
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


def scenario_schema() -> dict[str, object]:
    """The JSON Schema (draft 7) of a scenario, for editors."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "calmdesk scenario",
        **SCENARIO.schema(),
    }
