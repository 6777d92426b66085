"""Every rule of the reader has a text that breaks it, with the place where the finding stands (the sign «)."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

import calmdesk.playbook
from calmdesk.playbook.findings import Finding, is_error, render_finding
from calmdesk.playbook.folders import Library, built_in_folder
from tests.proving import find_findings, shared_cache

from .texts import HEAD, brief, read, unmark

if TYPE_CHECKING:
    from collections.abc import Callable

# rule, severity, the text below the three lines of HEAD
BROKEN: list[tuple[str, str, str]] = [
    # shapes
    ("wrong-kind", "error", "signals: «loud\nsteps:\n  aa: {title: A, end: lost}"),
    ("wrong-kind", "error", "steps:\n  aa: {title: «5, end: lost}"),
    ("wrong-kind", "error", "steps:\n  aa: {title: «[A, B], end: lost}"),
    ("wrong-kind", "error", "module: «maybe\nsteps:\n  aa: {title: A, end: lost}"),
    ("wrong-kind", "error", "steps:\n  aa: {title: A, timer: «soon, end: lost}"),
    ("wrong-kind", "error", "steps:\n  aa:\n    title: A\n    choices:\n      bb: {go: aa, at-most: «0}"),
    ("wrong-kind", "error", "steps:\n  aa: {title: A, end: lost, when: «x}"),
    ("empty-text", "error", "steps:\n  aa: {title: «'', end: lost}"),
    ("unknown-word", "error", "steps:\n  aa: {title: A, principle: «listne, end: lost}"),
    ("unknown-word", "error", "channels: [phone, «fax]\nsteps:\n  aa: {title: A, end: lost}"),
    ("unknown-word", "error", "facts:\n  ff: {ask: What?, kind: «mony}\nsteps:\n  aa: {title: A, end: lost}".replace("What?", "What")),
    ("bad-id", "error", "steps:\n  «Aa: {title: A, end: lost}"),
    ("bad-id", "error", "steps:\n  «a: {title: A, end: lost}"),
    ("bad-id", "error", "steps:\n  «a_b: {title: A, end: lost}"),
    ("bad-id", "error", "steps:\n  «aa-: {title: A, end: lost}"),
    ("bad-id", "error", "steps:\n  «return: {title: A, end: lost}"),
    ("bad-id", "error", "steps:\n  «offer: {title: A, end: lost}"),
    ("bad-id", "error", "facts:\n  «9x: {ask: What}\nsteps:\n  aa: {title: A, end: lost}"),
    ("unknown-key", "error", "steps:\n  aa: {«titel: A, end: lost}"),
    ("unknown-key", "error", "«titles: B\nsteps:\n  aa: {title: A, end: lost}"),
    ("missing-key", "error", "facts:\n  ff: «{kind: money}\nsteps:\n  aa: {title: A, end: lost}"),
    # names
    ("taken-fact", "error", "facts:\n  «today: {ask: When}\nsteps:\n  aa: {title: A, end: lost}"),
    ("taken-fact", "error", "facts:\n  «channel: {ask: Where}\nsteps:\n  aa: {title: A, end: lost}"),
    ("two-kinds", "error", "facts:\n  ff: {ask: What, «kind: money, one-of: {aa: A}}\nsteps:\n  aa: {title: A, end: lost}"),
    ("no-options", "error", "facts:\n  ff: {ask: What, «one-of: {}}\nsteps:\n  aa: {title: A, end: lost}"),
    ("unknown-option", "error", "facts:\n  ff: {ask: What, one-of: {aa: A}, «default: bb}\nsteps:\n  aa: {title: A, end: lost}"),
    ("unknown-option", "error",
     "facts:\n  ff: {ask: What, one-of: {ours: A, theirs: B}}\nsteps:\n  aa: {title: A, end: lost, when: {ff: [ours, «their]}}"),
    ("bad-value", "error", "facts:\n  ff: {ask: What, kind: money, «default: many}\nsteps:\n  aa: {title: A, end: lost}"),
    ("bad-value", "error",
     "facts:\n  ff: {ask: What, kind: money}\nsteps:\n  aa: {title: A, end: lost, when: {ff: {«over: many}}}"),
    ("bad-value", "error", "facts:\n  ff: {ask: What, kind: yes-no}\nsteps:\n  aa: {title: A, end: lost, when: {«ff: maybe}}"),
    ("unknown-fact", "error", "steps:\n  aa: {title: A, ask: «nothing, end: lost}"),
    ("unknown-fact", "error", 'steps:\n  aa: {say: «"Hello {nobody}", end: lost}'),
    ("unknown-fact", "error", "steps:\n  aa: {title: A, end: lost, when: {«nothing: x}}"),
    ("unknown-fact", "error", "steps:\n  aa: {title: A, end: lost, when: {not: {«nothing: x}}}"),
    ("unknown-fact", "error", "steps:\n  aa: {title: A, choices: {bb: {go: aa, forget: «nothing}}}"),
    ("unknown-fact", "error", "steps:\n  aa: {title: A, offer: {kind: restore, ladder: goodwill, «on: nothing}, end: lost}"),
    ("unknown-fact", "error", "steps:\n  aa: {title: A, draft: dd, end: lost}\ndrafts:\n  «dd: Dear {nobody}"),
    ("not-comparable", "error",
     "facts:\n  ff: {ask: What}\nsteps:\n  aa: {title: A, end: lost, when: {«ff: {over: 3}}}"),
    ("unknown-policy-value", "error", 'steps:\n  aa: {say: «"It takes {policy.lisen}", end: lost}'),
    ("long-line", "warning", "steps:\n  aa: {say: «" + "word " * 25 + "word, end: lost}"),
    ("unreached-line", "error", "steps:\n  aa:\n    say:\n      - «{line: One}\n      - {line: Two}\n    end: lost"),
    ("no-default-line", "error", "steps:\n  aa:\n    say:\n      - «{line: One, when: {channel: chat}}\n    end: lost"),
    # check
    ("no-steps", "error", "«steps: {}"),
    ("empty-step", "error", "steps:\n  «aa: {why: Because, end: lost}"),
    ("two-ways", "error", "steps:\n  aa: {title: A, go: aa, «end: lost}"),
    ("two-ways", "error", "module: true\nsteps:\n  aa: {title: A, end: lost, «return: lost}"),
    ("two-ways", "error", "steps:\n  aa: {title: A, choices: {bb: aa}, «go: aa}"),
    ("play-stands-alone", "error", "steps:\n  aa: {play: steady, «say: Hello}\n  bb: {title: B, end: lost}"),
    ("play-stands-alone", "error", "steps:\n  aa: {play: steady, «end: lost}"),
    ("too-many", "warning", "steps:\n  aa: {«cue: [a1, a2, a3, a4], end: lost}"),
    ("too-many", "warning", "steps:\n  aa: {«check: [a1, a2, a3, a4, a5, a6], end: lost}"),
    ("no-return", "error", "steps:\n  aa: {title: A, «go: return}"),
    ("no-return", "error", "steps:\n  aa: {title: A, choices: {bb: {«go: return}}}"),
    ("unknown-step", "error", "steps:\n  aa: {title: A, «go: nowhere}"),
    ("unknown-step", "error", "steps:\n  aa: {title: A, choices: {bb: «nowhere}}"),
    ("unknown-step", "error", "steps:\n  aa: {title: A, choices: {bb: {go: aa, at-most: 1, «then: nowhere}}}"),
    ("unknown-step", "error",
     "steps:\n  aa:\n    title: A\n    go:\n      - {when: {channel: chat}, step: aa}\n      - {«step: nowhere}"),
    ("unknown-step", "error", "steps:\n  aa: {title: A, end: lost}\npath-rules:\n  - {before: aa, «must-pass: nowhere}"),
    ("no-default-way", "error", "steps:\n  aa:\n    title: A\n    go:\n      - «{when: {channel: chat}, step: aa}"),
    ("no-choices", "error", "steps:\n  aa: {title: A, «choices: {}}"),
    ("then-alone", "error", "steps:\n  aa: {title: A, choices: {bb: {go: aa, «then: aa}}}"),
    ("unreached-way", "error", "steps:\n  aa: {title: A, go: [«{step: bb}, {step: aa}]}\n  bb: {title: B, end: lost}"),
    ("limits-unmarked", "warning", "steps:\n  aa: {title: A, «end: ended-by-us}"),
    ("empty-list", "error", "steps:\n  aa: {title: A, go: «[]}\n  bb: {title: B, end: lost}"),
    ("empty-list", "error", "steps:\n  aa: {title: A, say: [{line: «[]}], end: lost}"),
    ("unknown-disposition", "error", "steps:\n  aa: {title: A, «end: happy}"),
    ("unknown-disposition", "error", "steps:\n  aa: {title: A, «return: happy}"),
    ("unknown-disposition", "error",
     "steps:\n  aa: {title: A, end: lost}\npath-rules:\n  - {«every-end: happy, must-pass: aa}"),
    ("unknown-ladder", "error",
     "facts:\n  ff: {ask: What, kind: money}\nsteps:\n  aa: {ask: ff, offer: {kind: restore, «ladder: stairs, on: ff}, end: lost}"),
    ("not-money", "error",
     "facts:\n  ff: {ask: What}\nsteps:\n  aa: {ask: ff, offer: {kind: restore, ladder: goodwill, «on: ff}, end: lost}"),
    ("long-timer", "error", "steps:\n  aa: {title: A, «timer: 61m, end: lost}"),
    ("long-timer", "error", "steps:\n  aa: {title: A, «timer: 2h, end: lost}"),
    ("unknown-draft", "error", "steps:\n  aa: {«draft: letter, end: lost}"),
    ("no-clock", "error", "steps:\n  aa: {promise: {what: It works, «by: soon}, title: A, end: lost}"),
    ("no-clock", "error",
     'facts:\n  ff: {ask: What}\nsteps:\n  aa: {ask: ff, promise: {what: It works, «by: "{ff}"}, title: A, end: lost}'),
    ("dead-end", "error", "steps:\n  aa: {title: A}\n  «bb: {title: B}"),
    ("play-or-card", "error", "interruptions:\n  «cut: {label: Cut}\nsteps:\n  aa: {title: A, end: lost}"),
    ("play-or-card", "error",
     "interruptions:\n  «cut: {play: steady, card: {say: Hello}}\nsteps:\n  aa: {title: A, end: lost}"),
    ("key-in-policy", "error", "interruptions:\n  cut: {card: {say: Hi}, «key: x}\nsteps:\n  aa: {title: A, end: lost}"),
    ("odd-path-rule", "error", "steps:\n  aa: {title: A, end: lost}\npath-rules:\n  - «{before: aa}"),
    ("odd-path-rule", "error", "steps:\n  aa: {title: A, end: lost}\npath-rules:\n  - «{before: aa, never: aa, must-pass: aa}"),
    # read and compiling
    ("returns-after-all", "error",
     "interruptions:\n  cut: {play: steady, «returns: false}\nsteps:\n  aa: {title: A, end: lost}"),
    ("fact-differs", "error",
     "facts:\n  «owed: {ask: How much, kind: money}\nsteps:\n  aa: {play: make-good}\n  bb: {title: B, end: lost}"),
    ("dead-end", "error", "steps:\n  aa: {title: A}\n  «bb: {play: steady}"),
    ("unknown-fact", "warning",
     "steps:\n  aa: {title: A, end: lost}\ntests:\n  - {name: One, facts: {«nothing: x}, expect: {disposition: lost}}"),
    ("unknown-playbook", "error", "steps:\n  aa: {«play: stedy}\n  bb: {title: B, end: lost}"),
    ("unknown-playbook", "error", "interruptions:\n  cut: {«play: nowhere}\nsteps:\n  aa: {title: A, end: lost}"),
    ("unknown-playbook", "warning", "not-for: {«danger: nowhere}\nsteps:\n  aa: {title: A, end: lost}"),
    ("plays-itself", "error", "steps:\n  aa: {«play: main}\n  bb: {title: B, end: lost}"),
    ("plays-itself", "error", "interruptions:\n  cut: {«play: main}\nsteps:\n  aa: {title: A, end: lost}"),
]  # fmt: skip


@pytest.fixture
def lint(tmp_path: Path) -> Callable[..., list[Finding]]:
    """`lint(text, other=text …)`: what is wrong with a playbook and the files beside it."""

    def run(text: str, **others: str) -> list[Finding]:
        for name, body in {"main": text, **others}.items():
            (tmp_path / f"{name.replace('_', '-')}.yaml").write_text(dedent(body), encoding="utf-8")
        return find_findings(Library((built_in_folder(),), shared_cache()), [str(tmp_path / "main.yaml")])[0]

    return run


@pytest.mark.parametrize(("rule", "severity", "text"), BROKEN)
def test_a_broken_rule_is_found_where_the_sign_stands(
    lint: Callable[..., list[Finding]], rule: str, severity: str, text: str
) -> None:
    text, [(line, column)] = unmark(HEAD + text)
    found = lint(text)
    assert (rule, line, column) in brief(found)
    one = next(f for f in found if (f.rule, f.line, f.column) == (rule, line, column))
    assert one.severity == severity
    assert one.message


@pytest.mark.parametrize(("rule", "text"), [(r, t) for r, _, t in BROKEN if r != "empty-step"])
def test_one_mistake_gives_no_other_findings(lint: Callable[..., list[Finding]], rule: str, text: str) -> None:
    text, _ = unmark(HEAD + text)
    # A step whose only content was mistyped has nothing to show either.
    assert {f.rule for f in lint(text)} - {"empty-step"} == {rule}
    assert len(lint(text)) <= 2


@pytest.mark.parametrize("module", ["names", "check", "read", "shapes", "shelf"])
def test_every_rule_the_reader_can_report_is_broken_in_this_file(module: str) -> None:
    tree = ast.parse((Path(calmdesk.playbook.__file__).parent / f"{module}.py").read_text(encoding="utf-8"))
    places = {"report": 1, "known": 3}
    reported = {
        str(call.args[at].value)  # type: ignore[attr-defined]
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and (at := places.get(getattr(call.func, "attr", "") or getattr(call.func, "id", "")))
        and len(call.args) > at
        and isinstance(call.args[at], ast.Constant)
    }
    assert reported
    tested = {rule for rule, _, _ in BROKEN} | {"version", "no-playbook"}
    assert reported - tested == set()


def test_a_sound_playbook_has_no_findings(lint: Callable[..., list[Finding]]) -> None:
    assert lint(HEAD + "steps:\n  aa: {title: A, end: lost}\n") == []


def test_a_newer_format_is_refused_at_its_number() -> None:
    found = read("title: T\ncalmdesk: 2\ngoal: G.\nsteps:\n  aa: {title: A, end: lost}\n").findings
    assert brief(found) == [("version", 2, 1)]
    assert "update calmdesk" in found[0].tip


@pytest.mark.parametrize("text", ["", "# nothing here\n", "just words\n", "- a\n- list\n"])
def test_a_file_without_a_playbook_says_how_one_begins(text: str) -> None:
    (found,) = read(text).findings
    assert (found.rule, found.line, found.column) == ("no-playbook", 1, 1)
    assert "calmdesk: 1" in found.tip


def test_the_four_required_keys_are_each_asked_for() -> None:
    found = read("signals: [loud]\n").findings
    assert [f.rule for f in found] == ["missing-key"] * 4
    assert [f.message.split("“")[1].split("”")[0] for f in found] == ["calmdesk", "title", "goal", "steps"]


@pytest.mark.parametrize(
    "content", ["title: A", "say: A", "cue: A", "check: A", "ask: ff", "draft: dd", "must-check: A"]
)
def test_one_of_these_is_enough_for_a_step(lint: Callable[..., list[Finding]], content: str) -> None:
    declared = {"ask: ff": "facts: {ff: {ask: A}}\n", "draft: dd": "drafts: {dd: A}\n"}.get(content, "")
    assert lint(f"{HEAD}{declared}steps:\n  aa: {{{content}, end: lost}}\n") == []


def test_a_step_that_leads_nowhere_but_isnt_the_last_goes_to_the_next(lint: Callable[..., list[Finding]]) -> None:
    assert lint(HEAD + "steps:\n  aa: {title: A}\n  bb: {title: B, end: lost}\n") == []


def test_the_last_step_of_a_module_returns(lint: Callable[..., list[Finding]]) -> None:
    assert lint(HEAD + "module: true\nsteps:\n  aa: {title: A}\n") == []


def test_a_module_may_go_return_and_an_ordinary_playbook_may_return_a_disposition(
    lint: Callable[..., list[Finding]],
) -> None:
    assert lint(HEAD + "module: true\nsteps:\n  aa: {title: A, choices: {bb: return}}\n") == []
    assert lint(HEAD + "steps:\n  aa: {title: A, return: follow-up}\n") == []


def test_a_file_that_plays_itself_through_another_is_found_in_both(lint: Callable[..., list[Finding]]) -> None:
    main, [place] = unmark(HEAD + "steps:\n  aa: {«play: other}\n  bb: {title: B, end: lost}\n")
    other, [there] = unmark(HEAD + "steps:\n  aa: {title: A}\n  cc: {«play: main}\n  bb: {title: B, end: lost}\n")
    found = lint(main, other=other)
    assert {(Path(f.path).name, f.rule, f.line, f.column) for f in found} == {
        ("main.yaml", "plays-itself", *place), ("other.yaml", "plays-itself", *there),
    }  # fmt: skip


@pytest.mark.parametrize("by", ["17:00", "24h", "2d", "90m", "{policy.update}", "{today}"])
def test_a_promise_may_be_due_by(lint: Callable[..., list[Finding]], by: str) -> None:
    assert lint(HEAD + f'steps:\n  aa: {{title: A, promise: {{what: It works, by: "{by}"}}, end: lost}}\n') == []


@pytest.mark.parametrize("kind", ["moment", "time", "date"])
def test_a_promise_may_be_due_by_a_fact_of_time(lint: Callable[..., list[Finding]], kind: str) -> None:
    text = f"facts: {{ff: {{ask: When, kind: {kind}}}}}\nsteps:\n  aa: {{ask: ff, promise: {{what: It, by: '{{ff}}'}}, end: lost}}"
    assert lint(HEAD + text) == []


@pytest.mark.parametrize("timer", ["10s", "2m", "60m", '"{policy.listen}"'])
def test_a_timer_runs_seconds_or_minutes_up_to_an_hour(lint: Callable[..., list[Finding]], timer: str) -> None:
    assert lint(HEAD + f"steps:\n  aa: {{title: A, timer: {timer}, end: lost}}\n") == []


def test_twenty_five_words_three_cues_and_five_checks_are_fine(lint: Callable[..., list[Finding]]) -> None:
    say = " ".join(["word"] * 25)
    assert (
        lint(HEAD + f"steps:\n  aa: {{say: {say}, cue: [a1, a2, a3], check: [b1, b2, b3, b4, b5], end: lost}}\n") == []
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("steps:\n  check: {title: A, go: chekc}", "check"),
        ("facts: {customer: {ask: Who}}\nsteps:\n  aa: {ask: custmer, end: lost}", "customer"),
        ("steps:\n  aa: {title: A, end: recoverd}", "recovered"),
        ("steps:\n  aa: {play: stedy}\n  bb: {title: B, end: lost}", "steady"),
        ("steps:\n  aa: {titel: A, end: lost}", "title"),
        ("steps:\n  aa: {title: A, principle: listne, end: lost}", "listen"),
        ("steps:\n  aa: {say: '{policy.lisen}', end: lost}", "listen"),
        ("steps:\n  aa: {draft: leter, end: lost}\ndrafts: {letter: Dear}", "letter"),
        ("facts: {ff: {ask: A, one-of: {partner: P, ours: O}}}\nsteps:\n  aa: {title: A, when: {ff: parnter}, end: lost}", "partner"),
        ("facts: {price: {ask: A, kind: mony}}\nsteps:\n  aa: {title: A, end: lost}", "money"),
    ],
)  # fmt: skip
def test_a_mistyped_name_is_met_with_did_you_mean(lint: Callable[..., list[Finding]], text: str, meant: str) -> None:
    assert any(f"Did you mean “{meant}”?" in f.tip for f in lint(HEAD + text))


def test_a_finding_reads_as_path_line_column_severity_rule_and_message() -> None:
    finding = Finding("dead-end", "error", "It ends.", "a.yaml", 3, 5, "Mend it.")
    assert render_finding(finding) == "a.yaml:3:5: error[dead-end] It ends.\n   tip: Mend it."
    assert is_error(finding)
    assert not is_error(finding._replace(severity="warning"))


def test_findings_come_in_the_order_of_the_file(lint: Callable[..., list[Finding]]) -> None:
    text = HEAD + "facts:\n  today: {ask: A}\nsteps:\n  aa: {title: A, go: nowhere}\n  bb: {titel: B}\n"
    assert [f.line for f in lint(text)] == sorted(f.line for f in lint(text))


@pytest.mark.parametrize(
    "go",
    [
        "go: []",
        "choices: {bb: {go: []}}",
        "go: [aa, bb]",
    ],
)
def test_an_empty_list_of_ways_is_a_finding(lint: Callable[..., list[Finding]], go: str) -> None:
    assert lint(HEAD + f"steps:\n  aa: {{title: A, {go}}}\n  bb: {{title: B, end: lost}}\n")


def test_a_line_without_words_is_a_finding(lint: Callable[..., list[Finding]]) -> None:
    assert lint(HEAD + "steps:\n  aa: {say: [{line: []}], end: lost}\n")


def test_a_way_below_one_without_a_condition_is_a_finding(lint: Callable[..., list[Finding]]) -> None:
    assert lint(HEAD + "steps:\n  aa: {title: A, go: [{step: bb}, {step: aa}]}\n  bb: {title: B, end: lost}\n")
