"""`playbook test` at work: tests told as stories, what they passed through, planted faults, and calls as tests."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.bench.covering import Coverage, cover
from calmdesk.bench.lint import Linter, find_paths, is_playbook
from calmdesk.bench.mutating import Bed, Mutation, make_bed, mutate
from calmdesk.bench.testing import Outcome, play_tests
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.compiling import make_edition
from calmdesk.playbook.library import BrokenPlaybookError
from calmdesk.playbook.shelf import shown_path
from calmdesk.safetext import clean, json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.playbook.folders import Library
    from calmdesk.playbook.shapes import Reading
    from calmdesk.terminal.sitting import Desk


class Tested(NamedTuple):
    """How one playbook's tests went."""

    root: str
    path: str
    reading: Reading
    data: dict[str, Any]
    outcomes: list[Outcome]
    bed: Bed
    mutation: Mutation | None = None


def test(library: Library, playbooks: Sequence[str], *, planted: bool, as_json: bool) -> int:
    """Play tests and tell how they went; 1 where one failed. Raises CalmdeskError (1, 2, 3)."""
    linter = Linter(library)
    tested = [_test_one(linter, path) for path in find_playbooks(library, playbooks)]
    if planted:
        beds = [t.bed for t in tested]
        tested = [t._replace(mutation=mutate(t.root, t.data, beds)) for t in tested]
    covered = {t.root: cover(t.root, t.data, [o for x in tested for o in x.outcomes]) for t in tested}
    if as_json:
        documents = [_document(t, covered[t.root]) for t in tested]
        sys.stdout.write(json_text({"schema": 1, "playbooks": documents}) + "\n")
    else:
        for one in tested:
            sys.stdout.write("\n".join(_told(one, covered[one.root])) + "\n")
    return 1 if any(o.difference for t in tested for o in t.outcomes) else 0


def find_playbooks(library: Library, playbooks: Sequence[str]) -> list[str]:
    """The files of playbooks that are meant by files, folders and ids. Raises CalmdeskError (2, 3)."""
    found = [p for p in find_paths(library, playbooks) if is_playbook(p)]
    if not found:
        raise CalmdeskError(f"{clean(playbooks[0])} is no playbook.", "Name a playbook file, an id, or a folder.", 2)
    return found


def _test_one(linter: Linter, path: str) -> Tested:
    closure, cuts = linter.prepare(path)
    if closure.errors:
        raise BrokenPlaybookError(shown_path(path), closure.errors)
    files, policy = closure.data, closure.policies.policy
    data = files[closure.root]
    outcomes = play_tests(make_edition(closure.root, files, policy), data.get("tests") or [])
    bed = make_bed(closure.root, files, policy, cuts, outcomes)
    return Tested(closure.root, shown_path(path), closure.files[closure.root].reading, data, outcomes, bed)


def _told(tested: Tested, coverage: Coverage) -> list[str]:
    rows = []
    for number, outcome in enumerate(tested.outcomes):
        rows.append(f"{'FAILED' if outcome.difference else 'passed'}  {tested.root}: {clean(outcome.name)}")
        if outcome.difference:
            line = tested.reading.find_place(("tests", number))[0]
            rows.append(f"   {tested.path}:{line}: {clean(outcome.difference)}")
            rows.append(f"   The situation: {clean(outcome.situation) or 'nothing given'}.")
            rows.append(f"   The way it went: {' → '.join(outcome.path) or 'nowhere'}.")
    if not tested.outcomes and not coverage.counted("step")[0]:
        rows.append(
            f"{tested.root}: there are no tests in it. Add `tests:`; `calmdesk playbook test --record CALL` writes one."
        )
    counted = []
    for kind in ("step", "choice", "line"):
        done, whole = coverage.counted(kind)
        counted.append(f"{done} of {whole} {kind}{'' if whole == 1 else 's'}")
    rows.append(f"{tested.root}: passed through {', '.join(counted)}.")
    rows += [
        f"   {tested.path}:{tested.reading.find_place(goal.path)[0]}: no test comes to {goal.name}"
        for goal in coverage.missed
    ]
    if tested.mutation is not None:
        rows += _mutated(tested, tested.mutation)
    return rows


