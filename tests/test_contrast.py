"""What stands on the screen can be read on dark and on light, and colour is only ever a second way to say it."""

from __future__ import annotations

import os
import pty
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import pytest

from calmdesk.terminal.paint import COLOURED, STYLES, escape_codes, ptk_style, wants_colour

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

ENOUGH = 4.5
"""WCAG 2.2, 1.4.3: what text needs against its background."""


class Palette(NamedTuple):
    """What a terminal makes of its sixteen colours, as it comes."""

    text: str
    page: str
    colours: str
    """Black, red, green, yellow, blue, magenta, cyan, white; then the bright ones."""
    faint: float = 0.5
    """How much of its colour a faint word keeps."""


_XTERM = (  # XTerm-col.ad of xterm: red3, green3, yellow3, blue2, magenta3, cyan3, gray90, gray50 …
    "#000000 #cd0000 #00cd00 #cdcd00 #0000ee #cd00cd #00cdcd #e5e5e5"
    " #7f7f7f #ff0000 #00ff00 #ffff00 #5c5cff #ff00ff #00ffff #ffffff"
)
_MAC = (  # Terminal.app, profiles Basic and Pro
    "#000000 #c23621 #25bc24 #adad27 #492ee1 #d338d3 #33bbc8 #cbcccd"
    " #818383 #fc391f #31e722 #eaec23 #5833ff #f935f8 #14f0f0 #e9ebeb"
)
_GNOME = (  # GNOME_PALETTE of gnome-terminal's profile editor
    "#171421 #c01c28 #26a269 #a2734c #12488b #a347ba #2aa1b3 #d0cfcc"
    " #5e5c64 #f66151 #33d17a #e9ad0c #2a7bde #c061cb #33c7de #ffffff"
)
PALETTES = {
    "xterm": Palette("#000000", "#ffffff", _XTERM, 2 / 3),
    "xterm, reverse": Palette("#ffffff", "#000000", _XTERM, 2 / 3),
    # terminalColorRegistry.ts of VS Code, with the text and page of its own dark and light theme.
    "VS Code dark": Palette(
        "#cccccc",
        "#1e1e1e",
        "#000000 #cd3131 #0dbc79 #e5e510 #2472c8 #bc3fbc #11a8cd #e5e5e5"
        " #666666 #f14c4c #23d18b #f5f543 #3b8eea #d670d6 #29b8db #e5e5e5",
    ),
    "VS Code light": Palette(
        "#333333",
        "#ffffff",
        "#000000 #cd3131 #107c10 #949800 #0451a5 #bc05bc #0598bc #555555"
        " #666666 #cd3131 #14ce14 #b5ba00 #0451a5 #bc05bc #0598bc #a5a5a5",
    ),
    # defaults.json of Windows Terminal.
    "Campbell": Palette(
        "#cccccc",
        "#0c0c0c",
        "#0c0c0c #c50f1f #13a10e #c19c00 #0037da #881798 #3a96dd #cccccc"
        " #767676 #e74856 #16c60c #f9f1a5 #3b78ff #b4009e #61d6d6 #f2f2f2",
    ),
    "One Half Light": Palette(
        "#383a42",
        "#fafafa",
        "#383a42 #e45649 #50a14f #c18301 #0184bc #a626a4 #0997b3 #fafafa"
        " #4f525d #df6c75 #98c379 #e4c07a #61afef #c577dd #56b5c1 #ffffff",
    ),
    "macOS Basic": Palette("#000000", "#ffffff", _MAC),
    "macOS Pro": Palette("#f2f2f2", "#000000", _MAC),
    "GNOME light": Palette("#171421", "#ffffff", _GNOME, 2 / 3),
    "GNOME dark": Palette("#d0cfcc", "#171421", _GNOME, 2 / 3),
}
on_every_palette = pytest.mark.parametrize("name", PALETTES)


def parts(colour: str) -> list[int]:
    return [int(colour[n : n + 2], 16) for n in (1, 3, 5)]


