"""Every key of a phrase rule, declared once, and the small language its patterns are written in.

A pattern is words in a row: `(a|b c|)` is one of these (an empty one: or nothing), `…` up to four words of any
kind, `*` exactly one, `<we-will>` any way of saying what a class stands for (`classes.py`). It is kept as nested
tuples: a text is a word, a tuple is the ways of one bracket or class.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from calmdesk.coach.classes import CLASSES, SEEN
from calmdesk.playbook.shapes import Flag, ListOf, Reading, Record, Shape, Text, Whole, Word
from calmdesk.safetext import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from calmdesk.playbook.node import Node


class Class(tuple[Any, ...]):  # noqa: SLOT001 - a tuple with a name has no slots
    """The ways of a class of words, proved once for all patterns that use it."""

    name: str


Ways: TypeAlias = "tuple[Pattern, ...]"
Pattern: TypeAlias = "tuple[str | Ways, ...]"

LABELS = {
    "violation": ("EMPTY_APOLOGY", "BLAME", "DISMISS", "OVERPROMISE", "HOSTILE", "STONEWALL"),
    "principle": ("APOLOGY", "OWN", "ACK", "REFLECT", "REMEDY", "NEXT_STEP", "OFFER_HELP", "BOUNDARY"),
}
"""What a sentence does, by kind of rule."""

ANY, GAP, GAP_MOST = "*", "…", 4
MAX_GAPS = 6
MAX_PATTERN = 300
MAX_NESTED = 4
MAX_PATTERNS, MAX_TESTS = 60, 120
APOSTROPHES = "'’‘ʼ´`"
WORD = rf"%|\d+(?:[.,:]\d+)+|[^\W_]+(?:[{APOSTROPHES}][^\W_]+)*"
"""One word of a pattern or a text, as a regular expression."""

# Without its apostrophe each of these is another word.
_OTHERS = frozenset(["hed", "hell", "id", "ill", "its", "shed", "shell", "wed", "well", "were"])
_PIECE = re.compile(rf"(?P<sign>[()|*…]|\.\.\.)|<(?P<class>[^<>]*)>|(?P<word>{WORD})|(?P<end>[.!?;{{}}<>])")
_PART_OF_WORD = re.compile(r"[^\W_]\*|\*[^\W_]")


class PatternError(ValueError):
    """Why a pattern can't be read, and what to write instead."""

    def __init__(self, message: str, tip: str) -> None:
        super().__init__(message)
        self.message = message
        self.tip = tip


def flat(text: str) -> str:
    """A text in small letters and without apostrophes."""
    text = text.lower()
    for sign in APOSTROPHES:
        text = text.replace(sign, "")
    return text


def plain_word(word: str) -> str:
    """A word as it is compared: small letters, and “dont” like “don’t” where that is no other word."""
    if word.isalpha():
        return word.lower()
    bare = flat(word)
    if bare in _OTHERS and len(bare) != len(word):
        return "'".join(re.split(f"[{APOSTROPHES}]", word.lower()))
    return bare


@lru_cache(maxsize=1024)
def parse_pattern(text: str) -> Pattern:
    """The pattern as nested tuples, its words as they are written. Raises PatternError where it can't be read."""
    if len(text) > MAX_PATTERN:
        raise PatternError(
            f"A pattern of {len(text):,} characters; the limit is {MAX_PATTERN}.", "Split it into several patterns."
        )
    if _PART_OF_WORD.search(text):
        raise PatternError("A * touches a word.", "A * stands for one whole word: write the word out, or (one|two).")
    levels: list[list[list[str | Ways]]] = [[[]]]
    for piece in _PIECE.finditer(text):
        if piece.lastgroup == "class":
            if len(levels) > 1 and piece.group("class") in SEEN:
                raise PatternError(
                    f"{piece.group()} stands in brackets.", "It holds for the whole sentence: write it outside."
                )
            name = piece.group("class")
            levels[-1][-1].append(f"<{name}>" if name in SEEN else _read_class(name))
        elif piece.lastgroup == "word":
            levels[-1][-1].append(piece.group().lower())
        elif piece.lastgroup == "end":
            raise PatternError(
                f"A pattern can't hold “{piece.group()}”.",
                "It stays within one sentence: leave the sign out. A slot such as {fix-by} is *.",
            )
        else:
            _take_sign(levels, piece.group())
    if len(levels) > 1:
        raise PatternError("A bracket ( isn't closed.", "Close it with ).")
    pattern = tuple(levels[0][0])
    if not _has_word(pattern):
        raise PatternError("This pattern has no word that must stand there.", "Write at least one word outside (…|).")
    inner = [item for item in pattern if not is_seen(item)]
    if pattern.count(GAP) > MAX_GAPS:
        raise PatternError(f"More than {MAX_GAPS} gaps.", "Write two patterns.")
    if inner and GAP in {inner[0], inner[-1]}:
        raise PatternError("A … at an end of a pattern says nothing.", "Take it out.")
    return pattern


