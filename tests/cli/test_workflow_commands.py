"""`helpdesk workflow …`"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from config import shipped
from tests.cast import Character
from tests.cli.conftest import ROOT, Helpdesk
from tests.rollout.changes import RENAMED, WITHOUT_WAITING

DESK = Path(__file__).parents[1] / "desk.yaml"


def changed(tmp_path: Path, before: str, after: str) -> str:
    text = DESK.read_text()
    assert before in text
    path = tmp_path / "changed.yaml"
    path.write_text(text.replace(before, after, 1))
    return str(path)


def test_check_says_clean_errors_or_unreadable_by_its_exit_code(program: Helpdesk, tmp_path: Path) -> None:
    assert program("workflow", "check", str(DESK)).code == 0
    typo = program("workflow", "check", "--json", changed(tmp_path, "visible_to: [agent]", "visible_to: [agnet]"))
    assert typo.code == 1
    finding = typo.json[0]
    assert finding.keys() == {"severity", "code", "file", "line", "column", "path", "message", "hint"}
    assert (finding["line"], finding["column"], finding["path"]) == (44, 22, "workflows.repair.states.new.visible_to.0")
    assert program("workflow", "check", str(tmp_path / "none.yaml")).code == 2


def test_strict_makes_warnings_errors(program: Helpdesk, tmp_path: Path) -> None:
    path = changed(tmp_path, "visible_to: [agent]\n        actions: [reply, forward", "actions: [reply, forward")
    assert program("workflow", "check", path).code == 0
    assert program("workflow", "check", "--strict", path).code == 1


def test_check_opens_no_database_and_loads_no_web() -> None:
    """So that it takes a fraction of a second, in an editor and in a commit hook."""
    script = (
        "import sys; from helpdesk.cli import root\n"
        f"root(['workflow', 'check', {str(DESK)!r}], standalone_mode=False)\n"
        "heavy = {'sqlalchemy', 'flask', 'werkzeug', 'alembic', 'asyncio', 'sqlite3'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True)


def test_the_shipped_workflow_is_clean_and_passes_its_own_tests(program: Helpdesk, tmp_path: Path) -> None:
    assert program("workflow", "check", "--strict").code == 0
    said = program("workflow", "test", "--json")
    assert said.code == 0, said.out
    assert said.json["tests"]
    assert {test["file"] for test in said.json["tests"]} == {str(shipped("workflows.yaml"))}
    assert not (tmp_path / "var").exists(), "tests touch nothing of the desk"


def test_test_tells_failures_by_line_and_exit_code(program: Helpdesk, tmp_path: Path) -> None:
    journeys = (Path(__file__).parents[1] / "rollout" / "journeys.yaml").read_text()
    path = tmp_path / "desk.yaml"
    path.write_text(DESK.read_text() + journeys.replace("state: in_repair, emails: [customer]", "state: done"))
    said = program("workflow", "test", str(path))
    assert said.code == 1
    assert "✗ A repair is paid before work begins" in said.out
    assert "step 9: expected the state “done”; it is “in_repair”." in said.out
    assert "repair: trash → new by reopen" in said.out, "transitions that no test covers are named"


@pytest.mark.parametrize("command", [["check"], ["plan"], ["apply"], ["replay"], ["test"], ["graph"]])
def test_a_file_with_errors_ends_every_command_with_1_and_one_that_cannot_be_read_with_2(
    helpdesk: Helpdesk, tmp_path: Path, command: list[str]
) -> None:
    assert helpdesk("workflow", *command, changed(tmp_path, "initial: new", "initial: nwe")).code == 1
    assert helpdesk("workflow", *command, str(tmp_path / "none.yaml")).code == 2


def test_what_is_in_force_already_makes_no_revision(helpdesk: Helpdesk, tmp_path: Path) -> None:
    """Under whatever name it is handed over, and by a step back."""
    path, copy = changed(tmp_path, "label: Quote a price", "label: Name a price"), tmp_path / "copy.yaml"
    copy.write_text(Path(path).read_text())
    assert helpdesk("workflow", "apply", path).code == 0
    for again in (path, str(copy)):
        said = helpdesk("workflow", "apply", again, "--note", "Once more")
        assert (said.code, said.out) == (0, "Nothing changes: revision 2 is in force.\n")
    told = helpdesk("workflow", "apply", str(copy), "--json").json
    assert (told["revision"], told["changed"]) == (2, False)
    assert helpdesk("workflow", "rollback", "1").code == 0
    assert helpdesk("workflow", "rollback", "1").out.startswith("Nothing changes: revision 3 is in force.")
    assert [row["id"] for row in helpdesk("workflow", "history", "--json").json] == [3, 2, 1]


def test_schema_and_graph_are_printed(program: Helpdesk, tmp_path: Path) -> None:
    assert "$defs" in program("workflow", "schema").json
    assert program("workflow", "graph", str(DESK)).out.startswith("stateDiagram-v2")
    drawn = tmp_path / "repair.dot"
    assert program("workflow", "graph", str(DESK), "--format", "dot", "--output", str(drawn)).code == 0
    assert drawn.read_text().startswith('digraph "repair"')
    assert program("workflow", "graph", str(DESK), "--workflow", "sales").code == 4


def test_a_change_is_applied_shown_compared_and_rolled_back(helpdesk: Helpdesk, tmp_path: Path) -> None:
    path = changed(tmp_path, "label: Quote a price", "label: Name a price")
    assert helpdesk("workflow", "apply", path, "--note", "Clearer").code == 0
    history = helpdesk("workflow", "history", "--json").json
    assert [(row["id"], row["status"], row["note"]) for row in history] == [
        (2, "active", "Clearer"),
        (1, "was active", ""),
    ]
    assert "label: Name a price" in helpdesk("workflow", "show", "2").out
    compared = helpdesk("workflow", "diff", "1", "2").out.splitlines()
    assert compared[0] == "~ The action “quote” of “repair” changed. `label`: “Quote a price” → “Name a price”."
    assert [line.strip() for line in compared if line.startswith(("+ ", "- "))] == [
        "-        label: Quote a price",
        "+        label: Name a price",
    ]
    assert helpdesk("workflow", "rollback", "1").code == 0
    assert "label: Quote a price" in helpdesk("workflow", "show", "3").out
    assert helpdesk("workflow", "show", "99").code == 4


def test_a_number_that_no_row_can_have_is_a_sentence(helpdesk: Helpdesk) -> None:
    huge = "99999999999999999999"
    for words in (("show", huge), ("diff", huge, "1"), ("diff", "1", huge), ("rollback", huge)):
        said = helpdesk("workflow", *words)
        assert (said.code, said.err.strip()) == (4, f"There is no revision {huge}.")
    said = helpdesk("mail", "replay", huge)
    assert (said.code, said.err.strip()) == (4, "There is no such mail.")


def test_nothing_is_applied_that_strands_a_ticket(
    app: Flask, helpdesk: Helpdesk, olga: Character, tmp_path: Path
) -> None:
    case = olga.writes("Printer")
    text = DESK.read_text().replace("initial: new", "initial: fresh").replace("\n      new:\n", "\n      fresh:\n")
    path = tmp_path / "renamed.yaml"
    path.write_text(text.replace("to: new", "to: fresh"))
    assert helpdesk("workflow", "check", str(path)).code == 0
    refused = helpdesk("workflow", "apply", str(path))
    assert refused.code == 3
    assert refused.err == "1 ticket is in the removed state “new” of “repair”.\n"
    assert case.state == "new"
    assert json.loads(helpdesk("workflow", "history", "--json").out)[0]["id"] == 1


@pytest.mark.parametrize("command", ["check", "test", "graph"])
def test_hostile_files_are_a_sentence(program: Helpdesk, tmp_path: Path, command: str) -> None:
    for number, text in enumerate((b"\xff\xfe\x00", b"a: &a [*a]", b"!!python/object:os.system x", b"", b"[" * 5000)):
        path = tmp_path / f"{number}.yaml"
        path.write_bytes(text)
        said = program("workflow", command, str(path))
        assert said.code in (1, 2)
        assert said.out + said.err


def test_plan_says_what_would_happen_by_sentences_and_exit_code(
    app: Flask, helpdesk: Helpdesk, olga: Character, ann: Character, tmp_path: Path
) -> None:
    ann.performs("reply", olga.writes("Printer"), text="Which floor?")
    going, renamed, broken = tmp_path / "going.yaml", tmp_path / "renamed.yaml", tmp_path / "broken.yaml"
    going.write_text(WITHOUT_WAITING["workflows.yaml"])
    renamed.write_text(RENAMED["workflows.yaml"])
    broken.write_text(DESK.read_text().replace("initial: new", "initial: nwe"))
    refused = helpdesk("workflow", "plan", str(going))
    assert refused.code == 1
    assert "1 ticket is in the removed state “waiting” of “repair”." in refused.out
    assert refused.out.endswith("This cannot be applied.\n")
    assert helpdesk("workflow", "plan", str(going), "--move", "repair.waiting=new").code == 0
    assert helpdesk("workflow", "plan", str(going), "--move", "waiting=new").code == 2
    said = helpdesk("workflow", "plan", str(renamed), "--json", "--test")
    assert (said.code, said.json["ready"], said.json["moves"][0]["to"]) == (0, True, "on_hold")
    assert said.json["tests"]["passed"]
    assert helpdesk("workflow", "plan", str(broken)).code == 1
    assert helpdesk("workflow", "plan", str(tmp_path / "none.yaml")).code == 2


def test_apply_moves_tickets_and_says_so(
    app: Flask, helpdesk: Helpdesk, olga: Character, ann: Character, tmp_path: Path
) -> None:
    case = olga.writes("Printer")
    ann.performs("reply", case, text="Which floor?")
    path = tmp_path / "going.yaml"
    path.write_text(WITHOUT_WAITING["workflows.yaml"])
    done = helpdesk("workflow", "apply", str(path), "--move", "repair.waiting=new")
    assert (done.code, case.state) == (0, "new")
    assert done.out.splitlines()[:2] == ["Revision 2 is the active desk now.", "1 ticket moved."]
    assert "file and desk differ now" in done.out
    broken = tmp_path / "broken.yaml"
    broken.write_text(DESK.read_text().replace("initial: new", "initial: nwe"))
    assert helpdesk("workflow", "apply", str(broken)).code == 1


def test_the_past_is_played_through_a_file(
    app: Flask, helpdesk: Helpdesk, olga: Character, ann: Character, tmp_path: Path
) -> None:
    """N6."""
    ann.performs("quote", olga.writes("Printer"), price="1500")
    path = changed(tmp_path, "fields.price > 1000", "fields.price > 2000")
    said = helpdesk("workflow", "replay", path, "--days", "3")
    assert said.code == 0
    assert "the ticket came to “workshop” and would have come to “awaiting_payment”." in said.out
    assert helpdesk("workflow", "replay", path, "--json", "--limit", "1").json["events"] == 1


def test_a_diagram_shows_live_tickets_and_differences(
    app: Flask, helpdesk: Helpdesk, olga: Character, tmp_path: Path
) -> None:
    """N8."""
    olga.writes("Printer")
    assert "New (1 ticket" in helpdesk("workflow", "graph", str(DESK), "--live", "--format", "dot").out
    renamed = changed(tmp_path, "label: Quote a price", "label: Name a price")
    for earlier in ("1", str(DESK)):
        picture = helpdesk("workflow", "graph", renamed, "--diff", earlier, "--format", "svg").out
        assert 'data-change="added"' in picture
    assert helpdesk("workflow", "graph", renamed, "--diff", "77").code == 4
