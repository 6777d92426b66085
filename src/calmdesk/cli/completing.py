"""What a shell offers at the Tab key: commands, options, playbooks, steps, facts, scenarios, calls and promises, at once.

A word is told by what its command's help calls it (`PLAYBOOK`, `CALL`, `a|b|c`), so that a new command is completed as
soon as it is declared. Nothing is written, and nobody is told of anything that is wrong: a prompt is no place for it.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.cli.declared import find_below, read_commands
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calmdesk.cli.declared import Command, Option
    from calmdesk.playbook.model import Edition, Playbook
    from calmdesk.settings import Settings

FILES = ":files"
"""A line of the answer: the shell is to add its own files."""
SHELLS = ("bash", "zsh", "fish", "powershell")

Word = tuple[str, str]
"""What may stand there, and what it means (shown where a shell can)."""


class Line(NamedTuple):
    """A command line as far as it is typed."""

    command: Command
    given: tuple[str, ...]
    """What was told to the command without an option."""
    options: tuple[str, ...]
    pending: Option | None
    """The option whose value comes now."""
    ended: bool
    """Whether `--` was typed: no option comes any more."""


def answer(arguments: Sequence[str]) -> int:
    """`calmdesk _complete SHELL WORD…`: the words that fit the last one, a line each with its meaning."""
    shell, *words = arguments or ("",)
    if shell == "powershell":
        # It leaves out empty words, so each has a sign before it.
        words = [word[1:] for word in words]
    if shell == "bash":
        words = _joined(words)
    from calmdesk.settings import read_settings

    found = find_words(words[:-1], words[-1] if words else "", read_settings(os.environ))
    for word, says in found:
        if shell == "bash" and "=" in word:
            # A word ends at = for bash, and only what is behind it is replaced.
            head, _, tail = word.partition("=")
            word = tail if "=" in words[-1] else f"{head}="
        sys.stdout.write(f"{word}\t{says}\n" if says else f"{word}\n")
    return 0


def _joined(words: Sequence[str]) -> list[str]:
    """Words as they were typed: bash hands over `fault=ours` as three."""
    joined: list[str] = []
    glued = False
    for word in words:
        if joined and (word == "=" or glued):
            joined[-1] += word
        else:
            joined.append(word)
        glued = word == "="
    return joined


def find_words(words: Sequence[str], current: str, settings: Settings) -> list[Word]:
    """What may stand in the place of the current word, after these words; `:files` among it where files may."""
    line = read_line(words)
    before = ""
    if line.pending is None and current.startswith("--") and "=" in current:
        name, _, typed = current.partition("=")
        line = line._replace(pending=_option(line.command, name))
        before, current = f"{name}=", typed
    if line.pending is not None:
        found = _values(line, line.pending.metavar, " ".join(line.pending.names), current, settings)
    elif current.startswith("-") and not line.ended:
        found = _options(line)
    else:
        found = [*((c.path[-1], c.says) for c in find_below(line.command.path) if not line.given)]
        found += _next_argument(line, current, settings)
    return [(before + word, says) for word, says in found if word == FILES or word.startswith(current)]


def read_line(words: Sequence[str]) -> Line:
    """What was typed so far, by the commands that are declared."""
    known = read_commands()
    line = Line(known[()], (), (), None, ended=False)
    for word in words:
        below = (*line.command.path, word)
        if line.pending is not None:
            line = line._replace(pending=None)
        elif line.ended or not word.startswith("-") or word == "-":
            if not line.ended and not line.given and below in known:
                line = line._replace(command=known[below])
            else:
                line = line._replace(given=(*line.given, word))
        elif word == "--":
            line = line._replace(ended=True)
        else:
            option = _option(line.command, word)
            pending = option if option is not None and option.metavar else None
            line = line._replace(options=(*line.options, word), pending=pending)
    return line


def _option(command: Command, name: str) -> Option | None:
    return next((o for o in command.options if name in o.names), None)


def _options(line: Line) -> list[Word]:
    """Options that are not there yet, or may be repeated."""
    from calmdesk.cli.manual import options_of

    return [
        (name, option.says)
        for option in options_of(line.command)
        for name in option.names
        if name not in line.options or "repeated" in option.says
    ]


def _next_argument(line: Line, current: str, settings: Settings) -> list[Word]:
    arguments = line.command.arguments
    if not arguments:
        return []
    at = len(line.given)
    argument = arguments[at] if at < len(arguments) else arguments[-1] if arguments[-1].many else None
    if argument is None:
        return []
    found = _values(line, argument.metavar, argument.name, current, settings)
    if argument.many:
        found = [x for x in found if x[0] not in line.given]
    return found


# --- the words of each kind


def _values(line: Line, metavar: str, name: str, current: str, settings: Settings) -> list[Word]:
    """What may stand where the help says `metavar`."""
    parts = metavar.split("|")
    if all(part.islower() for part in parts) and len(parts) > 1:
        return [(part, "") for part in parts]
    if "--playbook" in name:
        return _playbooks(settings, playable=True)
    kinds: dict[str, Callable[[], list[Word]]] = {
        "PLAYBOOK": lambda: [*_playbooks(settings, playable=line.command.path == ("handle",)), (FILES, "")],
        "PLAYBOOKS": lambda: [*_playbooks(settings), *_scenarios(line, settings), (FILES, "")],
        "PATHS": lambda: [*_playbooks(settings), (FILES, "")],
        "SCENARIO": lambda: [*_rehearsals(line, settings), (FILES, "")],
        "STEP": lambda: _steps(line, settings),
        "CALL": lambda: _calls(settings, resumable=line.command.path == ("resume",)),
        "PROMISE": lambda: _promises(settings),
        "RULE": lambda: [(rule, "") for rule in _rules(settings)],
        "RULE=REASON": lambda: [(f"{rule}=", "") for rule in _rules(settings)],
        "KEY": _keys,
        "KEY=VALUE": lambda: _facts(line, current, settings),
    }
    if metavar in kinds:
        return kinds[metavar]()
    return [(FILES, "")] if {"FILE", "PATH", "FOLDER", "FILE.jsonl"} & set(parts) else []


def _playbooks(settings: Settings, *, playable: bool = False) -> list[Word]:
    from calmdesk.playbook.folders import find_file, find_ids

    found = []
    for name in find_ids(settings.library):
        path = find_file(settings.library, name)
        with suppress(OSError):
            with open(path or "", encoding="utf-8", errors="replace") as file:
                # YAML takes ten times as long as everything else here, and these stand at the margin.
                tops = [row.rstrip() for row in file if row.startswith(("module:", "title:"))]
            if not (playable and any(row.split("#")[0].split() == ["module:", "true"] for row in tops)):
                title = next((row.partition(":")[2] for row in tops if row.startswith("title:")), "")
                found.append((clean(name), clean(title).strip("\"'")))
    return found


def _scenarios(line: Line, settings: Settings) -> list[Word]:
    if line.command.path not in {("practice",), ("playbook", "test")}:
        return []
    from calmdesk.coach.shelf import find_scenarios

    return [(clean(name), "") for name in find_scenarios(settings.library)]


def _rehearsals(line: Line, settings: Settings) -> list[Word]:
    if "--quick" in line.options:
        return [("reply", "answer a line"), ("spot", "find what hurts"), ("fix", "say it better")]
    return [*_scenarios(line, settings), ("new", "writes a scenario of your own")]


def _edition(line: Line, settings: Settings) -> Edition | None:
    """What the playbook plays that the line names first."""
    from calmdesk.playbook.library import open_edition

    with suppress(CalmdeskError):
        if line.given:
            return open_edition(settings.library, line.given[0]).edition
    return None


def _steps(line: Line, settings: Settings) -> list[Word]:
    edition = _edition(line, settings)
    if edition is None:
        return []
    book = edition.books[edition.root]
    return [(step, clean(book.step(step).title)) for step in book.order]


def _played(edition: Edition, name: str) -> list[Playbook]:
    """A playbook and the modules that it plays; what may cut in is nothing that is known beforehand."""
    book = edition.books[name]
    return [book, *(each for step in book.order if (part := book.step(step).play) for each in _played(edition, part))]


def _facts(line: Line, current: str, settings: Settings) -> list[Word]:
    """`fact=` for each fact that the playbook asks for; behind the sign, its answers."""
    edition = _edition(line, settings)
    books = _played(edition, edition.root) if edition else []
    facts = {name: fact for book in books for name in book.facts if (fact := book.fact(name))}
    name, sign, _ = current.partition("=")
    if not sign:
        return [(f"{fact.id}=", clean(fact.ask)) for fact in facts.values()]
    if name not in facts:
        return []
    answers = [(o.id, clean(o.label)) for o in facts[name].options]
    if facts[name].kind == "yes-no":
        answers = [("yes", ""), ("no", "")]
    return [(f"{name}={value}", says) for value, says in answers]


def _calls(settings: Settings, *, resumable: bool) -> list[Word]:
    from calmdesk.journal.glance import glance_calls

    return [(call.id, _begun(call.wall)) for call in glance_calls(settings.data, unfinished=resumable)]


def _begun(wall: int) -> str:
    import time

    return time.strftime("%Y-%m-%d %H:%M", time.localtime(wall / 1000))


def _promises(settings: Settings) -> list[Word]:
    from calmdesk.journal.glance import glance_promises

    return [(promise, "") for promise in glance_promises(settings.data)]


def _rules(settings: Settings) -> list[str]:
    """The rules of lint and the phrase rules, by their names alone: what they say takes YAML to read."""
    from calmdesk.playbook.folders import built_in_folder

    found: set[str] = set()
    with suppress(OSError), open(os.path.join(built_in_folder(), "lint", "rules.yaml"), encoding="utf-8") as file:
        found.update(row.strip(" :\n") for row in file if row.startswith("  ") and row[2] not in " #-")
    for folder in settings.library.folders:
        with suppress(OSError):
            found.update(n[:-5] for n in os.listdir(os.path.join(folder, "phrases")) if n.endswith(".yaml"))
    return sorted(found)


def _keys() -> list[Word]:
    from calmdesk.settings import KEYS

    return [(key, "") for key in KEYS if key != "limits"] + [("limits.", "LADDER.ROLE.restore or .gesture")]


# --- the scripts

_BASH = r"""_calmdesk() {
    local word files=
    COMPREPLY=()
    while IFS= read -r word; do
        case $word in
            :files) files=1 ;;
            *) COMPREPLY+=("${word%%$'\t'*}") ;;
        esac
    done < <(calmdesk _complete bash "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    [[ -n $files ]] || compopt +o default +o bashdefault 2>/dev/null
    [[ ${COMPREPLY[0]} == *= || ${COMPREPLY[0]} == *. ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -o default -o bashdefault -F _calmdesk calmdesk
"""
_ZSH = r"""#compdef calmdesk
_calmdesk() {
    local line files=
    local -a words_found open_found
    while IFS= read -r line; do
        case $line in
            :files) files=1 ;;
            *=$'\t'*|*=|*.$'\t'*) open_found+=("${${line%%$'\t'*}//:/\\:}${${(M)line:#*$'\t'*}:+:${line#*$'\t'}}") ;;
            *) words_found+=("${${line%%$'\t'*}//:/\\:}${${(M)line:#*$'\t'*}:+:${line#*$'\t'}}") ;;
        esac
    done < <(calmdesk _complete zsh "${(@Q)words[2,CURRENT]}" 2>/dev/null)
    (( $#words_found )) && _describe -V calmdesk words_found
    (( $#open_found )) && _describe -V calmdesk open_found -S ''
    [[ -n $files ]] && _files
}
if [[ $funcstack[1] == _calmdesk ]]; then
    _calmdesk "$@"
else
    compdef _calmdesk calmdesk
fi
"""
_FISH = r"""function __calmdesk_words
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (calmdesk _complete fish $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c calmdesk -f -a '(__calmdesk_words)'
"""
_POWERSHELL = r"""Register-ArgumentCompleter -Native -CommandName calmdesk -ScriptBlock {
    param($current, $line, $cursor)
    $words = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { '+' + $_.ToString() })
    if ($current -eq '') { $words += '+' }
    calmdesk _complete powershell @words 2>$null | ForEach-Object {
        $word, $says = $_ -split "`t", 2
        if ($word -ne ':files') {
            if (-not $says) { $says = $word }
            [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $says)
        }
    }
}
"""
SCRIPTS = dict(zip(SHELLS, (_BASH, _ZSH, _FISH, _POWERSHELL), strict=True))


def write_script(shell: str) -> None:
    """The script for a shell on stdout; without a name, for the one that is running. Raises CalmdeskError (2)."""
    named = shell or os.path.basename(os.environ.get("SHELL", "")).removesuffix(".exe")
    if named not in SCRIPTS:
        told = f"“{clean(named)}” is no shell that calmdesk knows." if named else "Which shell?"
        hint = nearest(named, SHELLS) if shell else ""
        raise CalmdeskError(told, f"{hint} Name one of {', '.join(SHELLS)}.".strip(), 2)
    sys.stdout.write(SCRIPTS[named])
