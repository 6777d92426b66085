"""`practice`: which scenarios there are, and one of them rehearsed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean, json_text

if TYPE_CHECKING:
    from calmdesk.playbook.folders import Library


Scenario = Annotated[
    str,
    typer.Argument(
        metavar="[SCENARIO]",
        help="An id or a path; without it, all are listed. `new NAME` writes one. With --quick: reply, spot or fix.",
    ),
]
Name = Annotated[str, typer.Argument(metavar="[NAME]", help="After `new`: what the new scenario is called.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Which of their wordings the customer uses.")]
Level = Annotated[
    str, typer.Option("--level", metavar="playbook|cues|none", help="What stands there to help you: usually cues.")
]
Clock = Annotated[
    int, typer.Option("--clock", metavar="SECONDS", help="So long the customer waits for a reply; 0: for ever.")
]
Plain = Annotated[bool, typer.Option("--plain", help="Lines of text instead of a screen.")]
Answers = Annotated[
    str, typer.Option("--answers", metavar="FILE", help="Take the replies from a file; nobody is asked.")
]
Due = Annotated[bool, typer.Option("--due", help="The most useful five minutes: drills on what is due.")]
Quick = Annotated[bool, typer.Option("--quick", help="Quick drills: one line, one reply, one remark.")]
Rehearses = Annotated[str, typer.Option("--playbook", metavar="ID", help="With `new`: what it rehearses.")]
FromCall = Annotated[
    str, typer.Option("--from-call", metavar="CALL", help="With `new`: begin it from a call on this desk.")
]
AsJson = Annotated[bool, typer.Option("--json", help="The list as JSON.")]


def practice(
    scenario: Scenario = "",
    name: Name = "",
    seed: Seed = -1,
    level: Level = "",
    clock: Clock = 0,
    plain: Plain = False,
    answers: Answers = "",
    due: Due = False,
    quick: Quick = False,
    playbook: Rehearses = "",
    from_call: FromCall = "",
    as_json: AsJson = False,
) -> None:
    """Rehearse with a simulated customer, offline, and see what your words did.

    Examples: `calmdesk practice` · `calmdesk practice bike-for-saturday` · `calmdesk practice rent-week --level none`
    · `calmdesk practice --due` · `calmdesk practice --quick spot` · `calmdesk practice new broken-kettle --playbook late-delivery`
    """
    from calmdesk.cli import make_desk

    desk = make_desk()
    if scenario != "new" and (given := [x for x in (name, playbook, from_call) if x]):
        raise CalmdeskError(f"“{clean(given[0])}” belongs to `practice new`.", "`calmdesk practice new NAME`", 2)
    if scenario == "new":
        from calmdesk.cli import writing

        raise typer.Exit(writing.write_scenario(desk, name, playbook, from_call))
    if quick or due:
        if as_json:
            raise CalmdeskError("--json lists scenarios.", "`calmdesk progress --json` tells what is due.", 2)
        from calmdesk.cli import drilling

        raise typer.Exit(drilling.drill(desk, drilling.Wanted(scenario, seed, answers, due=due)))
    if not scenario:
        _list(desk.settings.library, as_json=as_json)
        return
    from calmdesk.terminal.practice import LEVELS

    if level and level not in LEVELS:
        raise CalmdeskError(f"--level {clean(level)} isn't known.", f"Use {', '.join(LEVELS)}.", 2)
    if seed < -1 or clock < 0:
        wrong = f"--seed {seed}" if seed < -1 else f"--clock {clock}"
        raise CalmdeskError(f"{wrong} isn't a number from 0 up.", "Leave it out, or use a number such as 30.", 2)
    from calmdesk.cli import rehearsing

    raise typer.Exit(rehearsing.rehearse(desk, rehearsing.Wanted(scenario, seed, level, answers, clock, plain)))


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
