"""What a workflow promises, as a short mark. It changes where its service levels change, or the working time they are
reckoned in, and with nothing else; so whoever kept it knows whether the file promises something else by now.

Asked by `actions.promises` on each run of a workflow with service levels, and by `rollout`.
"""

from __future__ import annotations

import hashlib

from helpdesk.workflows import calendars
from helpdesk.workflows.schema import Desk, ServiceLevel


def mark(desk: Desk, workflow: str) -> str:
    """The mark of what this workflow promises; empty where it promises nothing."""
    spec = desk.workflows[workflow]
    if not spec.sla:
        return ""
    said = [_said(level) for level in spec.sla]
    if spec.calendar and any(_in_working_time(level) for level in spec.sla):
        said.append(calendars.of(desk.calendars[spec.calendar]).said)
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16]


def _said(level: ServiceLevel) -> str:
    return f"{level.when}|{level.first_response}|{level.resolution}|{sorted(level.warn_at)}"


def _in_working_time(level: ServiceLevel) -> bool:
    return any(length is not None and length.business for length in (level.first_response, level.resolution))
