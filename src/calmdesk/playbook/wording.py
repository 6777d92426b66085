"""A person's words as they stand in a playbook: quoted, cut to a breath or a glance, made into a name, kept as a comment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from calmdesk.playbook.names import BREATH, MAX_WORDS, speaking_seconds
from calmdesk.playbook.shapes import is_id
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Container

ID_LENGTH = 32
_SENTENCE = re.compile(r"(?<=[.!?…।])\s+")


def quote(text: str) -> str:
    """A text in double quotes, as YAML reads it back."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def plain(text: str) -> str:
    """Words of a person for a playbook: one line, nothing hidden, no braces (they ask for a fact), no word to lint."""
    return clean(clean(text).replace("{", "(").replace("}", ")")).replace("lint-ok", "lint ok")


def slug(text: str, taken: Container[str], other: str) -> str:
    """An id made from words, or `other` where they give none; with a number behind it where it is taken."""
    import unicodedata

    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower().replace("'", "")
    name = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")
    name = re.sub(r"\A[0-9-]+", "", name)
    if len(name) > ID_LENGTH:
        name = name[: ID_LENGTH + 1].rpartition("-")[0] or name[:ID_LENGTH]
    name = name if is_id(name) and name not in {"true", "false", "null"} else other
    number, found = 2, name
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    return found


def brief(text: str) -> str:
    """A text in one line of a remark."""
    text = clean(text)
    return text if len(text) <= 40 else text[:39].rstrip() + "…"


def comment(text: str, inset: str = "") -> str:
    """A text as a comment, which asks lint for nothing."""
    return f"{inset}# {clean(text).replace('lint-ok', 'lint ok')}".rstrip()


def cut(text: str, words: int, length: int) -> tuple[str, str]:
    """The first so many words of a text, and the rest; a word longer than all that is cut, too."""
    taken = text.split()[:words]
    while len(taken) > 1 and len(" ".join(taken)) > length:
        taken.pop()
    first = clean(" ".join(taken)[:length])
    return first, text[len(" ".join(taken)[:length]) :].strip()


def breath(text: str) -> tuple[str, str]:
    """What of a text can be said in one breath, up to the end of a sentence where there is one, and the rest."""

    def fits(words: str) -> bool:
        return len(words.split()) <= MAX_WORDS and speaking_seconds(words) <= BREATH

    if fits(text):
        return text, ""
    first, *rest = _SENTENCE.split(text)
    if not fits(first):
        return cut(text, MAX_WORDS, BREATH * 18 - 2)
    while rest and fits(f"{first} {rest[0]}"):
        first = f"{first} {rest.pop(0)}"
    return first, " ".join(rest)
