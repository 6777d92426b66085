"""What `--fix` mends, it mends whole; what it can't, it leaves, with every comment where it was."""

from __future__ import annotations

import random
import re
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from calmdesk.bench.fixing import fix
from calmdesk.bench.lint import Linter
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.shelf import shown_path
from calmdesk.playbook.source import read_source
from tests.proving import shared_cache

if TYPE_CHECKING:
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
    return Linter(Library((built_in_folder(),), shared_cache()), {path: text.encode()}).lint(path)


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
        ("title: Close", "title:\tClose", "title: Close"),
        ("title: Close", "title: 24", 'title: "24"'),
        ("    cue: [Let them finish, Write it down]\n", "    check: []\n", ""),
    ],
)
def test_a_text_that_yaml_reads_otherwise_is_put_right(tmp_path: Path, sound: str, broken: str, after: str) -> None:
    mended = fixed(tmp_path, SOUND.replace(sound, broken))
    assert mended == SOUND.replace(sound, after)


def test_two_faults_are_mended_together_where_the_first_hid_the_second(tmp_path: Path) -> None:
    text = SOUND.replace("label: They have finished", "label: Yes, I have it").replace(
        "end: recovered", "end: recoverd"
    )
    done = fix(text, lambda new: lint(tmp_path, new))
    assert done.text == SOUND.replace("label: They have finished", 'label: "Yes, I have it"')
    assert len(done.mended) == 2


def test_what_only_shows_once_the_file_can_be_read_is_left_and_told(tmp_path: Path) -> None:
    text = SOUND.replace('say: "Thank you."', "say: Thank you: bye.").replace("end: recovered", "end: xyzzy")
    done = fix(text, lambda new: lint(tmp_path, new))
    assert done.text == text.replace("Thank you: bye.", '"Thank you: bye."')
    assert [f.rule for f in done.left] == ["unknown-disposition"]


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


# --- what did harm once


def alone(folder: Path, sound: str, broken: str) -> str:
    """SOUND with a fault, mended."""
    assert sound in SOUND
    return fixed(folder, SOUND.replace(sound, broken))


def test_an_id_is_renamed_where_it_is_meant_and_in_no_text(tmp_path: Path) -> None:
    text = (
        SOUND.replace("  close:\n", "  Close:\n")
        .replace("go: close}", "go: Close}")
        .replace('"Thank you."', '"Close the door. Close: that is all."')
        .replace("    title: Close\n", "    title: Close   # Close, as they say\n")
        + "path-rules:\n  - {before: Close, must-pass: hear}\n"
        + "tests:\n  - name: Close\n    choose: done\n    expect: {passes: [hear, Close], says: Close the door}\n"
    )
    mended = fixed(tmp_path, text)
    expected = text.replace("  Close:\n", "  close:\n").replace("go: Close}", "go: close}")
    expected = expected.replace("before: Close", "before: close").replace("[hear, Close]", "[hear, close]")
    assert mended == expected


def test_ids_of_facts_options_drafts_and_cuts_are_renamed_too(tmp_path: Path) -> None:
    text = (
        SOUND.replace(
            "facts:\n",
            'facts:\n  Whose_Slip: {ask: "Whose?", one-of: {Our_Slip: Our_Slip, theirs: Theirs}, default: theirs}\n',
        )
        .replace("ask: problem\n", "ask: [problem, Whose_Slip]\n")
        .replace("go: close}", "go: [{when: {Whose_Slip: Our_Slip}, step: close}, {step: close}], forget: Whose_Slip}")
        .replace('say: "Thank you."', "draft: The_Note")
        + "interruptions:\n  Angry_Man: {label: The_Note, card: {say: Whose_Slip it is}}\n"
        + "drafts:\n  The_Note: |\n    Our_Slip, The_Note. Whose_Slip.\n"
        + "tests:\n  - name: One\n    facts: {Whose_Slip: Our_Slip}\n    choose: ['i:Angry_Man', done]\n"
        + "    expect: {says: The_Note}\n"
    )
    mended = fixed(tmp_path, text)
    assert "whose-slip: {ask" in mended
    assert "one-of: {our-slip: Our_Slip," in mended
    assert "ask: [problem, whose-slip]" in mended
    assert "when: {whose-slip: our-slip}, step" in mended
    assert "forget: whose-slip}" in mended
    assert "draft: the-note" in mended
    assert "angry-man: {label: The_Note, card: {say: Whose_Slip it is}}" in mended
    assert "  the-note: |\n    Our_Slip, The_Note. Whose_Slip.\n" in mended
    assert "facts: {whose-slip: our-slip}\n    choose: ['i:angry-man', done]" in mended
    assert "says: The_Note" in mended
    assert not [f for f in lint(tmp_path, mended) if f.rule == "bad-id"]


