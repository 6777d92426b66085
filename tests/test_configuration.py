"""Configuration files: who overrides whom, what is locked, and that no text in them stops a call."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calmdesk.configuration import LARGEST_PROJECT, MOST_PROBLEMS, check, is_locked, parse, read_text, unknown
from calmdesk.settings import Secret, read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from calmdesk.settings import Settings

posix = pytest.mark.skipif(os.name == "nt", reason="who may read a file is said in bits")


class Files:
    """A system's, a user's and a project's file in a folder of their own; the project is where one stands."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.system = top / "etc" / "config.toml"
        self.user = top / "home" / "config.toml"
        self.project = top / "project" / "calmdesk.toml"
        for file in (self.system, self.user, self.project):
            file.parent.mkdir()

    def write(self, *, system: str | None = None, user: str | None = None, project: str | None = None) -> None:
        for file, text in ((self.system, system), (self.user, user), (self.project, project)):
            if text is not None:
                file.write_text(text, encoding="utf-8")
                file.chmod(0o600)

    def read(self, **environment: str) -> Settings:
        return read_settings({"CALMDESK_HOME": str(self.user.parent), **environment}, str(self.system))

    def user_says(self, text: str) -> Settings:
        self.write(user=text)
        return self.read()

    def system_says(self, text: str) -> Settings:
        self.write(system=text)
        return self.read()


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    made = Files(tmp_path)
    monkeypatch.chdir(made.project.parent)
    return made


# --- who overrides whom


def test_without_a_file_everything_is_a_default(files: Files) -> None:
    found = files.read()
    assert (found.role, found.limits, found.retention_days, found.hook, found.problems) == ("", {}, 0, (), ())
    assert not found.strict
    assert not found.team_key
    assert set(found.origins.values()) == {"default"}


def test_the_environment_overrides_the_user_who_overrides_the_system(files: Files) -> None:
    files.write(system='role = "clerk"\nretention = "1d"\nplain = true', user='role = "agent"\nretention = "2w"')
    found = files.read(CALMDESK_ROLE="lead")
    assert (found.role, found.retention_days, found.plain) == ("lead", 14, True)
    assert found.origins["role"] == "environment CALMDESK_ROLE"
    assert found.origins["retention"] == str(files.user)
    assert found.origins["plain"] == str(files.system)
    assert found.origins["hook"] == "default"


def test_the_project_overrides_the_user_and_the_environment_the_project(files: Files) -> None:
    files.write(user="plain = true", project="plain = false")
    assert not files.read().plain
    assert files.read().origins["plain"] == str(files.project)
    assert files.read(TERM="dumb").plain
    files.write(project="plain = true")
    assert not files.read(ACCESSIBLE="0").plain
    assert files.read(ACCESSIBLE="0").origins["plain"] == "environment ACCESSIBLE"


def test_an_empty_variable_says_nothing(files: Files) -> None:
    files.write(user='role = "agent"')
    assert files.read(CALMDESK_ROLE="", CALMDESK_RETENTION="", ACCESSIBLE="").role == "agent"


def test_limits_come_together_amount_by_amount(files: Files) -> None:
    files.write(
        system="[limits.goodwill.agent]\nrestore = 50\ngesture = 20.50",
        user='[limits.goodwill]\nagent = {gesture = "15"}\nlead = {gesture = 0}',
    )
    found = files.read()
    assert found.limits == {
        "goodwill": {"agent": {"restore": "50", "gesture": "15"}, "lead": {"gesture": "0"}},
    }
    assert found.origins["limits.goodwill.agent.restore"] == str(files.system)
    assert found.origins["limits.goodwill.agent.gesture"] == str(files.user)
    assert "limits" not in found.origins


