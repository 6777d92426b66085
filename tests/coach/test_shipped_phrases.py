"""The shipped phrase rules are tested like code: they prove themselves, and good lines stay good."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from calmdesk.coach.features import read_case
from calmdesk.coach.keys import LABELS
from calmdesk.coach.phrases import Phrases
from calmdesk.coach.proving import read_phrase

from .texts import FILES, FOLDER, shipped

if TYPE_CHECKING:
    from pathlib import Path

BOOKS = sorted(FOLDER.parent.glob("*.yaml"))


def lines(say: Any) -> list[str]:
    if isinstance(say, str):
        return [say]
    if isinstance(say, dict):
        return lines(say["line"])
    return [line for part in say or () for line in lines(part)]


@cache
def steps(book: Path) -> list[dict[str, Any]]:
    return list((yaml.safe_load(book.read_text(encoding="utf-8")).get("steps") or {}).values())


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_rule_proves_its_own_tests_and_each_of_its_ways(file: Path) -> None:
    read = read_phrase(file.read_bytes(), file.stem)
    assert read.findings == ()
    assert read.rule is not None
    assert len(read.rule.flag) >= 6
    assert len(read.rule.silent) >= 6
    assert read.rule.label in LABELS[read.rule.kind]


def test_there_are_rules_for_each_label() -> None:
    assert {rule.label for rule in shipped().values()} == {*LABELS["violation"], *LABELS["principle"]}


@cache
def violations() -> Phrases:
    return Phrases(rule for rule in shipped().values() if rule.kind == "violation")


@pytest.mark.parametrize("name", shipped())
def test_each_unless_keeps_a_silent_test_silent(name: str) -> None:
    rule = shipped()[name]
    for unless in rule.unless:
        without = Phrases([rule._replace(unless=tuple(u for u in rule.unless if u != unless))])
        cases = dict(rule.cases)
        assert any(without.find(text, read_case(cases.get(text, ""), "")) for text in rule.silent), unless


def test_every_line_to_say_stays_silent() -> None:
    phrases = violations()
    said = [line for book in BOOKS for step in steps(book) for line in lines(step.get("say"))]
    assert len(said) > 100
    assert [(hit.rule.id, line) for line in said for hit in phrases.find(line)] == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Please calm down.", "calm-down"),
        ("Now that you've calmed down …", "calm-down"),
        ("I understand how you feel.", "empty-empathy"),
        ("It's only a few days.", "make-it-small"),
        ("What you need to understand is …", "as-i-said"),
        ("There's nothing I can do.", "nothing-i-can-do"),
        ("That's not my department.", "nothing-i-can-do"),
        ("We'll get to it as soon as possible.", "soon-without-time"),
        ("Someone will get back to you.", "soon-without-time"),
        ("I'm sorry if you were upset.", "conditional-apology"),
        ("We apologise for any inconvenience.", "conditional-apology"),
        ("I'm sorry, but the courier …", "apology-with-but"),
    ],
)
def test_lines_that_the_playbooks_warn_of_are_caught(line: str, name: str) -> None:
    avoided = [a if isinstance(a, str) else a["line"] for b in BOOKS for s in steps(b) for a in s.get("avoid") or ()]
    assert line in avoided
    assert name in [hit.rule.id for hit in violations().find(line)]


def test_no_rule_finds_harm_in_what_another_calls_good() -> None:
    good = [t for r in shipped().values() for t in (r.why, r.instead)]
    good += [t for r in shipped().values() if r.kind == "principle" for t in r.flag]
    assert [(hit.rule.id, text) for text in good for hit in violations().find(text)] == []