def is_seen(item: str | Ways) -> bool:
    """Whether it is no word but something that is seen in the whole sentence."""
    return isinstance(item, str) and item.startswith("<")


@cache
def _read_class(name: str) -> Class:
    """What `<name>` stands for. Raises PatternError where it is no class."""
    if name not in CLASSES:
        near = nearest(name, [*CLASSES, *SEEN])
        raise PatternError(f"There is no class “<{name}>”.", near or f"Known: {', '.join([*CLASSES, *SEEN])}.")
    found = Class(tuple(words.split()) for words in CLASSES[name])
    found.name = name
    return found


def plain_pattern(pattern: Pattern) -> Pattern:
    """The pattern with its words as they are compared."""
    return tuple(
        (item if item.startswith("<") else plain_word(item))
        if isinstance(item, str)
        else _plain_class(item.name)
        if isinstance(item, Class)
        else tuple(plain_pattern(way) for way in item)
        for item in pattern
    )


@cache
def _plain_class(name: str) -> Ways:
    """A class with its words as they are compared; it stands in many patterns."""
    return tuple(plain_pattern(way) for way in _read_class(name))


@cache
def _class_needs(name: str) -> frozenset[str]:
    return _needs_one([needs(way) for way in _read_class(name)])


def _take_sign(levels: list[list[list[str | Ways]]], sign: str) -> None:
    """A bracket, a bar, a gap or a star, put where it belongs."""
    if sign == "(":
        levels.append([[]])
        if len(levels) > MAX_NESTED:
            raise PatternError("Brackets within brackets within brackets.", "Write several patterns instead.")
    elif len(levels) == 1 and sign in {")", "|"}:
        raise PatternError(f"A {sign} stands outside brackets.", "Write (one|two).")
    elif sign == ")":
        ways = tuple(dict.fromkeys(tuple(way) for way in levels.pop()))
        if not any(ways):
            raise PatternError("There is nothing in these brackets.", "Write (one|two), or take them out.")
        levels[-1][-1].append(ways)
    elif sign == "|":
        levels[-1].append([])
    else:
        levels[-1][-1].append(ANY if sign == ANY else GAP)


def _has_word(pattern: Pattern) -> bool:
    """Whether some word must stand in a text that the pattern matches."""
    return any(
        item not in {ANY, GAP}
        if isinstance(item, str)
        else isinstance(item, Class) or all(_has_word(way) for way in item)
        for item in pattern
    )


def needs(pattern: Pattern) -> list[frozenset[str]]:
    """Words of which one each must stand in a text that the pattern matches, as they are compared."""
    found = []
    for item in pattern:
        if isinstance(item, str):
            if item not in {ANY, GAP}:
                found.append(frozenset({item if item.startswith("<") else plain_word(item)}))
        elif isinstance(item, Class):
            found.append(_class_needs(item.name))
        elif all(each := [needs(way) for way in item]):
            found.append(_needs_one(each))
    return found


def _needs_one(each: Iterable[list[frozenset[str]]]) -> frozenset[str]:
    return frozenset().union(*(max(way, key=rarity) for way in each))


def rarity(words: frozenset[str]) -> tuple[int, int]:
    """How seldom one of these stands in a text: the longer and the fewer, the rarer."""
    return min(map(len, words)), -len(words)


def firsts(pattern: Pattern) -> tuple[frozenset[str], bool]:
    """The words a match may begin with (* for any), and whether the pattern may match nothing."""
    found: set[str] = set()
    for item in pattern:
        if isinstance(item, str):
            found.add(ANY if item == GAP else item)
            if item != GAP:
                return frozenset(found), False
        else:
            each = [firsts(way) for way in item]
            found.update(*(words for words, _ in each))
            if not any(empty for _, empty in each):
                return frozenset(found), False
    return frozenset(found), True


def each_way(pattern: Pattern) -> Iterator[Pattern]:
    """The pattern once for each way of each of its brackets: all of them together prove it."""
    whole = True
    for n, item in enumerate(pattern):
        if not isinstance(item, str | Class):
            whole = False
            for way in item:
                for narrow in each_way(way) if way else ((),):
                    yield (*pattern[:n], *narrow, *pattern[n + 1 :])
    if whole:
        yield pattern


