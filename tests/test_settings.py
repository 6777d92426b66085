"""Where things are kept and what this desk is set to."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from calmdesk.playbook.folders import built_in_folder
from calmdesk.settings import KEYS, configuration_files, is_there, read_settings, system_file

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


def test_what_each_value_is_now_and_where_it_comes_from_is_known_without_a_file(tmp_path: Path) -> None:
    found = read_settings({"CALMDESK_HOME": str(tmp_path), "ACCESSIBLE": "1"}, str(tmp_path / "none.toml"))
    assert tuple(found.origins) == KEYS
    assert found.origins["plain"] == "environment ACCESSIBLE"
    assert (found.strict, found.locked, found.problems) == (False, frozenset(), ())


def test_a_start_without_a_file_loads_nothing_that_reads_files(tmp_path: Path) -> None:
    home = {"CALMDESK_HOME": str(tmp_path)}
    assert not loaded_by(home, tmp_path)
    (tmp_path / "config.toml").write_text("plain = true")
    assert loaded_by(home, tmp_path) == {"tomllib", "calmdesk.configuration"}


def loaded_by(environment: dict[str, str], folder: Path) -> set[str]:
    """Which of the modules that a file needs a start with this environment loads."""
    code = (
        "import sys; from calmdesk.settings import read_settings;"
        f"read_settings({environment!r}, '/nowhere/config.toml');"
        "print(*({'tomllib', 'tomlkit', 'calmdesk.configuration'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder)
    return set(done.stdout.split())


def test_the_systems_file_is_where_no_variable_can_move_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = system_file()
    for variable in ("HOME", "CALMDESK_HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "PROGRAMDATA", "ALLUSERSPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    assert system_file() == before
    assert os.path.isabs(before)
    assert configuration_files(str(tmp_path))[0] == ("system", before)


def test_a_file_that_cant_be_looked_at_isnt_taken_for_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: str) -> None:
        raise PermissionError

    monkeypatch.setattr("os.lstat", refuse)
    assert is_there("/etc/calmdesk/config.toml")
