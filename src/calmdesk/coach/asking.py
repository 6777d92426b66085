"""What a customer does with a question: the right one opens them up, and every other gets an answer of some kind."""

from __future__ import annotations

import re

_OPEN = re.compile(
    r"\b(?:what|why|which|how|when|where|who|anything else|something else)\b[^.!?]*\?"
    r"|\b(?:tell me|I['’]d (?:like|love) to (?:know|hear|understand)|may I ask|can I ask)\b",
    re.IGNORECASE,
)
_PERMISSION = re.compile(r"\b(?:may|can|shall|could|should) (?:I|we)\b[^.!?]*\?", re.IGNORECASE)
NOT_YET = (
    "That can wait. You first.",
    "I'd rather hear what you'll do.",
    "Why do you ask?",
    "One thing after the other.",
    "Ask me that again when this is moving.",
)
CALM = ("Give me a second to think about that.", "Hm. I couldn't say straight off.", "Let me think. You go on.")
GO_ON = ("Go on, then.", "Yes. Please do.", "Do that.", "All right.")


def asks_openly(reply: str) -> bool:
    """Whether a reply asks something that a yes doesn't answer."""
    return bool(_OPEN.search(reply))


def asks_something(reply: str) -> bool:
    """Whether a reply asks anything, with a question mark or without."""
    return "?" in reply or asks_openly(reply)


def find_answers_to(reply: str, *, calm: bool) -> tuple[str, ...]:
    """What may be answered to the question in a reply, where nothing else answers it; nothing where none is asked."""
    if _PERMISSION.search(reply) and not _OPEN.search(reply):
        return GO_ON
    if asks_openly(reply):
        return CALM if calm else NOT_YET
    return ()
