"""Documents that can't be wrong: what they show is typed into the real program, and what they list is what there is."""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from calmdesk.cli.declared import find_command, read_commands
from calmdesk.cli.manual import HELP
from calmdesk.configuration import CHECKS
from calmdesk.playbook.folders import built_in_folder
from calmdesk.playbook.keys import PLAYBOOK
from calmdesk.settings import system_file
from tests import reference
from tests.documented import CODE, DOCUMENTS, ENDED, TOP, Shown, prepare, read_answers
from tests.forms import some_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the documents' lines are typed into bash")

SRC = TOP / "src" / "calmdesk"
README, GUIDE, IT = TOP / "README.md", TOP / "playbooks" / "README.md", TOP / ".github" / "IT.md"
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

# Beginnings of lines that are shown and not typed here, each with its reason.
NOT_TYPED = {
    "pip ": "an installation: `python -m tests.wheel` and every run of `.ci/run` do it",
    "pytest": "it would start itself",
    "CALMDESK_": "an hour of random examples",
    "python -m tests.": "minutes or hours; that there is such a module is looked at below",
    "ruff ": "the formatter's and type checker's own run, on every change",
    ".ci/run": "all of it in a fresh environment",
    "calmdesk playbook lint my.yaml --watch": "waits for saves; tests/bench/test_linting.py types it",
}
# What ends otherwise than with 0 here, and why.
ENDS = {
    'calmdesk coach "Sorry if that upset you."': (1, "these words hurt"),
    "calmdesk config policy": (4, "nobody answers its questions here"),
}
SILENT = {
    'eval "$(calmdesk complete bash)"': "the shell is told, and says nothing",
    "calmdesk playbook lint my.yaml --format github": "there is nothing to annotate",
}
PARKED = 4
GOES_ON = ("x 2", "1", "17:00", "60", "none")
# Lines that are answered as they are typed; where nobody answers, a call is parked.
ANSWERS: dict[str, tuple[str, ...]] = {
    "calmdesk coach - --format json": ("We lost it, and that's our fault. I'm sorry.",),
    "calmdesk config set team-key": ("the key of two teams", "the key of two teams"),
    "calmdesk handle": ("where is my parcel", "1", *ENDED),
    "calmdesk handle ./late-parcel.yaml": ENDED,
    "calmdesk handle reset": ("1", "1", "1"),
    "calmdesk resume": GOES_ON,
    "calmdesk resume bvrgm-12": GOES_ON,
}


def blocks(document: Path, *kinds: str) -> list[str]:
    """The fenced blocks of these kinds, in order."""
    return [body for kind, body in FENCED.findall(document.read_text(encoding="utf-8")) if kind in kinds]


def lines_to_type() -> list[str]:
    """What is typed: all that people wrote; of the reference's own, which the commands declare, some in the quick form."""
    every = [line for line in shown_lines() if not why_not(line)]
    written = {*shown_lines(*(d for d in DOCUMENTS if d.name != "REFERENCE.md"))}
    return [*(x for x in every if x in written), *some_of([x for x in every if x not in written], 15)]


@cache
def shown_lines(*documents: Path) -> list[str]:
    """Every line that a document (of all, where none is named) shows to be typed, once, without what is told beside it."""
    found = [
        re.split(r"\s{2,}", line, maxsplit=1)[0]
        for document in documents or DOCUMENTS
        for block in blocks(document, "", "sh", "bash", "console")
        for line in block.splitlines()
        if line.strip()
    ]
    return list(dict.fromkeys(part for line in found for part in line.split(" && ")))


def why_not(line: str) -> str:
    """The reason not to type a line, or nothing."""
    return next((why for begins, why in NOT_TYPED.items() if line.startswith(begins)), "" if line != "mypy" else "ruff")


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return prepare(tmp_path_factory.mktemp("shown") / "desk")


