"""Working time: the sentences that settle it, and what must hold for every calendar, moment and length."""

# ruff: noqa: E501 - a table of mistakes reads in lines, however long

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.workflows import check, holiday_regions
from helpdesk.workflows.calendars import NeverOpenError, WorkingTime
from helpdesk.workflows.opening_hours import DAYS, days_of, minutes_of
from helpdesk.workflows.schema import Duration
from tests.workflows.mistakes import changed, found

TALLINN = ZoneInfo("Europe/Tallinn")
OFFICE = WorkingTime("Europe/Tallinn", {"mon-fri": ("09:00-12:30", "13:00-18:00")}, region="EE", closed=("2026-12-31",))


def at(text: str, zone: ZoneInfo = TALLINN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("begun", "length", "over"),
    [
        # WORKFLOW.md, "Clocks"; 2026-01-12 is a Monday
        ("2026-01-12 10:00", "2d business", "2026-01-14 10:00"),
        ("2026-01-12 22:00", "2d business", "2026-01-15 09:00"),
        ("2026-01-10 11:00", "1d business", "2026-01-13 09:00"),
        ("2026-01-12 12:45", "1d business", "2026-01-13 13:00"),  # in the break: it counts from the next opening
        ("2026-01-12 18:00", "1d business", "2026-01-14 09:00"),  # closing time is closed
        ("2026-01-16 17:00", "1d business", "2026-01-19 17:00"),  # over the weekend
        ("2026-01-12 10:00", "4h business", "2026-01-12 14:30"),  # the break is no working time
        ("2026-01-12 16:00", "2h business", "2026-01-12 18:00"),  # and ends at closing, not at the next opening
        ("2026-01-12 16:00", "121m business", "2026-01-13 09:01"),
        ("2026-02-23 17:00", "2h business", "2026-02-25 10:00"),  # the 24th is Estonia's independence day
        ("2026-12-30 17:00", "2h business", "2027-01-04 10:00"),  # closed on the last day, holiday on the first
        ("2026-03-27 17:00", "2h business", "2026-03-30 10:00"),  # the clocks go forward between
        ("2026-01-12 10:00", "2d", "2026-01-14 10:00"),
        ("2026-03-28 10:00", "1d", "2026-03-29 11:00"),  # a day is 24 hours
        ("2026-03-27 10:00", "1d business", "2026-03-30 10:00"),  # a working day is the same time of day
    ],
)
def test_when_a_time_is_over(begun: str, length: str, over: str) -> None:
    assert OFFICE.add(at(begun), Duration.read(length)) == at(over)


def test_a_working_day_keeps_its_time_of_day_even_if_that_day_closes_earlier() -> None:
    short_friday = WorkingTime("Europe/Tallinn", {"mon-thu": ("09:00-18:00",), "fri": ("09:00-12:00",)})
    assert short_friday.add(at("2026-01-15 17:00"), Duration(1, "d", business=True)) == at("2026-01-16 17:00")


def test_a_day_that_is_open_is_worked_although_the_region_keeps_it() -> None:
    day = date(2026, 2, 24)
    assert holiday_regions.is_holiday("EE", day)
    assert not OFFICE.spans(day)
    kept = WorkingTime("Europe/Tallinn", {"mon-fri": ("09:00-18:00",)}, region="EE", open_=("2026-02-24",))
    assert kept.spans(day)


def test_regions_of_a_country_keep_days_of_their_own() -> None:
    epiphany = date(2026, 1, 6)
    assert holiday_regions.is_holiday("DE-BY", epiphany)
    assert not holiday_regions.is_holiday("DE", epiphany)


def test_a_calendar_that_stays_closed_says_so_instead_of_looking_for_ever() -> None:
    never = WorkingTime("UTC", {})
    for hours in (Duration(1, "h", business=True), Duration(1, "d", business=True)):
        with pytest.raises(NeverOpenError):
            never.add(at("2026-01-12 10:00"), hours)


def test_hours_in_a_night_that_has_them_twice_or_not_at_all() -> None:
    night = WorkingTime("Europe/Tallinn", {"sun": ("02:30-03:30", "03:45-05:00")})
    forward, back = date(2026, 3, 29), date(2026, 10, 25)
    # From 03:00 to 04:00 there is nothing.
    assert [end - begin for begin, end in night.spans(forward)] == [timedelta(minutes=30), timedelta(hours=1)]
    assert sum((end - begin for begin, end in night.spans(back)), timedelta()) == timedelta(hours=3, minutes=15)
    whole = WorkingTime("Europe/Tallinn", {"mon-sun": ("00:00-24:00",)})
    hours = [whole.spans(day)[0][1] - whole.spans(day)[0][0] for day in (forward, back, date(2026, 5, 1))]
    assert hours == [timedelta(hours=23), timedelta(hours=25), timedelta(hours=24)]


