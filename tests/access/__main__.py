"""`python -m tests.access`: axe in a headless Chromium reads every page we write; exit code 1 where it finds anything."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.access.browser import Browser, View
from tests.access.pages import write_pages

PACKAGE = "axe-core"
VERSION = "4.14.1"
VIEWS = [View(1280, "light"), View(1280, "dark"), View(390, "light"), View(390, "dark"), View(320, "light")]
"""The narrowest is what WCAG's reflow asks for."""
BAD = """<!doctype html><html><head><title></title></head><body style="background: #fff">
<h1>One</h1><h4>Four</h4><p style="color: #aaa">Too pale.</p><img src="data:,"><table><tr><th>x</th></tr></table>
<p style="width: 90rem">Too wide.</p></body></html>"""
MUST_FIND = {"html-has-lang", "document-title", "color-contrast", "image-alt", "heading-order", "too-wide"}
"""What is wrong with it: a reader that doesn't find that would find nothing anywhere."""
_RUN = "axe.run(document, {resultTypes: ['violations', 'incomplete']})"
_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
_THEME = "matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'"


def install(folder: Path) -> str:
    """axe's script, installed in a folder in one version."""
    script = folder / "node_modules" / PACKAGE / "axe.min.js"
    about = script.parent / "package.json"
    if not (about.exists() and f'"version": "{VERSION}"' in about.read_text(encoding="utf-8")):
        npm = shutil.which("npm")
        if npm is None:
            raise FileNotFoundError("npm isn't on this machine")
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
        done = subprocess.run([*command, f"{PACKAGE}@{VERSION}"], capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            raise OSError(f"npm can't install {PACKAGE} {VERSION}: {done.stderr}")
    return script.read_text(encoding="utf-8")


def look(browser: Browser, axe: str, page: Path, view: View) -> tuple[dict[str, str], list[str]]:
    """What is wrong with a page in a view (rule → where), and what axe couldn't decide."""
    browser.open(page, view)
    if (theme := browser.value(_THEME)) != view.theme:
        raise RuntimeError(f"Chromium shows {theme} where {view.theme} was wanted")
    browser.value(f"{axe}; undefined")
    found: dict[str, Any] = browser.value(_RUN)
    wrong = {
        x["id"]: f"{x['help']}: {', '.join(' '.join(node['target']) for node in x['nodes'][:3])}"
        for x in found["violations"]
    }
    if browser.value(_WIDE):
        wrong["too-wide"] = "it must be scrolled sideways"
    return wrong, [x["id"] for x in found["incomplete"]]


def check(folder: Path, axe: str) -> list[str]:
    """Look at every page in every view; print a row for each, and give back the breaches."""
    breaches = []
    bad = folder / "bad.html"
    bad.write_text(BAD, encoding="utf-8")
    with Browser() as browser:
        missed = MUST_FIND - set(look(browser, axe, bad, View(390, "light"))[0])
        if missed:
            breaches.append(f"a bad page passes: {', '.join(sorted(missed))}")
        for name, page in write_pages(folder).items():
            size = f"{page.stat().st_size / 1000:.0f} kB"
            for view in VIEWS:
                wrong, unsure = look(browser, axe, page, view)
                told = f"{name:14}{size:>8}{view.width:6} {view.theme:6}{len(wrong):3} wrong"
                print(told + (f", undecided: {', '.join(unsure)}" if unsure else ""))
                breaches += [f"{name} at {view.width}, {view.theme}: {rule}: {what}" for rule, what in wrong.items()]
                breaches += [f"{name} at {view.width}, {view.theme}: {rule} is undecided" for rule in unsure]
    return breaches


def main() -> int:
    """Install axe, write the pages, look at each; 2 where something that is needed doesn't run."""
    parser = argparse.ArgumentParser(prog="python -m tests.access", description=__doc__)
    parser.add_argument("--axe", metavar="DIR", help="where axe is installed (default: a temporary folder)")
    asked = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="calmdesk-access-") as name:
        folder = Path(name).resolve()
        try:
            axe = install(Path(asked.axe).resolve() if asked.axe else folder / "axe")
            breaches = check(folder, axe)
        except (OSError, RuntimeError) as why:
            print(f"It can't be checked: {why}")
            return 2
    for line in breaches:
        print(f"  BREACH {line}")
    print(f"{PACKAGE} {VERSION}: {len(breaches)} breaches, {time.monotonic() - begun:.0f} s")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
