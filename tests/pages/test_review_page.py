"""The sheet that wording is approved on can be read and printed anywhere, asks nobody for more, and hides nothing."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from calmdesk.pages.review import STYLE, Avoided, Part, Row, Section, Sheet, Source, render_sheet

from .test_progress_page import Outline, brightness

HOSTILE = "</p></style><script>alert(1)</script>\"'&"
PART = Part(
    "Own it",
    "own",
    [("Because", "They heard nothing so far.")],
    [
        Row("Where “Whose slip?” is “Ours”", "That was us.", 3.2),
        Row("Otherwise", "I'm finding out. " * 9, 14.0, long=True),
    ],
    [Avoided("Calm down.", "It stings.", "Say it back.")],
    [Source("A19", "The first article", "They must see that you care.", "In a survey.")],
)
BARE = Part("Count", "count", [], [Row("Promised", "News, by 24h", 0.0)], (), [Source("", "house", "house judgement.")])
SHEET = Sheet(
    "Late parcel",
    "late-parcel",
    "1f2e3d4c5b",
    "9 May 2026",
    10,
    [
        Section("Late parcel", "late-parcel", "Say where it is.", "1f2e3d4c5b", [PART, BARE], [("letter", "Dear you,\nwe.")]),
        Section("Steady", "steady", "Breathe.", "aabbccddee", [PART]),
    ],
    [("A19", "Somebody 2020")],
)  # fmt: skip


def test_it_is_one_file_that_needs_no_script_and_no_network() -> None:
    tags = Outline(render_sheet(SHEET)).tags
    assert not {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    outside = [a["href"] for _, a in tags if "href" in a and not str(a["href"]).startswith("#")]
    assert outside == []
    assert not any(name in {"src", "srcset", "action"} or name.startswith("on") for _, a in tags for name in a)
    assert not re.search(r"url\(|@import|https?:", render_sheet(SHEET))


def test_its_headings_and_tables_are_real_ones() -> None:
    tags = Outline(render_sheet(SHEET)).tags
    assert ("html", {"lang": "en"}) in tags
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(a.get("scope") in {"col", "row"} for tag, a in tags if tag == "th")
    assert sum(tag == "caption" for tag, _ in tags) == sum(tag == "table" for tag, _ in tags)


def test_every_link_leads_to_a_source_that_stands_on_the_sheet_once() -> None:
    tags = Outline(render_sheet(SHEET)).tags
    names = [a["id"] for _, a in tags if "id" in a]
    assert names == ["A19"]
    assert {a["href"] for _, a in tags if "href" in a} == {"#A19"}


def test_a_line_stands_with_its_situation_its_seconds_and_room_for_initials() -> None:
    text = render_sheet(SHEET)
    assert (
        '<tr><th scope="row">Where “Whose slip?” is “Ours”</th><td class="words">That was us.</td>'
        '<td class="number">3 s</td><td class="initials"></td></tr>'
    ) in text
    assert '<td class="number">14 s – long</td>' in text
    assert '<td class="words">News, by 24h</td><td class="number">–</td>' in text


def test_the_head_says_which_text_it_is_and_what_is_odd_about_it() -> None:
    words = " ".join(Outline(render_sheet(SHEET)).words)
    assert "late-parcel , version 1f2e3d4c5b , 9 May 2026." in words
    assert "5 texts that a customer may hear or read" in words
    assert "2 of them take longer than a breath (10 seconds)" in words
    assert "1 step rests on the house's own judgement alone." in words


def test_what_is_avoided_sent_and_rested_on_stands_on_it_too() -> None:
    words = " ".join(Outline(render_sheet(SHEET)).words)
    for told in (
        "“Calm down.”",
        "It stings.",
        "Say it back.",
        "Dear you,\nwe.",
        "In a survey.",
        "Somebody 2020",
        "house judgement.",
    ):
        assert told in words


def test_a_step_isnt_torn_by_a_page_and_every_page_says_which_text_it_is() -> None:
    printed = STYLE.partition("@media print")[2]
    assert re.search(r"\.part,[^{]*\{ break-inside: avoid; \}", printed)
    assert "thead { display: table-header-group; }" in printed
    assert "size: A4" in render_sheet(SHEET)
    assert 'content: "late-parcel, version 1f2e3d4c5b, 9 May 2026"' in render_sheet(SHEET)


def test_every_text_is_escaped_also_in_the_style() -> None:
    h = HOSTILE
    sources = [Source(h, h, h, h), Source("", h, h)]
    part = Part(h, h, [(h, h)], [Row(h, h, 1.0)], [Avoided(h, h, h)], sources)
    sheet = Sheet(h, h, h, h, 10, [Section(h, h, h, h, [part], [(h, h)])], [(h, h)])
    outline = Outline(render_sheet(sheet))
    assert not any(tag == "script" for tag, _ in outline.tags)
    assert [tag for tag, _ in outline.tags].count("style") == 1
    assert " ".join(outline.words).count(HOSTILE) >= 20
    assert HOSTILE not in render_sheet(sheet)


@pytest.mark.parametrize("theme", [0, 1, 2], ids=["light", "dark", "paper"])
def test_words_stand_out_from_the_page(theme: int) -> None:
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", re.findall(r":root \{(.*?)\}", STYLE)[theme]))
    for name, least in (("text", 7), ("soft", 4.5), ("mark", 4.5), ("line", 3)):
        light, dark = sorted((brightness(colours[name]), brightness(colours["page"])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= least, name
