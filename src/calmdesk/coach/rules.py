"""The phrase rules that hold at a desk, nearest folder first; compiled once, cached by the digest of their texts."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, TypeAlias

from calmdesk.coach.phrases import Built, PhraseRule, Phrases
from calmdesk.digest import digest
from calmdesk.playbook.cache import load_cached, save_cached
from calmdesk.playbook.findings import is_error
from calmdesk.playbook.folders import Library, built_in_folder, read_file
from calmdesk.playbook.shelf import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from calmdesk.playbook.findings import Finding

# Where they are the last key. Who only looks for words needs no proof, and most of a file is proof.
_TESTS = re.compile(rb"\r?\ntests:[ \t]*\r?\n(?:(?:[ \t#][^\n]*)?(?:\n|\Z))*\Z")
Use: TypeAlias = Literal["coach", "lint", "habits", "all"]


def phrase_files(folders: Iterable[str]) -> list[str]:
    """The phrase rules of these folders, the nearest first."""
    found = []
    for folder in dict.fromkeys(folders):
        phrases = os.path.join(folder, "phrases")
        with suppress(OSError):
            found += [os.path.join(phrases, n) for n in sorted(os.listdir(phrases)) if n.endswith(".yaml")]
    return found


def open_rules(library: Library) -> tuple[Phrases, list[Finding]]:
    """The library's rules, the nearest of a name, and what keeps some from being used. Raises CalmdeskError (3)."""
    return find_rules(_read_files(library), library.cache)


def open_habits(library: Library) -> Phrases:
    """The library's rules of words that playbooks are warned of and that earn no label. Raises CalmdeskError (3)."""
    return find_rules(_read_files(library), library.cache, "habits")[0]


def _read_files(library: Library) -> list[tuple[str, bytes]]:
    return [(path, read_file(path)) for path in phrase_files(library.folders)]


def find_rules(texts: Sequence[tuple[str, bytes]], cache: str, use: Use = "coach") -> tuple[Phrases, list[Finding]]:
    """The rules of these files, the nearest first, and what keeps some of them from being used.

    Args:
        texts: path and bytes of each file.
        cache: the folder where rules that were read before are kept; nothing where they aren't.
        use: which of them: those that earn labels, those that playbooks are warned of, those of the latter that earn
            no label, or all.

    """
    told = "\n".join(f"{os.path.basename(path)} {digest(data)}" for path, data in texts)
    kept = os.path.join(cache, digest(told.encode(errors="surrogatepass")) + f".{use}") if cache else ""
    if kept and (known := load_cached(kept)) is not None:
        return Phrases((PhraseRule(*row) for row in known[0]), Built(*known[1])), []
    from calmdesk.coach.proving import read_phrase

    found: dict[str, PhraseRule] = {}
    wrong: list[Finding] = []
    own = os.path.join(os.path.realpath(built_in_folder()), "")
    for path, data in texts:
        if (use == "lint" and b"\nkind: principle" in data) or (use == "habits" and b"\nlint-only:" not in data):
            # Playbooks are warned of harm only.
            continue
        looked = data if use == "all" else _TESTS.sub(b"\ntests: {flag: [x], silent: [x]}\n", data, count=1)
        read = read_phrase(looked, os.path.splitext(os.path.basename(path))[0], shown_path(path), prove=False)
        wrong += [f for f in read.findings if is_error(f)]
        if read.rule is not None:
            rule = read.rule._replace(shipped=os.path.realpath(path).startswith(own))
            known = found.setdefault(rule.id, rule)
            if not known.patterns:
                found[rule.id] = rule._replace(off=True)
    rules = Phrases(rule for rule in found.values() if _is_used(rule, use))
    if kept and not wrong:
        # Nobody but `explain` reads the tests of a rule, and `explain` reads its file.
        save_cached(kept, ([tuple(r._replace(flag=(), silent=(), cases=())) for r in rules.rules], tuple(rules.built)))
    return rules, wrong


def _is_used(rule: PhraseRule, use: Use) -> bool:
    if use == "coach":
        return not rule.lint_only
    if use == "habits":
        return rule.lint_only and not rule.off
    return not rule.off and (use == "all" or rule.kind == "violation")
