"""What a finding's text may have been meant to be: edits of a few characters, the likeliest first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.bench.marking import COMMENT, PLAIN, QUOTED, Marked
from calmdesk.bench.naming import KEYS, TEXT_KEYS
from calmdesk.safetext import HIDDEN, STRAY_JOINER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calmdesk.playbook.findings import Finding

Edit = tuple[int, int, str]
"""From one offset to another, and what stands there instead."""


class Repair(NamedTuple):
    """Edits that belong together, and what they do in words."""

    edits: tuple[Edit, ...]
    says: str
    guess: bool = False
    """Whether a name was picked because it is near."""
    key: bool = False
    """Whether a key is what is repaired: what stands below it could not be read before."""
    cut: bool = False
    """Whether what was a comment belongs to the text."""

    def apply(self, text: str) -> str:
        """The text with its edits."""
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text


_KNOWN_KEY = re.compile(rf"(?:^|[\s,{{\[])(?:{'|'.join(sorted(KEYS))})\s*:(?:\s|$)")
_SLOT = r"(?:\{[a-z][\w.-]*\})"
_FLOW = re.compile(
    rf"(?P<before>:[ ]+|[\[,][ ]*)(?P<value>(?:{_SLOT}|[^\s,{{}}\[\]\"'#])(?:{_SLOT}|[^,{{}}\[\]\"\n])*?)(?=[ ]*[,}}\]])"
)
_NAMED = re.compile("“([^”]+)”")
_CURLY = {"“": "”", "„": "“”", "‘": "’", "«": "»"}
_ODD_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_NAME_LISTS = {"ask", "choose", "forget", "passes", "not-passes"}
_STANDS_FOR_SPACE = "\u2028\u2029\x85\x0b\x0c"
_QUOTING = {"colon-in-text", "question-mark", "special-start", "text-in-braces", "cut-by-hash", "hash-in-braces"}


def find_repairs(marked: Marked, finding: Finding) -> Iterator[Repair]:
    """The repairs that may mend a finding by its line alone; names are repaired by `naming`."""
    number = finding.line - 1
    if not 0 <= number < len(marked.lines):
        return
    if finding.rule in _QUOTING or finding.rule == "not-yaml":
        yield from _wrapped(marked, number, finding.rule)
    if finding.rule in _MAKERS:
        yield from _MAKERS[finding.rule](marked, number, finding)


def quoted(words: str) -> str:
    """Words as a YAML text in double quotes."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _wrap(marked: Marked, start: int, end: int, *, cut: bool = False) -> Iterator[Repair]:
    """One value put in quotes: no key may get lost in it, and nothing in it may be quoted already."""
    words = marked.text[start:end]
    marks = set(marked.marks[start:end])
    if words and not _KNOWN_KEY.search(words) and (marks <= {PLAIN} or (cut and marks <= {PLAIN, COMMENT})):
        yield Repair(((start, end, quoted(words)),), f"the text is in quotes now: {quoted(words)}", cut=cut)


def _wrapped(marked: Marked, number: int, rule: str) -> Iterator[Repair]:
    """Each value of a line that may need quotes, alone."""
    body, start = marked.body(number), marked.starts[number]
    if rule in {"cut-by-hash", "hash-in-braces"}:
        yield from _with_hash(marked, number)
        return
    for found in _FLOW.finditer(body):
        value = found["value"]
        if _needs_quotes(value, flow=True) and ("{" in body[: found.start()] or "[" in body[: found.start() + 1]):
            # Behind a comma that ended a text stands only half of it.
            half = found["before"].startswith(",") and re.search(
                r"\{[^{}\[\]]*:\s+([^{}\[\]:\"']*)$", body[: found.start()]
            )
            begun = half.start(1) if half else found.start("value")
            yield from _wrap(marked, start + begun, start + found.end("value"))
    at = _block_value(body)
    if at >= 0 and not marked.goes_on(number, _column(body)) and _needs_quotes(body[at:], flow=False):
        yield from _wrap(marked, start + at, start + len(body))


