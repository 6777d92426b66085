"""What an editor underlines and what the reader reports are the same: shapes as JSON Schema and as readers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calmdesk.playbook.findings import is_error
from calmdesk.playbook.keys import playbook_schema
from calmdesk.playbook.source import read_source

from .draft7 import fits
from .texts import HEAD, read

if TYPE_CHECKING:
    from calmdesk.playbook.node import Node

EXAMPLES = int(os.environ.get("CALMDESK_SOURCE_EXAMPLES", "120"))
SHAPE_RULES = {
    "wrong-kind",
    "unknown-key",
    "missing-key",
    "bad-id",
    "unknown-word",
    "empty-text",
    "empty-list",
    "alias",
}


def as_json(node: Node) -> Any:
    """A node as an editor's JSON sees it."""
    match node.kind:
        case "map":
            return {name: as_json(value) for name, (_, value) in node.entries.items()}
        case "list":
            return [as_json(x) for x in node.items]
        case "number":
            return float(node.text) if "." in node.text else int(node.text)
        case "flag":
            return node.text == "true"
        case "null":
            return None
    return node.text


def schema_allows(text: str) -> bool:
    source = read_source(text.encode())
    assert source.root is not None, source.findings
    schema = playbook_schema()
    return fits(as_json(source.root), schema, schema)


def reader_reports(text: str) -> set[str]:
    return {f.rule for f in read(text).findings if is_error(f)}


GOOD = [
    "steps:\n  aa: {title: A, end: lost}",
    "steps:\n  aa: {say: Hello, end: lost}",
    "steps:\n  aa: {say: [Hello, Hi], end: lost}",
    "steps:\n  aa: {say: [{when: {channel: chat}, line: Hello}, {line: [Hi, Hey]}], end: lost}",
    "steps:\n  aa: {title: A, cue: One, check: [Two], must-check: Three, end: lost}",
    "steps:\n  aa: {title: A, avoid: [Calm down, {line: Calm, why: It hurts, instead: Listen}], end: lost}",
    "steps:\n  aa: {title: A, avoid: Calm down, end: lost}",
    "steps:\n  aa: {title: A, timer: 10s, hold: 60s, end: lost}",
    "steps:\n  aa: {title: A, timer: '{policy.listen}', end: lost}",
    "steps:\n  aa: {title: A, principle: own, claims: [A01], evidence: E02, end: lost}",
    "steps:\n  aa: {title: A, choices: {yes: aa, no: {go: aa, label: Not quite, at-most: 2, then: aa}}}",
    "steps:\n  aa: {title: A, go: [{when: {channel: [chat, email]}, step: aa}, {step: aa}]}",
    "steps:\n  aa: {title: A, when: {not: {channel: chat}}, end: lost}",
    "steps:\n  aa: {title: A, when: {today: {over: 2031-01-02, at-most: 2032-01-01}}, end: lost}",
    "steps:\n  aa: {title: A, promise: {what: It, by: 24h, who: Ana}, end: lost}",
    "facts: {ff: {ask: A, kind: money, default: 0}}\nsteps:\n  aa: {offer: {kind: gesture, ladder: goodwill, on: ff}, end: lost}",
    "facts: {ff: {ask: A, kind: yes-no, default: true}}\nsteps:\n  aa: {ask: [ff], when: {ff: true}, end: lost}",
    "facts: {ff: {ask: A, one-of: {ours: Ours, theirs: {label: Theirs, slip: customer}}}}\nsteps:\n  aa: {ask: ff, end: lost}",
    "module: true\nsteps:\n  aa: {title: A, go: return}",
    "signals: [loud]\nnot-for: {insults at me: abusive-caller}\nchannels: [phone, desk]\nsteps:\n  aa: {title: A, end: lost}",
    "interruptions: {cut: {label: Cut, card: {say: Hello, title: T, cue: [a1]}}}\nsteps:\n  aa: {title: A, end: lost}",
    "interruptions: {cut: {play: stop, returns: false}}\nsteps:\n  aa: {title: A, end: lost}",
    "drafts: {dd: Dear}\nsteps:\n  aa: {draft: dd, return: lost}",
    "steps:\n  aa: {title: A, end: lost}\npath-rules:\n  - {before: aa, must-pass: aa}\n  - {never: offer, when: {channel: chat}}",
    "steps:\n  aa: {title: A, end: lost}\ntests:\n  - {name: N, facts: {case: 5}, choose: [one], offer: none, expect: {disposition: lost, promises: 0, offers: 0, amount: 8.90, passes: [aa], not-passes: bb, ticked: x, says: y}}",
]  # fmt: skip

