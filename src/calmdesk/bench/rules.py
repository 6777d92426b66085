"""Every rule of lint says why it matters, with a bad example and the good one that mends it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, cast

from calmdesk.errors import CalmdeskError
from calmdesk.playbook.shapes import MapOf, Reading, Record, Text, Whole, Word
from calmdesk.playbook.source import read_source

SEVERITIES = ("error", "warning", "note")
_RULE = Record(
    "a rule",
    {
        "severity": (Word(*SEVERITIES), "error, warning or note"),
        "says": (Text(), "what it means, in one sentence"),
        "why": (Text(), "what happens on a call otherwise, and what to do"),
        "bad": (Text(lines=True), "an example"),
        "good": (Text(lines=True), "the same example, mended"),
    },
    required=("severity", "says", "why", "bad", "good"),
)
_RULES = Record(
    "a file of rules",
    {"calmdesk-rules": (Whole(1, 1), "the version of this format: 1"), "rules": (MapOf(_RULE), "the rules, by id")},
    required=("calmdesk-rules", "rules"),
)
_TOP_KEY = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
_HEAD = {
    "calmdesk": "calmdesk: 1",
    "title": "title: An example",
    "goal": "goal: One sentence.",
    "steps": "steps:\n  start: {title: Start, end: recovered}",
}


class Rule(NamedTuple):
    """One rule, explained; `bad` and `good` are examples as a trainer would write them, their head left out."""

    id: str
    severity: str
    says: str
    why: str
    bad: str
    good: str


def read_rules(data: bytes) -> dict[str, Rule]:
    """The rules of `playbooks/lint/rules.yaml`, in its order. Raises CalmdeskError (3) where something is wrong with it."""
    reading = Reading("rules.yaml")
    source = read_source(data, reading.path)
    read = _RULES.read(source.root, "", reading) if source.root is not None else None
    wrong = (*source.findings, *reading.findings)
    if wrong or not isinstance(read, dict):
        told = f": line {wrong[0].line}: {wrong[0].message}" if wrong else "."
        raise CalmdeskError(f"rules.yaml can't be read{told}", "It comes with calmdesk: install it again.")
    return {name: Rule(name, **cast("dict[str, Any]", rule)) for name, rule in read["rules"].items()}


def whole_example(text: str) -> str:
    """An example with the head that it leaves out; one without a key of its own, or another kind of file, stays as it is."""
    keys = set(_TOP_KEY.findall(text))
    if not keys or keys & {"calmdesk-phrase", "calmdesk-policy"}:
        return text
    # Above it: what a broken example leaves open would swallow what comes below.
    return "\n".join([*(line for key, line in _HEAD.items() if key not in keys), text])
