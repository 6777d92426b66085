"""What an editor offers and shows while a trainer writes: the keys of the place, and what each one is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.playbook import keys
from tests.editor.bad import BASE
from tests.editor.checks import Row

if TYPE_CHECKING:
    from calmdesk.playbook.shapes import Record
    from tests.editor.checks import Book
    from tests.editor.server import Server

# The text that stands once before the key, whose key it is, and the key.
SHOWN: tuple[tuple[str, Record, str], ...] = (
    ("", keys.PLAYBOOK, "calmdesk"),
    ("One fix with a time.\n", keys.PLAYBOOK, "signals"),
    ("Late parcel\n", keys.PLAYBOOK, "goal"),
    ("  price: {", keys.FACT, "ask"),
    ("Whose slip was it?\n    ", keys.FACT, "one-of"),
    ("{label: Ours, ", keys.OPTION, "slip"),
    ("I need a moment\n    ", keys.INTERRUPTION, "card"),
    ("One moment please., ", keys.CARD, "title"),
    ('{line: "So: {problem}."}\n    ', keys.STEP, "must-check"),
    ("[Said once]\n    ", keys.STEP, "promise"),
    ("Hear them out\n    ", keys.STEP, "principle"),
    ("[They finished]\n    ", keys.STEP, "timer"),
    ("      - line: Please calm down.\n        ", keys.AVOID, "why"),
    ("They have finished, ", keys.CHOICE, "go"),
    ("go: hear, ", keys.CHOICE, "forget"),
    ("forget: problem, ", keys.CHOICE, "at-most"),
    ("{kind: gesture, ", keys.OFFER, "ladder"),
    ("what: A call back, ", keys.PROMISE, "by"),
    ("{every-end: recovered, ", keys.PATH_RULE, "must-pass"),
    ("  - name: The parcel was late\n    ", keys.TEST, "facts"),
    ("{disposition: recovered, ", keys.EXPECT, "passes"),
)

# The text after which a new line is begun, its indentation, and what is offered there.
OFFERED: tuple[tuple[str, str, str, frozenset[str]], ...] = (
    ("in a step", "    title: A gesture\n", "    ", frozenset(keys.STEP.keys) - {"title", "when", "offer"}),
    ("at the top", "channels: [phone, chat]\n", "", frozenset({"module"})),
    ("in a fact", "    ask: Whose slip was it?\n", "    ", frozenset({"kind", "default"})),
    ("in an interruption", "    label: I need a moment\n", "    ", frozenset({"play", "returns", "key"})),
    ("in a test", "  - name: The parcel was late\n", "    ", frozenset({"offer"})),
    ("for a principle", "    title: A gesture\n", "    principle: ", frozenset(keys.PRINCIPLES)),
    ("for a kind of fact", "    ask: Whose slip was it?\n", "    kind: ", frozenset(keys.KINDS)),
)


def check_shown(book: Book, server: Server) -> None:
    """Over a key stands what it is for."""
    file = book.file(BASE)
    server.open(file, BASE)
    server.flags(file)
    for before, record, key in SHOWN:
        assert BASE.count(f"{before}{key}:") == 1 or not before, before
        written = BASE[: BASE.index(f"{before}{key}:") + len(before)]
        shown = server.shown(file, written.count("\n"), len(written) - written.rfind("\n"))
        # It is written as Markdown there, where some signs are escaped.
        book.check(
            holds=record.keys[key][1] in shown.replace("\\", ""), what=f"over `{key}` of {record.what} stands {shown!r}"
        )
    book.rows.append(Row("keys that are explained", len(SHOWN)))


def check_offered(book: Book, server: Server) -> None:
    """Where a key or a word is still to be written, those that fit are offered."""
    for place, before, begun, fitting in OFFERED:
        assert BASE.count(before) == 1, before
        written = BASE[: BASE.index(before) + len(before)] + begun
        text = f"{written}\n{BASE[BASE.index(before) + len(before) :]}"
        file = book.file(text)
        server.open(file, text)
        server.flags(file)
        offered = server.offered(file, written.count("\n"), len(begun))
        book.check(holds=fitting <= offered, what=f"{place} isn't offered: {sorted(fitting - offered)}")
    book.rows.append(Row("places where keys are offered", len(OFFERED)))
