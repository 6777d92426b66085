"""The real `yaml-language-server` as an editor drives it: installed by npm in one pinned version, asked over stdio."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from tests.editor.speech import Speech

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PACKAGE = "yaml-language-server"
VERSION = "1.25.0"


class Flag(NamedTuple):
    """What the server underlines: the first and the last line, counted from 1, and its words."""

    line: int
    last: int
    message: str


def install(folder: Path) -> Path:
    """The server's program in a folder, installed there where this version isn't yet."""
    program = folder / "node_modules" / PACKAGE / "bin" / PACKAGE
    about = program.parent.parent / "package.json"
    if not (about.exists() and f'"version": "{VERSION}"' in about.read_text(encoding="utf-8")):
        npm = shutil.which("npm")
        if npm is None:
            raise FileNotFoundError("npm isn't on this machine")
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
        done = subprocess.run([*command, f"{PACKAGE}@{VERSION}"], capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            raise OSError(f"npm can't install {PACKAGE} {VERSION}: {done.stderr}")
    return program


class Server:
    """One session of the server; `schemas` associates a schema's address with file names, as an editor's settings do."""

    def __init__(self, program: Path, schemas: Mapping[str, str]) -> None:
        self.settings = {
            "yaml": {
                "schemas": dict(schemas),
                # The store of everybody's schemas is on the net, and one of them may claim our files.
                "schemaStore": {"enable": False},
                "validate": True,
                "hover": True,
                "completion": True,
            }
        }
        self.published: dict[str, list[Flag]] = {}
        self.configured = False
        node = shutil.which("node")
        if node is None:
            raise FileNotFoundError("node isn't on this machine")
        self.speech = Speech([node, str(program), "--stdio"], self._hear)

    def __enter__(self) -> Self:
        dynamic = {"dynamicRegistration": True}
        able = {
            "workspace": {"configuration": True, "didChangeConfiguration": dynamic},
            "textDocument": {
                "publishDiagnostics": {},
                "completion": {"completionItem": {"snippetSupport": True}},
                "hover": {"contentFormat": ["markdown", "plaintext"]},
            },
        }
        self.speech.ask("initialize", {"processId": os.getpid(), "rootUri": None, "capabilities": able})
        self.speech.tell("initialized", {})
        # A file that is opened before the settings were fetched is checked against no schema.
        self.speech.wait(lambda: self.configured, "workspace/configuration")
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.speech.ask("shutdown", None)
            self.speech.tell("exit", None)
        finally:
            self.speech.end()

    def open(self, file: Path, text: str) -> None:
        """Open a file with a text, which needn't be the one on the disk."""
        document = {"uri": file.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.speech.tell("textDocument/didOpen", {"textDocument": document})

    def flags(self, file: Path) -> list[Flag]:
        """What is underlined in a file that was opened."""
        uri = file.as_uri()
        self.speech.wait(lambda: uri in self.published, f"diagnostics of {file.name}")
        return self.published[uri]

    def offered(self, file: Path, line: int, column: int) -> set[str]:
        """The labels that are offered at a place, counted from 0."""
        found = self.speech.ask("textDocument/completion", _place(file, line, column))
        items = found["items"] if isinstance(found, dict) else found or []
        return {item["label"] for item in items}

    def shown(self, file: Path, line: int, column: int) -> str:
        """What is shown over a place, counted from 0."""
        found = self.speech.ask("textDocument/hover", _place(file, line, column))
        contents = found["contents"] if found else ""
        return str(contents["value"] if isinstance(contents, dict) else contents)

    def _hear(self, method: str, params: Any) -> object:
        if method == "workspace/configuration":
            self.configured = self.configured or any(x.get("section") == "yaml" for x in params["items"])
            return [self.settings.get(item.get("section")) for item in params["items"]]
        if method == "textDocument/publishDiagnostics":
            self.published[params["uri"]] = [_flag(found) for found in params["diagnostics"]]
        return None


def _flag(found: dict[str, Any]) -> Flag:
    begin, end = found["range"]["start"], found["range"]["end"]
    return Flag(begin["line"] + 1, end["line"] + 1, found["message"])


def _place(file: Path, line: int, column: int) -> dict[str, object]:
    return {"textDocument": {"uri": file.as_uri()}, "position": {"line": line, "character": column}}
