"""`playbook show ID --why`: what each step rests on: what an article says, later evidence, or the house's own judgement."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.playbook.folders import read_file
from calmdesk.playbook.source import read_source
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calmdesk.playbook.folders import Library
    from calmdesk.playbook.model import Edition

ARTICLES = {
    "000": "How to behave with dissatisfied customers (article 000)",
    "001": "How to come back from a customer service fail (article 001)",
    "002": "Why customers don't ask for help when they need it (article 002)",
}
STRENGTHS = {
    "meta": "many studies together",
    "exp": "experiment",
    "field": "real customers",
    "survey": "stated opinions",
    "norm": "law, standard or regulator",
    "pract": "practitioners' advice, untested",
    "weak": "popular, without a sound source",
}
JUDGEMENT = "house judgement: no article says it, and no study is cited."


class Ground(NamedTuple):
    """What a step rests on: a claim, a piece of evidence, or (without an id) judgement."""

    id: str
    source: str
    says: str
    caveat: str = ""
    figure: str = ""


class Grounded(NamedTuple):
    """A step, and what it rests on."""

    book: str
    step: str
    title: str
    grounds: tuple[Ground, ...]


def read_catalogue(library: Library, kind: str) -> dict[str, dict[str, str]]:
    """`claims` or `evidence` of the library: id → its texts; the nearest of an id counts. Raises CalmdeskError (3)."""
    found: dict[str, dict[str, str]] = {}
    for folder in library.folders:
        path = os.path.join(folder, f"{kind}.yaml")
        if not os.path.isfile(path):
            continue
        root = read_source(read_file(path), path).root
        listed = root.get(kind) if root else None
        for name, (_, entry) in (listed.entries if listed else {}).items():
            found.setdefault(name, {k: clean(v.text) for k, (_, v) in entry.entries.items()})
    return found


def find_grounds(library: Library, edition: Edition) -> Iterator[Grounded]:
    """What each step of a playbook, and of what it plays, rests on, in the order of the files. Raises CalmdeskError (3)."""
    claims, evidence = read_catalogue(library, "claims"), read_catalogue(library, "evidence")
    todo, seen = [edition.root], {edition.root}
    while todo:
        book = edition.books[todo.pop(0)]
        for name in book.order:
            data = book.compiled["steps"][name]
            if (played := data.get("play")) and played not in seen and played in edition.books:
                seen.add(played)
                todo.append(played)
            if played and not (data.get("claims") or data.get("evidence")):
                # What it plays says for itself what it rests on.
                continue
            grounds = [_claim(i, claims.get(i, {})) for i in data.get("claims") or ()]
            grounds += [_evidence(i, evidence.get(i, {})) for i in data.get("evidence") or ()]
            yield Grounded(book.id, name, book.step(name).title, tuple(grounds) or (Ground("", "house", JUDGEMENT),))


def _claim(name: str, texts: dict[str, str]) -> Ground:
    article = texts.get("article", "")
    says = texts.get("claim", "")
    return Ground(name, ARTICLES.get(article, article), says, texts.get("caveat", ""), texts.get("figure", ""))


def _evidence(name: str, texts: dict[str, str]) -> Ground:
    strength = texts.get("strength", "")
    return Ground(name, f"evidence, {STRENGTHS.get(strength, strength)}", texts.get("says", ""))


def tell_grounds(library: Library, edition: Edition) -> list[str]:
    """What each step rests on, as rows to print. Raises CalmdeskError (3)."""
    rows: list[str] = []
    book = ""
    for each in find_grounds(library, edition):
        if each.book != book:
            book = each.book
            rows += [*([""] if rows else []), f"{edition.books[book].title} ({book})"]
        rows.append(f"  {each.title} ({each.step})")
        for ground in each.grounds:
            if not ground.id:
                rows.append(f"    {ground.says}")
                continue
            figure = f" [{ground.figure}]" if ground.figure else ""
            rows.append(f"    {ground.id} {ground.source}: {ground.says}{figure}")
            if ground.caveat:
                rows.append(f"        caveat: {ground.caveat}")
    return rows
