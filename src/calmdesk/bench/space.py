"""What may be known on a call, as one integer: a field of bits for each fact, one bit for each kind of value.

Values that no condition tells apart share a bit, so the space of a playbook is finite and small. A *box*
is such an integer: each field holds the values that the fact may still have. The lowest bit of a field says
that nobody has answered; a default then stands in. A condition splits a box into the boxes where it holds
and those where it doesn't; the boxes of a split never overlap.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.call.facts import matches
from calmdesk.playbook.keys import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, timedelta

    from calmdesk.playbook.model import When

_BUILTIN: dict[str, dict[str, Any]] = {
    "channel": {"one-of": dict.fromkeys(CHANNELS)},
    "case": {"kind": "text"},
    "today": {"kind": "date"},
}
_SAMPLES = {"money": "10.00", "number": "1", "date": "2026-01-15", "time": "12:00", "moment": "2026-01-15T12:00"}


class Field(NamedTuple):
    """The bits of one fact."""

    fact: str
    silent: int
    """The bit that says that nobody has answered."""
    answered: int
    """The bits of its values."""
    unknown: int
    """`silent` where nothing stands in for an answer and it can be asked, else 0."""
    absent: int
    """`silent` where nothing stands in for an answer, else 0."""
    values: tuple[str, ...]
    """One value for each bit of `answered`, from the lowest up, in canonical form."""

    @property
    def all(self) -> int:
        """Every bit of the field."""
        return self.silent | self.answered


class Condition(NamedTuple):
    """A `when`, compiled: all of `parts` hold, and none of `nots`."""

    parts: tuple[tuple[int, int], ...]
    """(the bits of a field, those of them with which it holds)."""
    nots: tuple[tuple[int, Condition], ...]
    """(the absent bits of the facts it looks at, the condition that must not hold)."""
    fields: tuple[Field, ...]
    """The fields that it looks at."""
    unknown: int
    """The bits that say that one of its facts is unknown."""


def split(condition: Condition, box: int) -> tuple[list[int], list[int]]:
    """The boxes where a condition holds, and those where it doesn't."""
    holds, fails = [box], []
    for bits, wanted in condition.parts:
        kept = []
        for one in holds:
            if one & wanted:
                kept.append(one & ~(bits ^ wanted))
            if one & (bits ^ wanted):
                fails.append(one & ~wanted)
        holds = kept
    for unknown, inner in condition.nots:
        kept = []
        for one in holds:
            known, unsure = _known(one, unknown, inner.fields)
            fails += unsure
            for left in known:
                yes, no = split(inner, left)
                fails += yes
                kept += no
        holds = kept
    return holds, fails


def _known(box: int, unknown: int, fields: Iterable[Field]) -> tuple[list[int], list[int]]:
    """The part of a box where these fields are known, and the parts where one of them isn't."""
    unsure = []
    if box & unknown:
        for field in fields:
            if box & field.absent:
                unsure.append(box & ~field.answered)
                box &= ~field.absent
                if not box & field.all:
                    return [], unsure
    return [box], unsure


class Space:
    """The fields of the facts of some files, and their conditions as splits of boxes."""

    def __init__(self, declared: Mapping[str, dict[str, Any]], conditions: Iterable[When]) -> None:
        wanted: dict[str, list[object]] = {}
        for when in conditions:
            _collect(when, wanted)
        self.fields: dict[str, Field] = {}
        shift = 0
        for name, fact in {**_BUILTIN, **declared}.items():
            values = tuple(_values(fact, wanted.get(name, [])))
            # The channel and the day are always there.
            silent = 0 if name in {"channel", "today"} else 1 << shift
            answered = ((1 << len(values)) - 1) << (shift + 1)
            absent = 0 if "default" in fact else silent
            unknown = 0 if name in _BUILTIN else absent
            self.fields[name] = Field(name, silent, answered, unknown, absent, values)
            shift += len(values) + 1
        self.facts = {**_BUILTIN, **declared}
        self.everything = sum(f.all for f in self.fields.values())

    def condition(self, when: When | None) -> Condition | None:
        """A `when` of these files, compiled; None where there is none."""
        if not when:
            return None
        parts: list[tuple[int, int]] = []
        nots: list[tuple[int, Condition]] = []
        fields: list[Field] = []
        for name, wanted in when.items():
            if name == "not":
                inner = self.condition(wanted)
                # Nothing at all always holds, and its opposite never.
                inner = inner or Condition((), (), (), 0)
                nots.append((_join(f.absent for f in inner.fields), inner))
                fields += inner.fields
                continue
            field = self.fields[name]
            fields.append(field)
            parts.append((field.all, self._wanted(field, wanted)))
        return Condition(tuple(parts), tuple(nots), tuple(fields), _join(f.unknown for f in fields))

    def _wanted(self, field: Field, wanted: object) -> int:
        fact = self.facts[field.fact]
        kind = _kind(fact)
        found, bit = 0, field.answered & -field.answered
        for value in field.values:
            if matches(kind, value, wanted):
                found |= bit
            bit <<= 1
        default = fact.get("default")
        return found | (field.silent if default is not None and matches(kind, default, wanted) else 0)


