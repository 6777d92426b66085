"""`playbook explore` at work: what every path of a playbook comes to, in words, as JSON, and as answers files."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

from calmdesk.bench.exploring import Explorer
from calmdesk.bench.lint import Linter
from calmdesk.cli.testing import find_playbooks
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.findings import cleaned, is_error
from calmdesk.playbook.library import BrokenPlaybookError
from calmdesk.playbook.shelf import shown_path
from calmdesk.safetext import json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.bench.exploring import Ending, Explored, Wrong
    from calmdesk.bench.walking import Walk
    from calmdesk.call.events import Stamp
    from calmdesk.playbook.folders import Library


def explore(
    library: Library, now: Stamp, playbooks: Sequence[str], most: int, folder: str, *, as_json: bool = False
) -> int:
    """Explore and tell; 1 where something is wrong. Raises CalmdeskError (1, 2, 3)."""
    if most < 1:
        raise CalmdeskError(f"--most {most} looks at nothing.", "Use a whole number from 1 up.", 2)
    linter = Linter(library)
    documents, failed = [], False
    for path in find_playbooks(library, playbooks):
        wanted = shown_path(path)
        closure, summaries = linter.prepare(path)
        if closure.errors:
            raise BrokenPlaybookError(wanted, closure.errors)
        explored = Explorer(closure, linter.shelf.data(path), summaries, now, most).explore()
        failed = failed or any(is_error(w.finding) for w in explored.wrong)
        files = _write(explored, wanted, folder) if folder else []
        if as_json:
            documents.append(_document(explored, wanted))
        else:
            sys.stdout.write("\n".join(_told(explored, wanted, files)) + "\n")
    if as_json:
        sys.stdout.write(json_text({"schema": 1, "playbooks": documents}) + "\n")
    return 1 if failed else 0


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _told(x: Explored, wanted: str, files: Sequence[str]) -> list[str]:
    looked = _count(x.situations, "situation")
    proof = f"bounded: {looked} looked at, there are more" if x.bounded else f"every path looked at, {looked}"
    rows = [f"{wanted}: {proof}."]
    if x.rules:
        broken = sum(w.finding.rule == "path-rule-broken" for w in x.wrong)
        held = "hold on every path" if not x.bounded else "hold as far as was looked"
        rows.append(f"  path rules: {x.rules - broken} of {x.rules} {held}.")
    for ending in x.endings:
        rows.append(f"  ends {ending.disposition}: {_measured(ending)}")
        rows.append(f"      {ending.path}")
    if x.shortest:
        rows.append(f"  shortest: {_measured(x.shortest)}, ends {x.shortest.disposition}")
    if x.longest:
        rows.append(f"  a long one: {_measured(x.longest)}, ends {x.longest.disposition or '(returns)'}")
    if x.round:
        rows.append(f"      and longer without limit, round {x.round}")
    for cut in x.cuts:
        back = "comes back" if cut.summary.returns else "doesn't come back"
        ends = f", or ends the call: {', '.join(cut.summary.endings)}" if cut.summary.endings else ""
        asks = f"; may ask {', '.join(sorted(cut.summary.sets))}" if cut.summary.sets else ""
        rows.append(f"  cuts in {cut.id} ({cut.played}): {back}{ends}{asks}")
    for wrong in x.wrong:
        f = cleaned(wrong.finding)
        rows.append(f"{f.path}:{f.line}:{f.column}: {f.severity}[{f.rule}] {f.message}")
        if wrong.walk is not None and not files:
            rows.append(f"   play it: {_command(wanted, wrong.walk, 'FILE')}, with these lines in FILE:")
            rows += [f"      {line}" for line in wrong.walk.lines] or ["      (none)"]
    return [*rows, *(f"  written: {file}" for file in files)]


def _measured(ending: Ending) -> str:
    return f"{_count(len(ending.walk.visited), 'step')}, some {ending.walk.seconds:.0f} s of talking"


def _command(wanted: str, walk: Walk, file: str) -> str:
    flags = {"channel": "--channel", "case": "--case"}
    given = " ".join(
        f"{flags[k]} {shlex.quote(v)}" if k in flags else f"--fact {shlex.quote(f'{k}={v}')}"
        for k, v in walk.given.items()
    )
    return " ".join(
        x
        for x in (
            "calmdesk handle",
            shlex.quote(wanted if "/" in wanted else f"./{wanted}"),
            given,
            "--answers",
            shlex.quote(file),
        )
        if x
    )


def _write(x: Explored, wanted: str, folder: str) -> list[str]:
    """Each finding's path as an answers file, with the command that plays it on top."""
    written = []
    try:
        os.makedirs(folder, exist_ok=True)
        for number, wrong in enumerate(x.wrong, 1):
            if wrong.walk is None:
                continue
            file = os.path.join(folder, f"{x.root}-{number}-{wrong.finding.rule}.txt")
            with open(file, "w", encoding="utf-8") as out:
                out.write(f"# {cleaned(wrong.finding).message}\n# {_command(wanted, wrong.walk, file)}\n")
                out.write("".join(f"{line}\n" for line in wrong.walk.lines))
            written.append(file)
    except OSError as error:
        raise CalmdeskError(f"{folder} can't be written: {error.strerror}.", "Name another folder.") from None
    return written


def _document(x: Explored, wanted: str) -> dict[str, Any]:
    return {
        "playbook": x.root,
        "path": wanted,
        "exact": not x.bounded,
        "situations": x.situations,
        "steps": x.steps,
        "path_rules": x.rules,
        "endings": [_ending(e) for e in x.endings],
        "shortest": _ending(x.shortest) if x.shortest else None,
        "longest": _ending(x.longest) if x.longest else None,
        "round": x.round or None,
        "interruptions": [
            {
                "id": c.id,
                "plays": c.played,
                "returns": c.summary.returns,
                "endings": list(c.summary.endings),
                "asks": sorted(c.summary.sets),
            }
            for c in x.cuts
        ],
        "findings": [_finding(w) for w in x.wrong],
    }


def _ending(ending: Ending) -> dict[str, Any]:
    return {"disposition": ending.disposition, "path": ending.path, **_walked(ending.walk)}


def _walked(walk: Walk) -> dict[str, Any]:
    return {
        "steps": list(walk.visited),
        "spoken_seconds": round(walk.seconds, 1),
        "facts": dict(walk.given),
        "answers": list(walk.lines),
    }


def _finding(wrong: Wrong) -> dict[str, Any]:
    f = cleaned(wrong.finding)
    keys = ("rule", "severity", "path", "line", "column", "message", "tip")
    return {**{key: getattr(f, key) for key in keys}, **(_walked(wrong.walk) if wrong.walk else {})}
