"""`begin(text, other=text …)`: a call with a playbook written in the test; afterwards its journal must replay to it."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from calmdesk.call.state import replay
from calmdesk.journal.codec import decode, encode

from .player import Player

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calmdesk.call.events import Stamp
    from calmdesk.playbook.model import Edition

HEAD = "calmdesk: 1\ntitle: A title\ngoal: A goal.\n"


@pytest.fixture
def begin(books: Callable[..., Edition], clock: Callable[[], Stamp]) -> Iterator[Callable[..., Player]]:
    begun: list[Player] = []

    def make(text: str, *, channel: str = "phone", case: str = "", policy: str = "", **others: str) -> Player:
        texts = {name: HEAD + dedent(body) for name, body in others.items()}
        if policy:
            texts["policy"] = "calmdesk-policy: 1\n" + dedent(policy)
        player = Player(books(HEAD + dedent(text), **texts), clock, channel=channel, case=case)
        begun.append(player)
        return player

    yield make
    for player in begun:
        assert replay(player.entries) == player.call
        assert replay((at, decode(encode(event))) for at, event in player.entries) == player.call
