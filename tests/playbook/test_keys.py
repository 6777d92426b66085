"""Every key of `format.md` is known, is described, and stands in the schema that editors use."""

from __future__ import annotations

from typing import Any

import pytest

from calmdesk.playbook.keys import KINDS, PLAYBOOK, POLICY, PRINCIPLES, STEP, playbook_schema
from calmdesk.playbook.read import read_policy
from calmdesk.playbook.shapes import is_id
from calmdesk.safetext import nearest

from .test_shapes import reader_reports, schema_allows
from .texts import HEAD, read

# The example of format.md, to the letter.
EXAMPLE = """\
# yaml-language-server: $schema=./schema/playbook.schema.json
calmdesk: 1                         # version of this format
title: Angry caller
goal: Agree the problem in one sentence, then one fix with a time.
signals: [raised voice, interrupts, repeats the story, "this is ridiculous", "every time I call"]
not-for: {insults at me: abusive-caller, danger: stop}
channels: [phone, chat, desk]

facts:
  customer: {ask: "Customer's first name", default: there}
  problem: {ask: "The problem in one sentence, in their words"}
  fault:
    ask: Whose slip was it?
    one-of:
      ours: Ours
      colleague: A colleague's
      partner: A partner's
      customer: Their own
      unknown: Not known yet
  price: {ask: "What did the failed part cost?", kind: money}
  fix-by: {ask: "Fixed by when?", kind: time}

interruptions:                      # one key away at every step; afterwards the call is back on the step it left
  insults: {label: They insult me, play: abusive-caller}
  manager: {label: They want a manager, play: supervisor-request}
  pause: {label: I need a moment, play: hold}
  danger: {label: Danger or self-harm, play: stop, returns: false}

steps:                              # in order
  steady:
    play: steady                    # a module: another file, played inside this call
  hear:
    title: Hear them out
    principle: listen
    cue: [Let them finish, "Write nouns, dates, amounts"]
    say:
      - "I've got you, {customer}. Start wherever you like, and I'll take notes."
      - "Tell me from the start. I'm writing it down."
    avoid:
      - line: Please calm down.
        why: It tells them the feeling is wrong.
        instead: Say what you heard.
    why: People can't take in a fix before they feel heard.
    check: [They finished, I have their noun on paper]
    timer: "{policy.listen}"        # or 10s, 2m
    claims: [A19, A34]
    evidence: [E07, E38]
    choices:
      finished: {label: They have finished, go: check}
      looping: {label: They go round in circles, go: check}
  check:
    title: Say it back
    ask: problem                    # a fact, or a list of facts
    say: "So {problem}. Have I got that right?"
    choices:
      yes: own                      # short form: id: step
      no: {label: Not quite, go: hear, forget: problem, at-most: 2, then: own}
  own:
    title: Own it once
    ask: fault
    say:
      - {when: {fault: [ours, colleague]}, line: "We got this wrong, and it cost you. I'm sorry. I'm fixing it now."}
      - {when: {fault: partner}, line: "You bought from us, so it's ours to put right. I'm sorry."}
      - {when: {fault: customer}, line: "That form trips up a lot of people. Let's put it right together."}
      - {line: "I don't know yet what went wrong. I'm going to find out."}
    must-check: ["Said once, without 'but'"]
  fix:
    title: One fix with a time
    ask: [fix-by, price]
    say: "I'm sorting it now, and you'll hear from me by {fix-by}."
    promise: {what: "Fixed: {problem}", by: "{fix-by}"}
  make-good:
    title: A gesture, last
    when: {fault: [ours, colleague, partner], price: {over: 0}}     # else the step is skipped
    offer: {kind: gesture, ladder: goodwill, on: price}
  close:
    title: Close
    say: "So: {problem}, fixed by {fix-by}. Did I miss anything?"
    draft: personal-note
    end: recovered

drafts:
  personal-note: |
    Dear {customer}, …
path-rules:                         # true on every path, or lint fails and prints the path
  - {before: make-good, must-pass: own}
  - {every-end: recovered, must-pass: fix}
  - {never: offer, when: {fault: customer}}
tests:
  - name: The courier lost it and she wants the truth
    facts: {customer: Rosa, problem: the red bike is late, fault: partner, price: 8.90, fix-by: "17:00"}
    choose: [finished, yes]
    expect: {disposition: recovered, passes: [own, fix, make-good, close], promises: 1}
"""


def test_the_example_of_the_format_is_read_without_a_finding() -> None:
    assert read(EXAMPLE).findings == ()
    assert schema_allows(EXAMPLE)


def test_the_example_reads_as_the_format_explains_it() -> None:
    data = read(EXAMPLE).data
    assert data is not None
    assert data["steps"]["check"]["choices"]["yes"] == {"go": [{"step": "own"}]}
    assert data["steps"]["check"]["ask"] == ["problem"]
    assert data["facts"]["fault"]["one-of"]["ours"] == {"label": "Ours"}
    assert data["facts"]["customer"]["default"] == "there"
    assert data["steps"]["own"]["say"][-1] == {
        "when": None,
        "lines": ["I don't know yet what went wrong. I'm going to find out."],
    }
    assert data["steps"]["hear"]["say"][0]["when"] is None
    assert data["steps"]["make-good"]["when"]["price"] == {"over": "0.00"}
    assert data["tests"][0]["facts"]["price"] == "8.90"
    assert data["interruptions"]["danger"]["returns"] is False


