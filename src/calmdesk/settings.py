"""Where things are kept and what this desk is set to: environment over files over defaults, read once."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from calmdesk.configuration import Configuration, Layer
    from calmdesk.playbook.folders import Library

KEYS = ("role", "limits", "team-key", "retention", "hook", "playbooks", "plain", "still")
PROJECT = "calmdesk.toml"


class Secret:
    """A text that nothing shows by accident: printed, it says only whether there is one."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "(set)" if self._text else "(none)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


class Settings(NamedTuple):
    """Folders of this desk, all private to the user, and what its configuration says."""

    data: str
    """The journal."""
    config: str
    """The user's own `config.toml`, and their playbooks and policy in `playbooks`."""
    cache: str
    """Compiled playbooks; may be deleted at any time."""
    folders: tuple[str, ...]
    """More playbook folders, nearest first (`CALMDESK_PLAYBOOKS`, then `playbooks` of the files)."""
    plain: bool
    """Lines of text wanted rather than a screen (`ACCESSIBLE=1`, `TERM=dumb`, `plain`)."""
    role: str = ""
    """Whose rung this person stands on; empty for the lowest."""
    limits: Mapping[str, Mapping[str, Mapping[str, str]]] = {}
    """Ladder → role → `restore` and `gesture`, exact text; either may be missing: then the policy's holds."""
    team_key: Secret = Secret()
    """What an agent's and a lead's desk share."""
    retention_days: int = 0
    """Typed words older than this are forgotten; 0 keeps them."""
    hook: tuple[str, ...] = ()
    """The command that gets each ended call, and its arguments; empty for none."""
    problems: tuple[str, ...] = ()
    """What is wrong with the configuration, a sentence each, safe to print."""
    strict: bool = False
    """The system's file can't be relied on: nothing above the lowest rung may be given."""
    origins: Mapping[str, str] = {}
    """Where each value comes from; a limit's key is `limits.LADDER.ROLE.restore`."""
    locked: frozenset[str] = frozenset()
    """What the system's file locks: keys, or beginnings of a limit's key."""
    still: bool = False
    """Nothing on a screen moves by itself: it is drawn at a key, and no clock ticks (`CALMDESK_STILL=1`, `still`)."""

    @property
    def library(self) -> Library:
        """Where playbooks are looked for: project, user, built in."""
        from calmdesk.playbook.folders import Library, built_in_folder

        own = os.path.join(self.config, "playbooks")
        return Library((*self.folders, own, os.path.abspath(built_in_folder())), self.cache)


def read_settings(environment: Mapping[str, str], system: str | None = None) -> Settings:
    """The settings that an environment and the configuration files give. Never fails: see `problems`.

    Args:
        environment: the variables; nothing else of the environment is read.
        system: the system's configuration file, where it isn't the platform's (tests).

    """
    home = environment.get("CALMDESK_HOME")
    if home:
        home = os.path.abspath(home)
        data, config, cache = home, home, os.path.join(home, "cache")
    else:
        data, config, cache = _usual_places(environment)
    said = _said(environment)
    files = [(place, path) for place, path in configuration_files(config, system) if is_there(path)]
    if files or "role" in said or "retention" in said:
        from calmdesk.configuration import read_configuration

        return _settled(data, config, cache, read_configuration(files, said))
    origins = {key: said[key][1] if key in said else "default" for key in KEYS}
    folders = said["playbooks"][0] if "playbooks" in said else ()
    assert isinstance(folders, tuple)
    plain, still = ("plain" in said and said["plain"][0] is True, "still" in said and said["still"][0] is True)
    return Settings(data, config, cache, folders, plain, origins=origins, still=still)


def _settled(data: str, config: str, cache: str, found: Configuration) -> Settings:
    limits: dict[str, dict[str, dict[str, str]]] = {}
    for key in [k for k in found.values if k.startswith("limits.")]:
        _, ladder, role, kind = key.split(".")
        limits.setdefault(ladder, {}).setdefault(role, {})[kind] = found.text(key)
    return Settings(
        data,
        config,
        cache,
        found.texts("playbooks"),
        found.values.get("plain") is True,
        found.text("role"),
        limits,
        Secret(found.text("team-key")),
        found.days("retention"),
        found.texts("hook"),
        tuple(found.problems),
        found.strict,
        {key: "default" for key in KEYS if key != "limits" or not limits} | found.origins,
        frozenset(found.locked),
        found.values.get("still") is True,
    )


