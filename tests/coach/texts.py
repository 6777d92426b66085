"""Rules of tests, made of a few patterns; and the shipped ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from calmdesk.coach.phrases import PhraseRule, Phrases
from calmdesk.coach.proving import read_phrase
from calmdesk.coach.rules import open_rules
from calmdesk.playbook.folders import Library, built_in_folder

FOLDER = Path(built_in_folder()).resolve() / "phrases"
FILES = sorted(FOLDER.glob("*.yaml"))


def rule(*patterns: str, unless: tuple[str, ...] = (), name: str = "aa") -> PhraseRule:
    return PhraseRule(name, "BLAME", "violation", patterns, unless, "Why.", "Instead.", (), ())


def hits(text: str, *patterns: str, unless: tuple[str, ...] = ()) -> list[str]:
    return [hit.text for hit in Phrases([rule(*patterns, unless=unless)]).find(text)]


@cache
def shipped() -> dict[str, PhraseRule]:
    found = {}
    for file in FILES:
        read = read_phrase(file.read_bytes(), file.stem, prove=False)
        assert read.rule is not None, read.findings
        found[file.stem] = read.rule
    return found


def shipped_rules() -> Phrases:
    """The rules that the coach reads replies with, as they come with calmdesk."""
    rules, wrong = open_rules(Library((built_in_folder(),), ""))
    assert wrong == []
    return rules