@pytest.mark.parametrize("line", lines_to_type())
def test_every_line_that_a_document_shows_does_what_it_says(shown: Shown, line: str) -> None:
    desk = shown.renewed()
    typed = line
    if typed.endswith("| man -l -") and not (sys.platform == "linux" and shutil.which("man")):
        typed = typed.removesuffix(" | man -l -")
    ran = desk.type(typed, ANSWERS.get(line, ()))
    waits = line.startswith(("calmdesk handle", "calmdesk resume")) and line not in ANSWERS and "--answers" not in line
    code, _ = ENDS.get(line, (PARKED if waits else 0, ""))
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout or ">" in line or line in SILENT


@pytest.mark.parametrize("begins", NOT_TYPED)
def test_nothing_is_excepted_that_no_document_shows(begins: str) -> None:
    assert any(line.startswith(begins) for line in shown_lines())


def test_what_is_said_of_a_line_is_of_a_line_that_is_shown() -> None:
    assert {*ENDS, *SILENT, *ANSWERS} <= {*shown_lines()}


@pytest.mark.parametrize("line", [line for line in shown_lines() if "python -m tests." in line])
def test_every_module_that_is_named_is_there(line: str) -> None:
    for module in re.findall(r"python -m (tests[\w.]*)", line):
        assert find_spec(module), module


def inline_commands(document: Path) -> Iterator[str]:
    """What stands in a sentence as a command: `calmdesk …`."""
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    yield from (words for words in re.findall(r"`(calmdesk [^`]+)`", text) if not words.startswith("calmdesk: "))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.relative_to(TOP).as_posix())
def test_every_command_in_a_sentence_is_one_with_its_options(document: Path) -> None:
    for said in inline_commands(document):
        words = said.replace("[", " ").replace("]", " ").split()[1:]
        command = find_command(words)
        assert command.path or words[0].startswith("-") or words == ["COMMAND", "OPTIONS"], said
        known = {name for option in command.options for name in option.names} | {*HELP}
        assert {w for w in words if re.fullmatch(r"--[a-z-]+", w)} <= known, said


# --- what they refer to


def anchors(document: Path) -> set[str]:
    """What can be linked to in a document, as GitHub names it."""
    heads = re.findall(r"^#+ (.+)$", FENCED.sub("", document.read_text(encoding="utf-8")), re.MULTILINE)
    return {"".join(c for c in head.lower().replace(" ", "-") if c.isalnum() or c in "-_") for head in heads}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.relative_to(TOP).as_posix())
def test_every_link_and_picture_is_there(document: Path) -> None:
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, name = target.partition("#")
        assert not path.startswith("/"), target
        there = (document.parent / path).resolve() if path else document
        assert there.is_relative_to(TOP), target
        assert there.exists(), target
        if name:
            assert name in anchors(there), target


def test_every_file_that_readme_names_in_a_table_or_a_sentence_is_there() -> None:
    for name in re.findall(r"`((?:tests|playbooks)/[\w./-]+)`", README.read_text(encoding="utf-8")):
        assert (TOP / name).exists(), name


def test_the_pictures_are_what_stands_on_the_screen() -> None:
    from tests.pictures import take_pictures

    for file, picture in take_pictures().items():
        drawn, kept = (re.sub(r"\d:\d\d", "0:00", text) for text in (picture, file.read_text(encoding="utf-8")))
        assert drawn == kept, f"{file.name}: `python -m tests.pictures` draws it anew"


# --- the playbooks they show


@pytest.mark.parametrize("stage", range(3))
def test_each_stage_of_the_trainers_guide_has_nothing_to_be_said_about(shown: Shown, stage: int) -> None:
    desk = shown.renewed()
    (desk.top / "work/late-parcel.yaml").write_text(blocks(GUIDE, "yaml")[stage], encoding="utf-8")
    linted = desk.type("calmdesk playbook lint late-parcel.yaml --max-warnings 0")
    assert (linted.returncode, "nothing to say" in linted.stdout + linted.stderr) == (0, True), linted
    assert desk.type("calmdesk playbook explore late-parcel.yaml").returncode == 0


