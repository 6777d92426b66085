"""`handle` as a few plain arguments, read without Typer: the words come first.

Only what is spelled out whole is taken; anything else (help, short cuts, mistakes) goes to Typer, and
a test proves that both read the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.terminal.sitting import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXTS = {
    "--customer": "customer",
    "--case": "case",
    "--channel": "channel",
    "--lang": "lang",
    "--answers": "answers",
    "--summary": "summary",
    "--format": "format",
}


def read_handle(arguments: Sequence[str]) -> Options | None:
    """The options of `calmdesk handle …`, or None where Typer must look at them."""
    found: dict[str, str] = {}
    facts: list[str] = []
    plain = False
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--plain":
            plain = True
        elif word == "--fact" and rest and not rest[0].startswith("-"):
            facts.append(rest.pop(0))
        elif word in _TEXTS and rest and (rest[0] == "-" or not rest[0].startswith("-")):
            found[_TEXTS[word]] = rest.pop(0)
        elif not word.startswith("-") and "playbook" not in found:
            found["playbook"] = word
        else:
            return None
    return Options(facts=tuple(facts), plain=plain, **found)
