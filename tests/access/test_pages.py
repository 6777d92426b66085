"""A page that is handed on can be read by whoever opens it; `python -m tests.access` asks a browser and axe as well."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.access.pages import BENGALI, NEPALI, write_pages
from tests.pages.test_progress_page import Outline

if TYPE_CHECKING:
    from pathlib import Path

LANDMARKS = {"main", "header", "footer", "nav", "aside"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_pages(tmp_path_factory.mktemp("pages"), "little", "other scripts")


@pytest.fixture(params=["little", "other scripts"])
def page(request: pytest.FixtureRequest, pages: dict[str, Path]) -> Path:
    return pages[request.param]


@pytest.fixture
def scripts(pages: dict[str, Path]) -> str:
    return pages["other scripts"].read_text(encoding="utf-8")


def test_it_has_a_language_a_title_one_main_part_and_headings_in_order(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    tags = Outline(text).tags
    names = [tag for tag, _ in tags]
    assert text.startswith("<!doctype html>\n")
    assert ("html", {"lang": "en"}) in tags
    assert re.search(r"<title>\S.+</title>", text)
    assert names.count("main") == 1
    levels = [int(name[1]) for name in names if re.fullmatch(r"h[1-6]", name)]
    assert levels[0] == 1 == levels.count(1)
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_all_of_it_stands_in_a_landmark(page: Path) -> None:
    body = page.read_text(encoding="utf-8").partition("<body>")[2].partition("</body>")[0].strip()
    assert next(filter(None, re.findall(r"^<(\w+)", body))) in LANDMARKS
    assert body.endswith("</main>")


def test_every_head_of_a_table_says_what_it_is_the_head_of(page: Path) -> None:
    tags = Outline(page.read_text(encoding="utf-8")).tags
    heads = [attributes.get("scope") for tag, attributes in tags if tag == "th"]
    assert heads
    assert set(heads) == {"col", "row"}
    assert [tag for tag, _ in tags].count("caption") == [tag for tag, _ in tags].count("table")


def test_it_can_be_made_larger_and_fetches_nothing(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    viewport = next(a["content"] for tag, a in Outline(text).tags if a.get("name") == "viewport")
    assert viewport is not None
    assert not re.search(r"user-scalable|maximum-scale", viewport)
    assert not re.search(r"\b(?:src|href|action|srcset)=|url\(|@import|https?:", text)
    assert not re.search(r"animation|transition|@keyframes", text)


@pytest.mark.parametrize("words", [BENGALI, NEPALI])
def test_words_of_any_script_stand_in_it_as_they_were_typed(scripts: str, words: str) -> None:
    assert unicodedata.normalize("NFC", words) in scripts
