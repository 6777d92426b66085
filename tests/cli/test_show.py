"""`playbook show` tells everything that a reader must know: conditions, limits, money, promises, letters, ways on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Desk

BOOK = """\
calmdesk: 1
title: A kettle
goal: Warm water.
facts:
  fault: {ask: "Whose slip?", one-of: {ours: Ours, theirs: Theirs}}
  price: {ask: "What did it cost?", kind: money}
steps:
  hear:
    title: Hear
    ask: [fault, price]
    say:
      - {when: {fault: ours}, line: We got this wrong.}
      - {line: Tell me more.}
    choices:
      again: {label: They go round, go: hear, at-most: 2, then: own}
      done: {label: They have finished, go: own, when: {fault: ours}}
      by-price: {label: They ask for money, go: [{when: {price: {over: 5}}, step: gift}, {step: close}]}
  own: {title: Own, principle: own, say: That was us., go: gift}
  gift:
    title: Gift
    when: {price: {over: 0}}
    offer: {kind: gesture, ladder: goodwill, on: price}
  close: {title: Close, promise: {what: News, by: 24h}, draft: letter, end: recovered}
drafts:
  letter: It is done.
"""


def test_nothing_that_decides_is_left_out(desk: Desk, tmp_path: Path) -> None:
    book = tmp_path / "kettle.yaml"
    book.write_text(BOOK, encoding="utf-8")
    shown = desk.run("playbook", "show", book).out
    for row in (
        "    SAY (where “fault” is “Ours”)  We got this wrong.",
        "    SAY  Tell me more.",
        "    ASKS  Whose slip? (fault)",
        "    They go round -> hear (at most 2 times, then own)",
        "    They have finished (where “fault” is “Ours”) -> own",
        "    They ask for money -> gift (where “price” is over 5.00); else close",
        "    goes on -> gift",
        "  Gift (gift) (where “price” is over 0.00)",
        "    OFFERS  gesture on the ladder “goodwill”, by {price}",
        "    PROMISES  News, by 24h",
        "    SENDS  the letter “letter”",
        "    ends: Put right",
    ):
        assert f"{row}\n" in shown, shown
