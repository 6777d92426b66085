"""A desk as the documents show it: its calls, its codes and its files, and a shell to type their commands in."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from calmdesk.coach.scenario import read_scenario
from calmdesk.playbook.folders import built_in_folder

TOP = Path(__file__).parent.parent
DOCUMENTS = [
    TOP / "README.md",
    TOP / "playbooks" / "README.md",
    TOP / "playbooks" / "phrases" / "README.md",
    *sorted((TOP / ".github").glob("*.md")),
]

# What the documents call by these names is made anew on each desk.
CALL, PROMISE, CODE = "bvrgm-12", "bvrgm-12.1", "bvrgm-12.1-g40.00-25-kdfp"
RESCUE = "calmdesk-rescue-2026-11-25-140512-7.json"
_CODE = re.compile(r"\b[a-z]{5}-\d+\.\d+-[a-z][\d.]+-\d+-[a-z]{4}\b")

_GIT = ("-c", "user.name=Dana", "-c", "user.email=dana@example.com", "-c", "core.autocrlf=false")
PARCEL = """\
calmdesk: 1
title: Late parcel
goal: Say where it is, and one time that holds.
signals: ["where is my parcel"]
facts:
  customer: {ask: "Customer's first name", default: there}
  price: {ask: "What did they pay?", kind: money}
  arrives: {ask: "When does it arrive?", kind: moment}
interruptions:
  shouts: {label: They shout, card: {say: "It's been a long wait, and you heard nothing."}}
steps:
  own:
    title: Own it
    principle: own
    say: "Hi {customer}, that's ours to put right. I'm sorry."
    check: [They finished]
    must-check: [Said once]
    choices: {heard: promise}
  promise:
    title: One time
    ask: [arrives, price]
    say: "It's with you by {arrives}."
    promise: {what: The parcel is there, by: "{arrives}"}
  gift:
    title: A gesture
    offer: {kind: gesture, ladder: goodwill, on: price}
  close:
    title: Close
    say: "You hear from me by {arrives}."
    draft: note
    end: recovered
drafts:
  note: "Dear {customer}, it's with you by {arrives}."
tests:
  - name: It comes today
    facts: {arrives: "17:00", price: 60}
    choose: [heard]
    expect: {disposition: recovered, passes: [own, promise, gift, close], promises: 1}