def _column(body: str) -> int:
    """Where the key or the dash of a line stands that its value belongs to."""
    lead = re.match(r" *(?:- +)*", body)
    head = lead.end() if lead else 0
    keyed = re.match(r"[\w-]+:(?:\s|$)", body[head:])
    return head if keyed or "-" not in body[:head] else body.rindex("-", 0, head)


def _block_value(body: str) -> int:
    """Where the text of a line begins, outside brackets; -1 where it takes no text."""
    lead = re.match(r" *(?P<dash>(?:- +)*)", body)
    head = lead.end() if lead else 0
    key = re.match(r"(?P<key>[\w-]+): +", body[head:])
    if key and key["key"] in TEXT_KEYS:
        return head + key.end()
    if key and (key["key"] in KEYS or not lead or not lead["dash"]):
        return -1 if key["key"] in KEYS else head + key.end()
    return head if lead and lead["dash"] else -1


def _needs_quotes(value: str, *, flow: bool) -> bool:
    if not value or value[0] in "\"'|>":
        return False
    if flow:
        return "?" in value or value.endswith(":") or bool(re.search(r":\s", value)) or value[0] in "%@`*&!"
    if re.match(r"\*[\w-]+$|&[\w-]+$|![\w-]*$", value):
        # A place that was named on purpose, or half of one.
        return False
    starts = value[0] in "%@`*&!?-" or bool(re.match(rf"{_SLOT}|\[[^\]:]*[A-Za-z][^\]:,]*\]\s*\S", value))
    return starts or value.endswith(":") or bool(re.search(r":\s", value))


def _with_hash(marked: Marked, number: int) -> Iterator[Repair]:
    """A text with a number sign in it (Room #12); what follows any other # is a comment."""
    line, start = marked.lines[number], marked.starts[number]
    body, comment = marked.body(number), marked.comment(number)
    if not re.match(r"#\d", comment):
        return
    text = body + line[len(body) : len(line) - len(comment)] + comment
    if "{" in body or "[" in body:
        pattern = re.compile(r"(?:: +|[\[,] *)([^\s,{}\[\]\"':#][^,{}\[\]\"':#]*\s#\d[^,{}\[\]\"':#]*?)(?= *[,}\]])")
        for found in pattern.finditer(text):
            yield from _wrap(marked, start + found.start(1), start + found.end(1), cut=True)
    elif (at := _block_value(text)) >= 0 and not marked.goes_on(number, _column(text)):
        behind = re.search(r"\s+#(?!\d)", text)
        end = behind.start() if behind else len(text.rstrip())
        if not re.search(r"[\"']", text[at : at + 1]):
            yield from _wrap(marked, start + at, start + end, cut=True)


def _wrong_kind(marked: Marked, number: int, finding: Finding) -> Iterator[Repair]:
    """A number, a flag, or what was read as a group where a text is wanted."""
    if "takes a text" not in finding.message and "a text is expected" not in finding.message:
        return
    start, body = marked.starts[number], marked.body(number)
    rest = body[finding.column - 1 :]
    if found := re.match(r"(?:-?\d[\d.]*|true|false)(?=\s*(?:$|[,}\]]))", rest):
        at = start + finding.column - 1
        yield from _wrap(marked, at, at + found.end())
    elif (
        body[: finding.column - 1].strip(" -") == "" or (_block_value(body) == finding.column - 1)
    ) and not marked.goes_on(number, _column(body)):
        key = re.match(r"([\w-]+):", rest)
        if not (key and key.group(1) in KEYS) and not re.match(r"\[[^\]]*,", rest):
            yield from _wrap(marked, start + finding.column - 1, start + len(body))


