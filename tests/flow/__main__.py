"""`python -m tests.flow`: the page of a playbook is used in a headless Chromium, and axe reads it in every state."""

from __future__ import annotations

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.bench.graph import make_graph
from calmdesk.bench.notation import render_mermaid
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from tests.access.__main__ import VIEWS, install, look
from tests.access.browser import Browser, View
from tests.bench.test_graph import ODD, SHIPPED, odd_graph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WIDE, PHONE, DARK = View(1280, "light"), View(360, "light"), View(1280, "dark")
MERMAID = "mermaid@12.3.0"
BOOKS = ("angry-caller", "late-delivery", "repeat-complaint")
_PRESS = {"Enter": ("Enter", 13, "\r"), "/": ("Slash", 191, "/"), "Escape": ("Escape", 27, ""), "Tab": ("Tab", 9, "")}
_AXE = "axe.run(document, {resultTypes: ['violations']}).then((x) => x.violations.map((v) => v.id + ' ' + v.nodes[0].target))"


class User:
    """Somebody with a page before them."""

    def __init__(self, browser: Browser, page: Path, view: View) -> None:
        self.browser = browser
        browser.open(page, view)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            code, number, text = _PRESS.get(
                key, (key, {"ArrowDown": 40, "ArrowUp": 38, "End": 35, "Home": 36}.get(key, 0), "")
            )
            for kind in ("keyDown", "keyUp"):
                self.browser.ask(
                    "Input.dispatchKeyEvent",
                    type=kind,
                    key=key,
                    code=code,
                    windowsVirtualKeyCode=number,
                    **({"text": text} if text and kind == "keyDown" else {}),
                )

    def type(self, words: str) -> None:
        """Type words where the cursor is."""
        self.browser.ask("Input.insertText", text=words)

    def click(self, what: str) -> None:
        """Click in the middle of what a selector names, where people see it."""
        x, y = self.browser.value(
            f"(() => {{ const e = document.querySelector({what!r}); e.scrollIntoView({{block: 'center', inline: 'center'}});"
            "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + Math.min(r.height / 2, 20)]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.browser.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def sees(self, what: str) -> bool:
        """Whether something that a selector names is shown."""
        return bool(
            self.browser.value(f"[...document.querySelectorAll({what!r})].some((e) => e.getClientRects().length > 0)")
        )

    def text(self, what: str) -> str:
        """The words of what a selector names."""
        return str(self.browser.value(f"document.querySelector({what!r})?.textContent ?? ''"))

    def names(self, what: str) -> list[str]:
        """The steps of the boxes that a selector names."""
        return list(self.browser.value(f"[...document.querySelectorAll({what!r})].map((e) => e.dataset.step)"))

    def faults(self) -> list[str]:
        """What axe finds in the page as it stands."""
        return list(self.browser.value(_AXE))

    def picture(self, file: Path) -> None:
        """Keep what is seen."""
        time.sleep(0.4)
        shot = self.browser.ask("Page.captureScreenshot", format="png")
        file.write_bytes(base64.b64decode(shot["data"]))


class Check(NamedTuple):
    """What should hold on the page, and a sentence for when it doesn't."""

    view: View
    use: Callable[[User], Iterator[str]]


def clicked(user: User) -> Iterator[str]:
    """A click on a step shows its words and every way to it and from it."""
    user.click("#box-own .title")
    if user.names(".node.chosen") != ["own"]:
        yield f"a click on “own” chooses {user.names('.node.chosen')}"
    if not user.sees("#step-own") or user.sees("#step-hear"):
        yield "the words of “own” alone should be shown"
    on = set(user.names(".node.on"))
    if not {"steady", "hear", "own", "fix", "close"} <= on or "leave-open" in on:
        yield f"the paths through “own” are shown as {sorted(on)}"
    if "10 steps lead here" not in user.text("#status"):
        yield f"the status says “{user.text('#status')}”"
    user.click("#all")
    if user.names(".node.chosen") or not user.sees(".contents"):
        yield "“All steps” doesn't bring all steps back"


def typed(user: User) -> Iterator[str]:
    """Everything works from the keyboard."""
    user.browser.value("document.querySelector('.node[tabindex=\"0\"]').focus()")
    user.press("ArrowDown", "ArrowDown")
    if user.names(".node.chosen") != ["step-in"]:
        yield f"two arrows down choose {user.names('.node.chosen')}"
    if user.browser.value("document.activeElement.dataset.step") != "step-in":
        yield "the focus doesn't follow the arrows"
    user.press("Enter")
    if user.browser.value("document.activeElement.closest('article')?.id") != "step-step-in":
        yield "Enter doesn't go to the words of the step"
    user.press("Escape", "/")
    user.type("kept quiet")
    if user.names(".node.hit") != ["name"]:
        yield f"“kept quiet” is found in {user.names('.node.hit')}"
    user.press("Enter")
    if user.names(".node.chosen") != ["name"]:
        yield "Enter in the search doesn't open what was found"
    user.press("Escape")
    if user.names(".node.chosen") or user.browser.value("document.querySelector('#search').value"):
        yield "Esc leaves something chosen or searched for"


def counted(user: User) -> Iterator[str]:
    """What the tests passed through is said in numbers."""
    if user.sees(".of-tests"):
        yield "counts are shown before anybody asked for them"
    user.click("input[value='tests']")
    if not user.sees("#box-own .of-tests") or " of " not in user.text("#box-own .of-tests"):
        yield "the tests' counts aren't shown"


def phoned(user: User) -> Iterator[str]:
    """On a phone the steps come first, as a list."""
    wide = user.browser.value("document.documentElement.scrollWidth")
    if wide > PHONE.width:
        yield f"the page is {wide} wide on a phone"
    steps, flow = (
        user.browser.value(f"document.querySelector('{x}').getBoundingClientRect().top") for x in ("#steps", "#flow")
    )
    if steps > flow:
        yield "the list doesn't come before the flow"
    user.click(".contents a[href='#step-fix']")
    if not user.sees("#step-fix"):
        yield "a step of the list doesn't open"


CHECKS = [Check(WIDE, clicked), Check(WIDE, typed), Check(WIDE, counted), Check(PHONE, phoned), Check(DARK, clicked)]


def without_script(browser: Browser, page: Path) -> Iterator[str]:
    """Every step can be read where no script runs."""
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    browser.ask("Page.navigate", url=page.as_uri())
    time.sleep(0.5)
    browser.ask("Emulation.setScriptExecutionDisabled", value=False)
    if browser.value("[...document.querySelectorAll('article')].some((e) => !e.getClientRects().length)"):
        yield "without a script a step can't be read"
    if browser.value("document.querySelector('.needs-script').getClientRects().length"):
        yield "without a script there are buttons that do nothing"


_OUT = """[...document.querySelectorAll('.node')].flatMap((node) => {
  const box = node.querySelector('.box').getBBox();
  return [...node.querySelectorAll('text:not(.badge-text)')]
    .filter((text) => text.getClientRects().length)
    .filter((text) => text.getBBox().x < box.x || text.getBBox().x + text.getBBox().width > box.x + box.width)
    .map((text) => text.textContent);
})"""


def fitting(browser: Browser, page: Path) -> Iterator[str]:
    """In the fonts of this machine, every word stays in its box."""
    browser.open(page, WIDE)
    yield from (f"“{words}” doesn't fit its box" for words in browser.value(_OUT))


def outside(browser: Browser, page: Path) -> Iterator[str]:
    """Nothing is asked of any network."""
    browser.open(page, WIDE)
    asked = browser.value("performance.getEntriesByType('resource').map((x) => x.name)")
    if asked:
        yield f"the page asks for {asked}"


def printed(browser: Browser, page: Path, file: Path) -> Iterator[str]:
    """It prints: the flow on a sheet of its own, and every step behind it, whatever is chosen."""
    user = User(browser, page, WIDE)
    user.click("#box-own .title")
    sheet = browser.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
    file.write_bytes(base64.b64decode(sheet["data"]))
    browser.ask("Emulation.setEmulatedMedia", media="print")
    if browser.value("[...document.querySelectorAll('article')].some((e) => !e.getClientRects().length)"):
        yield "a step isn't printed"
    if browser.value("document.querySelector('#search').getClientRects().length"):
        yield "the search is printed"
    browser.ask("Emulation.setEmulatedMedia", media="")


def install_mermaid(folder: Path) -> Path:
    """Mermaid's script, installed in a folder in one version."""
    script = folder / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
    if not script.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise FileNotFoundError("npm isn't on this machine")
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), MERMAID]
        subprocess.run(command, capture_output=True, check=True)
    return script


