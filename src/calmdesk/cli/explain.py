"""`explain`: what a rule of `playbook lint` means, why it matters, and how it is mended."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from calmdesk.cli import make_settings
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean, json_text, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from calmdesk.bench.rules import Rule
    from calmdesk.coach.phrases import PhraseRule

WIDTH = 100
SENTENCES = 3
"""So many sentences that a phrase rule catches are shown, and so many that it lets pass."""
NO_COMMENT = {"ignore-no-reason", "ignore-unused"}
"""Warnings and notes about comments: no comment speaks for them."""


def explain(
    rule: Annotated[str, typer.Argument(help="A rule's id, such as unknown-step. Without it, all are listed.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Why a rule of `playbook lint` matters, with a bad example and a good one. Example: `calmdesk explain dead-end`"""
    rules = find_rules()
    if rule in rules:
        one = rules[rule]
        document = {"schema": 1, "rule": one.id, **{k: v for k, v in one._asdict().items() if k != "id"}}
        sys.stdout.write(json_text(document) + "\n" if as_json else render_rule(one))
        return
    phrases = find_phrases()
    if rule in phrases:
        phrase = phrases[rule]
        keys = ("label", "why", "instead", "flag", "silent")
        document = {"schema": 1, "rule": phrase.id, "severity": "warning", **{k: getattr(phrase, k) for k in keys}}
        sys.stdout.write(json_text(document) + "\n" if as_json else render_phrase(phrase))
    elif rule:
        hint = nearest(rule, [*rules, *phrases]) or "`calmdesk explain` lists all rules."
        raise CalmdeskError(f"There is no rule “{clean(rule)}”.", hint, 2)
    else:
        _list_all(rules, phrases, as_json=as_json)


def find_rules() -> dict[str, Rule]:
    """The rules that come with calmdesk, explained. Raises CalmdeskError (3)."""
    from calmdesk.bench.rules import read_rules
    from calmdesk.playbook.folders import built_in_folder, read_file

    return read_rules(read_file(os.path.join(built_in_folder(), "lint", "rules.yaml")))


def find_phrases() -> dict[str, PhraseRule]:
    """The phrase rules that hold for playbooks in this folder, with their tests. Raises CalmdeskError (3)."""
    from calmdesk.coach.rules import find_rules, phrase_files
    from calmdesk.playbook.folders import read_file

    folders = (os.getcwd(), *make_settings().library.folders)
    rules, _ = find_rules([(path, read_file(path)) for path in phrase_files(folders)], "", "all")
    return {phrase.id: phrase for phrase in sorted(rules.rules)}


def render_rule(rule: Rule) -> str:
    """A rule in lines of text."""
    return "\n\n".join(
        [
            f"{rule.id} ({rule.severity})",
            _wrapped(rule.says),
            _wrapped(f"Why: {rule.why}"),
            f"Not like this:\n\n{_indented(rule.bad)}",
            f"Like this:\n\n{_indented(rule.good)}",
            _living_with(rule.id, rule.severity),
        ]
    )


def render_phrase(phrase: PhraseRule) -> str:
    """A phrase rule in lines of text."""
    if phrase.kind == "principle":
        return "\n\n".join(
            [
                f"{phrase.id} (the coach keeps it: {phrase.label})",
                _wrapped(f"Why: {phrase.why}"),
                _wrapped(f"Better still: {phrase.instead}"),
                f"It finds words such as:\n\n{_listed(phrase.flag)}",
                f"It lets pass:\n\n{_listed(phrase.silent)}\n",
            ]
        )
    return "\n\n".join(
        [
            f"{phrase.id} (warning, words that hurt: {phrase.label})",
            _wrapped(f"Why: {phrase.why}"),
            _wrapped(f"Instead: {phrase.instead}"),
            f"It finds words such as:\n\n{_listed(phrase.flag)}",
            f"It lets pass:\n\n{_listed(phrase.silent)}",
            _living_with(phrase.id, "warning"),
        ]
    )


def _living_with(name: str, severity: str) -> str:
    """How a finding is switched off with a reason."""
    if severity == "error":
        return "An error can't be switched off: mend it, and the playbook can be played.\n"
    ways = [] if name in NO_COMMENT else [
        ("on the line, or on the line above", f"# lint-ok {name}: REASON"),
        ("for the whole file", f"# lint-ok-file {name}: REASON"),
    ]  # fmt: skip
    ways.append(("for one run", f"calmdesk playbook lint FILE --ignore {name}=REASON"))
    told = "".join(f"    {where + ':':<36}{what}\n" for where, what in ways)
    return f"If it is right as it is, say why:\n\n{told}"


def _listed(sentences: Iterable[str]) -> str:
    return "\n".join(f"    {clean(text)}" for text in list(sentences)[:SENTENCES])


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in clean(text, lines=True).split("\n"))


def _wrapped(text: str) -> str:
    import textwrap

    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _list_all(rules: Mapping[str, Rule], phrases: Mapping[str, PhraseRule], *, as_json: bool) -> None:
    from calmdesk.bench.rules import SEVERITIES

    rows = [(rule.severity, rule.id, rule.says) for rule in rules.values()]
    rows += [("warning", phrase.id, phrase.why) for phrase in phrases.values() if phrase.kind == "violation"]
    rows.sort(key=lambda row: SEVERITIES.index(row[0]))
    if as_json:
        listed = [{"rule": name, "severity": severity, "says": says} for severity, name, says in rows]
        sys.stdout.write(json_text({"schema": 1, "rules": listed}) + "\n")
        return
    from calmdesk.terminal.tables import print_table

    print_table(("severity", "rule", "what it means"), rows)
