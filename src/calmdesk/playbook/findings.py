"""What is wrong with a text, as data: collected, located, never raised, all shown at once (the first thousand)."""

from __future__ import annotations

from typing import NamedTuple

from calmdesk.safetext import clean

MOST = 1000
"""Findings of one file that are told: nobody mends more at once."""


class Finding(NamedTuple):
    """One thing a trainer should know about one place of one file."""

    rule: str
    """Stable id, such as `unknown-step`."""
    severity: str
    """`error`: it can't be played as written · `warning`: it plays · `note`: worth a thought."""
    message: str
    path: str
    line: int
    """From 1."""
    column: int
    """From 1."""
    tip: str = ""


def is_error(finding: Finding) -> bool:
    """Whether the text can't be played as written."""
    return finding.severity == "error"


def cleaned(finding: Finding) -> Finding:
    """The finding with nothing in it that a terminal, a log or a workflow could take for a command."""
    return finding._replace(message=clean(finding.message), path=clean(finding.path), tip=clean(finding.tip))


def render_finding(finding: Finding) -> str:
    """`path:line:column: severity[rule] message`, and the tip below."""
    finding = cleaned(finding)
    place = f"{finding.path}:{finding.line}:{finding.column}"
    head = f"{place}: {finding.severity}[{finding.rule}] {finding.message}"
    return f"{head}\n   tip: {finding.tip}" if finding.tip else head
