"""A text as sentences of words as they are compared; what is quoted or a slot is one word, and nobody's own.

What is seen in a sentence and is no word of it (capitals that shout, stacked marks, the customer's own words) is
told beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.coach.features import content_words
from calmdesk.coach.keys import APOSTROPHES, WORD, plain_word

if TYPE_CHECKING:
    from calmdesk.coach.features import Case

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


def read_sentences(text: str, offset: int = 0, case: Case | None = None, *, look: bool = True) -> list[Sentence]:
    """The sentences of a text: they end at . ! ? … ; and the line's end; what is quoted or a slot is one word.

    Args:
        text: what is read.
        offset: what its places are counted from.
        case: the customer's words and the facts.
        look: whether anybody asks what is seen in a sentence.

    """
    found: list[Sentence] = []
    begin = 0
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "end":
            if words:
                # The marks that end a sentence belong to it: !! says how it was meant.
                end = token.end() + 1 if text[token.end() : token.end() + 1] in _MARKS else token.end()
                found.append(Sentence(words, spans, find_seen(text[begin:end], case) if look else _NOTHING))
                words, spans = [], []
            begin = token.end()
            continue
        words.append(plain_word(token.group()) if token.lastgroup == "word" else _QUOTED)
        spans.append((token.start() + offset, token.end() + offset))
    if words:
        found.append(Sentence(words, spans, find_seen(text[begin:], case) if look else _NOTHING))
    return found


_QUOTATION = re.compile(_TOKEN.pattern[: _TOKEN.pattern.index("|(?P<word>")])
_NOTHING: frozenset[str] = frozenset()
_MARKS = {"!", "?"}
_LOUD = re.compile(r"[A-Z!?]{2}")
"""Without this there is neither shouting nor a stack of marks, whatever is taken out as quoted."""
_STACKED = re.compile(r"[!?]{2}")
_CAPITALS = re.compile(r"\b[A-Z]{2,}(?:['’][A-Z]+)?(?:[ ,]+(?:[A-Z]{2,}(?:['’][A-Z]+)?|I|A)\b)+")
_COMMON_WORDS = (
    "ALL AND ANSWER ARE ASK AT AGAIN BE BEEN BUT BY CALL CAN CHECK COME DO DONT DON'T ENOUGH EVERY FOR "
    "FROM GET GO HAVE HERE HOW I'M IN IS IT IT'S JUST KNOW LISTEN LOOK ME MY NEVER NO NOT NOTHING NOW OF "
    "ON ONE ONLY OUR OUT PLEASE READ SAID SEND STOP THAT THAT'S THE THERE THEY THIS TIMES TO TOLD US WAIT "
    "WANT WAS WE WERE WHAT WHEN WHERE WHO WHY WILL WITH WRONG YES YET YOU YOU'RE YOUR"
)
_COMMON = frozenset(_COMMON_WORDS.split())
"""Words that stand in capitals only where somebody shouts; two side by side with one of them are shouting."""


def find_seen(sentence: str, case: Case | None = None) -> frozenset[str]:
    """What is seen in a sentence and is no word of it."""
    asked = case is not None and bool(case.said or case.true)
    if not asked and not _LOUD.search(sentence):
        return _NOTHING
    found = set()
    sentence = _QUOTATION.sub(" ", sentence)
    if _STACKED.search(sentence):
        found.add("<stacked>")
    if not sentence.islower() and any(_shouts(m.group()) for m in _CAPITALS.finditer(sentence)):
        found.add("<shouting>")
    if case is not None and asked:
        shared = content_words(sentence) & (case.said | case.true)
        if len(shared) > 1 or any(word[0].isdigit() for word in shared):
            found.add("<their-words>")
    return frozenset(found)


def _shouts(run: str) -> bool:
    return any(word in _COMMON for word in run.replace("’", "'").replace(",", " ").split())
