"""`config`: each value with where it comes from, one value changed with all comments kept, and no secret ever shown."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calmdesk.cli.config import _edited, _read_secret, _typed, _write, list_rows, set_config
from calmdesk.configuration import parse
from calmdesk.errors import CalmdeskError
from calmdesk.settings import read_settings
from tests.forms import often

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Desk

SECRET = "correct horse battery"
OWN = """\
# Ana's desk
plain = true   # my eyes

[limits.goodwill.agent]   # agreed in May
gesture = 20   # was 15
restore = 50
"""


def file_of(desk: Desk) -> Path:
    return desk.home / "config.toml"


def write(desk: Desk, text: str) -> None:
    desk.home.mkdir(exist_ok=True)
    file_of(desk).write_text(text, encoding="utf-8")
    file_of(desk).chmod(0o600)


def shown(desk: Desk, **environment: str) -> dict[str, dict[str, object]]:
    ran = desk.run("config", "show", "--json", **environment)
    assert ran.code == 0
    document = json.loads(ran.out)
    assert document["schema"] == 1
    return {row["key"]: row for row in document["values"]}


# --- show


def test_without_a_file_every_key_is_shown_with_its_default(desk: Desk) -> None:
    rows = shown(desk)
    assert list(rows) == ["role", "limits", "team-key", "retention", "hook", "playbooks", "plain", "still"]
    assert [r["value"] for r in rows.values()] == [None, None, None, None, [], [], False, False]
    assert {(r["origin"], r["locked"]) for r in rows.values()} == {("default", False)}


def test_each_value_says_where_it_comes_from(desk: Desk) -> None:
    write(desk, OWN)
    rows = shown(desk, CALMDESK_ROLE="lead")
    assert (rows["role"]["value"], rows["role"]["origin"]) == ("lead", "environment CALMDESK_ROLE")
    assert (rows["plain"]["value"], rows["plain"]["origin"]) == (True, str(file_of(desk)))
    assert rows["limits.goodwill.agent.gesture"]["value"] == "20"
    lines = desk.run("config", "show", "--origin", CALMDESK_ROLE="lead").out.splitlines()
    assert lines[0] == "role\tlead\t\tenvironment CALMDESK_ROLE"
    assert f"limits.goodwill.agent.restore\t50\t\t{file_of(desk)}" in lines


def test_without_origin_only_keys_and_values_are_shown(desk: Desk) -> None:
    write(desk, 'role = "lead"\nhook = ["/opt/crm", "a b"]')
    out = desk.run("config", "show").out
    assert "role\tlead\t\n" in out
    assert "hook\t/opt/crm 'a b'\t\n" in out
    assert str(desk.home) not in out


def test_a_secret_is_never_shown(desk: Desk) -> None:
    write(desk, f'team-key = "{SECRET}"\nhook = ["crm", "https://ana:hunter22@crm.example/x"]')
    for arguments in (("show",), ("show", "--origin"), ("show", "--json"), ("path",), ("path", "--json")):
        ran = desk.run("config", *arguments)
        assert SECRET not in ran.out + ran.err
        assert "hunter22" not in ran.out + ran.err
    assert shown(desk)["team-key"]["value"] == "(set)"
    assert "team-key\t(set)" in desk.run("config", "show").out


def test_problems_are_said_and_nothing_fails(desk: Desk) -> None:
    write(desk, "role = 5\nrol = 6\n")
    ran = desk.run("config", "show")
    assert ran.code == 0
    assert "role must be a text" in ran.err
    assert "Did you mean “role”?" in ran.err
    document = json.loads(desk.run("config", "show", "--json").out)
    assert len(document["problems"]) == 2
    assert document["strict"] is False


def test_nothing_in_a_file_can_move_the_cursor(desk: Desk) -> None:
    write(desk, 'role = "\\u001b[31mred\\u202e"\nhook = ["crm", "\\u001b]0;x\\u0007"]\n"\\u009b2J" = 1\n')
    for arguments in (("show", "--origin"), ("show", "--json")):
        ran = desk.run("config", *arguments)
        assert not set("\x1b\x07\x9b\u202e") & set(ran.out + ran.err)


def test_what_is_locked_says_so(tmp_path: Path) -> None:
    system = tmp_path / "system.toml"
    system.write_text('lock = ["limits.goodwill"]\n[limits.goodwill.agent]\ngesture = 20')
    found = read_settings({"CALMDESK_HOME": str(tmp_path)}, str(system))
    locked = {row.key: row.locked for row in list_rows(found)}
    assert locked.pop("limits.goodwill.agent.gesture")
    assert not any(locked.values())


# --- path


def test_the_files_are_listed_in_order_with_which_exist(desk: Desk) -> None:
    write(desk, "")
    files = json.loads(desk.run("config", "path", "--json").out)["files"]
    assert [f["place"] for f in files] == ["system", "user", "project"]
    assert files[1] == {"place": "user", "path": str(file_of(desk)), "exists": True}
    assert f"user\t\t{file_of(desk)}\n" in desk.run("config", "path").out


# --- set


def test_a_value_is_set_in_the_users_own_private_file(desk: Desk) -> None:
    ran = desk.run("config", "set", "role", "lead")
    assert (ran.code, ran.err) == (0, "")
    assert file_of(desk).read_text() == 'role = "lead"\n'
    assert shown(desk)["role"]["value"] == "lead"
    if os.name != "nt":
        assert stat.S_IMODE(file_of(desk).stat().st_mode) == 0o600
        assert stat.S_IMODE(desk.home.stat().st_mode) == 0o700


def test_comments_and_layout_stay(desk: Desk) -> None:
    write(desk, OWN)
    desk.run("config", "set", "limits.goodwill.agent.gesture", "25.50")
    assert file_of(desk).read_text() == OWN.replace("gesture = 20 ", "gesture = 25.50 ")
    desk.run("config", "set", "plain", "false")
    assert "plain = false   # my eyes" in file_of(desk).read_text()
    desk.run("config", "set", "limits.goodwill.lead.gesture", "75")
    assert shown(desk)["limits.goodwill.lead.gesture"]["value"] == "75"
    assert "# Ana's desk" in file_of(desk).read_text()


def test_lists_take_several_values(desk: Desk, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    assert desk.run("config", "set", "playbooks", tmp_path / "one", tmp_path / "two").code == 0
    assert shown(desk)["playbooks"]["value"] == [str(tmp_path / "one"), str(tmp_path / "two")]
    assert desk.run("config", "set", "hook", "--", "/opt/crm", "--quiet", "-v").code == 0
    assert shown(desk)["hook"]["value"] == ["/opt/crm", "--quiet", "-v"]


def test_a_relative_folder_is_meant_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "books").mkdir()
    monkeypatch.chdir(tmp_path)
    assert _typed("playbooks", ["books"]) == (str(tmp_path / "books"),)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["rol", "lead"], "Did you mean “role”?"),
        (["lock", "role"], "Only the system's file may lock."),
        (["role"], "role takes one value."),
        (["role", "team", "lead"], "role takes one value."),
        (["hook"], "hook takes at least one value."),
        (["hook", "./crm"], "whole path"),
        (["plain", "maybe"], "plain must be true or false."),
        (["retention", "90"], "retention must be a time"),
        (["playbooks", "/nowhere/books"], "/nowhere/books is no folder."),
        (["limits.goodwill.agent.gesture", "a lot"], "must be an amount"),
        (["limits.goodwill.agent.gesture", "--", "-1"], "not below 0"),
        (["limits.goodwill.agent.gestur", "1"], "Did you mean “gesture”?"),
        (["limits.goodwill", "1"], "limits.LADDER.ROLE.restore"),
        (["role", "lead", "--unset"], "--unset takes no value."),
        (["rol", "--unset"], "Did you mean “role”?"),
    ],
)
def test_what_doesnt_fit_is_refused_and_nothing_is_written(desk: Desk, arguments: list[str], says: str) -> None:
    ran = desk.run("config", "set", *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert not desk.home.exists()


def test_a_value_that_is_overridden_at_once_says_so(desk: Desk) -> None:
    ran = desk.run("config", "set", "role", "agent", CALMDESK_ROLE="lead")
    assert ran.code == 0
    assert "environment CALMDESK_ROLE" in ran.err


def test_a_value_can_be_taken_out_again(desk: Desk) -> None:
    write(desk, OWN)
    assert desk.run("config", "set", "plain", "--unset").out.startswith("plain is no longer set")
    assert desk.run("config", "set", "plain", "--unset").out.startswith("plain is not set")
    assert desk.run("config", "set", "limits.goodwill.agent.gesture", "--unset").code == 0
    text = file_of(desk).read_text()
    assert "gesture" not in text
    assert "# Ana's desk" in text
    assert "restore = 50" in text
    assert desk.run("config", "set", "limits.goodwill", "--unset").code == 0
    assert "goodwill" not in file_of(desk).read_text()


def test_taking_out_of_no_file_makes_none(desk: Desk) -> None:
    assert desk.run("config", "set", "role", "--unset").code == 0
    assert not desk.home.exists()


def test_a_locked_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = tmp_path / "system.toml"
    system.write_text('lock = ["role", "limits.goodwill"]')
    monkeypatch.setattr("calmdesk.settings.system_file", lambda: str(system))
    monkeypatch.setenv("CALMDESK_HOME", str(tmp_path / "home"))
    for key in ("role", "limits.goodwill.agent.gesture"):
        for values, unset in (["5"], False), (None, True):
            with pytest.raises(CalmdeskError, match="is locked by") as refused:
                set_config(key, values, unset)
            assert refused.value.exit_code == 2
    set_config("limits.other.agent.gesture", ["5"])
    assert (tmp_path / "home" / "config.toml").read_text() == "[limits.other.agent]\ngesture = 5\n"


# --- the team's key


def test_the_teams_key_is_read_from_a_pipe(desk: Desk) -> None:
    ran = desk.run("config", "set", "team-key", lines=[SECRET])
    assert ran.code == 0
    assert SECRET not in ran.out + ran.err
    assert read_settings({"CALMDESK_HOME": str(desk.home)}).team_key.reveal() == SECRET


def test_the_teams_key_is_refused_on_the_command_line_and_not_repeated(desk: Desk) -> None:
    ran = desk.run("config", "set", "team-key", SECRET)
    assert ran.code == 2
    assert SECRET not in ran.out + ran.err
    assert not desk.home.exists()


@pytest.mark.parametrize("typed", [[], ["short"], ["       "]])
def test_a_teams_key_that_is_too_short_is_refused_and_not_repeated(desk: Desk, typed: list[str]) -> None:
    ran = desk.run("config", "set", "team-key", lines=typed)
    assert ran.code == 2
    assert "at least 8 characters" in ran.err
    assert "short" not in ran.err


def test_on_a_terminal_the_teams_key_isnt_echoed(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang_up(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: SECRET)
    assert _read_secret([]) == SECRET
    monkeypatch.setattr("getpass.getpass", hang_up)
    assert _read_secret([]) == ""


# --- the file


def test_a_file_that_is_no_toml_is_left_as_it_is(desk: Desk) -> None:
    write(desk, "plain = true\nrole = [")
    ran = desk.run("config", "set", "role", "lead")
    assert ran.code == 3
    assert "config.toml:2: can't be read as TOML" in ran.err
    assert file_of(desk).read_text() == "plain = true\nrole = ["


@pytest.mark.parametrize("text", ["limits = 5", 'limits = "x"', "limits = []", "limits.goodwill = 5", "[[limits]]"])
def test_where_something_else_stands_nothing_is_changed(desk: Desk, text: str) -> None:
    write(desk, text)
    ran = desk.run("config", "set", "limits.goodwill.agent.gesture", "5")
    assert ran.code == 3
    assert file_of(desk).read_text() == text


def test_a_file_that_cant_be_written_is_an_error_of_the_world(desk: Desk) -> None:
    desk.home.write_text("a file in the folder's place")
    ran = desk.run("config", "set", "role", "lead")
    assert ran.code == 3
    assert "can't be written" in ran.err


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(OWN)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("os.replace", "os.fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(name, fail)
            with pytest.raises(CalmdeskError, match="No space left"):
                _write(str(file), "role", "lead")
    assert file.read_text() == OWN
    assert os.listdir(tmp_path) == ["config.toml"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_file_kept_elsewhere_behind_a_link_is_changed_there(desk: Desk, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("# mine\n")
    desk.home.mkdir()
    file_of(desk).symlink_to(kept)
    assert desk.run("config", "set", "role", "lead").code == 0
    assert file_of(desk).is_symlink()
    assert kept.read_text() == '# mine\nrole = "lead"\n'


def test_a_file_of_windows_keeps_its_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"# mine\r\nplain = true # eyes\r\n")
    _write(str(file), "plain", value=False)
    assert file.read_bytes() == b"# mine\r\nplain = false # eyes\r\n"


LINES = st.sampled_from(
    ["# a comment", "plain = true # c", "role = 'x'", "", "hook = ['a', # first\n 'b']", "limits.goodwill.agent.gesture = 1",
     "limits = {goodwill = {agent = {restore = 2}}}", "[limits]", "[limits.goodwill]", "[limits.goodwill.agent]", "restore = 3",
     "agent.restore = 4", "agent = {gesture = 5}", "[limits.other.lead]", "[somebody.elses]", "[[more]]", "goodwill.lead.gesture = 6"]
)  # fmt: skip
CHANGES = st.sampled_from(
    [("role", "it's \"x\""), ("hook", ("/a", "b")), ("plain", False), ("limits.goodwill.agent.gesture", "9.50"), ("role", None),
     ("limits.goodwill.agent.gesture", None), ("limits.goodwill", None), ("limits", None), ("limits.new.one.restore", "0")]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=often(75, 300))
@given(lines=st.lists(LINES, max_size=8), change=CHANGES)
def test_one_value_changes_or_nothing_does(
    tmp_path: Path, lines: list[str], change: tuple[str, str | bool | tuple[str, ...] | None]
) -> None:
    text = "\n".join(lines) + "\n"
    file = tmp_path / "config.toml"
    file.write_text(text)
    key, value = change
    try:
        changed = _write(str(file), key, value)
    except CalmdeskError:
        assert file.read_text() == text
        return
    after = file.read_text()
    assert not parse(after)[1]
    if not changed:
        assert after == text
    if value is not None:
        assert after.count("# a comment") == text.count("# a comment")
    assert ("[somebody.elses]" in after) is ("[somebody.elses]" in text)


def test_an_empty_text_becomes_a_file_with_one_value() -> None:
    assert _edited("", ["limits", "goodwill", "agent", "restore"], "50") == "[limits.goodwill.agent]\nrestore = 50\n"
    assert _edited("", ["playbooks"], ("/a", "/b")) == 'playbooks = ["/a", "/b"]\n'
