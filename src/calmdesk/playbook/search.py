"""Which playbook fits what an agent hears: typed words against titles, signals and other names, slips of the pen forgiven.

A word counts the more, the fewer playbooks have it; nothing typed is compared by its place.
"""

from __future__ import annotations

import os
import re
from math import log
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.playbook.folders import Library, find_file, find_ids
from calmdesk.playbook.source import read_source
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from calmdesk.playbook.node import Node

_WORD = re.compile(r"[^\W_]+")
_SMALL = (
    "a an and are as at be been but by can d for from had has have he her him his i if in is it its just like ll m me "
    "my of on or our re s she so t that the their them then there they this to up us ve was we were will with you your"
)
_NO_MATTER = frozenset(_SMALL.split())
"""Words that stand everywhere."""
_NEAR = 0.94
"""From this likeness on (Jaro-Winkler, 0 to 1), two words are the same word written in two ways."""


class Entry(NamedTuple):
    """A playbook that can be handled."""

    id: str
    title: str
    goal: str
    signals: tuple[str, ...]
    aliases: tuple[str, ...]
    path: str


def find_entries(library: Library) -> list[Entry]:
    """The playbooks of the library that aren't modules and can be read, in alphabetical order."""
    found = []
    for name in find_ids(library):
        path = find_file(library, name)
        if path is None:
            continue
        try:
            with open(path, "rb") as file:
                root = read_source(file.read(), path).root
        except OSError:
            continue
        if root is None or "calmdesk" not in root.names or _text(root, "module") == "true":
            continue
        found.append(
            Entry(
                name,
                _text(root, "title") or name,
                _text(root, "goal"),
                _texts(root, "signals"),
                _texts(root, "aliases"),
                os.path.abspath(path),
            )
        )
    return found


def _text(root: Node, key: str) -> str:
    found = root.get(key)
    return clean(found.text) if found else ""


def _texts(root: Node, key: str) -> tuple[str, ...]:
    found = root.get(key)
    return tuple(clean(item.text) for item in found.items) if found else ()


def _words(text: str) -> list[str]:
    plain = re.sub("['’´`]", "", text.lower())
    return [w for w in _WORD.findall(plain) if w not in _NO_MATTER]


def _phrases(entry: Entry) -> Iterable[str]:
    return (entry.title, entry.id.replace("-", " "), *entry.signals, *entry.aliases)


def rank(entries: Sequence[Entry], heard: str) -> list[Entry]:
    """The entries that share a word with what was heard, the best first; all of them where nothing was typed."""
    from rapidfuzz import process
    from rapidfuzz.distance import JaroWinkler

    typed = list(dict.fromkeys(_words(heard)))
    if not typed:
        return list(entries)
    exact = heard.strip().lower()
    phrases = [[frozenset(_words(p)) for p in _phrases(entry)] for entry in entries]
    vocabulary = [frozenset().union(*each) for each in phrases]
    every = sorted(frozenset().union(*vocabulary)) if vocabulary else []
    same = {
        word: {
            found: likeness
            for found, likeness, _ in process.extract(
                word, every, scorer=JaroWinkler.normalized_similarity, score_cutoff=_NEAR, limit=8
            )
        }
        for word in typed
    }
    weights = {v: log(1 + len(entries) / sum(v in each for each in vocabulary)) for v in every}
    scored = []
    for entry, said in zip(entries, phrases, strict=True):
        best: dict[str, float] = {}
        for phrase in said:
            hits = {word: same[word].keys() & phrase for word in typed}
            # Words that stand together in one phrase say more than one of them alone.
            covered = len(frozenset().union(*hits.values())) / max(1, len(phrase))
            for word, found in hits.items():
                value = max((same[word][v] * weights[v] for v in found), default=0.0) * covered
                best[word] = max(best.get(word, 0.0), value)
        score = sum(best.values()) + (100 if exact in {entry.id, entry.title.lower()} else 0)
        if score:
            scored.append((-score, entry.id, entry))
    return [entry for _, _, entry in sorted(scored)]
