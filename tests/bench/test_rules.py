"""No rule of lint without its explanation, no explanation without its rule, and both examples of each are linted."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

import calmdesk
from calmdesk.bench.rules import SEVERITIES, Rule, read_rules
from calmdesk.bench.testing import play_tests
from calmdesk.cli.explain import NO_COMMENT, explain, render_rule
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from calmdesk.playbook.source import read_source
from tests.proving import find_findings, find_tests, shared_cache, whole_example

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calmdesk.playbook.findings import Finding

SRC = Path(calmdesk.__file__).parent
FILE = Path(built_in_folder()) / "lint" / "rules.yaml"
RULES = read_rules(FILE.read_bytes())
each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)

# Where the rule's id stands among a call's arguments, in every file; a file's own functions are found by `own_places`.
PLACES = {"report": 1, "known": 3, "Finding": 0}
# Calls whose id isn't written there, by the file and what is written instead; `find_reported` knows each of them.
ELSEWHERE = {
    ("bench/words.py", "hit.rule.id"),
    ("bench/words.py", "f'unknown-{what}'"),
    ("playbook/source.py", "*found"),
    # These pass on findings that were made elsewhere.
    ("bench/fixing.py", "finding.rule"),
    ("bench/repairs.py", "finding.rule"),
    ("cli/linting.py", "rule"),
}
# One mistake that is told under two names. Whoever mends the example mends both.
COMPANIONS = {
    "ignore-no-reason": {"long-cue"},  # without a reason the comment doesn't count, so the warning stays
}


# --- the ids in the source


def trees() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(SRC.rglob("*.py")):
        yield file.relative_to(SRC).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "attr", "") or getattr(call.func, "id", "")


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (x for x in ast.walk(tree) if isinstance(x, ast.FunctionDef))


def own_places(tree: ast.Module) -> dict[str, int]:
    """The functions of a file that take a rule's id and pass it on, and where it stands in a call."""
    found = {}
    for function in functions(tree):
        names = [a.arg for a in function.args.args if a.arg != "self"]
        told = [a.arg for a in function.args.args if a.annotation and ast.unparse(a.annotation) == "str"]
        if "rule" in told:
            found[function.name] = names.index("rule")
    return found


def find_written() -> Iterator[tuple[str, ast.expr]]:
    """The file and the argument that is the rule's id, of every call that makes a finding."""
    for name, tree in trees():
        places = PLACES | own_places(tree)
        passed = {id(x) for f in functions(tree) if f.name in own_places(tree) for x in ast.walk(f)}
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or name_of(call) not in places:
                continue
            at = places[name_of(call)]
            if len(call.args) <= at and not any(isinstance(a, ast.Starred) for a in call.args):
                # A report of another sort, which takes nothing.
                assert not call.args, ast.unparse(call)
                assert not call.keywords, ast.unparse(call)
                continue
            written = call.args[min(at, len(call.args) - 1)]
            if not (id(call) in passed and ast.unparse(written) == "rule"):
                yield name, written


def constants(found: list[ast.expr]) -> set[str]:
    return {str(x.value) for x in found if isinstance(x, ast.Constant)}


def first_of_tuples(tree: ast.Module, function: str) -> set[str]:
    """The texts that stand first in what a function returns or yields."""
    (body,) = [f for f in functions(tree) if f.name == function]
    given = [x.value for x in ast.walk(body) if isinstance(x, ast.Return | ast.Yield)]
    return constants([x.elts[0] for x in given if isinstance(x, ast.Tuple)])


def third_of_rows(tree: ast.Module, table: str) -> set[str]:
    (rows,) = [x.value for x in ast.walk(tree) if isinstance(x, ast.Assign) and ast.unparse(x.targets[0]) == table]
    assert isinstance(rows, ast.Tuple)
    return constants([row.elts[2] for row in rows.elts if isinstance(row, ast.Tuple)])


