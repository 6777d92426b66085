"""`handle` and `playbook lint` as a few plain arguments, read without Typer, which takes longer than their work.

The words come first; and an editor or a hook lints at each save.

Only what is spelled out whole is taken; anything else (help, short cuts, mistakes) goes to Typer, and
a test proves that both read the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.cli.linting import Wanted
    from calmdesk.terminal.sitting import Options

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
    from calmdesk.terminal.sitting import Options

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


def read_lint(arguments: Sequence[str]) -> Wanted | None:
    """What `calmdesk playbook lint …` is asked for, or None where Typer must look at it."""
    from calmdesk.cli.linting import Wanted

    rest, paths, form = list(arguments), [], "text"
    while rest:
        word = rest.pop(0)
        if word == "--format" and rest and not rest[0].startswith("-"):
            form = rest.pop(0)
        elif word.startswith("-"):
            return None
        else:
            paths.append(word)
    return Wanted(tuple(paths), form) if paths else None
