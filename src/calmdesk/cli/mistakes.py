"""A command line that doesn't fit becomes one sentence, and the command that was probably meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from calmdesk.cli.declared import find_below, find_command, read_commands
from calmdesk.cli.manual import HELP, usage
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calmdesk.cli.declared import Command

_QUOTED = re.compile(r"“(.+)”")
_UNKNOWN = re.compile(r"No such command '(.*?)'\.", re.DOTALL)
_TOO_MANY = re.compile(r"unexpected extra argument(?:s|\(s\))? \((.*)\)\Z", re.DOTALL)
_NO_NUMBER = re.compile(r"'(.*)' is not a valid int(?:eger)?\.?\Z", re.DOTALL)


def read_mistake(error: Any, words: list[str]) -> CalmdeskError:  # noqa: ANN401 - of a class that Typer doesn't name
    """What Typer found wrong with these words, in ours: what it was, where, and what to do next."""
    command = _command(getattr(error, "ctx", None), words)
    see = f"`{command.name} --help` shows what there is."
    kind, said = type(error).__name__, str(getattr(error, "message", error))
    if unknown := _UNKNOWN.match(said):
        return _unknown_command(command, unknown[1])
    if kind == "NoSuchOption":
        return _unknown_option(command, str(error.option_name))
    if kind == "MissingParameter":
        wanted = next((a for a in command.arguments if a.name == getattr(error.param, "name", "")), None)
        told = f"`{command.name}` wants {wanted.metavar}: {_lowered(wanted.says)}" if wanted else error.format_message()
        example = f"For example: `{command.examples[0]}`." if command.examples else f"`{usage(command)}`"
        return CalmdeskError(told, example, 2)
    if kind == "BadOptionUsage":
        option = next((o for o in command.options if error.option_name in o.names), None)
        if option is not None and option.metavar:
            return CalmdeskError(
                f"{error.option_name} of `{command.name}` wants a value: {error.option_name} {option.metavar}.", see, 2
            )
    if kind == "BadParameter" and error.param is not None:
        no_number = _NO_NUMBER.match(said)
        told = f"“{clean(no_number[1])}” is no whole number." if no_number else said
        return CalmdeskError(f"{error.param.opts[0]} of `{command.name}`: {told}", see, 2)
    if extra := _TOO_MANY.search(said):
        return CalmdeskError(
            f"`{command.name}` can't do anything with “{clean(extra[1])}”.",
            f"It is written `{usage(command)}`; several words that belong together stand in quotes.",
            2,
        )
    return CalmdeskError(said, see, 2)


def _command(context: Any, words: list[str]) -> Command:  # noqa: ANN401 - of a class that Typer doesn't name
    """The command in which it went wrong; where that isn't told, the one that was named."""
    if context is None:
        return find_command(words)
    path: list[str] = []
    while context.parent is not None:
        path.insert(0, str(context.info_name))
        context = context.parent
    return find_command(path)


def _unknown_command(group: Command, typed: str) -> CalmdeskError:
    """A command that there isn't: one spelled like it, the same one elsewhere, or what `handle` and `practice` play."""
    told = (
        f"No such command: “{clean(typed)}”." if not group.path else f"`{group.name}` has no command “{clean(typed)}”."
    )
    here = {c.path[-1]: c for c in find_below(group.path)}
    elsewhere = [c for c in read_commands().values() if c.path and c.path[-1] == typed]
    near = _QUOTED.search(nearest(typed, here))
    if elsewhere:
        meant = _listed(c.name for c in elsewhere)
    elif near is not None:
        meant = f"`{here[near[1]].name}`"
    else:
        meant = _played(typed)
    see = f"`{group.name} --help` shows what there is."
    return CalmdeskError(told, f"Did you mean {meant}? {see}" if meant else see, 2)


def _played(typed: str) -> str:
    """The command that plays a playbook or scenario of this name, or nothing."""
    from calmdesk.cli import make_settings
    from calmdesk.coach.shelf import find_scenarios
    from calmdesk.playbook.folders import find_file

    library = make_settings().library
    if find_file(library, typed):
        return f"`calmdesk handle {typed}`"
    return f"`calmdesk practice {typed}`" if typed in find_scenarios(library) else ""


def _unknown_option(command: Command, typed: str) -> CalmdeskError:
    told = f"No such option of `{command.name}`: {clean(typed)}."
    names = [name for option in command.options for name in option.names] + list(HELP)
    near = _QUOTED.search(nearest(typed, names))
    if near is not None:
        return CalmdeskError(told, f"Did you mean {near[1]}? `{command.name} --help` shows what there is.", 2)
    others = [c for c in read_commands().values() if any(typed in o.names for o in c.options)]
    if others and len(others) <= 4:
        return CalmdeskError(told, f"It belongs to {_listed((c.name for c in others), 'and')}.", 2)
    return CalmdeskError(told, f"`{command.name} --help` shows what there is.", 2)


def _listed(names: Iterable[str], joined: str = "or") -> str:
    *most, last = (f"`{name}`" for name in names)
    return f"{', '.join(most)} {joined} {last}" if most else last


def _lowered(says: str) -> str:
    return says[:1].lower() + says[1:] if says[1:2].islower() or says[1:2] == " " else says
