"""Mistakes about approvals, votes and ratings, each with its code at its place. `§` marks where the finding points."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpdesk.workflows import check
from tests.workflows.mistakes import changed, found

DESK = (Path(__file__).parent / "desk.yaml").read_text()
HEAD = "approve: {by: [manager], need: 1, within: 2d, email: please_approve, accept: buy, reject: drop, expired: late}"

# code: (what stands in the file, what somebody writes instead)
MISTAKES = [
    ("bad_need", "need: 1,", "need: §0,"),
    ("nobody_may_approve", HEAD, HEAD.replace("by: [manager]", "by: §[]")),
    ("nobody_may_approve", HEAD, HEAD.replace("by: [manager]", "by: §[board]")),
    ("blind_approver", HEAD, HEAD.replace("by: [manager]", "by: [manager, §board]")),
    ("unknown_role_or_group", HEAD, HEAD.replace("by: [manager]", "by: [§manger]")),
    ("unknown_email", HEAD, HEAD.replace("email: please_approve", "email: §please")),
    ("unknown_action", HEAD, HEAD.replace("accept: buy", "accept: §bye")),
    ("missing_key", HEAD, HEAD.replace("reject: drop, ", "").replace("approve:", "§approve:")),
    ("approval_stays", HEAD, HEAD.replace("accept: buy", "accept: §call_customer")),
    (
        "approval_stays",
        "late: {type: set_fields, label: Nobody decided, automatic: true, to: new}",
        "late: {type: set_fields, label: L, automatic: true, to: same}",
    ),
    ("expired_without_within", HEAD, HEAD.replace("within: 2d, ", "").replace("expired: late", "expired: §late")),
    ("bad_duration", HEAD, HEAD.replace("within: 2d", "within: §2 days")),
    ("needs_input", HEAD, HEAD.replace("accept: buy", "accept: §ask_why")),
    ("bad_vote", HEAD, HEAD.replace("accept: buy", "accept: §consent")),
    ("bad_vote", "label: I consent,", "label: I consent, allow: §[board],"),
    ("bad_vote", "label: I consent,", "label: I consent, to: §bought,"),
    ("bad_vote", "label: I consent,", "label: I consent, customer: §run,"),
    ("bad_vote", "label: I consent,", "label: I consent, assign: §actor,"),
    ("bad_vote", "label: I consent,", "label: I consent, only_assignee: §true,"),
    ("bad_vote", "actions: [ask, ask_board, hurry, note]", "actions: [ask, ask_board, hurry, note, §consent]"),
    (
        "bad_vote",
        "actions: [note, call_back]\n        on_message: {other: note}",
        "actions: [note, call_back]\n        on_message: {other: §consent}",
    ),
    ("bad_vote", "fields: [price, rating]\n    states", "fields: [price, rating]\n    always: [§consent]\n    states"),
    ("missing_key", "{type: approve, vote: accept, label: I consent", "{type: approve, label: I consent"),
    ("unknown_value", "vote: accept, label: I consent", "vote: §yes, label: I consent"),
    ("bad_rating", "rate: {type: rate,", "rate: {type: §rate, scale: thumbs,"),
    ("unknown_value", "rate: {type: rate,", "rate: {type: rate, scale: §hearts,"),
    ("mail_to_nobody", "to: [approvers], template: please_approve", "to: [§approvers], template: please_approve"),
]
MORE = """
      call_customer: {type: set_fields, label: Call, automatic: true, fields: [price]}
      ask_why: {type: set_fields, label: Why, allow: [agent], fields: [reason], to: new}
"""


def test_the_desk_itself_is_clean() -> None:
    assert check.run_text(DESK).findings == []


@pytest.mark.parametrize(
    ("code", "stands", "instead"), MISTAKES, ids=[f"{n}-{c}" for n, (c, *_) in enumerate(MISTAKES)]
)
def test_a_mistake_is_found_at_its_place(code: str, stands: str, instead: str) -> None:
    wrong = changed(changed(DESK, stands, instead), "\nsources:", f"{MORE}\nsources:")
    if code == "mail_to_nobody":
        wrong = "".join(line for line in wrong.splitlines(keepends=True) if "approve: {" not in line)
    found(code, wrong)