def drawn_by_mermaid(here: Path, script: Path) -> Iterator[str]:
    """Mermaid itself draws every shipped playbook, and says any words as they are."""
    page = here / "mermaid.html"
    page.write_text(
        f"<!doctype html><meta charset='utf-8'><title>x</title><script src='{script.as_uri()}'></script>", "utf-8"
    )
    library = Library((os.path.abspath(built_in_folder()),), str(here / "cache"))
    with Browser() as browser:
        browser.open(page, WIDE)
        for name in SHIPPED:
            text = render_mermaid(make_graph(open_edition(library, name).edition, opened=True))
            why = browser.value(f"mermaid.parse({json.dumps(text)}).then(() => '', (why) => why.message)")
            if why:
                yield f"Mermaid doesn't read {name}: {why}"
        draw = f"mermaid.render('odd', {json.dumps(render_mermaid(odd_graph()))})"
        words = "[...new DOMParser().parseFromString(x.svg, 'text/html').querySelectorAll('.nodeLabel')].map((e) => e.textContent)"
        said = browser.value(f"{draw}.then((x) => {words})")
        yield from (f"Mermaid doesn't say {odd!r} as it is" for odd in ODD if odd not in said)


def main() -> int:
    """Write the pages, use them, and print what is wrong; 2 where something that is needed doesn't run."""
    parser = argparse.ArgumentParser(prog="python -m tests.flow", description=__doc__)
    parser.add_argument("--axe", metavar="DIR", help="where axe is installed (default: a temporary folder)")
    parser.add_argument("--mermaid", metavar="DIR", help="where Mermaid is installed (default: a temporary folder)")
    parser.add_argument("--keep", metavar="DIR", help="keep the pages and pictures of them here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="calmdesk-flow-") as folder:
        here = Path(asked.keep or folder).resolve()
        here.mkdir(parents=True, exist_ok=True)
        try:
            axe = install(Path(asked.axe or folder).resolve())
            mermaid = install_mermaid(Path(asked.mermaid or folder).resolve())
            wrong = [*_all(here, axe), *drawn_by_mermaid(here, mermaid)]
        except (OSError, RuntimeError, subprocess.CalledProcessError) as why:
            print(f"It can't be checked: {why}")
            return 2
    for said in wrong:
        print(f"  BREACH {said}")
    print(f"{len(BOOKS)} pages: {len(wrong)} breaches")
    return 1 if wrong else 0


def _all(here: Path, axe: str) -> Iterator[str]:
    pages = [_write(here, book) for book in BOOKS]
    with Browser() as browser:
        for page in pages:
            for view in VIEWS:
                found, _ = look(browser, axe, page, view)
                yield from (f"{page.stem} {view.width} {view.theme}: {rule}: {x}" for rule, x in found.items())
            yield from (f"{page.stem}: {x}" for x in (*outside(browser, page), *fitting(browser, page)))
            yield from (
                f"{page.stem}: {x}"
                for x in printed(
                    browser,
                    page,
                    page.with_suffix(".pdf"),
                )
            )
        for check in CHECKS:
            user = User(browser, pages[0], check.view)
            browser.value(f"{axe}; undefined")
            said = f"{check.use.__name__} at {check.view.width} {check.view.theme}"
            yield from (f"{said}: {x}" for x in check.use(user))
            yield from (f"{said}: axe: {x}" for x in user.faults())
            user.picture(here / f"{check.use.__name__}-{check.view.width}-{check.view.theme}.png")
        yield from without_script(browser, pages[0])


def _write(here: Path, book: str) -> Path:
    """A page as the program writes it, at a desk of its own."""
    page = here / f"{book}.html"
    environment = {**os.environ, "CALMDESK_HOME": str(here / "home")}
    command = [sys.executable, "-m", "calmdesk", "playbook", "graph", book, "--html", str(page), "--force"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return page


if __name__ == "__main__":
    sys.exit(main())
