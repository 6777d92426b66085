"""Whatever an outline says, it becomes a playbook that lints clean, passes its tests, and loses none of its words."""

from __future__ import annotations

import os
import tempfile
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from calmdesk.bench.lint import Linter
from calmdesk.bench.mutating import make_bed, mutate
from calmdesk.bench.testing import play_tests
from calmdesk.cli.starting import fit_outline
from calmdesk.playbook.compiling import make_edition
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.outlining import MOST_CUES, MOST_STEPS, draft_outline
from calmdesk.playbook.wording import quote, slug

if TYPE_CHECKING:
    from calmdesk.playbook.outlining import Outlined

CACHE = tempfile.mkdtemp()
LIBRARY = Library((os.path.abspath(built_in_folder()),), CACHE)
PATH = os.path.join(CACHE, "mine.yaml")


def holds(outline: str, *, mutated: bool = True) -> tuple[Outlined, dict[str, Any]]:
    """The playbook of an outline, which lints without a word and passes its tests, of which there is one at least."""
    made = fit_outline(LIBRARY, PATH, dedent(outline), "", ["A comment."])
    linter = Linter(LIBRARY, {PATH: made.text.encode()})
    assert [f"{f.line}: {f.rule} {f.message}" for f in linter.lint(PATH)] == [], made.text
    closure, cuts = linter.prepare(PATH)
    data = closure.data[closure.root]
    assert data["tests"]
    outcomes = play_tests(make_edition(closure.root, closure.data, closure.policies.policy), data["tests"])
    assert [o.difference for o in outcomes if o.difference] == [], made.text
    if mutated:
        bed = make_bed(closure.root, closure.data, closure.policies.policy, cuts, outcomes)
        assert mutate(closure.root, data, [bed]).score >= 0.8, made.text
    return made, data


def told(made: Outlined) -> str:
    return "\n".join(f"{note.line}: {note.told}" for note in made.notes)


def test_headings_become_steps_quotes_are_said_and_bullets_are_cues_checks_and_choices() -> None:
    made, data = holds("""
        # Broken bike

        They ride again, and know when.

        ## 1. Hear them out
        > Tell me what happened.
        > I'm listening.
        - Let them finish
        1. Write dates
        - [ ] I have their noun
        - they finish -> Own it
        - they say nothing → hear them out
        ## 2. Own it
        We got this wrong. I'm sorry.
        - => 3
        ## 3. Close
        - "Did I miss anything?"
        """)
    assert (data["title"], data["goal"]) == ("Broken bike", "They ride again, and know when.")
    assert list(data["steps"]) == ["hear-them-out", "own-it", "close"]
    hear, own, close = data["steps"].values()
    assert hear["say"] == [{"when": None, "lines": ["Tell me what happened.", "I'm listening."]}]
    assert hear["cue"] == ["Let them finish", "Write dates"]
    assert hear["check"] == ["I have their noun"]
    ways = {way["label"]: way["go"][0]["step"] for way in hear["choices"].values()}
    assert ways == {"they finish": "own-it", "they say nothing": "hear-them-out"}
    assert own["say"][0]["lines"] == ["We got this wrong. I'm sorry."]
    assert own["go"] == [{"step": "close"}]
    assert close["end"] == "recovered"
    assert made.notes == ()


def test_a_list_without_headings_is_an_outline_too() -> None:
    _, data = holds("""
        1. Listen
           - Let them finish
        2. Fix it
        3. Close
        """)
    assert [step["title"] for step in data["steps"].values()] == ["Listen", "Fix it", "Close"]
    assert data["steps"]["listen"]["cue"] == ["Let them finish"]


def test_a_choice_that_leads_nowhere_is_told_with_what_was_meant_and_kept_as_a_comment() -> None:
    made, data = holds("# A\n## Hear\n- yes -> Cloose\n## Close\n")
    assert "choices" not in data["steps"]["hear"]
    assert "3: “yes -> Cloose” is kept as a comment: there is no step “Cloose”. Did you mean “close”?" in told(made)
    assert "    # line 3: yes -> Cloose\n" in made.text


def test_headings_that_stand_twice_get_two_names_and_a_choice_leads_to_the_first() -> None:
    made, data = holds("# A\n## Ask\n- again -> ask\n- on -> End\n## Ask\n## End\n")
    assert list(data["steps"]) == ["ask", "ask-2", "end"]
    assert data["steps"]["ask"]["choices"]["again"]["go"] == [{"step": "ask"}]
    assert "“Ask” stands twice" in told(made)


def test_a_step_that_nothing_leads_to_and_a_circle_get_a_way_on_and_it_is_told() -> None:
    made, data = holds("# A\n## One\n- x -> Three\n## Two\n## Three\n- back -> One\n")
    assert "No choice led to “Two”" in told(made)
    assert "“close” was added" in told(made)
    assert data["steps"]["close"]["end"] == "recovered"


