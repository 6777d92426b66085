"""A comment with a reason speaks for the findings of its line or file, and for no error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.bench.lint import Linter
from calmdesk.playbook.folders import Library, built_in_folder
from tests.proving import shared_cache

if TYPE_CHECKING:
    from pathlib import Path

LONG = "word " * 26
HEAD = "calmdesk: 1\ntitle: T\ngoal: G.\n"


def rules(folder: Path, text: str) -> list[tuple[str, int]]:
    path = str(folder / "main.yaml")
    linter = Linter(Library((built_in_folder(),), shared_cache()), {path: (HEAD + text).encode()})
    return [(f.rule, f.line) for f in linter.lint(path)]


@pytest.mark.parametrize(
    "text",
    [
        f"steps:\n  aa:\n    say: {LONG} # lint-ok long-line: it is the law's own sentence\n    end: lost\n",
        f"steps:\n  aa:\n    # lint-ok long-line: it is the law's own sentence\n    say: {LONG}\n    end: lost\n",
        f"# lint-ok-file long-line: laws are long\nsteps:\n  aa:\n    say: {LONG}\n    end: lost\n",
        f"# lint-ok-file long-line, unused-fact: as agreed\nfacts: {{ff: {{ask: A}}}}\nsteps:\n  aa: {{say: {LONG}, end: lost}}\n",
    ],
)
def test_a_comment_with_a_reason_is_enough(tmp_path: Path, text: str) -> None:
    assert rules(tmp_path, text) == []


def test_a_comment_without_a_reason_counts_for_nothing_and_is_told(tmp_path: Path) -> None:
    text = f"steps:\n  aa:\n    say: {LONG} # lint-ok long-line\n    end: lost\n"
    assert rules(tmp_path, text) == [("long-line", 6), ("ignore-no-reason", 6)]


def test_a_comment_for_another_line_or_rule_is_told_as_unused(tmp_path: Path) -> None:
    text = f"steps:\n  aa:\n    # lint-ok too-many: it is so\n    say: {LONG}\n    end: lost\n"
    assert rules(tmp_path, text) == [("ignore-unused", 6), ("long-line", 7)]


def test_an_error_stays_an_error(tmp_path: Path) -> None:
    text = "steps:\n  aa: {title: A, end: happy} # lint-ok unknown-disposition: we say so here\n"
    assert rules(tmp_path, text) == [("unknown-disposition", 5), ("ignore-unused", 5)]


@pytest.mark.parametrize(
    "text",
    [
        f'steps:\n  aa:\n    say: "{LONG} # lint-ok long-line: x"\n    end: lost\n',
        f"steps:\n  aa:\n    say: '{LONG} # lint-ok long-line: x'\n    end: lost\n",
        f'steps:\n  aa: {{title: "# lint-ok-file long-line: x"}}\n  bb: {{say: {LONG}, end: lost}}\n',
        f"steps:\n  aa: {{say: {LONG}, draft: dd, end: lost}}\ndrafts:\n  dd: |\n    # lint-ok-file long-line: x\n",
    ],
)
def test_what_stands_in_a_text_is_no_comment(tmp_path: Path, text: str) -> None:
    assert [rule for rule, _ in rules(tmp_path, text)] == ["long-line"]


def test_two_comments_above_a_line_both_speak_for_it(tmp_path: Path) -> None:
    text = (
        "facts:\n  # lint-ok unused-fact: soon\n  # lint-ok same-label: soon\n"
        "  ff: {ask: A}\nsteps:\n  aa: {title: A, end: lost}\n"
    )
    assert rules(tmp_path, text) == [("ignore-unused", 6)]