def test_playbook_folders_add_up_nearest_first(files: Files) -> None:
    files.write(system='playbooks = ["/team"]', user='playbooks = ["mine", "~/more"]', project='playbooks = ["books"]')
    found = files.read(CALMDESK_PLAYBOOKS="/now")
    home = files.user.parent
    assert found.folders == (
        "/now", str(files.project.parent / "books"), str(home / "mine"), os.path.expanduser("~/more"), "/team",
    )  # fmt: skip
    assert found.origins["playbooks"] == (
        f"environment CALMDESK_PLAYBOOKS, {files.project}, {files.user}, {files.system}"
    )


def test_a_folder_named_twice_is_looked_through_once(files: Files) -> None:
    files.write(system='playbooks = ["/team"]', user='playbooks = ["/team", "/mine"]')
    assert files.read().folders == ("/team", "/mine")


def test_no_folders_hide_nobody_elses(files: Files) -> None:
    files.write(system='playbooks = ["/team"]', user="playbooks = []")
    assert files.read().folders == ("/team",)
    assert files.read().origins["playbooks"] == str(files.system)


def test_a_user_may_say_no_hook_and_no_forgetting_where_the_system_says_some(files: Files) -> None:
    files.write(system='hook = ["crm"]\nretention = "90d"', user='hook = []\nretention = ""')
    assert (files.read().hook, files.read().retention_days) == ((), 0)


# --- locks


def test_what_is_locked_stays_as_the_system_says_it(files: Files) -> None:
    files.write(
        system='lock = ["role", "playbooks", "plain"]\nrole = "agent"\nplaybooks = ["/team"]\nplain = true',
        user='role = "lead"\nplaybooks = ["/mine"]',
        project='plain = false\nplaybooks = ["/here"]',
    )
    found = files.read(CALMDESK_ROLE="lead", CALMDESK_PLAYBOOKS="/now", ACCESSIBLE="0")
    assert (found.role, found.folders, found.plain) == ("agent", ("/team",), True)
    assert found.locked == {"role", "playbooks", "plain"}
    assert found.problems == ()


def test_a_key_locked_without_a_value_stays_at_its_default(files: Files) -> None:
    files.write(system='lock = ["hook", "role"]', user='hook = ["crm"]\nrole = "lead"')
    assert (files.read().hook, files.read().role) == ((), "")


@pytest.mark.parametrize(
    ("lock", "agent", "lead"),
    [
        ("limits", "20", None),
        ("limits.goodwill", "20", None),
        ("limits.goodwill.agent", "20", "900"),
        ("limits.goodwill.agent.gesture", "20", "900"),
        ("limits.goodwill.agent.restore", "800", "900"),
        ("limits.other", "800", "900"),
    ],
)
def test_limits_can_be_locked_in_whole_or_in_part(files: Files, lock: str, agent: str, lead: str | None) -> None:
    files.write(
        system=f'lock = ["{lock}"]\n[limits.goodwill.agent]\ngesture = 20',
        user="[limits.goodwill]\nagent.gesture = 800\nlead.gesture = 900",
    )
    roles = files.read().limits["goodwill"]
    assert roles["agent"]["gesture"] == agent
    assert roles.get("lead", {}).get("gesture") == lead


def test_a_lock_in_a_users_or_a_projects_file_locks_nothing(files: Files) -> None:
    files.write(system='role = "agent"', user='lock = ["role"]', project='lock = ["role"]')
    found = files.read(CALMDESK_ROLE="lead")
    assert (found.role, found.locked) == ("lead", frozenset())
    assert len(found.problems) == 2
    assert all("system's file only" in p for p in found.problems)
    assert not found.strict


def test_a_lock_covers_what_stands_under_it_and_nothing_beside() -> None:
    assert is_locked("limits.goodwill.agent.gesture", {"limits.goodwill"})
    assert not is_locked("limits.goodwill-two.agent.gesture", {"limits.goodwill"})
    assert not is_locked("limits", {"limits.goodwill"})
    assert not is_locked("role", frozenset())


