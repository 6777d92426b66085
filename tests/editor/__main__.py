"""`python -m tests.editor`: the real yaml-language-server with our schema; exit code 1 where lint misses what it underlines."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.editor.checks import Book, check_bad, check_good, check_modeline, check_words
from tests.editor.help import check_offered, check_shown
from tests.editor.server import PACKAGE, VERSION, Server, install

PLAYBOOKS = Path(__file__).parent.parent.parent / "playbooks"
SCHEMA = PLAYBOOKS / "schema" / "playbook.schema.json"
OTHERS = {"policy.yaml", "claims.yaml", "evidence.yaml"}
"""Files of the folder that aren't playbooks."""


def main() -> int:
    """Install the server, run every check, and print what was found; 2 where something that is needed doesn't run."""
    parser = argparse.ArgumentParser(prog="python -m tests.editor", description=__doc__)
    parser.add_argument("--server", metavar="DIR", help="where the server is installed (default: a temporary folder)")
    asked = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="calmdesk-editor-") as folder:
        here = Path(folder).resolve()
        (here / "files").mkdir()
        book = Book(here / "files")
        try:
            program = install(Path(asked.server).resolve() if asked.server else here / "server")
            installed = time.monotonic() - begun
            check(book, program)
        except (OSError, RuntimeError) as why:
            print(f"It can't be checked: {why}")
            return 2
    tell(book)
    seconds = time.monotonic() - begun
    print(f"{PACKAGE} {VERSION}: {len(book.breaches)} breaches, {seconds:.0f} s, {installed:.0f} s of them to install")
    return 1 if book.breaches else 0


def check(book: Book, program: Path) -> None:
    """Every check: with the schema associated by the editor's settings, and by the files' own first line."""
    shipped = sorted(file for file in PLAYBOOKS.glob("*.yaml") if file.name not in OTHERS)
    with Server(program, {SCHEMA.as_uri(): "*.yaml"}) as server:
        check_good(book, server, shipped)
        check_bad(book, server)
        check_words(book, server)
        check_offered(book, server)
        check_shown(book, server)
    with Server(program, {}) as server:
        check_modeline(book, server, shipped)


def tell(book: Book) -> None:
    """The table, what is worth knowing, and the breaches."""
    print(f"{'':32}{'tried':>8}{'flagged':>9}{'same line':>11}{'known':>8}")
    for row in book.rows:
        print(f"{row.name:32}{row.tried:8}{row.flagged:9}{row.alike:11}{row.known:8}")
    for line in book.told:
        print(f"  {line}")
    for line in book.breaches:
        print(f"  BREACH {line}")


if __name__ == "__main__":
    sys.exit(main())
