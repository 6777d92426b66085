"""Words that are texts to us and numbers, flags or nothing to YAML 1.2: where the editor and lint are known to differ."""

from __future__ import annotations

from tests.editor.bad import Fault

# Our reading is fixed: only true, false, null and numbers as people write them are no texts. A schema sees
# what the server's parser made of a word, never the word, so no schema can say this.
READ_OTHERWISE = (
    *("0777", "0o17", "08", "00", "01.5", "1.", ".5", "+5", "1e3", "0x1F", ".inf", ".nan", "1234567890123456"),
    *("True", "TRUE", "False", "FALSE", "Null", "NULL", "~"),
)
READ_ALIKE = ("yes", "no", "on", "off", "12:30", "2031-01-02", "1_000", "1.5.2", "0b1", "=", "N", "y")


def as_title(word: str) -> Fault:
    """The base with a word for a title."""
    return Fault(f"title: {word}", "title: Late parcel", f"title: {word}")
