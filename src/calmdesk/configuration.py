"""Configuration files, read and checked: what is wrong in one becomes a sentence, and never stops a call.

A value is a text, true or false, or texts; each limit has a key of its own (`limits.LADDER.ROLE.gesture`).
"""

from __future__ import annotations

import os
import re
import stat
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.safetext import clean, fold_digits, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Value = str | bool | tuple[str, ...]
Layer = dict[str, tuple[Value, str]]
"""Key → (value, where it comes from), of one file or of the environment."""

LARGEST = 64 * 1024
# A project's file may come from anybody, holds two keys, and tomllib takes minutes for a key of many dots.
LARGEST_PROJECT = 8 * 1024
MOST_PROBLEMS = 10
"""Of one file: they are said at each start."""
KINDS = ("restore", "gesture")
LISTS = frozenset({"hook", "playbooks"})
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?\Z")
_SPAN = re.compile(r"([0-9]{1,6})([dw])\Z")
_DAYS = {"d": 1, "w": 7}
_LONGEST = 36_500
_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")
_FALLS_BACK = " Until that is put right, nothing above the lowest rung may be given here."


class Checked(NamedTuple):
    """A value as it is used, or what is wrong with it (then the value means nothing)."""

    value: Value = ""
    complaint: str = ""


class Configuration:
    """What all files and the environment say together. No repr of its own: one of its values is a secret."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}
        self.origins: dict[str, str] = {}
        self.problems: list[str] = []
        self.locked: set[str] = set()
        self.strict = False

    def text(self, key: str) -> str:
        """A text; empty where nobody says one."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Texts; none where nobody says any."""
        value = self.values.get(key)
        return value if isinstance(value, tuple) else ()

    def days(self, key: str) -> int:
        """A span in days; 0 where nobody says one."""
        found = _SPAN.match(self.text(key))
        return int(found.group(1)) * _DAYS[found.group(2)] if found else 0

    def take(self, layer: Layer, *, below_locks: bool = True) -> None:
        """Lay a layer over what was said so far; what is locked stays as the system's file says it.

        Where that file can't be relied on, nobody else says what a person may give.
        """
        for key, (value, origin) in layer.items():
            if below_locks and (
                is_locked(key, self.locked) or (self.strict and key.split(".")[0] in {"role", "limits"})
            ):
                continue
            if key == "playbooks" and isinstance(value, tuple):
                if value:
                    self.origins[key] = f"{origin}, {self.origins[key]}" if self.texts(key) else origin
                    self.values[key] = tuple(dict.fromkeys((*value, *self.texts(key))))
            else:
                self.values[key], self.origins[key] = value, origin


def is_locked(key: str, locked: set[str] | frozenset[str]) -> bool:
    """Whether a key, or what it stands under (`limits`, `limits.goodwill`), is locked."""
    parts = key.split(".")
    return any(".".join(parts[: n + 1]) in locked for n in range(len(parts)))


def read_configuration(files: Sequence[tuple[str, str]], said: Layer) -> Configuration:
    """What the files (place and path, lowest first) and then the environment say."""
    found = Configuration()
    for place, path in files:
        found.take(_FileReader(place, path, found).read(), below_locks=place != "system")
    checked: Layer = {}
    for key, (value, origin) in said.items():
        good = check(key, value)
        if good.complaint:
            found.problems.append(f"{origin.removeprefix('environment ')} {good.complaint} It isn't taken.")
        else:
            checked[key] = good.value, origin
    found.take(checked)
    if found.strict:
        # Limits only ever lower: what the system's file says of them, as far as it can be read, stays.
        found.values.pop("role", None)
        found.origins.pop("role", None)
    return found