def _tab(marked: Marked, number: int, _finding: Finding) -> Iterator[Repair]:
    """Tabs in front of lines as 2, 4 or 8 columns, and those between words as a space."""
    del number
    inner = [
        (m.start(), m.end(), " ")
        for m in re.finditer(r"(?<=\S)[ ]*\t[ \t]*", marked.text)
        if set(marked.marks[m.start() : m.end()]) == {PLAIN}
    ]
    for width in (2, 4, 8):
        edits: list[Edit] = list(inner)
        for n, line in enumerate(marked.lines):
            lead = line[: len(line) - len(line.lstrip(" \t"))]
            if (
                "\t" in lead
                and (lead[0] == "\t" or marked.marks[marked.starts[n]] == PLAIN)
                and marked.marks[marked.starts[n]] != QUOTED
            ):
                edits.append((marked.starts[n], marked.starts[n] + len(lead), lead.expandtabs(width)))
        if edits:
            yield Repair(
                tuple(edits),
                f"tabs became spaces, {width} columns each" if len(edits) > len(inner) else "a tab became a space",
            )


def _hidden(marked: Marked, number: int, finding: Finding) -> Iterator[Repair]:
    at = marked.starts[number] + finding.column - 1
    sign = marked.text[at : at + 1]
    if sign and (HIDDEN.match(sign) or STRAY_JOINER.match(marked.text, at)) and marked.marks[at] != COMMENT:
        space = " " if sign in _STANDS_FOR_SPACE and marked.text[at - 1 : at] != " " else ""
        yield Repair(((at, at + 1, space),), f"the hidden character U+{ord(sign):04X} is out")


def _odd_space(marked: Marked, number: int, finding: Finding) -> Iterator[Repair]:
    start = marked.starts[number]
    if found := _ODD_SPACE.match(marked.lines[number], finding.column - 1):
        left, right = start + found.start(), start + found.end()
        if COMMENT not in marked.marks[left:right]:
            yield Repair(((left, right, " " * (right - left)),), "it is a plain space now")


def _curly(marked: Marked, number: int, finding: Finding) -> Iterator[Repair]:
    """A text in Word's quotation marks in straight ones; a key without any."""
    start, line = marked.starts[number], marked.lines[number]
    closing = _CURLY.get(line[finding.column - 1 : finding.column])
    if closing is None:
        return
    opening = line[finding.column - 1]
    ends = r"(?=\s*:(?:\s|$))" if "key" in finding.message else r"(?=\s*(?:[,\]}]|$|\s#))"
    found = re.compile(rf"{opening}([^{opening}]*?)[{closing}]{ends}").match(line, finding.column - 1)
    left = start + finding.column - 1
    if not found or set(marked.marks[left : left + len(found.group())]) != {PLAIN}:
        return
    if "key" in finding.message:
        if re.fullmatch(r"[\w-]+", found.group(1)):
            edit = (left, left + len(found.group()), found.group(1))
            yield Repair((edit,), f"“{found.group(1)}” stands without quotation marks now", key=True)
        return
    words = quoted(found.group(1))
    yield Repair(((left, left + len(found.group()), words),), f"the text is in straight quotes now: {words}")


def _missing_space(marked: Marked, number: int, finding: Finding) -> Iterator[Repair]:
    """A key whose colon, or an item whose hyphen, touches what comes behind it."""
    at = marked.starts[number] + finding.column - 1
    sign = marked.text[at - 1 : at]
    if sign in {":", "-"} and marked.marks[at - 1] == PLAIN and not marked.text[at : at + 1].isspace():
        yield Repair(
            ((at, at, " "),), f"a space stands behind the {'colon' if sign == ':' else 'hyphen'} now", key=True
        )


def _missing_colon(marked: Marked, number: int, finding: Finding) -> Iterator[Repair]:
    """A key or a step's name that stands alone."""
    at, named = marked.starts[number] + finding.column - 1, _NAMED.search(finding.message)
    if named and marked.text.startswith(named.group(1), at) and marked.marks[at] == PLAIN:
        at += len(named.group(1))
        if marked.text[at : at + 1].isspace():
            yield Repair(((at, at, ":"),), f"a colon stands behind “{named.group(1)}” now", key=True)


