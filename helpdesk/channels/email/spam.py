"""Whether a mail is spam: because its sender is on the block list, or because our own mail server says so and the
source believes it. A mail that answers one of ours is judged by the list alone. Called by `read`.
"""

from __future__ import annotations

from helpdesk.channels.email.spam_headers import says_spam
from helpdesk.intake import Inbound
from helpdesk.people import blocked
from helpdesk.workflows import revisions


def judged(headers: tuple[str, ...], inbound: Inbound, *, any_blocked: bool) -> str:
    """Why this mail is spam; empty if it is not. A desk that has neither asks nothing, nor does one whose list is empty
    (`any_blocked`).
    """
    if any_blocked and _has_a_list() and (entry := blocked.found(inbound.address)):
        return f"{entry} is on the block list."
    source = revisions.active().desk.sources.get(inbound.source)
    believed = bool(getattr(source.options, "spam_headers", False)) if source else False
    if believed and inbound.thread is None and (said := says_spam(headers)):
        return f"The mail server says so: {said}"[:200]
    return ""


def _has_a_list() -> bool:
    """Whether an action of the file learns one; without any, nobody would see why mail stays away."""
    workflows = revisions.active().desk.workflows.values()
    return any(action.type == "spam" for each in workflows for action in each.actions.values())