def test_an_id_with_letters_beyond_ascii_is_left(tmp_path: Path) -> None:
    text = (
        SOUND.replace("  close:\n", "  größe:\n").replace("go: close}", "go: größe}").replace("Thank you", "Die größe")
    )
    assert fixed(tmp_path, text) == text


@pytest.mark.parametrize(
    ("sound", "broken", "after"),
    [
        # A comment stays one.
        ('say: "Thank you."', "say: Well: hello # our usual line", 'say: "Well: hello" # our usual line'),
        ("    title: Close", "    title: 12   # the team's code", '    title: "12"   # the team\'s code'),
        ('say: "Thank you."', "say: Come to Room #12", 'say: "Come to Room #12"'),
        ('say: "Thank you."', "say: Come to Room #12  # upstairs", 'say: "Come to Room #12"  # upstairs'),
        ('say: "Thank you."', "say: Come in #upstairs", "say: Come in #upstairs"),
        # One value and no key.
        (
            '{ask: "What happened?"}',
            "{ask: When is the room ready?, kind: time}",
            '{ask: "When is the room ready?", kind: time}',
        ),
        ('{ask: "What happened?"}', "{ask: Well: is it?, kind: text}", '{ask: "Well: is it?", kind: text}'),
        ('say: "Thank you."', "say: Well: go: close", "say: Well: go: close"),
        ("label: They have finished", "label: Yes, go", "label: Yes, go"),
        # A text that goes on below.
        ('say: "Thank you."', "say: Well: hello\n      there", "say: Well: hello\n      there"),
        # Names and lists.
        ("claims: [A19, A34]", "claims: [A19, A341]", "claims: [A19, A341]"),
        ("claims: [A19, A34]", "claims: [A19, A34, A19]  # ours", "claims: [A19, A34]  # ours"),
        ("    title: Close", "    title: Close\n    check: []", "    title: Close"),
        (
            "    title: Close",
            "    title: Close\n    check: []  # none yet",
            "    title: Close\n    check: []  # none yet",
        ),
        ("    title: Close", "    title:Close", "    title: Close"),
        ("    title: Close", "    title Close", "    title: Close"),
        ("  close:\n", "  close\n", "  close:\n"),
        ("steps:\n", "steps\n", "steps:\n"),
        ("    title: Close", "    title:\u00a0Close", "    title: Close"),
        ("    title: Close", "    title: “Close, now”", '    title: "Close, now"'),
        ("[Let them finish, Write it down]", "[“Let them, do”, Write it down]", '["Let them, do", Write it down]'),
        ("    title: Close", "    title: true", '    title: "true"'),
        ('say: "Thank you."', "say: {problem}, I see.", 'say: "{problem}, I see."'),
        ('say: "Thank you."', "say: [name], I see.", 'say: "[name], I see."'),
        ('say: "Thank you."', "say: @all of you", 'say: "@all of you"'),
        ("calmdesk: 1\n", "", "calmdesk: 1\n"),
    ],
)
def test_each_repair_touches_what_it_is_about(tmp_path: Path, sound: str, broken: str, after: str) -> None:
    mended = alone(tmp_path, sound, broken)
    assert mended == SOUND.replace(sound, after)
    assert fixed(tmp_path, mended) == mended


