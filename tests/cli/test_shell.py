"""What the shell sees: help with examples, mistakes that name the next command, completion, the manual page."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calmdesk import __version__
from calmdesk.cli import completing, manual
from calmdesk.cli.declared import FILE, Argument, Command, find_command, read_commands
from calmdesk.safetext import slots
from calmdesk.settings import read_settings
from tests.commands import declare

if TYPE_CHECKING:
    from tests.conftest import Desk

COMMANDS = list(read_commands())
BOOK = """\
calmdesk: 1
title: My own
goal: One promise.
facts: {whose: {ask: "Whose slip was it?", one-of: {ours: Ours, theirs: Theirs}}, sure: {ask: "Sure?", kind: yes-no}}
steps:
  say:
    title: Say it
    ask: [whose, sure]
    say: "I'll ring you."
    promise: {what: Ring back, by: 2h}
    choices:
      on: {label: On, go: bye}
  bye: {title: Bye, say: "Goodbye.", end: recovered}
"""


# --- one source of truth


def test_what_help_says_is_what_the_commands_declare() -> None:
    """Where this fails: `python -m tests.commands`."""
    assert Path(FILE).read_text(encoding="utf-8") == declare()


def test_nothing_is_declared_without_words() -> None:
    for command in read_commands().values():
        assert command.says.endswith((".", "?")), command.name
        assert command.examples, command.name
        for option in command.options:
            assert option.says or option.names == ("--format",), (command.name, option.names)


# --- help


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_has_an_example_and_names_each_option(path: tuple[str, ...]) -> None:
    command = read_commands()[path]
    for width in (39, 79):
        rows = manual.render_help(command, width)
        told = "\n".join(rows)
        assert "Example" in told
        assert all(name in told for option in command.options for name in option.names)
        examples = {f"  {example}" for example in command.examples}
        assert all(len(row) <= width for row in rows if row not in examples)


@pytest.mark.parametrize(
    "line", ["--help", "-h", "handle --help", "handle --plain -h", "playbook lint --help", "progress -h"]
)
def test_the_program_shows_that_help(desk: Desk, line: str) -> None:
    ran = desk.run(*line.split())
    assert (ran.code, ran.err) == (0, "")
    command = find_command(line.split())
    assert ran.out == "\n".join(manual.render_help(command, 79)) + "\n"


def test_a_group_alone_shows_its_help_and_is_a_mistake(desk: Desk) -> None:
    ran = desk.run("playbook")
    assert ran.code == 2
    assert "calmdesk playbook lint my.yaml" in ran.out


def test_every_example_is_a_command_with_options_that_there_are() -> None:
    for command in read_commands().values():
        for example in command.examples:
            words = shlex.split(re.split(r" (?:\||>>?) ", example)[0])
            if words[0] != "calmdesk":
                continue
            line = completing.read_line(words[1:])
            assert line.command.path[: len(command.path)] == command.path, example
            assert all(any(word in o.names for o in line.command.options) for word in line.options), example


def test_the_version_is_said(desk: Desk) -> None:
    assert desk.run("--version").out == desk.run("--version", "--debug").out == f"calmdesk {__version__}\n"


@pytest.mark.parametrize("line", ["--version", "--help", "playbook test --help", "_complete bash handle an"])
def test_what_is_asked_at_every_prompt_loads_nothing_heavy(desk: Desk, line: str) -> None:
    probe = (
        "import sys, atexit\n"
        "atexit.register(lambda: sys.stderr.write(' '.join(sorted(sys.modules))))\n"
        f"sys.argv = ['calmdesk', *{line.split()!r}]\n"
        "from calmdesk.cli import main\nmain()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", probe], env=desk.environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout
    assert not {"typer", "rich", "yaml", "prompt_toolkit", "inspect"} & set(ran.stderr.split())


# --- mistakes


@pytest.mark.parametrize(
    ("line", "says", "next_"),
    [
        ("handel", "No such command: “handel”.", "Did you mean `calmdesk handle`?"),
        ("playbook lnt", "`calmdesk playbook` has no command “lnt”.", "Did you mean `calmdesk playbook lint`?"),
        ("--mutate", "No such option of `calmdesk`: --mutate.", "`calmdesk playbook test`"),
        ("handle --plan", "No such option of `calmdesk handle`: --plan.", "Did you mean --plain?"),
        ("lint", "No such command: “lint”.", "`calmdesk playbook lint`"),
        ("list", "No such command: “list”.", "`calmdesk call list`"),
        ("angry-caller", "No such command: “angry-caller”.", "`calmdesk handle angry-caller`"),
        ("rent-week", "No such command: “rent-week”.", "`calmdesk practice rent-week`"),
        ("zzzzqq", "No such command: “zzzzqq”.", "`calmdesk --help`"),
        ("handel --help", "No such command: “handel”.", "`calmdesk handle`"),
        ("handle x y", "`calmdesk handle` can't do anything with “y”.", "stand in quotes"),
        ("playbook show", "`calmdesk playbook show` wants PLAYBOOK", "`calmdesk playbook show angry-caller`"),
        ("practice --seed x", "--seed of `calmdesk practice`: “x” is no whole number.", "`calmdesk practice --help`"),
        ("handle --customer", "--customer of `calmdesk handle` wants a value", "`calmdesk handle --help`"),
        ("handle --plain=yes", "", "`calmdesk handle --help`"),
        ("complete bsh", "“bsh” is no shell", "Did you mean “bash”?"),
        ("handle angry-calller", "no playbook “angry-calller”", "Did you mean “angry-caller”?"),
        ("practice rent-weak", "no scenario “rent-weak”", "Did you mean “rent-week”?"),
        ("explain ded-end", "no rule “ded-end”", "Did you mean “dead-end”?"),
    ],
)
def test_a_mistake_is_one_sentence_and_names_what_comes_next(desk: Desk, line: str, says: str, next_: str) -> None:
    ran = desk.run(*line.split())
    assert ran.code == 2
    assert ran.out == ""
    said, hint = ran.err.splitlines()
    assert said.startswith("calmdesk: ")
    assert says in said
    assert hint.startswith("   hint: ")
    assert next_ in hint


def test_what_is_told_back_of_a_mistake_moves_no_cursor(desk: Desk) -> None:
    for arguments in (
        ["\x1b[2Jx"],
        ["handle", "--\x1b[2Jx"],
        ["handle", "a", "\x1b[2Jb"],
        ["practice", "--seed", "\x1b[2J"],
    ):
        ran = desk.run(*arguments)
        assert ran.code == 2
        assert "\x1b" not in ran.err


# --- completion


def words(desk: Desk, line: str, **environment: str) -> list[str]:
    """What is offered at the end of a line, without what it means."""
    typed = [*shlex.split(line), ""] if line.endswith(" ") or not line else shlex.split(line)
    ran = desk.run("_complete", "fish", *typed, **environment)
    assert (ran.code, ran.err) == (0, ""), ran
    return [row.split("\t")[0] for row in ran.out.splitlines()]


@pytest.fixture
def own(tmp_path: Path) -> dict[str, str]:
    """A folder of one's own with a playbook and a scenario."""
    folder = tmp_path / "ours"
    (folder / "scenarios").mkdir(parents=True)
    (folder / "our-own.yaml").write_text(BOOK, encoding="utf-8")
    (folder / "our-part.yaml").write_text("calmdesk: 1\nmodule: true\ntitle: Part\n", encoding="utf-8")
    (folder / "scenarios" / "our-friday.yaml").write_text("", encoding="utf-8")
    return {"CALMDESK_PLAYBOOKS": str(folder)}


