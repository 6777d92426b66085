"""Which playbooks there are, and an edition of one: the nearest folder wins, the cache is never trusted blindly."""

from __future__ import annotations

import marshal
import os
import time
from hashlib import blake2b
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from calmdesk.digest import digest
from calmdesk.errors import CalmdeskError
from calmdesk.playbook import compiling
from calmdesk.playbook.folders import Library, built_in_folder, find_file, find_ids, is_path
from calmdesk.playbook.library import BrokenPlaybookError, open_edition, reopen_edition

if TYPE_CHECKING:
    from calmdesk.playbook.model import Edition

BUILT_IN = os.path.abspath(built_in_folder())
SOUND = """\
calmdesk: 1
title: The first title
goal: A goal.
steps:
  aa: {title: Hello, end: lost}
"""


class Shelf:
    """Folders of a test, and a library over them: `near` before `far` before the built-in one."""

    def __init__(self, root: Path) -> None:
        self.near, self.far = root / "near", root / "far"
        self.cache = root / "cache"
        for folder in (self.near, self.far):
            folder.mkdir()
        self.library = Library((str(self.near), str(self.far), BUILT_IN), str(self.cache))

    def write(self, folder: Path, name: str, text: str) -> Path:
        path = folder / f"{name}.yaml"
        path.write_text(dedent(text), encoding="utf-8")
        return path

    def open(self, wanted: str | Path) -> Edition:
        opened = open_edition(self.library, str(wanted))
        assert opened.findings == ()
        return opened.edition


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def title(edition: Edition) -> str:
    return edition.books[edition.root].title


# --- where things are found


def test_the_nearest_folder_wins(shelf: Shelf) -> None:
    shelf.write(shelf.far, "mine", SOUND.replace("first", "far"))
    assert title(shelf.open("mine")) == "The far title"
    shelf.write(shelf.near, "mine", SOUND.replace("first", "near"))
    assert title(shelf.open("mine")) == "The near title"
    (shelf.near / "mine.yaml").unlink()
    assert title(shelf.open("mine")) == "The far title"


def test_a_teams_module_of_the_same_id_is_played_by_the_teams_own_playbooks_only(shelf: Shelf) -> None:
    shelf.write(
        shelf.far, "steady", "calmdesk: 1\nmodule: true\ntitle: Our own\ngoal: G.\nsteps:\n  aa: {title: Breathe}\n"
    )
    shelf.write(shelf.near, "mine", SOUND.replace("steps:", "steps:\n  bb: {play: steady}"))
    assert shelf.open("mine").books["steady"].title == "Our own"
    assert shelf.open("angry-caller").books["steady"].title == "Settle yourself"


def test_a_module_looks_in_its_own_folder_first(shelf: Shelf) -> None:
    module = "calmdesk: 1\nmodule: true\ntitle: {}\ngoal: G.\nsteps:\n  aa: {{{}}}\n"
    shelf.write(shelf.near, "mine", SOUND.replace("steps:", "steps:\n  bb: {play: middle}"))
    shelf.write(shelf.near, "side", module.format("Near", "title: S"))
    shelf.write(shelf.far, "middle", module.format("Middle", "play: side"))
    shelf.write(shelf.far, "side", module.format("Far", "title: S"))
    assert shelf.open("mine").books["side"].title == "Far"


