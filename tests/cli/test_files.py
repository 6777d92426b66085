"""Files that commands write are whole or not there, and take the place of others only when that is wanted."""

from __future__ import annotations

import os
import resource
from typing import TYPE_CHECKING

import pytest

from calmdesk.cli.files import replace_files, write_file
from calmdesk.errors import CalmdeskError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def full() -> Iterator[None]:
    """No file grows beyond ten bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    import signal

    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)


def test_a_new_file_is_private_and_one_that_is_there_stays(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    write_file(str(page), b"one")
    assert page.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CalmdeskError, match="there already") as told:
        write_file(str(page), b"two")
    assert (told.value.exit_code, page.read_bytes()) == (2, b"one")
    write_file(str(page), b"two", force=True)
    assert page.read_bytes() == b"two"


def test_through_a_link_its_target_is_written_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"one")
    (tmp_path / "link").symlink_to("target")
    write_file(str(tmp_path / "link"), b"two", force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"two"


def test_a_device_is_written_to_and_stays_a_device() -> None:
    write_file(os.devnull, b"one", force=True)
    assert not os.path.isfile(os.devnull)


@pytest.mark.usefixtures("full")
def test_what_cant_be_written_whole_leaves_what_was_there(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    write_file(str(page), b"one")
    for force in (False, True):
        place = page if force else tmp_path / "new.html"
        with pytest.raises(CalmdeskError, match="can't be written"):
            write_file(str(place), b"x" * 100, force=force)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("page.html", b"one")]


@pytest.mark.usefixtures("full")
def test_of_several_files_all_are_replaced_or_none(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"1")
    two.write_bytes(b"2")
    one.chmod(0o640)
    with pytest.raises(CalmdeskError, match="two can't be written"):
        replace_files({str(one): b"11", str(two): b"x" * 100})
    assert sorted((p.name, p.read_bytes()) for p in tmp_path.iterdir()) == [("one", b"1"), ("two", b"2")]
    replace_files({str(one): b"11", str(two): b"22"})
    assert (one.read_bytes(), two.read_bytes(), one.stat().st_mode & 0o777) == (b"11", b"22", 0o640)