def _join(bits: Iterable[int]) -> int:
    found = 0
    for one in bits:
        found |= one
    return found


def _collect(when: When, wanted: dict[str, list[object]]) -> None:
    for name, value in when.items():
        if name == "not":
            _collect(value, wanted)
        else:
            wanted.setdefault(name, []).append(value)


def _kind(fact: dict[str, Any]) -> str:
    return "one-of" if "one-of" in fact else fact.get("kind") or "text"


def _values(fact: dict[str, Any], wanted: list[object]) -> list[str]:
    """One value for each group of values that the conditions tell apart."""
    kind = _kind(fact)
    if not wanted:
        options = list(fact.get("one-of") or ()) or ["yes" if kind == "yes-no" else _SAMPLES.get(kind, "something")]
        return options[:1]
    found: dict[tuple[bool, ...], str] = {}
    for value in _candidates(kind, fact, wanted):
        found.setdefault(tuple(matches(kind, value, w) for w in wanted), value)
    return list(found.values())


def _candidates(kind: str, fact: dict[str, Any], wanted: list[object]) -> list[str]:
    """Values of every group: those that conditions name, and their neighbours on both sides."""
    if kind == "one-of":
        return list(fact["one-of"])
    if kind == "yes-no":
        return ["yes", "no"]
    named: list[str] = []
    for one in wanted:
        named += list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else [str(one)]
    named = list(dict.fromkeys(named))
    if kind in {"money", "number"}:
        return _amounts(kind, named)
    if kind in {"date", "time", "moment"}:
        return _times(kind, named)
    other = "something"
    while other in named:
        other += " else"
    return [other, *named]


def _amounts(kind: str, named: list[str]) -> list[str]:
    from decimal import Decimal
    from itertools import pairwise

    points = sorted({Decimal(n) for n in named})
    least = Decimal(0) if kind == "money" else points[0] - 1
    between = [(a + b) / 2 for a, b in pairwise(points)]
    near = [points[-1] + 1, *between, points[0] - 1, *points]
    if kind == "money" and 0 < points[0] < 1:
        near.append(Decimal(0))
    return [f"{n:.2f}" if kind == "money" else f"{n.normalize():f}" for n in near if n >= least]


def _around(at: datetime, step: timedelta) -> Iterator[datetime]:
    """A point in time and its neighbours, as far as the calendar goes."""
    yield at
    with suppress(OverflowError):
        yield at - step
    with suppress(OverflowError):
        yield at + step


def _times(kind: str, named: list[str]) -> list[str]:
    from datetime import datetime, timedelta

    step = timedelta(days=1) if kind == "date" else timedelta(minutes=1)
    found = []
    for name in named:
        try:
            at = datetime.fromisoformat(f"2026-01-15T{name}" if kind == "time" else name)
        except ValueError:
            found.append(name)
            continue
        for near in _around(at, step):
            if kind == "date":
                found.append(near.date().isoformat())
            elif kind == "moment":
                found.append(near.isoformat(timespec="minutes"))
            elif near.date() == at.date():
                found.append(near.isoformat(timespec="minutes")[11:])
    return found or [_SAMPLES[kind]]
