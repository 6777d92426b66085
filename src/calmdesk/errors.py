"""The world went wrong: one exception family, caught in one place (`cli`), never printing itself."""

from __future__ import annotations


class CalmdeskError(Exception):
    """What happened, what to do next, and the exit code of the reference that says it to a script.

    Args:
        message: one clear sentence: what happened and where.
        hint: what to do next, as a sentence or a command; may be empty.
        exit_code: 2 usage, 3 cannot read or write, 4 nobody answers, 5 the journal can't be used,
            10 the call is open in another window.

    """

    def __init__(self, message: str, hint: str = "", exit_code: int = 3) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