def test_the_finished_playbook_of_the_guide_passes_its_own_test(shown: Shown) -> None:
    desk = shown.renewed()
    (desk.top / "work/late-parcel.yaml").write_text(blocks(GUIDE, "yaml")[2], encoding="utf-8")
    ran = desk.type("calmdesk playbook test late-parcel.yaml")
    assert ran.returncode == 0, ran.stdout
    assert "passed  late-parcel: The courier lost it" in ran.stdout


def test_every_key_that_the_guide_tells_of_is_one() -> None:
    told = GUIDE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+?) \|", told[told.index("## The keys") :], re.MULTILINE)
    named = {key for row in rows for key in re.findall(r"`([a-z-]+)[`:]", row)}
    known = {key for record in reference.find_records(PLAYBOOK) for key in record.keys}
    assert len(named) > 15
    assert named <= known


def test_the_finding_in_the_guide_is_what_lint_says(shown: Shown) -> None:
    desk = shown.renewed()
    first, (told,) = blocks(GUIDE, "yaml")[0], blocks(GUIDE, "text")
    wrong = re.sub(r"end: recovered +#.*", "end: recoverd", first)
    assert wrong != first
    (desk.top / "work/late-parcel.yaml").write_text(wrong, encoding="utf-8")
    ran = desk.type("calmdesk playbook lint late-parcel.yaml")
    assert (ran.returncode, ran.stdout + ran.stderr) == (1, told)


def test_the_playbook_of_the_readme_has_nothing_to_be_said_about_and_plays(shown: Shown) -> None:
    desk = shown.renewed()
    (whole,) = blocks(README, "yaml")
    (desk.top / "work/late-parcel.yaml").write_text(whole, encoding="utf-8")
    assert desk.type("calmdesk playbook lint late-parcel.yaml --max-warnings 0").returncode == 0
    ran = desk.type("calmdesk handle ./late-parcel.yaml", ("17:00",))
    assert ran.returncode == 0, ran
    # After five it is tomorrow's.
    assert re.search(r"promised: The parcel is there by .*17:00", ran.stdout)


# --- the reference


def test_the_reference_is_what_the_program_says() -> None:
    assert reference.FILE.read_text(encoding="utf-8") == reference.render(), (
        "`python -m tests.reference` writes it anew"
    )


def test_every_command_and_option_stands_in_the_reference() -> None:
    text = reference.FILE.read_text(encoding="utf-8")
    for command in read_commands().values():
        assert command.name in text
        for option in command.options:
            assert all(name in text for name in option.names), option


def test_every_json_document_stands_in_the_reference() -> None:
    text = reference.FILE.read_text(encoding="utf-8")
    told = text[text.index("## JSON") : text.index("## Exit codes")]
    for command in read_commands().values():
        if any("--json" in option.names or "json" in option.metavar.split("|") for option in command.options):
            assert re.search(rf"`{' '.join(command.path)}\b", told), command.name
    assert "[…]" not in told, "a list that was empty: give the desk something for it"


def exit_codes() -> set[int]:
    """Every exit code that the source names: an error's third value, a constant, or what a command gives back."""
    found: set[int] = set()
    for file in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Error") and len(node.args) == 3:
                found |= {n.value for n in [node.args[2]] if isinstance(n, ast.Constant) and isinstance(n.value, int)}
    return found


def test_every_exit_code_is_in_the_reference() -> None:
    text = reference.FILE.read_text(encoding="utf-8")
    told = {int(code) for code in re.findall(r"^\| `(\d+)` \|", text[text.index("## Exit codes") :], re.MULTILINE)}
    assert {2, 10} <= exit_codes() <= told
    assert {0, 1, 2, 3, 4, 5, 10, 129, 130, 143} == told


def test_every_variable_of_calmdesk_is_in_the_reference() -> None:
    text = reference.FILE.read_text(encoding="utf-8")
    named = {v for f in SRC.rglob("*.py") for v in re.findall(r"\bCALMDESK_[A-Z]+\b", f.read_text(encoding="utf-8"))}
    assert "CALMDESK_HOME" in named
    assert all(variable in text for variable in named), named


