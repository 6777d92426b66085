"""Whatever a playbook's or a policy's file holds, findings come out, each with its place and soon, and nothing else.

A quick run reads some hundred files; `CALMDESK_FUZZ_FILES=30000` is the full form, and `CALMDESK_FUZZ_SEED` begins
elsewhere. A file that broke something is named by its number, which makes the same file again.
"""

from __future__ import annotations

import json
import marshal
import os
import random
import re
import time
import traceback
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from calmdesk.call import moves
from calmdesk.call.play import Conversation
from calmdesk.call.values import Call
from calmdesk.cli.show import tell_outline
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.compiling import compile_files
from calmdesk.playbook.findings import is_error, render_finding
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import _edition
from calmdesk.playbook.raw import MAX_BYTES
from calmdesk.terminal.board import Board
from tests.proving import find_findings

if TYPE_CHECKING:
    from collections.abc import Callable

    from calmdesk.playbook.compiling import Compiled
    from calmdesk.playbook.findings import Finding
    from tests.conftest import Clock

FILES = int(os.environ.get("CALMDESK_FUZZ_FILES", "80"))
SEED = os.environ.get("CALMDESK_FUZZ_SEED", "1")
SHIPPED = Path(built_in_folder()).resolve()
TEXTS = {f.stem: f.read_text(encoding="utf-8") for f in sorted(SHIPPED.glob("*.yaml"))}
BOOKS = [name for name in TEXTS if name not in {"policy", "claims", "evidence"}]
KEYS = re.findall(
    r"\S+",
    """
    calmdesk calmdesk-policy title goal module signals not-for channels facts interruptions steps drafts path-rules
    tests ask kind one-of default label slip say cue check must-check avoid line why instead timer hold offer ladder on
    promise what by who draft play when not over under at-least at-most then forget choices go step end return card
    returns key before every-end never must-pass name choose expect disposition passes promises offers amount ticked
    company team-line currency time-zone languages dispositions any-time durations counts lines back ladders rungs role
    restore gesture cap look-back emergency-card channel case today customer
    """,
)
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 8.9, 10**9, 999_999_999_999_999, "", " ", "x", "return", "offer", "not", "none", "any",
    "10s", "2m", "24h", "99999d", "0s", "17:00", "25:99", "2026-11-25", "2026-13-45", "{customer}", "{policy.company}",
    "{policy.hold}", "{policy.promises}", "{problem}", "{nobody}", "{customer.__class__}", "{a:>300000000}", "%s", "{{x}}",
    "yes", "no", "money", "moment", "text", "restore", "gesture", "goodwill", "recovered", "ended-by-us", "hold", "steady",
    "Europe/Lisbon", "Mars/Base", "USD", "bn", "রহিমা", "日本語", "a" * 300, "word " * 60, "one\ntwo\n", "- x", "# x", "=1+1",
    [], {}, [[]], [{}], [None], {"x": None}, ["x", "x"], {"yes": "x"}, [1, 2], {"when": {}, "line": []}, {"card": {}},
    {"over": 1}, {"not": {"not": {}}}, {"not": {"customer": "x"}}, [{"step": "x"}], {"label": "x", "go": "return"},
)  # fmt: skip
PIECES = (
    "&a ", "*a", "*a ", "!x ", "!!int ", "!!python/object:os.system ", "<<: ", "<<: *a\n", "---\n", "...\n", "%YAML 1.1\n", "? ",
    ": ", ":", "- ", "\n", "\n\n", "  ", "\t", "{", "}", "[", "]", ", ", "'", '"', "|\n", "|2\n", ">-\n", "#", " #c", "# x\n", "~", "=",
    "@", "`", "\\", "\\e", "\\x9b", "\\u202e", "\\ud83d", "\\U00110000", "null", "no", "on", "12:30", "0x1f", "1e3", ".inf", "{customer}",
    "\x00", "\x07", "\x1b]0;t\x07", "\x7f", "\x85", "\x9b", "\u200b", "\u200d", "\u2028", "\u202e", "\ufeff", "\ud800", "é", "ধাপ",
    "\U0001f6b2", "\r", "\r\n", "\x0c", "return", "policy.", "{policy.x}", "module: true\n", "steps:\n", "  a: {say: b}\n",
)  # fmt: skip
KEY = re.compile(r"(?<=[\s{,])([a-z][a-z-]*)(?=:)|^([a-z][a-z-]*)(?=:)", re.MULTILINE)
VALUE = re.compile(r"(?<=: )[^\n]+")


