"""What a workflow file's own tests mean (WORKFLOW.md, "In tests"), beyond the journeys."""

from __future__ import annotations

from pathlib import Path

from helpdesk.rollout import testing

DESK = (Path(__file__).parents[1] / "desk.yaml").read_text()


def failures(desk: str, steps: str, *, given: str = "{source: support_mail, with: {message: It burns.}}") -> list[str]:
    """The failures of one test with these steps, as sentences."""
    report = testing.run(f"{desk}\ntests:\n  - {{name: One, given: {given}, steps: [{steps}]}}")
    assert not report.findings, [str(finding) for finding in report.findings]
    return [failure.message for failure in report.failures]


def test_given_expects_what_the_opening_causes() -> None:
    given = "{source: support_mail, with: {message: Hi}, expect: {state: new, ran: [acknowledge], emails: [customer]}}"
    assert failures(DESK, "", given=given) == []
    wrong = given.replace("ran: [acknowledge]", "ran: []")
    assert failures(DESK, "", given=wrong) == [
        "“One”, the beginning: expected nothing to have run; it was acknowledge."
    ]


def test_sets_are_exact_and_count_from_the_step_before_with_or_without_what_it_expected() -> None:
    steps = (
        "{as: agent, do: reply, with: {message: Hi}}",
        "{as: customer, writes: Thanks, expect: {state: new, ran: [customer_reply], emails: []}}",
        "{as: agent, do: finish, refused: true}",
        "{after: 1h, expect: {ran: [], emails: []}}",
    )
    assert failures(DESK, ", ".join(steps)) == []


def test_a_refused_step_may_say_that_nothing_happened() -> None:
    refused = "{as: engineer, do: reply, with: {message: Hi}, refused: true, expect: {state: %s, ran: [], emails: []}}"
    assert failures(DESK, refused % "new") == []
    assert failures(DESK, refused % "waiting") == ["“One”, step 1: expected the state “waiting”; it is “new”."]


def test_a_message_that_is_only_filed_mails_nobody_by_the_files_emails() -> None:
    """The word to its sender is the desk's own: `emails` names what stands in `emails`."""
    desk = DESK.replace(
        "customer_reply: {type: customer_message, label: Answer, customer: run, to: new, fields: [message, files]}",
        "customer_reply: {type: customer_message, label: Answer, customer: run, to: new,"
        " fields: [message, files, {use: serial, required: true}]}",
    )
    assert desk != DESK
    assert failures(desk, "{as: customer, writes: More, expect: {state: new, ran: [], emails: []}}") == []


def test_a_made_up_person_is_in_the_groups_that_give_that_very_role_and_gets_their_other_roles() -> None:
    front = "front: {label: Front line, roles: [agent%s]}"
    desk = DESK.replace(front % "", front % ", accountant")
    paying = "{as: agent, do: quote, with: {price: '5'}}"
    pay = "{as: %s, do: receive_payment, with: {amount: '5', method: cash}%s}"
    assert failures(desk, f"{paying}, {pay % ('agent', '')}") == [], "the group of agents are accountants too"
    assert failures(DESK, f"{paying}, {pay % ('agent', ', refused: not_found')}") == []
    # A manager includes agent, but no group names that very role: they are in none.
    to_front = "{as: engineer, do: return_to_front, with: {message: Yours}}"
    to_shop = "{as: agent, do: forward, with: {message: Look}, expect: {emails: [assignee]}}"
    assert failures(DESK, f"{to_shop}, {to_front}") == []


def test_after_counts_from_the_step_before_whatever_that_was() -> None:
    steps = (
        "{after: 1d}",
        "{as: agent, do: comment, with: {message: Hm}}",
        "{after: 23h, expect: {ran: []}}",
        "{after: 1h, expect: {ran: [escalate], emails: ['role:manager']}}",
        "{after: 30d, expect: {ran: []}}",
    )
    assert failures(DESK, ", ".join(steps)) == []


def test_the_codes_of_refusals_are_those_of_the_doors() -> None:
    assigned = (
        "{as: agent, do: quote, with: {price: '5'}}",
        "{as: accountant, do: receive_payment, with: {amount: '5', method: cash}}",
        "{as: engineer, do: take}",
    )
    engineer = "engineer: {label: Engineer, may: [be_assigned]}"
    desk = DESK.replace(engineer, f"{engineer}\n  fitter: {{label: Fitter, includes: [engineer]}}")
    assert failures(desk, ", ".join((*assigned, "{as: fitter, do: finish, refused: assigned}"))) == []
    said = failures(desk, ", ".join((*assigned, "{as: fitter, do: finish, refused: not_now}")))
    assert said[0].endswith("it was refused: “Repaired” is for whoever the ticket is assigned to (assigned).")
