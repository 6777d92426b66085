"""What `--help` and the manual page say, in plain lines of any width, without loading the commands themselves."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from calmdesk.cli.declared import find_below, find_command, read_commands
from calmdesk.terminal.paint import cells, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.cli.declared import Argument, Command, Option

NARROWEST, WIDEST, TWO_COLUMNS = 24, 100, 60
"""No line is shorter or longer than the first two say; below the third, what is explained stands above its words."""
HELP = ("--help", "-h")


def wants_help(arguments: Sequence[str]) -> bool:
    """Whether help is asked for: by its option, before what comes behind `--`; or by naming a group alone."""
    before = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    command = find_command(before)
    words = [word for word in before if not word.startswith("-")]
    if find_below(command.path) and len(words) > len(command.path):
        # There is no such command: that is said, and not what there is instead.
        return False
    return any(word in HELP for word in before) or _is_group(arguments)


def _is_group(arguments: Sequence[str]) -> bool:
    path = tuple(word for word in arguments if word != "--debug")
    # A group that does something by itself has options; the others only hold commands.
    return len(path) == 1 and path in read_commands() and bool(find_below(path)) and not read_commands()[path].options


def show_help(arguments: Sequence[str]) -> int:
    """Write the help that a line asks for; 2 where a group was named and no command of it."""
    command = find_command(list(arguments))
    sys.stdout.write("\n".join(render_help(command, find_width())) + "\n")
    return 2 if _is_group(arguments) else 0


def find_width() -> int:
    """Columns to write in (shutil knows them, and takes as long to load as the whole help)."""
    said = os.environ.get("COLUMNS", "")
    try:
        columns = int(said) if said.isdecimal() and int(said) else os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        columns = 80
    return max(NARROWEST, min(WIDEST, (columns or 80) - 1))


def render_help(command: Command, width: int) -> list[str]:
    """The lines of a command's help."""
    rows = [*wrap(f"Usage: {usage(command)}", width), "", *wrap(command.says, width)]
    for paragraph in command.more:
        rows += ["", *wrap(paragraph, width)]
    if not command.path:
        rows += ["", *wrap("`calmdesk` alone says what waits on this desk.", width)]
    rows += _examples(command)
    rows += _below(command, width)
    if command.arguments:
        rows += ["", "Arguments:", *render_pairs([(a.metavar, a.says) for a in command.arguments], width)]
    rows += ["", "Options:", *render_pairs([(signs(o), tell_option(o)) for o in options_of(command)], width)]
    if find_below(command.path):
        rows += ["", *wrap(f"`{command.name} COMMAND --help` tells more, with examples.", width)]
    return rows


def usage(command: Command) -> str:
    """How a command is written."""
    below = ["COMMAND"] if find_below(command.path) else []
    if below and (not command.path or command.options):
        below = ["[COMMAND]"]
    return " ".join([command.name, *below, *map(_placed, command.arguments), "[OPTIONS]"])


def _placed(argument: Argument) -> str:
    shown = f"{argument.metavar} …" if argument.many and not argument.metavar.endswith("…") else argument.metavar
    return shown if argument.required else f"[{shown}]"


def options_of(command: Command) -> list[Option]:
    """Its own options, and the one that all have."""
    from calmdesk.cli.declared import Option

    return [*command.options, Option(HELP, "", "Show this and exit.", "")]


def signs(option: Option) -> str:
    """An option as it is typed."""
    return ", ".join(option.names) + (f" {option.metavar}" if option.metavar else "")


def tell_option(option: Option) -> str:
    """What an option does, and what holds without it."""
    return f"{option.says} Usually {option.default}." if option.default else option.says


def _examples(command: Command) -> list[str]:
    """Examples stand on lines of their own and are never broken: they are there to be copied."""
    if not command.examples:
        return []
    return ["", "Examples:" if len(command.examples) > 1 else "Example:", *(f"  {x}" for x in command.examples)]


def _below(command: Command, width: int) -> list[str]:
    rows: list[str] = []
    below = find_below(command.path)
    for section in dict.fromkeys(c.section for c in below):
        told = [(c.path[-1], _told(c)) for c in below if c.section == section]
        rows += ["", f"{section or 'Commands'}:", *render_pairs(told, width)]
    return rows


def _told(command: Command) -> str:
    names = ", ".join(c.path[-1] for c in find_below(command.path))
    return f"{command.says} ({names})" if names else command.says