def _empty_list(marked: Marked, number: int, finding: Finding) -> Iterator[Repair]:
    line, start = marked.lines[number], marked.starts[number]
    if re.fullmatch(r"\s*(cue|check|must-check):\s*\[\s*\]\s*", line):
        yield Repair(((start, start + len(line) + 1, ""),), "the empty list is out", key=True)
        return
    empty = re.compile(r"(,\s*)?(?:cue|check|must-check):\s*\[\s*\](\s*,\s*)?")
    for found in empty.finditer(line):
        if found.start() <= finding.column - 1 < found.end() and (found.group(1) or found.group(2)):
            right = found.end() - (len(found.group(2) or "") if found.group(1) else 0)
            yield Repair(((start + found.start(), start + right, ""),), "the empty list is out", key=True)


def _comma(marked: Marked, number: int, finding: Finding) -> Iterator[Repair]:
    """A text that a comma ended, as one text; names that stand for a list, as a list."""
    named = _NAMED.search(finding.message)
    if not named:
        return
    body, start = marked.body(number), marked.starts[number]
    pattern = re.compile(
        r"(?:(?P<key>[\w-]+): +|\[ *)(?P<value>[^\s:{}\[\]\"',#][^:{}\[\]\"'#]*?)(?= *(?:,\s*[\w-]+:\s|[}\]]))"
    )
    for found in pattern.finditer(body):
        pieces = [p.strip() for p in found["value"].split(",")]
        if named.group(1) not in pieces[1:] or any(p in KEYS or not p for p in pieces[1:]):
            continue
        left, right = start + found.start("value"), start + found.end("value")
        if found["key"] in _NAME_LISTS:
            listed = f"[{', '.join(pieces)}]"
            yield Repair(((left, right, listed),), f"the names are a list now: {listed}")
        elif found["key"] is None or found["key"] not in KEYS or found["key"] in TEXT_KEYS:
            yield from _wrap(marked, left, right)


def _twice(marked: Marked, number: int, finding: Finding) -> Iterator[Repair]:
    """The second of two equal items, with all of its lines."""
    line, column = marked.lines[number], finding.column - 1
    named = _NAMED.search(finding.message)
    says = f"“{named.group(1)}” stands there once now" if named else "it stands there once now"
    if re.match(r"[\w-]+:(?:\s|$)", line[column:]):
        return
    if line[:column].strip() == "-" and marked.marks[marked.starts[number] + line.index("-")] == PLAIN:
        last = number
        for n in range(number + 1, len(marked.lines)):
            if marked.lines[n].strip() and marked.indent(n) <= line.index("-"):
                break
            last = n if marked.lines[n].strip() else last
        if not any(marked.comment(n) for n in range(number, last + 1)):
            yield Repair(((marked.starts[number], marked.starts[last + 1], ""),), says)
        return
    item = re.match(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^,\]}#\"'{\[]*[^,\]}#\"'{\[\s]", line[column:])
    if not item or marked.comment(number).startswith(line[column:] or "\n"):
        return
    before, behind = line[:column].rstrip(), line[column + item.end() :].lstrip()
    start = marked.starts[number]
    if before.endswith(",") and behind[:1] in {",", "]"}:
        yield Repair(((start + len(before) - 1, start + column + item.end(), ""),), says)


def _no_version(marked: Marked, _number: int, finding: Finding) -> Iterator[Repair]:
    if "“calmdesk”" not in finding.message:
        return
    first = next((n for n in range(len(marked.lines)) if marked.body(n).strip() not in {"", "---"}), -1)
    if first >= 0 and re.match(r"[\w-]+:(?:\s|$)", marked.lines[first]):
        at = marked.starts[first]
        yield Repair(((at, at, "calmdesk: 1\n"),), "`calmdesk: 1` stands at the top now", key=True)


_MAKERS: dict[str, Callable[[Marked, int, Finding], Iterator[Repair]]] = {
    "wrong-kind": _wrong_kind,
    "tab": _tab,
    "hidden-character": _hidden,
    "odd-space": _odd_space,
    "curly-quotes": _curly,
    "missing-space": _missing_space,
    "missing-colon": _missing_colon,
    "empty-list": _empty_list,
    "comma-ends-text": _comma,
    "listed-twice": _twice,
    "missing-key": _no_version,
}