"""
BEGUN = ("i shouts", "n a note", "x 2", "1", "17:00", "60")
"""The call up to its offer."""
ENDED = (*BEGUN, "ok", "yes")
PHRASE = """\
calmdesk-phrase: 1
rule: not-my-job
label: STONEWALL
kind: violation
patterns: ["that's not my job"]
why: "It sends them away with what they came with."
instead: "I don't handle that myself. Let's find who does."
tests: {flag: ["That's not my job."], silent: ["My job is to help."]}
"""
REPLIES = '{"id": "1", "facts": "", "customer": "It broke again.", "reply": "Sorry if that upset you."}\n'


class Shown(NamedTuple):
    """A desk, its lead's desk, and the folder in which commands are typed."""

    top: Path
    """Holds `home`, `lead`, `user`, `work` and `bin`."""
    names: dict[str, str]
    """What the documents call it → what it is called here."""
    parked: str
    """A call that waits."""

    def renewed(self) -> Shown:
        """The desk as it was prepared, in the same place: the journal knows the paths of its playbooks."""
        shutil.rmtree(self.top)
        shutil.copytree(_kept(self.top), self.top, symlinks=True)
        return self

    def here(self, command: str) -> str:
        """A command with this desk's names in it."""
        names = {**self.names, CALL: self.parked} if "calmdesk resume" in command else self.names
        for name in sorted(names, key=len, reverse=True):
            command = command.replace(name, names[name])
        return command

    def environment(self, home: str = "home") -> dict[str, str]:
        """What the program sees of this machine."""
        keep = {k: v for k, v in os.environ.items() if k in {"LANG", "TMPDIR", "SYSTEMROOT"}}
        return {
            **keep,
            "PATH": f"{self.top / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.top / "user"),
            "CALMDESK_HOME": str(self.top / home),
            "PROFILE": str(self.top / "user" / "profile.ps1"),
            "TZ": "UTC",
            "NO_COLOR": "1",
            "PYTHONUTF8": "1",
        }

    def type(
        self, command: str, lines: tuple[str, ...] = (), /, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """A line typed into a shell; what is answered comes from `lines`, as from a pipe."""
        home = "lead" if "approve" in command else "home"
        return subprocess.run(
            ["bash", "-c", self.here(command)],
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=self.top / "work",
            env={**self.environment(home), **environment},
            timeout=60,
            check=False,
        )


def _kept(top: Path) -> Path:
    return top.parent / f"{top.name}-as-prepared"


def read_answers(scenario: str) -> tuple[str, ...]:
    """The replies of a scenario's first model answer."""
    data = Path(built_in_folder(), "scenarios", f"{scenario}.yaml").read_bytes()
    found = read_scenario(data, scenario).scenario
    assert found is not None
    return tuple(found.model_answers[0])


def prepare(top: Path) -> Shown:
    """A desk with an ended call, a parked one, one that waits for an approval, and the files that documents name."""
    for name in ("home/playbooks", "lead", "user/.zfunc", "user/.config/fish/completions", "bin", "work/playbooks"):
        (top / name).mkdir(parents=True)
    (top / "user/.local/share/man/man1").mkdir(parents=True)
    (top / "work/scenarios").mkdir()
    (top / "work/playbooks/phrases").mkdir()
    program = top / "bin" / "calmdesk"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m calmdesk "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (top / "home/config.toml").write_text('team-key = "the key of one team"\n', encoding="utf-8")
    (top / "lead/config.toml").write_text('role = "lead"\nteam-key = "the key of one team"\n', encoding="utf-8")
    for name in ("home/config.toml", "lead/config.toml"):
        (top / name).chmod(0o600)
    desk = Shown(top, {}, "")
    work = top / "work"
    for name in ("home/playbooks/late-parcel", "work/late-parcel", "work/my", "work/my-playbook", "work/playbooks/my"):
        (top / f"{name}.yaml").write_text(PARCEL, encoding="utf-8")
    (work / "outline.md").write_text(
        "# Broken bike\n## Hear\n> Tell me.\n- done -> Close\n## Close\nDid I miss anything?\n", encoding="utf-8"
    )
    (work / "answers.txt").write_text("\n".join(ENDED) + "\n", encoding="utf-8")
    (work / "reply.txt").write_text("We lost it, and that's our fault. I'm sorry.\n", encoding="utf-8")
    (work / "replies.jsonl").write_text(REPLIES, encoding="utf-8")
    (work / "playbooks/phrases/not-my-job.yaml").write_text(PHRASE, encoding="utf-8")
    caller = Path(built_in_folder(), "angry-caller.yaml").read_text(encoding="utf-8")
    (work / "angry-caller.yaml").write_text(caller.replace("Hi {customer}", "Hello {customer}"), encoding="utf-8")
    bike = Path(built_in_folder()) / "scenarios" / "bike-for-saturday.yaml"
    (work / "scenarios/our-bike.yaml").write_bytes(bike.read_bytes())
    for words in (["init", "-q"], ["add", "my.yaml"], ["commit", "-q", "-m", "My own"]):
        subprocess.run(["git", *_GIT, *words], cwd=work, env=desk.environment(), check=True)
    desk.type("calmdesk handle ./my.yaml --customer Ida", ENDED)
    (work / "my.yaml").write_text(PARCEL.replace("You hear from me by", "I'll tell you more by"), encoding="utf-8")
    handle = "calmdesk handle late-parcel --customer Rosa --case 4471"
    desk.type(handle, ENDED)
    told = desk.type(handle, (*BEGUN, "40")).stdout
    desk.type(handle, ("w the night desk",))
    desk.type(handle, BEGUN[:2])
    rehearsed = desk.type("calmdesk practice such-a-small-thing --seed 1", read_answers("such-a-small-thing"))
    assert "WON" in rehearsed.stdout, rehearsed
    (top / "user/lost").write_text("no folder", encoding="utf-8")
    lost = {"CALMDESK_HOME": str(top / "user/lost"), "HOME": str(work)}
    desk.type("calmdesk handle ./late-parcel.yaml", ENDED, **lost)
    next(work.glob("calmdesk-rescue-*.json")).rename(work / RESCUE)
    parked, _, _, ended, _ = (
        call["call"] for call in json.loads(desk.type("calmdesk call list --json").stdout)["calls"]
    )
    code = _CODE.search(told)
    assert code, told
    desk = Shown(top, {CODE: code.group(), PROMISE: f"{ended}.1", CALL: ended}, parked)
    (work / "call.json").write_text(desk.type(f"calmdesk call show {CALL} --json").stdout, encoding="utf-8")
    desk.type("calmdesk journal backup old.db")
    shutil.copytree(top, _kept(top), symlinks=True)
    return desk
