"""Playbook text is read as `format.md` ("Reading") says, or refused with its place and a tip in plain words."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calmdesk.playbook.findings import Finding, is_error
from calmdesk.playbook.raw import MAX_BYTES
from calmdesk.playbook.source import MAX_TEXT, MAX_VALUES, read_source

if TYPE_CHECKING:
    from calmdesk.playbook.node import Node

EXAMPLES = int(os.environ.get("CALMDESK_SOURCE_EXAMPLES", "120"))


def findings(text: str | bytes, *, pure: bool = False) -> tuple[Finding, ...]:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return read_source(data, pure=pure).findings


def refusals(text: str | bytes, *, pure: bool = False) -> list[tuple[str, int, int]]:
    return [(f.rule, f.line, f.column) for f in findings(text, pure=pure) if is_error(f)]


def plain(node: Node | None) -> object:
    """A node as plain data; a scalar as (kind, what was written)."""
    if node is None:
        return None
    if node.kind == "map":
        return {name: plain(value) for name, (_, value) in node.entries.items()}
    if node.kind == "list":
        return [plain(x) for x in node.items]
    return (node.kind, node.text)


def value_of(text: str) -> tuple[str, str]:
    """Kind and text of the value of the only key."""
    source = read_source(text.encode())
    assert source.findings == ()
    assert source.root is not None
    (_, value) = source.root.entries["a"]
    return value.kind, value.text


# Each refusal: the text, its rule, line and column (from 1), and words of its tip.
REFUSED: list[tuple[str, str, int, int, str]] = [
    ("a: b\nc: &here d", "anchor", 2, 4, "quotes"),
    ("a: &here {b: c}", "anchor", 1, 4, "quotes"),
    ("a: *here", "alias", 1, 4, "quotes"),
    ("a:\n  - b\n  - *here", "alias", 3, 5, "quotes"),
    ("a:\n  <<: {b: c}", "merge-key", 2, 3, "Write the keys out"),
    ("a: {<<: b}", "merge-key", 1, 5, "Write the keys out"),
    ("a: !!int 3", "tag", 1, 4, "quotes"),
    ("a: !important", "tag", 1, 4, "quotes"),
    ("a: !!python/object:os.system x", "tag", 1, 4, "quotes"),
    ("a: 1\n---\nb: 2", "second-document", 2, 1, "one playbook a file"),
    ("a: 1\nb: 2\na: 3", "duplicate-key", 3, 1, "Rename"),
    ('a: {b: 1, "b": 2}', "duplicate-key", 1, 11, "Rename"),
    ("a:\tb", "tab", 1, 3, "spaces"),
    ("a:\n\tb: c", "tab", 2, 1, "spaces"),
    ("a: b\tc", "tab", 1, 5, "spaces"),
    ("# a\tb\na: 1", "tab", 1, 4, "spaces"),
    ("a: |\n  b\tc\n", "tab", 2, 4, "spaces"),
    ("a: ring\u0007", "hidden-character", 1, 8, "type the text again"),
    ("a: b\nc: \u202eevil", "hidden-character", 2, 4, "type the text again"),
    ("a: b\u200bc", "hidden-character", 1, 5, "type the text again"),
    ("a: b\ufeffc", "hidden-character", 1, 5, "type the text again"),
    ("a: b\u2066c", "hidden-character", 1, 5, "type the text again"),
    ("a: b\u2028c", "hidden-character", 1, 5, "type the text again"),
    ("a: b\u0085c", "hidden-character", 1, 5, "type the text again"),
    ("a: b\u200dc", "hidden-character", 1, 5, "type the text again"),
    ("# \u202e in a comment\na: b", "hidden-character", 1, 3, "type the text again"),
    ('a: "x\\u202ey"', "hidden-character", 1, 4, "escape"),
    ('a: "x\\u200by"', "hidden-character", 1, 4, "escape"),
    ('a: "x\\u200dy"', "hidden-character", 1, 4, "escape"),
    ('a: "x\\x07y"', "hidden-character", 1, 4, "escape"),
    ('a: "x\\ey"', "hidden-character", 1, 4, "escape"),
    ('a: "x\\0y"', "hidden-character", 1, 4, "escape"),
    ('"\\u202e": b', "hidden-character", 1, 1, "escape"),
    ("a: {label: Yes, I have it}", "comma-ends-text", 1, 17, "quotes"),
    ("a: {label: Yes, I have it, go: on}", "comma-ends-text", 1, 17, "quotes"),
    ("a: {label: Why? Because}", "question-mark", 1, 12, "quotes"),
    ("a: [one, really?]", "question-mark", 1, 10, "quotes"),
    ("a: {label: Note: this}", "colon-in-text", 1, 16, "quotes"),
    ("a: Note: this", "colon-in-text", 1, 8, "quotes"),
    ("a: {label: Order #12, go: on}", "hash-in-braces", 1, 18, "quotes"),
    ("a: {customer}", "text-in-braces", 1, 4, "quotes"),
    ("say:\n  - {customer}", "text-in-braces", 2, 5, "quotes"),
    ("a: [hello] you", "text-in-braces", 1, 12, "quotes"),
    ("a: *bold* words", "special-start", 1, 9, "quotes"),
    ("a: &amp; more", "special-start", 1, 8, "quotes"),
    ("a: %d items", "special-start", 1, 4, "quotes"),
    ("a: @home", "special-start", 1, 4, "quotes"),
    ("a: `code`", "special-start", 1, 4, "quotes"),
    ('a: "x" and more', "open-quote", 1, 8, "quotation mark"),
    ("a: 'it's'", "open-quote", 1, 8, "quotation mark"),
    ("  a: 1\n b: 2", "indentation", 2, 2, "one space to the right"),
    ("a: b\nand more.\nc: d", "not-yaml", 2, 1, "to the right of that line's key"),
]


@pytest.mark.parametrize(("text", "rule", "line", "column", "tip"), REFUSED)
def test_a_refusal_has_its_line_its_column_and_a_tip(text: str, rule: str, line: int, column: int, tip: str) -> None:
    found = [f for f in findings(text) if is_error(f)]
    assert (rule, line, column) in [(f.rule, f.line, f.column) for f in found]
    first = next(f for f in found if f.rule == rule)
    assert tip.lower() in (first.tip + first.message).lower()


@pytest.mark.parametrize("text", [t for t, *_ in REFUSED])
def test_no_refusal_speaks_the_parsers_language(text: str) -> None:
    told = " ".join(f.message + f.tip for f in findings(text)).lower()
    for word in ("expected", "scanning", "parsing", "token", "mapping", "scalar", "node", "anchor", "yaml.", "flow"):
        assert word not in told


# --- one slip, one finding, at its place

_STEP = "steps:\n  hear:\n    title: Hear\n    principle: listen\n"
_LISTED = _STEP + "    say:\n      - One.\n"

# Each slip: the text, its rule, line and column (from 1), and words of its tip.
SLIPS: list[tuple[str, str, int, int, str]] = [
    ("steps:\n  hear\n    title: Hear\n", "missing-colon", 2, 3, "Write “hear:”."),
    ("steps:\n  hear:\n    title Hear\n    principle: listen\n", "missing-colon", 3, 5, "Write “title:”."),
    ("calmdesk: 1\ntitle Late\ngoal: G.\n", "missing-colon", 2, 1, "Write “title:”."),
    ("calmdesk: 1\nsteps\n  hear:\n    title: Hear\n", "missing-colon", 2, 1, "Write “steps:”."),
    (_STEP + "    say\n      - One.\n      - Two.\n    end: x\n", "missing-colon", 5, 5, "Write “say:”."),
    (_STEP + "    check [They finished]\n    end: x\n", "missing-colon", 5, 5, "Write “check:”."),
    (_STEP + "    end recovered", "missing-colon", 5, 5, "Write “end:”."),
    ("a: {label Yes, go: own}", "missing-colon", 1, 5, "Write “label:”."),
    ("steps:\n  hear:\n    title:Hear\n    end: x\n", "missing-space", 3, 11, "after the colon: “title: Hear”."),
    ("calmdesk:1\ntitle: T\ngoal: G.\n", "missing-space", 1, 10, "“calmdesk: 1”"),
    ("steps:\n  hear:\n    title: Hear\n    principle:listen\n", "missing-space", 4, 15, "“principle: listen”"),
    ("a:\n  - line:Calm down.\n    why: w\n", "missing-space", 2, 10, "“line: Calm down.”"),
    ("a: {label:Yes, go: own}", "missing-space", 1, 11, "“label: Yes”"),
    (_LISTED + "      -Two.\n      - Three.\n", "missing-space", 7, 8, "after the hyphen: “- Two.”"),
    (_STEP + "     ask: [a, b]\n    end: x\n", "indentation", 5, 6, "Move it one space to the left."),
    ('a:\n  b: "c"\n   d: [e]\n  f: g\n', "indentation", 3, 4, "one space to the left"),
    (_STEP + "     say:\n      - One.\n    end: x\n", "indentation", 5, 6, "one space to the left"),
    (_LISTED + "     - Two.\n    end: x\n", "indentation", 7, 6, "one space to the right"),
    (_LISTED + "     - Two.\n      - Three.\n", "indentation", 7, 6, "one space to the right"),
    (_LISTED + "     ask: [a]\n    end: x\n", "indentation", 7, 6, "one space to the left"),
    (_LISTED + "      ask: [a]\n    end: x\n", "indentation", 7, 7, "2 spaces to the left"),
    ("a:\n  - b: c\n    d: e\n - b: c\n   d: e\n", "indentation", 4, 2, "what belongs to it, one space to the right"),
    ("a:\n  - b: c\n   d: e\n    f: g\n", "indentation", 3, 4, "one space to the right"),
    ("steps:\n  hear:\n    title: Hear\n   end: x\n    ask: y\n", "indentation", 4, 4, "one space to the right"),
    (_STEP + "   end: x\n  close:\n    title: C\n", "indentation", 5, 4, "one space to the right"),
    (_STEP + "   close:\n    title: C\n    end: x\n", "indentation", 5, 4, "one space to the left"),
    ("a:\n  b:\n     c: d\n    e: f\n    g: h\n", "indentation", 3, 6, "one space to the left"),
    ("a:\n  b: c\n \u00a0d: e\n", "odd-space", 3, 2, "type a normal one"),
    ("a:\n\u3000\u3000b: c\n", "odd-space", 2, 1, "type a normal one"),
    ("a:\n  title:\u00a0Hear\n  b: c\n", "odd-space", 2, 9, "type a normal one"),
    ("a:\n  -\u202fOne.\n  - Two.\n", "odd-space", 2, 4, "type a normal one"),
    ("a: {title:\u00a0Hear, end: x}", "odd-space", 1, 11, "type a normal one"),
    ("say: “Hello …”", "curly-quotes", 1, 6, 'Write "Hello …"'),
    ("say: „Hallo“ # a greeting", "curly-quotes", 1, 6, 'Write "Hallo"'),
    ("say: ‘I don’t know’", "curly-quotes", 1, 6, 'Write "I don’t know"'),
    ("say: « Oui »", "curly-quotes", 1, 6, "Write"),
    ("say: “Hello\n  there”", "curly-quotes", 1, 6, 'Write "Hello there"'),
    ("cue: [“Yes, I see it”, b]", "curly-quotes", 1, 7, 'Write "Yes, I see it"'),
    ("- {line: “I'm here, {customer}.”}", "curly-quotes", 1, 10, 'Write "I\'m here, {customer}."'),
    ("say: “We close at 11: sorry”\nend: x", "curly-quotes", 1, 6, 'Write "We close at 11: sorry"'),
    ("a: {label: “Yes, I do”, go: own}", "curly-quotes", 1, 12, 'Write "Yes, I do"'),
    ("say: “Order #12 is late”", "curly-quotes", 1, 6, 'Write "Order #12 is late"'),
    ("cue: [“Really?”, x]", "curly-quotes", 1, 7, 'Write "Really?"'),
    ('say: “He said "no" to it”', "curly-quotes", 1, 6, "Write 'He said \"no\" to it'"),
    ("“hear”: x", "curly-quotes", 1, 1, "Write “hear:”."),
    (_LISTED + "       - Two.\n", "joined-item", 7, 8, "Start it in column 7, like line 6."),
    (_LISTED + "       - Two.\n       - Three.\n", "joined-item", 7, 8, "Start it in column 7, like line 6."),
    ("say: One.\n  - Two.\n", "joined-item", 2, 3, "a line of its own"),
    ("a: b\tc\nd:\te\n\tf: g\n", "tab", 1, 5, "on lines 1, 2 and 3"),
    ("by: {call-by}", "text-in-braces", 1, 5, 'Write "{call-by}" in quotes.'),
    ("a: {what: x, by: {call-by}}", "text-in-braces", 1, 18, 'Write "{call-by}" in quotes.'),
    ("say: {today} is open.\nend: x", "text-in-braces", 1, 6, 'Write "{today} is open." in quotes.'),
    ("a: [{line: {today} is open.}]", "text-in-braces", 1, 12, 'Write "{today} is open." in quotes.'),
    ("say: {{customer}}", "text-in-braces", 1, 7, "quotes"),
]  # fmt: skip


@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize(("text", "rule", "line", "column", "tip"), SLIPS)
def test_one_slip_is_one_finding(text: str, rule: str, line: int, column: int, tip: str, *, pure: bool) -> None:
    (found,) = findings(text, pure=pure)
    assert (found.rule, found.line, found.column) == (rule, line, column)
    assert tip in found.message + " " + found.tip
    assert found == findings(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        'a: "“this is ridiculous”"',
        "a: She said “no”.",
        "a: “No”, she said, “never”",
        "a: “No”, she said.",
        "a: [b, the “c”]",
        "a: Hear\u00a0them",
        "a: 9:\u00a0Hear",
        'a: "Note:\u00a0b\n\n  \u00a0c"',
        "a: |\n  \u00a0b\n  c:\u00a0d\n",
        "# -\u00a0b\na: c",
        "a: We have 3 # rooms",
        "a: one - two\n  three",
        "a: one\n  -two",
        "a:\n  - one\n  - two",
    ],
)
def test_what_looks_like_a_slip_and_is_none_is_left_alone(text: str) -> None:
    assert findings(text) == findings(text, pure=True) == ()


def test_a_no_break_space_inside_quotes_stays_in_the_text() -> None:
    source = read_source('a: "x\n\n  \u00a0y"\nb:\u00a0z'.encode())
    assert plain(source.root) == {"a": ("text", "x\n\u00a0y"), "b": ("text", "z")}
    assert [(f.rule, f.line) for f in source.findings] == [("odd-space", 4)]


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("say: “Hello …”", "warning"),
        ("cue: [“Yes, I see it”, “Write it”]", "warning"),
        ("a: {label: “Yes, I do”, go: own}", "error"),
        ("say: “We close at 11: sorry”", "error"),
    ],
)
def test_words_quotation_marks_are_an_error_where_the_file_cant_be_read_with_them(text: str, severity: str) -> None:
    assert {(f.rule, f.severity) for f in findings(text)} == {("curly-quotes", severity)}


def test_a_single_word_in_words_quotation_marks_is_read_without_them() -> None:
    source = read_source("go: “own”\n“at”: “2”\nsay: “Well, then.”".encode())
    assert plain(source.root) == {"go": ("text", "own"), "at": ("number", "2"), "say": ("text", "“Well, then.”")}


def test_a_group_that_should_have_been_a_text_is_told_once_and_stays_silent() -> None:
    source = read_source(b"by: {call-by}")
    assert source.root is not None
    assert source.root.entries["by"][1].kind == "refused"


def test_an_indentation_names_the_line_that_it_belongs_to() -> None:
    told = [findings(t)[0].message for t, rule, *_ in SLIPS if rule == "indentation"]
    assert any("starts in column 6, and the one above it in column 5." in m for m in told)
    assert any("starts in column 2, and its list on line 2 in column 3." in m for m in told)
    assert any("starts in column 6, and line 5 in column 5." in m for m in told)
    assert any("starts in column 6, and the one below it in column 5." in m for m in told)


@pytest.mark.parametrize("pure", [False, True])
def test_looking_for_a_slip_in_a_large_file_takes_no_time(*, pure: bool) -> None:
    step = "  hear:\n    title: Hear\n    say:\n      - One.\n"
    for slip in ("     ask: x\n", "    title Hear\n", "    “a, “b: x\n", "    c: [" + "“a, " * 9_000 + "\n"):
        begun = time.perf_counter()
        assert refusals("steps:\n" + step * 3 + slip + step * 3_000, pure=pure)
        assert refusals("steps:\n" + step * 500 + slip, pure=pure)
        assert time.perf_counter() - begun < 6


# --- the same verdict with both parsers

READ = [
    "a: b",
    "\ufeffa: b",
    "a: b\r\nc: d\r\n",
    "a: b\rc: d",
    "---\na: b\n...\n",
    "# only a comment",
    "",
    "a: {b: c, d: [e, f]}",
    "a: {b: c,}",
    "a: [b,]",
    'a: {"b":1}',
    "a: x:y",
    "a: [x:y, http://a.b]",
    "a: don't",
    "a: it's fine, really?",
    "a: |\n  one\n  two\n",
    "a: >-\n  one\n  two\n",
    "a: one\n  two\n",
    "a: 'x\ty'",
    'a: "x\\ty"',
    'a: "x\\u0041y"',
    "? a\n: b",
    "a: -x",
    "a: # nothing\nb: c",
    "a: [b] # a comment",
    "a: {b: 'why?'}",
    "a: the order #12 is late",
    "a: \u0995\u09cd\u200d\u09af",
]
ODD = [
    "a: [one, two",
    "a: {b: c",
    "a: - x",
    "a: 1\n...\nb: 2",
    "[]: 1",
    "{x: 1}: 2",
    ": x",
    "a: ?",
    "a: ,",
    "a: -",
    "x: [a, , b]",
    "a: [:x]",
    "a: {customer}, hello",
    "a: {b, c}",
    "a: [?]",
    "a: {b?: c}",
    "a: [a?b]",
    'a: "\\q"',
    'a: "\\ud800"',
    'a: "x',
    "\ta: b",
]


@pytest.mark.parametrize("text", [*(t for t, *_ in REFUSED), *(t for t, *_ in SLIPS), *READ, *ODD])
def test_libyaml_and_pyyamls_own_scanner_give_the_same_verdict(text: str) -> None:
    assert yaml.__with_libyaml__, "this test compares the two"
    assert bool(refusals(text)) == bool(refusals(text, pure=True))
    if not refusals(text):
        assert plain(read_source(text.encode()).root) == plain(read_source(text.encode(), pure=True).root)
        assert findings(text) == findings(text, pure=True)


@pytest.mark.parametrize("text", [t for t, *_ in REFUSED])
def test_both_parsers_name_the_same_rule_on_the_same_line(text: str) -> None:
    assert [(r, line) for r, line, _ in refusals(text)] == [(r, line) for r, line, _ in refusals(text, pure=True)]


@pytest.mark.parametrize(
    "text",
    [
        "a: {b:}",
        "a: {b:, c: d}",
        "a: |#\n  b",
        "a: >2# why\n  b",
        "%FOO bar\n---\na: b",
        "a: [b:]",
        "[a:, b]",
        "a: [A true reason, A time:, Wait]",
    ],
)
def test_what_only_one_parser_refuses_is_refused_with_both(text: str) -> None:
    assert bool(refusals(text)) == bool(refusals(text, pure=True))


def test_a_slot_in_braces_is_no_comma_even_where_a_comma_stands_elsewhere_on_the_line() -> None:
    assert [r for r, _, _ in refusals("a: {title: x, timer: {policy.listen}}")] == ["text-in-braces"]


@pytest.mark.parametrize("text", READ)
def test_what_stands_here_is_read(text: str) -> None:
    assert refusals(text) == []


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_refused(text: str) -> None:
    assert refusals(text)


def test_a_brace_that_is_left_open_is_not_called_a_colon_in_a_text() -> None:
    assert "colon-in-text" not in {rule for rule, _, _ in refusals("a: {b: c")}


@pytest.mark.parametrize("text", ["{", "[", "a: [#x]"])
def test_a_bracket_that_is_open_at_the_end_of_the_file_is_a_finding(text: str) -> None:
    assert refusals(text)


# --- words stay words


@pytest.mark.parametrize(
    "word",
    ["no", "on", "yes", "off", "y", "n", "True", "FALSE", "Null", "12:30", "0777", "2031-01-02", "1_000", "0x1F",
     "1e5", ".5", "5.", "+5", ".inf", "007", "=", "1.2.3", "17:00", "8,90", "१२"],
)  # fmt: skip
def test_a_word_stays_a_word(word: str) -> None:
    assert value_of(f"a: {word}") == ("text", word)


@pytest.mark.parametrize("number", ["0", "5", "-5", "8.90", "1.5", "1000000", "123456789012345"])
def test_a_number_is_a_number_and_keeps_its_writing(number: str) -> None:
    assert value_of(f"a: {number}") == ("number", number)


def test_true_false_and_null_are_no_words() -> None:
    assert [value_of(f"a: {w}")[0] for w in ("true", "false", "null")] == ["flag", "flag", "null"]
    assert value_of("a:")[0] == "null"


@pytest.mark.parametrize("word", ["true", "null", "5", "no", ""])
def test_in_quotes_everything_is_text(word: str) -> None:
    assert value_of(f'a: "{word}"') == value_of(f"a: '{word}'") == ("text", word)


def test_a_tilde_is_a_word() -> None:
    assert value_of("a: ~") == ("text", "~")


# --- characters


@pytest.mark.parametrize(
    "text",
    ["a: \u0915\u094d\u200d\u0937", "a: \u0995\u09cd\u200d\u09af", "a: \u0915\u094d\u200c\u0937",
     'a: "\\u0915\\u094d\\u200d\\u0937"', "a: \u0d28\u0d4d\u200d\u0d31"],
)  # fmt: skip
def test_a_joiner_between_indic_letters_is_fine(text: str) -> None:
    assert findings(text) == ()


@pytest.mark.parametrize(
    "word",
    ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u1000\u1039\u200d\u1000"],
    ids=["Persian", "Myanmar"],
)
def test_a_joiner_between_letters_of_other_scripts_that_use_it_is_fine(word: str) -> None:
    assert findings(f"a: {word}") == ()


def test_every_line_ending_gives_the_same_places() -> None:
    for end in ("\n", "\r\n", "\r"):
        assert refusals(f"a: b{end}c: d{end}a: e{end}") == [("duplicate-key", 3, 1)]


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    source = read_source(b"\xef\xbb\xbfa: b")
    assert source.findings == ()
    assert source.root is not None
    assert list(source.root.entries) == ["a"]


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [(b"a: b\xff", 1, 5), (b"a: b\nc: \xe9t\xe9", 2, 4), ("a: b".encode("utf-16"), 1, 1), (b"\xc3", 1, 1)],
)
def test_what_is_no_utf8_is_refused_where_it_stands(data: bytes, line: int, column: int) -> None:
    (found,) = findings(data)
    assert (found.rule, found.line, found.column) == ("not-utf-8", line, column)
    assert "UTF-8" in found.tip


def test_hidden_characters_are_all_shown_and_reading_goes_on() -> None:
    found = refusals("a: x\u200by\nb: z\u202e\na: again")
    assert found == [("hidden-character", 1, 5), ("hidden-character", 2, 5), ("duplicate-key", 3, 1)]


def test_a_message_names_the_hidden_character_and_never_holds_it() -> None:
    (found,) = findings("a: x\u202ey")
    assert "U+202E" in found.message
    assert "\u202e" not in found.message + found.tip


# --- limits


def test_a_text_may_have_eight_thousand_characters_and_no_more() -> None:
    assert MAX_TEXT == 8_000
    assert findings("a: " + "x" * 8_000) == ()
    assert refusals("b: 1\na: " + "x" * 8_001) == [("too-long", 2, 4)]
    assert refusals('a: "' + "x" * 8_001 + '"') == [("too-long", 1, 4)]


def test_nesting_may_go_twenty_four_deep_and_no_deeper() -> None:
    assert findings("[" * 24 + "]" * 24) == ()
    assert refusals("[" * 25 + "]" * 25) == [("too-deep", 1, 25)]
    block = "".join("  " * n + "k:\n" for n in range(24)) + "  " * 24
    assert findings(block + "v") == ()
    assert refusals(block + "k: v") == [("too-deep", 25, 49)]


def test_a_file_may_have_256_kib_and_no_more() -> None:
    assert MAX_BYTES == 256 * 1024
    line = b"# " + b"x" * 97 + b"\n"
    whole = b"a: b\n" + line * (MAX_BYTES // 100)
    full = whole + b"#" * (MAX_BYTES - len(whole))
    assert len(full) == MAX_BYTES
    assert findings(full) == ()
    (found,) = findings(full + b"#")
    assert (found.rule, found.line, found.column) == ("too-large", 1, 1)
    assert "module" in found.tip


def test_a_file_may_have_twenty_thousand_values_and_no_more() -> None:
    assert MAX_VALUES == 20_000
    # The list itself, and its items.
    assert findings("- x\n" * 19_999) == ()
    assert refusals("- x\n" * 20_000) == [("too-many-values", 20_000, 3)]


@pytest.mark.parametrize("pure", [False, True])
def test_a_hostile_file_of_full_size_is_refused_quickly(*, pure: bool) -> None:
    for data in (b"[" * MAX_BYTES, b"{a: " * (MAX_BYTES // 4), b"- &a x\n" * 36_000, b"\xe2\x80\x8b" * 87_000):
        begun = time.perf_counter()
        assert refusals(data, pure=pure)
        assert time.perf_counter() - begun < 3


def test_tabs_in_many_quoted_texts_cost_no_more_than_the_texts() -> None:
    begun = time.perf_counter()
    assert findings('- "\t\t\t\t\t\t\t"\n' * 2_000) == ()
    assert time.perf_counter() - begun < 0.15


# --- what is cut short


def test_a_hash_that_cuts_a_text_short_is_a_warning_with_its_place() -> None:
    (found,) = findings("b: 1\na: the order #12 is late")
    assert (found.rule, found.severity, found.line, found.column) == ("cut-by-hash", "warning", 2, 14)
    assert "quotes" in found.tip


@pytest.mark.parametrize("text", ["a: the order # is a comment", "a: 'the order' #12", "a: x#12", "# a: b #12\na: b"])
def test_an_ordinary_comment_is_no_warning(text: str) -> None:
    assert findings(text) == ()


def test_several_things_are_found_at_once_each_with_its_place() -> None:
    text = "a: &x b\nc: *x\nd: !t e\nc: 1\nf: {label: Yes, I do}\n"
    assert refusals(text) == [
        ("anchor", 1, 4), ("alias", 2, 4), ("tag", 3, 4), ("duplicate-key", 4, 1), ("comma-ends-text", 5, 17),
    ]  # fmt: skip


# --- nothing but findings comes out

_YAML = st.text(alphabet=st.sampled_from("ab:-?#,[]{}&*!|>'\"%@`~ \n\t\r\\.0\u200b\u202e\u0915\u200dé"), max_size=80)
_PIECES = st.lists(
    st.sampled_from(["a: ", "- ", "\n", "  ", "{", "}", "[", "]", ", ", '"', "'", "b", "? ", "#", "&x ", "*x", "!t ",
                     "|\n", "---\n", "...\n", "<<: ", "\\u202e", "\t", "12:30", "no", "{c}", ": ",
                     "“", "”", "‘", "’", "\u00a0", "\u3000", "say:x", "title ", "hear\n", "\n  - ", "\n   ", "say: “", "” "]),
    max_size=40,
).map("".join)  # fmt: skip


# Where the two parsers are known to differ: `test_what_only_one_parser_refuses_is_refused_with_both` shows it.
_DIFFERS = re.compile(r"[|>][0-9+-]*#|:[,\[\]{}]|^%", re.MULTILINE)


@given(_YAML | _PIECES | st.text(max_size=60))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_gives_findings_with_places_and_the_same_verdict(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for pure in (False, True):
        for found in findings(text, pure=pure):
            assert 1 <= found.line <= len(lines) + 1
            assert found.column >= 1
            assert found.message
            assert found.tip
            assert found.message.isprintable()
    if not _DIFFERS.search(text):
        assert bool(refusals(text)) == bool(refusals(text, pure=True))


@given(st.binary(max_size=120))
@settings(max_examples=EXAMPLES, deadline=None)
def test_any_bytes_give_findings_or_a_value_and_never_an_exception(data: bytes) -> None:
    source = read_source(data, "some.yaml")
    assert all(f.path == "some.yaml" for f in source.findings)
    assert source.root is not None or source.findings or not data.strip(b"\xef\xbb\xbf \n\r-.") or b"#" in data


def test_what_is_missing_at_the_end_of_a_file_without_a_last_newline_is_said_on_its_last_line() -> None:
    (finding,) = read_source(b"title: [", "x.yaml").findings
    assert finding.line == 1


@pytest.mark.parametrize(
    ("text", "tip"),
    [
        ("drafts:\n  letter:\n    Dear Ann,\n    one thing: it is done.\n", "write a | behind “letter:”"),
        ('say:\n  - "One?"\n  "Two?"\n', "put “- ” before it"),
        ("aa: {label: They take them go: bb}\n", "put a comma before it"),
        ("aa: {line: 'That's it', why: W}\n", "The apostrophe ends the quotation"),
        ("bb: {say: Hi, when: {free = none}}\n", "{free: none}"),
        ("aa:\n  check: One\n  check: Two\n", "`check: [one, two]`"),
        ("aa: {kind: money, default: 84,00}\n", "Write a sum with a point: 84.00"),
        ("aa: {label: X, go: bb, when {channel: phone}}\n", "Write “when:”."),
    ],
)
def test_the_tip_is_what_was_meant(text: str, tip: str) -> None:
    assert any(tip in f.tip for f in findings(text)), [f.tip for f in findings(text)]