def brightness(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    light = [x / 255 / 12.92 if x <= 10 else ((x / 255 + 0.055) / 1.055) ** 2.4 for x in parts(colour)]
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


def of_256(number: int, palette: Palette) -> str:
    """A colour of the 256: the first sixteen are the palette's, the others everybody's."""
    if number < 16:
        return palette.colours.split()[number]
    if number >= 232:
        return f"#{8 + 10 * (number - 232):02x}" + 2 * f"{8 + 10 * (number - 232):02x}"
    cube = [(number - 16) // 36, (number - 16) // 6 % 6, (number - 16) % 6]
    return "#" + "".join(f"{x and 55 + 40 * x:02x}" for x in cube)


def seen(codes: str, palette: Palette) -> float:
    """The contrast of a word with these SGR codes."""
    text, page = palette.text, palette.page
    left = [int(code) for code in codes.split(";") if code]
    faint = turned = False
    while left:
        match left.pop(0):
            case 38:
                text = of_256(left[1], palette)
                del left[:2]
            case 48:
                page = of_256(left[1], palette)
                del left[:2]
            case code if 30 <= code <= 37:
                text = of_256(code - 30, palette)
            case 2:
                faint = True
            case 7:
                turned = True
            case code:
                assert code == 1, f"what does {code} come to?"
    if faint:
        pairs = zip(parts(text), parts(page), strict=True)
        text = "#" + "".join(f"{round(t * palette.faint + p * (1 - palette.faint)):02x}" for t, p in pairs)
    return contrast(page, text) if turned else contrast(text, page)


def test_the_measure_is_the_one_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert of_256(124, PALETTES["xterm"]) == "#af0000"
    assert of_256(231, PALETTES["xterm"]) == "#ffffff"


@pytest.mark.parametrize("colour", [True, False], ids=["with colour", "without"])
@on_every_palette
def test_every_style_can_be_read(name: str, colour: bool) -> None:
    for style in STYLES:
        codes = COLOURED[style][0] if colour and style in COLOURED else STYLES[style][0]
        assert f"\x1b[{codes}mx" in escape_codes([[(style, "x")]], colour=colour) or not codes
        assert seen(codes, PALETTES[name]) >= ENOUGH, style


@pytest.mark.parametrize("codes", ["31", "32", "36", "1;36", "2"])
def test_a_usual_colour_or_a_faint_word_cannot_be_read_everywhere(codes: str) -> None:
    # The reason why there is none: whoever brings one back must find it readable on all of these first.
    assert min(seen(codes, palette) for palette in PALETTES.values()) < ENOUGH


@pytest.mark.parametrize("style", COLOURED)
def test_what_has_a_colour_is_told_apart_without_it(style: str) -> None:
    plain = STYLES[style]
    assert plain not in {other for name, other in STYLES.items() if name != style}
    assert ptk_style(style, colour=False) == plain[1] != ptk_style(style, colour=True)
    assert escape_codes([[(style, "LATE")]], colour=False).startswith("\x1b[1;7mLATE\x1b[0m")


def test_nothing_blinks() -> None:
    for codes, style in (*STYLES.values(), *COLOURED.values()):
        assert not {"5", "6"} & set(codes.replace("38;5;", "").replace("48;5;", "").split(";"))
        assert "blink" not in style


# --- where there is colour at all


@contextmanager
def opened(kind: str) -> Iterator[TextIO]:
    """One end of a real terminal or a real pipe, to write to."""
    other, end = pty.openpty() if kind == "terminal" else os.pipe()
    try:
        with os.fdopen(end, "w") as stream:
            yield stream
    finally:
        os.close(other)


@pytest.mark.parametrize(
    ("said", "on_terminal", "in_pipe"),
    [
        ({"TERM": "xterm-256color"}, True, False),
        ({"TERM": "xterm-kitty", "COLORTERM": "truecolor"}, True, False),
        ({"TERM": "linux"}, False, False),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, False, False),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False, False),
        ({"TERM": "xterm-256color", "NO_COLOR": "0"}, False, False),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, True, False),
        ({"TERM": "linux", "FORCE_COLOR": "1"}, True, True),
        ({"TERM": "xterm-256color", "FORCE_COLOR": ""}, True, False),
        ({"TERM": "xterm-256color", "FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({}, False, False),
    ],
)
def test_each_stream_shows_colour_by_one_rule(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], on_terminal: bool, in_pipe: bool
) -> None:
    for name in ("TERM", "COLORTERM", "WT_SESSION", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    with opened("terminal") as terminal, opened("pipe") as pipe:
        assert (wants_colour(terminal), wants_colour(pipe)) == (on_terminal, in_pipe)
