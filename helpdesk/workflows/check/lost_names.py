"""Where a whole part of the file cannot be read, the names that were to stand in it are lost: nothing is said of each
place that uses one.

The first half of `consequences`.
"""

from __future__ import annotations

from helpdesk.workflows.findings import Finding, meant

UNREADABLE = {"wrong_type", "no_value"}
_SECTIONS = {
    "unknown_role": ("roles",),
    "unknown_role_or_group": ("roles", "groups"),
    "unknown_group": ("groups",),
    "unknown_recipient": ("roles",),
    "unknown_email": ("emails",),
    "unknown_calendar": ("calendars",),
    "unknown_webhook": ("webhooks",),
    "unknown_strategy": ("routing",),
    "unknown_field": ("fields",),
    "unknown_source": ("sources",),
    "unknown_workflow": ("workflows",),
    "unknown_state": ("workflows", "states"),
    "unknown_action": ("workflows", "actions"),
    "nobody_may_run": ("workflows", "states"),
    "unused_action": ("states",),
    "field_never_asked": ("workflows", "sources", "actions"),
    "keep_outside": ("fields",),
    "no_calendar": ("calendar",),
    "unknown_input": ("inputs", "fields", "actions"),
}


def without_lost_names(findings: list[Finding]) -> list[Finding]:
    """Where a whole part of the file cannot be read, nothing is said of the names that were to stand in it."""
    lost = {"inputs" for each in findings if each.code in ("unknown_action_type", "unknown_source_type")}
    for each in findings:
        path = each.path.split(".")
        if each.code == "missing_key" and (each.path == "" or len(path) == 2):
            lost.add(each.message.rpartition("“")[2].partition("”")[0])
        elif len(path) == 1 or (len(path) == 3 and path[0] == "workflows"):
            lost.add(meant(each) if each.code == "unknown_key" else path[-1] if each.code in UNREADABLE else "")
    meant_fields = {meant(each) for each in findings if each.code == "unknown_field"}
    asked_wrongly = {
        tuple(each.path.split(".")[:2])
        for each in findings
        if each.path.split(".")[2:3] == ["ask"] and each.code != "unknown_name"
    }
    return [
        each
        for each in findings
        if not (lost & _sections_of(each))
        if not (each.code == "unknown_name" and _lost_with(each, meant_fields, asked_wrongly))
    ]


def _lost_with(finding: Finding, meant_fields: set[str], asked_wrongly: set[tuple[str, ...]]) -> bool:
    """Whether the name is a field that is listed with a typo, or something a ready answer asks in a wrong way."""
    first, _, second = finding.message.partition("“")[2].partition("”")[0].partition(".")
    if first == "fields":
        return bool(second) and second in meant_fields
    return first == "asked" and tuple(finding.path.split(".")[:2]) in asked_wrongly


def _sections_of(finding: Finding) -> set[str]:
    """The parts of the file that a finding knows by name."""
    if finding.code == "unknown_name":
        return {"inputs", "fields"} if finding.message.startswith("There is no “fields.") else set()
    return set(_SECTIONS.get(finding.code, ()))
