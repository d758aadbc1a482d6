"""The tests of a workflow file play side conversations: who is asked, what they answer, and what that sets off."""

from __future__ import annotations

import pytest

from helpdesk.rollout import testing
from helpdesk.workflows import check
from tests import side_desk

STEPS = """
tests:
  - name: A vendor is asked, answers, and the answer is published
    given: {source: support_mail, with: {subject: Screen, message: Broken}, expect: {emails: [customer]}}
    steps:
      - {as: agent, do: reply, with: {message: We ask}, expect: {state: waiting, emails: [customer]}}
      - as: agent
        do: ask_outside
        with: {message: "How much?", recipients: kai@parts.example}
        expect: {state: waiting, emails: []}
      - {as: kai@parts.example, writes: 40 euro, expect: {state: new, ran: [came], emails: []}}
      - {as: agent, do: publish, with: {message: 40 euro, published: "1"}, refused: invalid}
      - {as: agent, do: publish, with: {message: 40 euro}, expect: {ran: [publish], emails: [customer]}}
      - {as: agent, do: ask_outside, with: {message: Hello, recipients: olga@example.org}, refused: invalid}
      - {as: agent, do: ask_outside, with: {message: Hello, recipients: SUPPORT@acme.example}, refused: invalid}
      - {as: agent, do: ask_outside, with: {message: Hello}, refused: required}
      - {as: agent, do: ask_outside, with: {recipients: kai@parts.example}, refused: required}
"""


def test_a_vendor_answers_in_a_test_of_the_file() -> None:
    report = testing.run(side_desk.text() + STEPS)
    assert [str(each) for each in report.failures] == []


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("{as: kai@parts.example, do: take}", "unknown_role"),
        ("{as: agent, do: ask_outside, with: {whom: kai}}", "unknown_input"),
    ],
)
def test_a_check_finds_what_nobody_outside_can_do(step: str, code: str) -> None:
    text = side_desk.text() + STEPS + f"      - {step}\n"
    assert code in {each.code for each in check.run_texts({"workflows.yaml": text}).findings}


def test_what_an_answer_sets_off_must_be_automatic() -> None:
    text = side_desk.text().replace("answered: came", "answered: take")
    found = {each.code: each for each in check.run_texts({"workflows.yaml": text}).findings}
    assert found["not_automatic"].path.endswith("ask_outside.answered")
