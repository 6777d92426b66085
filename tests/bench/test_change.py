"""Two texts of a playbook are told apart in the trainer's words, and a name that was exchanged is known by its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.bench.change import compare
from calmdesk.bench.same import find_renames
from calmdesk.bench.situation import tell_when
from calmdesk.bench.touched import find_touched_tests
from calmdesk.cli.versions import read_edition
from calmdesk.playbook.folders import Library, built_in_folder, find_ids

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from calmdesk.bench.pairing import Change
    from calmdesk.playbook.model import Edition

    Read = Callable[..., Edition]

TEXT = """\
calmdesk: 1
title: Late parcel
goal: Say where it is.
facts:
  fault: {ask: "Whose slip?", one-of: {ours: Ours, theirs: Theirs}}
  price: {ask: "What did it cost?", kind: money}
interruptions:
  shouts: {label: They shout, card: {say: "I hear you."}}
steps:
  hear:
    title: Hear them out
    cue: Let them finish
    check: [They finished]
    say: ["Tell me from the start, I'm listening.", "Go on, I'm with you."]
    avoid: [{line: Calm down., why: It stings., instead: Say it back.}]
    timer: "{policy.listen}"
    choices:
      done: {label: They have finished, go: own}
      looping: {label: They go round, go: hear, at-most: 2, then: own}
  own:
    principle: own
    ask: fault
    say:
      - {when: {fault: ours}, line: "We got this wrong, and I'm sorry."}
      - {line: "I'm going to find out what went wrong."}
  gift:
    when: {price: {over: 0}}
    ask: price
    offer: {kind: gesture, ladder: goodwill, on: price}
  close:
    say: "You hear from me, and {price} is on us."
    promise: {what: News, by: 24h}
    draft: letter
    end: recovered
drafts:
  letter: |
    Dear customer,
    it was {price}.
path-rules:
  - {every-end: any, must-pass: own}
tests:
  - name: All of it
    facts: {fault: ours, price: 10}
    choose: [looping, done]
    expect: {disposition: recovered, passes: [hear, own, gift, close]}
"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read((old, new) …)`: the edition of the text in which each `old` reads `new`."""

    def make(*pairs: tuple[str, str], policy: str = "") -> Edition:
        text = TEXT
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        (folder / "main.yaml").write_text(text, encoding="utf-8")
        if policy:
            (folder / "policy.yaml").write_text(policy, encoding="utf-8")
        return read_edition(Library((built_in_folder(),), str(tmp_path / "cache")), str(folder / "main.yaml"))

    return make


def told(changes: tuple[Change, ...]) -> list[tuple[str, str, str, str, str]]:
    return [(c.group, c.where, c.what, c.old, c.new) for c in changes]


def test_a_text_against_itself_tells_nothing(read: Read) -> None:
    assert compare(read(), read()).changes == ()


@pytest.mark.parametrize("name", find_ids(Library((built_in_folder(),), "")))
def test_no_shipped_playbook_differs_from_itself(name: str, tmp_path: Path) -> None:
    library = Library((built_in_folder(),), str(tmp_path))
    path = f"{built_in_folder()}/{name}.yaml"
    assert compare(read_edition(library, path), read_edition(library, path)) == ((), {})