@pytest.mark.parametrize(
    "text",
    ["lock = [", "\0", "lock = 5", 'lock = "limits"', "lock = [1]", 'lock = ["limts"]', 'lock = ["role.x"]',
     'lock = ["limits.a.b.gestur"]', 'lokc = ["limits"]', "role = 5", "limits = 5", "limits.goodwill.agent = 20",
     'limits.goodwill.agent.gesture = "much"', "limits.goodwill.agent.gestur = 20", "x" * 70_000],
)  # fmt: skip
def test_a_systems_file_that_may_hide_a_lock_or_a_limit_makes_everything_strict(files: Files, text: str) -> None:
    files.write(user='role = "lead"\n[limits.goodwill.lead]\ngesture = 900')
    found = files.system_says(text)
    assert found.strict
    assert (found.role, found.limits) == ("", {})
    assert found.origins["role"] == found.origins["limits"] == "default"
    assert str(files.system) in found.problems[0]
    assert "nothing above the lowest rung" in found.problems[0]


def test_limits_that_can_be_read_stay_where_something_else_cant(files: Files) -> None:
    files.write(user='role = "lead"\n[limits.goodwill.agent]\ngesture = 900')
    found = files.system_says('[limits.goodwill.agent]\ngesture = 7\nlock = ["role"]')
    assert found.strict
    assert (found.role, found.limits) == ("", {"goodwill": {"agent": {"gesture": "7"}}})


def test_a_systems_file_that_cant_be_read_makes_everything_strict(files: Files) -> None:
    files.system.mkdir()
    assert files.read().strict
    assert "can't be read" in files.read().problems[0]
    files.system.rmdir()
    files.system.symlink_to(files.top / "nowhere")
    assert files.read().strict


def test_other_mistakes_in_the_systems_file_are_only_said(files: Files) -> None:
    found = files.system_says('role = "agent"\nretention = 90\nplain = "yes"\nteam-key = "short"')
    assert not found.strict
    assert found.role == "agent"
    assert len(found.problems) == 3


def test_mistakes_of_a_user_or_a_project_never_make_it_strict(files: Files) -> None:
    files.write(user="limits = 5\nrole = [", project="limits = [")
    assert not files.read().strict
    assert len(files.read().problems) == 2


# --- a project's file


def test_a_project_may_set_only_its_playbooks_and_plain(files: Files) -> None:
    files.write(
        project='role = "boss"\nhook = ["evil"]\nteam-key = "12345678"\nretention = "1d"\nplaybooks = ["b"]\n'
        "limits.goodwill.agent.gesture = 900"
    )
    found = files.read()
    assert (found.role, found.hook, found.retention_days, found.limits) == ("", (), 0, {})
    assert not found.team_key
    assert found.folders == (str(files.project.parent / "b"),)
    assert len(found.problems) == 5
    assert all(str(files.project) in p and "calmdesk config set" in p for p in found.problems)
    assert "12345678" not in str(found)