def unknown_things(tree: ast.Module) -> set[str]:
    """What `what` may be in f"unknown-{what}": the texts that a function is called with, or that a loop goes through."""
    found: set[str] = set()
    for x in ast.walk(tree):
        if isinstance(x, ast.FunctionDef) and "what" in (names := [a.arg for a in x.args.args]):
            at = names.index("what")
            calls = [c for c in ast.walk(tree) if isinstance(c, ast.Call) and name_of(c) == x.name]
            found |= constants([c.args[at] for c in calls])
        elif isinstance(x, ast.For) and isinstance(x.target, ast.Tuple) and isinstance(x.iter, ast.Tuple):
            names = [ast.unparse(n) for n in x.target.elts]
            if "what" in names:
                found |= constants([row.elts[names.index("what")] for row in x.iter.elts if isinstance(row, ast.Tuple)])
    return {f"unknown-{what}" for what in found}


def find_reported() -> set[str]:
    """Every id that the source can give to a finding; the phrase rules' own aside."""
    tree = dict(trees())
    found = constants([argument for _, argument in find_written()])
    found |= first_of_tuples(tree["playbook/trouble.py"], "explain")
    found |= first_of_tuples(tree["playbook/unlike.py"], "find_tab")
    found |= third_of_rows(tree["playbook/unlike.py"], "_UNLIKE")
    return found | unknown_things(tree["bench/words.py"])


def test_every_rule_that_lint_can_report_is_explained_and_nothing_else() -> None:
    reported = find_reported()
    assert reported - set(RULES) == set(), "write what this rule is about into playbooks/lint/rules.yaml"
    assert set(RULES) - reported == set(), "nothing reports this rule any more"


def test_no_finding_is_made_where_its_id_cant_be_seen() -> None:
    hidden = {(name, ast.unparse(x)) for name, x in find_written() if not isinstance(x, ast.Constant)}
    assert hidden == ELSEWHERE


def test_a_function_that_passes_an_id_on_is_called_in_its_own_file_only() -> None:
    public = {f for _, tree in trees() for f in own_places(tree) if not f.startswith("_")}
    # `say` is the reader's own; playbooks' lines are said by another.
    assert public == {"report", "known", "say"}


# --- the file


def test_the_file_of_rules_is_read_without_a_finding() -> None:
    source = read_source(FILE.read_bytes(), "rules.yaml")
    assert source.findings == ()
    assert list(RULES) == list(dict.fromkeys(RULES))


def test_a_file_of_rules_with_a_mistake_is_refused_with_its_line() -> None:
    text = "calmdesk-rules: 1\nrules:\n  dead-end: {severity: eror, says: S., why: W., bad: B, good: G}\n"
    with pytest.raises(CalmdeskError, match="line 3: “eror” isn't known here"):
        read_rules(text.encode())
    with pytest.raises(CalmdeskError, match="line 1: The text ends before the #"):
        read_rules(b"calmdesk-rules: a #b\n")


@each_rule
def test_an_explanation_is_plain_and_friendly(rule: Rule) -> None:
    assert re.match(r"[A-Z“`]", rule.says)
    assert rule.says.endswith(".")
    assert rule.why.endswith(".")
    assert len(re.findall(r"[.?](?=\s|$)", rule.says)) == 1
    assert 1 <= len(re.findall(r"[.?](?=\s|$)", rule.why)) <= 4
    words = f"{rule.says} {rule.why}"
    assert not re.search(r"\w!", words)
    assert not re.search(r"\b(pars\w+|nodes?|null|schema|string|boolean|integer|scalar|mapping|syntax)\b", words)
    assert rule.bad != rule.good


# --- the examples

SIGNS = re.compile(r"⟨(?:tab|U\+[0-9A-F]{4}|byte [0-9A-F]{2}|… [\d,]+ more lines)⟩")


def counted_on(line: str, by: int) -> str:
    return re.sub(r"\d+", lambda number: str(int(number.group()) + by), line)


def repeated(text: str) -> str:
    """The text with `⟨… 40 more lines⟩` written out: the line above, a number in it counting on."""
    lines: list[str] = []
    for line in text.split("\n"):
        if found := re.fullmatch(r"\s*⟨… ([\d,]+) more lines⟩", line):
            above, times = lines[-1], int(found.group(1).replace(",", ""))
            lines += [counted_on(above, n) for n in range(1, times + 1)]
        else:
            lines.append(line)
    return "\n".join(lines)


def written(text: str) -> bytes:
    """An example as a file would hold it: whole, and each sign in brackets as itself."""
    text = repeated(whole_example(text)).replace("⟨tab⟩", "\t")
    text = re.sub(r"⟨U\+([0-9A-F]{4})⟩", lambda u: chr(int(u.group(1), 16)), text)
    return re.sub("⟨byte (..)⟩".encode(), lambda b: bytes.fromhex(b.group(1).decode()), text.encode()) + b"\n"


