"""Working time: when the house is open, when a promised time is over, how much working time lies between two moments.

Pure arithmetic over the file's `calendars`; asked by timers, approvals, service levels and routing. Moments are aware
and come back in UTC; what lies between is reckoned on the calendar's own clock, so that summer time moves nobody's
opening hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from helpdesk.workflows import holiday_regions
from helpdesk.workflows.opening_hours import week_of
from helpdesk.workflows.schema import Calendar, Desk, Duration

FARTHEST = 3653  # days that are looked through for the next opening; a calendar that stays closed longer never opens
Span = tuple[datetime, datetime]


class NeverOpenError(ValueError):
    """The calendar does not open again. `check` finds such a calendar before it is used."""


def ends(desk: Desk, workflow: str, start: datetime, length: Duration) -> datetime:
    """When `length`, begun at `start` on a ticket of this workflow, is over."""
    if not length.business:
        return start.astimezone(UTC) + length.delta
    return working(desk, workflow).add(start, length)


def working(desk: Desk, workflow: str) -> WorkingTime:
    """The workflow's working time. Raises KeyError where it names no calendar; a clean file that says `business`
    does.
    """
    return of(desk.calendars[desk.workflows[workflow].calendar or ""])


def of(calendar: Calendar) -> WorkingTime:
    """The working time that a calendar of the file means; made once."""
    hours = tuple((days, tuple(spans)) for days, spans in calendar.hours.items())
    return _made(calendar.timezone, hours, calendar.holidays, calendar.closed, calendar.open)


class WorkingTime:
    """A calendar that can be reckoned with."""

    def __init__(
        self,
        zone: str,
        hours: Mapping[str, tuple[str, ...]],
        *,
        region: str | None = None,
        closed: tuple[str, ...] = (),
        open_: tuple[str, ...] = (),
    ) -> None:
        self.zone = ZoneInfo(zone)
        self.region = region
        self.week = week_of(hours)
        self.closed = frozenset(map(date.fromisoformat, closed))
        self.open = frozenset(map(date.fromisoformat, open_))
        self.said = repr((zone, dict(hours), region, closed, open_))  # two that say the same are the same
        self._known: dict[date, tuple[Span, ...]] = {}

    def add(self, start: datetime, length: Duration) -> datetime:
        """When `length` is over. Minutes and hours are working time. Days are working days: the same time of day on
        the last of them, even if that day closes earlier. Both count from the next opening.
        """
        if not length.business:
            return start.astimezone(UTC) + length.delta
        if length.unit == "d":
            return self._same_time(self.opening(start), days=length.amount)
        return self.after(start, timedelta(seconds=length.amount * length.SECONDS[length.unit]))

    def after(self, start: datetime, work: timedelta) -> datetime:
        """The first moment at which this much working time has gone by since `start`; `start` itself for none."""
        if work <= timedelta():
            return start.astimezone(UTC)
        for begin, end in self._spans_from(start):
            if end - begin >= work:
                return begin + work
            work -= end - begin
        raise NeverOpenError("This calendar does not open again.")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between; none where `end` is not later."""
        gone = timedelta()
        for opened, closed in self._spans_from(start) if end > start else ():
            if opened >= end:
                break
            gone += min(closed, end) - opened
        return gone

    def opening(self, at: datetime) -> datetime:
        """`at` itself during working hours, else the next opening."""
        for begin, _ in self._spans_from(at):
            return begin
        raise NeverOpenError("This calendar does not open again.")

    def is_open(self, at: datetime) -> bool:
        return any(begin <= at < end for begin, end in self.spans(at.astimezone(self.zone).date()))

    def spans(self, day: date) -> tuple[Span, ...]:
        """The day's working hours as moments."""
        found = self._known.get(day)
        if found is None:
            if len(self._known) > FARTHEST:
                self._known.clear()
            found = self._known[day] = tuple(self._moments(day))
        return found

    def works_on(self, day: date) -> bool:
        if day in self.closed:
            return False
        return day in self.open or self.region is None or not holiday_regions.is_holiday(self.region, day)

    def _same_time(self, start: datetime, *, days: int) -> datetime:
        here = start.astimezone(self.zone)
        day = here.date()
        for _ in range(days):
            day = self._next_working_day(day)
        return self._instant(datetime.combine(day, here.time()))

    def _next_working_day(self, day: date) -> date:
        for ahead in range(1, FARTHEST):
            found = day + timedelta(days=ahead)
            if self.spans(found):
                return found
        raise NeverOpenError("This calendar does not open again.")

    def _spans_from(self, start: datetime) -> Iterator[Span]:
        """Working hours from `start` on, the first one cut there; none once the calendar stays closed."""
        start = start.astimezone(UTC)
        day, closed = start.astimezone(self.zone).date() - timedelta(days=1), 0  # a day may begin where another ends
        while closed < FARTHEST:
            spans = self.spans(day)
            for begin, end in spans:
                if end > start:
                    yield max(begin, start), end
            closed = 0 if spans else closed + 1
            day += timedelta(days=1)

    def _moments(self, day: date) -> Iterator[Span]:
        if not self.works_on(day):
            return
        midnight = datetime.combine(day, time())
        for opens, closes in self.week[day.weekday()]:
            begin = self._instant(midnight + timedelta(minutes=opens))
            end = self._instant(midnight + timedelta(minutes=closes))
            if begin < end:  # the clocks may have been put forward over it
                yield begin, end

    def _instant(self, shown: datetime) -> datetime:
        """The moment at which the calendar's clock first shows this time, or goes past it where it is put forward."""
        moment = shown.replace(tzinfo=self.zone).astimezone(UTC)
        if self._clock(moment) == shown:
            return moment
        early, late = shown.replace(tzinfo=self.zone, fold=1).astimezone(UTC), moment
        while late - early > timedelta(seconds=1):
            middle = early + (late - early) / 2
            early, late = (middle, late) if self._clock(middle) < shown else (early, middle)
        return late.replace(microsecond=0)

    def _clock(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone).replace(tzinfo=None)


@lru_cache(maxsize=64)
def _made(
    zone: str,
    hours: tuple[tuple[str, tuple[str, ...]], ...],
    region: str | None,
    closed: tuple[str, ...],
    open_: tuple[str, ...],
) -> WorkingTime:
    return WorkingTime(zone, dict(hours), region=region, closed=closed, open_=open_)
