"""`practice`: which scenarios there are, and one of them rehearsed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean, json_text

if TYPE_CHECKING:
    from calmdesk.playbook.folders import Library


def practice(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="An id or a path; without it, all are listed.")
    ] = "",
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Which of their wordings the customer uses.")] = -1,
    level: Annotated[
        str, typer.Option("--level", metavar="playbook|cues|none", help="What stands there to help you.")
    ] = "cues",
    plain: Annotated[bool, typer.Option("--plain", help="Lines of text, as it always is here.")] = False,
    answers: Annotated[
        str, typer.Option("--answers", metavar="FILE", help="Take the replies from a file; nobody is asked.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The list as JSON.")] = False,
) -> None:
    """Rehearse with a simulated customer, offline, and see what your words did.

    Examples: `calmdesk practice` · `calmdesk practice bike-for-saturday` · `calmdesk practice rent-week --level none`
    """
    from calmdesk.cli import make_desk

    del plain
    desk = make_desk()
    if not scenario:
        _list(desk.settings.library, as_json=as_json)
        return
    from calmdesk.terminal.rehearsing import LEVELS

    if level not in LEVELS:
        raise CalmdeskError(f"--level {clean(level)} isn't known.", f"Use {', '.join(LEVELS)}.", 2)
    if seed < -1:
        raise CalmdeskError(f"--seed {seed} isn't a number from 0 up.", "Leave it out, or use --seed 1.", 2)
    from calmdesk.cli import rehearsing

    raise typer.Exit(rehearsing.rehearse(desk, rehearsing.Wanted(scenario, seed, level, answers)))


def _list(library: Library, *, as_json: bool) -> None:
    from calmdesk.coach.scenario import read_scenario
    from calmdesk.coach.shelf import find_scenarios
    from calmdesk.playbook.folders import read_file

    found = []
    for name, path in find_scenarios(library).items():
        read = read_scenario(read_file(path), name, path).scenario
        if read is None:
            sys.stderr.write(f"calmdesk: {clean(path)} can't be used; `calmdesk playbook lint` says why.\n")
        else:
            found.append(read)
    found.sort(key=lambda s: (s.level, s.id))
    if as_json:
        listed = [
            {"id": s.id, "title": s.title, "level": s.level, "playbook": s.playbook, "channel": s.channel}
            for s in found
        ]
        sys.stdout.write(json_text({"schema": 1, "scenarios": listed}) + "\n")
        return
    from calmdesk.terminal.tables import print_table

    print_table(
        ("id", "level", "by", "about", "playbook"),
        [(s.id, str(s.level), s.channel, s.title, s.playbook) for s in found],
    )
    typer.echo("\nStart with an easy one: calmdesk practice " + (found[0].id if found else "SCENARIO"))
