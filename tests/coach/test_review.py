"""The coach reads what people mean: pairs that look alike, whose words they are, and what may be said instead."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
import yaml

from calmdesk.coach.features import read_case
from calmdesk.coach.labels import MISSING, TEXTS, VIOLATIONS
from calmdesk.coach.learned import ALL_LABELS, Learned
from calmdesk.coach.review import MODEL, MOST_TEXT, Judge
from tests.coach.corpora import DEVELOPMENT, read_corpus, read_replies
from tests.coach.pairs import PAIRS
from tests.coach.texts import FOLDER, shipped_rules
from tests.coach.wordings import find_added


@cache
def judge() -> Judge:
    return Judge(Learned(Path(MODEL).read_bytes()), shipped_rules())


def test_sentences_that_look_alike_are_told_apart() -> None:
    """Two of them may not be: what is learned can't be mended pair by pair."""
    wrong = [
        (apart, label, has, hasnt)
        for apart, label, has, hasnt in PAIRS
        if label not in judge().review(has).labels or label in judge().review(hasnt).labels
    ]
    assert len(wrong) <= 2, wrong


def test_the_same_words_get_the_same_review() -> None:
    replies = read_replies(DEVELOPMENT)[:40]
    fresh = Judge(Learned(Path(MODEL).read_bytes()), shipped_rules())
    for reply in replies:
        told = (reply.text, reply.customer, reply.facts)
        assert judge().review(*told) == fresh.review(*told)


def test_each_remark_names_the_words_it_is_about() -> None:
    for reply in read_replies(DEVELOPMENT):
        review = judge().review(reply.text, reply.customer, reply.facts)
        assert {r.label for r in review.remarks} == set(review.labels)
        for remark in review.remarks:
            assert reply.text[remark.start : remark.end] == remark.text != ""
            assert remark.why
            assert bool(remark.instead) == (remark.label in VIOLATIONS)
            assert remark.rule or remark.words or len(remark.text) < 12


def test_the_development_replies_keep_their_figures() -> None:
    """Fewer would be a loss; the whole picture is `python -m tests.coach.measure`."""
    right = wrong = missed = 0
    for reply in read_replies(DEVELOPMENT):
        given = set(judge().review(reply.text, reply.customer, reply.facts).labels)
        for label in set(VIOLATIONS) - reply.disputed:
            right += label in given and label in reply.labels
            wrong += label in given and label not in reply.labels
            missed += label not in given and label in reply.labels
    assert right / (right + wrong) >= 0.85
    assert right / (right + missed) >= 0.6


def test_the_facts_decide_what_is_promised_too_far() -> None:
    said = "It will be with you on Thursday, I promise, and my manager will approve the rest."
    far = judge().review(said, "Where is it?", "The courier decides the day. The manager decides about money.")
    assert "OVERPROMISE" in far.labels


def test_the_customers_words_decide_what_is_given_back() -> None:
    said = "So the cot came without its screws, and the baby is due on Friday."
    told = judge().review(said, "You sent a cot with no screws. My baby is due on Friday!", "Cot sent without screws.")
    assert "REFLECT" in told.labels
    assert "their-words" not in {r.rule for r in told.remarks}


# --- what the coach itself says


def texts_of_the_coach() -> list[str]:
    found = [w for t in TEXTS.values() for w in (t.why, *t.instead)]
    return [*found, *(w for both in MISSING.values() for w in both)]


@pytest.mark.parametrize("text", texts_of_the_coach())
def test_the_coachs_own_words_pass_the_coach(text: str) -> None:
    assert [r.label for r in judge().review(text).violations] == []


@pytest.mark.parametrize("label", VIOLATIONS)
def test_a_wording_adds_nothing(label: str) -> None:
    for wording in TEXTS[label].instead:
        assert find_added(wording, judge()) == []


def test_what_would_add_something_is_found() -> None:
    assert find_added("I'll refund 20 pounds.", judge())
    assert find_added("Ruth will ring you.", judge())
    assert find_added("I'll call the depot today.", judge())
    assert find_added("Sorry if that upset you.", judge())


def lines(say: object) -> list[str]:
    if isinstance(say, str):
        return [say]
    if isinstance(say, dict):
        return lines(say["line"])
    return [line for part in say for line in lines(part)] if isinstance(say, list) else []


def test_every_line_of_every_shipped_playbook_passes_the_coach() -> None:
    said = []
    for book in sorted(FOLDER.parent.glob("*.yaml")):
        data = yaml.safe_load(book.read_text(encoding="utf-8"))
        said += [line for step in (data.get("steps") or {}).values() for line in lines(step.get("say"))]
        said += list((data.get("drafts") or {}).values())
    assert len(said) > 100
    flagged = [(r.label, line) for line in said for r in judge().review(line).violations]
    assert flagged == []


# --- what is missing


def test_what_is_missing_is_told_only_where_it_is_asked_for() -> None:
    assert [r for r in judge().review("I'll ring the depot today.").remarks if r.kind == "missing"] == []
    told = judge().review("I'll ring the depot today.", first_reply=True)
    assert {r.label for r in told.remarks if r.kind == "missing"} == set(MISSING)


def test_nothing_is_missing_where_it_stands_or_where_worse_is_to_say() -> None:
    whole = "We lost your parcel, that is our mistake, and I'm sorry you waited in all day."
    assert [r for r in judge().review(whole, first_reply=True).remarks if r.kind == "missing"] == []
    bad = judge().review("Calm down, please. There's nothing I can do.", first_reply=True)
    assert bad.violations
    assert [r for r in bad.remarks if r.kind == "missing"] == []


# --- any text


@pytest.mark.parametrize("text", ["", " ", "\n\n", "?!", "ok", "৳ ৫০০ ফেরত দিয়েছি", "\x00\u202e", "…", "“", "'" * 50])
def test_any_text_is_read(text: str) -> None:
    review = judge().review(text, text, text)
    assert set(review.labels) <= set(ALL_LABELS)


def test_a_long_text_is_read_to_its_limit() -> None:
    review = judge().review("Calm down. " + "We looked at it again and again. " * 4000)
    assert "DISMISS" in review.labels
    assert all(r.end <= MOST_TEXT for r in review.remarks)


# --- the file


def test_the_learned_file_belongs_to_this_corpus() -> None:
    """`python -m tests.coach.train` after the corpus, the rules or what is read of a sentence changed."""
    from tests.coach.stamp import stamp

    assert judge().learned.head["made-of"] == stamp(read_corpus())


def test_the_learned_file_is_small_and_a_broken_one_is_said() -> None:
    data = Path(MODEL).read_bytes()
    assert len(data) < 5_000_000
    with pytest.raises(ValueError, match="cut off"):
        Learned(data[:-5])
    with pytest.raises(ValueError, match="not a file"):
        Learned(b"{}" + data)


def test_the_corpus_is_whole() -> None:
    replies = read_corpus()
    assert len(replies) >= 4000
    assert len({r.writer for r in replies}) >= 20
    assert len({r.id for r in replies}) == len(replies)
    for reply in replies:
        assert reply.labels <= set(ALL_LABELS), reply.id
        assert {label for label, _ in reply.spans} == reply.labels, reply.id
        assert all(span in reply.text for _, span in reply.spans), reply.id
    assert sum(len(line) for f in DEVELOPMENT.parent.glob("corpus/*") for line in [f.read_text("utf-8")]) > 1e6
    assert json.loads(DEVELOPMENT.read_text("utf-8").splitlines()[0])["id"] == "D001"


def test_a_reply_without_a_customer_shares_nothing() -> None:
    case = read_case("", "")
    assert case.said == case.true == frozenset()
