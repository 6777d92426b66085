"""A name is exchanged wherever it is meant and nowhere else; where that can't be done, nothing is touched."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from calmdesk.bench.renaming import CantRename, File, Wanted, find_clash, rename
from calmdesk.playbook.compiling import make_edition
from calmdesk.playbook.folders import Library, built_in_folder, find_ids
from calmdesk.playbook.model import Policy
from calmdesk.playbook.read import read_playbook
from calmdesk.playbook.shelf import Shelf
from tests.forms import some_of

if TYPE_CHECKING:
    from pathlib import Path

POLICY = Policy({"dispositions": {"recovered": {"label": "Put right"}}, "ladders": {"goodwill": {}}})
TEXT = """\
# price, hear and done stand in this comment: {price}
calmdesk: 1
title: Price of a hear
goal: Hear {price} out.
facts:
  price:   {ask: "What did it cost?", kind: money}   # the price
  'fault': {ask: "Whose? It was {price}.", one-of: {ours: Ours, price: The price's}}
steps:
  hear:
    say:
      - {when: {price: {over: 0}, not: {fault: price}}, line: "It was {price}."}
      - line: [price, "{price}"]
    ask: [price, "fault"]
    choices:
      done: own              # done here
      hear: {label: hear, go: hear, at-most: 2, then: "own", forget: [price, fault], when: {price: {over: 1}}}
      price: {go: [{when: {fault: price}, step: hear}, {step: own}]}
  own:
    title: Own
    say: >
      It was {price},
      and {price} it is.
    ask: price
    choices: {done: close, back: hear}
  close:
    when: {price: {over: 0}}
    offer: {kind: restore, ladder: goodwill, on: price}
    draft: price
    promise: {what: "{price} back", by: 24h}
    end: recovered
drafts:
  price: |
    # {price} is no comment here
    hear: {price}
path-rules:
  - {before: close, must-pass: hear}
  - {never: hear, when: {price: {over: 900}}}
tests:
  - name: hear price done
    facts: {price: 10, fault: price}
    choose: [hear, done, done]
    expect: {disposition: recovered, passes: [hear, own, close], not-passes: hear, says: "{price}", ticked: []}
"""


def file_of(text: str, name: str = "main") -> File:
    data = read_playbook(text.encode(), name, POLICY).data
    assert data is not None
    return File(name, text.encode(), data, make_edition(name, {name: data}, POLICY), own=True)


def renamed(wanted: Wanted, text: str = TEXT) -> str:
    return rename(file_of(text), wanted, "main", POLICY)[0].decode()


def test_a_step_follows_in_ways_path_rules_and_tests_and_nothing_else_is_touched() -> None:
    new = renamed(Wanted("step", "hear", "listen-to"))
    assert new.replace("listen-to", "hear") == TEXT
    rows = [row for row in new.splitlines() if "listen-to" in row]
    assert [row.strip() for row in rows] == [
        "listen-to:",
        'hear: {label: hear, go: listen-to, at-most: 2, then: "own", forget: [price, fault], when: {price: {over: 1}}}',
        "price: {go: [{when: {fault: price}, step: listen-to}, {step: own}]}",
        "choices: {done: close, back: listen-to}",
        "- {before: close, must-pass: listen-to}",
        "- {never: listen-to, when: {price: {over: 900}}}",
        'expect: {disposition: recovered, passes: [listen-to, own, close], not-passes: listen-to, says: "{price}", ticked: []}',
    ]


def test_a_fact_follows_in_conditions_slots_drafts_and_tests_and_nothing_else_is_touched() -> None:
    new = renamed(Wanted("fact", "price", "paid"))
    assert new.replace("paid", "price") == TEXT
    assert [row.strip() for row in new.splitlines() if "paid" in row] == [
        'paid:   {ask: "What did it cost?", kind: money}   # the price',
        "'fault': {ask: \"Whose? It was {paid}.\", one-of: {ours: Ours, price: The price's}}",
        '- {when: {paid: {over: 0}, not: {fault: price}}, line: "It was {paid}."}',
        '- line: [price, "{paid}"]',
        'ask: [paid, "fault"]',
        'hear: {label: hear, go: hear, at-most: 2, then: "own", forget: [paid, fault], when: {paid: {over: 1}}}',
        "It was {paid},",
        "and {paid} it is.",
        "ask: paid",
        "when: {paid: {over: 0}}",
        "offer: {kind: restore, ladder: goodwill, on: paid}",
        'promise: {what: "{paid} back", by: 24h}',
        "# {paid} is no comment here",
        "hear: {paid}",
        "- {never: hear, when: {paid: {over: 900}}}",
        "facts: {paid: 10, fault: price}",
    ]


def test_a_quoted_name_keeps_its_quotes() -> None:
    new = renamed(Wanted("fact", "fault", "whose"))
    assert "'whose': {" in new
    assert 'ask: [price, "whose"]' in new


def test_a_choice_follows_only_where_a_test_takes_it_on_this_step() -> None:
    new = renamed(Wanted("choice", "done", "ready", "hear"))
    assert "      ready: own              # done here\n" in new
    assert "choose: [hear, ready, done]" in new
    assert "choices: {done: close, back: hear}" in new
    other = renamed(Wanted("choice", "done", "ready", "own"))
    assert "choose: [hear, done, ready]" in other
    assert "choices: {ready: close, back: hear}" in other


@pytest.mark.parametrize("change", ["\r\n", "\ufeff"])
def test_line_endings_and_a_byte_order_mark_stay(change: str) -> None:
    text = TEXT.replace("\n", change) if change == "\r\n" else change + TEXT
    for wanted in (Wanted("step", "hear", "listen"), Wanted("fact", "price", "paid")):
        assert renamed(wanted, text).replace(wanted.new, wanted.old) == text


def test_a_name_that_is_written_where_no_edit_is_safe_is_left_alone() -> None:
    text = TEXT.replace("back: hear}", 'back: "\\x68ear"}')
    with pytest.raises(CantRename, match="can't be edited safely"):
        renamed(Wanted("step", "hear", "listen"), text)


@pytest.mark.parametrize(
    ("wanted", "message", "hint"),
    [
        (Wanted("step", "haer", "listen"), "There is no step “haer”.", "Did you mean “hear”?"),
        (Wanted("step", "hear", "own"), "There is a step “own” already.", ""),
        (Wanted("step", "hear", "Listen To"), "“Listen To” can't be a name.", "Did you mean “listen-to”?"),
        (Wanted("step", "hear", "x"), "“x” can't be a name.", "two characters"),
        (Wanted("step", "hear", "return"), "“return” means something else in a playbook.", ""),
        (Wanted("step", "hear", "hear"), "It is called “hear” already.", ""),
        (Wanted("fact", "price", "channel"), "“channel” is always there and can't be declared.", ""),
        (Wanted("fact", "customer", "client"), "“customer” is what `--customer` fills", "Keep"),
        (Wanted("choice", "dome", "ready", "hear"), "“hear” has no choice “dome”.", "Did you mean “done”?"),
        (Wanted("choice", "done", "ready", "haer"), "There is no step “haer”.", "Did you mean “hear”?"),
        (Wanted("choice", "done", "price", "hear"), "“hear” has a choice “price” already.", ""),
    ],
)
def test_a_name_that_cant_be_is_refused_with_what_to_do(wanted: Wanted, message: str, hint: str) -> None:
    data = file_of(TEXT.replace("\nsteps:", "\n  customer: {ask: Who}\nsteps:", 1)).data
    with pytest.raises(CantRename) as no:
        find_clash(data, wanted)
    assert no.value.message.startswith(message)
    assert hint in no.value.hint


def test_a_fact_of_that_name_in_a_file_that_shares_it_is_a_clash() -> None:
    data = file_of(TEXT).data
    with pytest.raises(CantRename, match="“paid” already in a file that shares this one"):
        find_clash(data, Wanted("fact", "price", "paid"), [{"facts": {"paid": {}}, "steps": {}}])


@pytest.mark.parametrize("name", some_of(sorted(find_ids(Library((built_in_folder(),), ""))), 3))
def test_names_of_shipped_playbooks_can_be_exchanged_and_exchanged_back(name: str, tmp_path: Path) -> None:
    folder = os.path.abspath(built_in_folder())
    closure = Shelf(Library((folder,), str(tmp_path))).closure(os.path.join(folder, f"{name}.yaml"))
    with open(closure.path, "rb") as file:
        text = file.read()
    policy = closure.policies.policy
    data = read_playbook(text, name, policy).data
    assert data is not None
    edition = make_edition(name, closure.data, policy)
    names = [Wanted("fact", fact, "zz-new") for fact in data.get("facts") or ()]
    names += [Wanted("step", step, "zz-new") for step in data["steps"]]
    names += [Wanted("choice", c, "zz-new", s) for s, step in data["steps"].items() for c in step.get("choices") or ()][
        :3
    ]
    for wanted in names:
        made, lines = rename(File(name, text, data, edition, own=True), wanted, name, policy)
        assert lines
        assert made.replace(b"zz-new", wanted.old.encode()) == text