def test_an_item_that_stands_twice_goes_with_all_of_its_lines(tmp_path: Path) -> None:
    items = "    cue:\n      - Let them\n        finish\n      - Write\n      - Let them\n        finish\n"
    text = SOUND.replace("    cue: [Let them finish, Write it down]\n", items)
    mended = fixed(tmp_path, text)
    assert mended == text.replace("      - Write\n      - Let them\n        finish\n", "      - Write\n")
    noted = text.replace("- Write\n      - Let them\n", "- Write\n      - Let them\n").replace(
        "- Write\n      - Let them\n        finish\n", "- Write\n      - Let them finish   # again\n"
    )
    assert fixed(tmp_path, noted) == noted


def test_comments_that_say_what_is_fine_stay(tmp_path: Path) -> None:
    text = SOUND.replace("title: Close", "title: Close  # lint-ok long-line: it isn't")
    text = text.replace("ask: problem\n", "ask: problm\n")
    assert fixed(tmp_path, text) == text.replace("ask: problm\n", "ask: problem\n")


def test_names_with_a_comma_become_a_list_and_none_is_lost(tmp_path: Path) -> None:
    facts = SOUND.replace("  problem: {", '  back: {ask: "When?"}\n  back-on: {ask: "On?"}\n  problem: {')
    text = facts.replace("ask: problem\n", "ask: back, back-on\n").replace("{problem}", "{back}")
    assert "ask: [back, back-on]\n" in fixed(tmp_path, text)
    unknown = facts.replace("ask: problem\n", "ask: back, bakc-on\n")
    assert fixed(tmp_path, unknown) == unknown
    test = "tests:\n  - name: One\n    choose: done, done\n    expect: {disposition: recovered, passes: hear, close}\n"
    mended = fixed(tmp_path, SOUND + test)
    assert "choose: [done, done]\n" in mended
    assert "passes: [hear, close]}" in mended


def test_of_two_near_names_none_is_picked(tmp_path: Path) -> None:
    step = '  room-two:\n    title: Close\n    say: "Hello."\n    end: recovered\n'
    text = SOUND + step.replace("room-two", "closet") + step.replace("room-two", "closed")
    text = text.replace("go: close}", "go: closef}")
    assert fixed(tmp_path, text) == text
    far = SOUND.replace("go: close}", "go: closing-it}")
    assert fixed(tmp_path, far) == far


