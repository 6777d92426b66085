"""Every key a trainer may write, declared once: `format.md` as data, for the reader and for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.playbook.shapes import (
    Amount,
    Flag,
    ListOf,
    MapOf,
    Reading,
    Record,
    Scalar,
    Shape,
    Span,
    Text,
    Whole,
    Word,
)

if TYPE_CHECKING:
    from calmdesk.playbook.node import Node

PRINCIPLES = (
    "steady",
    "pause",
    "listen",
    "empathise",
    "own",
    "apologise",
    "explain",
    "fix",
    "make-good",
    "boundary",
    "hand-over",
    "move-to-voice",
    "invite",
    "follow-up",
    "learn",
)
KINDS = ("text", "money", "number", "date", "time", "yes-no", "moment")
CHANNELS = ("phone", "chat", "email", "desk")
COMPARISONS = ("over", "under", "at-least", "at-most")


class When(Shape):
    """A condition: all its keys must hold; a list means any of; `not` turns its own group round."""

    _compare = Record("a comparison", {c: (Scalar(), "the bound") for c in COMPARISONS})

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind != "map":
            tip = "Write {fact: value}; {fact: {over: 5}} compares, and {not: {fact: value}} turns it round."
            reading.wrong(node, key, "a condition such as {fault: ours}", tip)
            return None
        found: dict[str, object] = {}
        for name, (_, value) in node.value.items():
            shape: Shape = Scalar()
            if name == "not":
                shape = self
            elif value.kind == "list":
                shape = ListOf(Scalar(), filled=True)
            elif value.kind == "map":
                shape = self._compare
            read = shape.read(value, name, reading)
            if read is not None:
                found[name] = read
        return found

    def schema(self) -> dict[str, object]:
        return {"$ref": "#/definitions/when"}

    def definition(self) -> dict[str, object]:
        """The schema that `$ref` points to (a condition may hold a condition under `not`)."""
        one = Scalar().schema()
        either = {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}, self._compare.schema()]}
        # Draft 7 doesn't read what stands beside a $ref.
        turned = {"description": "turns the condition round", "allOf": [{"$ref": "#/definitions/when"}]}
        return {"type": "object", "properties": {"not": turned}, "additionalProperties": either}


WHEN = When()


class Say(Shape):
    """One line; a list of variants; or a list of lines with conditions, the last without one."""

    _line = Record(
        "a line",
        {
            "when": (WHEN, "when this line is said"),
            "line": (ListOf(Text(), single=True, filled=True), "the words, or a list of variants"),
        },
        required=("line",),
        like='{line: "…"}: lines with and without `when` are written alike',
    )

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind == "list" and any(n.kind == "map" and {"when", "line"} & n.names for n in node.items):
            lines = ListOf(self._line).read(node, key, reading)
            return (
                [{"when": x.get("when"), "lines": x.get("line", [])} for x in lines]
                if isinstance(lines, list)
                else None
            )
        variants = ListOf(Text(), single=True, filled=True).read(node, key, reading)
        return [{"when": None, "lines": variants}] if variants else None

    def schema(self) -> dict[str, object]:
        text = Text().schema()
        return {
            "anyOf": [
                text,
                {"type": "array", "items": text, "minItems": 1},
                {"type": "array", "items": self._line.schema(), "minItems": 1},
            ]
        }


class Go(Shape):
    """A step, `return`, or a list of routes by facts, the last without a condition."""

    _route = Record(
        "a route",
        {"when": (WHEN, "when this way is taken"), "step": (Text(), "the step it leads to")},
        required=("step",),
    )

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind == "list":
            return ListOf(self._route, filled=True).read(node, key, reading) or None
        step = Text(wanted="a text: the id of a step").read(node, key, reading)
        return [{"step": step}] if step else None

    def schema(self) -> dict[str, object]:
        return {"anyOf": [Text().schema(), ListOf(self._route, filled=True).schema()]}


CHOICE = Record(
    "a choice",
    {
        "label": (Text(), "what the agent observes; defaults to the id in words"),
        "go": (Go(), "the step it leads to, `return` in a module, or routes by facts"),
        "at-most": (Whole(), "how often it may be taken within one playing of the file"),
        "then": (Text(), "where it leads once `at-most` is used up"),
        "forget": (ListOf(Text(), single=True), "facts to be asked anew"),
        "when": (WHEN, "the choice is hidden where this doesn't hold"),
    },
    required=("go",),
    short="go",
)

AVOID = Record(
    "a line to avoid",
    {
        "line": (Text(), "the words to keep away from"),
        "why": (Text(), "what they do to the customer"),
        "instead": (Text(), "what to say or do instead"),
    },
    required=("line",),
    short="line",
)

OFFER = Record(
    "an offer",
    {
        "kind": (Word("restore", "gesture"), "restore gives back what is owed; gesture is goodwill beyond it"),
        "ladder": (Text(), "a ladder of the policy"),
        "on": (Text(), "the money fact it is measured by"),
    },
    required=("kind", "ladder", "on"),
    like="{kind: gesture, ladder: goodwill, on: price}",
)

PROMISE = Record(
    "a promise",
    {
        "what": (Text(), "what will be done"),
        "by": (Text(), "a fact in braces, a clock time, or a span such as 24h"),
        "who": (Text(), "who does it; me where nothing is said"),
    },
    required=("what", "by"),
    like='{what: We ring you, by: "{call-by}"}',
)

STEP = Record(
    "a step",
    {
        "title": (Text(), "2 to 4 words"),
        "principle": (Word(*PRINCIPLES), "what the step is for"),
        "cue": (ListOf(Text(), single=True), "at most 3 short hints"),
        "say": (Say(), "the words, at most 25 a line"),
        "avoid": (ListOf(AVOID, single=True), "words to keep away from"),
        "why": (Text(), "why the step is here"),
        "check": (ListOf(Text(), single=True), "at most 5 things to tick"),
        "must-check": (ListOf(Text(), single=True), "things that must be ticked before going on"),
        "timer": (Span(), "a clock that is shown and never blocks, up to 60m"),
        "hold": (Span(), "the customer is on hold here, for at most this long"),
        "ask": (ListOf(Text(), single=True), "a fact, or a list of facts, to ask for"),
        "offer": (OFFER, "what is given back or given"),
        "promise": (PROMISE, "what is promised on leaving the step"),
        "draft": (Text(), "a text of `drafts` to send or paste"),
        "play": (Text(), "a module or playbook to play here"),
        "when": (WHEN, "the step is skipped where this doesn't hold"),
        "choices": (MapOf(CHOICE, like="{yes: next-step, no: other-step}"), "the ways on, by id"),
        "go": (Go(), "the step that follows"),
        "end": (Text(), "the disposition the call ends with"),
        "return": (Text(), "back to where this file was played from"),
        "claims": (ListOf(Text(), single=True), "claims of the articles"),
        "evidence": (ListOf(Text(), single=True), "evidence"),
    },
)

OPTION = Record(
    "an option",
    {
        "label": (Text(), "how it reads"),
        "slip": (Word("ours", "partner", "customer", "unknown"), "whose slip it means; the ladder reads it"),
    },
    required=("label",),
    short="label",
)

FACT = Record(
    "a fact",
    {
        "ask": (Text(), "the question"),
        "such-as": (Text(), "an answer that fits the sentences it will stand in, shown behind the question"),
        "kind": (Word(*KINDS), "text where nothing is said"),
        "one-of": (MapOf(OPTION, like="{ours: Ours, theirs: Their own}"), "the answers to pick from, by id"),
        "default": (Scalar(), "the value while nobody has said otherwise"),
    },
    required=("ask",),
)

CARD = Record(
    "a card",
    {
        "say": (Say(), "the words"),
        "title": (Text(), "2 to 4 words"),
        "cue": (ListOf(Text(), single=True), "at most 3 short hints"),
    },
    required=("say",),
)

INTERRUPTION = Record(
    "an interruption",
    {
        "label": (Text(), "what happens"),
        "play": (Text(), "the playbook or module to play"),
        "card": (CARD, "one screen, then back"),
        "returns": (Flag(), "false where there is no way back"),
        "key": (Text(pattern="[a-z]", wanted="a text: one small letter"), "a fixed key (policy only)"),
    },
)

PATH_RULE = Record(
    "a path rule",
    {
        "before": (Text(wanted="a text: one step (write one rule for each)"), "a step"),
        "every-end": (Text(), "a disposition, or any"),
        "never": (Text(), "a step, or offer"),
        "must-pass": (Text(wanted="a text: one step (write one rule for each)"), "a step"),
        "when": (WHEN, "for `never`"),
    },
)

EXPECT = Record(
    "what a test expects",
    {
        "disposition": (Text(), "how it ends"),
        "passes": (ListOf(Text(), single=True), "steps, in this order"),
        "not-passes": (ListOf(Text(), single=True), "steps it doesn't come to"),
        "promises": (Whole(0), "how many"),
        "offers": (Whole(0), "how many"),
        "amount": (Amount(), "the sum of what was accepted"),
        "ticked": (ListOf(Text(), single=True), "checks that were ticked"),
        "says": (ListOf(Text(), single=True), "a text that was shown"),
    },
)

TEST = Record(
    "a test",
    {
        "name": (Text(), "the situation"),
        "facts": (MapOf(Scalar()), "given beforehand"),
        "choose": (ListOf(Text(), single=True), "choices, and i:ID for an interruption"),
        "offer": (Word("none"), "none makes no offer"),
        "expect": (EXPECT, "what comes out"),
    },
    required=("name", "expect"),
)

PLAYBOOK = Record(
    "a playbook",
    {
        "calmdesk": (Whole(), "the version of this format: 1"),
        "title": (Text(), "2 to 4 words"),
        "goal": (Text(), "one sentence"),
        "module": (Flag(), "true for a file that only others play"),
        "private": (Flag(), "true for a file that nothing is kept of: no call, no promise, no figure"),
        "signals": (ListOf(Text()), "words an agent hears"),
        "aliases": (ListOf(Text()), "other names it is looked for by"),
        "not-for": (MapOf(Text(), ids=False), "signs of another case → the playbook for it"),
        "channels": (ListOf(Word(*CHANNELS)), "where it is used"),
        "facts": (MapOf(FACT), "what is asked, by id"),
        "interruptions": (MapOf(INTERRUPTION), "what may cut in, by id"),
        "steps": (MapOf(STEP), "in order, by id"),
        "drafts": (MapOf(Text(lines=True)), "texts to send, by id"),
        "path-rules": (ListOf(PATH_RULE), "true on every path"),
        "tests": (ListOf(TEST), "plays of this file"),
    },
    required=("calmdesk", "title", "goal", "steps"),
)

DISPOSITION = Record(
    "a disposition",
    {"label": (Text(), "how it reads"), "any-time": (Flag(), "may end the call at any step")},
    required=("label",),
    short="label",
)
RUNG = Record(
    "a rung",
    {
        "role": (Text(), "who"),
        "restore": (Amount(), "most that may be given back"),
        "gesture": (Amount(), "most that may be given"),
    },
    required=("role", "restore", "gesture"),
)
LADDER = Record(
    "a ladder",
    {
        "rungs": (ListOf(RUNG), "lowest first"),
        "cap": (Amount(), "restore + gesture, times the price"),
        "look-back": (Span(), "an earlier gesture in this time goes one rung up"),
    },
)

POLICY = Record(
    "a policy",
    {
        "calmdesk-policy": (Whole(), "the version of this format: 1"),
        "company": (Text(), "{policy.company}"),
        "team-line": (Text(), "never a private number"),
        "currency": (Text(pattern="[A-Z]{3}", wanted="a text: three letters such as USD"), "three letters"),
        "time-zone": (Text(), "system, or a name such as Europe/Paris"),
        "languages": (ListOf(Text()), "codes"),
        "dispositions": (MapOf(DISPOSITION), "how a call may end"),
        "durations": (MapOf(Span()), "{policy.NAME}"),
        "counts": (MapOf(ListOf(Whole(0), single=True)), "{policy.NAME}"),
        "promises": (MapOf(Span()), "how soon"),
        "lines": (
            Record(
                "the lines",
                {
                    "hold": (Text(), "said before a hold"),
                    "back": (Text(), "said after it"),
                    "approval": (Text(), "said while somebody else must approve an offer"),
                },
            ),
            "said around a hold",
        ),
        "ladders": (MapOf(LADDER), "who may give how much"),
        "interruptions": (MapOf(INTERRUPTION), "in every playbook"),
        "emergency-card": (Text(lines=True), "shown when there is danger"),
    },
    required=("calmdesk-policy",),
)


def playbook_schema() -> dict[str, object]:
    """The JSON Schema (draft 7) of a playbook, for editors."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "calmdesk playbook",
        "definitions": {"when": WHEN.definition()},
        **PLAYBOOK.schema(),
    }