def test_days_and_hours_as_they_are_written() -> None:
    assert days_of("mon-fri") == [0, 1, 2, 3, 4]
    assert days_of("fri-mon") == [4, 5, 6, 0]
    assert days_of("sun") == [6]
    assert minutes_of("09:00-24:00") == (540, 1440)
    for wrong in ("Mon", "monday", "mon-", "mon-mon", "mon,tue", ""):
        with pytest.raises(ValueError, match="mon-fri"):
            days_of(wrong)
    for wrong in ("9:00-18:00", "09:00", "09:00-25:00", "18:00-09:00", "22:00-06:00", "09:00-09:00"):
        with pytest.raises(ValueError, match="ours"):
            minutes_of(wrong)


# What holds for every calendar

ZONES = ("Europe/Tallinn", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Australia/Lord_Howe", "UTC")


@st.composite
def working(draw: st.DrawFn) -> WorkingTime:
    hours = {}
    for day in draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True)):
        marks = draw(st.lists(st.integers(0, 95), min_size=2, max_size=6, unique=True).map(sorted))
        hours[day] = tuple(
            f"{a // 4:02}:{a % 4 * 15:02}-{b // 4:02}:{b % 4 * 15:02}"
            for a, b in zip(marks[::2], marks[1::2], strict=False)
        )
    return WorkingTime(draw(st.sampled_from(ZONES)), hours, region=draw(st.sampled_from([None, "EE", "DE-BY"])))


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC))  # noqa: DTZ001
WORK = st.integers(1, 60 * 60).map(lambda amount: Duration(amount, "m", business=True))
ANY = st.one_of(WORK, st.integers(1, 30).map(lambda amount: Duration(amount, "d", business=True)))


@settings(max_examples=150, deadline=None)
@given(working(), MOMENTS, WORK)
def test_between_the_beginning_and_the_end_lies_exactly_the_working_time(
    when: WorkingTime, start: datetime, length: Duration
) -> None:
    end = when.add(start, length)
    assert when.between(start, end) == timedelta(minutes=length.amount)
    assert when.between(start, end - timedelta(seconds=1)) < timedelta(minutes=length.amount), "it is the first moment"


@settings(max_examples=150, deadline=None)
@given(working(), MOMENTS, st.timedeltas(timedelta(), timedelta(days=9)), ANY)
def test_what_begins_later_is_never_over_earlier(
    when: WorkingTime, start: datetime, later: timedelta, length: Duration
) -> None:
    assert when.add(start, length) <= when.add(start + later, length)
    assert when.add(start, length) > start


@settings(max_examples=100, deadline=None)
@given(working(), st.lists(MOMENTS, min_size=3, max_size=3).map(sorted))
def test_working_time_adds_up(when: WorkingTime, three: list[datetime]) -> None:
    first, second, third = three
    assert when.between(first, second) + when.between(second, third) == when.between(first, third)
    assert when.between(third, first) == timedelta()
    assert when.after(first, when.between(first, second)) <= second


@settings(max_examples=100, deadline=None)
@given(working(), MOMENTS)
def test_every_moment_of_a_working_day_is_open_or_waits_for_the_next_opening(
    when: WorkingTime, moment: datetime
) -> None:
    opening = when.opening(moment)
    assert when.is_open(opening)
    assert (opening == moment) == when.is_open(moment)


# What a check says

DESK = """\
version: 1
company: {name: Acme, timezone: Europe/Tallinn}
roles: {agent: {label: Agent}}
calendars:
  office:
    timezone: Europe/Tallinn
    hours: {mon-fri: ["09:00-12:30", "13:00-18:00"], sat: ["10:00-12:00"]}
    holidays: DE-BY
    closed: ["2026-12-31"]
    open: ["2026-01-06"]
workflows:
  case:
    label: Cases
    initial: new
    ref: "C-{number}"
    calendar: office
    sla:
      - {when: "ticket.priority == 'high'", first_response: 1h business}
      - {first_response: 4h business, resolution: 5d business, warn_at: [50, 75], then: late}
    states:
      new:
        label: New
        customer_label: New
        visible_to: [agent]
        actions: [answer]
        pauses_sla: true
        timers: [{after: 2d business, do: late}]
      done: {label: Done, customer_label: Done, visible_to: [agent], final: true}
    actions:
      answer: {type: reply, label: Answer, allow: [agent], fields: [message], to: done, emails: [{to: [customer], subject: S, body: B}]}
      late: {type: notify, label: Late, automatic: true, emails: [{to: [assignee], subject: S, body: B}]}
sources:
  mail: {type: email, address: help@acme.example, workflow: case}
tests:
  - {name: Waiting, given: {source: mail, with: {subject: S, message: M}}, steps: [{after: 1d business}]}
"""