def test_a_projects_file_counts_in_the_folders_below_it(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    below = files.project.parent / "one" / "two"
    below.mkdir(parents=True)
    files.write(project="plain = true")
    monkeypatch.chdir(below)
    assert files.read().plain
    (below.parent / "calmdesk.toml").write_text("plain = false")
    assert not files.read().plain


def test_neither_the_home_folder_nor_one_above_it_is_a_project(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    home = files.project.parent / "ana"
    work = home / "work"
    work.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    files.write(project="plain = true")
    (home / "calmdesk.toml").write_text("plain = true")
    monkeypatch.chdir(work)
    assert not files.read().plain
    monkeypatch.chdir(home)
    assert files.read().plain, "the current folder is always looked at"


def test_a_current_folder_that_is_gone_is_no_project(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = files.top / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert files.read().problems == ()


@posix
def test_a_project_where_everybody_may_write_is_not_taken(files: Files) -> None:
    files.write(project='playbooks = ["/evil"]')
    files.project.parent.chmod(0o1777)
    assert files.read().folders == ()
    assert "everybody may write" in files.read().problems[0]


def test_a_project_cant_slow_a_start_with_a_large_file(files: Files) -> None:
    files.write(project=".".join("a" * LARGEST_PROJECT) + " = 1")
    assert "larger than 8 KiB" in files.read().problems[0]


# --- what is wrong with a text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('role = "a"\nplain = maybe', "config.toml:2: can't be read as TOML"),
        ("plain = true\nplain = true", "config.toml:2: can't be read as TOML"),
        ('role = "a', "config.toml:1: can't be read as TOML"),
        ("a = " + "[" * 5000, "can't be read as TOML"),
        ("a = " + "9" * 5000, "can't be read as TOML"),
        ("a = 1e99999999999999999999", "can't be read as TOML"),
        ('roll = "lead"', "“roll”. Did you mean “role”?"),
        ("zzz = 1", "The keys are role, "),
        ('"\\u001b[31mred\\u202e" = 1', "“red”"),
        ("role = 1", "role must be a text"),
        ("role = 1979-05-27", "role must be a text"),
        ('team-key = "seven77"', "team-key must be a text of at least 8"),
        ("retention = 90", 'retention must be a time such as "90d"'),
        ('retention = "0d"', "from a day"),
        ('retention = "90"', "retention must be"),
        ('retention = "90h"', "retention must be"),
        ('retention = "999999w"', "to a hundred years"),
        ('hook = "crm --send"', "hook must be a list"),
        ('hook = [""]', "hook must be a list"),
        ('hook = ["a\\u0000b"]', "hook must be a list"),
        ('hook = ["./crm"]', "whole path"),
        ('hook = ["bin/crm"]', "whole path"),
        ('playbooks = "books"', "playbooks must be a list"),
        ("playbooks = [1]", "playbooks must be a list"),
        ('plain = "true"', "plain must be true or false"),
        ("plain = 1", "plain must be true or false"),
        ("limits = 3", "limits must be a table"),
        ("limits.goodwill = 3", "limits.goodwill must be a table"),
        ("limits.goodwill.agent = 3", "limits.goodwill.agent must be a table"),
        ("limits.goodwill.agent.gestures = 3", "Did you mean “gesture”?"),
        ('limits."good.will".agent.gesture = 3', "can't be the name of a ladder"),
        ('limits.goodwill."".gesture = 3', "can't be the name of a role"),
        ("limits.goodwill.agent.gesture = -1", "not below 0"),
        ("limits.goodwill.agent.gesture = nan", "must be an amount"),
        ("limits.goodwill.agent.gesture = inf", "must be an amount"),
        ("limits.goodwill.agent.gesture = 1e3", "must be an amount"),
        ("limits.goodwill.agent.gesture = true", "must be an amount"),
        ("limits.goodwill.agent.gesture = [1]", "must be an amount"),
        ('limits.goodwill.agent.gesture = "20 EUR"', "must be an amount"),
        ("limits.goodwill.agent.gesture = 1.23456", "must be an amount"),
    ],
)
def test_each_mistake_is_one_sentence_and_the_value_is_ignored(files: Files, text: str, says: str) -> None:
    found = files.user_says(text)
    assert len(found.problems) == 1, found.problems
    assert says in found.problems[0]
    assert str(files.user) in found.problems[0]
    assert found.problems[0].isprintable()
    assert (found.role, found.limits, found.hook, found.folders, found.retention_days) == ("", {}, (), (), 0)


def test_what_is_right_beside_a_mistake_is_taken(files: Files) -> None:
    found = files.user_says('role = "lead"\nplain = "x"\n[limits.goodwill]\nagent.gesture = "x"\nlead.gesture = 5')
    assert (found.role, found.limits) == ("lead", {"goodwill": {"lead": {"gesture": "5"}}})
    assert len(found.problems) == 2


@pytest.mark.parametrize(
    ("environment", "says"),
    [({"CALMDESK_RETENTION": "soon"}, "CALMDESK_RETENTION must be a time"), ({"CALMDESK_RETENTION": "0d"}, "a day")],
)
def test_a_wrong_variable_is_said_and_not_taken(files: Files, environment: dict[str, str], says: str) -> None:
    files.write(user='retention = "90d"')
    found = files.read(**environment)
    assert says in found.problems[0]
    assert found.retention_days == 90


def test_a_file_full_of_mistakes_fills_no_screen(files: Files) -> None:
    found = files.user_says("\n".join(f"x{n} = 1" for n in range(500)))
    assert len(found.problems) == MOST_PROBLEMS + 1
    assert "490 more" in found.problems[-1]


def test_a_long_key_is_said_short(files: Files) -> None:
    assert len(files.user_says("k" * 5000 + " = 1").problems[0]) < 400


def test_a_file_saved_by_an_editor_that_marks_it_is_read(files: Files) -> None:
    files.user.write_bytes(b'\xef\xbb\xbfrole = "lead"\r\nplain = true\r\n')
    assert (files.read().role, files.read().plain, files.read().problems) == ("lead", True, ())


def test_a_file_that_isnt_utf8_is_said(files: Files) -> None:
    files.user.write_bytes(b'role = "Jos\xe9"')
    assert "UTF-8" in files.read().problems[0]


@posix
def test_a_pipe_in_a_files_place_is_not_waited_for(files: Files) -> None:
    os.mkfifo(files.user)
    assert "is no file" in files.read().problems[0]


def test_a_file_that_vanishes_meanwhile_is_a_sentence(tmp_path: Path) -> None:
    assert "can't be read" in read_text(str(tmp_path / "gone.toml"))[1]


def test_digits_of_any_script_are_understood(files: Files) -> None:
    found = files.user_says('retention = "৯০d"\nlimits.goodwill.agent.gesture = "২০.৫০"')
    assert (found.retention_days, found.limits["goodwill"]["agent"]["gesture"]) == (90, "20.50")


@pytest.mark.parametrize(
    ("written", "exact"),
    [("0.1", "0.1"), ("20.50", "20.50"), ('"007"', "7"), ("1_000", "1000"), ("1_000.25", "1000.25")],
)
def test_amounts_stay_exact(files: Files, written: str, exact: str) -> None:
    found = files.user_says(f"limits.goodwill.agent.gesture = {written}")
    assert found.limits["goodwill"]["agent"]["gesture"] == exact


def test_a_hook_in_the_home_folder_gets_its_whole_path(files: Files) -> None:
    assert files.user_says('hook = ["~/send", "~/x"]').hook == (os.path.expanduser("~/send"), "~/x")


# --- secrets, and who may read them


def test_the_teams_key_is_never_shown(files: Files) -> None:
    found = files.user_says('team-key = " correct horse "')
    assert found.team_key.reveal() == "correct horse"
    for shown in (repr(found), str(found), f"{found.team_key}", f"{found.team_key!r}", str(found._asdict())):
        assert "horse" not in shown
    assert "team_key=(set)" in repr(found)
    assert found.problems == ()


def test_a_teams_key_that_is_wrong_isnt_shown_either(files: Files) -> None:
    for text in ('team-key = "hunter2"', 'team-key = "hunter2', 'team-key = ["hunter2"]', "team-key = hunter2"):
        found = files.user_says(text)
        assert found.problems
        assert "hunter2" not in str(found)


def test_secrets_are_equal_where_their_texts_are() -> None:
    assert Secret("x") == Secret("x") != Secret("y")
    assert len({Secret("x"), Secret("x"), Secret()}) == 2
    assert (str(Secret()), bool(Secret())) == ("(none)", False)


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_with_the_teams_key_that_others_may_use_is_said(files: Files, mode: int) -> None:
    files.write(user='team-key = "12345678"')
    files.user.chmod(mode)
    found = files.read()
    assert f"chmod 600 {files.user}" in found.problems[0]
    assert found.team_key.reveal() == "12345678"


@posix
def test_others_may_read_a_file_without_a_secret(files: Files) -> None:
    files.write(user='role = "lead"')
    files.user.chmod(0o644)
    assert files.read().problems == ()


@posix
def test_a_hook_that_others_may_change_doesnt_run(files: Files) -> None:
    files.write(user='hook = ["crm"]')
    files.user.chmod(0o620)
    found = files.read()
    assert found.hook == ()
    assert f"chmod go-w {files.user}" in found.problems[0]
    files.user.chmod(0o644)
    assert files.read().hook == ("crm",)


def test_the_teams_key_and_the_hook_never_come_from_the_environment(files: Files) -> None:
    found = files.read(CALMDESK_TEAM_KEY="12345678", CALMDESK_HOOK="evil", CALMDESK_LIMITS="x", CALMDESK_LOCK="role")
    assert not found.team_key
    assert (found.hook, found.locked) == ((), frozenset())


# --- keys


@pytest.mark.parametrize(
    ("key", "says"),
    [("role", ""), ("limits.goodwill.agent.gesture", ""), ("limits.goodwill.team lead.restore", ""),
     ("limits", "LADDER"), ("limits.a.b", "LADDER"), ("limits.a.b.restore.c", "LADDER"), ("limits.a..restore", "role"),
     ("limits.a.b.gestur", "gesture"), ("lock", "system's"), ("playbook", "playbooks"), ("", "The keys are")],
)  # fmt: skip
def test_a_key_that_cant_be_set_says_why(key: str, says: str) -> None:
    assert says in unknown(key)
    assert bool(unknown(key)) is bool(says)


def test_all_limits_of_a_ladder_are_a_key_only_as_a_whole() -> None:
    assert unknown("limits.goodwill")
    assert not unknown("limits.goodwill", whole=True)
    assert not unknown("limits", whole=True)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(
    key=st.sampled_from(["role", "team-key", "retention", "hook", "playbooks", "plain", "limits.a.b.c"]), value=values
)
def test_no_value_breaks_a_check(key: str, value: object) -> None:
    found = check(key, value)
    assert found.complaint == "" or found.value == ""


@given(text=st.text(alphabet=st.sampled_from("abelmrs.-=[]{}\"'#\\\n\t 10,_:é\x1b"), max_size=60))
def test_no_text_breaks_the_reading_of_toml(text: str) -> None:
    table, complaint, line = parse(text)
    assert complaint or isinstance(table, dict)
    assert 0 <= line <= text.count("\n") + 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    data=st.binary(max_size=80),
    lines=st.lists(
        st.sampled_from(
            [
                b"role='a'",
                b"plain=true",
                b"limits.a.b.restore=1",
                b"lock=['role']",
                b"hook=['x']",
                b"[limits]",
                b"a.restore=1",
                b"x={",
            ]
        ),
        max_size=4,
    ),
)
def test_no_bytes_of_any_file_break_a_start(files: Files, data: bytes, lines: list[bytes]) -> None:
    for file in (files.system, files.user, files.project):
        file.write_bytes(b"\n".join(lines) + b"\n" + data)
    found = files.read()
    assert all(p.isprintable() for p in found.problems)
    assert set(found.origins) >= {"role", "team-key", "retention", "hook", "playbooks", "plain"}


def test_reading_changes_no_file(files: Files) -> None:
    files.write(system="plain = true", user='role = "a"', project="plain = false")
    before = {f: (f.read_bytes(), stat.S_IMODE(f.stat().st_mode)) for f in files.top.rglob("*.toml")}
    files.read()
    assert before == {f: (f.read_bytes(), stat.S_IMODE(f.stat().st_mode)) for f in files.top.rglob("*.toml")}
    assert sorted(f.name for f in files.top.rglob("*") if f.is_file()) == [
        "calmdesk.toml",
        "config.toml",
        "config.toml",
    ]
