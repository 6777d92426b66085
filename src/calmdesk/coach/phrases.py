"""Words that do harm or good are found where they stand: every phrase rule in one pass over a text.

What stands in quotation marks is somebody else's words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from calmdesk.coach.keys import Pattern, flat, is_seen, needs, parse_pattern, plain_pattern, rarity
from calmdesk.coach.matching import Compiled
from calmdesk.coach.sentences import find_seen, read_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from calmdesk.coach.features import Case
    from calmdesk.coach.sentences import Sentence

# Every sign and letter of a text in small letters that isn't one of a to z or a digit, as a space.
_APART = bytes(n if chr(n).isalnum() and n < 128 else 32 for n in range(256))


Plain: TypeAlias = tuple[list[Pattern], list[Pattern], list[Pattern]]


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
    cases: tuple[tuple[str, str], ...] = ()
    """The tests that have a customer, each with what was said before it."""
    lint_only: bool = False
    """Playbooks are warned of it, and it earns no label."""
    shipped: bool = True
    """It comes with calmdesk."""
    off: bool = False
    """A team has switched it off: where it would hold, nothing else is to be said either."""

    def plain(self) -> Plain:
        """Its patterns, what silences them in their sentence, and what does later, as they are compared."""
        patterns, unless, later = (
            [plain_pattern(parse_pattern(text)) for text in some] for some in (self.patterns, self.unless, self.later)
        )
        return patterns, unless, later


class Hit(NamedTuple):
    """Where a rule holds: character offsets into the text that was given, and the words there."""

    rule: PhraseRule
    start: int
    end: int
    text: str


class Found(NamedTuple):
    """What stands in a text: where rules hold, and where one would but for the words that make it silent."""

    hits: list[Hit]
    silenced: list[Hit]


def _parts(bare: str) -> list[bytes]:
    """The words of a `flat` text, roughly and fast: what isn't a to z or a digit parts them."""
    return bare.encode("ascii", "replace").translate(_APART).split()


def _keys(words: Iterable[str]) -> frozenset[bytes]:
    """What `_parts` gives at least of each of these words; nothing where it gives nothing."""
    return frozenset(
        word.encode() if is_seen(word) else max(_parts(flat(word)), key=len, default=b"") for word in words
    )


class Built(NamedTuple):
    """Rules made ready: nothing but tuples, lists and bytes, so that it can be kept for the next start."""

    groups: dict[bytes, list[tuple[list[frozenset[bytes]], int, int]]]
    """A pattern's rarest word → all that it needs (one of each group), its rule's number and its own there."""
    plain: list[Plain]
    """Each rule's patterns."""


def build(rules: Iterable[PhraseRule]) -> Built:
    """What `Phrases` looks in, from rules whose patterns have been read once already."""
    index: dict[bytes, list[tuple[list[frozenset[bytes]], int, int]]] = {}
    plain = []
    for n, rule in enumerate(rules):
        plain.append(rule.plain())
        for k, text in enumerate(rule.patterns):
            needed = sorted(needs(parse_pattern(text)), key=rarity, reverse=True)
            keys = [_keys(words) for words in needed]
            for key in keys[0]:
                index.setdefault(key, []).append((keys[1:], n, k))
    return Built(index, plain)


class Phrases:
    """Phrase rules as one set.

    Args:
        rules: the rules, as `read_phrase` gave them.
        built: the same rules, built before.

    """

    def __init__(self, rules: Iterable[PhraseRule], built: Built | None = None) -> None:
        self.rules = tuple(rule for rule in rules if rule.patterns)
        self.built = built or build(self.rules)
        self._rarest = frozenset(self.built.groups)
        self._compiled: dict[int, Compiled] = {}

    def _ready(self, number: int) -> Compiled:
        if number not in self._compiled:
            self._compiled[number] = Compiled(*self.built.plain[number])
        return self._compiled[number]

    def _possible(self, bare: str, seen: Iterable[str]) -> dict[int, set[int]]:
        """Patterns that may hold in a line, by the number of their rule."""
        have = {b"", *_parts(bare), *(each.encode() for each in seen)}
        found: dict[int, set[int]] = {}
        for key in self._rarest & have:
            for needed, n, k in self.built.groups[key]:
                for keys in needed:
                    if keys.isdisjoint(have):
                        break
                else:
                    found.setdefault(n, set()).add(k)
        return found

    def find(self, text: str, case: Case | None = None, *, apart: bool = False) -> list[Hit]:
        """Every place where a rule holds, in the order of the text; see `look`. Never raises."""
        return self.look(text, case, apart=apart).hits

    def look(self, text: str, case: Case | None = None, *, apart: bool = False) -> Found:
        """Every place where a rule holds, or would, in the order of the text. Never raises.

        Args:
            text: what is said or written.
            case: the customer's words and the facts, for the rules that look at them.
            apart: each line is said for itself, so what stands in a later one changes nothing.

        """
        seen = find_seen(text, case)
        found: dict[bool, list[Hit]] = {True: [], False: []}
        every: list[Sentence] = []
        answers: dict[tuple[int, int], int] = {}
        """Where the last words stand that make a rule silent, by its number (and its line, where lines stand apart)."""
        offset = 0
        for line, bare in zip(text.split("\n"), flat(text).split("\n"), strict=True):
            if rules := self._possible(bare, seen):
                sentences = read_sentences(line, offset, case, look=bool(seen))
                for sentence in sentences:
                    for number, hit, holds in self._in_sentence(text, sentence, rules):
                        if holds and self._ready(number).later:
                            behind = sentences if apart else (every := every or read_sentences(text, 0, case))
                            key = (number, offset if apart else -1)
                            if key not in answers:
                                answers[key] = self._ready(number).find_answer(behind)
                            holds = sentence.spans[0][0] > answers[key]
                        found[holds].append(hit)
            offset += len(line) + 1
        return Found(
            *(sorted(found[holds], key=lambda hit: (hit.start, hit.end, hit.rule.id)) for holds in (True, False))
        )

    def _in_sentence(
        self, text: str, sentence: Sentence, rules: dict[int, set[int]]
    ) -> Iterator[tuple[int, Hit, bool]]:
        have = sentence.have
        for n, which in rules.items():
            compiled = self._ready(n)
            places = compiled.places(sentence.words, have, which)
            if places:
                holds = not self.rules[n].off and not compiled.is_silenced(sentence.words, have)
                for first, behind in places:
                    start, end = sentence.spans[first][0], sentence.spans[behind - 1][1]
                    yield n, Hit(self.rules[n], start, end, text[start:end]), holds
