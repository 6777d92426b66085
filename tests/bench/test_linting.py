"""What lint says of a file holds whoever plays it, in whatever order files are read, and nothing hides an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.bench.lint import Linter, find_paths
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.findings import is_error
from calmdesk.playbook.folders import Library, built_in_folder

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "calmdesk: 1\ntitle: T\ngoal: G.\n"
SURE = "facts: {sure: {ask: Sure, kind: yes-no}}\n"


def linter(folder: Path) -> Linter:
    return Linter(Library((built_in_folder(),), str(folder / "cache")))


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(HEAD + text, encoding="utf-8")


def rules(folder: Path, text: str, **others: str) -> list[str]:
    write(folder, main=text, **others)
    return [f.rule for f in linter(folder).lint(str(folder / "main.yaml"))]


def test_findings_dont_depend_on_the_order_of_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        low="module: true\nsteps:\n  aa: {title: A, choices: {on: {go: return, at-most: 1}, off: {go: aa, at-most: 1}}}\n  "
        "bb: {title: B, go: return}\n",
        one="steps:\n  aa: {play: low}\n  bb: {title: B, end: lost}\npath-rules: [{before: aa, must-pass: bb}]\n",
        two="steps:\n  aa: {play: low}\n  bb: {title: B, end: lost}\n",
    )
    paths = [str(tmp_path / f"{name}.yaml") for name in ("low", "one", "two")]
    found = {path: linter(tmp_path).lint(path) for path in paths}
    assert any(f.rule == "path-rule-broken" for f in found[paths[1]])
    for order in (paths, paths[::-1], [paths[1], paths[0], paths[2], paths[1]]):
        together = linter(tmp_path)
        for path in order:
            assert together.lint(path) == found[path]


def test_a_loop_that_closes_for_one_answer_only_is_found(tmp_path: Path) -> None:
    text = SURE + (
        "steps:\n  first: {ask: sure}\n  round: {title: R, go: [{when: {sure: yes}, step: out}, {step: round}]}\n"
        "  out: {title: Out, end: recovered}\n"
    )
    assert rules(tmp_path, text) == ["endless-loop"]


def test_what_cuts_into_a_module_only_cuts_in_there(tmp_path: Path) -> None:
    facts = "facts: {name: {ask: Name}}\n"
    main = (
        facts + "steps:\n  aa: {ask: name}\n  bb: {say: 'Hi {name}.'}\n  cc: {play: low}\n  dd: {title: D, end: lost}\n"
    )
    low = facts + "module: true\ninterruptions: {cut: {label: C, play: cut}}\nsteps:\n  aa: {title: A}\n"
    cut = facts + "module: true\nsteps:\n  aa: {ask: name, choices: {on: {go: return, forget: name}}}\n"
    assert rules(tmp_path, main, low=low, cut=cut) == []


def test_what_cuts_in_must_know_what_it_says(tmp_path: Path) -> None:
    facts = "facts: {name: {ask: Name}}\n"
    main = (
        facts + "interruptions: {cut: {label: C, play: cut}}\nsteps:\n  aa: {ask: name}\n  bb: {title: B, end: lost}\n"
    )
    cut = facts + "module: true\nsteps:\n  aa: {say: 'Hi {name}.'}\n"
    assert rules(tmp_path, main, cut=cut) == ["may-be-unknown"]
    card = facts + "interruptions: {cut: {card: {say: Hi, cue: 'Say {name}'}}}\nsteps:\n  aa: {ask: name, end: lost}\n"
    assert rules(tmp_path, card) == ["may-be-unknown"]


def test_a_thousand_warnings_hide_no_error(tmp_path: Path) -> None:
    signals = "signals:\n" + "".join(f"  - s{n} #x\n" for n in range(1100))
    found = rules(tmp_path, signals + "steps:\n  aa: {title: A, go: nowhere}\n")
    assert "unknown-step" in found


def test_braces_that_name_nothing_would_be_read_out(tmp_path: Path) -> None:
    for odd in ("{Customer}", "{ customer }", "{customer.x}", "{}", "{customer_name}"):
        text = "facts: {customer: {ask: Who, default: there}}\nsteps:\n  aa: {say: 'Hi " + odd + ".', end: lost}\n"
        assert "unknown-fact" in rules(tmp_path, text), odd


def test_a_date_at_the_end_of_the_calendar_is_a_date(tmp_path: Path) -> None:
    text = "facts: {day: {ask: Which, kind: date}}\nsteps:\n  aa: {ask: day}\n  bb: {title: B, when: {day: {under: 9999-12-31}}}\n  cc: {title: C, end: lost}\n"
    assert rules(tmp_path, text) == []


def test_a_wrong_item_of_a_list_moves_no_other(tmp_path: Path) -> None:
    text = "steps:\n  aa: {title: A, end: lost}\npath-rules:\n  - never before own\n  - {every-end: happy, must-pass: aa}\n"
    write(tmp_path, main=text)
    found = linter(tmp_path).lint(str(tmp_path / "main.yaml"))
    assert [(f.rule, f.line) for f in found] == [("wrong-kind", 7), ("unknown-disposition", 8)]


def test_what_takes_too_long_is_bounded_and_says_so(tmp_path: Path) -> None:
    names = [f"f{n}" for n in range(12)]
    facts = "facts:\n" + "".join(f"  {n}: {{ask: A, kind: money}}\n" for n in names)
    steps = "steps:\n  first: {ask: [" + ", ".join(names) + "]}\n"
    steps += "".join(
        f"  s{n}-{over}: {{title: S, when: {{{n}: {{over: {over}}}}}}}\n"
        for over in (10, 20, 30, 40, 50, 60)
        for n in names
    )
    assert rules(tmp_path, facts + steps + "  end-it: {title: E, end: lost}\n") == ["path-rule-unproved", "too-big"]


@pytest.mark.parametrize("name", ["policy", "claims"])
def test_lists_and_policies_are_read_too(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.yaml").write_text("calmdesk-policy: 1\nclaims: {a: *b}\n", encoding="utf-8")
    found = linter(tmp_path).lint(str(tmp_path / f"{name}.yaml"))
    assert any(is_error(f) for f in found)


def test_a_broken_phrase_rule_is_told_beside_it(tmp_path: Path) -> None:
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "no.yaml").write_text("calmdesk-phrase: 1\nrule: no\n", encoding="utf-8")
    found = rules(tmp_path, "steps:\n  aa: {title: A, end: lost}\n")
    assert set(found) == {"missing-key"}


def test_a_folder_is_its_playbooks_and_phrases_and_says_where_there_are_none(tmp_path: Path) -> None:
    library = Library((built_in_folder(),), str(tmp_path / "cache"))
    (tmp_path / "one.yml").write_text("x", encoding="utf-8")
    with pytest.raises(CalmdeskError, match=r"none of its files ends in \.yaml"):
        find_paths(library, [str(tmp_path)])
    write(tmp_path, two="steps: {}\n")
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "no.yaml").write_text("calmdesk-phrase: 1\n", encoding="utf-8")
    (tmp_path / "three.yaml").mkdir()
    assert [p.rpartition("/")[2] for p in find_paths(library, [str(tmp_path)])] == ["two.yaml", "no.yaml"]
