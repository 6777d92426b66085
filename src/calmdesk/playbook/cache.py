"""What was worked out from files, kept for the next start: a cache that is stale, foreign or broken is none.

One file a thing, each with what made it and the digest of its content in front.
"""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from functools import lru_cache
from typing import Any

from calmdesk import __version__
from calmdesk.digest import blake2b
from calmdesk.playbook.folders import HERE

_COMPILER = (
    "source.py",
    "node.py",
    "raw.py",
    "trouble.py",
    "unlike.py",
    "shapes.py",
    "keys.py",
    "names.py",
    "check.py",
    "read.py",
    "shelf.py",
    "compiling.py",
    "kinds.py",
    "model.py",
    "../safetext.py",
    "../coach/keys.py",
    "../coach/phrases.py",
    "../coach/proving.py",
    "../coach/classes.py",
    "../coach/rules.py",
)


@lru_cache(maxsize=1)
def _tag() -> bytes:
    """What the cache was made by: another calmdesk, Python or compiler makes its own."""
    stamps = []
    for name in _COMPILER:
        try:
            found = os.stat(os.path.join(HERE, name))
            stamps.append(f"{found.st_mtime_ns}.{found.st_size}")
        except OSError:
            stamps.append("-")
    return blake2b(
        f"{__version__} {sys.version} {marshal.version} {' '.join(stamps)}".encode(), digest_size=16
    ).digest()


@lru_cache(maxsize=4)
def _is_ours(folder: str) -> bool:
    """Whether nobody but this user could have written in a folder: what lies there is run as it is."""
    if not hasattr(os, "getuid"):
        return True
    found = os.stat(folder)
    return found.st_uid == os.getuid() and not found.st_mode & 0o022


def load_cached(path: str) -> Any:  # noqa: ANN401 - whatever was saved there
    """What was saved; None where it isn't there, or isn't ours."""
    try:
        if not _is_ours(os.path.dirname(path)):
            return None
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return None
    if data[:16] != _tag() or data[16:32] != blake2b(data[32:], digest_size=16).digest():
        return None
    try:
        return marshal.loads(data[32:])  # noqa: S302 - our own bytes, checked just above
    except (ValueError, EOFError, TypeError):
        return None


def save_cached(path: str, value: Any) -> None:  # noqa: ANN401 - whatever marshal takes
    """Written beside and moved into place, so that nobody reads half of it; a cache that can't be written is none."""
    body = marshal.dumps(value)
    beside = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(beside, "wb") as file:
            file.write(_tag() + blake2b(body, digest_size=16).digest() + body)
        os.replace(beside, path)
    except OSError:
        with suppress(OSError):
            os.unlink(beside)
