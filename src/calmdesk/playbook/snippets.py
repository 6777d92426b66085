"""What an editor puts in when a trainer types a short word: a step, an interruption, a letter, a test, a fact, a choice.

Each is a whole part that plays as it is, in the place that its `where` names.
"""

from __future__ import annotations

from typing import NamedTuple


class Snippet(NamedTuple):
    """A part of a playbook to put in; `${1:words}` are places to fill, with what stands there until then."""

    name: str
    prefix: str
    where: str
    body: tuple[str, ...]


SNIPPETS = (
    Snippet(
        "A step",
        "calmdesk-step",
        "below `steps:`, two spaces in",
        (
            "${1:look}:",
            "  title: ${2:Look it up}",
            "  principle: ${3|listen,explain,fix,follow-up,own,empathise|}",
            "  cue: [${4:Say what you are doing}]",
            '  say: "${5:Give me a moment with your order. I\'m reading it from the start.}"',
        ),
    ),
    Snippet(
        "An interruption",
        "calmdesk-interruption",
        "below `interruptions:`, two spaces in",
        (
            "${1:card-number}:",
            "  label: ${2:They read their card out}",
            "  card:",
            "    title: ${3:Stop them kindly}",
            "    say: \"${4:Please don't read it out. I don't need it.}\"",
        ),
    ),
    Snippet(
        "A letter",
        "calmdesk-letter",
        "below `drafts:`, two spaces in; a step names it with `draft: letter`",
        ("${1:letter}: |", "  Dear {customer},", "", "  ${2:as agreed, it is on its way.}"),
    ),
    Snippet(
        "A test",
        "calmdesk-test",
        "below `tests:`, two spaces in",
        (
            "- name: ${1:What the situation is}",
            "  facts: {${2:customer: Rosa}}",
            "  choose: [${3:}]",
            "  expect: {disposition: ${4:recovered}, passes: [${5:close}]}",
        ),
    ),
    Snippet(
        "A fact",
        "calmdesk-fact",
        "below `facts:`, two spaces in",
        ('${1:arrives}: {ask: "${2:When does it arrive?}", kind: ${3|text,money,number,date,time,moment,yes-no|}}',),
    ),
    Snippet(
        "A choice",
        "calmdesk-choice",
        "below a step's `choices:`, six spaces in",
        ('${1:agreed}: {label: "${2:They agree}", go: ${3:close}}',),
    ),
)


def vscode_snippets() -> dict[str, object]:
    """The snippets as VS Code reads them (`.vscode/calmdesk.code-snippets`)."""
    return {
        f"calmdesk: {each.name}": {
            "scope": "yaml",
            "prefix": each.prefix,
            "description": f"{each.name} of a calmdesk playbook: {each.where}.",
            "body": list(each.body),
        }
        for each in SNIPPETS
    }
