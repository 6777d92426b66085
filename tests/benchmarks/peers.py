"""Other people's linters of YAML, on the same files: found in a folder, or installed for one run."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.terminal import clean_environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_PACKAGES = ("yamllint", "check-jsonschema")


class Peer(NamedTuple):
    """A program that reads the same files; `least` and `aim` are how many times as fast `playbook lint` is."""

    name: str
    command: tuple[str, ...]
    codes: frozenset[int]
    least: float | None
    aim: float | None


def find_peers(folder: Path, given: str | None, schema: Path) -> tuple[list[Peer], list[str]]:
    """The peers that there are, and a line on each that is missing.

    Args:
        folder: where a virtual environment may be made.
        given: the folder of their commands, where they are installed already.
        schema: the JSON Schema of a playbook.

    """
    commands = given or _install(folder / "peers")
    yamllint, checker = (os.path.join(commands, name) for name in _PACKAGES)
    # yamllint finds long lines (1) in its default form: what it says isn't what is timed.
    wanted = [
        Peer("yamllint -d relaxed", (yamllint, "-d", "relaxed"), frozenset({0, 1}), 20, 60),
        Peer("yamllint -d default", (yamllint, "-d", "default"), frozenset({0, 1}), 20, 60),
        Peer("check-jsonschema", (checker, "--schemafile", str(schema)), frozenset({0}), 15, 40),
    ]
    found = [p for p in wanted if os.path.exists(p.command[0])]
    return found, [f"{p.name} is not installed: skipped" for p in wanted if p not in found]


def versions(peers: Sequence[Peer]) -> list[str]:
    """What each peer calls itself."""
    asked = {p.command[0] for p in peers}
    return sorted(_said([command, "--version"]).replace(", version", "") for command in asked)


def _said(command: Sequence[str]) -> str:
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _install(folder: Path) -> str:
    """A virtual environment of their own; the folder of its commands, empty of them where nothing could be fetched."""
    commands = folder / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], env=clean_environment(), check=True)
    install = [str(commands / "python"), "-m", "pip", "install", "--quiet", *_PACKAGES]
    subprocess.run(install, env=clean_environment(), capture_output=True, check=False)
    return str(commands)
