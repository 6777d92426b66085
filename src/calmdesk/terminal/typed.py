"""The line being typed: what it is for, what it began with, and what was typed and not saved yet."""

from __future__ import annotations

from calmdesk.call import need as n
from calmdesk.safetext import clean
from calmdesk.terminal.picking import ASKED


class OpenLine:
    """One line at a time; what is left in it without being saved waits until it is opened again."""

    def __init__(self) -> None:
        self.what = ""
        self.hint = ""
        self.begun = ""
        self.kept: dict[str, str] = {}

    def open(self, what: str, hint: str, text: str = "") -> None:
        """Start typing, in `text`; an asked fact needs no hint, its question stands in the step."""
        self.what, self.hint, self.begun = what, hint, text

    def close(self) -> None:
        """Keys are moves again."""
        self.what, self.hint = "", ""

    def slot(self, need: n.Need) -> str:
        """What tells one line from another: an answer is an answer to one fact."""
        return f"{self.what}:{need.fact.id}" if self.what == ASKED and isinstance(need, n.AskFact) else self.what

    def start(self, need: n.Need) -> str:
        """What the line starts with: what was typed into it and not saved, else the old answer."""
        return self.kept.get(self.slot(need), self.begun)

    def unfinished(self, text: str, need: n.Need) -> str:
        """Everything typed and not saved, in one line; `text` is what stands in the line now."""
        if self.what:
            self.keep(text, need)
        left = [x for x in self.kept.values() if not x.startswith("/")]
        return " / ".join(dict.fromkeys(clean(x) for x in left if x.strip()))

    def keep(self, text: str, need: n.Need) -> None:
        """Remember what is in the line, where it is more than the line began with."""
        self.kept.pop(self.slot(need), None)
        if text.strip() and text != self.begun:
            self.kept[self.slot(need)] = text