def render_pattern(pattern: Pattern) -> str:
    """The pattern as a trainer writes it."""
    return " ".join(
        item
        if isinstance(item, str)
        else f"<{item.name}>"
        if isinstance(item, Class)
        else "(" + "|".join(render_pattern(way) for way in item) + ")"
        for item in pattern
    )


class PatternText(Text):
    """A pattern, reported where it can't be read."""

    def read(self, node: Node, key: str, reading: Reading) -> object:
        text = super().read(node, key, reading)
        if isinstance(text, str):
            try:
                parse_pattern(text)
            except PatternError as error:
                reading.report(node, "bad-pattern", error.message, error.tip)
                return None
        return text


class LabelWord(Word):
    """One of the labels; a mistyped one is told whatever its case."""

    def read(self, node: Node, key: str, reading: Reading) -> object:
        label = Text.read(self, node, key, reading)
        if not isinstance(label, str) or label in self.words:
            return label
        tip = reading.near(label, [word.lower() for word in self.words])
        near = next((f"Did you mean “{word}”?" for word in self.words if f"“{word.lower()}”" in tip), "")
        reading.report(node, "unknown-word", f"“{label}” isn't a label.", near or f"Use {self.wanted}.")
        return None


class Few(ListOf):
    """A list with something in it, and no more than a person keeps in order."""

    def __init__(self, item: Shape, most: int) -> None:
        super().__init__(item, filled=True)
        self.most = most

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind == "list" and len(node.items) > self.most:
            reading.report(
                node,
                "too-many-values",
                f"There are {len(node.items):,} in this list; the limit is {self.most}.",
                "Split the rule: each way of saying it is a rule of its own.",
            )
            return None
        return super().read(node, key, reading)


class TestText(Text):
    """A sentence that proves a rule: no longer than people say it."""

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if len(node.text) > MAX_PATTERN:
            message = f"A test of {len(node.text):,} characters; the limit is {MAX_PATTERN}."
            reading.report(node, "too-long", message, "Cut it to the sentence that matters.")
            return None
        return super().read(node, key, reading)


class Proof(Shape):
    """A sentence that proves a rule, alone or with what the customer said before it."""

    _said = Record(
        "a test with its customer",
        {"text": (TestText(), "the sentence"), "customer": (TestText(), "what the customer said before it")},
        required=("text", "customer"),
    )

    def read(self, node: Node, key: str, reading: Reading) -> object:
        return self._said.read(node, key, reading) if node.kind == "map" else TestText().read(node, key, reading)

    def schema(self) -> dict[str, object]:
        return {"anyOf": [TestText().schema(), self._said.schema()]}


_PATTERNS = Few(PatternText(wanted="a text: words in small letters"), MAX_PATTERNS)
_PROOFS = Proof()
_TESTS = Record(
    "the tests",
    {
        "flag": (Few(_PROOFS, MAX_TESTS), "sentences that the rule must catch"),
        "silent": (Few(_PROOFS, MAX_TESTS), "good sentences near to them, where it must keep silent"),
    },
    required=("flag", "silent"),
)
PHRASE = Record(
    "a phrase rule",
    {
        "calmdesk-phrase": (Whole(), "the version of this format: 1"),
        "rule": (Text(), "the rule's id: the file's name without .yaml"),
        "label": (LabelWord(*LABELS["violation"], *LABELS["principle"]), "what such a sentence does"),
        "kind": (Word(*LABELS), "violation or principle"),
        "patterns": (_PATTERNS, "the words that it catches"),
        "unless": (_PATTERNS, "words in the same sentence that make it silent"),
        "unless-later": (_PATTERNS, "words in the same or a later sentence of the reply that make it silent"),
        "lint-only": (Flag(), "true: playbooks are warned of it, and it earns no label when the coach reads a reply"),
        "why": (Text(), "one plain sentence: what such words do to a person"),
        "instead": (Text(), "a better wording that adds no fact"),
        "tests": (_TESTS, "sentences that prove the rule"),
    },
    required=("calmdesk-phrase", "rule", "label", "kind", "patterns", "why", "instead", "tests"),
)
OFF = Record(
    "a phrase rule that is switched off",
    {
        "calmdesk-phrase": (Whole(), "the version of this format: 1"),
        "rule": (Text(), "the id of the rule that isn't wanted here"),
        "off": (Flag(), "true: the rule of this name holds nowhere below this folder"),
        "why": (Text(), "why this team does without it"),
    },
    required=("calmdesk-phrase", "rule", "off", "why"),
)
"""Who doesn't want a rule writes a file of its name with this in a folder of their own."""