ONE = {
    "a line that reads otherwise, with its situation": (
        ("We got this wrong, and I'm sorry.", "That was us."),
        ("said", "Own, where “Whose slip?” is “Ours”", "It says:", "We got this wrong, and I'm sorry.", "That was us."),
    ),
    "the line for all other situations": (
        ("I'm going to find out what went wrong.", "I'll look."),
        ("said", "Own", "It says:", "I'm going to find out what went wrong.", "I'll look."),
    ),
    "one of several variants": (
        ("Go on, I'm with you.", "Go on."),
        ("said", "Hear them out", "It says:", "Go on, I'm with you.", "Go on."),
    ),
    "a variant more": (
        ('"Go on, I\'m with you."', '"Go on, I\'m with you.", "And then?"'),
        ("said", "Hear them out", "It may also say:", "", "And then?"),
    ),
    "the same words in another situation": (
        ("{when: {fault: ours}, line", "{when: {fault: theirs}, line"),
        (
            "said", "Own", "“We got this wrong, and I'm sorry.” is said:",
            "where “Whose slip?” is “Ours”", "where “Whose slip?” is “Theirs”",
        ),
    ),
    "a card that cuts in": (
        ("I hear you.", "I'm listening."),
        ("said", "Late parcel, “They shout”", "It says:", "I hear you.", "I'm listening."),
    ),
    "a letter, by its line": (
        ("it was {price}.", "it cost {price}."),
        ("said", "Late parcel, the text to send “letter”", "It reads:", "it was {price}.", "it cost {price}."),
    ),
    "a choice that leads elsewhere": (
        ("finished, go: own", "finished, go: close"),
        ("ways", "Hear them out, “They have finished”", "It leads:", "to “Own”", "to “Close”"),
    ),
    "a choice that reads otherwise": (
        ("label: They go round,", "label: Round again,"),
        ("ways", "Hear them out", "The choice reads:", "They go round", "Round again"),
    ),
    "when a step comes": (
        ("when: {price: {over: 0}}", "when: {price: {over: 5}}"),
        (
            "ways", "Gift", "The step comes:", "where “What did it cost?” is over 0.00",
            "where “What did it cost?” is over 5.00",
        ),
    ),
    "how often a choice may be taken": (
        ("at-most: 2", "at-most: 3"),
        ("limits", "Hear them out, “They go round”", "It may be taken:", "2 times", "3 times"),
    ),
    "a clock, with the policy's value": (
        ('"{policy.listen}"', "20s"),
        ("limits", "Hear them out", "The clock shows:", "2m (policy: listen)", "20s"),
    ),
    "words to avoid": (
        ("line: Calm down.", "line: Relax."),
        (
            "checks", "Hear them out", "Words to avoid:", "“Calm down.” – It stings. – instead: Say it back.",
            "“Relax.” – It stings. – instead: Say it back.",
        ),
    ),
    "a check": (
        ("[They finished]", "[They have finished]"),
        ("checks", "Hear them out", "A check reads:", "They finished", "They have finished"),
    ),
    "a question": (
        ('ask: "Whose slip?"', 'ask: "Whose slip was it?"'),
        ("facts", "Late parcel, the fact “fault”", "The question reads:", "Whose slip?", "Whose slip was it?"),
    ),
    "a promise": (
        ("by: 24h", "by: 48h"),
        ("promises", "Close", "The promise is:", "News, by 24h", "News, by 48h"),
    ),
    "an offer": (
        ("kind: gesture", "kind: restore"),
        (
            "promises", "Gift", "The offer is:", "gesture on “price”, ladder “goodwill”",
            "restore on “price”, ladder “goodwill”",
        ),
    ),
    "an end": (
        ("end: recovered", "end: follow-up"),
        ("ends", "Close", "From here:", "the call ends, “Put right”", "the call ends, “Still open”"),
    ),
    "a path rule": (
        ("every-end: any", "every-end: recovered"),
        (
            "proofs", "Late parcel", "A path rule reads:", "every-end: any; must-pass: own",
            "every-end: recovered; must-pass: own",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ONE)
def test_one_change_is_told_as_one_with_what_was_and_what_is(case: str, read: Read) -> None:
    pair, wanted = ONE[case]
    found = told(compare(read(), read(pair)).changes)
    assert wanted in found
    assert len(found) == 1


def test_limits_of_the_policy_that_moved_are_told_by_name(read: Read) -> None:
    policy = "calmdesk-policy: 1\ndurations: {listen: 3m}\nladders: {goodwill: {cap: 2}}\n"
    assert told(compare(read(), read(policy=policy)).changes) == [
        ("limits", "The team's policy, durations, listen", "It is:", "2m", "3m"),
        ("promises", "The team's policy, ladders, goodwill, cap", "It is:", "1.5", "2"),
    ]


def test_a_new_step_is_told_with_its_words_and_where_the_way_goes_now(read: Read) -> None:
    new = read(("  gift:\n", '  look:\n    say: "Let me look."\n  gift:\n'))
    assert told(compare(read(), new).changes) == [
        ("said", "Look", "It says now:", "", "Let me look."),
        ("ways", "Own", "From here:", "to “Gift”", "to “Look”"),
        ("structure", "Look", "This step is new.", "", ""),
    ]


STEP = (("  hear:\n", "  listen:\n"), ("go: hear", "go: listen"), ("passes: [hear", "passes: [listen"))
FACT = (("  price: {ask", "  paid: {ask"), ("{price: {over", "{paid: {over"), ("ask: price", "ask: paid"),
        ("on: price", "on: paid"), ("{price} is", "{paid} is"), ("was {price}", "was {paid}"), ("price: 10", "paid: 10"))  # fmt: skip
CHOICE = (("looping: {", "round: {"), ("[looping,", "[round,"))


def test_choices_that_gave_way_to_one_way_on_tell_both_sides(read: Read) -> None:
    choices = TEXT[TEXT.index("    choices:\n      done") : TEXT.index("  own:\n")]
    old, new = (
        read(),
        read((choices, "    go: gift\n"), ("choose: [looping, done]", "choose: []"), ("own, gift", "gift")),
    )
    there = {(c.what, c.old, c.new) for c in compare(old, new).changes}
    assert ("From here:", "", "to “Gift”") in there
    assert ("The choice “They have finished” is gone:", "to “Own”", "") in there
    assert ("From here:", "to “Gift”", "") in {(c.what, c.old, c.new) for c in compare(new, old).changes}


def test_a_step_under_another_name_is_told_once_and_nothing_else(read: Read) -> None:
    found = compare(read(), read(*STEP))
    assert told(found.changes) == [("structure", "Hear them out", "The step “hear” is called “listen” now.", "", "")]
    assert found.renames["main"].steps == {"hear": "listen"}


def test_a_fact_under_another_name_is_told_once_wherever_it_was_used(read: Read) -> None:
    found = compare(read(), read(*FACT))
    assert told(found.changes) == [("facts", "Late parcel", "The fact “price” is called “paid” now.", "", "")]
    assert found.renames["main"].facts == {"price": "paid"}


def test_a_choice_under_another_name_is_known_by_its_label(read: Read) -> None:
    found = compare(read(), read(*CHOICE))
    assert ("ways", "Hear them out", "The choice “looping” is called “round” now.", "", "") in told(found.changes)
    assert found.renames["main"].choices == {("hear", "looping"): "round"}


def test_a_step_that_was_renamed_and_reworded_at_once_shows_both(read: Read) -> None:
    found = compare(read(), read(*STEP, ("Go on, I'm with you.", "Go on, please."))).changes
    assert {c.what for c in found} == {"The step “hear” is called “listen” now.", "It says:"}


def test_another_step_in_its_place_is_no_rename(read: Read) -> None:
    other = read(("  gift:\n    when: {price: {over: 0}}\n    ask: price\n    offer: {kind: gesture, ladder: goodwill, on: price}\n",
                  '  look:\n    ask: price\n    say: "I am looking where it went."\n'), ("own, gift, close", "own, close"))  # fmt: skip
    assert find_renames(read().books["main"].compiled, other.books["main"].compiled) == ({}, {}, {})


def test_a_test_that_comes_out_otherwise_is_found_by_playing_it(read: Read) -> None:
    old, new = read(), read(("end: recovered", "end: follow-up"))
    found = find_touched_tests(old, new, compare(old, new))
    assert [(t.name, t.before, t.rewritten) for t in found] == [("All of it", "", False)]
    assert found[0].now == "It ended as “follow-up”, expected “recovered”."


@pytest.mark.parametrize("pairs", [STEP, FACT, CHOICE])
def test_a_name_that_was_only_exchanged_touches_no_test(pairs: tuple[tuple[str, str], ...], read: Read) -> None:
    old, new = read(), read(*pairs)
    assert find_touched_tests(old, new, compare(old, new)) == []


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (None, ""),
        ({"fault": "ours"}, "“Whose slip?” is “Ours”"),
        ({"fault": ["ours", "theirs"]}, "“Whose slip?” is “Ours” or “Theirs”"),
        ({"price": {"over": "5", "at-most": "9"}}, "“Cost?” is over 5 and at most 9"),
        ({"not": {"fault": "ours"}}, "“Whose slip?” is not “Ours”"),
        ({"not": {"fault": "ours", "channel": "chat"}},
         "it is not so that “Whose slip?” is “Ours” and the channel is “chat”"),
        ({"channel": "chat", "fault": "ours"}, "the channel is “chat” and “Whose slip?” is “Ours”"),
    ],
)  # fmt: skip
def test_a_condition_reads_as_a_question_with_its_answers(when: dict[str, object] | None, words: str) -> None:
    facts = {
        "fault": {"ask": "Whose slip?", "one-of": {"ours": {"label": "Ours"}, "theirs": {"label": "Theirs"}}},
        "price": {"ask": "Cost?"},
    }
    assert tell_when(when, facts) == words