def test_tabs_become_the_columns_that_read_best(tmp_path: Path) -> None:
    tabbed = re.sub(r"^(?:  )+", lambda m: "\t" * (len(m.group()) // 2), SOUND, flags=re.MULTILINE)
    assert "\t\t\tdone" in tabbed
    assert fixed(tmp_path, tabbed) == SOUND
    assert fixed(tmp_path, SOUND.replace('    say: "Thank', '\tsay: "Thank')) == SOUND


def test_other_wrong_things_dont_keep_a_repair_away(tmp_path: Path) -> None:
    text = SOUND.replace("go: close}", "go: clsoe}").replace("end: recovered", "end: xyzzy")
    text = text.replace('"Thank you."', '"Calm down. It is closed."')
    done = fix(text, lambda new: lint(tmp_path, new))
    assert done.text == text.replace("clsoe", "close")
    assert [m.says for m in done.mended] == ["“clsoe” is now “close”"]


def test_many_faults_are_mended_in_one_go(tmp_path: Path) -> None:
    text = (
        SOUND.replace("calmdesk: 1\n", "")
        .replace("label: They have finished", "label: Is it?")
        .replace("go: close}", "go: clsoe}")
        .replace('say: "Thank you."', "say: Well: thanks")
        .replace("end: recovered", "end: recoverd")
        .replace("    title: Close", "    titel: Close")
    )
    done = fix(text, lambda new: lint(tmp_path, new))
    assert done.left == ()
    assert len(done.mended) == 6


# --- any faults in any good file


FAULTS: list[tuple[str, Any]] = [
    (r"\bend: (\w+)(?=\n)", r"end: \1x"),
    (r"\bgo: (\w{5,})\b", r"go: \1x"),
    (r"(?m)^calmdesk: 1\n", ""),
    (r'(?m)^(\s+(?:title|why|goal)): (\w[^"\n#]*)$', r"\1: Well: \2"),
    (r"(?m)^(\s+)title: ", r"\1titel: "),
    (r"(?m)^(\s+)title: .*$", r"\1title: 24"),
    (r"(?m)^(\s+)principle: (\w+)$", r"\1principle: \2x"),
    (r"label: (\w[\w ]+)(?=[,}])", r"label: \1?"),
    (r"label: (\w+) (\w[\w ]*)(?=[,}])", r"label: \1, \2"),
    (r"(?m)^(\s+title: \w+)", "\\1\u200b"),
    (r"claims: \[(\w+), ", r"claims: [\1, \1, "),
    (r"(?m)^    title: ", "\ttitle: "),
    (r"(?m)^(\s+)title: (\w.*)$", r"\1title:\2"),
    (r"(?m)^(\s+)title: (\w[^#\n]*)$", r"\1title: “\2”"),
    (r"(?m)^(\s+)check: .*$", r"\1check: []"),
    (r"(?m)^  ([a-z-]+):$", r"  \1"),
    (r"\bask: (\w+)(?=\n)", r"ask: \1x"),
    (r"(?m)^  ([a-z])([a-z-]+):$", lambda m: f"  {m.group(1).upper()}{m.group(2)}:"),
    (r"(?m)^(\s+)why: (\w[^\n#\"]*)$", r"\1why: \2 #7"),
]
BOOKS = sorted(p for p in Path(built_in_folder()).glob("*.yaml") if p.stem not in {"policy", "claims", "evidence"})


def spoken(root: Any) -> set[str]:
    """The texts of at least three words."""
    found, todo = set[str](), [root]
    while todo:
        node = todo.pop()
        todo += [n for _, n in node.entries.values()] + node.items
        if node.text.count(" ") > 1:
            found.add(node.text)
    return found


def with_comments(text: str, chance: random.Random) -> str:
    """The text with comments behind some lines that are read as layout and short values."""
    lines = text.split("\n")
    for n, line in enumerate(lines):
        if re.match(r"\s+[a-z-]+: *[\[{\w].*[\]}\w]$", line) and chance.random() < 0.3 and '"' not in line:
            lines[n] = f"{line}   # note {n}: it's [ours], say: “so”"
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(24))
def test_whatever_is_wrong_nothing_else_is_touched(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    good = with_comments(chance.choice(BOOKS).read_text(encoding="utf-8"), chance)
    text = good
    for pattern, new in chance.sample(FAULTS, chance.randint(1, 4)):
        places = list(re.finditer(pattern, text))
        if places:
            place = chance.choice(places)
            text = text[: place.start()] + re.sub(pattern, new, text[place.start() :], count=1)
    done = fix(text, lambda new: lint(tmp_path, new), named(tmp_path))
    assert comments(done.text) == comments(text)
    sound, mended = set(good.split("\n")), set(done.text.split("\n"))
    if "bad-id" not in {m.finding.rule for m in done.mended}:
        # An id is renamed wherever it is meant; anything else only where the fault was planted.
        assert [line for line in text.split("\n") if line in sound and line not in mended] == []
    was = read_source(good.encode()).root
    now = read_source(done.text.encode()).root
    if now is not None:
        planted = set(good.split("\n")) ^ set(text.split("\n"))
        kept = {t for t in spoken(was) if not any(t[:20] in line for line in planted)}
        assert kept <= spoken(now)
    assert fix(done.text, lambda new: lint(tmp_path, new), named(tmp_path)).text == done.text


def comments(text: str) -> list[str]:
    """The comments that were planted, and those on lines of their own."""
    return re.findall(r"(?m)(?:^\s*#.*|# note \d+: .*)$", text)


def named(folder: Path) -> str:
    """How findings name the file."""
    return shown_path(str(folder / "main.yaml"))
