"""Where things are kept and what this desk is set to."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from calmdesk.playbook.folders import built_in_folder
from calmdesk.settings import read_settings

if TYPE_CHECKING:
    from pathlib import Path

linux = pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="the usual places are the platform's")


def test_calmdesk_home_puts_everything_under_one_folder(tmp_path: Path) -> None:
    found = read_settings({"CALMDESK_HOME": str(tmp_path), "XDG_DATA_HOME": "/elsewhere"})
    assert found.data == found.config == str(tmp_path)
    assert found.cache == str(tmp_path / "cache")


def test_a_relative_home_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({"CALMDESK_HOME": "here"}).data == str(tmp_path / "here")


@linux
def test_without_a_home_the_platforms_usual_places_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ana")
    found = read_settings({})
    assert (found.data, found.config, found.cache) == (
        "/home/ana/.local/share/calmdesk", "/home/ana/.config/calmdesk", "/home/ana/.cache/calmdesk",
    )  # fmt: skip


@linux
def test_the_xdg_folders_are_taken_where_they_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ana")
    found = read_settings({"XDG_DATA_HOME": "/d", "XDG_CONFIG_HOME": "/c", "XDG_CACHE_HOME": ""})
    assert (found.data, found.config, found.cache) == ("/d/calmdesk", "/c/calmdesk", "/home/ana/.cache/calmdesk")


def test_an_empty_home_is_none() -> None:
    assert read_settings({"CALMDESK_HOME": ""}) == read_settings({})


def test_more_playbook_folders_are_looked_through_first_in_their_order(tmp_path: Path) -> None:
    named = os.pathsep.join([str(tmp_path / "one"), "", str(tmp_path / "two")])
    found = read_settings({"CALMDESK_HOME": str(tmp_path), "CALMDESK_PLAYBOOKS": named})
    assert found.folders == (str(tmp_path / "one"), str(tmp_path / "two"))
    assert found.library.folders == (*found.folders, str(tmp_path / "playbooks"), os.path.abspath(built_in_folder()))
    assert found.library.cache == found.cache


@pytest.mark.parametrize(
    ("environment", "plain"),
    [
        ({}, False),
        ({"ACCESSIBLE": "1"}, True),
        ({"ACCESSIBLE": "0"}, False),
        ({"ACCESSIBLE": ""}, False),
        ({"TERM": "dumb"}, True),
        ({"TERM": "xterm"}, False),
    ],
)
def test_lines_of_text_are_wanted_where_the_environment_says_so(environment: dict[str, str], plain: bool) -> None:
    assert read_settings(environment).plain is plain


def test_the_real_environment_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALMDESK_HOME", "/somewhere")
    monkeypatch.setenv("ACCESSIBLE", "1")
    assert not read_settings({}).plain
    assert "/somewhere" not in read_settings({}).data
