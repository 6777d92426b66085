"""What a screen knows of the journal: whether what it shows is on disk, and what must be said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from calmdesk.call.moves import NotAllowed

if TYPE_CHECKING:
    from calmdesk.call.events import Event
    from calmdesk.call.play import Conversation


class Keeper(Protocol):
    """What remembers the call: on disk, or for a while only in memory."""

    notices: list[str]
    """What was found and done about the journal, to be said once."""

    @property
    def why(self) -> str:
        """Why the call isn't on disk, in a few words; nothing where it is."""

    @property
    def changes(self) -> str:
        """What changed in the playbook since this call began, where its new text can be taken; else nothing."""

    def save_again(self) -> None:
        """Try again to write what waits, now and then."""

    def renew(self, talk: Conversation) -> tuple[Event, ...]:
        """Go on with the new text. Raises NotAllowed where that can't be."""


class Remembered:
    """A keeper with whom all is well."""

    why = changes = ""

    def __init__(self) -> None:
        self.notices: list[str] = []

    def save_again(self) -> None:
        """Nothing waits."""

    def renew(self, talk: Conversation) -> tuple[Event, ...]:
        """Nothing is newer."""
        del talk
        raise NotAllowed("This call plays the newest text already.")


def hidden_line(talk: Conversation, key: str) -> str:
    """What was just hidden, and how to bring it back; nothing where nothing was."""
    if not talk.hidden:
        return ""
    names = dict.fromkeys(name for h in talk.hidden for name in h.names)
    return f"not kept: {', '.join(names)} ({key} brings it back)"
