"""A text on the clipboard: by the platform's own command where there is one, else by the terminal (OSC 52)."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_COMMANDS = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
)


def find_command(environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """The clipboard command of this platform; none over SSH, where it would be the wrong machine's."""
    if environment.get("SSH_CONNECTION"):
        return None
    if sys.platform == "darwin":
        return ("pbcopy",)
    return next((c for variable, c in _COMMANDS if environment.get(variable) and shutil.which(c[0])), None)


def copy(text: str, write: Callable[[str], None]) -> None:
    """Copy a text; `write` sends escape codes to the terminal. Never raises: a call goes on without a clipboard."""
    if sys.platform == "win32" and not os.environ.get("SSH_CONNECTION"):
        from calmdesk.terminal.windows import copy_text

        if copy_text(text):
            return
    command = find_command(os.environ)
    if command is not None:
        try:
            subprocess.run(  # noqa: S603 - a fixed list of commands
                command,
                input=text.encode(),
                check=True,
                timeout=2,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Without it pbcopy takes what it reads for an old encoding, wherever no language is set.
                env={**os.environ, "LC_CTYPE": "UTF-8"} if sys.platform == "darwin" else None,
            )
        except (OSError, subprocess.SubprocessError):
            pass
        else:
            return
    write(f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07")
