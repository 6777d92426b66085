"""Texts of tests: where the sign « stands is the place that a finding should name."""

from __future__ import annotations

import os
from functools import cache
from textwrap import dedent
from typing import TYPE_CHECKING

from calmdesk.playbook.folders import built_in_folder
from calmdesk.playbook.model import Policy
from calmdesk.playbook.read import ReadFile, read_playbook, read_policy

if TYPE_CHECKING:
    from calmdesk.playbook.findings import Finding

HEAD = "calmdesk: 1\ntitle: A title\ngoal: A goal.\n"


@cache
def built_in_policy() -> Policy:
    with open(os.path.join(built_in_folder(), "policy.yaml"), "rb") as file:
        read = read_policy(file.read())
    assert read.findings == ()
    assert read.data is not None
    return Policy(read.data)


def unmark(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its signs, and line and column of each of them."""
    text = dedent(text).lstrip("\n")
    places = []
    while "«" in text:
        before, _, after = text.partition("«")
        places.append((before.count("\n") + 1, len(before) - before.rfind("\n")))
        text = before + after
    return text, places


def read(text: str) -> ReadFile:
    """A playbook's text, read alone with the built-in policy."""
    return read_playbook(text.encode(), "main", built_in_policy())


def brief(findings: tuple[Finding, ...] | list[Finding]) -> list[tuple[str, int, int]]:
    return [(f.rule, f.line, f.column) for f in findings]
