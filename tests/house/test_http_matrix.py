"""Every route, in every state of a ticket, asked by everybody: nothing opens that the workflow file and
tests/house/routes.py do not open (attacks 43, 44, 45, 58, 59, 67).

The cells come from the URL map and from the YAML; what is expected was written by hand, or comes from an oracle that
shares no code with the desk. What is refused, and what is only looked at, must leave every row as it was.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from flask import Flask
from werkzeug.test import TestResponse

from config import Settings
from helpdesk import live
from helpdesk.cli import root
from helpdesk.web import sign_ins
from tests.cast import Character
from tests.cli.conftest import environment
from tests.conftest import DESK
from tests.crawling import reached
from tests.house.oracle import Oracle
from tests.house.routes import ROUTES, Asker, Place
from tests.house.rows import changes, everything
from tests.house.scene import ASKERS, SUBJECT, WORD, Scene, come_in, set_up
from tests.plugins.post import Post
from tests.program import Program
from tests.visitor import Visitor

ORACLE = Oracle(DESK)
STATES = [(workflow, state) for workflow, spec in ORACLE.workflows.items() for state in spec["states"]]
# Every state on one database; on the other, where the same rules are asked by the same queries, two that differ most.
CELLS = pytest.mark.parametrize(
    ("database_url", "workflow", "state"),
    [("sqlite", *each) for each in STATES]
    + [("postgresql", "repair", state) for state in ("awaiting_payment", "done")],
    indirect=["database_url"],
)
# There is no such mail to send again, and no mailbox to read: who may ask is told so.
NOTHING_TO_DO = {
    "admin.outbox_again": "not_found",  # it is asked without a queue
    "admin.outbox_do": "not_found",
    "admin.outbox_one": "not_found",
    "admin.alarms_see_to": "not_found",
    "admin.clear_spam": "not_now",
    "admin.unblock": "not_found",
    "admin.fetch_now": "not_now",
    "admin.sources_do": "not_found",
    "admin.sources_sign_in": "not_found",
    "admin.sources_back": "not_now",
    "admin.sources_finish": "not_now",
    "admin.workflow_letter": "not_found",
}
Cell = tuple[str, str, str]  # method, path, action


@pytest.fixture
def scene(app: Flask, post: Post, olga: Character, mallory: Character) -> Scene:
    return set_up(app, post)


def test_every_route_has_an_expectation(app: Flask) -> None:
    """A new route fails here until somebody has said who may use it."""
    rules = {(method, rule.endpoint) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    assert {rule for rule in rules if rule[0] not in ("HEAD", "OPTIONS")} == ROUTES.keys()


@CELLS
def test_each_ticket_route_opens_to_whom_the_file_says(scene: Scene, workflow: str, state: str) -> None:
    """attacks 43, 45 and 59"""
    scene.put(state)
    at = Place(ORACLE, workflow, state)
    wrong: list[str] = []
    for who, browser in scene.browsers.items():
        cells = [
            (cell, endpoint, ROUTES[cell[0], endpoint](who, at, cell[2]))
            for cell, endpoint in _ticket_cells(scene, workflow, who)
        ]
        harmless = [each for each in cells if each[0][0] == "GET" or each[2] != "ok"]
        before = everything(scene.app)
        wrong += _asked(browser, who, harmless)
        wrong += _foreign_children(scene, who, browser)
        wrong += [
            f"{who.name}: refused or looked at, and yet {line}" for line in changes(before, everything(scene.app))
        ]
        for each in cells:
            if each not in harmless:
                wrong += _asked(browser, who, [each])
                scene.put(state)
    assert not wrong, "\n".join(wrong)


@CELLS
def test_no_list_search_or_bell_tells_of_a_ticket_out_of_sight(scene: Scene, workflow: str, state: str) -> None:
    """attack 44: the same sight in lists, filters, search and the live bell"""
    scene.put(state)
    at = Place(ORACLE, workflow, state)
    bell = live.Doorbell(scene.app, sign_ins.of_cookie)
    for who, browser in scene.browsers.items():
        for key in ("open", "mine", "groups", "unassigned", "unread", "all", f"state:{workflow}.{state}"):
            shown = SUBJECT in browser.opens(f"/desk/filters/{key}").text
            assert not shown or at.seen_by(who), (who, key)
        if who.at == "desk":
            assert (SUBJECT in browser.opens("/desk/?filter=all").text) == at.seen_by(who), who
            for words in (SUBJECT, WORD[:8]):
                found = browser.opens("/desk/search", query_string={"q": words}).text
                assert (scene.case.ref in found) == at.seen_by(who), (who, words)
            for exact in (scene.case.ref, str(scene.case.id), "olga@example.org"):
                answer = browser.opens("/desk/search", query_string={"q": exact})
                assert (answer.status_code == 303) == at.seen_by(who), (who, exact)
                assert at.seen_by(who) or SUBJECT not in answer.text
        own = who.name == "olga" and not at.hidden
        assert (SUBJECT in browser.opens("/my/requests").text) == own, who
        assert _room(bell, browser, scene.case.id) == (
            f"ticket:{scene.case.id}" if at.seen_by(who) else f"ticket:{scene.case.id}:customer" if own else None
        ), who


def test_each_other_route_opens_to_whom_it_should(scene: Scene) -> None:
    """attack 43, for what belongs to no ticket; what is refused changes nothing"""
    at = Place(ORACLE, "repair", "new")
    wrong = []
    for who, browser in scene.browsers.items():
        cells = [(cell, endpoint, ROUTES[cell[0], endpoint](who, at, "")) for cell, endpoint in _other_cells(scene)]
        harmless = [each for each in cells if each[0][0] == "GET" or each[2] in ("not_found", "sign_in")]
        before = everything(scene.app)
        wrong += _asked(browser, who, harmless)
        wrong += [
            f"{who.name}: refused or looked at, and yet {line}" for line in changes(before, everything(scene.app))
        ]
        for each in (each for each in cells if each not in harmless):
            wrong += _asked(browser, who, [each])
            if each[1] in ("account.sign_out", "account.sign_out_everywhere"):
                come_in(browser, who)
    assert not wrong, "\n".join(wrong)


def test_following_every_link_changes_nothing(scene: Scene) -> None:
    """attack 67: all that can be reached by looking, as page and as fragment, and not one row is another afterwards"""
    for who, browser in scene.browsers.items():
        before = everything(scene.app)
        found = reached(browser)
        assert changes(before, everything(scene.app)) == [], who
        assert [path for path, answers in found.items() if max(each.status_code for each in answers) >= 500] == []
        assert len(found) > (15 if who.at == "desk" else 6), (who, found.keys())


def test_the_command_line_gives_what_the_file_gives(scene: Scene, settings: Settings) -> None:
    """attacks 58 and 59, by `helpdesk ticket do`: some of the cells, others on each run"""
    seed = random.randrange(10_000)
    people = [who for who in ASKERS if who.at and who.name != "head"]
    cells = [(w, s, a, who) for w, s in STATES for a in ORACLE.workflows[w]["actions"] for who in people]
    for workflow, state, action, who in random.Random(seed).sample(cells, 40):
        scene.put(state)
        before = everything(scene.app)
        words = ["ticket", "do", scene.case.ref, action, "--as", who.email]
        done = CliRunner().invoke(root, words, env=environment(settings), prog_name="helpdesk")
        named = (seed, state, action, who.name, done.output)
        if who.at == "desk":
            expected = ORACLE.staff(ORACLE.counts_as([*who.roles], [*who.groups]), workflow, state, action)
        else:
            expected = ORACLE.customer(workflow, state, action) if who.name == "olga" else "not_found"
        not_now = done.exit_code == 3 and "is not possible while" in done.stderr
        said = (
            "not_found" if done.exit_code == 4 else "not_now" if not_now else "may" if done.exit_code in (0, 3) else "?"
        )
        assert said == expected, named
        assert done.exit_code == 0 or changes(before, everything(scene.app)) == [], named


@CELLS
def test_a_program_gets_what_the_file_gives(scene: Scene, workflow: str, state: str) -> None:
    """attacks 43, 58 and 59, by the API: every action and every person in every state, and what each is shown of the
    ticket; a token for reading does nothing
    """
    at, ref = Place(ORACLE, workflow, state), scene.case.ref
    scene.put(state)
    for who in (each for each in ASKERS if each.at):
        program, reader = Program(scene.app, who.email), Program(scene.app, who.email, scope="read")
        program.gets("/tickets"), reader.gets("/tickets")  # what their first use leaves is no change of what is refused
        names = ORACLE.counts_as([*who.roles], [*who.groups]) | ({"admin"} if who.admin else set())
        staff = bool(names) and ORACLE.sees(names, workflow, state)
        own = who.name == "olga" and not at.hidden
        seen = staff or own
        may = {}
        for action in ORACLE.workflows[workflow]["actions"]:
            if own:
                may[action] = ORACLE.customer(workflow, state, action)
            else:
                may[action] = ORACLE.staff(names, workflow, state, action) if staff else "not_found"
        assert (ref in program.gets("/tickets", limit=200).text) == seen, who
        assert (ref in program.gets("/tickets", query=SUBJECT).text) == seen, who
        for path in (
            f"/tickets/{ref}",
            f"/tickets/{ref}/messages",
            f"/tickets/{ref}/events",
            f"/tickets/{ref}/deliveries",
            f"/tickets/{ref}/actions",
            f"/tickets/{ref}/attachments/{scene.file_of(scene.case)}",
        ):
            assert _word(program.gets(path)) == ("ok" if seen else "not_found"), (who, path)
        for child in (scene.file_of(scene.other), *([] if staff else [scene.file_of(scene.case, audience="internal")])):
            assert _word(program.gets(f"/tickets/{ref}/attachments/{child}")) == "not_found", who  # attack 45
        if seen:
            listed = [each["name"] for each in program.gets(f"/tickets/{ref}/actions").json["actions"]]
            assert sorted(listed) == sorted(name for name, said in may.items() if said == "may"), who
        before = everything(scene.app)
        for action, said in may.items():
            assert reader.does(ref, action).status_code == 403
            if said != "may":
                assert _word(program.does(ref, action)) == said, (who.name, state, action)
        assert changes(before, everything(scene.app)) == [], who
        for action in (action for action, said in may.items() if said == "may"):
            assert _word(program.does(ref, action)) == "ok", (who.name, state, action)
            scene.put(state)


def _ticket_cells(scene: Scene, workflow: str, who: Asker) -> Iterator[tuple[Cell, str]]:
    """Every route under a ticket, with each action where the address names one and the asker is at the right door."""
    actions = [*ORACLE.workflows[workflow]["actions"]]
    for method, rule in _rules(scene.app):
        if "ref" in rule.arguments:
            told_apart = who.at == rule.endpoint.split(".")[0] and rule.endpoint != "desk.ready_answer"
            for action in [""] if "action" not in rule.arguments else actions if told_apart else actions[1:4]:
                yield (method, _path(scene, rule, action=action), action), rule.endpoint


def _other_cells(scene: Scene) -> Iterator[tuple[Cell, str]]:
    for method, rule in _rules(scene.app):
        if "ref" not in rule.arguments:
            yield (method, _path(scene, rule), ""), rule.endpoint


def _rules(app: Flask) -> Iterator[tuple[str, Any]]:
    for rule in sorted(app.url_map.iter_rules(), key=str):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule


def _path(scene: Scene, rule: Any, **more: Any) -> str:
    names = scene.names | more
    if rule.endpoint == "admin.fetch_now" or rule.endpoint.startswith("admin.sources_"):
        names["name"] = "support_mail"
    if rule.endpoint == "admin.quarantine_do":
        names["what"] = "replay"
    if rule.endpoint == "admin.sources_do":
        names["what"] = "pause"
    if rule.endpoint == "admin.unconfirmed_do":
        names["what"] = "drop"
    if rule.endpoint == "admin.workflow_change":
        names["what"] = "fill"
    if rule.endpoint == "desk.waiting":
        names["what"] = "undo"
    if rule.endpoint == "admin.outbox_do":
        names["what"] = "retry"
    with scene.app.test_request_context():
        return scene.app.url_map.bind("").build(rule.endpoint, {name: names[name] for name in rule.arguments})


def _asked(browser: Visitor, who: Asker, cells: list[tuple[Cell, str, str]]) -> list[str]:
    """A line for each cell that was answered otherwise than expected."""
    wrong = []
    for (method, path, _action), endpoint, expected in cells:
        answer = browser.opens(path) if method == "GET" else browser.sends(path)
        said = _word(answer)
        if expected == "ok":
            expected = NOTHING_TO_DO.get(endpoint, "ok")
        if said != expected:
            where = f"{who.name} at {who.at or 'nowhere'}: {method} {path}"
            wrong.append(f"{where}: expected {expected}, got {said} ({answer.status})")
    return wrong


def _word(answer: TestResponse) -> str:
    if (
        answer.status_code == 303
        and urlsplit(answer.location).path in ("/account/sign-in", "/my/sign-in")
        and "next=" in answer.location
    ):
        return "sign_in"
    words = {200: "ok", 204: "ok", 303: "ok", 422: "ok", 404: "not_found", 409: "not_now", 401: "no_token"}
    return words.get(answer.status_code, answer.status)


def _foreign_children(scene: Scene, who: Asker, browser: Visitor) -> list[str]:
    """Attack 45: a child of another ticket through this one; for the customer also a note's file."""
    ref, file_id, message_id = scene.case.ref, scene.file_of(scene.other), scene.other.messages[0].id
    paths = [
        f"/desk/tickets/{ref}/attachments/{file_id}",
        f"/desk/tickets/{ref}/messages/{message_id}/html",
        f"/desk/tickets/{ref}/messages/{message_id}/original.eml",
        f"/my/requests/{ref}/files/{file_id}",
        f"/my/requests/{ref}/files/{scene.file_of(scene.case, audience='internal')}",
    ]
    return [f"{who.name}: {path} opened" for path in paths if _word(browser.opens(path)) == "ok"]


def _room(bell: live.Doorbell, browser: Visitor, ticket_id: int) -> str | None:
    """The room of the live bell that this browser may join for the ticket."""
    found = browser.client.get_cookie("session")
    listener = bell._who(found.value if found else "")
    return bell._room_for(listener, ticket_id) if listener else None


def test_nobody_of_the_matrix_is_missing(app: Flask) -> None:
    """Each role and group of the file that gives a right of its own is somebody's here."""
    held = {name for who in ASKERS for name in ORACLE.counts_as([*who.roles], [*who.groups])}
    assert held >= ORACLE.desk["roles"].keys() | ORACLE.desk["groups"].keys()