# --- the page for the IT department


def test_the_page_for_it_has_every_key_of_the_configuration() -> None:
    told = IT.read_text(encoding="utf-8")
    keys = re.findall(r"^\| `\[?([a-z-]+)", told[told.index("## Configuration") :], re.MULTILINE)
    assert {*keys} == {*CHECKS, "limits", "lock"}


def test_the_page_for_it_names_the_systems_file() -> None:
    assert system_file() in IT.read_text(encoding="utf-8")


def test_the_locked_configuration_that_is_shown_locks(tmp_path: Path) -> None:
    from calmdesk.settings import read_settings

    (whole,) = blocks(IT, "toml")
    file = tmp_path / "system.toml"
    file.write_text(whole, encoding="utf-8")
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text('role = "lead"\nretention = "900d"\n[limits.goodwill.agent]\ngesture = 900\n')
    found = read_settings({"CALMDESK_HOME": str(home), "CALMDESK_ROLE": "lead"}, str(file))
    assert not found.problems
    assert (found.role, found.retention_days, found.limits["goodwill"]["agent"]["gesture"]) == ("agent", 90, "20")


FORBIDS = """
import os, sys

def forbid(event, values):
    outside = event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind"}
    if outside or (event == "socket.__new__" and values[1] != 1) or event.startswith(("urllib.", "http.", "smtplib.")):
        with open(os.environ["TRIED"], "a") as file:
            file.write(f"{event} {values!r}\\n")
        raise OSError("no network")

sys.addaudithook(forbid)
"""


def test_nothing_leaves_the_machine(shown: Shown, tmp_path: Path) -> None:
    desk = shown.renewed()
    (tmp_path / "sitecustomize.py").write_text(FORBIDS)
    tried = tmp_path / "tried"
    blocked = {"PYTHONPATH": str(tmp_path), "TRIED": str(tried)}
    for line, lines in (
        ("calmdesk handle late-parcel --customer Rosa", ENDED),
        ("calmdesk practice such-a-small-thing --seed 1", read_answers("such-a-small-thing")),
        ("calmdesk coach \"We lost it, and that's our fault. I'm sorry.\"", ()),
        ("calmdesk playbook lint late-parcel.yaml", ()),
        ("calmdesk progress export", ()),
        ("calmdesk call list", ()),
    ):
        ran = desk.type(line, lines, **blocked)
        assert (ran.returncode, bool(ran.stdout)) == (0, True), ran
    assert not tried.exists(), tried.read_text()
    looked = f'{sys.executable} -c "import socket; socket.create_connection((chr(48), 9))"'
    assert desk.type(looked, **blocked).returncode == 1
    assert "socket." in tried.read_text(), "what forbids the network doesn't"


def test_no_module_of_calmdesk_speaks_to_a_network() -> None:
    network = r"(socket|ssl|urllib\.request|http|ftplib|smtplib|asyncio|requests|httpx|webbrowser)\b"
    for file in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [f"{node.module}.{a.name}" for a in node.names] if isinstance(node, ast.ImportFrom) else []
            assert not any(re.match(network, name) for name in names), file


def test_the_readme_tells_of_every_playbook_that_can_be_handled(shown: Shown) -> None:
    import json

    listed = json.loads(shown.renewed().type("calmdesk playbook list --json").stdout)["playbooks"]
    text = README.read_text(encoding="utf-8")
    shipped = [each["id"] for each in listed if each["path"].startswith(os.path.abspath(built_in_folder()))]
    assert len(shipped) >= 10
    assert [name for name in shipped if f"`{name}`" not in text and f" {name} " not in text] == []


def test_the_desk_of_the_documents_has_what_they_name(shown: Shown) -> None:
    assert shown.here(f"calmdesk approve {CODE}") != f"calmdesk approve {CODE}"
