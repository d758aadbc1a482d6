"""Approvals in the tests of a workflow file: `approve: accept|reject`, with the clock of the test (WORKFLOW.md, "In
tests").
"""

from __future__ import annotations

from pathlib import Path

import pytest

from helpdesk.rollout import testing

DESK = (Path(__file__).parent / "desk.yaml").read_text()
GIVEN = "given: {source: support_mail, from: olga@example.org, with: {subject: Printer, message: Please.}}"


def played(*steps: str) -> list[str]:
    """The failures of a test with these steps."""
    lines = "".join(f"      - {step}\n" for step in steps)
    text = f"{DESK}\ntests:\n  - name: Consent\n    {GIVEN}\n    steps:\n{lines}"
    report = testing.run(text)
    assert not report.findings, [str(finding) for finding in report.findings]
    return [failure.message for failure in report.failures]


ASK = "{as: agent, do: ask, with: {price: '2500'}, expect: {state: approval, ran: [ask], emails: [approvers]}}"


def test_consent_and_what_follows_from_it() -> None:
    assert not played(
        ASK,
        "{as: agent, approve: accept, refused: not_found}",
        "{as: customer, approve: accept, refused: not_found}",
        "{as: manager, approve: accept, expect: {state: bought, ran: [buy], emails: [customer, approvers]}}",
        "{as: manager, approve: accept, refused: not_now}",
    )


def test_a_rejection() -> None:
    assert not played(ASK, "{as: manager, approve: reject, expect: {state: dropped, ran: [drop], emails: [customer]}}")


def test_whoever_brought_it_there() -> None:
    assert not played(
        "{as: manager, do: ask, expect: {state: approval, ran: [ask], emails: []}}",
        "{as: manager, approve: accept, refused: not_now}",
        "{as: manager, approve: reject, refused: not_now}",
    )


def test_the_time_that_passes() -> None:
    assert not played(
        ASK,
        "{after: 2d, expect: {state: new, ran: [late], emails: []}}",
        "{as: agent, do: ask_board, expect: {state: board_approval, emails: [approvers]}}",
        "{as: board, approve: accept, expect: {state: board_approval, ran: [], emails: []}}",
        "{as: board, approve: accept, refused: voted}",
        "{after: 1d, expect: {state: board_approval, ran: [], emails: [approvers]}}",
        "{as: board, approve: accept, expect: {state: board_approval}}",
        "{as: board, do: refuse, with: {reason: No}, refused: voted}",
    )


def test_votes_of_the_file_run_by_their_names() -> None:
    assert not played(
        "{as: agent, do: ask_board, expect: {state: board_approval}}",
        "{as: board, do: refuse, with: {reason: Too dear}, expect: {state: dropped, ran: [refuse, drop]}}",
    )


@pytest.mark.parametrize("name", ["approve:accept", "_accept"])
def test_the_desks_own_votes_are_no_names_for_do(name: str) -> None:
    text = f"{DESK}\ntests:\n  - name: Consent\n    {GIVEN}\n    steps: [{{as: agent, do: '{name}'}}]\n"
    assert "unknown_action" in {finding.code for finding in testing.run(text).findings}
