"""Entries of `routing` that could not work as they are written, or that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows import kinds
from helpdesk.workflows.check.calendars import no_calendar
from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding, did_you_mean
from helpdesk.workflows.schema import Assign, Desk, Route

CHANNELS = ("chat", "email", "form", "messenger", "phone", "sms")  # by which a ticket can come


def check(whole: Whole) -> Iterator[Finding]:
    named = {how.by for _, how in _assigns(whole.desk)} | {route.by for route in whole.desk.routing.values()}
    for route in whole.desk.routing.values():
        yield from _strategy(whole, route)
        yield from _tiers(whole, route)
        yield from _capacity(whole, route)
        if route.name not in named:
            sentence = f"Nothing names “{route.name}”, so it is never asked."
            yield whole.at_key("unused_routing", sentence, route.path, severity="warning")
    for workflow, how in _assigns(whole.desk):
        yield from _working_time(whole, workflow, whole.desk.routing.get(how.by or ""))
        if how.by and how.by not in whole.desk.routing and _is_tiered(how.by):
            hint = "Name an entry of `routing` that has `tiers`."
            sentence = f"“{how.by}” named alone knows no order of tiers, so it goes by who is least busy."
            yield whole.at_value("no_tiers", sentence, (*how.path, "by"), hint=hint, severity="warning")


def _assigns(desk: Desk) -> Iterator[tuple[str, Assign]]:
    """Every `assign` of the file, with the name of the workflow whose tickets it gives."""
    for source in desk.sources.values():
        yield source.workflow, source.assign
    for workflow in desk.workflows.values():
        for action in workflow.actions.values():
            yield workflow.name, action.assign


def _working_time(whole: Whole, name: str, route: Route | None) -> Iterator[Finding]:
    """The same overflow is found once, however many workflows use it: findings that are alike count once."""
    workflow = whole.desk.workflows.get(name)
    length = route.overflow_after if route else None
    if route and length and length.business and workflow is not None and workflow.calendar is None:
        yield no_calendar(whole, (*route.path, "overflow_after"), length, workflow)


def _is_tiered(by: str) -> bool:
    return bool(getattr(kinds.strategies.find(by), "tiered", ""))


def _strategy(whole: Whole, route: Route) -> Iterator[Finding]:
    if route.by in whole.desk.routing:
        sentence = f"“{route.by}” is an entry of `routing` itself; `by` names a strategy."
        yield whole.at_value("route_of_route", sentence, (*route.path, "by"))


def _tiers(whole: Whole, route: Route) -> Iterator[Finding]:
    if _is_tiered(route.by) and not route.tiers:
        hint = "Add `tiers`, from the first line to the most experienced."
        sentence = f"“{route.by}” goes by tiers, and there are none, so it goes by who is least busy."
        yield whole.at_value("no_tiers", sentence, (*route.path, "by"), hint=hint, severity="warning")
    if route.overflow_after is not None and not route.tiers:
        sentence = "Without `tiers` there is nobody a ticket could go on to."
        yield whole.at_value("overflow_nowhere", sentence, (*route.path, "overflow_after"))


def _capacity(whole: Whole, route: Route) -> Iterator[Finding]:
    for channel, most in route.capacity.items():
        path = (*route.path, "capacity", channel)
        if channel not in CHANNELS and kinds.channels.find(channel) is None:
            sentence = f"Tickets do not come by “{channel[:60]}”."
            hint = did_you_mean(channel, CHANNELS) or f"They come by {', '.join(CHANNELS)}."
            yield whole.at_key("unknown_channel", sentence, path, hint=hint)
        elif most < 1:
            yield whole.at_value("no_capacity", "Nobody would ever be given a ticket of this channel.", path)