BAD = [
    "steps: [aa]",
    "steps: words",
    "steps: {aa: words}",
    "steps: {aa: null}",
    "steps: {A: {title: A, end: lost}}",
    "steps: {a: {title: A, end: lost}}",
    "steps: {aa--b: {title: A, end: lost}}",
    "steps: {return: {title: A, end: lost}}",
    "steps: {offer: {title: A, end: lost}}",
    "steps: {aa: {title: 5, end: lost}}",
    "steps: {aa: {title: true, end: lost}}",
    "steps: {aa: {title: null, end: lost}}",
    "steps: {aa: {title: '', end: lost}}",
    "steps: {aa: {title: [A], end: lost}}",
    "steps: {aa: {titel: A, title: A, end: lost}}",
    "steps: {aa: {title: A, principle: shout, end: lost}}",
    "steps: {aa: {title: A, timer: soon, end: lost}}",
    "steps: {aa: {title: A, timer: 5, end: lost}}",
    "steps: {aa: {title: A, say: 5, end: lost}}",
    "steps: {aa: {title: A, say: {line: A}, end: lost}}",
    "steps: {aa: {title: A, say: [{when: {channel: x}}], end: lost}}",
    "steps: {aa: {title: A, say: [{line: A, words: B}], end: lost}}",
    "steps: {aa: {title: A, say: [Hello, {line: A}], end: lost}}",
    "steps: {aa: {title: A, cue: {a: b}, end: lost}}",
    "steps: {aa: {title: A, avoid: [{why: A}], end: lost}}",
    "steps: {aa: {title: A, choices: [bb]}}",
    "steps: {aa: {title: A, choices: {bb: {label: B}}}}",
    "steps: {aa: {title: A, choices: {B: aa}}}",
    "steps: {aa: {title: A, choices: {bb: {go: aa, at-most: 0}}}}",
    "steps: {aa: {title: A, choices: {bb: {go: aa, at-most: 1.5}}}}",
    "steps: {aa: {title: A, choices: {bb: {go: aa, at-most: many}}}}",
    "steps: {aa: {title: A, go: [{when: {channel: x}}]}}",
    "steps: {aa: {title: A, go: {step: aa}}}",
    "steps: {aa: {title: A, when: chat, end: lost}}",
    "steps: {aa: {title: A, when: {channel: null}, end: lost}}",
    "steps: {aa: {title: A, when: {not: chat}, end: lost}}",
    "steps: {aa: {title: A, when: {today: {above: 3}}, end: lost}}",
    "steps: {aa: {title: A, when: {channel: [[chat]]}, end: lost}}",
    "steps: {aa: {offer: gesture, end: lost}}",
    "steps: {aa: {offer: {kind: present, ladder: goodwill, on: ff}, end: lost}}",
    "steps: {aa: {offer: {kind: gesture, ladder: goodwill}, end: lost}}",
    "steps: {aa: {title: A, promise: It works, end: lost}}",
    "steps: {aa: {title: A, promise: {what: It}, end: lost}}",
    "facts: [ff]\nsteps: {aa: {title: A, end: lost}}",
    "facts: {ff: What}\nsteps: {aa: {title: A, end: lost}}",
    "facts: {ff: {kind: money}}\nsteps: {aa: {title: A, end: lost}}",
    "facts: {ff: {ask: A, kind: colour}}\nsteps: {aa: {title: A, end: lost}}",
    "facts: {ff: {ask: A, one-of: [aa]}}\nsteps: {aa: {title: A, end: lost}}",
    "facts: {ff: {ask: A, one-of: {aa: {slip: ours}}}}\nsteps: {aa: {title: A, end: lost}}",
    "facts: {ff: {ask: A, one-of: {aa: {label: A, slip: mine}}}}\nsteps: {aa: {title: A, end: lost}}",
    "facts: {ff: {ask: A, default: [x]}}\nsteps: {aa: {title: A, end: lost}}",
    "signals: loud\nsteps: {aa: {title: A, end: lost}}",
    "channels: [fax]\nsteps: {aa: {title: A, end: lost}}",
    "module: yes\nsteps: {aa: {title: A, end: lost}}",
    "module: 'true'\nsteps: {aa: {title: A, end: lost}}",
    "not-for: [x]\nsteps: {aa: {title: A, end: lost}}",
    "interruptions: {cut: stop}\nsteps: {aa: {title: A, end: lost}}",
    "interruptions: {cut: {play: stop, returns: maybe}}\nsteps: {aa: {title: A, end: lost}}",
    "interruptions: {cut: {play: stop, key: AB}}\nsteps: {aa: {title: A, end: lost}}",
    "interruptions: {cut: {card: {title: T}}}\nsteps: {aa: {title: A, end: lost}}",
    "drafts: {dd: [Dear]}\nsteps: {aa: {title: A, end: lost}}",
    "path-rules: {before: aa}\nsteps: {aa: {title: A, end: lost}}",
    "path-rules: [{after: aa, must-pass: aa}]\nsteps: {aa: {title: A, end: lost}}",
    "tests: [{name: N}]\nsteps: {aa: {title: A, end: lost}}",
    "tests: [{name: N, expect: {promises: -1}}]\nsteps: {aa: {title: A, end: lost}}",
    "tests: [{name: N, offer: some, expect: {}}]\nsteps: {aa: {title: A, end: lost}}",
    "extra: 1\nsteps: {aa: {title: A, end: lost}}",
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_what_is_written_well_is_allowed_by_the_schema_and_read_without_a_finding(text: str) -> None:
    assert reader_reports(HEAD + text) == set()
    assert schema_allows(HEAD + text)


@pytest.mark.parametrize("text", BAD)
def test_what_the_schema_refuses_the_reader_reports_too(text: str) -> None:
    assert not schema_allows(HEAD + text)
    assert reader_reports(HEAD + text) & SHAPE_RULES


@pytest.mark.parametrize("key", ["calmdesk", "title", "goal", "steps"])
def test_a_missing_required_key_is_refused_by_both(key: str) -> None:
    whole = {"calmdesk": "1", "title": "T", "goal": "G.", "steps": "{aa: {title: A, end: lost}}"}
    text = "".join(f"{k}: {v}\n" for k, v in whole.items() if k != key)
    assert not schema_allows(text)
    assert reader_reports(text) == {"missing-key"}


def test_a_choice_in_short_form_is_the_same_to_both() -> None:
    text = HEAD + "steps:\n  aa: {title: A, choices: {bb: [{when: {channel: chat}, step: aa}, {step: aa}]}}"
    assert schema_allows(text) == (not reader_reports(text) & SHAPE_RULES)


def test_a_text_of_spaces_is_the_same_to_both() -> None:
    text = HEAD + "steps:\n  aa: {title: '  ', say: Hello, end: lost}"
    assert schema_allows(text) == (not reader_reports(text) & SHAPE_RULES)


# --- the reader takes any mistake, and the schema never refuses what it takes

WHOLE: dict[str, Any] = {
    "calmdesk": 1, "title": "T", "goal": "G.", "module": False, "signals": ["loud"], "not-for": {"x": "stop"},
    "channels": ["phone"],
    "facts": {"ff": {"ask": "A", "kind": "money", "default": 3}, "gg": {"ask": "B", "one-of": {"ours": "O", "th": {"label": "T", "slip": "ours"}}}},
    "interruptions": {"cut": {"label": "C", "play": "stop", "returns": False}, "cc": {"card": {"say": "Hi"}}},
    "steps": {
        "aa": {"title": "A", "say": [{"when": {"gg": ["ours"]}, "line": "One {ff}"}, {"line": ["Two", "Three"]}],
               "avoid": [{"line": "x", "why": "y"}], "check": ["c1"], "timer": "10s", "ask": ["ff", "gg"],
               "choices": {"yes": "bb", "no": {"go": [{"when": {"ff": {"over": 3}}, "step": "aa"}, {"step": "bb"}], "at-most": 2, "then": "bb", "forget": "ff"}}},
        "bb": {"title": "B", "when": {"not": {"gg": "th"}}, "offer": {"kind": "gesture", "ladder": "goodwill", "on": "ff"},
               "promise": {"what": "It", "by": "24h"}},
        "cc": {"play": "steady"},
        "dd": {"draft": "dr", "end": "recovered"},
    },
    "drafts": {"dr": "Dear"},
    "path-rules": [{"before": "bb", "must-pass": "aa"}],
    "tests": [{"name": "N", "facts": {"ff": 3}, "choose": ["yes"], "expect": {"disposition": "recovered"}}],
}  # fmt: skip


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(p for key, x in inner for p in _paths(x, (*path, key)))]


