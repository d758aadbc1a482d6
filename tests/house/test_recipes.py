"""docs/recipes.md is followed to the letter: what it tells people to write works."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.delivery.failures import Never
from helpdesk.rollout import testing
from helpdesk.workflows import check, kinds

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/recipes.md").read_text()
OUTSIDE = (ROOT / "tests/outside.yaml").read_text()
DESK = (ROOT / "tests/desk.yaml").read_text()


def snippet(heading: str, language: str) -> str:
    """The first block of code under a heading."""
    under = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.search(rf"```{language}\n(.*?)```", under, re.DOTALL)
    assert found, heading
    return found[1]


@pytest.fixture
def log_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The recipe's action type, registered by the import of its file."""
    (tmp_path / "recipe_of_log_time.py").write_text(snippet("Adding an action type", "python"))
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("recipe_of_log_time")
    yield "log_time"
    del kinds.actions._kinds["log_time"], sys.modules["recipe_of_log_time"]


def test_the_recipes_action_type_works_by_being_one_file(log_time: str) -> None:
    stanza = f"      timed: {{type: {log_time}, label: Log time, allow: [agent], round_to: 15}}\n"
    desk = DESK.replace("      comment: {type: comment", stanza + "      comment: {type: comment", 1)
    desk = desk.replace("always: [take, details]", "always: [take, details, timed]")
    test = "{name: Timed, given: {source: support_mail}, steps: [%s]}"
    steps = (
        "{as: agent, do: timed, refused: required}",
        "{as: agent, do: timed, with: {minutes: '0'}, refused: invalid}",
        "{as: agent, do: timed, with: {minutes: '20'}, expect: {ran: [timed]}}",
        "{as: engineer, do: timed, with: {minutes: '20'}, refused: not_found}",
    )
    report = testing.run(f"{desk}\ntests:\n  - {test % ', '.join(steps)}\n")
    assert not report.findings, report.findings
    assert report.passed, [str(failure) for failure in report.failures]


def test_the_recipes_strategy_works_by_being_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """C16: any other algorithm is one file."""
    (tmp_path / "recipe_of_warmest.py").write_text(snippet("Adding a strategy", "python"))
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("recipe_of_warmest")
    desk = DESK.replace("by: least_busy", "by: by_warmth") + "\nrouting:\n  by_warmth: {by: warmest}\n"
    step = "{as: agent, do: forward, with: {message: Look}, expect: {emails: [assignee]}}"
    try:
        report = testing.run(f"{desk}tests:\n  - {{name: Warm, given: {{source: support_mail}}, steps: [{step}]}}\n")
    finally:
        del kinds.strategies._kinds["warmest"], sys.modules["recipe_of_warmest"]
    assert not report.findings, report.findings
    assert report.passed, [str(failure) for failure in report.failures]


def test_the_recipes_driver_works_by_being_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "recipe_of_pigeon.py").write_text(snippet("Adding a driver of text messages", "python"))
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("recipe_of_pigeon")
    desk = OUTSIDE.replace("sms: {driver: local}", 'sms: {driver: pigeon, loft: "${env:LOFT}"}')
    try:
        loaded = check.run_text(desk)
        assert loaded.findings == []
        assert loaded.desk is not None
        driver = loaded.desk.services["sms"].options
        assert driver.loft == "${env:LOFT}"
        with pytest.raises(Never):
            driver.send("+37255501000", "x" * 301, id="sms_1")
    finally:
        del kinds.sms_drivers._kinds["pigeon"], sys.modules["recipe_of_pigeon"]


def test_the_recipes_yaml_fits_the_shipped_desk() -> None:
    """Each stanza is put where it says, into the file that ships, which must stay clean."""
    shipped = (ROOT / "workflows.yaml").read_text()
    actions = snippet("Adding an action to the workflow", "yaml").partition("    actions:\n")[2]
    state = snippet("Adding a state", "yaml")
    under = PAGE.partition("## Adding a source")[2].partition("\n## ")[0]
    sources = "".join(re.findall(r"```yaml\n(.*?)```", under, re.DOTALL))
    ways = (
        "      to_supplier: {type: comment, label: Pass on, allow: [agent], to: with_supplier, fields: [message]}\n"
        "      back_from_supplier: {type: comment, label: Back, allow: [agent], to: open, fields: [message]}\n"
        "      remind_us: {type: notify, label: Remind us, automatic: true, emails: "
        '[{to: [assignee], subject: "{{ ticket.ref }}", body: "{{ links.desk }}"}]}\n'
    )
    support, mark, rest = shipped.partition("\n  support:\n")
    rest = rest.replace("    actions:\n", "    actions:\n" + actions + ways, 1)
    rest = rest.replace("    states:\n", "    states:\n" + state, 1)
    rest = re.sub(r"(      open:\n(?:        .*\n)*?        actions: \[)", r"\1call_back, to_supplier, ", rest, count=1)
    rest = rest.replace("\nsources:\n", f"\n{sources}", 1)
    loaded = check.run_text(support + mark + rest)
    assert loaded.findings == []
    assert loaded.desk is not None
    assert {"call_back", "back_from_supplier"} <= loaded.desk.workflows["support"].actions.keys()
    assert {"sales_mail", "returns"} <= loaded.desk.sources.keys()


def test_the_recipe_for_asking_for_consent_passes_its_own_test() -> None:
    under = PAGE.partition("\n## Asking for consent\n")[2].partition("\n## ")[0]
    state, actions, steps = re.findall(r"```yaml\n(.*?)```", under, re.DOTALL)
    email = '  please_approve: {subject: "[{{ ticket.ref }}] Please decide", body: "{{ links.approve }}"}\n'
    desk = DESK.replace("      in_repair:\n", f"{state}      in_repair:\n", 1)
    desk = desk.replace("      take: {type: assign", f"{actions}      take: {{type: assign", 1)
    desk = desk.replace("  paid: {subject", f"{email}  paid: {{subject", 1)
    desk = desk.replace("actions: [reply, forward,", "actions: [reply, ask_consent, forward,", 1)
    given = "{source: support_mail, from: olga@example.org, with: {subject: A, message: B}}"
    test = f"tests:\n  - name: Consent\n    given: {given}\n"
    report = testing.run(f"{desk}\n{test}{steps}")
    assert not report.findings, [str(finding) for finding in report.findings]
    assert not report.failures, [failure.message for failure in report.failures]