def _said(environment: Mapping[str, str]) -> Layer:
    """What the environment says, and which variable: key → (value, origin). An empty variable says nothing."""
    said: Layer = {}
    folders = tuple(os.path.abspath(f) for f in environment.get("CALMDESK_PLAYBOOKS", "").split(os.pathsep) if f)
    if folders:
        said["playbooks"] = (folders, "environment CALMDESK_PLAYBOOKS")
    for key in ("role", "retention"):
        variable = f"CALMDESK_{key.upper()}"
        if environment.get(variable):
            said[key] = (environment[variable], f"environment {variable}")
    if still := environment.get("CALMDESK_STILL", ""):
        said["still"] = (still != "0", "environment CALMDESK_STILL")
    accessible = environment.get("ACCESSIBLE", "")
    if accessible not in {"", "0"}:
        said["plain"] = (True, "environment ACCESSIBLE")
    elif environment.get("TERM") == "dumb":
        said["plain"] = (True, "environment TERM")
    elif accessible == "0":
        said["plain"] = (False, "environment ACCESSIBLE")
    return said


def configuration_files(config: str, system: str | None = None) -> tuple[tuple[str, str], ...]:
    """(place, path) of each configuration file there may be, the one that others override first."""
    return (
        ("system", system_file() if system is None else system),
        ("user", os.path.join(config, "config.toml")),
        ("project", _project_file()),
    )


def system_file() -> str:
    """The system's file: an administrator's place, which no variable of the environment moves, since its locks must hold."""
    if sys.platform == "win32":
        import winreg

        # %PROGRAMDATA% is any user's to change; the registry's entry is the administrator's.
        places = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders"
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, places) as entry:
                folder = str(winreg.QueryValueEx(entry, "Common AppData")[0])
        except OSError:
            folder = r"C:\ProgramData"
        return os.path.join(folder, "calmdesk", "config.toml")
    if sys.platform == "darwin":
        return "/Library/Application Support/calmdesk/config.toml"
    return "/etc/calmdesk/config.toml"


def _project_file() -> str:
    """`calmdesk.toml` of the current folder, or of the nearest folder above it that has one, below the home folder.

    The current folder is always looked at; of those above it, never the home folder or one that it is in.
    Where there is none, the current folder's.
    """
    try:
        here = folder = os.getcwd()
    except OSError:
        return PROJECT
    home = os.path.realpath(os.path.expanduser("~"))
    while not is_there(os.path.join(folder, PROJECT)):
        above = os.path.dirname(folder)
        if above in {folder, home} or home.startswith(os.path.join(above, "")):
            return os.path.join(here, PROJECT)
        folder = above
    return os.path.join(folder, PROJECT)


def is_there(path: str) -> bool:
    """Whether a file is there, or may be: one that can't be looked at counts, so that nobody takes it for absent."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _usual_places(environment: Mapping[str, str]) -> tuple[str, str, str]:
    """The platform's places for data, configuration and cache (platformdirs knows them, and costs 17 ms at every start)."""
    user = os.path.expanduser("~")
    if sys.platform == "win32":
        local = environment.get("LOCALAPPDATA") or os.path.join(user, "AppData", "Local")
        base = os.path.join(local, "calmdesk")
        return os.path.join(base, "data"), os.path.join(base, "config"), os.path.join(base, "cache")
    if sys.platform == "darwin":
        base = os.path.join(user, "Library", "Application Support", "calmdesk")
        return base, base, os.path.join(user, "Library", "Caches", "calmdesk")

    def place(variable: str, *default: str) -> str:
        return os.path.join(environment.get(variable) or os.path.join(user, *default), "calmdesk")

    return (
        place("XDG_DATA_HOME", ".local", "share"),
        place("XDG_CONFIG_HOME", ".config"),
        place("XDG_CACHE_HOME", ".cache"),
    )
