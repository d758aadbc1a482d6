"""The machine and the rights: where an action leads, who may run it, what is offered."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from helpdesk.errors import NotPossible
from helpdesk.workflows import machine
from helpdesk.workflows.load import load_file, load_text
from helpdesk.workflows.machine import Arrival
from helpdesk.workflows.moves import moves, sources
from helpdesk.workflows.rules import Rules
from helpdesk.workflows.schema import Desk, Workflow

HERE = Path(__file__).parent
SMALL = (HERE / "small.yaml").read_text()


@dataclass
class Subject:
    state: str = "new"


@pytest.fixture
def workflow() -> Workflow:
    desk = load_text(SMALL).desk
    assert desk is not None
    return desk.workflows["help"]


@pytest.fixture
def repair() -> Desk:
    desk = load_file(HERE / "example.yaml", allow_later=True).desk
    assert desk is not None
    return desk


def test_the_first_branch_that_holds_is_taken(workflow: Workflow) -> None:
    assert machine.fire(workflow, Subject(), "quote", {"fields": {"price": Decimal(2000)}}) == Arrival("done", True)
    assert machine.fire(workflow, Subject(), "quote", {"fields": {"price": Decimal(20)}}) == Arrival("waiting", True)
    assert machine.fire(workflow, Subject(), "quote", {"fields": {}}) == Arrival("waiting", True)


def test_an_explicit_target_arrives_anew_even_where_the_ticket_is(workflow: Workflow) -> None:
    assert machine.fire(workflow, Subject("new"), "write", {}) == Arrival("new", True)


def test_no_target_and_same_stay(workflow: Workflow) -> None:
    assert machine.fire(workflow, Subject("new"), "take", {}) == Arrival("new", False)
    desk = load_text(SMALL.replace("{to: waiting}]", "{to: same}]")).desk
    assert desk is not None
    assert machine.fire(desk.workflows["help"], Subject("new"), "quote", {"fields": {}}) == Arrival("new", False)


def test_no_branch_that_holds_stays() -> None:
    desk = load_text(SMALL.replace(", {to: waiting}]", "]")).desk
    assert desk is not None
    assert machine.fire(desk.workflows["help"], Subject("new"), "quote", {"fields": {}}) == Arrival("new", False)


@pytest.mark.parametrize("action", ["again", "quote", "nothing", "__class__", "trigger", "to_done", "may_close"])
def test_an_action_the_state_does_not_know_is_refused_and_changes_nothing(workflow: Workflow, action: str) -> None:
    """Attacks 59 and 88: also when nothing before the machine had asked."""
    ticket = Subject("waiting")
    with pytest.raises(NotPossible, match="Waiting"):
        machine.fire(workflow, ticket, action, {})
    assert ticket.state == "waiting"


def test_a_state_that_vanished_is_refused(workflow: Workflow) -> None:
    with pytest.raises(NotPossible):
        machine.fire(workflow, Subject("gone"), "close", {})


def test_every_pair_of_state_and_action_does_what_the_arrows_say(repair: Desk) -> None:
    """Attack 59, for the whole of a large workflow."""
    workflow = repair.workflows["repair"]
    known = sources(workflow)
    for state in workflow.states:
        for action in workflow.actions:
            ticket = Subject(state)
            if state in known[action]:
                machine.fire(workflow, ticket, action, {})
            else:
                with pytest.raises(NotPossible):
                    machine.fire(workflow, ticket, action, {})
                assert ticket.state == state


def test_many_threads_share_one_machine(workflow: Workflow) -> None:
    wrong: list[Arrival] = []

    def run() -> None:
        for _ in range(200):
            arrival = machine.fire(workflow, Subject("new"), "close", {})
            if arrival != Arrival("done", True):
                wrong.append(arrival)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_arrows_name_what_sets_them_off(workflow: Workflow) -> None:
    found = {(move.source, move.action, move.to, move.cause) for move in moves(workflow)}
    assert ("new", "quote", "done", "person") in found
    assert ("done", "again", "new", "person") in found
    assert ("done", "take", "done", "person") not in found


def test_a_role_counts_as_what_it_includes_and_a_group_brings_its_roles(repair: Desk) -> None:
    rules = Rules(repair)
    assert rules.standing(["manager"], []).roles == {"manager", "agent"}
    assert rules.standing([], ["workshop"]).roles == {"engineer"}
    assert rules.standing(["gone"], ["gone"]).names == frozenset()


def test_the_accountant_sees_only_what_waits_for_payment_and_takes_the_money(repair: Desk) -> None:
    """W37: the worked example."""
    rules = Rules(repair)
    kadri = rules.standing(["accountant"], [])
    ann = rules.standing(["agent"], ["front"])
    assert rules.visible_states(kadri) == {("repair", "awaiting_payment")}
    assert rules.allows(kadri, "repair", "receive_payment")
    assert not rules.allows(ann, "repair", "receive_payment")
    assert not rules.sees(ann, "repair", "awaiting_payment")
    assert not rules.allows(kadri, "repair", "finish")


def test_nobody_may_run_an_automatic_action(repair: Desk) -> None:
    rules = Rules(repair)
    everybody = rules.standing(list(repair.roles), list(repair.groups))
    assert not rules.allows(everybody, "repair", "ask_payment", is_assignee=True)


def test_buttons_stand_in_the_order_of_the_file_and_always_is_not_for_final_states(repair: Desk) -> None:
    rules = Rules(repair)
    assert rules.offered("repair", "new") == (
        "reply", "forward", "quote", "comment", "close", "spam", "take", "set_fields",
    )  # fmt: skip
    assert rules.offered("repair", "done") == ("reopen",)
    assert rules.offered("repair", "gone") == ()


def test_rights_that_belong_to_no_state_come_with_included_roles(repair: Desk) -> None:
    rules = Rules(repair)
    assert rules.may(rules.standing(["manager"], []), "create")
    assert rules.may(rules.standing(["manager"], []), "bulk")
    assert not rules.may(rules.standing(["accountant"], []), "create")