def file_name(text: str) -> str:
    """The file's name: what its first line says, or the id of a phrase rule."""
    found = re.match(r"# ([a-z-]+)\.yaml\n", text) or re.search(r"^rule: ([a-z-]+)$", text, re.MULTILINE)
    return f"{found.group(1) if found else 'example'}.yaml"


@pytest.fixture
def lint(tmp_path: Path) -> Callable[..., list[Finding]]:
    """`lint(example)`: what is wrong with it, as a file of its own."""

    def run(text: str, more: str = "") -> list[Finding]:
        file = tmp_path / file_name(text)
        file.write_bytes(more.encode() + written(text))
        return find_findings(Library((built_in_folder(),), shared_cache()), [str(file)])[0]

    return run


@each_rule
def test_the_bad_example_is_found_by_its_rule_and_by_no_other(lint: Callable[..., list[Finding]], rule: Rule) -> None:
    found = lint(rule.bad)
    assert (rule.id, rule.severity) in {(f.rule, f.severity) for f in found}
    assert {f.rule for f in found} == {rule.id} | COMPANIONS.get(rule.id, set())


@each_rule
def test_the_good_example_has_nothing_to_find(lint: Callable[..., list[Finding]], rule: Rule) -> None:
    assert lint(rule.good) == []


@each_rule
def test_a_comment_with_a_reason_switches_off_what_isnt_an_error(
    lint: Callable[..., list[Finding]], rule: Rule
) -> None:
    found = {f.rule for f in lint(rule.bad, f"# lint-ok-file {rule.id}: it is right as it is\n")}
    assert (rule.id not in found) == (rule.severity != "error" and rule.id not in NO_COMMENT)


@pytest.mark.parametrize("rule", [r for r in RULES.values() if "\ntests:\n  -" in r.good], ids=lambda r: r.id)
def test_the_tests_in_a_good_example_pass(tmp_path: Path, rule: Rule) -> None:
    file = tmp_path / "example.yaml"
    file.write_bytes(written(rule.good))
    edition = open_edition(Library((built_in_folder(),), str(tmp_path / "cache")), str(file)).edition
    outcomes = play_tests(edition, find_tests(edition))
    assert [o.difference for o in outcomes] == [""]


def test_the_signs_in_brackets_are_those_that_the_file_explains() -> None:
    head, _, rest = FILE.read_text(encoding="utf-8").partition("calmdesk-rules: 1")
    assert rest.count("⟨") == len(SIGNS.findall(rest)) > 5
    kinds = {re.sub(r"[\d,]+ more", "N more", x) for x in SIGNS.findall(rest)}
    assert kinds == {re.sub(r"[\d,]+ more", "N more", x) for x in SIGNS.findall(head)}


def test_what_an_example_leaves_out_is_put_above_it() -> None:
    assert whole_example("signals: [my bag is gone]") == (
        "calmdesk: 1\ntitle: An example\ngoal: One sentence.\n"
        "steps:\n  start: {title: Start, end: recovered}\nsignals: [my bag is gone]"
    )
    assert whole_example("goal: G.\ntitle: T\ncalmdesk: 2\nsteps: {}") == "goal: G.\ntitle: T\ncalmdesk: 2\nsteps: {}"
    for text in ("Just words.", "calmdesk-phrase: 1\nrule: aa", "calmdesk-policy: 1"):
        assert whole_example(text) == text


# --- the command


