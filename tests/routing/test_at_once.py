"""Two tickets that are given at the same moment: the second choice sees the first (C12)."""

from __future__ import annotations

import threading

from flask import Flask

from tests.cast import Character, hire
from tests.routing.desks import agent, in_force


def test_a_capacity_holds_where_several_are_given_at_once(app: Flask, olga: Character) -> None:
    in_force(app, routing="entry: {by: least_busy, capacity: {email: 1}}")
    giver = hire(app, "giver@acme.example", "Giver", roles=["agent"])
    names = ("Anton", "Bert")
    people = [agent(app, name) for name in names]
    cases = [olga.writes(f"Case {number}") for number in range(4)]
    together = threading.Barrier(len(cases))
    done: list[int] = []

    def gives(number: int) -> None:
        together.wait(60)
        giver.performs("give", cases[number])
        done.append(number)

    threads = [threading.Thread(target=gives, args=(number,)) for number in range(len(cases))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(done) == [0, 1, 2, 3]
    given = sorted(case.assignee or "" for case in cases)
    assert given == ["", "", *sorted(one.email for one in people)]
