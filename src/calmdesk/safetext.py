"""Only what is safe reaches a screen, a file or the journal: cleaned text, filled slots, folded digits.

Nothing here ever raises, and `clean` applied twice changes nothing more.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Whole terminal sequences go first, so that their payload goes with them.
_SEQUENCES = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]|\x1b[\\]PX^_].*?(?:\x07|\x1b\\\\|\x9c|$)|\x1b[ -/]*[0-~]"
    "|\x9b[0-?]*[ -/]*[@-~]|[\x90\x98\x9d-\x9f].*?(?:\x07|\x1b\\\\|\x9c|$)",
    re.DOTALL,
)
# Controls, bidirectional and zero-width characters, fillers, tags, lone surrogates.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Joiners mean something between letters of the scripts that use them (Arabic, the Indic ones, Thai, Tibetan,
# Myanmar, Khmer, Mongolian …), and hide things elsewhere.
_JOINED = "\u0600-\u08ff\u0900-\u0fff\u1000-\u109f\u1780-\u18af"
STRAY_JOINER = re.compile(f"(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])")
_STACKED = re.compile(
    "([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_MARKUP = re.compile(r"[\\`*_\[\]|~@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What begins a heading, a list, a quotation or a rule where it stands first.
_LEADS, _NUMBERED = re.compile(r"^(\s*)(?=[#>=]|[-+](?:[\s+-]|$))"), re.compile(r"^(\s*\d{1,9})(?=[.)](?:\s|$))")
_SMALL_WORDS = frozenset(
    [
        "The",
        "A",
        "An",
        "My",
        "Our",
        "Your",
        "His",
        "Her",
        "Its",
        "Their",
        "We",
        "You",
        "He",
        "She",
        "It",
        "They",
        "This",
        "That",
        "These",
        "Those",
        "There",
        "Nobody",
        "Someone",
        "Somebody",
        "No",
        "Two",
        "Three",
    ]
)
"""Words that have a capital only because a person began a note with them."""
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_SLOT = re.compile(r"\{((?:policy\.)?[a-z][a-z0-9]*(?:-[a-z0-9]+)*)\}")
_BRACES = re.compile(_SLOT.pattern + r"|\{([^{}\n]{0,80})\}")


def clean(text: str, *, lines: bool = False) -> str:
    """The text without anything that moves a cursor, hides or reorders; one line unless `lines`."""
    if text.isascii() and text.isprintable():
        plain = lines or not ("  " in text or text[:1] == " " or text[-1:] == " ")
        return text if plain else " ".join(text.split())
    import unicodedata

    text = _SEQUENCES.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    text = text.replace("\x85", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    # Taking a character out can bring a joiner beside another neighbour: repeat until it rests.
    before = None
    while before != text:
        before = text
        text = STRAY_JOINER.sub("", HIDDEN.sub("", text))
        text = unicodedata.normalize("NFC", _STACKED.sub(r"\1", text))
    return text if lines else " ".join(text.split())


def without_hidden(text: str) -> str:
    """What was typed on a command line, to be told back: nothing hidden in it, and a file's name as it is."""
    kept = HIDDEN.sub(lambda m: m.group() if "\ud800" <= m.group() <= "\udfff" else "", text)
    return _STACKED.sub(r"\1", STRAY_JOINER.sub("", kept))


def fold_digits(text: str) -> str:
    """Decimal digits of any script as 0 to 9; everything else stays."""
    if text.isascii():
        return text
    import unicodedata

    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def escape_markdown(text: str) -> str:
    """Words as words in Markdown: no tag, link, picture, heading, list or emphasis comes alive."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    text = _MARKUP.sub(r"\\\g<0>", text)
    return _NUMBERED.sub(r"\1\\", _LEADS.sub(r"\1\\", text))


def json_text(value: object, indent: int = 2) -> str:
    """A value as JSON: every script as it is written, and what isn't printable as an escape."""
    import json

    return HIDDEN.sub(lambda m: json.dumps(m.group())[1:-1], json.dumps(value, ensure_ascii=False, indent=indent))


def cell(text: str) -> str:
    """A text for a cell of a table: one line, and no formula where it is pasted into a spreadsheet."""
    text = clean(text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def slots(text: str) -> list[str]:
    """The names in `{…}` in the order they stand: fact ids, and `policy.NAME`."""
    return _SLOT.findall(text) if "{" in text else []


def odd_slots(text: str) -> list[str]:
    """What stands in braces and names nothing that could be filled in."""
    return [odd for name, odd in _BRACES.findall(text) if not name] if "{" in text else []


def fill(text: str, value: Callable[[str], str | None]) -> str:
    """Each `{name}` replaced once by its value; an unknown name stays as it stands.

    What comes in is not scanned again: a customer named `{agent}` stays `{agent}`. It is fitted into the sentence
    around it: a capital where that begins, none for a small word within, and no full stop before its signs.
    """
    if "{" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        found = value(match.group(1))
        if found is None:
            return match.group(0)
        if match.group(0) == text:
            # It is no sentence: a name, a time.
            return clean(found)
        return _fitted(clean(found), text[: match.start()].rstrip(" “\"'("), text[match.end() : match.end() + 1])

    return _SLOT.sub(one, text)


def _fitted(words: str, before: str, behind: str) -> str:
    """Words as they read in the middle of a sentence, between what stands before them and the sign behind them."""
    if behind and behind in ".,:;!?…" and words.endswith(".") and not words.endswith(".."):
        words = words[:-1]
    if not before or before[-1] in ".!?…\n":
        return words[:1].upper() + words[1:]
    first, space, rest = words.partition(" ")
    return first.lower() + space + rest if first in _SMALL_WORDS and before[-1] != ":" else words


def nearest(word: str, names: Iterable[str]) -> str:
    """A tip ("Did you mean …?") for a mistyped name, or nothing where none is near."""
    import difflib
    from itertools import islice

    # A slip is a few letters in a word; longer ones, or hundreds of names, take long and help nobody.
    if len(word) > 40:
        return ""
    near = (
        name
        for name in names
        if name != word and len(name) <= 40 and abs(len(name) - len(word)) <= 0.45 * (len(name) + len(word))
    )
    found = difflib.get_close_matches(word.lower(), islice(near, 200), n=1, cutoff=0.6)
    return f"Did you mean “{found[0]}”?" if found else ""