_SPOTS = [p for p in _paths(WHOLE) if p]
_ODD_VALUES: st.SearchStrategy[Any] = st.sampled_from([None, True, False, 0, 5, 1.5, -1, "", "aa", "return", "offer", "{ff}", "{nobody}", [], {}, ["aa"], [[]],
                        {"aa": "bb"}, {"line": "x"}, {"step": "aa"}, {"when": {"ff": 1}}, {"not": {"ff": 1}}, {"over": "x"}, "10s", "61m"])  # fmt: skip


@st.composite
def _spoiled(draw: st.DrawFn) -> dict[str, Any]:
    """The playbook with one to three values replaced, taken out or renamed."""
    spoiled: dict[str, Any] = yaml.safe_load(yaml.safe_dump(WHOLE))
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(_SPOTS))
        spot: Any = spoiled
        for key in above:
            inside = isinstance(spot, dict) or (isinstance(spot, list) and isinstance(key, int) and key < len(spot))
            spot = (spot.get(key) if isinstance(spot, dict) else spot[key]) if inside else None
        if isinstance(spot, dict) and last in spot:
            what = draw(st.integers(0, 2))
            value = spot.pop(last)
            if what == 0:
                spot[last] = draw(_ODD_VALUES)
            elif what == 1:
                spot[draw(st.sampled_from(["titel", "x", "play", "say", "go", "choices", "end", "offer", "when"]))] = (
                    value
                )
        elif isinstance(spot, list) and isinstance(last, int) and last < len(spot):
            spot[last] = draw(_ODD_VALUES)
    return spoiled


@given(_spoiled())
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
def test_any_spoiled_playbook_gives_findings_and_the_schema_refuses_nothing_that_is_read(
    spoiled: dict[str, Any],
) -> None:
    text = yaml.safe_dump(spoiled, sort_keys=False, allow_unicode=True)
    found = read(text)
    assert all(f.message and f.line >= 1 and f.column >= 1 for f in found.findings)
    if not schema_allows(text):
        assert {f.rule for f in found.findings if is_error(f)} & SHAPE_RULES
