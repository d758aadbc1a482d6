"""The desk that ships: it checks clean, uses only what works, and gives each of the cast what is theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpdesk.text.templates import render
from helpdesk.workflows import check
from helpdesk.workflows.rules import Rules
from helpdesk.workflows.schema import Desk

SHIPPED = Path(__file__).parents[2] / "workflows.yaml"


@pytest.fixture(scope="module")
def desk() -> Desk:
    loaded = check.run_file(SHIPPED)
    assert [str(finding) for finding in loaded.findings] == []
    assert loaded.desk is not None
    return loaded.desk


def test_ann_cannot_take_money_and_kadri_sees_only_what_waits_for_it(desk: Desk) -> None:
    """W35, W36, W37."""
    rules = Rules(desk)
    ann, kadri, boris = (rules.standing([role], []) for role in ("agent", "accountant", "manager"))
    assert rules.visible_states(kadri) == {("support", "awaiting_payment"), ("repair", "awaiting_payment")}
    assert rules.allows(kadri, "repair", "receive_payment")
    assert not rules.allows(ann, "repair", "receive_payment")
    assert not rules.allows(boris, "repair", "receive_payment"), (
        "the head sees it and leaves the money to the accountant"
    )
    assert rules.sees(boris, "repair", "awaiting_payment")


def test_every_state_customers_see_has_their_own_word(desk: Desk) -> None:
    """W4."""
    for workflow in desk.workflows.values():
        for state in workflow.states.values():
            assert state.hidden_from_customer or state.customer_label


def test_every_email_can_be_written_in_every_language(desk: Desk) -> None:
    names = {
        "ticket": {"ref": "S-1", "subject": "Lamp", "state_label": "New"},
        "customer": {"name": "Olga"},
        "actor": {"name": "Ann"},
        "action": {"message": {"text": "Hello", "html": ""}},
        "company": {"name": "Northwind"},
        "links": {"cabinet": "https://desk.example/c", "desk": "https://desk.example/d"},
        "fields": {"price": "120.00 EUR", "amount": "120.00 EUR"},
    }
    for email in desk.emails.values():
        for text in (email, *email.languages.values()):
            assert "{{" not in render(text.subject, names) + render(text.body, names) + render(
                text.body, names, html=True
            )


def test_its_own_tests_cover_every_way_out_of_a_state_that_people_take(desk: Desk) -> None:
    steps = [step for test in desk.tests for step in test.steps]
    done = {step.do for step in steps} | {name for step in steps if step.expect for name in step.expect.ran or ()}
    moving = {name for w in desk.workflows.values() for name, action in w.actions.items() if action.to}
    assert moving - done <= {"customer_writes"} | done