# --- files nobody would write


def _flip(rng: random.Random, data: bytes) -> bytes:
    """Some bytes are others, gone, or twice there."""
    body = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        at = rng.randrange(len(body) or 1)
        match rng.randrange(4):
            case 0:
                body[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del body[at : at + rng.choice((1, 1, 3, 40, 400))]
            case 2:
                body[at:at] = bytes([rng.randrange(256)])
            case _:
                body[at:at] = body[at : at + rng.choice((1, 5, 50))]
    return bytes(body)


def _lines(rng: random.Random, text: str) -> str:
    """Lines change places, come twice, go, or stand further in or out."""
    lines = text.split("\n")
    for _ in range(rng.choice((1, 1, 2, 4))):
        one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        some = lines[one : one + rng.choice((1, 1, 2, 8))]
        match rng.randrange(6):
            case 0:
                lines[one], lines[other] = lines[other], lines[one]
            case 1:
                lines[other:other] = some
            case 2 if len(lines) > 12:
                del lines[one : one + len(some)]
            case 3:
                lines[one] = " " * rng.choice((1, 2, 4, 30)) + lines[one]
            case 4:
                lines[one] = lines[one][rng.choice((1, 2, 4)) :]
            case _:
                strange = TEXTS[rng.choice(list(TEXTS))].split("\n")
                at = rng.randrange(len(strange))
                lines[other:other] = strange[at : at + rng.choice((1, 3, 20))]
    return "\n".join(lines)


def _rename(rng: random.Random, text: str) -> str:
    """A key has the name of another, or nearly its own."""
    found = list(KEY.finditer(text))
    if not found:
        return text
    for _ in range(rng.choice((1, 1, 3))):
        key = rng.choice(found)
        name = key.group()
        near = name[: rng.randrange(len(name))] + rng.choice("abexyz-_. ") + name[rng.randrange(len(name)) :]
        text = text[: key.start()] + rng.choice((rng.choice(KEYS), near, name.upper(), "")) + text[key.end() :]
        found = list(KEY.finditer(text)) or found
    return text


def _retype(rng: random.Random, text: str) -> str:
    """A value is of another kind, or much too much of it."""
    found = list(VALUE.finditer(text))
    if not found:
        return text
    value = rng.choice(found)
    deep = rng.choice((3, 20, 30, 200))
    new = rng.choice(
        (
            lambda: json.dumps(rng.choice(VALUES), ensure_ascii=False),
            lambda: "[" * deep + "]" * rng.choice((deep, deep, 0)),
            lambda: "{a: " * deep + "x" + "}" * rng.choice((deep, deep, 1)),
            lambda: "[" + ", ".join(str(n) for n in range(rng.choice((50, 3000, 25_000)))) + "]",
            lambda: "{" + ", ".join(f"k-{n}: x" for n in range(rng.choice((20, 2000)))) + "}",
            lambda: "x" * rng.choice((100, 8_000, 8_001, 300_000)),
            lambda: '"' + value.group() + rng.choice(PIECES) + rng.choice(('"', "")),
            lambda: "|\n" + " " * rng.choice((2, 6, 20)) + value.group(),
            lambda: value.group() + rng.choice(PIECES) + value.group(),
        )
    )()
    return text[: value.start()] + new + text[value.end() :]


def _pieces(rng: random.Random, text: str) -> str:
    """Signs that mean something to YAML, or to a terminal, stand where they don't belong."""
    for _ in range(rng.choice((1, 1, 2, 6))):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(PIECES) * rng.choice((1, 1, 1, 3, 100)) + text[at:]
    return text


@cache
def _tree(name: str) -> str:
    return json.dumps(yaml.safe_load(TEXTS[name]), ensure_ascii=False)


def _spots(tree: Any) -> list[tuple[Any, Any]]:
    """Every (container, key or index) of a tree."""
    found: list[tuple[Any, Any]] = []
    todo = [tree]
    while todo:
        at = todo.pop()
        inside = list(at.items()) if isinstance(at, dict) else list(enumerate(at)) if isinstance(at, list) else []
        found += [(at, key) for key, _ in inside]
        todo += [value for _, value in inside]
    return found


def _regrown(rng: random.Random, name: str) -> str:
    """Sound YAML that says other things: values of other kinds, keys of other places, parts of other files."""
    tree = json.loads(_tree(name))
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        spots = _spots(tree)
        if not spots:
            break
        at, key = rng.choice(spots)
        match rng.randrange(6):
            case 0 | 1:
                at[key] = json.loads(json.dumps(rng.choice(VALUES)))
            case 2:
                del at[key]
            case 3 if isinstance(at, dict):
                at[rng.choice(KEYS)] = at.pop(key)
            case 4:
                other, that = rng.choice(_spots(json.loads(_tree(rng.choice(list(TEXTS))))))
                at[key] = other[that]
            case _:
                other, that = rng.choice(spots)
                if not isinstance(other[that], dict | list):
                    at[key] = other[that]
    return json.dumps(tree, ensure_ascii=False, indent=rng.choice((1, 1, 1, None)))


def _gentle(rng: random.Random, name: str) -> str:
    """Sound YAML that is nearly sound in what it says: texts, ways and conditions of the same file change places."""
    tree = json.loads(_tree(name))
    for _ in range(rng.choice((1, 1, 2, 4, 12))):
        spots = _spots(tree)
        if not spots:
            break
        at, key = rng.choice(spots)
        alike = [(a, k) for a, k in spots if k == key or (isinstance(k, int) and isinstance(key, int))]
        other, that = rng.choice(alike)
        match rng.randrange(5):
            case 0 | 1 if isinstance(at[key], str) and isinstance(other[that], str):
                at[key], other[that] = other[that], at[key]
            case 2 if isinstance(at[key], str):
                at[key] = rng.choice([v for v in VALUES if isinstance(v, str)])
            case 3:
                del at[key]
            case _ if isinstance(at, dict) and isinstance(at[key], dict) and isinstance(other[that], dict):
                at[key] = {**at[key], **json.loads(json.dumps(other[that]))}
    return json.dumps(tree, ensure_ascii=False, indent=1)


def _noise(rng: random.Random, _: str) -> str:
    return "".join(rng.choice((*PIECES, *KEYS, "a: ", "- b\n", "\n  ")) for _ in range(rng.choice((5, 40, 400))))


TEXTUAL: tuple[Callable[[random.Random, str], str], ...] = (
    _lines,
    _rename,
    _rename,
    _retype,
    _retype,
    _pieces,
    _pieces,
)


def make_file(number: int) -> tuple[str, bytes]:
    """(which shipped file, what became of it): the same for the same number."""
    rng = random.Random(f"{SEED}.{number}")  # noqa: S311 - the same files each time
    name = "policy" if rng.random() < 0.2 else rng.choice(BOOKS)
    kind = rng.random()
    if kind < 0.25:
        text = _regrown(rng, name)
    elif kind < 0.55:
        text = _gentle(rng, name)
    elif kind < 0.57:
        text = _noise(rng, name)
    else:
        text = TEXTS[name]
        for _ in range(rng.choice((1, 1, 2, 3))):
            text = rng.choice(TEXTUAL)(rng, text)
    data = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.15:
        data = _flip(rng, data)
    return name, data


# --- what comes out


class Tally(NamedTuple):
    """What became of the files: how many were sound, how many findings of each rule, and what broke."""

    sound: Counter[str]
    rules: Counter[str]
    broken: dict[str, list[int]]


def _reason(error: Exception) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/calmdesk/" in f.filename]
    here = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    said = " ".join(str(error).split())[:90]
    return f"{type(error).__name__}: {said} ({Path(here.filename).name}:{here.lineno})"


def _check_place(finding: Finding, texts: dict[str, list[int]]) -> None:
    """A finding stands within its file, and says what in words that can be printed."""
    path = os.path.abspath(finding.path)
    if path not in texts:
        texts[path] = _lengths(Path(path).read_bytes())
    lengths = texts[path]
    assert 1 <= finding.line <= len(lengths), f"a line outside the file: {finding.rule}"
    assert 1 <= finding.column <= lengths[finding.line - 1] + 1, f"a column outside the line: {finding.rule}"
    assert finding.message, f"no words: {finding.rule}"
    assert finding.severity in {"error", "warning", "note"}
    assert len(render_finding(finding).split("\n")) <= 2, f"more than its own lines: {finding.rule}"
    assert render_finding(finding).replace("\n", "").isprintable(), f"not printable: {finding.rule}"


def _lengths(data: bytes) -> list[int]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [len(line) for line in data.split(b"\n")]
    return [len(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def _play(compiled: Compiled, rng: random.Random, clock: Clock) -> None:
    """What compiles can be begun, drawn, shown and gone through by anybody who presses keys."""
    assert compiled.bundle is not None
    assert marshal.loads(marshal.dumps(compiled.bundle)) == compiled.bundle  # noqa: S302 - our own
    edition = _edition(compiled.manifest, compiled.bundle, compiled.texts)
    list(tell_outline(edition, edition.root))
    talk = Conversation(edition, Call(), record=lambda _, __: None, now=clock)
    talk.take(lambda _: [moves.start(edition)])
    board = Board(talk, copy=lambda _: None)
    _draw(board)
    for _ in range(8):
        if board.over or talk.call.over:
            break
        if board.typing:
            board.typed(rng.choice(("x", "8.90", "17:00", "", "/b", "none", "ok", "yes", "1")))
        else:
            board.press(rng.choice("1112 a\ribegqs?!hcdo0"))
    _draw(board)


def _draw(board: Board) -> None:
    for width, height in ((80, 24), (40, 12), (24, 8)):
        drawn = board.draw(width, height)
        assert len(drawn.body) + len(drawn.foot) + board.typing <= height, "more rows than there are"


def _read(number: int, folder: Path, library: Library, clock: Clock, tally: Tally) -> None:
    name, data = make_file(number)
    rng = random.Random(f"{SEED}.{number}.play")  # noqa: S311 - the same play each time
    path = folder / f"{name}.yaml"
    path.write_bytes(data)
    # A strange policy is judged alone, and beside a sound playbook.
    book = path if name != "policy" else folder / f"{rng.choice(BOOKS)}.yaml"
    if name == "policy":
        book.write_text(TEXTS[book.stem], encoding="utf-8")
    findings, _ = find_findings(library, [str(path), str(book)] if name == "policy" else [str(path)])
    texts: dict[str, list[int]] = {}
    for finding in findings:
        _check_place(finding, texts)
    tally.rules.update(f.rule for f in findings)
    errors = any(is_error(f) for f in findings)
    tally.sound["errors" if errors else "sound"] += 1
    if not errors:
        compiled = compile_files(library, str(book))
        if compiled.bundle is not None:
            tally.sound["played"] += 1
            _play(compiled, rng, clock)
    book.unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def test_of_any_file_only_findings_come_out_and_what_compiles_can_be_played(tmp_path: Path, clock: Clock) -> None:
    library = Library((str(SHIPPED),), str(tmp_path / "cache"))
    tally = Tally(Counter(), Counter(), {})
    begun = time.perf_counter()
    for number in range(FILES):
        try:
            _read(number, tmp_path, library, clock, tally)
        except CalmdeskError:
            tally.sound["refused"] += 1
        except Exception as error:  # noqa: BLE001 - that there is none is what is looked at
            tally.broken.setdefault(_reason(error), []).append(number)
            for left in tmp_path.glob("*.yaml"):
                left.unlink()
    print(f"{FILES} files in {time.perf_counter() - begun:.0f} s: {dict(tally.sound)}, {tally.rules.total()} findings")
    print(f"of {len(tally.rules)} rules: {dict(tally.rules.most_common())}")
    told = "\n".join(f"{len(numbers)} × {why}: {numbers[:5]}" for why, numbers in tally.broken.items())
    assert not tally.broken, f"{sum(map(len, tally.broken.values()))} of {FILES} files broke something:\n{told}"


# --- how long it takes

HEAD = "calmdesk: 1\ntitle: A title\ngoal: A goal.\n"
STEPS = HEAD + "steps:\n"
END = "  bye: {say: Bye, end: recovered}\n"
WHOLE = STEPS + END
POLICY = "calmdesk-policy: 1\n"
SAY = STEPS + "  bye:\n    end: recovered\n    say:\n"
# The largest file has a value in so many bytes, where it has as many values as may be.
BYTES_A_VALUE = 14


class Lines(NamedTuple):
    """A file of many lines that are alike: `#` is their number, `@` in the head are some `others`, numbered too."""

    head: str
    line: str
    values: int
    """Of each line, which is as long as they allow."""
    tail: str = ""
    others: str = ""

    def make(self, size: int) -> bytes:
        head = self.head.replace("@", "".join(f"{self.others.replace('#', str(n))}\n" for n in range(size // 800)))
        parts, used, number = [head], len((head + self.tail).encode()), 0
        while True:
            line = self.line.replace("#", str(number))
            short = self.values * BYTES_A_VALUE - len(line.encode()) - 1
            # A comment makes it longer, or spaces where that is too little for one.
            line += f" # {'.' * (short - 3)}\n" if short > 3 else f"{' ' * short}\n"
            used += len(line.encode())
            if used > size:
                return "".join([*parts, self.tail]).encode()
            parts.append(line)
            number += 1


ONE_THING = {
    "brackets": "[", "braces": "{", "braces with keys": "{a: ", "dashes": "- ", "question marks": "? ", "colons": ":",
    "commas": "[,", "quotes": '"', "comments": "# x\n", "blank lines": "\n", "spaces": " ", "tabs": "\t",
    "hidden characters": "\u200b", "percent signs": "%", "empty groups": "- {}\n", "carriage returns": "\r",
}  # fmt: skip
BETWEEN = {
    "one long text": ("title: ", "x", ""),
    "one long text in quotes": ('title: "', "x", '"'),
    "twenty thousand values, all on one line": ("signals: [", "a-word-long, ", "]"),
    "keys alone in braces": ("signals: {", "k-#########, ", "}"),
}
LINES = {
    "many keys": Lines("", "k-#: v", 2),
    "twenty thousand values, a line each": Lines("signals:\n", "- aaaa", 1),
    "steps": Lines(STEPS, "  s-#: {say: Hi}", 4, END),
    "steps that lead on": Lines(STEPS, "  s-#: {say: Hi, go: s-0}", 6, END),
    "steps that lead to one of many": Lines(STEPS + "@", "  s-#: {say: Hi, go: t-0}", 6, END, "  t-#: {say: Hi}"),
    "steps that lead nowhere": Lines(STEPS, "  s-#: {say: Hi, go: t-#}", 6, END),
    "steps with a key nearly right": Lines(STEPS, "  s-#: {sya: Hi}", 4, END),
    "steps with ids that are none": Lines(STEPS, "  S_#: {say: Hi}", 4, END),
    "steps that play a file": Lines(STEPS, "  s-#: {play: hold}", 4, END),
    "steps that play nobody's file": Lines(STEPS, "  s-#: {play: nobody-#}", 4, END),
    "long ids": Lines(STEPS, "  " + "a-" * 500 + "#: {say: Hi, go: " + "a-" * 500 + "x}", 6, END),
    "ids of the same letters": Lines(STEPS, "  abcdefghijklmnopqrstuvwxyz-#: {say: Hi, go: zyxwvutsrqponmlkjihgfedcba-#}", 6, END),
    "keys of the same letters": Lines(WHOLE, "letnurpritnosi-#: x", 2),
    "options of the same letters": Lines(
        WHOLE + "facts:\n  f-0:\n    ask: What\n    default: zyxwvutsrqponmlkjihgfedcba\n    one-of:\n",
        "      abcdefghijklmnopqrstuvwxyz-#: Something", 2,
    ),
    "long unknown keys": Lines(WHOLE, "title-" * 160 + "#: x", 2),
    "nested as deep as may be": Lines("signals:\n", "- " + "[" * 22 + "x" + "]" * 22, 24),
    "quoted texts": Lines("signals:\n", '- "a b c d e f"', 1),
    "quoted texts with braces": Lines("signals:\n", '- "x {a:} y"', 1),
    "quoted texts with bars": Lines("signals:\n", "- 'x: |##'", 1),
    "braces in a block text": Lines("drafts:\n  x: |\n", "    x {a:} y", 0),
    "groups, and braces in a block text": Lines("signals:\n@drafts:\n  x: |\n", "    x {a:} y", 0, "", "- {a: " + "b" * 400 + "}"),
    "texts cut by a hash": Lines("signals:\n", "- a ##cut", 1),
    "escapes": Lines("drafts:\n", '  x-#: "' + "\\n" * 3900 + '"', 2),
    "escapes that hide": Lines("signals:\n", '- "a\\u202eb"', 1),
    "stacked accents": Lines("drafts:\n", "  x-#: " + "e\u0301\u0301" * 1300, 2),
    "small texts of another script": Lines("signals:\n", "- ধাপ", 1),
    "anchors": Lines("signals:\n", "- &a x", 1),
    "aliases": Lines("signals:\n", "- *aaaaaaaaaa", 1),
    "tags": Lines("signals:\n", "- !tag xxxxx", 1),
    "merge keys": Lines("facts:\n", "  k-#: {<<: {a: b}}", 6),
    "unknown keys": Lines(WHOLE, "key-#: x", 2),
    "keys nearly right": Lines(WHOLE, "signal-#: x", 2),
    "the same key again and again": Lines(WHOLE, "signals: []", 2),
    "values of another kind": Lines(WHOLE + "signals:\n", "- {a: b}", 3),
    "choices": Lines(STEPS + "  a-step:\n    choices:\n", "      c-#: bye", 2, END),
    "choices that lead nowhere": Lines(STEPS + "  a-step:\n    choices:\n", "      c-#: nowhere-#", 2, END),
    "facts": Lines(WHOLE + "facts:\n", "  f-#: {ask: What}", 4),
    "facts with bad values": Lines(WHOLE + "facts:\n", "  f-#: {ask: What, kind: money, default: '1,1,1,x'}", 8),
    "answers to pick from": Lines(WHOLE + "facts:\n  f-0:\n    ask: What\n    one-of:\n", "      o-#: Something", 2),
    "questions about nothing": Lines(HEAD + "facts:\n@steps:\n", "  s-#: {ask: g-#}", 4, END, "  f-#: {ask: What}"),
    "slots": Lines(WHOLE + "drafts:\n", "  d-#: '" + "{case}" * 1000 + "'", 2),
    "slots without a fact": Lines(HEAD + "facts:\n@steps:\n", "  s-#: {say: '" + "{g-#}" * 20 + "'}", 4, END, "  f-#: {ask: What}"),
    "slots without a value of the policy": Lines(WHOLE + "drafts:\n", "  d-#: '" + "{policy.compan}" * 500 + "'", 2),
    "drafts that aren't there": Lines(HEAD + "drafts:\n@steps:\n", "  s-#: {draft: e-#}", 4, END, "  d-#: A text"),
    "conditions": Lines(HEAD + "facts:\n@steps:\n", "  s-#: {say: Hi, when: {f-0: x}}", 8, END, "  f-#: {ask: What}"),
    "conditions about nothing": Lines(HEAD + "facts:\n@steps:\n", "  s-#: {say: Hi, when: {g-#: x}}", 8, END, "  f-#: {ask: What}"),
    "conditions within conditions": Lines(STEPS, "  s-#: {say: Hi, when: " + "{not: " * 18 + "{case: x}" + "}" * 19, 44, END),
    "lines with conditions": Lines(SAY, "      - {when: {case: x}, line: Hi}", 7),
    "lines never said": Lines(SAY, "      - {line: Hi}", 3),
    "long lines": Lines(SAY, "      - " + "a " * 3990, 1),
    "cues": Lines(SAY.replace("say", "cue"), "      - cue", 1),
    "ways by facts": Lines(STEPS + "  bye:\n    say: Hi\n    go:\n", "      - {when: {case: x}, step: bye}", 7),
    "interruptions": Lines(WHOLE + "interruptions:\n", "  i-#: {label: Cuts in, card: {say: Stop}}", 8),
    "interruptions that play nobody's file": Lines(WHOLE + "interruptions:\n", "  i-#: {play: nobody-#}", 4),
    "signs of nobody's case": Lines(WHOLE + "not-for:\n", "  sign #: nobody-#", 2),
    "path rules": Lines(WHOLE + "path-rules:\n", "  - {before: bye, must-pass: bye}", 5),
    "path rules about nothing": Lines(STEPS + "@" + END + "path-rules:\n", "  - {before: t-#, must-pass: t-#}", 5, "", "  s-#: {say: Hi}"),
    "tests": Lines(WHOLE + "tests:\n", "  - {name: Test #, expect: {disposition: recovered}}", 7),
    "tests about nothing": Lines(STEPS + "@" + END + "tests:\n", "  - {name: Test #, facts: {s-#: x}, expect: {passes: bye}}", 11, "", "  s-#: {say: Hi}"),
    "policy: unknown keys": Lines(POLICY, "key-#: x", 2),
    "policy: interruptions that play nobody's file": Lines(POLICY + "interruptions:\n", "  i-#: {label: Cuts, play: nobody-#}", 6),
    "policy: ladders": Lines(POLICY + "ladders:\n", "  l-#: {rungs: [{role: agent, restore: 1, gesture: 1}]}", 11),
    "policy: durations that are none": Lines(POLICY + "durations:\n", "  d-#: 10 seconds", 2),
}  # fmt: skip
HOSTILE = (*ONE_THING, *BETWEEN, *LINES)


def make_hostile(name: str, size: int) -> bytes:
    """A file of at most so many bytes that asks for as much work as it can."""
    if name in LINES:
        return LINES[name].make(size)
    head, text, tail = BETWEEN.get(name) or ("", ONE_THING[name], "")
    times = (size - len((head + tail).encode())) // len(text.encode())
    body = text * times if "#" not in text[2:] else "".join(f"{text[:2]}{n:09}, " for n in range(times))
    return (head + body + tail).encode()


FULL = FILES >= 30_000
LARGEST = MAX_BYTES if FULL else MAX_BYTES // 8
NOT_MORE = 2.6
"""Times as long, for twice the file."""
STILL_FINE = 0.01
SOON = 0.1


class Lint:
    """How long it takes to lint one of the hostile files, in seconds of this process."""

    def __init__(self, folder: Path) -> None:
        self.library = Library((str(SHIPPED),), str(folder / "cache"))
        self.folder = folder

    def write(self, name: str, size: int) -> Path:
        data = make_hostile(name, size)
        assert size * 0.7 < len(data) <= size
        path = self.folder / ("policy.yaml" if name.startswith("policy") else "main.yaml")
        path.write_bytes(data)
        return path

    def time(self, name: str, size: int) -> float:
        path = self.write(name, size)
        begun = time.process_time()
        find_findings(self.library, [str(path)])
        return time.process_time() - begun


def _floor() -> float:
    """Seconds that the parser alone takes for a file of as many values as may be."""
    text = make_hostile("twenty thousand values, a line each", MAX_BYTES).decode()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    best = 1e9
    for _ in range(5):
        begun = time.process_time()
        for _ in yaml.parse(text, Loader=loader):
            pass
        best = min(best, time.process_time() - begun)
    return best


@pytest.mark.parametrize("name", HOSTILE)
def test_twice_the_file_takes_no_more_than_about_twice_the_time(tmp_path: Path, name: str) -> None:
    lint = Lint(tmp_path)
    half, whole = 1e9, 1e9
    for _ in range(5):
        half, whole = min(half, lint.time(name, LARGEST // 2)), min(whole, lint.time(name, LARGEST))
        if whole <= NOT_MORE * half + STILL_FINE:
            return
    raise AssertionError(
        f"{LARGEST // 2048} KiB take {half * 1000:.0f} ms, {LARGEST // 1024} KiB {whole * 1000:.0f} ms: {whole / half:.1f} times"
    )


@pytest.mark.skipif(not FULL, reason="takes a quiet machine: CALMDESK_FUZZ_FILES=30000")
@pytest.mark.parametrize("name", HOSTILE)
def test_any_file_of_full_size_is_linted_within_a_tenth_of_a_second(tmp_path: Path, name: str) -> None:
    lint, spent = Lint(tmp_path), 1e9
    for _ in range(6):
        spent = min(spent, lint.time(name, MAX_BYTES))
        # Of a slow machine, twelve times what the parser alone takes.
        if spent <= max(SOON, 12 * _floor()):
            return
    raise AssertionError(f"{spent * 1000:.0f} ms")
