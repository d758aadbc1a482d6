"""Who asks about a time that is not known any more has missed something; who was drawn since then has not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk import clock
from helpdesk.live import rung
from helpdesk.live.rung import Rung, moment

SECOND = timedelta(seconds=1)


def test_what_was_let_go_counts_as_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rung, "KEPT", 2)
    with clock.frozen(datetime(2026, 11, 2, 10, tzinfo=UTC)):
        heard = Rung()
        seen = {}
        for room in ("one", "two", "one", "three", "four"):  # "two" rang longest ago, then "one"
            clock.travel(SECOND)
            seen[room] = moment()
            clock.travel(SECOND)
            heard.note(room)
        assert not heard.since(moment(), ["one", "two", "three", "four"])
        assert [room for room in seen if heard.since(seen[room], [room])] == ["one", "two", "three", "four"]
        assert heard.since(seen["one"], ["quiet"])
        assert not heard.since(seen["three"], ["quiet"])


def test_a_new_line_to_the_others_knows_nothing_of_before() -> None:
    with clock.frozen(datetime(2026, 11, 2, 10, tzinfo=UTC)):
        heard = Rung()
        before = moment()
        clock.travel(SECOND)
        assert not heard.since(before, ["queue"])
        heard.begins_anew()
        assert heard.since(before, ["queue"])
        assert not heard.since(before, [])  # nobody who is in no room learns even that
        assert not heard.since(moment(), ["queue"])
