"""What each command declares, for help, the manual page, completion and mistakes: the words of app.py without its imports.

`commands.json` is written from the commands themselves by `python -m tests.commands`; a test keeps it current.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import NamedTuple

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "commands.json")


class Option(NamedTuple):
    """An option of a command."""

    names: tuple[str, ...]
    metavar: str
    """What its value looks like; empty for a flag."""
    says: str
    default: str


class Argument(NamedTuple):
    """What a command is told without an option."""

    name: str
    metavar: str
    says: str
    required: bool
    many: bool


class Command(NamedTuple):
    """A command, or a group of them, as its help tells it."""

    path: tuple[str, ...]
    """Its words, without `calmdesk`."""
    section: str
    """What it stands with in `calmdesk --help`; empty for what stands below a group."""
    says: str
    """One sentence."""
    more: tuple[str, ...]
    """More paragraphs."""
    examples: tuple[str, ...]
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]

    @property
    def name(self) -> str:
        """How it is called."""
        return " ".join(("calmdesk", *self.path))


@cache
def read_commands() -> dict[tuple[str, ...], Command]:
    """Path → command, in the order they are shown; `()` is calmdesk itself."""
    with open(FILE, encoding="utf-8") as file:
        listed = json.load(file)["commands"]
    found = {}
    for each in listed:
        path = tuple(each["path"])
        found[path] = Command(
            path,
            each["section"],
            each["says"],
            tuple(each["more"]),
            tuple(each["examples"]),
            tuple(Argument(**argument) for argument in each["arguments"]),
            tuple(Option(**{**option, "names": tuple(option["names"])}) for option in each["options"]),
        )
    return found


def find_below(path: tuple[str, ...]) -> list[Command]:
    """The commands of a group, in order; nothing for a command that is none."""
    return [c for c in read_commands().values() if len(c.path) == len(path) + 1 and c.path[: len(path)] == path]


def find_command(words: list[str]) -> Command:
    """The command that a line's first words name, as far as they name one."""
    known = read_commands()
    path: tuple[str, ...] = ()
    for word in words:
        if word.startswith("-") and not path:
            # What stands before a command (`--debug`) is calmdesk's own.
            continue
        if (*path, word) not in known:
            break
        path = (*path, word)
    return known[path]