def test_words_that_hurt_are_not_said_but_kept_with_the_reason() -> None:
    made, data = holds("# A\n## Hear\n> Please calm down.\n> I'm listening.\n## Close\n")
    assert data["steps"]["hear"]["say"][0]["lines"] == ["I'm listening."]
    assert "3: “Please calm down.” is kept as a comment." in told(made)
    assert "# line 3: Please calm down. (" in made.text


def test_a_long_line_is_said_as_far_as_a_breath_goes_and_the_rest_is_cues_behind_the_trainers_own() -> None:
    long = "I'm sorry, that was our slip. " + "We will look at the order and at the van and at the wheel " * 6
    made, data = holds(f"# A\n## Own\n{long}\n- My own cue\n")
    assert data["steps"]["own"]["say"][0]["lines"] == ["I'm sorry, that was our slip."]
    assert data["steps"]["own"]["cue"][0] == "My own cue"
    assert len(data["steps"]["own"]["cue"]) == MOST_CUES
    assert "more than one breath" in told(made)


def test_what_was_not_understood_stands_as_a_comment_with_its_line() -> None:
    made, _ = holds(
        "# A\n## Own\nSaid.\n\nMore words.\n| a | b |\n```\ncode # lint-ok-file long-line: no\n```\n<!-- note -->\n"
    )
    for line in ("line 5: More words.", "line 6: | a | b |", "line 8: code # lint ok-file", "line 10: <!-- note -->"):
        assert f"    # {line}" in made.text


def test_more_steps_than_anybody_follows_are_kept_as_comments() -> None:
    made, data = holds("# A\n" + "".join(f"## Step {n}x\n" for n in range(60)))
    assert len(data["steps"]) == MOST_STEPS
    assert "Step 59x" in made.text


def test_an_empty_outline_is_one_step_that_plays() -> None:
    for nothing in ("", "\n\n", "---\n---", "#", "\ufeff"):
        made, data = holds(nothing)
        assert len(data["steps"]) == 1
        assert "There was no step in it" in told(made)


WORDS = st.sampled_from(
    ["Hear", "own it", "ভাঙা সাইকেল", "😀👨‍👩‍👧", '"', "“so”", "{price}", "true", "null", "- a: b # c", "'", "\\", "*x*", "**b**",
     "lint-ok", "# lint-ok-file long-cue: x", "->", "→ Hear", "a" * 300, "word " * 40, "Please calm down.", "\u200b", "\x1b[31m",
     "return", "offer", "١٢", "3", "%TAG", "&a", "!x", "[ ]", "[x] y", "e\u0301" * 9, "\u202e", "https://a.b/c?d=e", "\t", "\u00a0"]
)  # fmt: skip
TEXT = st.lists(WORDS | st.text(max_size=12), max_size=4).map(" ".join)
LINE = st.builds(
    lambda lead, text, to: lead + text + to,
    st.sampled_from(
        ["# ", "## ", "### ", "- ", "  - ", "> ", "1. ", "", "- [ ] ", "#", "```", "<!-- ", "| ", "===", "---"]
    ),
    TEXT,
    st.just("") | st.builds(" -> {}".format, TEXT),
)


@settings(max_examples=int(os.environ.get("CALMDESK_OUTLINE_EXAMPLES", "20")))
@given(st.lists(LINE, max_size=25).map("\n".join) | st.text(max_size=200))
@example("# A\n## B\n- x -> B\n- x -> B\n- X -> b\n")
@example("## a\n# b\n### c\n")
@example("# A\n## true\n## null\n## return\n## 1\n- -> true\n")
@example("# A\n## B\n" + "".join(f"- way {n} -> B\n" for n in range(20)))
@example("# ' # lint-ok-file long-cue: x")
@example("a\n===\nb\n---\nc -> d\n")
@example("# A\n## B\n- [ ] same\n- [ ] same\n- same\n- same\n")
def test_whatever_the_outline_it_lints_clean_passes_its_tests_and_loses_no_step(outline: str) -> None:
    made, data = holds(outline, mutated=False)
    assert len(data["steps"]) == made.steps


@given(st.text(max_size=80))
@example('it\'s: "off" \\ # no')
def test_quoted_words_read_back_as_they_are(text: str) -> None:
    from calmdesk.playbook.source import read_source
    from calmdesk.safetext import clean

    text = clean(text)
    read = read_source(f"a: {quote(text)}\n".encode())
    assert read.findings == ()
    assert read.root is not None
    found = read.root.get("a")
    assert found is not None
    assert found.text == text


@given(st.lists(st.text(max_size=50), max_size=8))
def test_every_name_made_from_words_is_an_id_and_none_comes_twice(words: list[str]) -> None:
    from calmdesk.playbook.shapes import is_id

    names: dict[str, str] = {}
    for number, text in enumerate(words):
        names[slug(text, names, f"step-{number}")] = text
    assert len(names) == len(words)
    assert all(map(is_id, names))


def test_an_outline_is_drafted_without_looking_at_anything_else() -> None:
    assert draft_outline("# A\n## B\n", "./s.json").text == draft_outline("# A\r\n## B\r\n", "./s.json").text
