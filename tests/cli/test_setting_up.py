"""`helpdesk init`, `migrate`, `doctor`: the real program on a machine where nothing is yet."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Helpdesk, Said

WORDS = "four words in a row"


def status(said: Said, name: str) -> list[str]:
    return [check["status"] for check in said.json["checks"] if check["name"] == name]


def test_init_makes_a_desk_and_can_be_run_again(program: Helpdesk, tmp_path: Path) -> None:
    made = program("init", "--email", "boris@acme.example", "--name", "Boris", "--password", "-", stdin=WORDS)
    assert made.code == 0, made.err
    assert program("init").out == "The desk is ready; Boris is an administrator.\n"
    (boris,) = program("user", "list", "--json").json
    assert (boris["email"], boris["admin"]) == ("boris@acme.example", True)
    assert (tmp_path / "var").stat().st_mode & 0o077 == 0, "what people wrote is for nobody else on the machine"


def test_before_init_every_command_says_what_to_do(program: Helpdesk) -> None:
    for words in (["ticket", "list", "--as", "ann@acme.example"], ["user", "list"], ["workflow", "history"]):
        said = program(*words)
        assert (said.code, said.err) == (1, "The database has no tables yet. Run `helpdesk init`.\n")


def test_a_typo_in_the_workflow_is_told_with_its_line_and_the_last_good_one_stays(
    program: Helpdesk, tmp_path: Path
) -> None:
    flow = tmp_path / "flow.yaml"
    flow.write_text((Path(__file__).parents[1] / "desk.yaml").read_text())
    assert program("init", HELPDESK_WORKFLOWS=str(flow)).code == 0
    flow.write_text(flow.read_text().replace("visible_to: [agent]", "visible_to: [agnet]", 1))
    said = program("migrate", HELPDESK_WORKFLOWS=str(flow))
    assert said.code == 0
    assert "flow.yaml:44:22: error unknown_role_or_group" in said.out
    assert "The desk goes on with revision 1." in said.out
    assert program("ticket", "new", "--as", "olga@example.org", "--subject", "Printer").code == 0


def test_doctor_is_content_with_a_new_desk_and_shows_no_secret(program: Helpdesk) -> None:
    program("init")
    said = program("doctor", "--json", HELPDESK_SECRET_KEY="CANARY-KEY", HELPDESK_METRICS_TOKEN="CANARY-TOKEN")
    assert said.code == 0, said.out
    assert "CANARY" not in said.out + said.err
    assert status(said, "database") == status(said, "workflow") == status(said, "rights") == ["ok"]
    shown = program("doctor", HELPDESK_SECRET_KEY="CANARY-KEY")
    assert "HELPDESK_SECRET_KEY          (set, not shown)" in shown.out


def test_doctor_fails_when_others_may_write_or_read_the_key(program: Helpdesk, tmp_path: Path) -> None:
    """Attack 89."""
    program("init")
    database, key = tmp_path / "var" / "helpdesk.sqlite3", tmp_path / "var" / "secret_key"
    database.chmod(0o777)
    said = program("doctor", "--json")
    assert (said.code, status(said, "rights")) == (1, ["failed"])
    database.chmod(0o600)
    assert program("doctor", "--json").code == 0
    key.chmod(0o644)
    said = program("doctor", "--json")
    assert (said.code, status(said, "secrets")) == (1, ["failed"])


def test_doctor_says_what_is_wrong_and_makes_nothing(program: Helpdesk, tmp_path: Path) -> None:
    said = program(
        "doctor", "--json", HELPDESK_SMTP_URL="smtp://127.0.0.1:1", HELPDESK_WORKFLOWS=str(tmp_path / "none.yaml")
    )
    assert said.code == 1
    assert status(said, "database") == status(said, "mail") == status(said, "workflow") == ["failed"]
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("version", ["0003", "9999"])
def test_no_process_works_on_tables_of_another_version(program: Helpdesk, tmp_path: Path, version: str) -> None:
    """Fault 30."""
    program("init")
    with sqlite3.connect(tmp_path / "var" / "helpdesk.sqlite3") as database:
        database.execute("update alembic_version set version_num = ?", (version,))
    database.close()
    said = program("serve", "--port", "0")
    assert said.code == 1
    assert said.err.startswith(f"The database is at {version}, this program needs ")
    assert status(program("doctor", "--json"), "database") == ["failed"]
    if version == "9999":
        assert program("migrate").err == "The database is newer than this program: it is at 9999.\n"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("HELPDESK_ENV", "live"), ("HELPDESK_BASE_URL", "desk.example"), ("HELPDESK_UPLOAD_LIMIT", "much")],
)
def test_a_setting_that_cannot_be_used_is_named(program: Helpdesk, variable: str, value: str) -> None:
    said = program("doctor", **{variable: value})
    assert said.code == 2
    assert said.err.startswith(variable)
