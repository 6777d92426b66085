"""Playbooks to time: two steps that lead to each other, and files of any size up to the reader's limits."""

from __future__ import annotations

from typing import NamedTuple

MAX_BYTES, MAX_VALUES = 256 * 1024, 20_000


class Seen(NamedTuple):
    """A step by two texts that stand on no other screen: the first of its words, the last of its choices.

    The program writes only the cells that changed, so their letters are used by nothing else on any screen.
    """

    words: str
    choice: str


HERE = Seen("QXQX", "KVKV")
THERE = Seen("ZJZJ", "BUBU")

TWO_STEPS = f"""\
calmdesk: 1
title: Two steps
goal: Two steps that lead to each other.
steps:
  here:
    title: Hear them out
    cue: [Let them finish, "Write nouns, dates, amounts"]
    say: "{HERE.words}, I have got you: start wherever you like, and I'll take notes."
    avoid: [{{line: Please calm down., why: It tells them the feeling is wrong., instead: Say what you heard.}}]
    check: [They finished, I have their noun on paper]
    choices:
      finished: {{label: They have finished, go: there}}
      stop: {{label: They hang up, go: close}}
      looping: {{label: The answer is {HERE.choice}, go: there}}
  there:
    title: Say it back
    cue: [One sentence, Wait for yes]
    say: "{THERE.words}, what I have got is this. Have I understood you right so far?"
    avoid: [{{line: As I said., why: It blames them for asking., instead: Say it once more.}}]
    check: [They said yes, Nothing was left out]
    choices:
      no-yet: {{label: Not quite yet, go: here}}
      stop: {{label: They hang up, go: close}}
      again: {{label: The answer is {THERE.choice}, go: here}}
  close:
    title: Close
    say: Thank you for telling me.
    end: recovered
"""
ALL_TO_THE_END = "stop\n"


def of_steps(steps: int, size: int = 0) -> str:
    """A playbook of so many steps (ten values each: say and two choices), filled up to `size` bytes with words to say."""
    head = "calmdesk: 1\ntitle: Many steps\ngoal: See what a step costs.\nsteps:\n"
    ends = f"  last-one: {{say: {THERE.words} the end., end: recovered}}\n"
    rows = [
        f"  s{n:04}: {{choices: {{yes: s{n + 1:04}, no: last-one}}, say: {HERE.words if n == 0 else 'We are at'} {n}%}}\n"
        for n in range(steps - 1)
    ]
    rows[-1] = rows[-1].replace(f"s{steps - 1:04},", "last-one,")
    spare = (size - len(head) - len(ends) - sum(map(len, rows)) + steps - 1) // (steps - 1) if size else 0
    filling = (" and so on" * (spare // 10 + 1))[: max(0, spare)].rstrip()
    return head + "".join(row.replace("%", filling) for row in rows) + ends


def largest() -> str:
    """The largest playbook there is: just under both limits of the reader."""
    return of_steps((MAX_VALUES - 20) // 10, MAX_BYTES - 1)


def most_steps() -> str:
    """The playbook of the most steps: four values each, words to say and nothing else."""
    head = "calmdesk: 1\ntitle: Most steps\ngoal: See what a step costs.\nsteps:\n"
    first = f"  s0000: {{choices: {{yes: s0001, no: last-one}}, say: {HERE.words} we begin.}}\n"
    rows = [f"  s{n:04}: {{say: We are at {n}.}}\n" for n in range(1, (MAX_VALUES - 30) // 4)]
    return head + first + "".join(rows) + "  last-one: {say: The end., end: recovered}\n"