class Ran:
    """`calmdesk explain …` with a home of its own."""

    def __init__(self) -> None:
        self.app = typer.Typer()
        self.app.command()(explain)

    def __call__(self, *arguments: str) -> str:
        result = CliRunner().invoke(self.app, list(arguments))
        if isinstance(result.exception, CalmdeskError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    monkeypatch.setenv("CALMDESK_HOME", str(tmp_path))
    monkeypatch.delenv("CALMDESK_PLAYBOOKS", raising=False)
    monkeypatch.chdir(tmp_path)
    return Ran()


@each_rule
def test_each_rule_is_explained_with_both_its_examples(rule: Rule) -> None:
    told = render_rule(rule)
    assert told.startswith(f"{rule.id} ({rule.severity})\n\n")
    for example in (rule.bad, rule.good):
        assert "".join(f"\n    {line}".rstrip(" ") for line in example.split("\n")) in told
    assert " ".join(rule.why.split()) in " ".join(told.split())
    assert ("An error can't be switched off: mend it" in told) == (rule.severity == "error")
    assert (f"# lint-ok {rule.id}: REASON" in told) == (rule.severity != "error" and rule.id not in NO_COMMENT)


UNREACHABLE = """\
unreachable-step (warning)

No way leads to this step.

Why: It is written, and no agent will ever see it; perhaps a choice was meant to lead here. Let one
lead to it, or take the step out.

Not like this:

    steps:
      hear: {title: Hear them out, go: close}
      explain: {title: Say what went wrong with the visa}
      close: {title: Close, end: recovered}

Like this:

    steps:
      hear: {title: Hear them out}
      explain: {title: Say what went wrong with the visa}
      close: {title: Close, end: recovered}

If it is right as it is, say why:

    on the line, or on the line above:  # lint-ok unreachable-step: REASON
    for the whole file:                 # lint-ok-file unreachable-step: REASON
    for one run:                        calmdesk playbook lint FILE --ignore unreachable-step=REASON
"""


def test_a_rule_reads_like_this(ran: Ran) -> None:
    assert ran("unreachable-step") == UNREACHABLE


def test_a_phrase_rule_is_explained_from_its_own_file(ran: Ran) -> None:
    told = ran("calm-down")
    assert told.startswith("calm-down (warning, words that hurt: DISMISS)\n\nWhy: It tells them")
    assert "It finds words such as:\n\n    Please calm down.\n" in told
    assert len(re.findall(r"^    (?!on |for )\S.*[.!]$", told, re.MULTILINE)) == 6
    assert "# lint-ok calm-down: REASON" in told


def test_a_phrase_rule_in_this_folder_is_explained_too(ran: Ran, tmp_path: Path) -> None:
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "short-wait.yaml").write_bytes(written(RULES["phrase-name"].good))
    assert ran("short-wait").startswith("short-wait (warning, words that hurt: DISMISS)\n")


def test_no_phrase_rule_has_the_name_of_another_rule() -> None:
    assert not {f.stem for f in FILE.parent.parent.glob("phrases/*.yaml")} & set(RULES)


def test_the_list_has_every_rule_the_errors_first(ran: Ran) -> None:
    lines = ran().split("\n")[:-1]
    assert lines[:3] == [
        "error\ttoo-large\tThe file is larger than 256 KiB.",
        "error\tnot-utf-8\tThe file was saved in an old way of writing letters, so some of them can't be read.",
        "error\thidden-character\tA character stands here that nobody can see, and that can change how the text reads.",
    ]
    cells = [line.split("\t") for line in lines]
    files = FILE.parent.parent.glob("phrases/*.yaml")
    harm = {f.stem for f in files if "\nkind: violation\n" in f.read_text(encoding="utf-8")}
    assert {name for _, name, _ in cells} == set(RULES) | harm
    assert [s for s, _, _ in cells] == sorted((s for s, _, _ in cells), key=SEVERITIES.index)


def test_an_unknown_rule_is_met_with_did_you_mean(ran: Ran) -> None:
    for typed, hint in {
        "unknwon-step": "Did you mean “unknown-step”?",
        "calmdown": "Did you mean “calm-down”?",
        "xyz": "`calmdesk explain` lists all rules.",
    }.items():
        with pytest.raises(CalmdeskError, match=f"There is no rule “{typed}”") as raised:
            ran(typed)
        assert (raised.value.exit_code, raised.value.hint) == (2, hint)


def test_as_json_it_is_the_same_for_programs(ran: Ran) -> None:
    one = json.loads(ran("dead-end", "--json"))
    assert list(one) == ["schema", "rule", "severity", "says", "why", "bad", "good"]
    assert (one["schema"], one["rule"], one["severity"]) == (1, "dead-end", "error")
    phrase = json.loads(ran("calm-down", "--json"))
    assert list(phrase) == ["schema", "rule", "severity", "label", "why", "instead", "flag", "silent"]
    listed = json.loads(ran("--json"))
    assert listed["schema"] == 1
    assert listed["rules"][0] == {"rule": "too-large", "severity": "error", "says": RULES["too-large"].says}
