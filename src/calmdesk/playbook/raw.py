"""Bytes of a file become text that may be parsed: size, encoding and hidden characters are judged here."""

from __future__ import annotations

import re
from typing import NamedTuple

from calmdesk.playbook.findings import MOST, Finding
from calmdesk.safetext import HIDDEN, STRAY_JOINER

MAX_BYTES = 256 * 1024
_JOINERS = {"\u200c", "\u200d"}


def find_hidden(text: str) -> str:
    """The first hidden character of a text as U+XXXX, or nothing."""
    found = HIDDEN.search(text.replace("\t", " ").replace("\n", " ")) or STRAY_JOINER.search(text)
    return f"U+{ord(found.group()):04X}" if found else ""


def decode_text(data: bytes, path: str) -> tuple[str, list[Finding]]:
    """The text of a file, or the findings that say why there is none."""
    if len(data) > MAX_BYTES:
        return "", [
            Finding(
                "too-large",
                "error",
                f"The file is too large: {len(data) / 1024:.0f} KiB; the limit is {MAX_BYTES // 1024} KiB.",
                path,
                1,
                1,
                "Split it: a module is a file of its own, played with `play:`.",
            )
        ]
    try:
        # UTF-16, also without its mark: every other byte of plain words is zero.
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or data[:400].count(0) > 40:
            raise UnicodeDecodeError("utf-8", data, 0, 1, "UTF-16")
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        head = data[: error.start]
        line = head.count(b"\n") + 1
        return "", [
            Finding(
                "not-utf-8",
                "error",
                "Some letters here were saved in an old encoding.",
                path,
                line,
                error.start - head.rfind(b"\n"),
                "In your editor, choose “Save with encoding” and UTF-8.",
            )
        ]
    return text.replace("\r\n", "\n").replace("\r", "\n"), []


def show_hidden(text: str, path: str) -> tuple[str, list[Finding]]:
    """Hidden characters are reported where they stand and made visible, so that reading goes on."""
    findings: list[Finding] = []
    if text.isascii() and text.replace("\n", "").isprintable():
        return text, findings
    for pattern in (HIDDEN, STRAY_JOINER):
        if (pattern is STRAY_JOINER and not any(j in text for j in _JOINERS)) or not pattern.search(text):
            continue
        for found in pattern.finditer(text):
            at = found.start()
            findings.append(
                Finding(
                    "hidden-character",
                    "error",
                    f"The hidden character U+{ord(found.group()):04X} stands here.",
                    path,
                    text.count("\n", 0, at) + 1,
                    at - text.rfind("\n", 0, at),
                    "Delete it and type the text again.",
                )
            )
            if len(findings) >= 50:
                break
        text = pattern.sub("_", text)
    return text, findings


_ODD = "\u00a0\u202f\u3000"
_RUN = re.compile(f"[ {_ODD}]*")
_KEY = re.compile(r"(?:[a-z][a-z0-9-]*|\"[^\"\n]*\"):")
_BLOCK = re.compile(r"(?:^|[:-] +)[|>][+-]?[0-9]?[+-]?\s*(?:\s#.*)?$")


class Odd(NamedTuple):
    """A text whose odd spaces, where they mean indentation or a gap, have been made normal ones; and where they stood."""

    mended: str
    places: list[tuple[int, int]]
    """Begin and end of each run of spaces with odd ones in it."""

    def inside(self, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """The places that stand within quoted texts: there they belong to the text."""
        n, found = 0, []
        for place in self.places:
            while n < len(spans) and spans[n][1] <= place[0]:
                n += 1
            if n < len(spans) and spans[n][0] < place[0]:
                found.append(place)
        return found

    def without(self, text: str, places: list[tuple[int, int]]) -> Odd:
        """The same, but some places of the text are left as they are."""
        left = set(places)
        return _mend(text, [p for p in self.places if p not in left])


def find_odd_spaces(text: str) -> Odd:
    """Spaces from Word in the indentation, or right behind a hyphen or a key's colon."""
    if text.isascii() or not any(c in text for c in _ODD):
        return Odd(text, [])
    places: list[tuple[int, int]] = []
    start, block = 0, -1
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        if block >= 0 and (not line.strip(" ") or indent > block):
            start += len(line) + 1
            continue
        block = indent if _BLOCK.search(line) else -1
        if any(c in line for c in _ODD):
            places += [(start + a, start + b) for a, b in _runs(line) if any(c in line[a:b] for c in _ODD)]
        start += len(line) + 1
    return _mend(text, places)


def _runs(line: str) -> list[tuple[int, int]]:
    """The runs of spaces of a line that say what belongs to what."""
    runs, at = [], 0
    while found := _RUN.match(line, at):
        runs.append(found.span())
        at = found.end()
        if line[at : at + 1] != "-" or line[at + 1 : at + 2] not in {" ", *_ODD}:
            break
        at += 1
    if (key := _KEY.match(line, at)) and (found := _RUN.match(line, key.end())):
        runs.append(found.span())
    return runs


def _mend(text: str, places: list[tuple[int, int]]) -> Odd:
    pieces, at = [], 0
    for begin, end in places:
        pieces += [text[at:begin], " " * (end - begin)]
        at = end
    return Odd("".join([*pieces, text[at:]]), places)


def tell_odd_spaces(text: str, odd: Odd, path: str) -> list[Finding]:
    """A finding for each place."""
    findings, line, done = [], 1, 0
    for begin, end in odd.places[:MOST]:
        at = next(n for n in range(begin, end) if text[n] in _ODD)
        line, done = line + text.count("\n", done, at), at
        findings.append(odd_space(path, line, at - text.rfind("\n", 0, at)))
    return findings


def odd_space(path: str, line: int, column: int) -> Finding:
    """What is said of a space from Word where a normal one must stand."""
    message = "Here stands a space from Word (a no-break space)."
    return Finding("odd-space", "error", message, path, line, column, "Delete it and type a normal one.")
