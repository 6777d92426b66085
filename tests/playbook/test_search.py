"""What an agent types or hears finds its playbook, slips of the pen included."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.search import Entry, find_entries, rank

OPENINGS = Path(__file__).parent / "openings.yaml"


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return find_entries(Library((built_in_folder(),), ""))


def ids(entries: list[Entry], heard: str) -> list[str]:
    return [entry.id for entry in rank(entries, heard)]


def test_of_sixty_openings_nobody_here_has_seen_the_right_one_is_among_the_first_two(entries: list[Entry]) -> None:
    openings = yaml.safe_load(OPENINGS.read_text(encoding="utf-8"))
    assert len(openings) == 60
    missed = [o["heard"] for o in openings if o["playbook"] not in ids(entries, o["heard"])[:2]]
    assert len(missed) <= 5, missed


def test_charged_twice_and_shouting_is_billing_with_anger_near(entries: list[Entry]) -> None:
    assert ids(entries, "charged twice and shouting")[:2] == ["billing-error", "angry-caller"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("chargd twise", "billing-error"),
        ("parcle not delivred", "late-delivery"),
        ("wants the mangaer", "supervisor-request"),
        ("SORRY TO BOTHER YOU", "silent-customer-checkin"),
        ("late-delivery", "late-delivery"),
        ("Billing error", "billing-error"),
        ("reset", "reset"),
    ],
)
def test_slips_capitals_and_whole_names_find_it_too(entries: list[Entry], typed: str, found: str) -> None:
    assert ids(entries, typed)[0] == found


def test_nothing_typed_shows_all_and_what_fits_nothing_shows_none(entries: list[Entry]) -> None:
    assert rank(entries, " the and … ") == entries
    assert rank(entries, "zzqx") == []


def test_modules_and_what_cant_be_read_are_not_offered(entries: list[Entry], tmp_path: Path) -> None:
    assert {"steady", "apology", "policy", "claims"} & {entry.id for entry in entries} == set()
    (tmp_path / "broken.yaml").write_text("calmdesk: 1\ntitle: [", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text("calmdesk: 1\ntitle: Mine\naliases: [kettle]\n", encoding="utf-8")
    mine = find_entries(Library((str(tmp_path), built_in_folder()), ""))
    assert ids(mine, "my kettle is broken")[0] == "mine"
    assert "broken" not in {entry.id for entry in mine}
