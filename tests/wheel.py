"""`python -m tests.wheel`: builds the wheel, installs it for each Python there is, and works with that, not with the checkout.

    python -m tests.wheel                 each of 3.11, 3.12 and 3.13 that is found; packages come by pip
    python -m tests.wheel --python 3.12   that one only

Each Python gets a fresh virtual environment and a folder of its own, outside the checkout. What is missing or says
something else than it should is told, with exit code 1. `tests/test_any_desk.py` does the same with the Python that
runs it, without a network.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
ANSWERS = ROOT / "tests" / "golden" / "angry-caller-answers.txt"
REPLIES = (
    "That's the courier's fault, not ours.",
    "We lost your red bike. That's our fault, I'm sorry, and I'm on it now.",
    "/end",
)
PYTHONS = ("3.11", "3.12", "3.13")
WHERE = "import calmdesk, calmdesk.playbook.folders as f; print(calmdesk.__file__); print(f.built_in_folder())"


class WheelError(AssertionError):
    """What a wheel lacks, or says wrong."""


def build(folder: Path, *flags: str) -> Path:
    """The wheel of the checkout as it stands, in this folder."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", *flags, "--wheel-dir", str(folder), "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise WheelError(f"the wheel can't be built:\n{done.stderr}")
    [wheel] = folder.glob("calmdesk-*.whl")
    return wheel


def check_files(wheel: Path) -> None:
    """Every file of the package and of the library is in it, and nothing of the tests."""
    with zipfile.ZipFile(wheel) as inside:
        there = {name for name in inside.namelist() if ".dist-info/" not in name}
        shipped = {name: inside.read(name) for name in there}
    wanted = {}
    for top, under in ((ROOT / "src" / "calmdesk", "calmdesk"), (ROOT / "playbooks", "calmdesk/playbooks")):
        for file in top.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                wanted[f"{under}/{file.relative_to(top).as_posix()}"] = file
    if set(wanted) != there:
        raise WheelError(f"missing in the wheel: {set(wanted) - there}; not ours: {there - set(wanted)}")
    other = [name for name, file in wanted.items() if file.read_bytes() != shipped[name]]
    if other:
        raise WheelError(f"other bytes in the wheel: {other}")


class Installed:
    """The program that a wheel installed, run in a folder that has nothing of the checkout."""

    def __init__(self, python: str, work: Path, **more: str) -> None:
        keep = {"PATH", "HOME", "LANG", "SYSTEMROOT", "TEMP", "TMP", "USERPROFILE"}
        self.python, self.work = python, work
        self.environment = {k: v for k, v in os.environ.items() if k in keep}
        self.environment |= {"CALMDESK_HOME": str(work / "home"), "NO_COLOR": "1", **more}

    def ask(self, *command: str, code: int = 0, lines: tuple[str, ...] = ()) -> str:
        """What a command of `python -m …` says, where it ends with this code. Raises WheelError where it doesn't."""
        done = subprocess.run(
            [self.python, "-m", *command],
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            encoding="utf-8",
            env=self.environment,
            cwd=self.work,
            timeout=120,
            check=False,
        )
        if done.returncode != code or "Traceback" in done.stderr:
            raise WheelError(f"{' '.join(command)}: {done.returncode} instead of {code}\n{done.stdout}{done.stderr}")
        return done.stdout

    def read(self, *command: str, code: int = 0) -> Any:
        """The JSON that a command of calmdesk says."""
        return json.loads(self.ask("calmdesk", *command, code=code))

    def place(self) -> tuple[Path, Path]:
        """(where the package is, where its library is)."""
        done = subprocess.run(
            [self.python, "-c", WHERE], capture_output=True, text=True, env=self.environment, cwd=self.work, check=True
        )
        package, library = done.stdout.splitlines()
        return Path(package).parent, Path(library)


def _same(what: str, is_so: object, should: object) -> None:
    if is_so != should:
        raise WheelError(f"{what}: {is_so!r} instead of {should!r}")


def _must(what: str, *holds: bool) -> None:
    if not all(holds):
        raise WheelError(f"{what}: not as it should be")


