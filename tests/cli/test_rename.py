"""`playbook rename` as a trainer runs it: what follows, what stays byte for byte, and what is refused."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Desk

MAIN = """\
# Our own playbook.   Layout stays.
calmdesk: 1
title: Late parcel
goal: Say where it is.
facts:
  thing: {ask: "What is late?"}
steps:
  hear:
    say: "Tell me about it."          # the first words
    choices: {done: find, again: {go: hear, at-most: 2}}
  find: {play: finding}
  close: {title: Close, say: "{thing} comes tomorrow.", end: recovered}
tests:
  - name: All of it
    facts: {thing: the red bike}
    choose: [again, done, done]
    expect: {disposition: recovered, passes: [hear, finding/look, close]}
"""
FINDING = """\
calmdesk: 1
title: Finding
goal: Find it.
module: true
facts:
  thing: {ask: "What is late?"}
steps:
  look:
    say: "I am looking for {thing}."
    ask: thing
    choices: {done: return}
"""
OTHER = """\
calmdesk: 1
title: Something else
goal: Say so.
facts:
  thing: {ask: "Which one is it, of all these?"}
steps:
  hear: {ask: thing, say: "It is {thing}.", end: recovered}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three playbooks, two of which belong together."""
    made = tmp_path / "books"
    made.mkdir()
    for name, text in (("main", MAIN), ("finding", FINDING), ("other", OTHER)):
        (made / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(made)
    return made


def texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.iterdir())}


def test_a_step_is_called_otherwise_in_its_file_and_the_words_that_are_shown_are_told(desk: Desk, folder: Path) -> None:
    ran = desk.run("playbook", "rename", "main.yaml", "hear", "listen")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "Renamed the step “hear” to “listen”:\n"
        "  main.yaml: 3 lines (8, 10, 17)\n"
        "It is shown by its name, so agents read “Listen” now; write a `title` to keep the words.\n"
        "Calls that were handled before keep the name they were handled with; `diff` and what `graph` counts know both as one.\n"
    )
    assert texts(folder) == {
        "finding.yaml": FINDING,
        "main.yaml": MAIN.replace("  hear:", "  listen:")
        .replace("go: hear", "go: listen")
        .replace("[hear,", "[listen,"),
        "other.yaml": OTHER,
    }
    assert desk.run("playbook", "test", "main.yaml").code == 0


def test_a_modules_step_follows_in_the_tests_of_who_plays_it(desk: Desk, folder: Path) -> None:
    assert desk.run("playbook", "rename", "finding.yaml", "look", "search").code == 0
    assert texts(folder)["main.yaml"] == MAIN.replace("finding/look", "finding/search")
    assert desk.run("playbook", "test", "main.yaml").code == 0


def test_a_modules_choice_follows_in_the_tests_of_who_plays_it_and_only_where_it_is_taken(
    desk: Desk, folder: Path
) -> None:
    assert desk.run("playbook", "rename", "finding.yaml", "look/done", "found", "--choice").code == 0
    assert texts(folder)["main.yaml"] == MAIN.replace("[again, done, done]", "[again, done, found]")
    assert desk.run("playbook", "test", "main.yaml").code == 0


def test_a_fact_follows_in_every_file_that_shares_it_and_in_no_other(desk: Desk, folder: Path) -> None:
    ran = desk.run("playbook", "rename", "finding.yaml", "thing", "parcel", "--fact")
    assert ran.code == 0
    assert texts(folder) == {
        "finding.yaml": FINDING.replace("thing", "parcel"),
        "main.yaml": MAIN.replace("thing", "parcel"),
        "other.yaml": OTHER,
    }
    assert desk.run("playbook", "lint", ".").code == 0
    assert desk.run("playbook", "test", "main.yaml").code == 0


def test_a_dry_run_shows_the_lines_and_writes_nothing(desk: Desk, folder: Path) -> None:
    ran = desk.run("playbook", "rename", "main.yaml", "hear", "listen", "--dry-run")
    assert ran.code == 0
    assert "Would rename the step “hear” to “listen”:" in ran.out
    assert "    - hear:\n    + listen:\n" in ran.out
    assert texts(folder)["main.yaml"] == MAIN


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("main.yaml", "haer", "listen"), "Did you mean “hear”?"),
        (("main.yaml", "hear", "find"), "There is a step “find” already."),
        (("main.yaml", "hear", "Listen!"), "Did you mean “listen”?"),
        (("main.yaml", "done", "ready", "--choice"), "Write the choice as STEP/CHOICE"),
        (("main.yaml", "hear/dome", "ready", "--choice"), "Did you mean “done”?"),
        (("main.yaml", "hear", "listen", "--fact", "--choice"), "a fact or a choice, not both"),
        (("nothing.yaml", "hear", "listen"), "There is no file"),
    ],
)
def test_what_cant_be_is_refused_and_nothing_is_written(
    arguments: tuple[str, ...], says: str, desk: Desk, folder: Path
) -> None:
    ran = desk.run("playbook", "rename", *arguments)
    assert ran.code in {2, 3}
    assert says in ran.err
    assert texts(folder) == {"finding.yaml": FINDING, "main.yaml": MAIN, "other.yaml": OTHER}


def test_a_fact_that_only_a_module_declares_is_renamed_there(desk: Desk, folder: Path) -> None:
    (folder / "main.yaml").write_text(
        MAIN.replace('  thing: {ask: "What is late?"}\n', '  more: {ask: "And?"}\n').replace(
            "{thing} comes", "{more} comes"
        ),
        encoding="utf-8",
    )
    ran = desk.run("playbook", "rename", "main.yaml", "thing", "parcel", "--fact")
    assert ran.code == 2
    assert "`calmdesk playbook rename finding.yaml thing parcel --fact` follows it everywhere." in ran.err


def test_a_fact_that_a_file_elsewhere_shares_stays(desk: Desk, folder: Path, tmp_path: Path) -> None:
    team = tmp_path / "team"
    team.mkdir()
    os.rename(folder / "finding.yaml", team / "finding.yaml")
    ran = desk.run("playbook", "rename", "main.yaml", "thing", "parcel", "--fact", CALMDESK_PLAYBOOKS=str(team))
    assert ran.code == 2
    assert "which stands in another folder" in ran.err
    assert texts(folder)["main.yaml"] == MAIN


def test_a_playbook_with_errors_is_mended_first(desk: Desk, folder: Path) -> None:
    broken = MAIN.replace("done: find", "done: fnd")
    (folder / "main.yaml").write_text(broken, encoding="utf-8")
    ran = desk.run("playbook", "rename", "main.yaml", "hear", "listen")
    assert ran.code == 1
    assert "unknown-step" in ran.err
    assert texts(folder)["main.yaml"] == broken


def test_a_file_that_may_not_be_written_leaves_all_of_them_as_they_are(desk: Desk, folder: Path) -> None:
    os.chmod(folder / "main.yaml", 0o444)
    if os.access(folder / "main.yaml", os.W_OK):
        pytest.skip("who is root may write it all the same")
    ran = desk.run("playbook", "rename", "finding.yaml", "thing", "parcel", "--fact")
    assert ran.code == 3
    assert texts(folder) == {"finding.yaml": FINDING, "main.yaml": MAIN, "other.yaml": OTHER}


def test_line_endings_and_who_may_read_the_file_stay(desk: Desk, folder: Path) -> None:
    data = MAIN.replace("\n", "\r\n").encode()
    (folder / "main.yaml").write_bytes(data)
    os.chmod(folder / "main.yaml", 0o640)
    assert desk.run("playbook", "rename", "main.yaml", "close", "goodbye").code == 0
    assert (folder / "main.yaml").read_bytes() == data.replace(b"  close: {", b"  goodbye: {").replace(
        b"look, close]", b"look, goodbye]"
    )
    assert os.stat(folder / "main.yaml").st_mode & 0o777 == 0o640


@pytest.mark.usefixtures("folder")
def test_the_difference_is_then_the_name_alone(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    for name, text in (("main", MAIN), ("finding", FINDING)):
        (tmp_path / "before" / f"{name}.yaml").write_text(text, encoding="utf-8")
    for arguments in (("hear", "listen"), ("thing", "parcel", "--fact"), ("listen/done", "told", "--choice")):
        assert desk.run("playbook", "rename", "main.yaml", *arguments).code == 0
    out = desk.run("playbook", "diff", tmp_path / "before" / "main.yaml", "main.yaml").out
    named = [row.strip() for row in out.splitlines() if "is called" in row]
    assert named == [
        "The choice “done” is called “told” now.",
        "The fact “thing” is called “parcel” now.",
        "The fact “thing” is called “parcel” now.",
        "The step “hear” is called “listen” now.",
    ]
    assert "comes out as it did" in out
