"""The workflows to start from (N18): each is a whole desk that is sound, passes its own tests and can be put down."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from helpdesk.cli import root
from helpdesk.rollout import testing
from helpdesk.workflows import check, library
from helpdesk.workflows.load import load_text

NAMES = list(library.all_of_them())


@pytest.mark.parametrize("name", NAMES)
def test_a_template_checks_clean(name: str) -> None:
    assert [str(finding) for finding in check.run_text(library.text(name), name).findings] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_template_passes_its_own_tests_and_they_go_every_way(name: str) -> None:
    report = testing.run(library.text(name))
    workflows = load_text(library.text(name)).desk.workflows  # type: ignore[union-attr]
    assert [str(failure) for result in report.results for failure in result.failures] == []
    assert len(report.results) >= 3
    offered_everywhere = {name for each in workflows.values() for name in each.always}
    assert [str(each) for each in report.untested if each.action not in offered_everywhere] == []


def test_the_usual_kinds_of_work_are_there() -> None:
    assert {"support", "repair", "recruitment", "contest", "tender", "complaints", "access", "event"} <= set(NAMES)


def test_a_template_is_put_down_once_and_never_over_a_file_by_accident(tmp_path: Path) -> None:
    there = tmp_path / "workflows.yaml"
    command = ["workflow", "init", "--template", "event", str(there)]
    assert CliRunner().invoke(root, command).exit_code == 0
    assert there.read_text() == library.text("event")
    there.write_text("mine")
    refused = CliRunner().invoke(root, command)
    assert refused.exit_code == 1
    assert there.read_text() == "mine"
    assert CliRunner().invoke(root, [*command, "--force"]).exit_code == 0
    assert there.read_text() == library.text("event")


def test_a_wrong_name_is_answered_with_the_nearest() -> None:
    said = CliRunner().invoke(root, ["workflow", "init", "--template", "evnt"])
    assert said.exit_code != 0
    assert "Did you mean “event”?" in str(said.exception) + said.output
