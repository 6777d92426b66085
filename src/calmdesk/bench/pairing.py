"""One difference as a value, and two lists of texts side by side: what was reworded, what came and what is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.bench.same import likeness

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GROUPS = {
    "said": "What is said",
    "ways": "Ways on",
    "checks": "Hints, checks and words to avoid",
    "facts": "What is asked",
    "limits": "Limits and clocks",
    "promises": "Promises and offers",
    "structure": "Steps, files and what may cut in",
    "ends": "How calls end",
    "proofs": "Path rules and tests",
}
"""Each kind of change, in the order it is told."""
_SAME_WORDS = 0.5
"""Two texts whose words agree so far are one that was reworded."""


class Change(NamedTuple):
    """One difference."""

    group: str
    """A key of `GROUPS`."""
    book: str
    """The file; `policy` for the team's policy."""
    step: str
    """The step's id in the newer text (in the older one, where it is gone); empty where it is about none."""
    where: str
    """The situation."""
    what: str
    """What happened to it, as a sentence or the beginning of one."""
    old: str = ""
    new: str = ""


def pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What was reworded, what came (("", new)) and what is gone ((old, "")); what stays is left out."""
    gone, came = [x for x in old if x not in new], [x for x in new if x not in old]
    if len(gone) == len(came) == 1 or (len(gone) == len(came) and len(old) == len(new)):
        yield from zip(gone, came, strict=True)
        return
    for text in came:
        near = max(gone, key=lambda g: likeness(g.split(), text.split()), default="")
        if near and likeness(near.split(), text.split()) >= _SAME_WORDS:
            gone.remove(near)
            yield near, text
        else:
            yield "", text
    yield from ((text, "") for text in gone)


def plain(value: object) -> str:
    """A value in a few words, without brackets where it can be."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{k}: {plain(v)}" for k, v in value.items())
    return ", ".join(plain(v) for v in value) if isinstance(value, list | tuple) else str(value)
