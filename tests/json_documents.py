"""What the program writes for other programs: the shape of each JSON document, found by running it."""

from __future__ import annotations

import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from calmdesk.call.events import Coached, Stamp
from calmdesk.journal.opening import close_journal, open_journal
from tests.documented import BEGUN, CODE, PARCEL, prepare

NAMED = {"facts", "drafts", "coverage", "meters"}
"""Groups whose keys are names of a playbook."""
TITLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("`call show`, `call summary --format json`, `handle` and `resume` with `--summary - --format json`, and what a hook is handed", ("call show {ended} --json", "call show {parked} --json", "call show {asked} --json", "call show {handed} --json", "call show {refused} --json")),
    ("`call list`", ("call list --json",)),
    ("`call export --format json`", ("call export --case 4471 --format json",)),
    ("`promise list`", ("promise list --all --json",)),
    ("`approve`", ("approve --json",)),
    ("`practice`", ("practice --json",)),
    ("`progress`", ("progress --json", "progress --json in later")),
    ("`coach --format json`", ('coach "Sorry if that upset you." --format json',)),
    ("`coach --batch`, a line", ("coach --batch replies.jsonl",)),
    ("`playbook list`", ("playbook list --json",)),
    ("`playbook lint --format json`", ("playbook lint wrong.yaml --format json",)),
    ("`playbook test`", ("playbook test failing.yaml ./failing-bike.yaml --json",)),
    ("`playbook explore`", ("playbook explore failing.yaml --json",)),
    (
        "`playbook diff`",
        ("playbook diff my.yaml renamed.yaml --json", "playbook diff my-playbook.yaml lost.yaml --json", "playbook diff late-parcel --json"),
    ),
    ("`explain`", ("explain --json",)),
    ("`explain RULE`", ("explain dead-end --json",)),
    ("`explain RULE`, a phrase rule", ("explain calm-down --json",)),
    ("`config show`", ("config show --json",)),
    ("`config path`", ("config path --json",)),
    ("`doctor`", ("doctor --json",)),
)  # fmt: skip


class Either(NamedTuple):
    """What may be of several kinds."""

    ways: tuple[Any, ...]


def shape_of(value: Any, name: str = "") -> Any:
    """What kind of value stands there: a group, a list of one kind, or the names of simple kinds."""
    if isinstance(value, dict):
        if name in NAMED:
            inner = None
            for each in value.values():
                inner = join(inner, shape_of(each))
            return {"NAME": inner} if inner is not None else {}
        return {key: 1 if key == "schema" else shape_of(each, key) for key, each in value.items()}
    if isinstance(value, list):
        one = None
        for each in value:
            one = join(one, shape_of(each))
        return [] if one is None else [one]
    if value is None:
        return "null"
    return "true | false" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "text"


def join(one: Any, other: Any) -> Any:
    """What is either the one or the other."""
    if one is None or one == other:
        return other
    if other is None:
        return one
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: join(one.get(key), other.get(key)) for key in [*one, *(k for k in other if k not in one)]}
    if isinstance(one, list) and isinstance(other, list):
        return [join(one[0], other[0])] if one and other else one or other
    ways: list[Any] = []
    for way in (*_ways(one), *_ways(other)):
        alike = next((w for w in ways if type(w) is type(way) and not isinstance(w, str)), None)
        if alike is not None:
            ways[ways.index(alike)] = join(alike, way)
        elif way not in ways:
            ways.append(way)
    return Either(tuple(sorted(ways, key=lambda w: (w == "null", str(w)))))


def _ways(shape: Any) -> tuple[Any, ...]:
    return shape.ways if isinstance(shape, Either) else (shape,)


def render_shape(shape: Any, inset: str = "") -> str:
    """A shape as JSON with kinds for values; a group that fits stands on one line."""
    if isinstance(shape, dict):
        pairs = [f'"{key}": {render_shape(each, inset + "  ")}' for key, each in shape.items()]
        pairs = [pair.replace('"NAME"', "NAME", 1) for pair in pairs]
        short = "{" + ", ".join(pairs) + "}"
        if len(inset) + len(short) <= 100 and "\n" not in short:
            return short
        return "{\n" + ",\n".join(f"{inset}  {pair}" for pair in pairs) + f"\n{inset}}}"
    if isinstance(shape, list):
        return f"[{render_shape(shape[0], inset)}, …]" if shape else "[…]"
    if isinstance(shape, Either):
        return " | ".join(render_shape(way, inset) for way in shape.ways)
    return str(shape)


