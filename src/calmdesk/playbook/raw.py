"""Bytes of a file become text that may be parsed: size, encoding and hidden characters are judged here."""

from __future__ import annotations

from calmdesk.playbook.findings import Finding
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
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
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
