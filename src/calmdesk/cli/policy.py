"""`config policy`: the team's own policy, a question for each placeholder; each answer is written at once."""

from __future__ import annotations

import io
import os
import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from calmdesk.errors import CalmdeskError
from calmdesk.playbook.placeholders import Placeholder, find_placeholders
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from calmdesk.playbook.folders import Library

_WORD = re.compile(r"(\s#\s*)placeholder\b[:.]?\s*", re.IGNORECASE)


def ask_policy(library: Library, path: str) -> int:
    """Ask for each placeholder that is still in use, and write the answers to a policy of the team's own.

    Returns the exit code of the reference. Raises CalmdeskError: the file can't be read or written (3).
    """
    from calmdesk.playbook.folders import built_in_folder, read_file

    shipped = os.path.join(os.path.abspath(built_in_folder()), "policy.yaml")
    first = (shipped, read_file(shipped))
    data = read_file(path) if os.path.exists(path) else first[1]
    open_ones = _still_open(library, path, data, first)
    asked = [p for p in open_ones if p.path != ("emergency-card",)]
    if not open_ones:
        typer.echo("Every value of your policy has been decided. Nothing to ask.")
        return 0
    typer.echo(f"{len(asked)} questions. Enter keeps what stands there; “skip” leaves it for later; Ctrl-C stops.")
    typer.echo(f"Each answer is written to {clean(path)} at once.\n")
    ask = _ask_on_terminal if sys.stdin.isatty() and sys.stdout.isatty() else _ask_in_lines
    code = 0
    try:
        for number, each in enumerate(asked, 1):
            data = _answered(data, path, each, partial(ask, each, number, len(asked)))
    except KeyboardInterrupt:
        code = 130
    except EOFError:
        code = 4
    left = _still_open(library, path, data, first)
    typer.echo(f"\n{len(left)} placeholders are left." if left else "\nEvery value is your own now.")
    if any(p.path == ("emergency-card",) for p in left):
        typer.echo(f"The emergency card is yours to write: it stands at the end of {clean(path)}.")
    return code


def _still_open(library: Library, path: str, data: bytes, shipped: tuple[str, bytes]) -> list[Placeholder]:
    from calmdesk.playbook.folders import policy_paths, read_file

    others = [p for p in reversed(policy_paths(library, "")) if os.path.realpath(p) != os.path.realpath(path)]
    others = [p for p in others if p != shipped[0]]
    return find_placeholders([(path, data), *((p, read_file(p)) for p in others)], shipped)


def _answered(data: bytes, path: str, asked: Placeholder, ask: Callable[[], str]) -> bytes:
    """The policy with one question answered, on disk already; asked again until the answer can be read."""
    while True:
        typed = clean(ask()).strip()
        if typed.lower() == "skip":
            return data
        changed, complaint = _changed(data, asked, typed or asked.value)
        if not complaint:
            from calmdesk.cli.files import replace_file

            replace_file(path, changed.decode())
            return changed
        typer.echo(f"   {complaint}")


def _changed(data: bytes, asked: Placeholder, typed: str) -> tuple[bytes, str]:
    """The text with a value decided, or what keeps the answer from being read, in the reader's words."""
    from calmdesk.playbook.findings import is_error
    from calmdesk.playbook.read import read_policy

    new = _set(data.decode("utf-8-sig"), asked, typed)
    before = {f.message for f in read_policy(data).reading.findings}
    wrong = [f for f in read_policy(new).reading.findings if is_error(f) and f.message not in before]
    return new, f"{wrong[0].message} {wrong[0].tip}".strip() if wrong else ""


def _set(text: str, asked: Placeholder, typed: str) -> bytes:
    """The text with one value set; comments and layout stay, and the word “placeholder” goes."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML()
    yaml.width, yaml.preserve_quotes = 4096, True
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        document = yaml.load(text)
        at: Any = document
        for key in asked.path[:-1]:
            at = at[key] if isinstance(key, int) else at.setdefault(key, {})
        last = asked.path[-1]
        old = at[last] if isinstance(last, int) or last in at else asked.value
        if isinstance(old, list):
            old[:] = [yaml.load(part) for part in re.split(r"[\s,]+", typed) if part]
        elif isinstance(old, str):
            at[last] = typed
        else:
            at[last] = yaml.load(typed)
        out = io.StringIO()
        yaml.dump(document, out)
    except (YAMLError, LookupError, TypeError, AttributeError) as error:
        raise CalmdeskError(
            f"{asked.name} can't be set in {clean(asked.file)}.", "`calmdesk playbook lint` says what is wrong in it."
        ) from error
    return _without_mark(out.getvalue(), asked).encode()


def _without_mark(text: str, asked: Placeholder) -> str:
    """The comment beside a value no longer calls it a placeholder; one line of rungs is decided whole."""
    from calmdesk.playbook.placeholders import find_line

    number = find_line(text.encode(), asked.path)
    if number is None:
        return text
    lines = text.split("\n")
    if not (asked.path[-1] == "restore" and "gesture" in lines[number - 1]):
        lines[number - 1] = _WORD.sub(r"\1", lines[number - 1], count=1)
    return "\n".join(lines)


def _ask_on_terminal(asked: Placeholder, number: int, of: int) -> str:
    import questionary

    typer.echo(f"{number} of {of}  {clean(asked.says)}")
    # What stands there isn't put into the line: who types would only add to it.
    typed = questionary.text(f"{asked.name} [{clean(asked.value)}]:", qmark="  ").unsafe_ask()
    return str(typed)


def _ask_in_lines(asked: Placeholder, number: int, of: int) -> str:
    typer.echo(f"{number} of {of}  {clean(asked.says)}")
    typer.echo(f"   {asked.name} [{clean(asked.value)}]:")
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line
