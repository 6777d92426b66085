"""`python -m tests.commands`: writes what each command declares to `cli/commands.json`; a test says when that is due."""

from __future__ import annotations

import json
import re
from inspect import cleandoc
from pathlib import Path
from typing import Any

import typer

from calmdesk.cli.app import SECTIONS, app
from calmdesk.cli.declared import FILE

_EXAMPLES = re.compile(r"\s*\bExamples?: (?=`)(.*)\Z", re.DOTALL)


def _text(words: str) -> str:
    return " ".join(words.split())


def _option(parameter: Any) -> dict[str, Any]:
    default = parameter.default
    return {
        "names": [*parameter.opts, *parameter.secondary_opts],
        "metavar": "" if parameter.is_flag else parameter.metavar or "TEXT",
        "says": _text(parameter.help or ""),
        "default": default if isinstance(default, str) else "",
    }


def _argument(parameter: Any) -> dict[str, Any]:
    many = parameter.nargs != 1
    metavar = (parameter.metavar or parameter.name.upper()).strip("[]")
    return {
        "name": parameter.name,
        "metavar": metavar,
        "says": _text(parameter.help or ""),
        "required": bool(parameter.required),
        "many": many,
    }


def _command(path: tuple[str, ...], command: Any, section: str) -> dict[str, Any]:
    help_ = cleandoc(command.help or "")
    shown = _EXAMPLES.search(help_)
    says, *more = re.split(r"\n\s*\n", help_[: shown.start()] if shown else help_)
    return {
        "path": path,
        "section": section,
        "says": _text(says),
        "more": [_text(x) for x in more],
        "examples": re.findall(r"`([^`]+)`", shown.group(1)) if shown else [],
        "arguments": [_argument(p) for p in command.params if p.param_type_name == "argument"],
        "options": [_option(p) for p in command.params if p.param_type_name == "option"],
    }


def declare() -> str:
    """The text of `commands.json`, from the commands as they are now."""
    found = []

    def walk(path: tuple[str, ...], command: Any, section: str) -> None:
        found.append(_command(path, command, section))
        for name, below in getattr(command, "commands", {}).items():
            panel = below.rich_help_panel if isinstance(below.rich_help_panel, str) else ""
            walk((*path, name), below, panel)

    walk((), typer.main.get_command(app), "")
    sections = {each["path"][0]: SECTIONS.index(each["section"]) for each in found if len(each["path"]) == 1}
    found.sort(key=lambda each: sections[each["path"][0]] if each["path"] else -1)
    return json.dumps({"schema": 1, "commands": found}, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    Path(FILE).write_text(declare(), encoding="utf-8")
