"""A file's own tests play its routing: tiers by the names of roles, load without the ticket itself, and what is due."""

from __future__ import annotations

from helpdesk.rollout import testing

DESK = """\
version: 1
company: {name: Acme, languages: [en], timezone: Europe/Tallinn, currency: EUR}
roles:
  junior: {label: Junior, may: [be_assigned]}
  senior: {label: Senior, may: [be_assigned]}  # both are of the group, so both have both roles
groups:
  front: {label: Front, roles: [junior, senior]}
routing:
  lines: {by: first_line_first, tiers: [junior, senior], overflow_after: 2h, capacity: {email: 1}}
  around: {by: round_robin, prefer: [ticket_owner]}
workflows:
  case:
    label: Cases
    initial: new
    ref: "C-{number}"
    states:
      new: {label: New, customer_label: New, visible_to: [everyone], actions: [first, second, around, close]}
      done: {label: Done, customer_label: Done, visible_to: [everyone], final: true, actions: [again]}
    actions:
      first: {type: comment, label: First, allow: [junior], only_assignee: true, fields: [message]}
      second: {type: comment, label: Second, allow: [senior], only_assignee: true, fields: [message]}
      around: {type: assign, label: Around, allow: [everyone], assign: {group: front, by: around}}
      close: {type: close, label: Close, allow: [everyone], to: done}
      again: {type: reopen, label: Again, allow: [everyone], to: new}
sources:
  mail: {type: email, address: help@acme.example, workflow: case, assign: {group: front, by: lines}}
tests:
  - name: The first line has it, and after two hours the second
    given: {source: mail, with: {subject: Hi, message: Hello}}
    steps:
      - {as: senior, do: first, with: {message: Mine}, refused: assigned}
      - {after: 119m, expect: {ran: []}}
      - {as: senior, do: second, with: {message: Mine}, refused: assigned}
      - {after: 1m, expect: {state: new, ran: []}}
      - {as: assignee, do: second, with: {message: Mine}, expect: {ran: [second]}}
      - {as: junior, do: first, with: {message: Mine}, refused: assigned}
  - name: Whoever touches it keeps it
    given: {source: mail, with: {subject: Hi, message: Hello}}
    steps:
      - {as: assignee, do: first, with: {message: I look}}
      - {after: 1d}
      - {as: assignee, do: first, with: {message: Still mine}, expect: {ran: [first]}}
  - name: It goes around
    given: {source: mail, with: {subject: Hi, message: Hello}}
    steps:
      - {as: junior, do: around}
      - {as: junior, do: first, with: {message: Mine}, expect: {ran: [first]}}
      - {as: junior, do: around}
      - {as: senior, do: second, with: {message: Mine}, expect: {ran: [second]}}
"""


def test_the_files_own_tests_play_its_routing() -> None:
    """C14, N4: deterministic, offline, by the simulated clock."""
    report = testing.run(DESK)
    assert not report.findings, [str(finding) for finding in report.findings]
    assert report.passed, [str(failure) for failure in report.failures]
    twice = testing.run(DESK)
    assert twice.passed
