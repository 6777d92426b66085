"""What changed lately is told where playbooks are listed and shown, and a broken journal is in nobody's way."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from calmdesk import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Desk

TEXT = """\
calmdesk: 1
title: A kettle
goal: Warm water.
steps:
  hear: {say: What happened, choices: {told: fix}}
  fix: {say: I'll send one., end: recovered}
"""
DAY = 1_795_615_500


@pytest.fixture
def team(desk: Desk, tmp_path: Path) -> Path:
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "kettle.yaml").write_text(TEXT, encoding="utf-8")
    os.utime(folder / "kettle.yaml", (DAY, DAY))
    desk.environment["CALMDESK_PLAYBOOKS"] = str(folder)
    return folder


def row(desk: Desk, name: str) -> list[str]:
    return next(x.split("\t") for x in desk.run("playbook", "list").out.splitlines() if x.startswith(f"{name}\t"))


@pytest.mark.usefixtures("team")
def test_the_list_tells_where_a_playbook_comes_from_and_when_it_changed(desk: Desk) -> None:
    assert row(desk, "kettle")[3] == "team, 2026-11-25"
    assert row(desk, "angry-caller")[3] == "calmdesk"
    listed = {x["id"]: x for x in json.loads(desk.run("playbook", "list", "--json").out)["playbooks"]}
    assert listed["kettle"]["origin"] == "team"
    assert (listed["kettle"]["changed"], listed["kettle"]["changed_since"]) == ("2026-11-25", None)


def test_what_differs_since_the_last_call_is_counted(desk: Desk, team: Path) -> None:
    assert desk.run("handle", "kettle", lines=["told"]).code == 0
    call = json.loads(desk.run("call", "list", "--json").out)["calls"][0]["call"]
    assert row(desk, "kettle")[3] == "team, 2026-11-25"
    assert f"Nothing differs from what call {call}" in desk.run("playbook", "show", "kettle").out
    (team / "kettle.yaml").write_text(TEXT.replace("I'll send one.", "I'll send two."), encoding="utf-8")
    assert row(desk, "kettle")[3].endswith(f", since call {call}")
    shown = desk.run("playbook", "show", "kettle").out
    assert f"Changed since call {call}" in shown
    assert ": what is said: 1. `calmdesk playbook diff kettle` tells each.\n" in shown


def test_what_is_shipped_tells_its_version(desk: Desk) -> None:
    assert desk.run("playbook", "show", "reset").out.endswith(f"\n\nComes with calmdesk {__version__}.\n")


@pytest.mark.usefixtures("team")
def test_a_journal_that_cant_be_used_leaves_the_list_and_the_text(desk: Desk) -> None:
    (desk.home / "journal.db").mkdir(parents=True)
    assert row(desk, "kettle")[3] == "team, 2026-11-25"
    ran = desk.run("playbook", "show", "kettle")
    assert (ran.code, "changed 2026-11-25" in ran.out) == (0, True)
