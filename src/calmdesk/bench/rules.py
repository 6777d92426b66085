"""Every rule of lint says why it matters, with a bad example and the good one that mends it."""

from __future__ import annotations

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