class _FileReader:
    """One file on its way to a layer; its problems are added to those found."""

    def __init__(self, place: str, path: str, found: Configuration) -> None:
        self.place = place
        self.path = path
        self.found = found
        self.layer: Layer = {}
        self.problems: list[str] = []
        self.mode = 0

    def read(self) -> Layer:
        text, complaint, self.mode = read_text(self.path, LARGEST_PROJECT if self.place == "project" else LARGEST)
        table: dict[str, Any] = {}
        line = 0
        if not complaint and self.place == "project" and _anybody_writes(os.path.dirname(self.path)):
            complaint = "isn't taken: everybody may write in its folder. Move it to a folder of your own."
        elif not complaint:
            table, complaint, line = parse(text)
        if complaint:
            self._problem(complaint, line=line, weighs=True)
        for key, value in table.items():
            self._key(key, value)
        if self.mode & 0o077 and "team-key" in self.layer and self.place == "user":
            self._problem(f"holds the team's key, and others may read or change it. `chmod 600 {self.path}` ends that.")
        more = len(self.problems) - MOST_PROBLEMS
        self.found.problems += self.problems[:MOST_PROBLEMS]
        if more > 0:
            self.found.problems.append(
                clean(f"{self.path}: {more} more; `calmdesk config show` says them as those go.")
            )
        return self.layer

    def _problem(self, sentence: str, *, line: int = 0, weighs: bool = False) -> None:
        """Note what is wrong. What weighs in the system's file is what may hide a lock or a limit."""
        where = f"{self.path}:{line}" if line else self.path
        weighs = weighs and self.place == "system"
        self.found.strict |= weighs
        self.problems.append(clean(f"{where}: {sentence}{_FALLS_BACK if weighs else ''}"))

    def _key(self, key: str, value: object) -> None:
        if key not in {*CHECKS, "limits", "lock"}:
            self._problem(
                f"has no use for {_quoted(key)}. {nearest(key, [*CHECKS, 'limits', 'lock']) or _KEYS}", weighs=True
            )
        elif key == "lock" and self.place != "system":
            self._problem("can't lock anything: `lock` holds in the system's file only. Take it out.")
        elif self.place == "project" and key not in {"playbooks", "plain"}:
            self._problem(
                f"is a project's, which may not set {key}; it isn't taken. `calmdesk config set {key} …` sets your own."
            )
        elif key == "lock":
            self._lock(value)
        elif key == "limits":
            self._limits(key, value, 1)
        elif key == "hook" and self.mode & 0o022:
            self._problem(f"may be changed by others, so its hook won't run. `chmod go-w {self.path}` ends that.")
        else:
            self._take(key, value)

    def _take(self, key: str, value: object) -> None:
        good = check(key, value, os.path.dirname(self.path))
        if good.complaint:
            weighs = key == "role" or key.startswith("limits.")
            self._problem(f"{key} {good.complaint} It isn't taken.", weighs=weighs)
        else:
            self.layer[key] = good.value, self.path

    def _limits(self, key: str, value: object, depth: int) -> None:
        """The limits under a key: [limits.LADDER.ROLE] with restore and gesture."""
        if depth == 4:
            self._take(key, value)
            return
        if not isinstance(value, dict):
            self._problem(f"{key} {_SHAPE} It isn't taken.", weighs=True)
            return
        for name, below in value.items():
            complaint = _misnamed(name, depth)
            if complaint:
                self._problem(f"under {key}, {complaint}", weighs=True)
            else:
                self._limits(f"{key}.{name}", below, depth + 1)

    def _lock(self, value: object) -> None:
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            self._problem('lock must be a list of keys, such as ["role", "limits"].', weighs=True)
            return
        for name in value:
            top, *rest = name.split(".")
            if top not in {*CHECKS, "limits"} or (rest and (top != "limits" or len(rest) > 3)):
                tip = nearest(name, [*CHECKS, "limits"]) or _KEYS
                self._problem(f"lock names {_quoted(name)}, which is no key. {tip}", weighs=True)
            elif complaint := next(filter(None, (_misnamed(part, n + 1) for n, part in enumerate(rest))), ""):
                self._problem(f"in lock, {complaint}", weighs=True)
            else:
                self.found.locked.add(name)


