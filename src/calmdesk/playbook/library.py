"""Everything a call may play as one `Edition`: compiled once, cached by digest.

Rule of this file: a broken edit never stops a call that has an earlier good text.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.digest import digest
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.cache import load_cached, save_cached
from calmdesk.playbook.folders import Library, Manifest, find_file, policy_paths, read_file, wanted_path
from calmdesk.playbook.model import Edition, Playbook, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from calmdesk.playbook.findings import Finding


class Opened(NamedTuple):
    """An edition that can be played, and the findings of a newer text that can't (then it is the last good one)."""

    edition: Edition
    findings: tuple[Finding, ...]


def open_edition(library: Library, wanted: str) -> Opened:
    """Everything a call with this playbook may play, as it stands on disk now.

    Raises:
        CalmdeskError: no such playbook (2), no such file or no permission (3), or findings and no
            earlier good text (1, with the findings as `BrokenPlaybookError`).

    """
    path = wanted_path(library, wanted)
    texts = {digest(data): data for data in (read_file(path),)}
    known = load_cached(_index(library, path))
    if known is not None:
        manifest: Manifest = known
        if _is_current(library, path, manifest, texts):
            bundle = load_cached(_bundle(library, _digests(manifest)))
            if bundle is not None:
                return Opened(_edition(manifest, bundle, texts), ())
    from calmdesk.playbook.compiling import compile_files

    compiled = compile_files(library, path)
    if compiled.bundle is not None:
        save_cached(_bundle(library, _digests(compiled.manifest)), compiled.bundle)
        save_cached(_bundle(library, _digests(compiled.manifest)) + ".texts", compiled.texts)
        save_cached(_index(library, path), compiled.manifest)
        return Opened(_edition(compiled.manifest, compiled.bundle, compiled.texts), ())
    if known is not None:
        bundle = load_cached(_bundle(library, _digests(known)))
        kept = load_cached(_bundle(library, _digests(known)) + ".texts")
        if bundle is not None and kept is not None:
            return Opened(_edition(known, bundle, kept), compiled.findings)
    raise BrokenPlaybookError(path, compiled.findings)


class BrokenPlaybookError(CalmdeskError):
    """A playbook with errors and no earlier good text: the findings say where."""

    def __init__(self, path: str, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"{path} can't be played as it is written.", "Mend what is said above, and start again.", 1)
        self.findings = findings


def open_policy(library: Library) -> Policy:
    """The team's policy, where no playbook is being played. Raises CalmdeskError where it can't be read (1, 3)."""
    from calmdesk.playbook.compiling import compile_policy

    return Policy(compile_policy(library))


def reopen_edition(
    library: Library, digests: tuple[tuple[str, str], ...], fetch: Callable[[str], bytes | None]
) -> Edition:
    """The edition that a call started with, from its pinned texts.

    Args:
        library: where compiled ones are kept.
        digests: (id, digest) of each file, as `Started` carries them.
        fetch: digest → text, from the journal.

    Raises:
        CalmdeskError: a pinned text is missing (5).

    """
    texts: dict[str, bytes] = {}
    if not any(name == "policy" for name, _ in digests):
        raise CalmdeskError("The texts of this call are missing.", "`calmdesk journal verify` looks closer.", 5)
    for name, wanted in digests:
        text = fetch(wanted)
        if text is None or digest(text) != wanted:
            text = _on_disk(library, name, wanted)
        if text is None:
            raise CalmdeskError(
                f"The text of “{name}” that this call started with is missing.",
                "`calmdesk journal verify` looks closer.",
                5,
            )
        texts[wanted] = text
    manifest = tuple((name, "", d, "") for name, d in digests)
    bundle = load_cached(_bundle(library, digests))
    if bundle is None:
        from calmdesk.playbook.compiling import compile_texts

        bundle = compile_texts([(name, texts[d]) for name, d in digests])
        save_cached(_bundle(library, digests), bundle)
    return _edition(manifest, bundle, texts)


def _on_disk(library: Library, name: str, wanted: str) -> bytes | None:
    """A pinned text that was lost, where the same text still stands in the library."""
    paths = policy_paths(library, "") if name == "policy" else [find_file(library, name)]
    for path in paths:
        if path is not None:
            with suppress(CalmdeskError):
                text = read_file(path)
                if digest(text) == wanted:
                    return text
    return None


def _digests(manifest: Manifest) -> tuple[tuple[str, str], ...]:
    return tuple((name, found) for name, _, found, _ in manifest)


def _edition(manifest: Manifest, bundle: dict[str, Any], texts: Mapping[str, bytes]) -> Edition:
    books = {name: Playbook(name, compiled) for name, compiled in bundle["books"].items()}
    return Edition(bundle["root"], books, Policy(bundle["policy"]), _digests(manifest), texts)


def _is_current(library: Library, root: str, manifest: Manifest, texts: dict[str, bytes]) -> bool:
    """Whether each file is still where it was found, with the text it had; fills `texts`."""
    own = os.path.dirname(root)
    if [p for n, p, _, _ in manifest if n == "policy"] != policy_paths(library, own):
        return False
    for name, path, known, folder in manifest:
        if name != "policy" and path != root and find_file(library, name, folder) != path:
            return False
        try:
            with open(path, "rb") as file:
                text = file.read()
        except OSError:
            return False
        if digest(text) != known:
            return False
        texts[known] = text
    return True


def _index(library: Library, path: str) -> str:
    return os.path.join(library.cache, digest(f"{path}\n{library.folders}".encode(errors="surrogatepass")) + ".index")


def _bundle(library: Library, digests: tuple[tuple[str, str], ...]) -> str:
    return os.path.join(library.cache, digest("\n".join(f"{n} {d}" for n, d in digests).encode()) + ".bundle")
