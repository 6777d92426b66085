"""`config`: what this desk is set to, where each value comes from, and changing the user's own; never shows a secret."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from calmdesk.cli.files import replace_file
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean, json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.configuration import Value
    from calmdesk.settings import Settings

config_app = typer.Typer(help="Configuration: show, set, path.", no_args_is_help=True)
JsonFlag = Annotated[bool, typer.Option("--json", help="As JSON.")]
_PASSWORD = re.compile(r"(://[^/@:\s]*:)[^/@\s]+@")


class Row(NamedTuple):
    """One key as it is shown; `None` where nothing is set."""

    key: str
    value: str | bool | list[str] | None
    origin: str
    locked: bool


def _settings() -> Settings:
    from calmdesk.settings import read_settings

    return read_settings(os.environ)


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json_text(value) + "\n")


def list_rows(settings: Settings) -> list[Row]:
    """Each key of the settings, and each limit there is."""
    from calmdesk.configuration import is_locked

    limits = {
        f"limits.{ladder}.{role}.{kind}": amount
        for ladder, roles in settings.limits.items()
        for role, kinds in roles.items()
        for kind, amount in kinds.items()
    }
    values: dict[str, str | bool | list[str] | None] = {
        "role": clean(settings.role) or None,
        **(limits or {"limits": None}),
        "team-key": str(settings.team_key) if settings.team_key else None,
        "retention": f"{settings.retention_days}d" if settings.retention_days else None,
        "hook": [_PASSWORD.sub(r"\1***@", clean(x)) for x in settings.hook],
        "playbooks": [clean(x) for x in settings.folders],
        "plain": settings.plain,
        "still": settings.still,
    }
    return [
        Row(key, value, clean(settings.origins[key]), is_locked(key, settings.locked)) for key, value in values.items()
    ]


@config_app.command("show")
def show_config(
    origin: Annotated[bool, typer.Option("--origin", help="Where each value comes from.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """What this desk is set to, and what is locked. Example: `calmdesk config show --origin`"""
    settings = _settings()
    rows = list_rows(settings)
    if as_json:
        _print_json(
            {
                "schema": 1,
                "values": [row._asdict() for row in rows],
                "problems": list(settings.problems),
                "strict": settings.strict,
            }
        )
        return
    from calmdesk.terminal.tables import print_table

    print_table(
        ("key", "value", "", "from")[: 4 if origin else 3],
        [(r.key, _spoken(r), "locked" if r.locked else "", r.origin)[: 4 if origin else 3] for r in rows],
    )
    for problem in settings.problems:
        sys.stderr.write(f"calmdesk: {clean(problem)}\n")


def _spoken(row: Row) -> str:
    if isinstance(row.value, bool):
        return "true" if row.value else "false"
    if isinstance(row.value, list):
        import shlex

        return (shlex.join(row.value) if row.key == "hook" else os.pathsep.join(row.value)) or "(none)"
    return row.value or "(none)"


@config_app.command("path")
def show_paths(as_json: JsonFlag = False) -> None:
    """The files that are read, each overriding those above it. Example: `calmdesk config path`"""
    from calmdesk.settings import configuration_files, is_there

    files = [(place, clean(path), is_there(path)) for place, path in configuration_files(_settings().config)]
    if as_json:
        listed = [{"place": place, "path": path, "exists": exists} for place, path, exists in files]
        _print_json({"schema": 1, "files": listed})
        return
    from calmdesk.terminal.tables import print_table

    print_table(("place", "", "path"), [(place, "" if exists else "not there", path) for place, path, exists in files])


@config_app.command("set")
def set_config(
    key: Annotated[str, typer.Argument(metavar="KEY", help="As `calmdesk config show` says it.")],
    values: Annotated[
        list[str] | None, typer.Argument(metavar="VALUE…", help="Several for a list; -- before one that begins with -.")
    ] = None,
    unset: Annotated[bool, typer.Option("--unset", help="Take the key out of your file.")] = False,
) -> None:
    """Change one value in your own file; its comments stay. The team's key is typed, never part of the command.

    Examples: `calmdesk config set role lead` · `calmdesk config set limits.goodwill.agent.gesture 20`
    · `calmdesk config set hook -- /opt/crm/send --quiet` · `calmdesk config set role --unset` · `calmdesk config set team-key`
    """
    settings = _settings()
    _refuse_key(settings, key, unset=unset)
    path = os.path.join(settings.config, "config.toml")
    if unset:
        if values:
            raise CalmdeskError("--unset takes no value.", f"`calmdesk config set {clean(key)} --unset`", 2)
        changed = _write(path, key, None)
        typer.echo(f"{clean(key)} is {'no longer' if changed else 'not'} set in {clean(path)}")
        return
    value = _typed(key, values or [])
    _write(path, key, value)
    typer.echo(f"{clean(key)} is set in {clean(path)}")
    origin = _settings().origins.get(key, "default")
    if path not in origin:
        sys.stderr.write(
            f"calmdesk: another value counts now ({clean(origin)}); see `calmdesk config show --origin`.\n"
        )


@config_app.command("policy")
def ask_for_policy(
    file: Annotated[
        str, typer.Option("--file", metavar="PATH", help="The policy to write; without it, the one of this desk.")
    ] = "",
) -> None:
    """The team's policy, a question for each value that is still a placeholder. Example: `calmdesk config policy`"""
    from calmdesk.cli.policy import ask_policy

    settings = _settings()
    path = os.path.abspath(file) if file else os.path.join(settings.config, "playbooks", "policy.yaml")
    raise typer.Exit(ask_policy(settings.library, path))


