"""Each sentence of WORKFLOW.md that settles a question, as a small desk with tests of its own.

The files in `settled/` say only what matters: states, actions, and tests as lists of steps. What every desk needs
besides (labels, colours, a mailbox, a way out) is filled in here. Those in `settled_together/` show sentences that
meet; each of their expectations turned wrong is told in one sentence.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpdesk.rollout import testing
from helpdesk.rollout.report import Report

TOGETHER = sorted((Path(__file__).parent / "settled_together").glob("*.yaml"))
SETTLED = sorted((Path(__file__).parent / "settled").glob("*.yaml")) + TOGETHER
ROLES = {"agent": {"may": ["create", "be_assigned"]}, "boss": {"may": ["be_assigned"]}, "clerk": {}}
OFFICE = {"office": {"timezone": "Europe/Tallinn", "hours": {"mon-fri": ["09:00-18:00"]}}}
MAILBOX = {"type": "email", "address": "a@desk.example", "fetch": {"imap": "${env:MAIL}"}, "workflow": "w"}
FORM = {"type": "form", "slug": "site", "label": "Site", "workflow": "w", "login": "optional", "after": {"text": "T"}}
COMPANY = {
    "name": "Co",
    "url": "https://desk.example",
    "languages": ["en"],
    "timezone": "Europe/Tallinn",
    "currency": "EUR",
}


@pytest.mark.parametrize("path", SETTLED, ids=lambda path: path.stem)
def test_it_is_as_settled(path: Path) -> None:
    report = played(yaml.safe_load(path.read_text()))
    assert not [str(finding) for finding in report.findings if finding.severity == "error"]
    assert [failure.message for failure in report.failures] == []
    assert report.results


@pytest.mark.prove
@pytest.mark.parametrize("path", TOGETHER, ids=lambda path: path.stem)
def test_each_expectation_turned_wrong_is_told_in_one_sentence(path: Path) -> None:
    short = yaml.safe_load(path.read_text())
    for wrong in turned_wrong(short):
        report = played(short | {"tests": [wrong]})
        assert len(report.failures) == 1, f"{wrong}: {report.failures}"
        assert report.failures[0].message.endswith(".")
        assert "expected" in report.failures[0].message


def played(short: dict[str, Any]) -> Report:
    return testing.run(yaml.dump(desk_of(short), Dumper=_WrittenOut, sort_keys=False))


def turned_wrong(short: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each test of the file, once for each of its expectations, with that one turned wrong."""
    for said in short["tests"]:
        test = copy.deepcopy(said) if isinstance(said, dict) else {"steps": copy.deepcopy(said)}
        for step in [test.get("given", {}), *test["steps"]]:
            if "refused" in step:
                right = step["refused"]
                step["refused"] = "voted" if right == "stale" else "stale"
                yield copy.deepcopy(test)
                step["refused"] = right
            for what, right in step.get("expect", {}).items():
                others = {"state": short["states"], "ran": short["actions"], "emails": ["customer"]}[what]
                if what == "state":
                    step["expect"][what] = next((name for name in others if name != right), "end")
                else:
                    step["expect"][what] = right[1:] or ([] if right else [next(iter(others))])
                yield copy.deepcopy(test)
                step["expect"][what] = right


def desk_of(short: dict[str, Any]) -> dict[str, Any]:
    """The whole desk that a short file stands for."""
    desk: dict[str, Any] = {"version": 1, "company": COMPANY, "roles": short.get("roles", ROLES)}
    desk |= {key: short[key] for key in ("groups", "fields", "emails", "routing") if key in short}
    for part in ("roles", "groups", "fields"):
        desk |= {part: {name: {"label": name} | said for name, said in desk[part].items()}} if part in desk else {}
    desk |= {"calendars": short.get("calendars", OFFICE), "services": {"payments": {"driver": "local"}}}
    desk["workflows"] = {"w": _workflow(short, desk)}
    desk["sources"] = {"mail": MAILBOX | short.get("source", {})}
    if "form" in short:
        desk["sources"]["site"] = FORM | short["form"]
    desk["tests"] = [_test(number, said) for number, said in enumerate(short["tests"], start=1)]
    return desk


def _workflow(short: dict[str, Any], desk: dict[str, Any]) -> dict[str, Any]:
    states, actions, always = dict(short["states"]), dict(short["actions"]), list(short.get("always", ()))
    if not any(said and said.get("final") for said in states.values()):
        states["end"], always = {"final": True}, [*always, "finish"]
        actions["finish"] = {"type": "close", "allow": [next(iter(desk["roles"]))], "to": "end"}
    carried = [name for name, field in desk.get("fields", {}).items() if field.get("keep", "ticket") == "ticket"]
    sight = short.get("vis", list(desk["roles"]))
    workflow = {"label": "W", "initial": next(iter(states)), "ref": "W-{number}", "calendar": "office"}
    workflow |= {key: short[key] for key in ("sla", "on_create") if key in short} | {"always": always}
    workflow |= {"fields": carried} if carried else {}
    workflow["states"] = {name: _state(name, said or {}, sight) for name, said in states.items()}
    return workflow | {"actions": {name: _action(name, said) for name, said in actions.items()}}


def _state(name: str, said: dict[str, Any], sight: list[str]) -> dict[str, Any]:
    shown = {} if said.get("hidden_from_customer") else {"customer_label": name.title()}
    return {"label": name.title(), "color": "gray", "visible_to": sight} | shown | said


def _action(name: str, said: dict[str, Any]) -> dict[str, Any]:
    texts = {"subject": "S", "body": "B"}
    emails = [email if "template" in email else texts | email for email in said.get("emails", ())]
    return {"type": "notify", "label": name.title()} | said | ({"emails": emails} if emails else {})


def _test(number: int, said: Any) -> dict[str, Any]:
    told = said if isinstance(said, dict) else {"steps": said}
    given = {"source": "mail", "from": "olga@example.org", "with": {"subject": "S", "message": "M"}}
    name = told.get("name", f"Number {number}")
    return {"name": name, "given": given | told.get("given", {}), "steps": told.get("steps", [])}


class _WrittenOut(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True