def test_commands_and_options_are_offered_as_they_are_declared(desk: Desk) -> None:
    assert words(desk, "") == [path[0] for path in COMMANDS if len(path) == 1]
    assert words(desk, "ha") == ["handle"]
    assert words(desk, "playbook l") == ["list", "lint"]
    offered = words(desk, "handle angry-caller --plain --c")
    assert offered == ["--customer", "--case", "--channel"]
    assert "--plain" not in words(desk, "handle --plain -")
    assert "--fact" in words(desk, "handle x --fact a=b -")
    assert words(desk, "handle --format ") == ["text", "md", "json"]
    assert words(desk, "handle --format=m") == ["--format=md"]
    assert words(desk, "handle --customer ") == []


def test_playbooks_scenarios_and_rules_are_offered_where_they_are_meant(desk: Desk, own: dict[str, str]) -> None:
    assert words(desk, "handle our-", **own) == ["our-own", completing.FILES]
    assert words(desk, "playbook show our-", **own) == ["our-own", "our-part", completing.FILES]
    assert "our-own" in words(desk, "practice new x --playbook ", **own)
    assert words(desk, "practice our", **own) == ["our-friday", completing.FILES]
    assert words(desk, "practice --quick ") == ["reply", "spot", "fix", completing.FILES]
    assert words(desk, "explain unknown-s") == ["unknown-step"]
    assert "condescending" not in words(desk, "explain ")
    assert {"calm-down", "dead-end"} <= set(words(desk, "explain "))
    assert "role" in words(desk, "config set ")


def test_the_facts_of_a_playbook_and_their_answers_are_offered(desk: Desk, own: dict[str, str]) -> None:
    assert words(desk, "handle our-own --fact ", **own) == ["whose=", "sure="]
    assert words(desk, "handle our-own --fact whose=t", **own) == ["whose=theirs"]
    assert words(desk, "handle our-own --fact sure=", **own) == ["sure=yes", "sure=no"]
    assert words(desk, "handle nobody-knows --fact ", **own) == []


