"""Words that do harm are found where they stand: every phrase rule in one pass, and no text makes it slow.

A match is followed as a set of places, never by trying every way in turn, so a hostile line costs what a long
one does. What stands in quotation marks is somebody else's words.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.coach.features import content_words
from calmdesk.coach.keys import (
    ANY,
    APOSTROPHES,
    GAP,
    GAP_MOST,
    LABELS,
    OFF,
    PHRASE,
    WORD,
    Pattern,
    each_way,
    firsts,
    flat,
    is_seen,
    needs,
    parse_pattern,
    plain_pattern,
    plain_word,
    rarity,
    render_pattern,
)
from calmdesk.playbook.findings import Finding, is_error
from calmdesk.playbook.shapes import Reading
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from calmdesk.coach.features import Case
    from calmdesk.playbook.node import Node

# Every sign and letter of a text in small letters that isn't one of a to z or a digit, as a space.
_APART = bytes(n if chr(n).isalnum() and n < 128 else 32 for n in range(256))
_OPEN, _CLOSE = "(?<![^\\W_])", "(?![^\\W_])"
_TOKEN = re.compile(
    # Quoted words and slots count as one word each. An apostrophe opens a quotation only before a word.
    r"(?P<quote>\"[^\"\n]*\"|“[^“”\n]*”|„[^„“”\n]*[“”]|«[^«»\n]*»"
    rf"|{_OPEN}'(?=[^\W_])[^'\n]{{0,200}}+(?:(?<=[^\W_])'(?=[^\W_])[^'\n]{{0,200}}+){{0,9}}+'{_CLOSE}"
    rf"|‘(?=[^\W_])[^‘’\n]{{0,200}}+(?:(?<=[^\W_])’(?=[^\W_])[^‘’\n]{{0,200}}+){{0,9}}+’{_CLOSE}"
    rf"|\{{[^{{}}\n]{{0,80}}\}}(?:[{APOSTROPHES}]s)?)"
    rf"|(?P<word>{WORD})|(?P<end>[.!?…;\n\r\x0b\x0c\x85\u2028\u2029])"
)
_QUOTED = ""
MOST_TRIES = 5_000


class PhraseRule(NamedTuple):
    """One rule as it is written: what it catches, why, what to say instead, and the sentences that prove it."""

    id: str
    label: str
    kind: str
    patterns: tuple[str, ...]
    unless: tuple[str, ...]
    why: str
    instead: str
    flag: tuple[str, ...]
    silent: tuple[str, ...]
    later: tuple[str, ...] = ()
    """`unless-later`."""


class Hit(NamedTuple):
    """Where a rule holds: character offsets into the text that was given, and the words there."""

    rule: PhraseRule
    start: int
    end: int
    text: str


class Sentence(NamedTuple):
    """The words of one sentence as they are compared, where each of them stands, and what is seen in it."""

    words: list[str]
    spans: list[tuple[int, int]]
    seen: frozenset[str] = frozenset()
    """`<shouting>` and the like (`classes.py`)."""

    @property
    def have(self) -> set[str]:
        """All that a pattern may ask for."""
        return {*self.words, *self.seen}


class Matcher:
    """One pattern, ready to be looked for."""

    __slots__ = ("_first", "pattern", "required")

    def __init__(self, pattern: Pattern) -> None:
        pattern = plain_pattern(pattern)
        self.required = frozenset(x for x in pattern if isinstance(x, str) and x not in {ANY, GAP})
        # What is seen holds for the whole sentence, and stands nowhere in it.
        self.pattern = pattern = tuple(x for x in pattern if not is_seen(x))
        words, _ = firsts(pattern)
        self._first = None if ANY in words else words

    def find(self, words: list[str]) -> Iterator[tuple[int, int]]:
        """Each place the pattern matches, from its first word to the one behind its last."""
        if not self.pattern:
            yield 0, len(words)
            return
        first = self._first
        for start, word in enumerate(words):
            if (first is None or word in first) and (ends := _follow(self.pattern, words, {start})):
                yield start, max(ends)


def _follow(pattern: Pattern, words: list[str], places: set[int]) -> set[int]:
    """The places behind the pattern, from each of these places."""
    size = len(words)
    for item in pattern:
        if item == ANY:
            places = {p + 1 for p in places if p < size}
        elif item == GAP:
            places = {q for p in places for q in range(p, min(p + GAP_MOST, size) + 1)}
        elif isinstance(item, str):
            places = {p + 1 for p in places if p < size and words[p] == item}
        else:
            places = set().union(*(_follow(way, words, places) for way in item))
        if not places:
            break
    return places


def read_sentences(text: str, offset: int = 0, case: Case | None = None) -> list[Sentence]:
    """The sentences of a text: they end at . ! ? … ; and the line's end; what is quoted or a slot is one word."""
    found: list[Sentence] = []
    begin = 0
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "end":
            if words:
                # The marks that end a sentence belong to it: !! says how it was meant.
                end = token.end() + 1 if text[token.end() : token.end() + 1] in _MARKS else token.end()
                found.append(Sentence(words, spans, find_seen(text[begin:end], case)))
                words, spans = [], []
            begin = token.end()
            continue
        words.append(plain_word(token.group()) if token.lastgroup == "word" else _QUOTED)
        spans.append((token.start() + offset, token.end() + offset))
    if words:
        found.append(Sentence(words, spans, find_seen(text[begin:], case)))
    return found


