"""The page that a hire hands to their trainer can be read by anybody, anywhere, and asks nobody for more."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from calmdesk.pages.progress import STYLE, Evidence, Page, Told, render_page

VOID = {"meta", "link", "br", "hr", "img"}
HOSTILE = "</p><script>alert(1)</script>\"'&"
FIRST = Evidence("3 May 2026", "missed", "rehearsal “A bike”, lost", note="It wasn't said.")
LATEST = Evidence("9 May 2026", "by yourself", "rehearsal “A bike”, won", "So?", "That was us.\nI'm on it.")
PAGE = Page(
    "9 May 2026",
    [("owning it", "Angry caller", "since 8 May 2026")],
    [("Angry caller", [Told("owning it", "Why.", 2, "12 May 2026", FIRST, LATEST)])],
)


class Outline(HTMLParser):
    """The tags of a page with what they hold; a tag that isn't closed in its place is a fault."""

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
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and data.strip():
            self.words.append(data.strip())


def test_it_is_one_file_that_needs_no_script_and_no_network() -> None:
    tags = Outline(render_page(PAGE)).tags
    assert not {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert not any(name in {"src", "href", "srcset", "action"} or name.startswith("on") for _, a in tags for name in a)
    assert not re.search(r"url\(|@import|https?:", render_page(PAGE))


def test_its_headings_and_tables_are_real_ones() -> None:
    tags = Outline(render_page(PAGE)).tags
    assert ("html", {"lang": "en"}) in tags
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    heads = [attributes.get("scope") for tag, attributes in tags if tag == "th"]
    assert heads == ["col"] * 4 + ["row"]


def test_it_says_who_exported_it_and_of_what_it_speaks_before_anything_else() -> None:
    words = Outline(render_page(PAGE)).words
    assert "by the person who practised, of their own accord, on 9 May 2026" in words[2]
    assert "sentences, not of a person" in words[3]


def test_first_and_latest_stand_with_their_words() -> None:
    words = " ".join(Outline(render_page(PAGE)).words)
    assert "First: missed" in words
    assert "It wasn't said." in words
    assert "Latest: by yourself" in words
    assert "“That was us.\nI'm on it.”" in words


def test_what_was_tried_once_is_told_once() -> None:
    once = Told("owning it", "Why.", 1, "12 May 2026", LATEST, None)
    words = " ".join(Outline(render_page(PAGE._replace(situations=[("Angry caller", [once])]))).words)
    assert "The only time: by yourself" in words
    assert "Latest:" not in words
    assert words.count("That was us.") == 1


def test_every_text_is_escaped() -> None:
    bad = Evidence(*[HOSTILE] * 6)
    page = Page(HOSTILE, [(HOSTILE,) * 3], [(HOSTILE, [Told(HOSTILE, HOSTILE, 2, HOSTILE, bad, bad)])])
    outline = Outline(render_page(page))
    assert not any(tag == "script" for tag, _ in outline.tags)
    assert " ".join(outline.words).count(HOSTILE) >= 20


def brightness(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_stand_out_from_the_page(theme: int) -> None:
    block = re.findall(r":root \{(.*?)\}", STYLE)[theme]
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
    for name in ("text", "soft", "mark"):
        light, dark = sorted((brightness(colours[name]), brightness(colours["page"])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name
