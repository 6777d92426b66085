"""A phrase file is read, or everything wrong with it is told in the trainer's words."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from calmdesk.coach.proving import read_phrase
from tests.playbook.texts import brief, unmark

GOOD = """\
calmdesk-phrase: 1
rule: calm-down
label: DISMISS
kind: violation
patterns: ["calm (yourself|) down"]
unless: [won't tell]
why: It tells them that the feeling is wrong.
instead: Say what you heard.
tests:
  flag: [Calm down., Please calm yourself down!]
  silent: [I won't tell you to calm down., Take your time.]
"""


def findings(old: str, new: str) -> tuple[list[tuple[str, int, int]], list[tuple[str, int, int]], str]:
    """What is found once a part of the good rule is another, where it should be, and the first one's words."""
    assert old in GOOD
    text, places = unmark(GOOD.replace(old, new, 1))
    found = read_phrase(text.encode(), "calm-down").findings
    words = f"{found[0].message} {found[0].tip}" if found else ""
    return brief(found), [(found[0].rule, *place) for place in places], words


def test_a_good_rule_is_read_whole() -> None:
    read = read_phrase(GOOD.encode(), "calm-down")
    assert read.findings == ()
    assert read.rule is not None
    assert read.rule.id == "calm-down"
    assert read.rule.patterns == ("calm (yourself|) down",)
    assert read.rule.unless == ("won't tell",)
    assert len(read.rule.flag) == len(read.rule.silent) == 2


def test_an_unknown_key_is_told_with_the_one_that_was_meant() -> None:
    found, wanted, words = findings("unless:", "«unles:")
    assert found[0] == wanted[0]
    assert found[0][0] == "unknown-key"
    assert "Did you mean “unless”?" in words


def test_a_missing_key_is_told_with_what_it_is() -> None:
    found, _, words = findings("why: It tells them that the feeling is wrong.\n", "")
    assert [f[0] for f in found] == ["missing-key"]
    assert "“why”" in words
    found, _, words = findings("  flag: [Calm down., Please calm yourself down!]\n", "")
    assert [f[0] for f in found] == ["missing-key"]
    assert "“flag”" in words


def test_a_rule_has_the_name_of_its_file() -> None:
    found, wanted, words = findings("rule: calm-down", "«rule: calm")
    assert found == wanted
    assert found[0][0] == "phrase-name"
    assert "Write `rule: calm-down`" in words


def test_a_mistyped_label_is_told_with_the_one_that_was_meant() -> None:
    for typed, meant in {"dismis": "DISMISS", "Blame": "BLAME", "EMPTY-APOLOGY": "EMPTY_APOLOGY"}.items():
        found, wanted, words = findings("label: DISMISS", f"label: «{typed}")
        assert found == wanted
        assert found[0][0] == "unknown-word"
        assert f"Did you mean “{meant}”?" in words


def test_a_label_is_of_the_rules_kind() -> None:
    found, wanted, words = findings("label: DISMISS", "«label: OWN")
    assert found == wanted
    assert "isn't the label of a violation" in words


def test_a_pattern_that_cant_be_read_is_told_where_it_stands() -> None:
    found, wanted, words = findings('["calm (yourself|) down"]', '[calm down, «"calm (yourself| down"]')
    assert found == wanted
    assert found[0][0] == "bad-pattern"
    assert "isn't closed" in words


def test_a_way_that_no_test_uses_is_told() -> None:
    found, wanted, words = findings('"calm (yourself|) down"', '«"calm (yourself|right|) down"')
    assert found == wanted
    assert found[0][0] == "pattern-unproved"
    assert "“calm right down”" in words


def test_a_test_that_doesnt_catch_is_told() -> None:
    found, wanted, words = findings("[Calm down.,", "[Calm down., «Relax.,")
    assert found == wanted
    assert found[0][0] == "phrase-misses"
    assert "No pattern" in words
    found, wanted, words = findings("[Calm down.,", "[Calm down., «I won't tell you but calm down.,")
    assert found == wanted
    assert found[0][0] == "phrase-misses"
    assert "`unless`" in words


def test_a_good_sentence_that_is_caught_is_told() -> None:
    found, wanted, words = findings("Take your time.", "«It helps to calm down.")
    assert found == wanted
    assert found[0][0] == "phrase-false-alarm"
    assert "“calm down”" in words


def test_a_newer_format_is_told() -> None:
    found, wanted, _ = findings("calmdesk-phrase: 1", "«calmdesk-phrase: 2")
    assert found == wanted
    assert found[0][0] == "version"


def test_lists_have_an_end() -> None:
    found, wanted, _ = findings("[Calm down.,", "«[" + "Calm down., " * 200)
    assert found == wanted
    assert found[0][0] == "too-many-values"


def test_a_test_is_a_sentence() -> None:
    found, wanted, _ = findings("Take your time.", "«" + "Take your time " * 30)
    assert found == wanted
    assert found[0][0] == "too-long"


def test_a_rule_of_a_thousand_ways_is_told_in_time() -> None:
    ways = "|".join(f"a{n}" for n in range(40))
    text = GOOD.replace('["calm (yourself|) down"]', f"[{', '.join([f'({ways}) ({ways[:60]}a) sorry'] * 60)}]")
    text = text.replace("[Calm down.,", f"[{', '.join(['a1 a2 sorry ' * 20] * 110)},")
    start = time.perf_counter()
    read = read_phrase(text.encode(), "calm-down")
    assert time.perf_counter() - start < 10
    assert "pattern-unproved" in {f.rule for f in read.findings}


def test_who_only_looks_for_phrases_needs_no_proof() -> None:
    text = GOOD.replace("[Calm down.,", "[Relax.,")
    assert read_phrase(text.encode(), "calm-down", prove=False).findings == ()
    assert read_phrase(text.encode(), "calm-down", "a/b.yaml").findings[0].path == "a/b.yaml"


def test_what_is_no_rule_is_told_and_never_raises() -> None:
    for text in ("", "[]", "calm down"):
        read = read_phrase(text.encode(), "calm-down")
        assert read.rule is None
        assert [f.rule for f in read.findings] == ["no-phrase"]


@given(st.integers(0, len(GOOD)), st.integers(0, 12), st.text("(|)*…: {}[]\"'\n-aé\x00", max_size=8))
def test_no_file_makes_it_raise(at: int, cut: int, put: str) -> None:
    read = read_phrase((GOOD[:at] + put + GOOD[at + cut :]).encode(), "calm-down")
    assert read.rule is not None or read.findings


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    assert read_phrase(data, "calm-down").findings
