"""`practice --quick` and `practice --due` at work: which drills, from what there is and what is due, and the journal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.coach.quick import KINDS, find_rehearsal, make_drill, plan, plan_due
from calmdesk.coach.shelf import find_scenarios, open_scenario
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calmdesk.coach.quick import Drill, Task
    from calmdesk.coach.review import Judge
    from calmdesk.coach.scenario import Scenario
    from calmdesk.coach.skills import Card
    from calmdesk.journal.store import Journal
    from calmdesk.playbook.folders import Library
    from calmdesk.terminal.sitting import Desk


class Wanted(NamedTuple):
    """What was asked for on the command line."""

    scenario: str
    """A kind of drill, a scenario, or nothing: all kinds, from all of them."""
    seed: int
    """Below 0: as many as were drilled."""
    answers: str = ""
    due: bool = False


def drill(desk: Desk, wanted: Wanted) -> int:
    """A few quick drills; the exit code of the reference.

    Raises CalmdeskError: what is wanted isn't known (2), a scenario has errors (1) or can't be read (3), or the
    journal can't be used (5).
    """
    from calmdesk.cli.coaching import open_judge
    from calmdesk.cli.rehearsing import open_answers
    from calmdesk.journal.opening import close_journal, open_journal
    from calmdesk.terminal.drilling import Room, Sitting
    from calmdesk.terminal.plain import Lines

    kind, scenarios = _find(desk.settings.library, wanted)
    judge = open_judge(desk.settings.library)
    journal = open_journal(desk.settings.data)

    def record(event: e.Drilled) -> None:
        journal.append(None, [event], desk.clock(), {})

    try:
        seed = wanted.seed if wanted.seed >= 0 else len(journal.calls_with("Drilled"))
        due = _find_due(desk, journal) if wanted.due else []
        tasks = plan_due(due, scenarios, seed) or plan(scenarios, seed, kind)
        source = open_answers(wanted.answers) if wanted.answers else sys.stdin
        lines = Lines(source, sys.stdout, asked=not wanted.answers and sys.stdin.isatty())
        try:
            Sitting(Room(judge, record, lines, _make(tasks, judge, seed), len(tasks))).run()
            if wanted.due and (best := find_rehearsal(due, scenarios, _find_rehearsed(journal))):
                lines.say(f"Next: calmdesk practice {best.id}")
        except KeyboardInterrupt:
            sys.stdout.write("\n")
            return 130
        finally:
            if wanted.answers:
                source.close()
    finally:
        close_journal(journal)
    return 0


def _make(tasks: list[Task], judge: Judge, seed: int) -> Iterator[Drill]:
    """The drills, each made when its turn has come: the first prompt waits for none but its own."""
    for task in tasks:
        made = make_drill(task, judge.review, seed)
        if made:
            yield made


def _find(library: Library, wanted: Wanted) -> tuple[str, list[Scenario]]:
    """The kind that is wanted, and the scenarios that the drills may come from."""
    name = wanted.scenario
    if wanted.seed < -1:
        raise CalmdeskError(f"--seed {wanted.seed} isn't a number from 0 up.", "Leave it out, or use 0, 1, 2 …", 2)
    if wanted.due and name:
        raise CalmdeskError(
            "--due picks the drills itself.", f"Leave “{clean(name)}” out, or use --quick in place of --due.", 2
        )
    if name and name not in KINDS:
        from calmdesk.playbook.folders import is_path

        known = find_scenarios(library)
        if not is_path(name) and name not in known:
            hint = nearest(name, [*KINDS, *known]) or "Use reply, spot or fix, or a scenario of `calmdesk practice`."
            raise CalmdeskError(f"There is no kind of drill and no scenario “{clean(name)}”.", hint, 2)
        return "", [open_scenario(library, name)[0]]
    scenarios = list(_read_all(library))
    if not scenarios:
        raise CalmdeskError("There is no scenario to make drills from.", "`calmdesk practice new` writes one.", 2)
    return name, scenarios


def _read_all(library: Library) -> Iterator[Scenario]:
    """The scenarios that can be used; of the others it is said."""
    for name in find_scenarios(library):
        try:
            yield open_scenario(library, name)[0]
        except CalmdeskError as error:
            sys.stderr.write(f"calmdesk: going on without {clean(name)}: {error.message}\n")


def _find_due(desk: Desk, journal: Journal) -> list[Card]:
    """The skills that are due, the most overdue first; where none is, that is said."""
    from calmdesk.cli.calls import local
    from calmdesk.cli.progress import read_cards

    cards = read_cards(desk, journal)
    today = local(desk.clock().wall).date()
    due = [card for card in cards if local(card.due).date() <= today]
    if due:
        sys.stdout.write(f"{'1 skill is' if len(due) == 1 else f'{len(due)} skills are'} due.\n")
    elif cards:
        from calmdesk.playbook.kinds import DAYS_END, shown

        day = local(min(card.due for card in cards)).date().isoformat()
        when = shown("moment", f"{day}T{DAYS_END}", today.isoformat())
        sys.stdout.write(f"Nothing is due today; the next is due {_on(when)}. Here are a few mixed ones.\n")
    else:
        sys.stdout.write("Nothing is due yet. Here are a few easy ones to begin with.\n")
    return due


def _on(day: str) -> str:
    return day if day == "tomorrow" else f"on {day}"


def _find_rehearsed(journal: Journal) -> list[tuple[str, str]]:
    """Scenario and outcome of the rehearsals, the newest first."""
    begun: dict[int, str] = {}
    ended: dict[int, str] = {}
    for number, _, event in journal.events_of(("Rehearsed", "RehearsalEnded")):
        if isinstance(event, e.Rehearsed):
            begun[number] = event.scenario
        elif isinstance(event, e.RehearsalEnded):
            ended[number] = event.outcome
    return [(begun[number], ended.get(number, "")) for number in sorted(begun, reverse=True)]