def test_a_playbook_looks_in_its_own_folder_first(shelf: Shelf, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    play = SOUND.replace("steps:", "steps:\n  bb: {play: side}")
    side = "calmdesk: 1\nmodule: true\ntitle: From {}\ngoal: G.\nsteps:\n  aa: {{title: S}}\n"
    shelf.write(shelf.near, "side", side.format("near"))
    path = shelf.write(own, "mine", play)
    assert shelf.open(path).books["side"].title == "From near"
    shelf.write(own, "side", side.format("own"))
    assert shelf.open(path).books["side"].title == "From own"


def test_an_id_finds_no_file_outside_the_folders(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(SOUND, encoding="utf-8")
    assert find_file(shelf.library, "../outside") is None
    assert find_file(shelf.library, ".hidden") is None


def test_a_path_is_anything_with_a_slash_or_ending_in_yaml() -> None:
    assert is_path("./mine")
    assert is_path("mine.yaml")
    assert not is_path("mine")


def test_the_policy_the_claims_and_the_evidence_are_no_playbooks(shelf: Shelf) -> None:
    shelf.write(shelf.near, "mine", SOUND)
    ids = find_ids(shelf.library)
    assert {"mine", "angry-caller", "steady"} <= set(ids)
    assert not {"policy", "claims", "evidence"} & set(ids)
    assert ids == sorted(ids)


def test_an_unknown_id_is_a_usage_error_with_did_you_mean(shelf: Shelf) -> None:
    with pytest.raises(CalmdeskError) as caught:
        open_edition(shelf.library, "angry-calller")
    assert caught.value.exit_code == 2
    assert "Did you mean “angry-caller”?" in caught.value.hint


@pytest.mark.parametrize("wanted", ["./nowhere.yaml", "/"])
def test_a_file_that_is_none_cant_be_read(shelf: Shelf, wanted: str) -> None:
    with pytest.raises(CalmdeskError) as caught:
        open_edition(shelf.library, wanted)
    assert caught.value.exit_code == 3


# --- the policy


def test_a_policy_is_overridden_value_by_value_the_nearest_last(shelf: Shelf) -> None:
    shelf.write(shelf.far, "policy", "calmdesk-policy: 1\ncompany: Far\ncurrency: EUR\ndurations: {listen: 3m}\n")
    shelf.write(shelf.near, "policy", "calmdesk-policy: 1\ncompany: Near\ncounts: {holds: 1}\n")
    shelf.write(shelf.near, "mine", SOUND)
    policy = shelf.open("mine").policy
    assert policy.value("company") == "Near"
    assert policy.currency == "EUR"
    assert policy.value("listen") == "3m"
    assert policy.value("breath") == "10s"
    assert policy.count("holds", 9) == 1
    assert policy.value("checkin-days") == "3, 14"
    assert policy.disposition("recovered") == "Put right"


def test_a_list_of_the_policy_is_taken_whole(shelf: Shelf) -> None:
    shelf.write(
        shelf.near, "policy",
        "calmdesk-policy: 1\nladders: {goodwill: {rungs: [{role: agent, restore: 5, gesture: 1}]}}\n",
    )  # fmt: skip
    shelf.write(shelf.near, "mine", SOUND)
    rungs, cap = shelf.open("mine").policy.ladder("goodwill")
    assert [(r.role, r.restore, r.gesture) for r in rungs] == [("agent", "5", "1")]
    assert cap == "1.5"


def test_the_playbooks_own_folder_has_the_last_word_on_the_policy(shelf: Shelf, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    shelf.write(shelf.near, "policy", "calmdesk-policy: 1\ncompany: Near\n")
    shelf.write(own, "policy", "calmdesk-policy: 1\ncompany: Own\n")
    assert shelf.open(shelf.write(own, "mine", SOUND)).policy.value("company") == "Own"
    assert shelf.open(shelf.write(shelf.near, "mine", SOUND)).policy.value("company") == "Near"


def test_a_broken_policy_is_a_finding_in_its_own_file(shelf: Shelf) -> None:
    shelf.write(shelf.near, "policy", "calmdesk-policy: 1\ncurency: EUR\n")
    shelf.write(shelf.near, "mine", SOUND)
    with pytest.raises(BrokenPlaybookError) as caught:
        open_edition(shelf.library, "mine")
    (found,) = caught.value.findings
    assert (found.rule, found.line, found.column) == ("unknown-key", 2, 1)
    assert found.path.endswith("policy.yaml")
    assert "Did you mean “currency”?" in found.tip


def test_a_new_policy_beside_a_cached_playbook_is_seen(shelf: Shelf) -> None:
    shelf.write(shelf.near, "mine", SOUND)
    assert shelf.open("mine").policy.currency == "USD"
    shelf.write(shelf.far, "policy", "calmdesk-policy: 1\ncurrency: EUR\n")
    assert shelf.open("mine").policy.currency == "EUR"
    (shelf.far / "policy.yaml").unlink()
    assert shelf.open("mine").policy.currency == "USD"


# --- what a call pins


def test_an_edition_pins_every_text_it_may_play_by_digest(shelf: Shelf) -> None:
    edition = shelf.open("angry-caller")
    names = [name for name, _ in edition.digests]
    assert {
        "policy",
        "angry-caller",
        "steady",
        "apology",
        "abusive-caller",
        "supervisor-request",
        "hold",
        "stop",
    } <= set(names)
    for name, found in edition.digests:
        assert edition.texts[found] == Path(BUILT_IN, f"{name}.yaml").read_bytes()
        assert digest(edition.texts[found]) == found


def test_an_edition_opens_again_from_its_pinned_texts_when_the_files_are_gone(shelf: Shelf) -> None:
    path = shelf.write(shelf.near, "mine", SOUND)
    edition = shelf.open("mine")
    path.unlink()
    for name in os.listdir(shelf.cache):
        os.unlink(shelf.cache / name)
    again = reopen_edition(shelf.library, edition.digests, edition.texts.get)
    assert title(again) == "The first title"
    assert again.books["mine"].compiled == edition.books["mine"].compiled
    assert again.policy.compiled == edition.policy.compiled
    assert again.digests == edition.digests


def test_a_pinned_text_that_is_missing_is_taken_from_the_library_where_it_still_stands(shelf: Shelf) -> None:
    shelf.write(shelf.near, "mine", SOUND)
    edition = shelf.open("mine")
    assert reopen_edition(shelf.library, edition.digests, lambda _: None).texts == edition.texts


def test_a_pinned_text_that_is_missing_everywhere_is_told_by_name(shelf: Shelf) -> None:
    path = shelf.write(shelf.near, "mine", SOUND)
    edition = shelf.open("mine")
    path.write_text(SOUND.replace("first title", "second title"), encoding="utf-8")
    with pytest.raises(CalmdeskError, match="“mine”") as caught:
        reopen_edition(shelf.library, edition.digests, lambda _: None)
    assert caught.value.exit_code == 5


def test_two_policies_open_again_in_their_order(shelf: Shelf) -> None:
    shelf.write(shelf.far, "policy", "calmdesk-policy: 1\ncompany: Far\ncurrency: EUR\n")
    shelf.write(shelf.near, "policy", "calmdesk-policy: 1\ncompany: Near\n")
    shelf.write(shelf.near, "mine", SOUND)
    edition = shelf.open("mine")
    for name in os.listdir(shelf.cache):
        os.unlink(shelf.cache / name)
    policy = reopen_edition(shelf.library, edition.digests, edition.texts.get).policy
    assert (policy.value("company"), policy.currency) == ("Near", "EUR")


# --- the cache


def bundles(shelf: Shelf) -> list[Path]:
    return sorted(p for p in shelf.cache.iterdir() if p.suffix == ".bundle")


def rewrite(path: Path, body: bytes) -> None:
    """A cache file with another body under a tag and a sum that hold."""
    tag = path.read_bytes()[:16]
    path.write_bytes(tag + blake2b(body, digest_size=16).digest() + body)


def test_the_cache_is_used_where_it_is_current(shelf: Shelf) -> None:
    shelf.write(shelf.near, "mine", SOUND)
    shelf.open("mine")
    (bundle,) = bundles(shelf)
    data = marshal.loads(bundle.read_bytes()[32:])  # noqa: S302 - the cache this test has made
    data["books"]["mine"]["title"] = "From the cache"
    rewrite(bundle, marshal.dumps(data))
    assert title(shelf.open("mine")) == "From the cache"


def test_a_cached_playbook_reads_no_yaml(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.write(shelf.near, "mine", SOUND)
    first = shelf.open("mine")
    monkeypatch.delattr(compiling, "compile_files")
    assert shelf.open("mine").books["mine"].compiled == first.books["mine"].compiled


def test_a_stale_cache_is_rebuilt(shelf: Shelf) -> None:
    path = shelf.write(shelf.near, "mine", SOUND)
    shelf.open("mine")
    before = path.stat()
    shelf.write(shelf.near, "mine", SOUND.replace("first", "other"))
    # Same size, same time: only the content tells.
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert title(shelf.open("mine")) == "The other title"


def test_a_changed_module_makes_the_cache_stale(shelf: Shelf) -> None:
    side = "calmdesk: 1\nmodule: true\ntitle: {}\ngoal: G.\nsteps:\n  aa: {{title: S}}\n"
    shelf.write(shelf.near, "side", side.format("Before"))
    shelf.write(shelf.near, "mine", SOUND.replace("steps:", "steps:\n  bb: {play: side}"))
    assert shelf.open("mine").books["side"].title == "Before"
    shelf.write(shelf.near, "side", side.format("Behind"))
    assert shelf.open("mine").books["side"].title == "Behind"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda data: data[:10],
        lambda data: data[: len(data) // 2],
        lambda data: data + b"x",
        lambda data: b"\x00" * 16 + data[16:],
        lambda data: data[:16] + b"\x00" * 16 + data[32:],
        lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:],
        lambda _: os.urandom(200),
        lambda data: data[:16] + blake2b(b"garbage", digest_size=16).digest() + b"garbage",
    ],
    ids=["empty", "short", "half", "longer", "foreign", "other-sum", "one-bit", "random", "no-marshal"],
)
def test_a_broken_cache_is_rebuilt_without_a_word(shelf: Shelf, spoil: object) -> None:
    assert callable(spoil)
    shelf.write(shelf.near, "mine", SOUND)
    first = shelf.open("mine")
    good = {p: p.read_bytes() for p in shelf.cache.iterdir()}
    for path, data in good.items():
        path.write_bytes(spoil(data))
    again = shelf.open("mine")
    assert again.books["mine"].compiled == first.books["mine"].compiled
    assert {p: p.read_bytes() for p in bundles(shelf)} == {p: good[p] for p in bundles(shelf)}


def test_a_cache_that_cant_be_written_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(SOUND, encoding="utf-8")
    library = Library((str(tmp_path), BUILT_IN), str(tmp_path / "file" / "cache"))
    assert title(open_edition(library, "mine").edition) == "The first title"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_cache_folder_without_write_permission_is_none(shelf: Shelf) -> None:
    shelf.cache.mkdir(mode=0o500)
    shelf.write(shelf.near, "mine", SOUND)
    assert title(shelf.open("mine")) == "The first title"


def test_the_cache_leaves_no_half_written_files(shelf: Shelf) -> None:
    shelf.write(shelf.near, "mine", SOUND)
    shelf.open("mine")
    assert {p.suffix for p in shelf.cache.iterdir()} == {".bundle", ".texts", ".index"}
    assert shelf.cache.stat().st_mode & 0o077 == 0


# --- an edit in the middle


def test_a_broken_edit_keeps_the_last_good_text_and_says_what_is_wrong(shelf: Shelf) -> None:
    shelf.write(shelf.near, "mine", SOUND)
    first = shelf.open("mine")
    shelf.write(shelf.near, "mine", SOUND.replace("first", "broken").replace("end: lost", "end: lots"))
    opened = open_edition(shelf.library, "mine")
    assert title(opened.edition) == "The first title"
    assert opened.edition.digests == first.digests
    assert opened.edition.texts == first.texts
    assert [(f.rule, f.line) for f in opened.findings] == [("unknown-disposition", 5)]
    shelf.write(shelf.near, "mine", SOUND.replace("first", "mended"))
    assert title(shelf.open("mine")) == "The mended title"


def test_a_broken_module_keeps_the_last_good_text_of_all(shelf: Shelf) -> None:
    side = "calmdesk: 1\nmodule: true\ntitle: Side\ngoal: G.\nsteps:\n  aa: {title: S}\n"
    shelf.write(shelf.near, "side", side)
    shelf.write(shelf.near, "mine", SOUND.replace("steps:", "steps:\n  bb: {play: side}"))
    shelf.open("mine")
    shelf.write(shelf.near, "side", side.replace("title: S}", "titel: S}"))
    opened = open_edition(shelf.library, "mine")
    assert opened.edition.books["side"].step("aa").title == "S"
    assert {f.rule for f in opened.findings} == {"unknown-key", "empty-step"}


def test_a_playbook_that_never_was_good_is_refused_with_all_its_findings(shelf: Shelf) -> None:
    shelf.write(shelf.near, "mine", SOUND.replace("end: lost", "end: lots").replace("goal: A goal.\n", ""))
    with pytest.raises(BrokenPlaybookError) as caught:
        open_edition(shelf.library, "mine")
    assert caught.value.exit_code == 1
    assert {f.rule for f in caught.value.findings} == {"missing-key", "unknown-disposition"}


def test_a_module_that_was_taken_away_keeps_the_last_good_text(shelf: Shelf) -> None:
    side = shelf.write(
        shelf.near, "side", "calmdesk: 1\nmodule: true\ntitle: Side\ngoal: G.\nsteps:\n  aa: {title: S}\n"
    )
    shelf.write(shelf.near, "mine", SOUND.replace("steps:", "steps:\n  bb: {play: side}"))
    shelf.open("mine")
    side.unlink()
    opened = open_edition(shelf.library, "mine")
    assert opened.edition.books["side"].title == "Side"
    assert [f.rule for f in opened.findings] == ["unknown-playbook"]


def test_warnings_alone_stop_nothing(shelf: Shelf) -> None:
    shelf.write(shelf.near, "mine", SOUND + "not-for: {danger: nowhere}\n")
    assert title(shelf.open("mine")) == "The first title"


# --- a moved file


def test_a_moved_file_is_found_where_it_is_now(shelf: Shelf) -> None:
    path = shelf.write(shelf.near, "mine", SOUND)
    first = shelf.open("mine")
    path.rename(shelf.far / "mine.yaml")
    moved = shelf.open("mine")
    assert moved.digests == first.digests
    assert title(moved) == "The first title"


def test_a_moved_module_is_found_where_it_is_now(shelf: Shelf) -> None:
    side = shelf.write(
        shelf.near, "side", "calmdesk: 1\nmodule: true\ntitle: Side\ngoal: G.\nsteps:\n  aa: {title: S}\n"
    )
    shelf.write(shelf.near, "mine", SOUND.replace("steps:", "steps:\n  bb: {play: side}"))
    first = shelf.open("mine")
    side.rename(shelf.far / "side.yaml")
    assert shelf.open("mine").digests == first.digests


# --- the largest


def test_the_largest_allowed_playbook_opens_and_again_from_the_cache_quickly(shelf: Shelf) -> None:
    # 4 values of the file's own head each way and 6 a step: title, its text, go, its text, the id and the map.
    count = (20_000 - 1 - 8) // 6
    steps = "".join(f"  s{n}: {{title: Step number {n}, go: s{(n * 7 + 1) % count}}}\n" for n in range(count - 1))
    text = f"calmdesk: 1\ntitle: T\ngoal: G.\nsteps:\n{steps}  s{count - 1}: {{title: Last, end: lost}}\n"
    text += "# " + "x" * (256 * 1024 - len(text) - 3) + "\n"
    assert len(text.encode()) == 256 * 1024
    shelf.write(shelf.near, "mine", text)
    assert len(shelf.open("mine").books["mine"].order) == count
    begun = time.perf_counter()
    again = shelf.open("mine")
    assert time.perf_counter() - begun < 0.5
    assert again.books["mine"].step(f"s{count - 1}").end == "lost"