MISTAKES = [
    ("unknown_zone", "office:\n    timezone: Europe/Tallinn", "office:\n    timezone: §Europe/Talin"),
    ("bad_days", "{mon-fri:", "{§mon-fry:"),
    ("bad_days", "sat: [", "§Sat: ["),
    ("no_hours", 'sat: ["10:00-12:00"]', "sat: §[]"),
    ("no_hours", 'hours: {mon-fri: ["09:00-12:30", "13:00-18:00"], sat: ["10:00-12:00"]}', "hours: §{}"),
    ("day_twice", 'sat: ["10:00-12:00"]', '§fri: ["10:00-12:00"]'),
    ("bad_hours", '"10:00-12:00"', '§"10-12"'),
    ("bad_hours", '"10:00-12:00"', '§"12:00-10:00"'),
    ("bad_hours", '"10:00-12:00"', '§"22:00-06:00"'),
    ("hours_overlap", '"13:00-18:00"', '§"12:00-18:00"'),
    ("unknown_region", "holidays: DE-BY", "holidays: §DE-XX"),
    ("unknown_region", "holidays: DE-BY", "holidays: §Bavaria"),
    ("bad_date", '"2026-12-31"', '§"2026-02-30"'),
    ("closed_and_open", 'open: ["2026-01-06"]', 'open: ["2026-01-06", §"2026-12-31"]'),
    ("open_without_hours", 'open: ["2026-01-06"]', 'open: [§"2026-01-04"]'),
    ("unknown_calendar", "calendar: office", "calendar: §ofice"),
    ("unused_calendar", "  office:\n", '  §night: {timezone: UTC, hours: {mon: ["00:00-06:00"]}}\n  office:\n'),
    ("no_calendar", "    calendar: office\n    sla:\n      - {when: \"ticket.priority == 'high'\", first_response: ",
     "    sla:\n      - {when: \"ticket.priority == 'high'\", first_response: §"),
    ("no_calendar", "    calendar: office\n", ""),
    ("bad_duration", "after: 2d business", "after: §2w business"),
    ("bad_duration", "after: 2d business", "after: §2000d business"),
    ("bad_duration", "after: 2d business", "after: §2 days"),
    ("level_never_matches", "      - {when: \"ticket.priority == 'high'\", first_response: 1h business}\n      - {first",
     "      - {first_response: 1h business}\n      - §{first"),
    ("no_promise", "      - {when: \"ticket.priority == 'high'\", first_response: 1h business}",
     "      - §{when: \"ticket.priority == 'high'\"}"),
    ("bad_warning", "warn_at: [50, 75]", "warn_at: [50, §100]"),
    ("bad_warning", "warn_at: [50, 75]", "warn_at: [§0, 75]"),
    ("said_twice", "warn_at: [50, 75]", "warn_at: [50, §50]"),
    ("needs_input", "then: late", "then: §answer"),
    ("unknown_action", "then: late", "then: §lat"),
    ("unknown_name", "\"ticket.priority == 'high'\"", "§\"actor.kind == 'staff'\""),
    ("never_answered", "first_response: 4h business, resolution: 5d", "first_response: §4h business, resolution: 5d"),
    ("nothing_to_pause", "pauses_sla", "§pauses_sla"),
]  # fmt: skip
ALSO = {  # what else must be changed for the mistake to be one
    "never_answered": ("emails: [{to: [customer], subject: S, body: B}]", "customer: see"),
    "nothing_to_pause": (DESK[DESK.index("    sla:") : DESK.index("    states:")], ""),
}


def test_the_desk_of_these_mistakes_is_clean() -> None:
    assert [str(finding) for finding in check.run_text(DESK).findings] == []


@pytest.mark.parametrize(("code", "stands", "instead"), MISTAKES)
def test_a_mistake_in_calendars_or_service_levels_is_found_at_its_place(code: str, stands: str, instead: str) -> None:
    text = changed(DESK, stands, instead)
    if code in ALSO:
        text = text.replace(*ALSO[code])
    found(code, text)
