"""A call on the screen without a terminal, and the real program on a terminal of its own."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import pytest

from calmdesk.call import moves
from calmdesk.call.play import Conversation
from calmdesk.call.values import Call
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from calmdesk.terminal.board import Board
from calmdesk.terminal.paint import plain_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from calmdesk.call.events import Event
    from calmdesk.playbook.model import Edition
    from tests.conftest import Clock


class Shown:
    """A board with what it copied and what was recorded; `screen` is what an agent sees."""

    def __init__(self, edition: Edition, clock: Clock, **given: str) -> None:
        self.events: list[Event] = []
        self.copied: list[str] = []
        self.clock = clock
        talk = Conversation(edition, Call(), record=lambda events, _: self.events.extend(events), now=clock)
        talk.take(lambda _: [moves.start(edition, case="4471")])
        for name, value in given.items():
            talk.take(partial(moves.tell, name=name.replace("_", "-"), typed=value))
        self.board = Board(talk, copy=self.copied.append, wrapup=lambda: "Angry caller — Put right\n  the summary\n")

    def screen(self, width: int = 80, height: int = 24) -> str:
        drawn = self.board.draw(width, height)
        line = ["▸"] if self.board.typing else []
        gap = height - len(drawn.body) - len(drawn.foot) - len(line)
        return "\n".join([plain_text(drawn.body), *line, *[""] * gap, plain_text(drawn.foot)])

    def press(self, *keys: str) -> str:
        for key in keys:
            self.board.press(key)
        return self.screen()

    def type(self, text: str) -> str:
        assert self.board.typing, self.screen()
        self.board.typed(text)
        return self.screen()


@pytest.fixture
def angry(tmp_path: Path, clock: Clock) -> Shown:
    """The shipped angry-caller, just begun, with Rosa on the line."""
    library = Library((os.path.abspath(built_in_folder()),), str(tmp_path / "cache"))
    return Shown(open_edition(library, "angry-caller").edition, clock, customer="Rosa")


@pytest.fixture
def board(books: Callable[..., Edition], clock: Clock) -> Callable[..., Shown]:
    """`board(text, other=text)`: a call with a playbook written in the test."""
    return lambda text, **others: Shown(books(text, **others), clock)