def test_a_command_that_takes_a_step_is_offered_the_steps_of_its_playbook(desk: Desk, own: dict[str, str]) -> None:
    settings = read_settings({**desk.environment, **own})
    arguments = (
        Argument("playbook", "PLAYBOOK", "", required=True, many=False),
        Argument("step", "STEP", "", required=False, many=False),
    )
    line = completing.Line(Command(("x",), "", "", (), (), arguments, ()), ("our-own",), (), None, ended=False)
    assert completing._next_argument(line, "", settings) == [("say", "Say it"), ("bye", "Bye")]


def test_calls_are_offered_open_ones_to_resume_and_promises_that_stand(desk: Desk, own: dict[str, str]) -> None:
    assert words(desk, "resume ") == []
    assert not (desk.home / "journal.db").exists()
    assert desk.run("handle", "our-own", lines=["ours", "yes", "on"], **own).code == 0
    assert desk.run("handle", "our-own", lines=["ours", "yes"], **own).code == 4
    desk.run("practice", "rent-week", lines=["I hear you. That was our mistake."])
    listed = [c["call"] for c in json.loads(desk.run("call", "list", "--json").out)["calls"]]
    assert len(listed) == 2
    assert words(desk, "call show ") == listed
    assert words(desk, "playbook test --record ") == listed
    assert words(desk, "resume ") == listed[:1]
    promises = [p["promise"] for p in json.loads(desk.run("promise", "list", "--json").out)["promises"]]
    assert words(desk, "promise done ") == promises != []
    desk.run("promise", "done", promises[0])
    assert words(desk, "promise done ") == []


def test_a_journal_that_is_damaged_or_held_offers_nothing_and_says_nothing(desk: Desk) -> None:
    desk.home.mkdir()
    (desk.home / "journal.db").write_bytes(b"no journal at all" * 300)
    assert words(desk, "resume ") == []
    assert [f.name for f in desk.home.iterdir()] == ["journal.db"]


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH with the command `calmdesk`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "calmdesk"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m calmdesk "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def shell(desk: Desk, program: str, script: str, path: str, *options: str) -> list[str]:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    environment = {**desk.environment, "PATH": path}
    ran = subprocess.run([found, *options, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    return ran.stdout.splitlines()


def test_bash_completes_with_its_script(desk: Desk, path: str, own: dict[str, str]) -> None:
    script = r"""
        source <(calmdesk complete bash)
        complete -p calmdesk
        at() { COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _calmdesk; echo "${COMPREPLY[*]}"; }
        at calmdesk ha
        at calmdesk handle our-
        at calmdesk handle our-own --fact who
        at calmdesk handle our-own --fact whose = o
        at calmdesk handle --format = m
    """
    desk.environment.update(own)
    told = shell(desk, "bash", script, path, "--norc")
    assert told == [
        "complete -o bashdefault -o default -F _calmdesk calmdesk",
        "handle",
        "our-own",
        "whose=",
        "ours",
        "md",
    ]


def test_fish_completes_with_its_script(desk: Desk, path: str) -> None:
    script = "calmdesk complete fish | source; complete -C'calmdesk ha'; complete -C'calmdesk handle --format m'"
    assert shell(desk, "fish", script, path, "--no-config") == [f"handle\t{read_commands()[('handle',)].says}", "md"]


def test_zsh_reads_its_script(desk: Desk, path: str) -> None:
    script = (
        'compdef() { print defined $1 }; eval "$(calmdesk complete zsh)"; (( $+functions[_calmdesk] )) && print there'
    )
    assert shell(desk, "zsh", script, path, "-f") == ["defined _calmdesk", "there"]


def test_the_shell_that_runs_is_the_one_meant(desk: Desk) -> None:
    assert desk.run("complete", SHELL="/usr/bin/zsh").out == desk.run("complete", "zsh").out
    assert desk.run("complete", SHELL="/bin/csh").code == 2


def test_powershell_is_answered_word_by_word_also_where_one_is_empty(desk: Desk) -> None:
    assert desk.run("_complete", "powershell", "+handle", "+--format", "+").out.split() == ["text", "md", "json"]


# --- the manual page


def test_the_manual_page_names_every_command_and_option(desk: Desk) -> None:
    page = desk.run("man").out
    plain = page.replace("\\-", "-").replace("\\(aq", "'").replace("\\(ga", "`")
    for command in read_commands().values():
        assert command.name in plain
        assert all(name in plain for option in command.options for name in option.names), command.name
    assert slots(page) == []


def test_the_manual_page_is_set_without_a_warning(desk: Desk) -> None:
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("groff is not installed")
    page = desk.run("man").out
    ran = subprocess.run([groff, "-man", "-Tutf8", "-ww"], input=page, capture_output=True, text=True, check=True)
    assert ran.stderr == ""
    # Bold letters are struck twice.
    told = re.sub(".\b", "", ran.stdout)
    assert "SYNOPSIS" in told
    assert "Usually phone." in told
