"""Running the tests that stand in a workflow file (WORKFLOW.md, "Tests in the file")."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import shipped
from helpdesk import clock
from helpdesk.rollout import stage, testing
from helpdesk.rollout.report import Report
from helpdesk.workflows.load import read_texts

DESK = (Path(__file__).parents[1] / "desk.yaml").read_text()
JOURNEYS = (Path(__file__).parent / "journeys.yaml").read_text()


def played(*tests: str, desk: str = DESK) -> Report:
    """Run these tests, each a YAML item, on the tests' desk."""
    return testing.run(desk + "\ntests:\n" + "\n".join(f"  - {test}" for test in tests))


def one(
    steps: str, *, given: str = "{source: support_mail, with: {subject: Printer, message: It burns.}}"
) -> list[str]:
    """The failures of one test with these steps, as sentences."""
    report = played(f"{{name: One, given: {given}, steps: [{steps}]}}")
    assert not report.findings, report.findings
    return [failure.message for failure in report.failures]


def test_whole_journeys_pass() -> None:
    report = testing.run(DESK + JOURNEYS)
    assert report.passed, [str(failure) for failure in report.failures]
    assert len(report.results) == 3


def test_the_shipped_workflow_passes_and_every_test_is_run() -> None:
    texts = read_texts(shipped("workflows.yaml"))
    report = testing.run(texts)
    assert report.passed, [str(failure) for failure in report.failures]
    assert len(report.results) == sum(text.count(b"- name:") for text in texts.values() if b"\ntests:" in text)


def test_a_failure_names_test_step_line_and_what_was_seen() -> None:
    report = played(
        "{name: It is answered, given: {source: support_mail, with: {message: Hello}}, steps: [\n"
        "      {as: agent, do: reply, with: {message: Hi}, expect: {state: done, ran: [], emails: [assignee]}}]}"
    )
    state, ran, emails = report.failures
    assert (state.test, state.step, state.line) == ("It is answered", 1, len(DESK.splitlines()) + 4)
    assert state.message == "“It is answered”, step 1: expected the state “done”; it is “waiting”."
    assert ran.message.endswith("expected nothing to have run; it was reply.")
    assert emails.message.endswith("expected assignee to be e-mailed; it was customer.")


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (
            "{as: engineer, do: reply, with: {message: Hi}}",
            "expected it to be done; it was refused: There is no such ticket (not_found).",
        ),
        (
            "{as: agent, do: reply, with: {message: Hi}, refused: true}",
            "expected a refusal; it was done, and the ticket is in “waiting”.",
        ),
        (
            "{as: agent, do: quote, refused: invalid}",
            "expected the refusal “invalid”; it was refused: Please fill in “Price” (required).",
        ),
        (
            "{as: assignee, do: quote, with: {price: '1'}, refused: true}",
            "expected somebody to be refused; Nobody is assigned.",
        ),
        ("{after: 1d, expect: {ran: [escalate]}}", "expected escalate to have run; it was nothing."),
        (
            "{as: customer, writes: More, expect: {ran: [reopen]}}",
            "expected reopen to have run; it was customer_reply.",
        ),
    ],
)
def test_each_way_to_fail_is_a_sentence(step: str, sentence: str) -> None:
    assert one(step) == [f"“One”, step 1: {sentence}"]


@pytest.mark.parametrize(
    "step",
    [
        "{as: agent, do: finish, refused: not_found}",
        "{as: agent, do: reopen, refused: not_now}",
        "{as: agent, do: quote, refused: required}",
        "{as: agent, do: quote, with: {price: '1', serial: AB123456}, refused: hidden}",
        "{as: agent, do: quote, with: {price: dear}, refused: invalid}",
        "{as: agent, do: close, refused: true}",
        "{as: customer, do: comment, with: {message: Psst}, refused: not_found}",
        "{as: customer, do: customer_reply, with: {message: Hello}}",
        "{as: agent, do: reply, with: {message: See here, files: [a.pdf, b.pdf]}}",
    ],
)
def test_the_doors_are_the_real_ones(step: str) -> None:
    assert one(step) == []


def test_only_whoever_has_the_ticket_may_where_the_file_says_so() -> None:
    steps = (
        "{as: agent, do: quote, with: {price: '5'}}",
        "{as: accountant, do: receive_payment, with: {amount: '5', method: cash}}",
        "{as: engineer, do: take}",
        "{as: manager, do: finish, refused: not_found}",
        "{as: assignee, do: finish}",
    )
    assert one(", ".join(steps)) == []


def test_what_is_due_at_the_very_end_of_after_fires_and_in_its_order() -> None:
    assert one("{after: 2d, expect: {ran: [escalate], emails: ['role:manager']}}") == []
    paying = "{as: agent, do: quote, with: {price: '5'}}"
    assert (
        one(f"{paying}, {{after: 14d, expect: {{state: done, ran: [remind, close_silent], emails: [customer]}}}}") == []
    )
    assert one(f"{paying}, {{after: 6d, expect: {{ran: [remind]}}}}, {{after: 7d, expect: {{ran: []}}}}") == []