def read_text(path: str, largest: int = LARGEST) -> tuple[str, str, int]:
    """(text, what is wrong, who may use it) of a file; never waits, never raises."""
    try:
        status = os.stat(path)
        # Opening a pipe would wait for somebody to write into it.
        if not stat.S_ISREG(status.st_mode):
            return "", "can't be read: it is no file.", 0
        with open(path, "rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        return "", f"can't be read: {error.strerror}. Check who may read it.", 0
    if len(data) > largest:
        return "", f"can't be read: it is larger than {largest // 1024} KiB.", 0
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "", "can't be read: it isn't UTF-8. Save it as UTF-8.", 0
    return text, "", 0 if os.name == "nt" else stat.S_IMODE(status.st_mode)


def parse(text: str) -> tuple[dict[str, Any], str, int]:
    """(table, what is wrong, line from 1 or 0) of a TOML text."""
    import tomllib

    try:
        return tomllib.loads(text, parse_float=Decimal), "", 0
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = int(found.group(1)) if found else text.rstrip().count("\n") + 1
        what = clean(_LINE.sub("", str(error))).rstrip(" .")
        return {}, f"can't be read as TOML: {what}. Nothing of it is taken; put that line right.", line
    except (ValueError, ArithmeticError, RecursionError):
        return {}, "can't be read as TOML: a number is too long, or it goes too deep. Nothing of it is taken.", 0


def _anybody_writes(folder: str) -> bool:
    """Whether everybody may put a file there, as in /tmp: a project's file there may be anybody's."""
    try:
        return os.name != "nt" and bool(os.stat(folder or ".").st_mode & stat.S_IWOTH)
    except OSError:
        return True


# --- each key


def check(key: str, value: object, folder: str = "") -> Checked:
    """One key's value as it is used, or what is wrong with it; relative playbook folders are meant from `folder`."""
    if key.startswith("limits."):
        return _check_amount(value)
    good = CHECKS[key](value)
    if key == "playbooks" and isinstance(good.value, tuple):
        return good._replace(
            value=tuple(os.path.abspath(os.path.join(folder, os.path.expanduser(f))) for f in good.value)
        )
    return good


def unknown(key: str, *, whole: bool = False) -> str:
    """Why a key can't be set, and what may be meant; nothing where it can. `whole`: all limits of a ladder or role too."""
    top, *rest = key.split(".")
    if key in CHECKS:
        return ""
    if top == "lock":
        return "Only the system's file may lock."
    if top != "limits":
        return f"There is no key {_quoted(key)}. {nearest(key, [*CHECKS, 'limits']) or _KEYS}"
    if len(rest) != 3 and not (whole and len(rest) < 3):
        return _SHAPE_TYPED
    return next(filter(None, (_misnamed(part, n + 1) for n, part in enumerate(rest))), "")


def _quoted(name: str) -> str:
    name = clean(name)
    return f"“{name[:60]}…”" if len(name) > 60 else f"“{name}”"


def _misnamed(name: str, depth: int) -> str:
    """What is wrong with a part of a limit's key: a ladder (1), a role (2), restore or gesture (3)."""
    if depth == 3:
        if name in KINDS:
            return ""
        return f"{_quoted(name)} is no limit. {nearest(name, KINDS) or 'There are restore and gesture.'}"
    if not name or clean(name) != name or "." in name:
        return f"{_quoted(name)} can't be the name of a {'ladder' if depth == 1 else 'role'}."
    return ""


def _check_amount(value: object) -> Checked:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return Checked(complaint="must be an amount such as 20 or 12.50.")
    text = fold_digits(str(value)).strip()
    if not _AMOUNT.match(text):
        return Checked(complaint="must be an amount such as 20 or 12.50, not below 0.")
    return Checked(str(Decimal(text)))


def _check_role(value: object) -> Checked:
    if not isinstance(value, str):
        return Checked(complaint='must be a text such as "lead".')
    return Checked(clean(value))


def _check_key(value: object) -> Checked:
    if not isinstance(value, str) or len(value.strip()) < 8:
        return Checked(complaint="must be a text of at least 8 characters.")
    return Checked(value.strip())


def _check_retention(value: object) -> Checked:
    if value == "":
        return Checked("")
    found = _SPAN.match(fold_digits(value).strip().lower()) if isinstance(value, str) else None
    days = int(found.group(1)) * _DAYS[found.group(2)] if found else 0
    if not found or not 1 <= days <= _LONGEST:
        return Checked(complaint='must be a time such as "90d" or "12w", from a day to a hundred years.')
    return Checked(found.group())


def _check_texts(value: object) -> Checked:
    if not isinstance(value, list | tuple) or not all(isinstance(x, str) and x and "\0" not in x for x in value):
        return Checked(complaint="must be a list of texts, none of them empty.")
    return Checked(tuple(value))


def _check_hook(value: object) -> Checked:
    good = _check_texts(value)
    if good.complaint or not isinstance(good.value, tuple) or not good.value:
        return good
    command = os.path.expanduser(good.value[0])
    # A relative path would be another command in each folder somebody stands in.
    if os.path.basename(command) != command and not os.path.isabs(command):
        return Checked(complaint="must name its command by a whole path (/opt/crm/send, ~/send), or by a name on PATH.")
    return Checked((command, *good.value[1:]))


def _check_switch(value: object) -> Checked:
    return Checked(value) if isinstance(value, bool) else Checked(complaint="must be true or false.")


CHECKS: dict[str, Callable[[object], Checked]] = {
    "role": _check_role,
    "team-key": _check_key,
    "retention": _check_retention,
    "hook": _check_hook,
    "playbooks": _check_texts,
    "plain": _check_switch,
    "still": _check_switch,
}
_KEYS = f"The keys are {', '.join(CHECKS)} and limits."
_SHAPE = "must be a table such as [limits.goodwill.agent] with restore and gesture."
_SHAPE_TYPED = "A limit is set as limits.LADDER.ROLE.restore or limits.LADDER.ROLE.gesture."
