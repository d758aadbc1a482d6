"""What is made of the language: the JSON Schema, the diagrams, the registries; and that a check stays light."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from helpdesk.errors import NotPossible
from helpdesk.workflows import check, diagram, kinds
from helpdesk.workflows.json_schema import json_schema
from helpdesk.workflows.kinds import Registry, UnknownKindError
from helpdesk.workflows.load import load_text
from helpdesk.workflows.schema import Workflow
from helpdesk.workflows.secrets import reveal

HERE = Path(__file__).parent
SMALL = (HERE / "small.yaml").read_text()
ROOT = HERE.parents[1]


@pytest.fixture
def workflow() -> Workflow:
    desk = load_text(SMALL).desk
    assert desk is not None
    return desk.workflows["help"]


def test_a_check_loads_neither_the_web_nor_the_database() -> None:
    """`helpdesk workflow check` answers at once and needs no setting."""
    program = (
        "import sys; from helpdesk.workflows import check; loaded = check.run_file(sys.argv[1]); "
        "heavy = {'flask', 'sqlalchemy', 'pydantic', 'transitions', 'wtforms', 'babel'} & set(sys.modules); "
        "print(len(loaded.findings), sorted(heavy))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(ROOT / "workflows.yaml")],
        capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT)}, timeout=60,
    )  # fmt: skip
    assert said.stdout.strip() == "0 []"


def test_the_schema_describes_every_part(workflow: Workflow) -> None:
    schema = json_schema()
    state = schema["$defs"]["State"]
    assert state["additionalProperties"] is False
    assert set(state["required"]) == {"label"}
    assert "from" in schema["$defs"]["Email"]["properties"]
    types = schema["$defs"]["Action"]["properties"]["type"]["enum"]
    assert {"reply", "receive_payment", "merge"} <= set(types)
    paid = next(
        one
        for one in schema["$defs"]["Action"]["allOf"]
        if one["if"]["properties"]["type"]["const"] == "receive_payment"
    )
    assert "methods" in paid["then"]["properties"]
    sources = {one["if"]["properties"]["type"]["const"] for one in schema["$defs"]["Source"]["allOf"]}
    assert {"email", "form", "chat"} <= sources


def test_mermaid_draws_states_arrows_timers_and_ends(workflow: Workflow) -> None:
    """WS20, N8."""
    drawn = diagram.mermaid(workflow)
    assert drawn.startswith("stateDiagram-v2\n")
    assert "[*] --> s0" in drawn
    assert "s2 --> [*]" in drawn
    assert "s0 --> s2: Quote (if), Close" in drawn


def test_the_place_where_tickets_come_in_is_no_state(workflow: Workflow) -> None:
    """Also where a state is called `begin`, as the place once was."""
    drawn = diagram.dot(workflow)
    assert f'"[*]" -> "{workflow.initial}";' in drawn
    assert not re.search(r"^ *begin\b", drawn, re.MULTILINE)


def test_words_of_people_cannot_break_a_diagram() -> None:
    """Attack 1: labels are data in Mermaid, in DOT and in SVG."""
    evil = '"]; system("id") <script>alert(1)</script> \\\\'
    desk = load_text(SMALL.replace("label: Waiting", f"label: '{evil}'")).desk
    assert desk is not None
    assert "<script>" not in diagram.mermaid(desk.workflows["help"])
    assert '\\"]; system(\\"id\\") <script>' in diagram.dot(desk.workflows["help"])


def test_every_colour_of_the_language_can_be_drawn() -> None:
    from helpdesk.workflows.texts import COLORS

    assert set(diagram.PAPER) == set(COLORS)


def test_another_package_brings_an_action_by_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever adds a kind never edits a list in another room."""
    entry = EntryPoint(name="ring_bell", value="bells:Ring", group="helpdesk.actions")

    @dataclass(frozen=True, kw_only=True)
    class Ring:
        times: int
        needs_message = False

        def __post_init__(self) -> None:
            if self.times > 3:
                raise ValueError("Nobody wants to hear it more than three times.")

    monkeypatch.setattr(kinds.actions, "_foreign", lambda: [entry])
    monkeypatch.setattr(EntryPoint, "load", lambda self: Ring)
    monkeypatch.setattr(kinds.actions, "_kinds", dict(kinds.actions._kinds))
    text = SMALL.replace("close: {type: close,", "close: {type: ring_bell, times: 2,")
    loaded = check.run_text(text)
    assert loaded.findings == []
    assert loaded.desk is not None
    assert loaded.desk.workflows["help"].actions["close"].options.times == 2
    (finding,) = check.run_text(text.replace("times: 2", "times: 9")).findings
    assert (finding.code, finding.message) == ("bad_option", "Nobody wants to hear it more than three times.")
    assert check.run_text(text.replace("times: 2", "tmes: 2")).findings[0].code == "unknown_key"


def test_a_name_belongs_to_one_class() -> None:
    registry = Registry("thing")
    registry.register("one")(int)
    registry.register("one")(int)
    with pytest.raises(ValueError, match="Two classes"):
        registry.register("one")(str)
    with pytest.raises(UnknownKindError, match="There is no thing “two”"):
        registry.get("two")


def test_secrets_are_looked_up_when_they_are_used() -> None:
    assert reveal("imaps://${env:WHO}@mail", {"WHO": "desk"}) == "imaps://desk@mail"
    with pytest.raises(NotPossible, match="WHO is not set"):
        reveal("imaps://${env:WHO}@mail", {})