def work_with(program: Installed) -> None:
    """A day's work: a call, a rehearsal, a reply, the library. Raises WheelError at what isn't as it should be."""
    package, library = program.place()
    if ROOT in package.parents or ROOT in library.parents:
        raise WheelError(f"this is the checkout, not the wheel: {package}, {library}")
    version = program.ask("calmdesk", "--version")
    _same("--version", version.split()[:1], ["calmdesk"])
    call = program.read(
        "handle", "angry-caller", "--customer", "Rosa", "--answers", str(ANSWERS), "--summary", "-", "--format", "json"
    )
    _same("how the call ended", call["disposition"], "recovered")
    _same("what it promised", [p["what"] for p in call["promises"]], ["the store bike is held for you"])
    _same("what it gave", [(o["amount"], o["accepted"]) for o in call["offers"]], [("13.35", True)])
    _same("the calls", [c["call"] for c in program.read("call", "list", "--json")["calls"]], [call["call"]])
    talk = program.ask("calmdesk", "practice", "bike-for-saturday", "--seed", "1", lines=REPLIES)
    first, blamed, owned = (int(heat) for heat in re.findall(r"^heat (\d+) of 10", talk, re.MULTILINE)[:3])
    _must("a customer who is blamed, and then heard", blamed > first, owned < blamed)
    told = program.read("coach", "Please calm down.", "--format", "json", code=1)
    _must("the coach", "DISMISS" in told["labels"])
    found = program.read("playbook", "lint", str(library), "--format", "json")
    shipped = {f.stem for f in (ROOT / "playbooks").glob("*.yaml")}
    _same("lint of the library", found["findings"], [])
    _must("files of the library", found["files"] > len(shipped))
    listed = {book["id"] for book in program.read("playbook", "list", "--json")["playbooks"]}
    _must("the playbooks", listed >= {"angry-caller", "late-delivery", "reset"}, listed <= shipped)
    scenarios = {s["id"] for s in program.read("practice", "--json")["scenarios"]}
    _same("the scenarios", scenarios, {f.stem for f in (ROOT / "playbooks" / "scenarios").glob("*.yaml")})
    _must("the schema", "properties" in program.read("playbook", "schema"))
    program.ask("calmdesk", "explain", "unknown-step")
    program.ask("calmdesk", "journal", "verify")


def find_pythons() -> dict[str, str]:
    """Version → program, for each of `PYTHONS` that is on this machine."""
    found = {}
    for version in PYTHONS:
        named = [shutil.which(f"python{version}")]
        kept = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"))
        for python in [*map(str, kept), *filter(None, named), sys.executable]:
            asked = "import sys; print('%d.%d' % sys.version_info[:2])"
            done = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)
            if done.stdout.strip() == version:
                found[version] = python
                break
    return found


def try_with(python: str, wheel: Path, work: Path) -> None:
    """Install the wheel into a fresh environment, and work with it. Raises WheelError."""
    work.mkdir()
    subprocess.run([python, "-m", "venv", str(work / "venv")], check=True)
    inside = work / "venv" / ("Scripts" if os.name == "nt" else "bin")
    program = Installed(str(inside / "python"), work)
    done = subprocess.run(
        [program.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WheelError(f"the wheel can't be installed:\n{done.stderr}")
    program.ask("pip", "check")
    _must("the command", shutil.which("calmdesk", path=str(inside)) is not None)
    work_with(program)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", choices=PYTHONS, help="this one only")
    only = parser.parse_args().python
    pythons = {v: p for v, p in find_pythons().items() if only in {None, v}}
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        wheel = build(Path(folder))
        check_files(wheel)
        print(f"{wheel.name}: {wheel.stat().st_size // 1024} KiB, every file of the checkout in it")
        for version in filter(lambda v: only in {None, v}, PYTHONS):
            if version not in pythons:
                print(f"Python {version}: not found here, not tried")
                continue
            try:
                try_with(pythons[version], wheel, Path(folder) / version)
            except WheelError as error:
                wrong += 1
                print(f"Python {version}: {error}")
            else:
                print(f"Python {version}: works ({pythons[version]})")
    return 1 if wrong or not pythons else 0


if __name__ == "__main__":
    sys.exit(main())
