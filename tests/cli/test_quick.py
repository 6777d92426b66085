"""The short cut to the first words reads what Typer reads, shows what the normal way shows, and loads nothing heavy."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from calmdesk.cli import quick
from tests.terminal.pty_terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from calmdesk.terminal.sitting import Options
    from tests.conftest import Desk

TAKEN = [
    "",
    "angry-caller",
    "./my.yaml",
    "angry-caller --customer Rosa",
    "--customer Rosa angry-caller",
    "--plain angry-caller",
    "angry-caller --fact fault=ours --fact price=8.90",
    "x --case 4471 --channel chat --lang en --answers a.txt",
    "x --summary - --format json",
    "x --summary out.md --format md --plain",
    "x --customer 'Rosa Delgado'",
    "x --customer ''",
]
LEFT = [
    "--help",
    "x --customer",
    "x --nope",
    "x y",
    "x -- y",
    "x --fact",
    "x --customer=Rosa",
    "x --fact --plain",
    "x --format -json",
]


def read_by_typer(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> Options:
    """What Typer makes of the same arguments."""
    from typer.testing import CliRunner

    from calmdesk.cli.app import app
    from calmdesk.terminal import live

    seen: list[Options] = []

    def handle(desk: object) -> int:
        seen.append(desk.options)  # type: ignore[attr-defined]
        return 0

    monkeypatch.setattr(live, "handle", handle)
    result = CliRunner().invoke(app, ["handle", *arguments])
    assert result.exit_code == 0, result.output
    return seen[0]


@pytest.mark.parametrize("line", TAKEN)
def test_what_the_short_cut_takes_it_reads_as_typer_does(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    arguments = shlex.split(line)
    assert quick.read_handle(arguments) == read_by_typer(monkeypatch, arguments)


@pytest.mark.parametrize("line", LEFT)
def test_what_it_does_not_know_is_left_to_typer(line: str) -> None:
    assert quick.read_handle(shlex.split(line)) is None


@pytest.mark.parametrize("line", ["x", "x.yaml ./folder", "x --format json", "--format github x y"])
def test_lint_spelled_out_is_read_as_typer_does(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    from typer.testing import CliRunner

    from calmdesk.cli import linting
    from calmdesk.cli.app import app

    seen: list[linting.Wanted] = []

    def lint(_library: object, wanted: linting.Wanted) -> int:
        seen.append(wanted)
        return 0

    monkeypatch.setattr(linting, "lint", lint)
    result = CliRunner().invoke(app, ["playbook", "lint", *shlex.split(line)])
    assert result.exit_code == 0, result.output
    assert [quick.read_lint(shlex.split(line))] == seen


@pytest.mark.parametrize("line", ["", "--help", "x --fix", "x --format", "x --format=json", "x -- y", "x --watch"])
def test_lint_that_is_not_spelled_out_is_left_to_typer(line: str) -> None:
    assert quick.read_lint(shlex.split(line)) is None


@pytest.mark.parametrize("arguments", [["angry-caller"], ["nowhere.yaml"], ["angry-caller", "--format", "xml"]])
def test_both_ways_lint_alike(desk: Desk, arguments: list[str]) -> None:
    short = desk.run("playbook", "lint", *arguments)
    long = desk.run("playbook", "lint", "--max-warnings=-1", *arguments)
    assert short == long


def test_both_ways_make_the_same_call(desk: Desk) -> None:
    short = desk.run("handle", "angry-caller", "--customer", "Rosa", lines=["ready"])
    long = desk.run("handle", "angry-caller", "--customer=Rosa", lines=["ready"])
    assert short.out == long.out
    assert short.code == long.code == 4


ALLOWED = {
    "calmdesk",
    "calmdesk.cli",
    "calmdesk.cli.quick",
    "calmdesk.errors",
    "calmdesk.digest",
    "calmdesk.safetext",
    "calmdesk.private",
    "calmdesk.settings",
    "calmdesk.playbook",
    "calmdesk.call",
    "calmdesk.journal",
    "calmdesk.terminal",
    *(f"calmdesk.playbook.{m}" for m in ("library", "cache", "folders", "model", "findings", "kinds")),
    *(
        f"calmdesk.call.{m}"
        for m in ("events", "values", "state", "facts", "way", "need", "moves", "asides", "giving", "money", "play")
    ),
    *(f"calmdesk.journal.{m}" for m in ("codec", "drives", "locking", "schema", "store", "opening", "rows", "trouble")),
    *(
        f"calmdesk.terminal.{m}"
        for m in (
            "live",
            "showing",
            "sitting",
            "screen",
            "board",
            "keeping",
            "locks",
            "blocks",
            "views",
            "paint",
            "lines",
            "menus",
            "picking",
            "questions",
            "typed",
            "commands",
            "prompts",
        )
    ),
}
HEAVY = {
    "_hashlib",
    "shutil",
    "typer",
    "rich",
    "yaml",
    "questionary",
    "asyncio",
    "dataclasses",
    "inspect",
    "pathlib",
    "subprocess",
    "difflib",
    "zoneinfo",
}


def test_when_the_words_appear_nothing_heavy_is_loaded(desk: Desk, tmp_path: Path) -> None:
    """A package that stands in for prompt_toolkit tells what is loaded when the first import of it begins."""
    assert desk.run("handle", "angry-caller").code == 4  # the playbook is compiled now
    stand_in = tmp_path / "stand-in" / "prompt_toolkit"
    stand_in.mkdir(parents=True)
    told = tmp_path / "modules.json"
    (stand_in / "__init__.py").write_text(
        f"import json, os, sys\nopen({str(told)!r}, 'w').write(json.dumps(sorted(sys.modules)))\nos._exit(0)\n"
    )
    environment = {**desk.environment, "PYTHONPATH": str(tmp_path / "stand-in")}
    terminal = Terminal(environment, "handle", "angry-caller", "--customer", "Rosa")
    terminal.end()
    terminal.close()
    assert "One slow breath" in terminal.flat
    loaded = set(json.loads(told.read_text()))
    assert {m for m in loaded if m.split(".")[0] == "calmdesk"} <= ALLOWED
    probe = "import json, sys; print(json.dumps(sorted(sys.modules)))"
    before = set(json.loads(subprocess.run([sys.executable, "-c", probe], capture_output=True, check=True).stdout))
    assert {m.split(".")[0] for m in loaded - before} & HEAVY == set()
