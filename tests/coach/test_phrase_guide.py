"""The trainer's guide to phrase rules: every rule it shows proves itself, every row of its table catches what it says."""

from __future__ import annotations

import re

import pytest

from calmdesk.coach.classes import CLASSES, SEEN
from calmdesk.coach.keys import parse_pattern
from calmdesk.coach.phrases import Phrases
from calmdesk.coach.proving import read_phrase
from tests.coach.texts import FOLDER, rule

GUIDE = (FOLDER / "README.md").read_text(encoding="utf-8")
RULES = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
ROWS = [(m[0].replace("\\|", "|"), m[1]) for m in re.findall(r"^\| `(.+?)` \| .+? \| (.+?) \|$", GUIDE, re.MULTILINE)]


@pytest.mark.parametrize("text", RULES)
def test_each_rule_of_the_guide_proves_itself(text: str) -> None:
    name = re.search(r"^rule: (\S+)", text, re.MULTILINE)
    assert name
    assert read_phrase(text.encode(), name.group(1)).findings == ()


@pytest.mark.parametrize(("pattern", "sentence"), ROWS)
def test_each_row_of_the_guide_catches_its_sentence(pattern: str, sentence: str) -> None:
    assert Phrases([rule(pattern)]).find(sentence)


def test_the_guide_names_all_classes() -> None:
    assert len(ROWS) == 7
    assert len(RULES) == 3
    assert set(re.findall(r"<([a-z-]+)>", GUIDE)) == {*CLASSES, *SEEN}


@pytest.mark.parametrize("name", CLASSES)
def test_each_way_of_a_class_is_found(name: str) -> None:
    for words in CLASSES[name]:
        said = f"Well, {words} it was."
        assert Phrases([rule(f"well <{name}> it")]).find(said), words
        assert parse_pattern(f"<{name}>")