def test_the_clock_starts_on_monday_the_twelfth_at_ten_by_the_companys_clock() -> None:
    with stage.raised({"workflows.yaml": DESK}) as raised, raised.fresh():
        assert clock.now() == datetime(2026, 1, 12, 8, 0, tzinfo=UTC), "ten o'clock in Tallinn"


def test_a_form_validates_what_is_given() -> None:
    begins = "“One”, the beginning: expected a ticket to be opened; it was refused: "
    form = "{source: contact_form, with: {subject: Hello, message: Hi}}"
    assert one("", given=form) == [f"{begins}Please fill in “I agree to the terms” (required)."]
    mail = "{source: support_mail, with: {colour: red}}"
    assert one("", given=mail) == [f"{begins}“colour” is not asked here (invalid)."]


def test_each_test_begins_on_an_empty_desk() -> None:
    """Load counts other tickets, numbers begin anew, and round robin forgets: no test leans on the one before."""
    asks = "{as: agent, do: forward, with: {message: Look}, expect: {state: workshop, emails: [assignee]}}"
    same = f"{{name: %s, given: {{source: support_mail, with: {{subject: A}}}}, steps: [{asks}]}}"
    report = played(*(same % name for name in ("First", "Second", "Third")))
    assert report.passed, [str(failure) for failure in report.failures]


@pytest.mark.parametrize(
    ("emails", "is_so"),
    [
        ("[assignee]", True),
        ("['role:engineer']", True),
        ("['role:engineer', assignee]", True),
        ("[]", False),
        ("[assignee, customer]", False),
        ("[assignee, followers]", False),
    ],
)
def test_whoever_is_meant_twice_by_a_mail_is_named_by_either_word(emails: str, is_so: bool) -> None:
    """The engineer who has it is meant as the assignee and by the role; nobody follows."""
    desk = DESK.replace("to: [assignee], template", "to: [assignee, 'role:engineer', followers], template", 1)
    assert desk != DESK
    step = f"{{as: agent, do: forward, with: {{message: Look}}, expect: {{emails: {emails}}}}}"
    report = played(f"{{name: One, given: {{source: support_mail}}, steps: [{step}]}}", desk=desk)
    assert report.passed is is_so, [str(failure) for failure in report.failures]


def test_a_mail_of_its_own_is_not_named_by_the_word_of_another() -> None:
    """Two e-mails to one person, each to one word."""
    one_mail = "{to: [assignee], template: passed_on}"
    desk = DESK.replace(one_mail, one_mail + ", " + one_mail.replace("assignee", "'role:engineer'"), 1)
    assert desk != DESK
    for emails, is_so in (("[assignee]", False), ("['role:engineer']", False), ("[assignee, 'role:engineer']", True)):
        step = f"{{as: agent, do: forward, with: {{message: Look}}, expect: {{emails: {emails}}}}}"
        report = played(f"{{name: One, given: {{source: support_mail}}, steps: [{step}]}}", desk=desk)
        assert report.passed is is_so, emails


def test_transitions_that_no_test_covers_are_named() -> None:
    report = played("{name: One, given: {source: support_mail}, steps: [{as: agent, do: quote, with: {price: '5'}}]}")
    assert [str(each) for each in report.covered] == ["repair: new → awaiting_payment by quote"]
    untested = {str(each) for each in report.untested}
    assert "repair: new → workshop by quote" in untested, "the other branch counts for itself"
    assert "repair: waiting → awaiting_payment by quote" in untested, "the same action elsewhere counts for itself"
    assert len(report.covered) + len(report.untested) == 22


def test_a_file_with_errors_is_not_run() -> None:
    report = played("{name: One, given: {source: support_mail}}", desk=DESK.replace("initial: new", "initial: nwe"))
    assert [finding.code for finding in report.findings] == ["unknown_state"]
    assert not report.results
    assert not report.passed


def test_a_circle_of_timers_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file from a stranger cannot keep the desk busy for long (attack 90)."""
    from helpdesk.rollout import play

    monkeypatch.setattr(play, "MOST_RUNS", 5)
    desk = DESK.replace("timers: [{after: 2d, do: escalate}]", "timers: [{after: 1m, do: escalate, repeat: 1000}]")
    report = played("{name: One, given: {source: support_mail}, steps: [{after: 52w}]}", desk=desk)
    assert [failure.seen for failure in report.failures] == ["they ran 5 times"]


def test_nothing_real_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network, no file of the desk's, no database but the one in memory."""
    import socket

    def refuse(*_: object) -> None:
        raise AssertionError("A workflow test called outside.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.chdir(tmp_path)
    assert testing.run(DESK + JOURNEYS).passed
    assert list(tmp_path.iterdir()) == []
