"""Events become rows and rows become the same events; typed words stand apart."""

from __future__ import annotations

import json

import pytest

from calmdesk.call import events as e
from calmdesk.journal.codec import KINDS, VERSION, Row, decode, encode

from .examples import EXAMPLES, TOP


def through_json(row: Row) -> Row:
    """A row as it comes back from where it is kept."""
    kind, version, data, words = json.loads(json.dumps(row))
    return Row(kind, version, data, tuple(words))


@pytest.mark.parametrize("kind", e.EVENTS, ids=lambda k: k.__name__)
def test_every_kind_of_event_has_an_example_here(kind: type[e.Event]) -> None:
    assert any(type(x) is kind for x in EXAMPLES), f"add an example of {kind.__name__} to examples.py"


def test_every_kind_of_event_is_known_by_its_name() -> None:
    assert {k.__name__: k for k in e.EVENTS} == KINDS
    assert set(e.EVENTS) == set(e.Event.__args__)


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda x: type(x).__name__)
def test_an_event_comes_back_as_it_was(event: e.Event) -> None:
    back = decode(through_json(encode(event)))
    assert back == event
    assert type(back) is type(event)
    assert [type(x) for x in back] == [type(x) for x in event]


def test_a_place_comes_back_as_frames() -> None:
    back = decode(through_json(encode(e.Interrupted("x", TOP))))
    assert isinstance(back, e.Interrupted)
    assert isinstance(back.place[0], e.Frame)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (e.Answered("problem", "text", "my secret"), ("my secret",)),
        (e.Corrected("problem", "text", "my secret", 1, TOP), ("my secret",)),
        (e.Noted("my secret"), ("my secret",)),
        (e.Promised("p1", "my secret", "17:00", "Ana Secret"), ("my secret", "Ana Secret")),
        (e.HandedOver("Ana Secret"), ("Ana Secret",)),
    ],
)
def test_typed_words_are_taken_out_of_the_row(event: e.Event, words: tuple[str, ...]) -> None:
    row = encode(event)
    assert row.words == words
    assert "ecret" not in json.dumps(row.data)
    assert decode(through_json(row)) == event


@pytest.mark.parametrize(
    "event",
    [
        e.Answered("price", "money", "8.90"),
        e.Answered("fault", "one-of", "ours"),
        e.Corrected("ok", "yes-no", "yes", 1, ()),
    ],
)
def test_a_fact_that_is_no_text_has_no_words(event: e.Event) -> None:
    assert encode(event).words == ()


@pytest.mark.parametrize(
    ("event", "back"),
    [
        (e.Answered("problem", "text", "my secret"), e.Answered("problem", "text", "…")),
        (e.Noted("my secret"), e.Noted("…")),
        (e.Promised("p1", "my secret", "17:00", "Ana"), e.Promised("p1", "…", "17:00", "…")),
        (e.HandedOver("Ana"), e.HandedOver("…")),
    ],
)
def test_forgotten_words_come_back_as_an_ellipsis(event: e.Event, back: e.Event) -> None:
    assert decode(encode(event)._replace(words=())) == back


def test_an_unknown_kind_or_a_newer_version_is_refused() -> None:
    row = encode(e.Noted("x"))
    with pytest.raises(ValueError, match="Sang"):
        decode(row._replace(kind="Sang"))
    with pytest.raises(ValueError, match="Noted"):
        decode(row._replace(version=VERSION + 1))


def test_a_row_from_before_a_field_was_added_takes_its_default() -> None:
    row = encode(e.Moved("on", "", TOP))
    assert decode(row._replace(data=row.data[:3])) == e.Moved("on", "", TOP, ())
    given = encode(e.Answered("price", "money", "1.00"))
    assert decode(given._replace(data=given.data[:3])) == e.Answered("price", "money", "1.00", given=False)


def test_a_row_is_never_changed_by_reading_it() -> None:
    for event in EXAMPLES:
        row = through_json(encode(event))
        before = json.dumps(row)
        decode(row)
        assert json.dumps(row) == before


@pytest.mark.parametrize("event", [e.Started(TOP, (), "phone", "Rosa Delgado 4711")], ids=["case"])
def test_the_case_a_person_typed_is_among_the_words(event: e.Event) -> None:
    assert "Rosa" not in json.dumps(encode(event).data)
