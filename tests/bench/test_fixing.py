"""What `--fix` mends, it mends whole; what it can't, it leaves, with every comment where it was."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from calmdesk.bench.fixing import fix
from calmdesk.bench.lint import Linter
from calmdesk.playbook.folders import Library, built_in_folder

if TYPE_CHECKING:
    from pathlib import Path

    from calmdesk.playbook.findings import Finding

SOUND = """\
# What this file is for.
calmdesk: 1
title: Late parcel   # two words
goal: Say where it is.
facts:
  problem: {ask: "What happened?"}
steps:
  hear:
    title: Hear them out
    # Let them finish first.
    cue: [Let them finish, Write it down]
    ask: problem
    say: "So {problem}."
    claims: [A19, A34]
    choices:
      done: {label: They have finished, go: close}
  close:
    title: Close
    say: "Thank you."
    end: recovered
"""


def lint(folder: Path, text: str) -> tuple[Finding, ...]:
    path = str(folder / "main.yaml")
    return Linter(Library((built_in_folder(),), str(folder / "cache")), {path: text.encode()}).lint(path)


def fixed(folder: Path, text: str) -> str:
    return fix(text, lambda new: lint(folder, new)).text


def test_the_file_that_is_broken_below_is_sound(tmp_path: Path) -> None:
    assert lint(tmp_path, SOUND) == ()


@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        ("go: close}", "go: clsoe}"),
        ("ask: problem\n", "ask: problm\n"),
        ('"So {problem}."', '"So {problm}."'),
        ("    title: Close", "    titel: Close"),
        ("end: recovered", "end: recoverd"),
        ("claims: [A19, A34]", "claims: [A19, A34, A19]"),
        ('say: "Thank you."', "say: Thank you: that was it."),
        ("calmdesk: 1\n", ""),
    ],
)
def test_a_small_fault_is_mended_and_nothing_else_is_touched(tmp_path: Path, sound: str, broken: str) -> None:
    assert sound in SOUND
    mended = fixed(tmp_path, SOUND.replace(sound, broken))
    if sound.startswith('say: "Thank'):
        sound = 'say: "Thank you: that was it."'
        assert mended == SOUND.replace('say: "Thank you."', sound)
    else:
        assert mended == SOUND


@pytest.mark.parametrize(
    ("sound", "broken", "after"),
    [
        ("label: They have finished", "label: Yes, I have it", 'label: "Yes, I have it"'),
        ("label: They have finished", "label: Is that it?", 'label: "Is that it?"'),
        ("title: Close", "title: Close\u200b now", "title: Close now"),
        ("    title: Close", "\ttitle: Close", "    title: Close"),
        ("title: Close", "title: 24", 'title: "24"'),
        ("    cue: [Let them finish, Write it down]\n", "    check: []\n", ""),
    ],
)
def test_a_text_that_yaml_reads_otherwise_is_put_right(tmp_path: Path, sound: str, broken: str, after: str) -> None:
    mended = fixed(tmp_path, SOUND.replace(sound, broken))
    if "\t" in broken:
        # A tab may stand for two columns or one; where neither fits, the file is left alone.
        assert mended in {SOUND, SOUND.replace(sound, broken)}
        return
    assert mended == SOUND.replace(sound, after)


def test_two_faults_are_mended_together_where_the_first_hid_the_second(tmp_path: Path) -> None:
    text = SOUND.replace("label: They have finished", "label: Yes, I have it").replace(
        "end: recovered", "end: recoverd"
    )
    done = fix(text, lambda new: lint(tmp_path, new))
    assert done.text == SOUND.replace("label: They have finished", 'label: "Yes, I have it"')
    assert len(done.mended) == 2


def test_what_was_hidden_and_cant_be_mended_keeps_the_file_as_it_was(tmp_path: Path) -> None:
    text = SOUND.replace('say: "Thank you."', "say: Thank you: bye.").replace("end: recovered", "end: xyzzy")
    assert fixed(tmp_path, text) == text


def test_a_name_that_could_be_another_isnt_guessed(tmp_path: Path) -> None:
    text = SOUND.replace("go: close}", "go: the-end}")
    assert fixed(tmp_path, text) == text


def test_a_sound_file_stays_to_the_byte(tmp_path: Path) -> None:
    assert fixed(tmp_path, SOUND) == SOUND


def test_fixing_twice_changes_nothing_more(tmp_path: Path) -> None:
    once = fixed(tmp_path, SOUND.replace("go: close}", "go: clsoe}").replace("ask: problem\n", "ask: problm\n"))
    assert fixed(tmp_path, once) == once == SOUND


def test_words_in_a_draft_arent_taken_for_names(tmp_path: Path) -> None:
    text = SOUND + dedent("""\
        drafts:
          note: |
            We go: clsoe to the shop.
        """)
    text = text.replace("go: close}", "go: clsoe}").replace('say: "Thank you."', "draft: note")
    assert "We go: clsoe to the shop." in fixed(tmp_path, text)
