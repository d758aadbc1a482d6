"""What `helpdesk doctor` looks at, one family a file: functions from settings to verdicts that change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from config import Settings
from helpdesk.cli.checks.base import Verdict


def all_of(settings: Settings) -> Iterator[Verdict]:
    """Every check, the ground first: what a later one needs was looked at before."""
    from helpdesk.cli.checks import data, machine, outside, rights, sending, signing

    families: tuple[Callable[[Settings], Iterator[Verdict]], ...] = (
        machine.check,
        rights.check,
        outside.check,
        signing.check,
        data.check,
        sending.check,
    )
    for family in families:
        yield from family(settings)