_MARKS = {"!", "?"}
_STACKED = re.compile(r"[!?]{2}")
_CAPITALS = re.compile(r"\b[A-Z]{2,}(?:['’][A-Z]+)?(?:[ ,]+(?:[A-Z]{2,}(?:['’][A-Z]+)?|I|A)\b)+")
_COMMON = frozenset(
    [
        "ALL",
        "AND",
        "ANSWER",
        "ARE",
        "ASK",
        "AT",
        "AGAIN",
        "BE",
        "BEEN",
        "BUT",
        "BY",
        "CALL",
        "CAN",
        "CHECK",
        "COME",
        "DO",
        "DONT",
        "DON'T",
        "ENOUGH",
        "EVERY",
        "FOR",
        "FROM",
        "GET",
        "GO",
        "HAVE",
        "HERE",
        "HOW",
        "I'M",
        "IN",
        "IS",
        "IT",
        "IT'S",
        "JUST",
        "KNOW",
        "LISTEN",
        "LOOK",
        "ME",
        "MY",
        "NEVER",
        "NO",
        "NOT",
        "NOTHING",
        "NOW",
        "OF",
        "ON",
        "ONE",
        "ONLY",
        "OUR",
        "OUT",
        "PLEASE",
        "READ",
        "SAID",
        "SEND",
        "STOP",
        "THAT",
        "THAT'S",
        "THE",
        "THERE",
        "THEY",
        "THIS",
        "TIMES",
        "TO",
        "TOLD",
        "US",
        "WAIT",
        "WANT",
        "WAS",
        "WE",
        "WERE",
        "WHAT",
        "WHEN",
        "WHERE",
        "WHO",
        "WHY",
        "WILL",
        "WITH",
        "WRONG",
        "YES",
        "YET",
        "YOU",
        "YOU'RE",
        "YOUR",
    ]
)
"""Words that stand in capitals only where somebody shouts; two side by side with one of them are shouting."""


def find_seen(sentence: str, case: Case | None = None) -> frozenset[str]:
    """What is seen in a sentence and is no word of it."""
    found = set()
    if _STACKED.search(sentence):
        found.add("<stacked>")
    if not sentence.islower() and any(_shouts(m.group()) for m in _CAPITALS.finditer(sentence)):
        found.add("<shouting>")
    if case is not None and (case.said or case.true):
        shared = content_words(sentence) & (case.said | case.true)
        if len(shared) > 1 or any(word[0].isdigit() for word in shared):
            found.add("<their-words>")
    return frozenset(found)


def _shouts(run: str) -> bool:
    return any(word in _COMMON for word in run.replace("’", "'").replace(",", " ").split())


class _Compiled:
    """A rule's patterns, each group ready to be looked for once it is needed."""

    def __init__(self, patterns: Iterable[Pattern], unless: Iterable[str] = (), later: Iterable[str] = ()) -> None:
        self.patterns = [Matcher(pattern) for pattern in patterns]
        self._unless, self._later = tuple(unless), tuple(later)

    @cached_property
    def later(self) -> list[Matcher]:
        return [Matcher(parse_pattern(text)) for text in self._later]

    def is_answered(self, sentences: Iterable[Sentence]) -> bool:
        """Whether one of these sentences, the rule's own and those behind it, makes it silent after all."""
        return any(
            m.required <= have and next(m.find(s.words), None) is not None
            for s in sentences
            for have in (s.have,)
            for m in self.later
        )

    @cached_property
    def unless(self) -> list[Matcher]:
        return [Matcher(parse_pattern(text)) for text in self._unless]

    def places(self, words: list[str], have: set[str]) -> list[tuple[int, int]]:
        """Where one of the patterns stands in a sentence, none over another."""
        apart: list[tuple[int, int]] = []
        for start, end in sorted({x for m in self.patterns if m.required <= have for x in m.find(words)}):
            if not apart or start >= apart[-1][1]:
                apart.append((start, end))
            elif end > apart[-1][1]:
                apart[-1] = (apart[-1][0], end)
        return apart

    def is_silenced(self, words: list[str], have: set[str]) -> bool:
        """Whether words stand in the sentence that make the rule silent."""
        return any(m.required <= have and next(m.find(words), None) is not None for m in self.unless)


def _compile(rule: PhraseRule) -> _Compiled:
    return _Compiled(map(parse_pattern, rule.patterns), rule.unless, rule.later)


def _parts(bare: str) -> list[bytes]:
    """The words of a `flat` text, roughly and fast: what isn't a to z or a digit parts them."""
    return bare.encode("ascii", "replace").translate(_APART).split()