@pytest.mark.parametrize(
    "key",
    ["calmdesk", "title", "goal", "module", "signals", "not-for", "channels", "facts", "interruptions", "steps", "drafts",
     "path-rules", "tests"],
)  # fmt: skip
def test_a_key_at_the_top_is_known(key: str) -> None:
    assert key in PLAYBOOK.keys


@pytest.mark.parametrize(
    "key",
    ["title", "principle", "cue", "say", "avoid", "why", "check", "must-check", "timer", "ask", "offer", "promise", "draft",
     "play", "when", "choices", "go", "end", "return", "claims", "evidence"],
)  # fmt: skip
def test_a_key_of_a_step_is_known(key: str) -> None:
    assert key in STEP.keys


@pytest.mark.parametrize(
    "key",
    ["calmdesk-policy", "company", "team-line", "currency", "languages", "dispositions", "durations", "counts", "promises",
     "ladders", "interruptions", "emergency-card"],
)  # fmt: skip
def test_a_key_of_the_policy_is_known(key: str) -> None:
    assert key in POLICY.keys


def test_the_words_a_trainer_may_pick_are_those_of_the_format() -> None:
    assert set(KINDS) == {"text", "money", "number", "date", "time", "yes-no", "moment"}
    assert set(PRINCIPLES) == {
        "steady", "pause", "listen", "empathise", "own", "apologise", "explain", "fix", "make-good", "boundary", "hand-over",
        "move-to-voice", "invite", "follow-up", "learn",
    }  # fmt: skip


def test_every_key_of_the_schema_is_described() -> None:
    def walk(schema: Any) -> None:
        if isinstance(schema, dict):
            for name, one in (schema.get("properties") or {}).items():
                assert one.get("description") or "$ref" in one, name
            for one in schema.values():
                walk(one)
        elif isinstance(schema, list):
            for one in schema:
                walk(one)

    schema = playbook_schema()
    walk(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("tittle", "title"), ("choises", "choices"), ("must-chek", "must-check"), ("pomise", "promise"), ("Say", "say")],
)
def test_an_unknown_key_is_met_with_did_you_mean(typed: str, meant: str) -> None:
    (found,) = (
        f for f in read(f"{HEAD}steps:\n  aa: {{say: A, {typed}: B, end: lost}}").findings if f.rule == "unknown-key"
    )
    assert f"Did you mean “{meant}”?" in found.tip
    assert (found.line, found.column) == (5, 16)


def test_a_key_that_is_near_nothing_is_met_with_all_there_are() -> None:
    (found,) = read(f"{HEAD}steps:\n  aa: {{say: A, xyzzy: B, end: lost}}").findings
    assert found.tip.startswith("Known keys: title, principle")
    assert nearest("xyzzy", STEP.keys) == ""


@pytest.mark.parametrize("word", ["aa", "a1", "check", "one-fix", "a-b-c", "x9-y8"])
def test_a_word_that_may_be_an_id(word: str) -> None:
    assert is_id(word)


@pytest.mark.parametrize(
    "word", ["", "a", "A1", "Aa", "1a", "a-", "-a", "a--b", "a_b", "a b", "return", "offer", "é1", "a1\n"]
)
def test_a_word_that_may_not_be_an_id(word: str) -> None:
    assert not is_id(word)


POLICY_TEXT = """\
calmdesk-policy: 1
company: "Bikes"
team-line: "our main number"
currency: USD
languages: [en]
dispositions: {recovered: Put right, lost: {label: They left, any-time: true}}
durations: {breath: 10s, listen: 2m}
counts: {holds: 2, checkin-days: [3, 14]}
promises: {note: 24h}
ladders:
  goodwill:
    rungs: [{role: agent, restore: 50, gesture: 20}, {role: lead, restore: 250, gesture: 75}]
    cap: 1.5
    look-back: 90d
interruptions: {pause: {label: I need a moment, play: hold, key: h}}
emergency-card: |
  Call the lead.
"""


def test_a_policy_is_read_with_exact_amounts() -> None:
    read_file = read_policy(POLICY_TEXT.encode())
    assert read_file.findings == ()
    assert read_file.data is not None
    assert read_file.data["ladders"]["goodwill"]["cap"] == "1.5"
    assert read_file.data["ladders"]["goodwill"]["rungs"][1] == {"role": "lead", "restore": "250", "gesture": "75"}
    assert read_file.data["counts"] == {"holds": [2], "checkin-days": [3, 14]}
    assert read_file.data["dispositions"]["recovered"] == {"label": "Put right"}


@pytest.mark.parametrize(
    ("old", "new"),
    [("currency: USD", "currency: dollars"), ("holds: 2", "holds: -2"), ("restore: 50", "restore: -50"),
     ("restore: 50", "restore: lots"), ("breath: 10s", "breath: soon"), ("key: h", "key: hh"), ("cap: 1.5", "cap: '1.5'")],
)  # fmt: skip
def test_a_policy_with_a_wrong_value_says_where(old: str, new: str) -> None:
    text = POLICY_TEXT.replace(old, new)
    line = next(n for n, x in enumerate(text.splitlines(), 1) if new in x)
    assert [(f.rule, f.line) for f in read_policy(text.encode()).findings] == [("wrong-kind", line)]


def test_the_reader_reports_what_no_schema_can_say() -> None:
    text = f"{HEAD}steps:\n  aa: {{title: A, go: nowhere}}"
    assert schema_allows(text)
    assert reader_reports(text) == {"unknown-step"}
