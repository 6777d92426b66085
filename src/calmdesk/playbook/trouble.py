"""A syntax error in plain words: what a colleague would say who looks at the line."""

from __future__ import annotations

import re

QUOTES = "Put the whole text in quotes."


_OPENERS = {
    "%": "A text can't start with %.",
    "@": "A text can't start with @.",
    "`": "A text can't start with a backtick.",
}


def explain(here: str, column: int, since: str, problem: str) -> tuple[str, str, str]:
    """A syntax error in plain words, by looking at the line as a colleague would."""
    at = here[column - 1 : column]
    if at in _OPENERS:
        return "special-start", _OPENERS[at], QUOTES
    if found := re.match(r"[\s-]*(?:[\w-]+:\s+)?([*&!])", here):
        return "special-start", f"A text can't start with {found.group(1)}.", QUOTES
    if re.search(r"\s#", since or here) and ("{" in since + here or "[" in since + here):
        return "hash-in-braces", "A # inside { } or [ ] makes the rest of the line a comment.", QUOTES
    if "?" in here and ("{" in here or "[" in here):
        return "question-mark", "A question mark inside { } or [ ] can't stand without quotes.", QUOTES
    if "mapping values" in problem or re.search(r":\s.*:\s", here):
        return "colon-in-text", "A colon and a space inside a text start a new key.", QUOTES
    if re.search(r":\s*[{\[].*[}\]]\s*\S", here):
        return "text-in-braces", "A text that starts with { or [ is read as a group.", QUOTES
    if '"' in here or "'" in here:
        return (
            "open-quote",
            "A quotation mark is open here, or text follows after it was closed.",
            ("Close the quotation mark at the end of the text, and let nothing follow it."),
        )
    return (
        "not-yaml",
        "This line doesn't fit what stands above it.",
        ("Check the indentation: lines that belong together start in the same column."),
    )
