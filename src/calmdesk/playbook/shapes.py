"""Shapes of values: each one reads a node into plain data and says itself as JSON Schema.

What an editor underlines and what `read_playbook` reports come from the same object, so the two
can't disagree.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from calmdesk.playbook.findings import MOST, Finding
from calmdesk.playbook.node import Node
from calmdesk.safetext import clean, nearest

if TYPE_CHECKING:
    from collections.abc import Collection

type_names = {
    "text": "a text",
    "number": "a number",
    "flag": "true or false",
    "null": "nothing",
    "map": "a group of keys",
    "list": "a list",
}
ID_PATTERN = "[a-z][a-z0-9]*(-[a-z0-9]+)*"
_ID = re.compile(ID_PATTERN + r"\Z")
_SPAN = re.compile(r"(?:[1-9][0-9]{0,4}[smhd]|\{policy\.[a-z][a-z0-9-]*\})\Z")

Path = tuple[str | int, ...]


class Reading:
    """What was found while one file is read: findings, and where each value stands."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.findings: list[Finding] = []
        self.compared = 0
        self.root: Node | None = None
        self._items: dict[int, list[Node]] = {}
        self.mentioned: set[str] = set()
        """The facts that a text, a condition or a step of the file names."""

    def copy(self) -> Reading:
        """The same reading with a list of its own, for findings that hold for one purpose only."""
        other = Reading(self.path)
        other.findings, other.compared = list(self.findings), self.compared
        other.root, other.mentioned = self.root, self.mentioned
        return other

    def report(self, place: Node | Path, rule: str, message: str, tip: str = "", severity: str = "error") -> None:
        """Add a finding at a node, or at a path (or the nearest one above it that stands in the file)."""
        if isinstance(place, tuple):
            line, column = self.find_place(place)
        else:
            line, column = place.line, place.column
        # A thousand warnings must not hide an error.
        if len(self.findings) >= (2 * MOST if severity == "error" else MOST):
            return
        self.findings.append(Finding(rule, severity, message, self.path, line, column, tip))

    def find_place(self, path: Path) -> tuple[int, int]:
        """Line and column of a path, or of the nearest one above it that stands in the file.

        A named value stands where its name stands; where one value stands for a list or a group of keys, it is
        that list's item, and that group's key.
        """
        node = self.root
        place = (node.line, node.column) if node else (1, 1)
        for key in path:
            if node is None:
                break
            if isinstance(key, str) and node.kind == "map":
                if key not in node.value:
                    break
                mark, node = node.value[key]
                place = (mark.line + 1, mark.column + 1)
            elif isinstance(key, int) and node.kind == "list":
                items = self._read_items(node)
                if key >= len(items):
                    break
                node = items[key]
                place = (node.line, node.column)
            else:
                return (node.line, node.column) if node.kind in {"text", "number", "flag"} else place
        return place

    def find_node(self, path: Path) -> Node | None:
        """What was written at a path; None where nothing was."""
        node = self.root
        for key in path:
            if node is None or (isinstance(key, int) and node.kind != "list"):
                return None
            if isinstance(key, int):
                items = self._read_items(node)
                node = items[key] if key < len(items) else None
            else:
                node = node.get(key)
        return node

    def _read_items(self, node: Node) -> list[Node]:
        """The items of a list that could be read; looked through once, however many findings stand in it."""
        found = self._items.get(id(node))
        if found is None:
            found = self._items[id(node)] = [item for item in node.items if item.kind != "refused"]
        return found

    def near(self, word: str, names: Collection[str]) -> str:
        """A tip for a mistyped name; where hundreds of names were looked at for one file, nobody waits for another."""
        self.compared += min(len(names), 200)
        return nearest(word, names) if self.compared <= 500 else ""

    def wrong(self, node: Node, key: str, wanted: str, tip: str = "") -> None:
        """The value isn't of the kind that stands here."""
        if node.kind == "refused":
            return
        if node.kind == "map" and wanted.startswith("a text"):
            tip = (
                tip
                or "A text that starts with {, or has a colon and a space in it, is read as a group: put the whole text in quotes."
            )
        if node.kind == "list" and wanted.startswith("a text") and "(" not in wanted:
            tip = tip or "A text that starts with [ is read as a list: put the whole text in quotes."
        if node.kind in {"number", "flag"} and wanted.startswith("a text"):
            tip = tip or f'Put it in quotes: "{node.text}".'
        got = f"“{clean(node.text)}”" if node.text else type_names[node.kind]
        self.report(
            node,
            "wrong-kind",
            f"`{key}` takes {wanted}; here stands {got}." if key else f"Here stands {got}; {wanted} is expected.",
            tip,
        )


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


