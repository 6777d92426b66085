"""A rule's patterns ready to be looked for: a match is followed as a set of places, so no text makes it slow."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from calmdesk.coach.keys import ANY, GAP, GAP_MOST, Pattern, firsts, is_seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from calmdesk.coach.sentences import Sentence


class Ways:
    """The ways of a bracket, by the word each begins with: only those that can begin at a place are followed."""

    __slots__ = ("begun", "other", "single")

    def __init__(self, ways: Iterable[Pattern]) -> None:
        self.single: set[str] = set()
        """Ways of one word."""
        self.begun: dict[str, list[tuple[Step, ...]]] = {}
        """First word → what stands behind it."""
        self.other: list[tuple[Step, ...]] = []
        """Ways that begin with a gap or a bracket, or are nothing."""
        for way in ways:
            steps = make_steps(way)
            if not steps or not isinstance(steps[0], str) or steps[0] in {ANY, GAP}:
                self.other.append(steps)
            elif len(steps) == 1:
                self.single.add(steps[0])
            else:
                self.begun.setdefault(steps[0], []).append(steps[1:])

    def follow(self, words: list[str], places: set[int]) -> set[int]:
        """The places behind one of the ways, from each of these places."""
        size = len(words)
        found = {p + 1 for p in places if p < size and words[p] in self.single}
        if self.begun:
            for place in places:
                if place < size:
                    for rest in self.begun.get(words[place], ()):
                        found |= _follow(rest, words, {place + 1})
        for steps in self.other:
            found |= _follow(steps, words, places)
        return found


Step: TypeAlias = "str | Ways"


def make_steps(pattern: Pattern) -> tuple[Step, ...]:
    """A plain pattern, ready to be followed."""
    return tuple(item if isinstance(item, str) else Ways(item) for item in pattern)


class Matcher:
    """One plain pattern, ready to be looked for."""

    __slots__ = ("_first", "required", "steps")

    def __init__(self, pattern: Pattern) -> None:
        self.required = frozenset(x for x in pattern if isinstance(x, str) and x not in {ANY, GAP})
        # What is seen holds for the whole sentence, and stands nowhere in it.
        pattern = tuple(x for x in pattern if not is_seen(x))
        self.steps = make_steps(pattern)
        words, _ = firsts(pattern)
        self._first = None if ANY in words else words

    def find(self, words: list[str]) -> Iterator[tuple[int, int]]:
        """Each place the pattern matches, from its first word to the one behind its last."""
        if not self.steps:
            yield 0, len(words)
            return
        first = self._first
        for start, word in enumerate(words):
            if (first is None or word in first) and (ends := _follow(self.steps, words, {start})):
                yield start, max(ends)


def _follow(steps: tuple[Step, ...], words: list[str], places: set[int]) -> set[int]:
    """The places behind the steps, from each of these places."""
    size = len(words)
    for step in steps:
        if step == GAP:
            places = {q for p in places for q in range(p, min(p + GAP_MOST, size) + 1)}
        elif step == ANY:
            places = {p + 1 for p in places if p < size}
        elif isinstance(step, str):
            places = {p + 1 for p in places if p < size and words[p] == step}
        else:
            places = step.follow(words, places)
        if not places:
            break
    return places


class Compiled:
    """A rule's plain patterns (`plain_pattern`), each group ready to be looked for once it is needed."""

    def __init__(
        self, patterns: Iterable[Pattern], unless: Iterable[Pattern] = (), later: Iterable[Pattern] = ()
    ) -> None:
        self._patterns: list[Pattern | Matcher] = list(patterns)
        self._unless, self._later = tuple(unless), tuple(later)

    @cached_property
    def later(self) -> list[Matcher]:
        return [Matcher(pattern) for pattern in self._later]

    def find_answer(self, sentences: Sequence[Sentence]) -> int:
        """Where the last of these sentences begins that makes the rule silent, also for what stands before; -1 for none."""
        for sentence in reversed(sentences):
            have = sentence.have
            if any(m.required <= have and next(m.find(sentence.words), None) is not None for m in self.later):
                return sentence.spans[0][0]
        return -1

    @cached_property
    def unless(self) -> list[Matcher]:
        return [Matcher(pattern) for pattern in self._unless]

    def _matcher(self, number: int) -> Matcher:
        found = self._patterns[number]
        if not isinstance(found, Matcher):
            found = self._patterns[number] = Matcher(found)
        return found

    def places(self, words: list[str], have: set[str], which: Iterable[int] | None = None) -> list[tuple[int, int]]:
        """Where one of the patterns (of these, by their numbers) stands in a sentence, none over another."""
        apart: list[tuple[int, int]] = []
        each = map(self._matcher, range(len(self._patterns)) if which is None else which)
        for start, end in sorted({x for m in each if m.required <= have for x in m.find(words)}):
            if not apart or start >= apart[-1][1]:
                apart.append((start, end))
            elif end > apart[-1][1]:
                apart[-1] = (apart[-1][0], end)
        return apart

    def is_silenced(self, words: list[str], have: set[str]) -> bool:
        """Whether words stand in the sentence that make the rule silent."""
        return any(m.required <= have and next(m.find(words), None) is not None for m in self.unless)
