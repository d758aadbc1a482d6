"""Calendars: hours that can be read and do not overlap, days that are open or closed but not both, regions whose
holidays are known; and `business` times, which need a calendar to run on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from helpdesk.workflows import holiday_regions
from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding, did_you_mean
from helpdesk.workflows.opening_hours import DAYS, Minutes, days_of, minutes_of
from helpdesk.workflows.scalars import Path
from helpdesk.workflows.schema import Calendar, Duration, Workflow

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def check(whole: Whole) -> Iterator[Finding]:
    used = {use.text for use in whole.uses if use.what == "calendar"}
    for calendar in whole.desk.calendars.values():
        yield from _hours(whole, calendar)
        yield from _region(whole, calendar)
        yield from _exceptions(whole, calendar)
        if calendar.name not in used:
            sentence = f"Nothing runs on the calendar “{calendar.name}”."
            hint = f"Say `calendar: {calendar.name}` in a workflow."
            yield whole.at_key("unused_calendar", sentence, calendar.path, hint=hint, severity="warning")
    for workflow in whole.desk.workflows.values():
        if workflow.calendar is None:
            for path, length in business(workflow):
                yield no_calendar(whole, path, length, workflow)
    for number, test in enumerate(whole.desk.tests):
        source = whole.desk.sources.get(test.given.source)
        tested = whole.desk.workflows.get(source.workflow) if source else None
        for place, step in enumerate(test.steps):
            if step.after is not None and step.after.business and tested is not None and tested.calendar is None:
                path = ("tests", str(number), "steps", str(place), "after")
                yield no_calendar(whole, path, step.after, tested)


def business(workflow: Workflow) -> Iterator[tuple[Path, Duration]]:
    """Every time of the workflow that is counted in working time, and where it stands."""
    for level in workflow.sla:
        yield from _if_business((*level.path, "first_response"), level.first_response)
        yield from _if_business((*level.path, "resolution"), level.resolution)
    for state in workflow.states.values():
        for timer in state.timers:
            yield from _if_business((*timer.path, "after"), timer.after)
        if state.approve:
            yield from _if_business((*state.approve.path, "within"), state.approve.within)


def _if_business(path: Path, length: Duration | None) -> Iterator[tuple[Path, Duration]]:
    if length is not None and length.business:
        yield path, length


def no_calendar(whole: Whole, path: Path, length: Duration, workflow: Workflow) -> Finding:
    sentence = f"“{length}” is working time, and “{workflow.name}” has no calendar."
    return whole.at_value("no_calendar", sentence, path)


def _hours(whole: Whole, calendar: Calendar) -> Iterator[Finding]:
    path = (*calendar.path, "hours")
    if not calendar.hours and path in whole.places.values:
        yield whole.at_value("no_hours", f"“{calendar.name}” is never open.", path)
    taken: dict[int, list[Minutes]] = {}
    for days, spans in calendar.hours.items():
        try:
            named = days_of(days)
        except ValueError as wrong:
            hint = did_you_mean(days, DAYS) or f"The days are {', '.join(DAYS)}."
            yield whole.at_key("bad_days", str(wrong), (*path, days), hint=hint)
            continue
        if not spans:
            hint = "Leave the day out, if it is closed."
            yield whole.at_value("no_hours", f"“{days}” has no hours.", (*path, days), hint=hint)
        if twice := [day for day in named if day in taken]:
            sentence = f"The hours of {DAY_NAMES[twice[0]]} stand here a second time."
            yield whole.at_key("day_twice", sentence, (*path, days))
            continue
        yield from _spans(whole, (*path, days), spans, taken.setdefault(named[0], []))
        taken.update(dict.fromkeys(named, taken[named[0]]))


def _spans(whole: Whole, path: Path, spans: tuple[str, ...], taken: list[Minutes]) -> Iterator[Finding]:
    for number, text in enumerate(spans):
        here = (*path, str(number))
        try:
            opens, closes = minutes_of(text)
        except ValueError as wrong:
            yield whole.at_value("bad_hours", str(wrong), here)
            continue
        if any(opens < end and begin < closes for begin, end in taken):
            yield whole.at_value("hours_overlap", f"“{text}” overlaps with other hours of the day.", here)
        taken.append((opens, closes))


def _region(whole: Whole, calendar: Calendar) -> Iterator[Finding]:
    region = calendar.holidays
    if region is not None and not holiday_regions.exists(region):
        near = holiday_regions.near(region)
        hint = f"Did you mean “{near[0]}”?" if len(near) == 1 else did_you_mean(region, near)
        hint = hint or "A country is written EE, a part of it DE-BY."
        sentence = f"Nobody knows the holidays of “{region[:60]}”."
        yield whole.at_value("unknown_region", sentence, (*calendar.path, "holidays"), hint=hint)


def _exceptions(whole: Whole, calendar: Calendar) -> Iterator[Finding]:
    open_days = _days_with_hours(calendar)
    for number, text in enumerate(calendar.open):
        path = (*calendar.path, "open", str(number))
        if text in calendar.closed:
            yield whole.at_value("closed_and_open", f"{text} is both closed and open.", path)
        elif (day := date.fromisoformat(text).weekday()) not in open_days:
            sentence = f"{text} is a {DAY_NAMES[day]}, and the calendar has no hours for that day."
            yield whole.at_value("open_without_hours", sentence, path, severity="warning")


def _days_with_hours(calendar: Calendar) -> set[int]:
    found: set[int] = set()
    for days in calendar.hours:
        try:
            found.update(days_of(days))
        except ValueError:
            return set(range(7))  # said already; nobody can tell which days were meant
    return found or set(range(7))  # that there are no hours at all is said as well