class Shape:
    """A kind of value: `read` gives plain data (None where it doesn't fit), `schema` gives JSON Schema."""

    def read(self, node: Node, key: str, reading: Reading) -> object:
        raise NotImplementedError

    def schema(self) -> dict[str, object]:
        raise NotImplementedError


class Text(Shape):
    """Words in one line, or in `lines`; an empty text is reported."""

    def __init__(self, *, pattern: str = "", wanted: str = "a text", lines: bool = False) -> None:
        self.lines = lines
        self.pattern = pattern
        self.wanted = wanted
        self._match = re.compile(f"(?:{pattern})\\Z") if pattern else None

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind != "text":
            reading.wrong(node, key, self.wanted)
            return None
        text = node.value  # Nearly every text is clean as it stands.
        if not text.isascii() or not text.isprintable() or "  " in text or text[:1] == " " or text[-1:] == " ":
            text = clean(text, lines=True).strip() if self.lines else clean(text)
        if not text:
            reading.report(node, "empty-text", "There is no text here.", "Write it, or take the key out.")
            return None
        if self._match and not self._match.match(text):
            reading.wrong(node, key, self.wanted.removeprefix("a text: "))
            return None
        return text

    def schema(self) -> dict[str, object]:
        return {"type": "string", "pattern": f"^(?:{self.pattern})$" if self.pattern else "\\S"}


class Scalar(Shape):
    """A word, a number, or yes and no: what a fact may be."""

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind in {"map", "list", "null", "refused"}:
            reading.wrong(node, key, "one value")
            return None
        return {"true": "yes", "false": "no"}[node.text] if node.kind == "flag" else clean(node.text)

    def schema(self) -> dict[str, object]:
        return {"type": ["string", "number", "boolean"]}


class Flag(Shape):
    """true or false."""

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind != "flag":
            reading.wrong(node, key, "true or false", "Write true or false, without quotes.")
            return None
        return node.text == "true"

    def schema(self) -> dict[str, object]:
        return {"type": "boolean"}


class Whole(Shape):
    """A whole number from `least` up."""

    def __init__(self, least: int = 1, most: int = 1_000_000) -> None:
        self.least = least
        self.most = most

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind != "number" or not node.text.isdecimal() or not self.least <= int(node.text) <= self.most:
            reading.wrong(node, key, f"a whole number from {self.least} up")
            return None
        return int(node.text)

    def schema(self) -> dict[str, object]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Amount(Shape):
    """An exact amount or factor, kept as the text it was written as, never a float."""

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind != "number" or node.text.startswith("-"):
            point = f"Write it with a point: {node.text.replace(',', '.')}." if "," in node.text else ""
            reading.wrong(node, key, "an amount such as 20 or 8.90", point)
            return None
        return node.text

    def schema(self) -> dict[str, object]:
        return {"type": "number", "minimum": 0}


class Word(Text):
    """One of a few words."""

    def __init__(self, *words: str) -> None:
        super().__init__(wanted="one of " + ", ".join(words))
        self.words = words

    def read(self, node: Node, key: str, reading: Reading) -> object:
        word = super().read(node, key, reading)
        if isinstance(word, str) and word not in self.words:
            reading.report(
                node,
                "unknown-word",
                f"“{word}” isn't known here.",
                reading.near(word, self.words) or f"Use {self.wanted}.",
            )
            return None
        return word

    def schema(self) -> dict[str, object]:
        return {"enum": list(self.words)}


ID_TIP = (
    "Use small letters, digits and single hyphens, at least two characters, a letter first; "
    "“return” and “offer” are taken."
)


@lru_cache(maxsize=1024)
def is_id(word: str) -> bool:
    """Whether a word may name a step, a fact, a choice …"""
    return len(word) >= 2 and bool(_ID.match(word)) and word not in {"return", "offer"}


class Span(Text):
    """A length of time such as 10s, 2m, 24h or 2d, or a duration of the policy."""

    def __init__(self) -> None:
        super().__init__(
            pattern=_SPAN.pattern.removesuffix(r"\Z"), wanted='a length of time such as 10s or 2m, or "{policy.listen}"'
        )


