"""Events become rows and rows become the same events; rows of older versions are lifted here.

A row's data is a list of the event's fields in their order. Words that a person typed are taken out
of it, to be kept (and forgotten) apart. Fields at the end that have their default are left out; so a field
with a default may be added at the end of an event without a new version, and anything else needs one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.call import events as e
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from calmdesk.call.events import Event

VERSION = 1
NO_WORDS = "…"
"""What stands where words were forgotten, or can't be read."""
KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in e.EVENTS}
_WORDS = {
    "Started": ("case",),
    "Noted": ("text",),
    "Promised": ("what", "who"),
    "HandedOver": ("to",),
    "Unmasked": ("text",),
    "Said": ("text",),
    "Drilled": ("text",),
}


TYPED = ("text", "number", "date")
"""Kinds of facts that a person types and that may tell who somebody is; they are kept as words, to be forgotten."""


class Row(NamedTuple):
    """An event as it is kept: the fields that are words stand as None in `data`, in order in `words`."""

    kind: str
    version: int
    data: list[Any]
    words: tuple[str, ...]


def _word_fields(event_kind: str, data: list[Any]) -> tuple[str, ...]:
    if event_kind in {"Answered", "Corrected"} and data[1] in TYPED:
        return ("value",)
    return _WORDS.get(event_kind, ())


def _plain(value: Any) -> Any:  # noqa: ANN401 - any part of an event
    return [_plain(x) for x in value] if isinstance(value, tuple) else value


def encode(event: Event) -> Row:
    """An event as a row."""
    kind = type(event).__name__
    data = [_plain(x) for x in event]
    words = []
    for field in _word_fields(kind, data):
        at = event._fields.index(field)
        if data[at]:
            words.append(data[at])
            data[at] = None
    defaults = event._field_defaults
    while (
        data and event._fields[len(data) - 1] in defaults and data[-1] == _plain(defaults[event._fields[len(data) - 1]])
    ):
        data.pop()
    return Row(kind, VERSION, data, tuple(words))


def _safe(value: Any) -> Any:  # noqa: ANN401 - any part of an event
    """What another tool may have written: no text of an event moves a cursor or begins a line."""
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else clean(value)
    return [_safe(x) for x in value] if isinstance(value, list) else value


def _place(value: list[list[Any]]) -> e.Place:
    return tuple(e.Frame(*frame) for frame in value)


def decode(row: Row) -> Event:
    """The event of a row. Forgotten words come back as an ellipsis.

    Raises ValueError for a kind or a version that this calmdesk doesn't know.
    """
    kind = KINDS.get(row.kind)
    if kind is None or row.version > VERSION:
        raise ValueError(row.kind)
    data = list(row.data)
    words = list(row.words)
    for field in _word_fields(row.kind, data):
        at = kind._fields.index(field)
        if at < len(data) and data[at] is None:
            data[at] = words.pop(0) if words else NO_WORDS
    data = [_safe(value) for value in data]
    for at, field in enumerate(kind._fields[: len(data)]):
        if field == "place":
            data[at] = _place(data[at])
        elif field in {"digests", "meters", "ratings"}:
            data[at] = tuple((name, found) for name, found in data[at])
        elif isinstance(data[at], list):
            data[at] = tuple(data[at])
    return kind(*data)
