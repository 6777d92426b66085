"""`doctor`: what at this desk wants to be looked at, and what to do about it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from calmdesk.safetext import clean, json_text

if TYPE_CHECKING:
    from calmdesk.playbook.folders import Library


class Check(NamedTuple):
    """One thing that was looked at."""

    name: str
    fine: bool
    message: str
    hint: str = ""


def doctor(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """What at this desk wants to be looked at: the placeholders that are left in the policy. Example: `calmdesk doctor`"""
    from calmdesk.cli import make_settings

    checks = [_policy(make_settings().library)]
    if as_json:
        sys.stdout.write(json_text({"schema": 1, "checks": [c._asdict() for c in checks]}) + "\n")
        return
    for check in checks:
        typer.echo(f"{'fine' if check.fine else 'LOOK'}  {check.name}: {check.message}")
        if check.hint:
            typer.echo(f"      {check.hint}")


def _policy(library: Library) -> Check:
    """Whether the team has decided every amount, time and count of its policy."""
    from calmdesk.playbook.folders import built_in_folder, policy_paths, read_file
    from calmdesk.playbook.placeholders import find_placeholders

    shipped = os.path.join(os.path.abspath(built_in_folder()), "policy.yaml")
    nearest = [p for p in reversed(policy_paths(library, "")) if p != shipped]
    left = find_placeholders([(p, read_file(p)) for p in nearest], (shipped, read_file(shipped)))
    if not left:
        return Check("policy", fine=True, message="every amount, time and count is the team's own.")
    names = ", ".join(clean(p.name) for p in left)
    return Check(
        "policy",
        fine=False,
        message=f"{len(left)} values are still placeholders: {names}.",
        hint="`calmdesk config policy` asks for each of them, and writes your own policy.",
    )