class ListOf(Shape):
    """A list; with `single`, one value alone stands for a list of one; with `filled`, it isn't empty."""

    def __init__(self, item: Shape, *, single: bool = False, filled: bool = False) -> None:
        self.item = item
        self.single = single
        self.filled = filled

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind != "list":
            if self.single and node.kind != "null":
                one = self.item.read(node, key, reading)
                return None if one is None else [one]
            wanted = "a text or a list of texts" if self.single else "a list"
            reading.wrong(node, key, wanted, "Write it as [one, two], or one a line after a hyphen.")
            return None
        if self.filled and not node.items:
            reading.report(
                node, "empty-list", "There is nothing in this list.", "Write something in it, or take the key out."
            )
            return None
        read = []
        for item in node.items:
            value = self.item.read(item, key, reading)
            if value is None:
                # It has been told, and is no item any more: those behind it keep their places.
                item.kind = "refused"
            else:
                read.append(value)
        return read

    def schema(self) -> dict[str, object]:
        many: dict[str, object] = {"type": "array", "items": self.item.schema()}
        if self.filled:
            many["minItems"] = 1
        return {"anyOf": [self.item.schema(), many]} if self.single else many


class MapOf(Shape):
    """Named values, in the order of the file."""

    def __init__(self, value: Shape, *, ids: bool = True, like: str = "") -> None:
        self.like = like
        self.value = value
        self.ids = ids

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind != "map":
            wanted = "names with a value each, one a line"
            reading.wrong(node, key, wanted, f"Write it like {self.like}." if self.like else "")
            return None
        found: dict[str, object] = {}
        for name, (mark, value) in node.value.items():
            if self.ids and not is_id(name):
                named = Node("text", name, mark)
                reading.report(named, "bad-id", f"“{clean(name)}” can't be an id.", ID_TIP)
            read = self.value.read(value, name, reading)
            if read is not None:
                found[name] = read
        return found

    def schema(self) -> dict[str, object]:
        named: dict[str, object] = {"type": "object", "additionalProperties": self.value.schema()}
        if self.ids:
            named["propertyNames"] = {
                "pattern": f"^{ID_PATTERN}$",
                "minLength": 2,
                "not": {"enum": ["return", "offer"]},
            }
        return named


class Record(Shape):
    """Known keys, each with its shape, some required.

    `short` is what a single value stands for, `like` shows how it is written.
    """

    def __init__(
        self,
        what: str,
        keys: dict[str, tuple[Shape, str]],
        *,
        required: tuple[str, ...] = (),
        short: str = "",
        like: str = "",
    ) -> None:
        self.like = like
        self.what = what
        self.keys = keys
        self._readers = {name: shape.read for name, (shape, _) in keys.items()}
        self.required = required
        self.short = short

    def read(self, node: Node, key: str, reading: Reading) -> object:
        if node.kind != "map":
            if self.short and node.kind != "null":
                one = self.keys[self.short][0].read(node, self.short, reading)
                return None if one is None else {self.short: one}
            reading.wrong(node, key, f"{self.what} with its keys", f"Write it like {self.like}." if self.like else "")
            return None
        found: dict[str, object] = {}
        readers = self._readers
        for name, (mark, value) in node.value.items():
            if name in readers:
                read = readers[name](value, name, reading)
                if read is not None:
                    found[name] = read
            elif name != "<<":
                reading.report(
                    Node("text", name, mark),
                    "unknown-key",
                    f"{_upper(self.what)} has no key “{clean(name)}”.",
                    self._too_far_in(node, name, value)
                    or reading.near(name, self.keys)
                    or "Known keys: " + ", ".join(self.keys) + ".",
                )
        for name in self.required:
            if name not in node.value:
                reading.report(
                    node,
                    "missing-key",
                    f"{_upper(self.what)} needs “{name}”.",
                    f"Add `{name}:` — {self.keys[name][1]}.",
                )
        return found

    def _too_far_in(self, node: Node, name: str, value: Node) -> str:
        inner = bool(value.names) and value.names <= self.keys.keys() and value.line > node.line
        return f"If “{clean(name)}” is {self.what} of its own, move it, and all of it, to the left." if inner else ""

    def schema(self) -> dict[str, object]:
        full: dict[str, object] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {k: {"description": doc, **shape.schema()} for k, (shape, doc) in self.keys.items()},
        }
        if self.required:
            full["required"] = list(self.required)
        return {"anyOf": [self.keys[self.short][0].schema(), full]} if self.short else full
