"""`python -m tests.reference`: writes the reference from the program itself; a test says when that is due."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from calmdesk.bench.rules import SEVERITIES
from calmdesk.cli.declared import find_below, read_commands
from calmdesk.cli.explain import find_rules
from calmdesk.cli.manual import EXIT_CODES, VARIABLES, options_of, signs, tell_option, usage
from calmdesk.coach.classes import CLASSES, SEEN
from calmdesk.coach.keys import OFF, PHRASE
from calmdesk.coach.proving import read_phrase
from calmdesk.coach.scenario_keys import SCENARIO
from calmdesk.playbook import shapes
from calmdesk.playbook.folders import built_in_folder
from calmdesk.playbook.keys import PLAYBOOK, POLICY
from calmdesk.playbook.read import read_policy
from calmdesk.terminal import commands, menus, rehearsing, stage
from tests.documented import TOP
from tests.json_documents import render_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from calmdesk.cli.declared import Command

FILE = TOP / ".github" / "REFERENCE.md"
HEAD = """\
# Reference

Commands, keys, commands in lines, rules, formats, JSON, exit codes and variables. The program says all of it itself:
`python -m tests.reference` writes this page, and a test fails where it isn't what the program does.

[Commands](#commands) · [Keys](#keys) · [Rules of lint](#rules-of-lint) · [Phrase rules](#phrase-rules) ·
[Formats](#formats) · [JSON](#json) · [Exit codes](#exit-codes) · [Environment](#environment)
"""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown; bars within a cell are its words."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in row) + " |" for row in lines
    )


def code(text: str) -> str:
    """Words as they are typed."""
    return f"`{text}`"


# --- commands


def render_command(command: Command) -> list[str]:
    """A command with all that its help tells."""
    told = [code(usage(command)), command.says, *command.more]
    rows = [(code(a.metavar), a.says) for a in command.arguments]
    # What all have is told once, of calmdesk itself.
    rows += [(code(signs(o)), tell_option(o)) for o in (command.options if command.path else options_of(command))]
    if rows:
        told.append(table(("write", "what it is"), rows))
    if command.examples:
        told.append("```\n" + "\n".join(command.examples) + "\n```")
    return told


def render_commands() -> list[str]:
    """All commands, in the order of `calmdesk --help`."""
    known = read_commands()
    told = ["## Commands", *render_command(known[()])]
    for section in dict.fromkeys(c.section for c in find_below(())):
        told.append(f"### {section}")
        for top in (c for c in find_below(()) if c.section == section):
            for command in [top, *find_below(top.path)]:
                told += [f"#### {command.name}", *render_command(command)]
    return told


# --- keys


def stage_keys() -> list[tuple[str, str]]:
    """The keys of a rehearsal's screen and the command that each stands for, as the stage has them."""
    keys: dict[str, list[str]] = {}
    for key, act in stage.PRESSED.items():
        keys.setdefault(act, []).append(code(key if len(key) == 1 else key.capitalize()))
    return [(", ".join(named), code(f"/{act}")) for act, named in keys.items()]


def render_keys() -> list[str]:
    """Keys of both screens, and what can be typed in lines."""
    policy = read_policy(Path(built_in_folder(), "policy.yaml").read_bytes()).data
    assert policy is not None
    rows = [
        ("`1` to `9`, in digits of any script", "takes the way on that has this number"),
        ("`Enter`", "goes on, or takes the old answer"),
        ("`space`, `a`, a letter", "ticks the next check, all of them, that one"),
        *(
            (code(i["key"]), f"{i['label']} (a key of the policy)")
            for i in policy["interruptions"].values()
            if "key" in i
        ),
        *((code(key), says) for key, says in menus.ALL_KEYS.items()),
        ("`?`", "all keys (F1)"),
        ("`F12`", "danger, from everywhere"),
        ("`Esc`", "the keys, where a line is being typed"),
    ]
    return [
        "## Keys",
        "### On the screen of a call",
        table(("key", "does"), rows),
        "The function keys stand in for letters on keyboards where those don't arrive.",
        "### A call in lines of text",
        "These are also typed after `/` on the screen.",
        f"```text\n{commands.USAGE}\n```",
        "### Rehearsals",
        (
            "On the screen and in lines; those below the empty line where the playbook stands beside the customer "
            "(`--level playbook`)."
        ),
        f"```text\n{textwrap.dedent(rehearsing.KEYS)}\n\n{textwrap.dedent(rehearsing.MOVES)}\n```",
        "On the screen, `Esc` makes letters keys; `t` or `Esc` types again. Then:",
        table(("key", "does the same as"), stage_keys()),
    ]


# --- rules


def render_rules() -> list[str]:
    """Rules of playbooks, of scenarios and of words."""
    rules = sorted(find_rules().values(), key=lambda rule: SEVERITIES.index(rule.severity))
    told = [
        "## Rules of lint",
        "`calmdesk explain RULE` tells more about each, with a bad and a good example.",
        table(("rule", "severity", "what it means"), ((code(r.id), r.severity, r.says) for r in rules)),
        "## Phrase rules",
        (
            "What `calmdesk coach` hears, and what lines of playbooks are warned of. "
            "[How to write your own](../playbooks/phrases/README.md)."
        ),
    ]
    phrases = [
        found
        for file in sorted(Path(built_in_folder(), "phrases").glob("*.yaml"))
        if (found := read_phrase(file.read_bytes(), file.stem, prove=False).rule)
    ]
    for kind, head in (("violation", "Words that hurt"), ("principle", "Words that help")):
        rows = [
            (code(p.id) + (" (playbooks only)" if p.lint_only else ""), p.label, p.why, p.instead)
            for p in phrases
            if p.kind == kind
        ]
        told += [f"### {head}", table(("rule", "label", "why", "better"), rows)]
    return told


# --- formats


def tell_shape(shape: shapes.Shape) -> str:
    """What a key takes, in a few words."""
    match shape:
        case shapes.Record():
            short = f"{tell_shape(shape.keys[shape.short][0])}, or " if shape.short else ""
            return f"{short}[{shape.what}](#{anchor(shape)})"
        case shapes.MapOf():
            return f"names, each with {tell_shape(shape.value)}"
        case shapes.ListOf():
            one = tell_shape(shape.item)
            return f"{one}, or a list of such" if shape.single else f"a list, each item {one}"
        case shapes.Word():
            return "one of " + ", ".join(map(code, shape.words))
        case shapes.Span():
            return "a length of time such as 10s, 2m, 24h or 2d"
        case shapes.Flag():
            return "true or false"
        case shapes.Whole():
            return f"a whole number from {shape.least}" + (f" to {shape.most}" if shape.most < MANY else " up")
        case shapes.Amount():
            return "an amount such as 8.90"
        case shapes.Text():
            return "lines of text" if shape.lines else shape.wanted.removeprefix("a text: ")
        case shapes.Scalar():
            return "a value"
    return OWN.get(type(shape).__name__, "")


MANY = 1_000_000
# Shapes that are no list, group or word of the usual kind, in the words of format.md.
OWN = {
    "When": "[a condition](#a-condition)",
    "Say": "a line; a list of lines, which are other words for the same; or a list of [lines with conditions](#a-line)",
    "Go": "a step, `return`, or a list of [routes](#a-route), the last without a condition",
    "Step": "a whole number from -10 to 10",
    "ReactionShape": "[a reaction](#a-reaction): known keys, and a meter's name with the step that it moves",
    "Proof": "a sentence, or [one with its customer](#a-test-with-its-customer)",
}


def anchor(record: shapes.Record) -> str:
    """Where a record's keys are listed."""
    return "".join(c for c in record.what.replace(" ", "-").lower() if c.isalnum() or c == "-")


def find_records(shape: shapes.Shape) -> Iterator[shapes.Record]:
    """All groups of keys within a shape, it itself first."""
    if isinstance(shape, shapes.Record):
        yield shape
        for inner, _ in shape.keys.values():
            yield from find_records(inner)
        return
    inside = [*vars(type(shape)).values(), *vars(shape).values()]
    for inner in inside:
        if isinstance(inner, shapes.Shape) and type(inner).__name__ != "When":
            yield from find_records(inner)


def render_record(record: shapes.Record) -> str:
    """A group's keys: what each is and takes."""
    rows = [
        (code(name) + (" (needed)" if name in record.required else ""), says, tell_shape(shape))
        for name, (shape, says) in record.keys.items()
    ]
    return table(("key", "what it is", "takes"), rows)


def render_formats() -> list[str]:
    """Every key that a person may write."""
    told = [
        "## Formats",
        (
            "Text files in YAML, in UTF-8. What every key is for, and what it takes; the guide for trainers is "
            "[playbooks/README.md](../playbooks/README.md). `calmdesk playbook schema` says the same to editors."
        ),
        (
            "A name (of a step, a fact, a choice …) is in small letters, digits and single hyphens, at least two "
            "characters, a letter first; `return` and `offer` are taken."
        ),
    ]
    seen: set[str] = set()
    for title, top in (("Playbook", PLAYBOOK), ("Policy", POLICY), ("Scenario", SCENARIO), ("Phrase rule", PHRASE)):
        told.append(f"### {title}")
        for record in [*find_records(top), *([OFF] if top is PHRASE else [])]:
            if record.what not in seen:
                seen.add(record.what)
                told += [f"#### {record.what[0].upper()}{record.what[1:]}", render_record(record)]
        if top is PLAYBOOK:
            told += ["#### A condition", CONDITION]
        if top is PHRASE:
            told.append(
                "Classes of words: " + ", ".join(code(f"<{name}>") for name in CLASSES) + ". "
                "Seen in a sentence: " + ", ".join(code(f"<{name}>") for name in SEEN) + "."
            )
    return told


CONDITION = (
    "A group of facts, all of which must hold: `{fault: ours}`; `{fault: [ours, partner]}` means any of them; numbers, "
    "money, dates and times compare with `{price: {over: 5}}` (also `under`, `at-least`, `at-most`); "
    "`{not: {…}}` turns it round. A fact that nobody has told holds for nothing."
)


# --- the whole


def render() -> str:
    """The whole reference."""
    parts = [
        HEAD.strip(),
        *render_commands(),
        *render_keys(),
        *render_rules(),
        *render_formats(),
        *render_json(),
        "## Exit codes",
        table(("code", "means"), ((code(number), says) for number, says in EXIT_CODES)),
        "## Environment",
        table(("variable", "says"), ((code(name), says) for name, says in VARIABLES)),
        "Configuration files and their keys: [for the IT department](IT.md#configuration).",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
