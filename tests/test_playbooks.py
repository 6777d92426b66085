"""The shipped playbooks are tested like code: sound, played through the loop, speakable, honestly sourced."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from calmdesk.bench.testing import play_tests
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from tests.conftest import NOON
from tests.proving import find_findings, find_tests

FOLDER = Path(built_in_folder()).resolve()
FILES = sorted(f for f in FOLDER.glob("*.yaml") if f.stem not in {"policy", "claims", "evidence"})
BOOKS = ["angry-caller", "abusive-caller", "supervisor-request"]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library((str(FOLDER),), str(tmp_path_factory.mktemp("cache")))


def plain(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def test_every_shipped_file_has_nothing_to_find(library: Library) -> None:
    findings, files = find_findings(library, [str(FOLDER)])
    assert findings == []
    assert len(FILES) == 10
    assert files >= len(FILES)


@pytest.mark.parametrize("name", BOOKS)
def test_the_tests_inside_pass_through_the_same_loop(library: Library, name: str) -> None:
    edition = open_edition(library, name).edition
    outcomes = play_tests(edition, find_tests(edition), NOON)
    assert [f"{o.name}: {o.difference}" for o in outcomes if o.difference] == []
    assert len(outcomes) >= 5


def test_every_choice_of_every_file_is_taken_by_a_test(library: Library) -> None:
    taken: set[tuple[str, str, str]] = set()
    wanted: set[tuple[str, str, str]] = set()
    for name in BOOKS:
        edition = open_edition(library, name).edition
        for outcome in play_tests(edition, find_tests(edition), NOON):
            taken |= {(v.place[-1].book, v.place[-1].step, v.choice) for v in outcome.call.trail}
        wanted |= {
            (book.id, step, choice.id)
            for book in edition.books.values()
            for step in book.order
            for choice in book.step(step).choices
        }
    assert wanted - taken == set()


def test_every_call_ends_within_twelve_screens(library: Library) -> None:
    edition = open_edition(library, "angry-caller").edition
    straight = [
        o
        for o in play_tests(edition, find_tests(edition), NOON)
        if o.call.ended == "recovered" and not o.call.cuts and len({v.place for v in o.call.trail}) == len(o.call.trail)
    ]
    assert straight
    assert min(len(o.call.trail) for o in straight) <= 12


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_what_is_cited_exists_and_no_line_is_longer_than_a_breath(file: Path) -> None:
    claims, evidence = plain("claims")["claims"], plain("evidence")["evidence"]
    for name, step in plain(file.stem)["steps"].items():
        assert set(step.get("claims") or ()) <= set(claims), name
        assert set(step.get("evidence") or ()) <= set(evidence), name
        lines = re.findall(r"[^\n]+", "\n".join(_lines(step.get("say"))))
        assert all(len(line.split()) <= 25 for line in lines), name


def _lines(say: Any) -> list[str]:
    if isinstance(say, str):
        return [say]
    if isinstance(say, dict):
        return _lines(say["line"])
    return [line for part in say or () for line in _lines(part)]


def test_all_claims_and_evidence_are_there() -> None:
    assert len(plain("claims")["claims"]) == 114
    assert len(plain("evidence")["evidence"]) == 80


def test_an_ending_by_us_takes_two_limits_and_an_unsafe_one_none(library: Library) -> None:
    edition = open_edition(library, "abusive-caller").edition
    ends = {
        o.call.ended: [v.place[-1].step for v in o.call.trail] for o in play_tests(edition, find_tests(edition), NOON)
    }
    assert {"limit-one", "limit-two"} <= set(ends["ended-by-us"])
    assert "ended-unsafe" in ends


def test_the_schema_line_points_to_the_schema_that_the_reader_declares() -> None:
    import json

    from calmdesk.playbook.keys import playbook_schema

    file = FOLDER / "schema" / "playbook.schema.json"
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(json.dumps(playbook_schema()))
    for book in FILES:
        first = book.read_text(encoding="utf-8").split("\n", 1)[0]
        assert first == "# yaml-language-server: $schema=./schema/playbook.schema.json", book.name


def test_amounts_say_that_they_are_placeholders() -> None:
    text = (FOLDER / "policy.yaml").read_text(encoding="utf-8")
    assert "laceholder" in text
