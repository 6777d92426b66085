"""A phrase file read, and proved by its own tests: each way of each pattern catches something, nothing good is caught."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.coach.features import read_case
from calmdesk.coach.keys import LABELS, OFF, PHRASE, each_way, needs, parse_pattern, plain_pattern, render_pattern
from calmdesk.coach.matching import Compiled
from calmdesk.coach.phrases import PhraseRule, Phrases
from calmdesk.coach.sentences import read_sentences
from calmdesk.playbook.findings import Finding, is_error
from calmdesk.playbook.shapes import Reading
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from calmdesk.playbook.node import Node

MOST_TRIES = 5_000


class ReadPhrase(NamedTuple):
    """One phrase file, read: its rule (None where it can't be used) and the findings."""

    name: str
    rule: PhraseRule | None
    reading: Reading

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with it, in the order of the file."""
        return tuple(sorted(self.reading.findings, key=lambda f: (f.line, f.column, f.rule)))


def read_phrase(data: bytes, name: str, path: str = "", *, prove: bool = True) -> ReadPhrase:
    """A phrase file → its rule and findings. Never raises.

    Args:
        data: the file's bytes.
        name: the rule's id (the file's name without its ending).
        path: how findings name the file; the id with `.yaml` where nothing is given.
        prove: whether the rule's own tests are tried; who only wants to look for phrases needs no proof.

    """
    from calmdesk.playbook.source import read_source

    reading = Reading(path or f"{name}.yaml")
    source = read_source(data, reading.path)
    reading.findings.extend(source.findings)
    if source.root is None or source.root.kind != "map":
        if not any(is_error(f) for f in source.findings):
            reading.report((), "no-phrase", "There is no phrase rule in this file.", "Start with `calmdesk-phrase: 1`.")
        return ReadPhrase(name, None, reading)
    reading.root = source.root
    if "off" in source.root.names:
        return _read_off(source.root, name, reading)
    read = PHRASE.read(source.root, "", reading)
    assert isinstance(read, dict)
    spoilt = {"bad-pattern", "wrong-kind", "empty-text", "empty-list", "too-many-values", "too-long", "missing-key"}
    whole = not any(f.rule in spoilt for f in reading.findings)
    _check_head(read, name, reading)
    if not whole or any(key not in read for key in PHRASE.required):
        return ReadPhrase(name, None, reading)
    rule = _rule_of(read)
    if prove:
        _prove(rule, reading)
    return ReadPhrase(name, rule, reading)


def _read_off(root: Node, name: str, reading: Reading) -> ReadPhrase:
    """A file that switches a rule off: a rule that catches nothing stands for it."""
    read = OFF.read(root, "", reading)
    assert isinstance(read, dict)
    _check_head(read, name, reading)
    if read.get("off") is False:
        reading.report(
            ("off",), "wrong-kind", "`off` is true, or isn't there.", "Take the line out, or write off: true."
        )
    if any(is_error(f) for f in reading.findings):
        return ReadPhrase(name, None, reading)
    return ReadPhrase(name, PhraseRule(name, "", "", (), (), read["why"], "", (), ()), reading)


def _rule_of(read: dict[str, Any]) -> PhraseRule:
    tests = read["tests"]
    flag, silent = (tuple(t if isinstance(t, str) else t["text"] for t in tests[key]) for key in ("flag", "silent"))
    return PhraseRule(
        read["rule"],
        read["label"],
        read["kind"],
        tuple(read["patterns"]),
        tuple(read.get("unless") or ()),
        read["why"],
        read["instead"],
        flag,
        silent,
        tuple(read.get("unless-later") or ()),
        tuple((t["text"], t["customer"]) for t in (*tests["flag"], *tests["silent"]) if isinstance(t, dict)),
        bool(read.get("lint-only")),
    )


def _check_head(read: dict[str, Any], name: str, reading: Reading) -> None:
    """The format's version, the rule's name, and a label of the rule's kind."""
    if read.get("calmdesk-phrase") not in {1, None}:
        reading.report(
            ("calmdesk-phrase",),
            "version",
            "This format is newer than this calmdesk.",
            "Write `calmdesk-phrase: 1`, or update calmdesk.",
        )
    if (rule := read.get("rule")) not in {name, None}:
        reading.report(
            ("rule",),
            "phrase-name",
            f"The rule is called “{rule}”, and its file “{clean(name)}”.",
            f"Write `rule: {clean(name)}`, or rename the file.",
        )
    kind, label = read.get("kind"), read.get("label")
    if kind and label and label not in LABELS[kind]:
        reading.report(
            ("label",),
            "unknown-word",
            f"“{label}” isn't the label of a {kind}.",
            "Use one of " + ", ".join(LABELS[kind]) + ".",
        )


def _prove(rule: PhraseRule, reading: Reading) -> None:
    """Try the rule's own tests: each catches or keeps silent as it says, and each way of a pattern is used."""
    compiled, cases = Compiled(*rule.plain()), dict(rule.cases)
    phrases = Phrases([rule])
    caught: list[tuple[list[str], set[str]]] = []
    for n, text in enumerate(rule.flag):
        sentences = [(s.words, s.have) for s in read_sentences(text, 0, read_case(cases.get(text, ""), ""))]
        held = [s for s in sentences if compiled.places(*s)]
        spoken = [s for s in held if not compiled.is_silenced(*s)]
        caught += spoken
        if not held:
            tip = "Add a pattern that fits, or take the test out."
            reading.report(("tests", "flag", n), "phrase-misses", "No pattern catches this.", tip)
        elif not spoken:
            tip = "Make the `unless` narrower, or take the test out."
            reading.report(("tests", "flag", n), "phrase-misses", "An `unless` keeps the rule silent here.", tip)
        elif rule.later and not phrases.find(text, read_case(cases.get(text, ""), "")):
            tip = "Make `unless-later` narrower, or take the test out."
            reading.report(("tests", "flag", n), "phrase-misses", "`unless-later` keeps the rule silent here.", tip)
    for n, text in enumerate(rule.silent):
        if hits := phrases.find(text, read_case(cases.get(text, ""), "")):
            reading.report(
                ("tests", "silent", n),
                "phrase-false-alarm",
                f"The rule catches “{clean(hits[0].text)}” here.",
                "Make the pattern narrower, or add the words that make the difference to `unless`.",
            )
    _prove_ways(rule, caught, reading)


def _prove_ways(rule: PhraseRule, caught: list[tuple[list[str], set[str]]], reading: Reading) -> None:
    """Report each way of a pattern that none of the sentences takes which the rule catches."""
    tries = 0
    for n, pattern in enumerate(rule.patterns):
        for way in each_way(parse_pattern(pattern)):
            one, needed = Compiled([plain_pattern(way)]), needs(way)
            likely = [s for s in caught if not any(words.isdisjoint(s[1]) for words in needed)]
            tries += len(likely) + 1
            if tries > MOST_TRIES:
                message = "The rule has too many ways and tests: these patterns aren't proved."
                reading.report(("patterns", n), "pattern-unproved", message, "Split the rule into several.", "warning")
                return
            if not any(one.places(*s) for s in likely):
                message = f"No `flag` test is caught by “{render_pattern(way)}”."
                tip = "Add one, or take these words out of the pattern."
                reading.report(("patterns", n), "pattern-unproved", message, tip, "warning")
