"""A headless Chromium as its developer tools drive it: over a pair of pipes, with no port that others could reach."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE = 60.0


class View(NamedTuple):
    """How a page is looked at."""

    width: int
    theme: str
    """`light` or `dark`."""


class Browser:
    """One browser with one page in it.

    Raises FileNotFoundError where there is no Chromium, RuntimeError where it refuses or doesn't answer.
    """

    def __init__(self) -> None:
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if program is None:
            raise FileNotFoundError("Chromium isn't on this machine")
        self.folder = tempfile.TemporaryDirectory(prefix="calmdesk-browser-", ignore_cleanup_errors=True)
        heard, self.to = os.pipe()
        self.fro, said = os.pipe()
        # The browser reads its third file and writes its fourth.
        script = f'exec "$0" "$@" 3<&{heard} 4>&{said}'
        options = ["--headless=new", "--disable-gpu", "--no-first-run", f"--user-data-dir={self.folder.name}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # For root there is no sandbox; these are our own pages, without a script.
            options.append("--no-sandbox")
        self.process = subprocess.Popen(
            ["sh", "-c", script, program, *options, "--remote-debugging-pipe", "about:blank"],
            pass_fds=(heard, said),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(heard)
        os.close(said)
        self.asked = 0
        self.rest = b""
        self.session = ""

    def __enter__(self) -> Self:
        pages = self.ask("Target.getTargets")["targetInfos"]
        page = next(x["targetId"] for x in pages if x["type"] == "page")
        self.session = self.ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.session = ""
            self.ask("Browser.close")
            self.process.wait(10)
        except (OSError, RuntimeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        finally:
            os.close(self.to)
            os.close(self.fro)
            self.folder.cleanup()

    def open(self, page: Path, view: View) -> None:
        """Show a file as this view does."""
        self.ask("Emulation.setDeviceMetricsOverride", width=view.width, height=900, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": view.theme}])
        # Without the old page gone, its answer would be taken for the new one's.
        self.ask("Page.navigate", url="about:blank")
        self.ask("Page.navigate", url=page.as_uri())
        until = time.monotonic() + _PATIENCE
        while self.value("location.href + document.readyState") != f"{page.as_uri()}complete":
            if time.monotonic() > until:
                raise RuntimeError(f"{page.name} doesn't open")
            time.sleep(0.05)

    def value(self, script: str) -> Any:
        """What a script on the page gives, waited for where it is a promise."""
        answer = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the developer tools, and its answer."""
        self.asked += 1
        message = {"id": self.asked, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        left = json.dumps(message).encode() + b"\0"
        while left:
            left = left[os.write(self.to, left) :]
        until = time.monotonic() + _PATIENCE
        while True:
            found = self._read(until)
            if found.get("id") == self.asked:
                if "error" in found:
                    raise RuntimeError(f"{method}: {found['error']['message']}")
                return dict(found["result"])

    def _read(self, until: float) -> dict[str, Any]:
        while b"\0" not in self.rest:
            ready = select.select([self.fro], [], [], max(0.0, until - time.monotonic()))[0]
            data = os.read(self.fro, 1 << 20) if ready else b""
            if not data:
                raise RuntimeError("Chromium doesn't answer")
            self.rest += data
        message, _, self.rest = self.rest.partition(b"\0")
        return dict(json.loads(message))
