"""What tests of playbooks share: all findings of some files, a playbook's own tests, and an example made whole."""

from __future__ import annotations

import atexit
import re
from functools import cache
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from calmdesk.bench.lint import Linter, find_paths
from calmdesk.playbook.read import read_playbook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calmdesk.playbook.findings import Finding
    from calmdesk.playbook.folders import Library
    from calmdesk.playbook.model import Edition

_TOP_KEY = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
_HEAD = {
    "calmdesk": "calmdesk: 1",
    "title": "title: An example",
    "goal": "goal: One sentence.",
    "steps": "steps:\n  start: {title: Start, end: recovered}",
}


_SCENARIO = {
    "title": "title: An example",
    "playbook": "playbook: angry-caller",
    "level": "level: 1",
    "customer": "customer: {name: Ann Example, about: Somebody.}",
    "meters": "meters: {heat: {start: 5, lose-at: 10, won-at: 3}}",
    "you-know": "you-know: [One thing]",
    "opening": 'opening: "Where is it?"',
    "reactions": 'reactions: [{on: OWN, heat: -2, says: ["Thank you."]}]',
    "win": "win: {said: [OWN]}",
    "model-answers": 'model-answers: [["That was us."], ["We did that."]]',
    "bad-answers": 'bad-answers: [{reply: "You did it.", loses: [BLAME]}]',
}


def find_findings(library: Library, wanted: Iterable[str]) -> tuple[list[Finding], int]:
    """What is wrong with these files, folders or ids, and how many files were read.

    Raises CalmdeskError: a path that isn't there (3), an id that isn't known (2).
    """
    paths = find_paths(library, wanted)
    linter = Linter(library)
    found: dict[Finding, None] = {}
    for path in paths:
        found |= dict.fromkeys(linter.lint(path))
    return sorted(found, key=lambda f: (f.path, f.line, f.column)), len(paths)


def find_tests(edition: Edition) -> list[dict[str, Any]]:
    """The tests that an edition's playbook carries, as its text has them."""
    text = edition.texts[dict(edition.digests)[edition.root]]
    read = read_playbook(text, edition.root, edition.policy)
    return list((read.data or {}).get("tests") or ())


def whole_example(text: str) -> str:
    """An example with the head that it leaves out; one without a key of its own, or another kind of file, stays as it is."""
    keys = set(_TOP_KEY.findall(text))
    if "calmdesk-scenario" in keys:
        return "\n".join([*(line for key, line in _SCENARIO.items() if key not in keys), text])
    if not keys or keys & {"calmdesk-phrase", "calmdesk-policy"}:
        return text
    # Above it: what a broken example leaves open would swallow what comes below.
    return "\n".join([*(line for key, line in _HEAD.items() if key not in keys), text])


@cache
def shared_cache() -> str:
    """A folder where rules that were read once are kept for all tests of this run; it goes with the process."""
    folder = TemporaryDirectory(prefix="calmdesk-")
    atexit.register(folder.cleanup)
    return folder.name