def _mutated(tested: Tested, mutation: Mutation) -> list[str]:
    caught = (
        f"{mutation.by_tests + mutation.by_rules} of {mutation.mutants} planted faults caught ({mutation.score:.0%})"
    )
    rows = [f"{tested.root}: {caught}: {mutation.by_tests} by tests, {mutation.by_rules} more by path rules."]
    for mutant in mutation.survivors:
        line = tested.reading.find_place(mutant.path)[0]
        rows.append(f"   {tested.path}:{line}: nobody notices {mutant.step}: {clean(mutant.what)}")
    if any("must-check" in m.path for m in mutation.survivors):
        rows.append("   A test notices a must-check by `expect: {ticked: [its text]}`.")
    if any("say" in m.path for m in mutation.survivors):
        rows.append("   A test notices which line is said by `expect: {says: [some of its words]}`.")
    if any(o.difference for o in tested.outcomes):
        rows.append("   A test that fails notices nothing: mend it first.")
    return rows


def _document(tested: Tested, coverage: Coverage) -> dict[str, Any]:
    document: dict[str, Any] = {
        "playbook": tested.root,
        "path": tested.path,
        "tests": [
            {
                "name": o.name,
                "line": tested.reading.find_place(("tests", n))[0],
                "passed": not o.difference,
                "difference": o.difference or None,
                "way": list(o.path),
            }
            for n, o in enumerate(tested.outcomes)
        ],
        "coverage": {
            kind: dict(zip(("passed", "of"), coverage.counted(kind), strict=True))
            for kind in ("step", "choice", "line")
        },
        "untested": [
            {"kind": g.kind, "step": g.step, "part": g.part or None, "line": tested.reading.find_place(g.path)[0]}
            for g in coverage.missed
        ],
    }
    if (m := tested.mutation) is not None:
        document["mutants"] = {
            "planted": m.mutants,
            "by_tests": m.by_tests,
            "by_rules": m.by_rules,
            "score": round(m.score, 3),
            "survivors": [
                {"step": x.step, "what": x.what, "line": tested.reading.find_place(x.path)[0]} for x in m.survivors
            ],
        }
    return document


def record(desk: Desk, wanted: str) -> int:
    """Write a journaled call as a test; 1 where the playbook as it stands now goes another way.

    Raises CalmdeskError: no such call, or one that hasn't ended (2).
    """
    from calmdesk.bench.recording import record_test, render_test
    from calmdesk.cli.calls import call_edition, open_desk_journal
    from calmdesk.playbook.library import open_edition
    from calmdesk.terminal.sitting import call_name, find_call

    journal = open_desk_journal(desk)
    number = find_call(journal, wanted)
    call = journal.call(number)
    if not call.ended:
        raise CalmdeskError(
            f"Call {call_name(journal, number)} hasn't ended.", "`calmdesk resume` goes on with it; then record it.", 2
        )
    edition = call_edition(desk, journal, call)
    name = f"As on call {call_name(journal, number)}"
    made = record_test(edition, [(entry.at, entry.event) for entry in journal.read(number)], name)
    now = open_edition(desk.settings.library, call.path or call.root).edition
    outcome = play_tests(now, [made])[0]
    if outcome.difference:
        # The agent may have given less than was proposed, which a test doesn't.
        expect = {k: v for k, v in made["expect"].items() if k not in {"amount", "offers"}}
        other = play_tests(now, [{**made, "expect": expect}])[0]
        made, outcome = ({**made, "expect": expect}, other) if not other.difference else (made, outcome)
    sys.stdout.write(render_test(made))
    sys.stderr.write(
        f"Put it below `tests:` in {clean(call.root)}.yaml, with a name that says what the situation was.\n"
    )
    if outcome.difference:
        sys.stderr.write(
            f"calmdesk: this test doesn't pass. {clean(outcome.difference)} The playbook goes another way now, or the call "
            "did what a test can't say: a jump, an end at any time, a fact asked anew.\n"
        )
        return 1
    return 0