WRONG = (
    "calmdesk: 1\ntitle: Wrong\ngoal: Wrong.\nsteps:\n  one: {say: Hello, go: tow}\n  two: {say: Bye, end: recovered}\n"
)
FAILING = """\
calmdesk: 1
title: Failing
goal: It fails.
facts: {owed: {ask: Owed, kind: money}}
interruptions: {insults: {label: They insult, play: abusive-caller}}
steps:
  one: {say: Hello, ask: owed, choices: {by-now: two, or-not: three, again: one}}
  two: {say: Bye, when: {owed: {over: 5}}, end: recovered}
  three: {say: Bye, end: follow-up}
path-rules:
  - {every-end: any, must-pass: two}
tests:
  - {name: It ends, facts: {owed: 5}, choose: [by-now], expect: {disposition: lost}}
  - {name: It ends well, facts: {owed: 9}, choose: [by-now], expect: {disposition: recovered}}
"""
CONFIGURED = """\
team-key = "the key of one team"
hook = ["send"]
colour = "blue"
"""


def find_documents(folder: Path) -> dict[str, Any]:
    """Title → the shape of what the program writes there, on a desk that has something of everything."""
    desk = prepare(folder)
    work = desk.top / "work"
    renamed = (
        PARCEL.replace("gift", "present").replace("ask: [arrives, price]", "ask: price").replace("heard:", "told:")
    )
    (work / "renamed.yaml").write_text(renamed, encoding="utf-8")
    broken = PARCEL.replace("end: recovered", "end: follow-up").replace("choices: {heard: promise}", "go: promise")
    (desk.top / "home/playbooks/late-parcel.yaml").write_text(broken, encoding="utf-8")
    (work / "lost.yaml").write_text(PARCEL.replace("end: recovered", "end: follow-up"), encoding="utf-8")
    (work / "wrong.yaml").write_text(WRONG, encoding="utf-8")
    (work / "failing.yaml").write_text(FAILING, encoding="utf-8")
    bike = (work / "scenarios/our-bike.yaml").read_text(encoding="utf-8")
    (work / "failing-bike.yaml").write_text(bike.replace("loses: [BLAME]", "loses: [DISMISS]", 1), encoding="utf-8")
    desk.type("calmdesk handle late-parcel --case 4471", (*BEGUN, "40", "none", "none"))
    said = desk.type(f"calmdesk approve {CODE}").stdout.splitlines()[1]
    calls = [c["call"] for c in json.loads(desk.type("calmdesk call list --json").stdout)["calls"]]
    refused, parked, handed, asked, ended, _ = calls
    resumed = desk.type(f"calmdesk resume {asked}", (said, "yes"))
    assert resumed.returncode == 0, resumed
    desk.type(f"calmdesk promise done {ended}.1")
    (desk.top / "home/config.toml").write_text(CONFIGURED, encoding="utf-8")
    journal = open_journal(str(desk.top / "later"))
    # A slip that the coach found a month ago: it has come round since, at a desk that did nothing else.
    journal.append(None, [Coached(("HOSTILE",))], Stamp(time.time_ns() // 1_000_000 - 30 * 86_400_000, 0, "boot"), {})
    close_journal(journal)
    names = {"refused": refused, "parked": parked, "handed": handed, "asked": asked, "ended": ended}
    wanted = [(title, line) for title, lines in TITLES for line in lines]

    def ask(line: str) -> Any:
        command, _, home = line.partition(" in ")
        place = {"CALMDESK_HOME": str(desk.top / home)} if home else {}
        ran = desk.type(f"calmdesk {command.format(**names)}", **place)
        assert ran.stdout, (line, ran.stderr)
        return shape_of(json.loads(ran.stdout if not line.startswith("coach --batch") else ran.stdout.splitlines()[0]))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found: dict[str, Any] = {}
        for (title, _), shape in zip(wanted, pool.map(ask, [line for _, line in wanted]), strict=True):
            found[title] = join(found.get(title), shape)
    return found


def render_json() -> list[str]:
    """Every document that the program writes for other programs."""
    told = [
        "## JSON",
        (
            'With `--json` or `--format json`, each document has `"schema": 1`: keys may be added under this number, and '
            "none is taken away or changes its meaning. Money is exact text, and times are ISO 8601 with their offset. "
            "NAME is a name of the playbook's own. `playbook show --json` gives the keys of the [playbook](#playbook), "
            "with its `id`."
        ),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for title, shape in find_documents(Path(folder) / "desk").items():
            told += [f"**{title}**", f"```text\n{render_shape(shape)}\n```"]
    return told
