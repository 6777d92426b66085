"""Where things are kept and what this desk is set to: environment over defaults, read once."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from calmdesk.playbook.folders import Library


class Settings(NamedTuple):
    """Folders of this desk; all private to the user."""

    data: str
    """The journal."""
    config: str
    """The user's own playbooks and policy, in `playbooks`."""
    cache: str
    """Compiled playbooks; may be deleted at any time."""
    folders: tuple[str, ...]
    """More playbook folders, nearest first (`CALMDESK_PLAYBOOKS`)."""
    plain: bool
    """Lines of text wanted rather than a screen (`ACCESSIBLE=1`, `TERM=dumb`)."""

    @property
    def library(self) -> Library:
        """Where playbooks are looked for: project, user, built in."""
        from calmdesk.playbook.folders import Library, built_in_folder

        own = os.path.join(self.config, "playbooks")
        return Library((*self.folders, own, os.path.abspath(built_in_folder())), self.cache)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings that an environment gives."""
    home = environment.get("CALMDESK_HOME")
    if home:
        home = os.path.abspath(home)
        data, config, cache = home, home, os.path.join(home, "cache")
    else:
        data, config, cache = _usual_places(environment)
    named = environment.get("CALMDESK_PLAYBOOKS", "")
    folders = tuple(os.path.abspath(f) for f in named.split(os.pathsep) if f)
    plain = environment.get("ACCESSIBLE", "") not in {"", "0"} or environment.get("TERM") == "dumb"
    return Settings(data, config, cache, folders, plain)


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
