"""`playbook test` at work: tests told as stories, coverage, planted faults, scenarios proved, and calls as tests."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.bench.covering import Coverage, cover
from calmdesk.bench.lint import Linter, find_paths, is_playbook, is_scenario
from calmdesk.bench.mutating import Bed, Mutation, make_bed, mutate
from calmdesk.bench.testing import Outcome, play_tests
from calmdesk.coach.shelf import FOLDER, find_scenarios
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.compiling import make_edition
from calmdesk.playbook.findings import is_error
from calmdesk.playbook.folders import find_ids, read_file
from calmdesk.playbook.library import BrokenPlaybookError
from calmdesk.playbook.shelf import shown_path
from calmdesk.safetext import clean, json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.bench.rehearsing import Proof
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


class Proved(NamedTuple):
    """How the proof of one scenario went."""

    path: str
    reading: Reading
    proof: Proof


def test(library: Library, playbooks: Sequence[str], *, planted: bool, as_json: bool) -> int:
    """Play tests, prove scenarios, and tell how they went; 1 where one failed. Raises CalmdeskError (1, 2, 3)."""
    books, scenarios = _find_all(library, playbooks)
    linter = Linter(library)
    tested = [_test_one(linter, path) for path in books]
    proved = _prove_all(library, linter, scenarios)
    if planted:
        beds = [t.bed for t in tested]
        tested = [t._replace(mutation=mutate(t.root, t.data, beds)) for t in tested]
    covered = {t.root: cover(t.root, t.data, [o for x in tested for o in x.outcomes]) for t in tested}
    if as_json:
        documents = [_document(t, covered[t.root]) for t in tested]
        rehearsed = [_proof_document(p) for p in proved]
        sys.stdout.write(json_text({"schema": 1, "playbooks": documents, "scenarios": rehearsed}) + "\n")
    else:
        for one in tested:
            sys.stdout.write("\n".join(_told(one, covered[one.root])) + "\n")
        for each in proved:
            sys.stdout.write("\n".join(_proof_told(each)) + "\n")
    failed = any(o.difference for t in tested for o in t.outcomes) or any(p.proof.differences for p in proved)
    return 1 if failed else 0


def find_playbooks(library: Library, playbooks: Sequence[str]) -> list[str]:
    """The files of playbooks that are meant by files, folders and ids. Raises CalmdeskError (2, 3)."""
    found = [p for p in find_paths(library, playbooks) if is_playbook(p)]
    if not found:
        raise CalmdeskError(f"{clean(playbooks[0])} is no playbook.", "Name a playbook file, an id, or a folder.", 2)
    return found


def _find_all(library: Library, wanted: Sequence[str]) -> tuple[list[str], list[str]]:
    """The files of the playbooks and of the scenarios that are meant. Raises CalmdeskError (2, 3)."""
    known, books = find_scenarios(library), find_ids(library)
    paths = find_paths(library, [w if w in books else known.get(w, w) for w in wanted])
    scenarios = [p for p in paths if _is_scenario(p)]
    found = [p for p in paths if is_playbook(p) and p not in scenarios]
    if not found and not scenarios:
        hint = "Name a playbook or scenario file, an id, or a folder."
        raise CalmdeskError(f"{clean(wanted[0])} is no playbook.", hint, 2)
    return found, scenarios


def _is_scenario(path: str) -> bool:
    return os.path.basename(os.path.dirname(path)) == FOLDER or (is_playbook(path) and is_scenario(read_file(path)))


def _test_one(linter: Linter, path: str) -> Tested:
    closure, cuts = linter.prepare(path)
    if closure.errors:
        raise BrokenPlaybookError(shown_path(path), closure.errors)
    files, policy = closure.data, closure.policies.policy
    data = files[closure.root]
    outcomes = play_tests(make_edition(closure.root, files, policy), data.get("tests") or [])
    bed = make_bed(closure.root, files, policy, cuts, outcomes)
    return Tested(closure.root, shown_path(path), closure.files[closure.root].reading, data, outcomes, bed)


def _prove_all(library: Library, linter: Linter, paths: Sequence[str]) -> list[Proved]:
    """Each scenario proved both ways. Raises CalmdeskError (1, 3)."""
    if not paths:
        return []
    from calmdesk.bench.rehearsing import prove
    from calmdesk.cli.coaching import open_judge
    from calmdesk.coach.scenario import read_scenario

    judge, proved = open_judge(library), []
    for path in paths:
        if errors := tuple(f for f in linter.lint(path) if is_error(f)):
            raise BrokenPlaybookError(shown_path(path), errors)
        read = read_scenario(read_file(path), os.path.splitext(os.path.basename(path))[0], shown_path(path))
        assert read.scenario is not None
        proof = prove(read.scenario, judge.review)
        proved.append(Proved(shown_path(path), read.reading, proof))
    return proved


def _proof_told(proved: Proved) -> list[str]:
    proof, rows = proved.proof, []
    for different in proof.differences:
        rows.append(f"FAILED  {clean(proof.scenario)}: {different.title}")
        rows.append(f"   {proved.path}:{proved.reading.find_place(different.place)[0]}")
        # What stands further in belongs to the row above it.
        rows += [f"   {'   ' if row.startswith(' ') else ''}{clean(row)}" for row in different.story]
    if not rows:
        won = f"{proof.routes} ways win with full marks, and no line wins alone"
        rows.append(f"passed  {clean(proof.scenario)}: {won}; {proof.bad} bad answers cost their marks.")
    return rows


def _proof_document(proved: Proved) -> dict[str, Any]:
    proof = proved.proof
    return {
        "scenario": proof.scenario,
        "path": proved.path,
        "passed": not proof.differences,
        "model_answers": proof.routes,
        "bad_answers": proof.bad,
        "differences": [
            {"line": proved.reading.find_place(d.place)[0], "what": d.title, "story": [clean(row) for row in d.story]}
            for d in proof.differences
        ],
    }


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