def _keys(words: Iterable[str]) -> frozenset[bytes]:
    """What `_parts` gives at least of each of these words; nothing where it gives nothing."""
    return frozenset(
        word.encode() if is_seen(word) else max(_parts(flat(word)), key=len, default=b"") for word in words
    )


class Phrases:
    """Phrase rules as one set, built when it is first looked into.

    Args:
        rules: the rules, as `read_phrase` gave them: their patterns have been read once already.

    """

    def __init__(self, rules: Iterable[PhraseRule]) -> None:
        self.rules = tuple(rule for rule in rules if rule.patterns)

    @cached_property
    def _compiled(self) -> tuple[_Compiled, ...]:
        return tuple(map(_compile, self.rules))

    @cached_property
    def _index(self) -> dict[bytes, list[tuple[list[frozenset[bytes]], int]]]:
        """A pattern's rarest word → all that it needs (one of each group), and the number of its rule."""
        index: dict[bytes, list[tuple[list[frozenset[bytes]], int]]] = {}
        for n, rule in enumerate(self.rules):
            for text in rule.patterns:
                needed = sorted(needs(parse_pattern(text)), key=rarity, reverse=True)
                keys = [_keys(words) for words in needed]
                for key in keys[0]:
                    index.setdefault(key, []).append((keys[1:], n))
        return index

    @cached_property
    def _rarest(self) -> frozenset[bytes]:
        return frozenset(self._index)

    def _possible(self, bare: str, seen: Iterable[str]) -> set[tuple[bytes, int]]:
        """Rules that may hold in this text, each with the word that says so."""
        parts = [b"", *(each.encode() for each in seen), *_parts(bare)]
        present = self._rarest.intersection(parts)
        if not present:
            return set()
        have = set(parts)
        return {
            (key, n)
            for key in present
            for needed, n in self._index[key]
            if not any(keys.isdisjoint(have) for keys in needed)
        }

    def find(self, text: str, case: Case | None = None, *, apart: bool = False) -> list[Hit]:
        """Every place where a rule holds, in the order of the text. Never raises.

        Args:
            text: what is said or written.
            case: the customer's words and the facts, for the rules that look at them.
            apart: each line is said for itself, so what stands in a later one changes nothing.

        """
        bare, seen = flat(text), find_seen(text, case)
        possible = {key.decode() for key, _ in self._possible(bare, seen)}
        if not possible:
            return []
        signs = any(word.startswith("<") for word in possible)
        found: list[Hit] = []
        offset = 0
        for line, low in zip(text.split("\n"), bare.split("\n"), strict=True):
            if (signs or any(word in low for word in possible)) and (
                rules := {n for _, n in self._possible(low, seen)}
            ):
                sentences = read_sentences(line, offset, case)
                for n, sentence in enumerate(sentences):
                    rest = sentences[n:]
                    for number, hit in self._in_sentence(text, sentence, rules):
                        compiled = self._compiled[number]
                        if compiled.later:
                            behind = [] if apart else read_sentences(text[offset + len(line) :], 0, case)
                            if compiled.is_answered([*rest, *behind]):
                                continue
                        found.append(hit)
            offset += len(line) + 1
        return sorted(found, key=lambda hit: (hit.start, hit.end, hit.rule.id))

    def _in_sentence(self, text: str, sentence: Sentence, rules: set[int]) -> Iterator[tuple[int, Hit]]:
        have = sentence.have
        for n in rules:
            places = self._compiled[n].places(sentence.words, have)
            if places and not self._compiled[n].is_silenced(sentence.words, have):
                for first, behind in places:
                    start, end = sentence.spans[first][0], sentence.spans[behind - 1][1]
                    yield n, Hit(self.rules[n], start, end, text[start:end])


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
    if "off" in source.root.entries:
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
    return PhraseRule(
        read["rule"],
        read["label"],
        read["kind"],
        tuple(read["patterns"]),
        tuple(read.get("unless") or ()),
        read["why"],
        read["instead"],
        tuple(read["tests"]["flag"]),
        tuple(read["tests"]["silent"]),
        tuple(read.get("unless-later") or ()),
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
    compiled = _compile(rule)
    caught: list[tuple[list[str], set[str]]] = []
    for n, text in enumerate(rule.flag):
        sentences = [(s.words, s.have) for s in read_sentences(text)]
        held = [s for s in sentences if compiled.places(*s)]
        spoken = [s for s in held if not compiled.is_silenced(*s)]
        caught += spoken
        if not held:
            tip = "Add a pattern that fits, or take the test out."
            reading.report(("tests", "flag", n), "phrase-misses", "No pattern catches this.", tip)
        elif not spoken:
            tip = "Make the `unless` narrower, or take the test out."
            reading.report(("tests", "flag", n), "phrase-misses", "An `unless` keeps the rule silent here.", tip)
    for n, text in enumerate(rule.silent):
        if hits := Phrases([rule]).find(text):
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
            one, needed = _Compiled([way]), needs(way)
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