def render_pairs(pairs: Sequence[tuple[str, str]], width: int) -> list[str]:
    """Names with what they mean: beside each other where there is room."""
    widest = max(cells(name) for name, _ in pairs)
    rows = []
    for name, says in pairs:
        if width < TWO_COLUMNS or widest > width // 2:
            rows += [f"  {name}", *(f"      {row}" for row in wrap(says, width - 6))]
            continue
        first, *rest = wrap(says, width - widest - 4)
        rows.append(f"  {name}{' ' * (widest - cells(name))}  {first}".rstrip())
        rows += [" " * (widest + 4) + row for row in rest]
    return rows


# --- the manual page

EXIT_CODES = (
    ("0", "fine"),
    ("1", "findings of lint, failed tests, words that hurt, a lost rehearsal, a BAD of doctor"),
    ("2", "usage: something was asked for that there isn't"),
    ("3", "something can't be read or written"),
    ("4", "nobody answers: the call is parked"),
    ("5", "the journal can't be used"),
    ("10", "the call is open in another window"),
    ("129", "hung up"),
    ("130", "Ctrl-C: the call is parked"),
    ("143", "terminated"),
)
VARIABLES = (
    ("CALMDESK_HOME", "one folder for everything: journal, configuration and cache"),
    ("CALMDESK_PLAYBOOKS", "more folders with playbooks, nearest first"),
    ("CALMDESK_ROLE", "whose rung this desk stands on"),
    ("CALMDESK_RETENTION", "how long typed words are kept, such as 90d"),
    ("ACCESSIBLE", "1 for lines of text instead of a screen"),
    ("NO_COLOR", "no colour, whatever it is set to"),
    ("FORCE_COLOR", "colour even where it isn't a terminal; NO_COLOR wins"),
    ("CALMDESK_STILL", "1: nothing on a screen moves by itself"),
)


def write_page() -> None:
    """The manual page on stdout."""
    sys.stdout.write("\n".join(render_page()) + "\n")


def render_page() -> list[str]:
    """The manual page, in the macros of man(7)."""
    from calmdesk import __version__

    root = read_commands()[()]
    rows = [
        f'.TH CALMDESK 1 "" "calmdesk {__version__}" "calmdesk"',
        ".SH NAME",
        "calmdesk \\- a coach for people who answer unhappy customers",
        ".SH SYNOPSIS",
        *(f".B {_roff(c.name)}\n{_roff(usage(c).removeprefix(c.name).strip())}\n.br" for c in find_below(())),
        ".SH DESCRIPTION",
        _line(root.says),
        ".PP",
        _line("calmdesk alone says what waits on this desk: a call to resume, promises, and what to practise next."),
    ]
    for section in dict.fromkeys(c.section for c in find_below(())):
        rows.append(f'.SH "{_roff(section.upper())}"')
        for command in find_below(()):
            if command.section == section:
                rows += _manual(command)
    rows += [".SH OPTIONS", *_terms([(signs(o), tell_option(o)) for o in options_of(root)])]
    rows += [".SH ENVIRONMENT", *_terms(VARIABLES), '.SH "EXIT STATUS"', *_terms(EXIT_CODES)]
    return rows


def _manual(command: Command) -> list[str]:
    """A command and those below it, each under a heading of its own."""
    rows = [f'.SS "{_roff(usage(command))}"', _line(command.says)]
    for paragraph in command.more:
        rows += [".PP", _line(paragraph)]
    told = [(a.metavar, a.says) for a in command.arguments] + [(signs(o), tell_option(o)) for o in command.options]
    rows += _terms(told)
    if command.examples and not find_below(command.path):
        rows += [".PP", "For example:", ".PP", ".nf", *(_line(f"    {x}") for x in command.examples), ".fi"]
    for below in find_below(command.path):
        rows += _manual(below)
    return rows


def _terms(pairs: Sequence[tuple[str, str]]) -> list[str]:
    return [row for name, says in pairs for row in (".TP", f".B {_roff(name)}", _line(says or name))]


def _line(text: str) -> str:
    """A line of text; a point or quote at its beginning is one, and no command of roff."""
    return ("\\&" if text[:1] in {".", "'"} else "") + _roff(text)


# What roff would take for something of its own, and the signs that every device of it has.
_ROFF = {
    "\\": "\\e", "-": "\\-", "“": "\\(lq", "”": "\\(rq", "‘": "\\(oq", "’": "\\(cq", "'": "\\(aq",
    "`": "\\(ga", "…": "...", "–": "\\(en", "·": "\\(bu", "^": "\\(ha", "~": "\\(ti", '"': "\\(dq", "→": "\\(->",
}  # fmt: skip


def _roff(text: str) -> str:
    return "".join(_ROFF.get(c, c) for c in text)
