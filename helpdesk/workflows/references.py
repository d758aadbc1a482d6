"""Names that must stand for something: states, actions, roles, groups, templates, workflows, sources, strategies.

The one family that also runs on every load: what passes it can be run without a name leading nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cache

from helpdesk.workflows import kinds, outside, pointers
from helpdesk.workflows.findings import Finding, found
from helpdesk.workflows.moves import visited
from helpdesk.workflows.scalars import HINTED, MOST, Path, Use
from helpdesk.workflows.schema import BUILT_IN, Desk
from helpdesk.workflows.texts import is_address

RESERVED = ("assignee", "everyone", "customer", "staff", "system", "other", "actor", "group", "followers", "approvers")
RECIPIENTS = ("customer", "assignee", "group", "followers", "approvers")
STRATEGIES = ("round_robin", "least_busy", "most_available", "experienced_first", "first_line_first")

Names = Collection[str]


def check(desk: Desk, uses: list[Use]) -> Iterator[Finding]:
    said = 0
    look_up = cache(lambda what, where: _KNOWN[what][1](desk, where))
    for use in uses:
        if use.what in _KNOWN and said < MOST:
            noun = _KNOWN[use.what][0]
            names = look_up(use.what, use.path[: 4 if use.what == "target" else 2])
            if use.text not in names and not _is_elsewhere(use):
                code = f"unknown_{noun.replace(' ', '_').replace('-', '')}"
                hint = pointers.to_what_was_meant(desk, use, names) if said < HINTED else ""
                said += 1
                yield found(code, f"There is no {noun} “{use.text[:60]}”.", at=use.at, path=use.path, hint=hint)
    yield from _taken(desk)


def _taken(desk: Desk) -> Iterator[Finding]:
    """Names that already mean something else."""
    for role in desk.roles.values():
        if role.name in RESERVED:
            yield _name_taken(role.name, role.at, role.path)
    for group in desk.groups.values():
        if group.name in RESERVED or group.name in desk.roles:
            yield _name_taken(group.name, group.at, group.path)
    for field in desk.fields.values():
        if field.name in BUILT_IN or field.name == "assignee":
            yield _name_taken(field.name, field.at, field.path)
    for route in desk.routing.values():
        if route.name in STRATEGIES:
            yield _name_taken(route.name, route.at, route.path)
    for workflow in desk.workflows.values():
        if "same" in workflow.states:
            yield _name_taken("same", workflow.states["same"].at, workflow.states["same"].path)


def _name_taken(name: str, at: object, path: Path) -> Finding:
    return found("name_taken", f"The name “{name}” already means something else.", at=at, path=path)  # type: ignore[arg-type]


def _is_elsewhere(use: Use) -> bool:
    """Names that no list holds: addresses, numbers, and strategies that another package brings."""
    if use.what == "strategy":
        return kinds.strategies.find(use.text) is not None
    if use.what == "sms recipient":
        return outside.NUMBER.fullmatch(use.text) is not None
    return use.what == "recipient" and is_address(use.text)


def _recipients(desk: Desk, path: Path) -> Names:
    return {*RECIPIENTS, *(f"role:{name}" for name in desk.roles)}


def _workflow_names(part: str, *extra: str) -> Callable[[Desk, Path], Names]:
    """The names of the states or actions of the workflow that the path leads through, or of all (in tests)."""

    def names(desk: Desk, path: Path) -> Names:
        if path[0] == "workflows" and path[1] in desk.workflows:
            return {*getattr(desk.workflows[path[1]], part), *extra}
        if path[0] == "tests":
            return _of_tested_workflow(desk, path, part)
        return {name for workflow in desk.workflows.values() for name in getattr(workflow, part)}

    return names


def _targets(desk: Desk, path: Path) -> Names:
    """The states an action's `to` may name: of the workflow it stands in, or of the one it moves tickets to."""
    workflow = desk.workflows.get(path[1]) if path[0] == "workflows" else None
    action = workflow.actions.get(path[3]) if workflow and len(path) > 3 and path[2] == "actions" else None
    elsewhere = getattr(action.options, "elsewhere", None) if action else None
    if elsewhere:
        return desk.workflows[elsewhere].states if elsewhere in desk.workflows else ()
    return _workflow_names("states", "same")(desk, path)


def _of_tested_workflow(desk: Desk, path: Path, part: str) -> Names:
    test = desk.tests[int(path[1])] if path[1].isdecimal() and int(path[1]) < len(desk.tests) else None
    source = desk.sources.get(test.given.source) if test else None
    workflow = desk.workflows.get(source.workflow) if source else None
    found_in = visited(desk, workflow) if workflow else desk.workflows.values()
    return {name for one in found_in for name in getattr(one, part)}


def _roles_and_groups(*extra: str) -> Callable[[Desk, Path], Names]:
    return lambda desk, path: {*desk.roles, *desk.groups, *extra}


_KNOWN: dict[str, tuple[str, Callable[[Desk, Path], Names]]] = {
    "role": ("role", lambda desk, path: desk.roles),
    "group": ("group", lambda desk, path: desk.groups),
    "who": ("role or group", _roles_and_groups("assignee", "everyone")),
    "seer": ("role or group", _roles_and_groups("everyone")),
    "recipient": ("recipient", _recipients),
    "sms recipient": ("recipient", _recipients),
    "state": ("state", _workflow_names("states")),
    "target": ("state", _targets),
    "action": ("action", _workflow_names("actions")),
    "action or again": ("action", _workflow_names("actions", "again")),
    "email": ("e-mail", lambda desk, path: desk.emails),
    "workflow": ("workflow", lambda desk, path: desk.workflows),
    "source": ("source", lambda desk, path: desk.sources),
    "calendar": ("calendar", lambda desk, path: desk.calendars),
    "webhook": ("webhook", lambda desk, path: desk.webhooks),
    "strategy": ("strategy", lambda desk, path: {*STRATEGIES, *desk.routing}),
    "field type": ("field type", lambda desk, path: kinds.field_types.names()),
}