def _refuse_key(settings: Settings, key: str, *, unset: bool) -> None:
    from calmdesk.configuration import is_locked, unknown
    from calmdesk.settings import configuration_files

    complaint = unknown(key, whole=unset)
    if complaint:
        raise CalmdeskError(complaint, "`calmdesk config show` says what there is.", 2)
    if is_locked(key, settings.locked):
        system = configuration_files(settings.config)[0][1]
        raise CalmdeskError(f"{key} is locked by {system}.", "Only who administers this machine can change it.", 2)


def _typed(key: str, words: Sequence[str]) -> Value:
    """The value that was typed, checked."""
    from calmdesk.configuration import LISTS, check

    if key == "team-key":
        words = [_read_secret(words)]
    if not words or (len(words) > 1 and key not in LISTS):
        wanted = "at least one value" if key in LISTS else "one value"
        raise CalmdeskError(f"{key} takes {wanted}.", f"`calmdesk config set {key} --unset` takes it out.", 2)
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        raise CalmdeskError(f"The value of {key} isn't UTF-8.", "Nothing was changed.", 2) from None
    raw: object = words if key in LISTS else words[0]
    if key in {"plain", "still"}:
        raw = {"true": True, "false": False}.get(words[0].lower(), words[0])
    # What is relative on the command line is so from here, not from the file's folder.
    good = check(key, raw, os.getcwd())
    if good.complaint:
        raise CalmdeskError(f"{key} {good.complaint}", "Nothing was changed.", 2)
    if key == "playbooks" and isinstance(good.value, tuple):
        for folder in good.value:
            if not os.path.isdir(folder):
                raise CalmdeskError(f"{folder} is no folder.", "Nothing was changed.", 2)
    return good.value


def _read_secret(words: Sequence[str]) -> str:
    """A secret, from the keyboard without showing it, or from a pipe; from the command line it is refused."""
    if words:
        raise CalmdeskError(
            "The team's key can't stand on the command line: a shell remembers what is typed there.",
            "`calmdesk config set team-key` asks for it. Take the one you typed out of the shell's history.",
            2,
        )
    if not sys.stdin.isatty():
        return sys.stdin.readline(10_000)
    import getpass

    try:
        return getpass.getpass("The team's key (not shown): ")
    except EOFError:
        return ""


# --- the user's file


def _write(path: str, key: str, value: Value | None) -> bool:
    """Whether the file has changed: the key set to a value, or taken out. Everything else in it stays as it is."""
    from calmdesk.configuration import parse, read_text
    from calmdesk.settings import is_there

    text = ""
    before: dict[str, Any] = {}
    if is_there(path):
        text, complaint, _ = read_text(path)
        line = 0
        if not complaint:
            before, complaint, line = parse(text)
        if complaint:
            raise CalmdeskError(f"{path}{f':{line}' if line else ''}: {complaint}", "Nothing was changed.")
    parts = key.split(".")
    if value is None and not _holds(before, parts):
        return False
    changed = _edited(text, parts, value)
    after, wrong, _ = parse(changed)
    if wrong or not _is_meant(before, after, parts, value):
        raise CalmdeskError(f"{path} can't be changed without harm to the rest of it.", f"Change {key} in it by hand.")
    replace_file(path, changed)
    return True


def _holds(table: Any, parts: Sequence[str]) -> bool:  # noqa: ANN401 - whatever TOML holds
    for part in parts:
        if not isinstance(table, dict) or part not in table:
            return False
        table = table[part]
    return True


def _edited(text: str, parts: Sequence[str], value: Value | None) -> str:
    """The text with one value changed or, without a value, taken out; comments and layout stay."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        at: Any = document
        for depth, part in enumerate(parts[:-1], 1):
            if part not in at:
                within = isinstance(at, tomlkit.items.InlineTable)
                last = depth == len(parts) - 1
                at[part] = tomlkit.inline_table() if within else tomlkit.table(is_super_table=not last)
            at = at[part]
        if value is None:
            del at[parts[-1]]
        elif parts[0] == "limits":
            at[parts[-1]] = tomlkit.value(str(value))
        else:
            at[parts[-1]] = list(value) if isinstance(value, tuple) else value
        return tomlkit.dumps(document)
    except (TOMLKitError, TypeError, ValueError, LookupError, AttributeError) as error:
        raise CalmdeskError(
            f"{'.'.join(parts)} can't be changed in your file: something else stands in its place.",
            "`calmdesk config show` says what is wrong, and `calmdesk config path` which file it is.",
        ) from error


def _is_meant(before: dict[str, Any], after: dict[str, Any], parts: Sequence[str], value: Value | None) -> bool:
    """Whether what was written says what was meant, and everything else as before."""
    from calmdesk.configuration import check

    at, new = before, after
    for part in parts[:-1]:
        at, new = at.setdefault(part, {}), new.get(part, {})
    if value is None:
        del at[parts[-1]]
    else:
        at[parts[-1]] = new.get(parts[-1])
    return _filled(before) == _filled(after) and (
        value is None or check(".".join(parts), new.get(parts[-1])).value == value
    )


def _filled(table: dict[str, Any]) -> dict[str, Any]:
    """A table without the empty ones in it: they say nothing."""
    below = {k: _filled(v) if isinstance(v, dict) else v for k, v in table.items()}
    return {k: v for k, v in below.items() if v != {}}
