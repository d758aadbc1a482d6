"""Every route has exactly one gate, and nobody passes one that is not theirs. Generated from the URL map."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter

from helpdesk.web import gates
from helpdesk.web.gates import Gate, for_everyone, for_staff
from tests.cast import Character, hire
from tests.program import token_of
from tests.visitor import Visitor, give_password

# Whoever knows the address may look: each is a decision, so a new one is entered here by hand.
PUBLIC = {
    "account.forgotten",
    "account.reset",
    "account.second_step",
    "account.sign_in",
    "account.sign_out",
    "api.description",
    "api.docs",
    "assets.serve",
    "cabinet.link",
    "cabinet.sign_in",
    "cabinet.take_link",
    "home.home",
    "operations.health",
    "operations.metrics",
    "operations.ready",
}
PUBLIC_ROOMS = {
    "forms",
    "links",
    "devmail",
    "styleguide",
}  # forms and mailed links for visitors; the demo, the workshop


def addresses(app: Flask, *kinds: Gate) -> list[tuple[str, str]]:
    """Method and path of every route behind these gates, with values that name nothing."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if gates.gate_of(app.view_functions[rule.endpoint]) not in kinds:
                continue
            values = {name: _value(rule, name) for name in rule.arguments}
            path = app.url_map.bind("").build(rule.endpoint, values)
            found += [(method, path) for method in sorted(rule.methods - {"OPTIONS", "HEAD"})]
    return found


def test_every_route_has_exactly_one_gate(app: Flask) -> None:
    assert gates.ungated(app) == []
    with pytest.raises(TypeError, match="two gates"):
        for_staff(for_everyone(lambda: ""))


def test_a_route_without_a_gate_stops_the_start(app: Flask) -> None:
    app.add_url_rule("/backdoor", "backdoor", lambda: "open")
    assert gates.ungated(app) == ["backdoor"]


def test_what_is_public_was_decided_by_name(app: Flask) -> None:
    public = {name for name, view in app.view_functions.items() if gates.gate_of(view) is Gate.EVERYONE}
    assert {name for name in public if name.split(".")[0] not in PUBLIC_ROOMS} - PUBLIC == set()


def test_a_stranger_is_led_to_sign_in_everywhere(app: Flask) -> None:
    stranger = Visitor(app)
    for method, path in addresses(app, Gate.CUSTOMERS, Gate.STAFF, Gate.ADMIN):
        answer = stranger.opens(path) if method == "GET" else stranger.sends(path)
        assert answer.status_code == 303, (method, path)
        assert answer.location.split("?")[0] in ("/account/sign-in", "/my/sign-in"), (method, path)


def test_a_customer_finds_no_desk(app: Flask, mallory: Character) -> None:
    """attack 43: a missing right looks like a missing page"""
    browser = Visitor(app)
    browser.signs_in_to_the_cabinet(mallory.email)
    for method, path in addresses(app, Gate.STAFF, Gate.ADMIN):
        answer = browser.opens(path) if method == "GET" else browser.sends(path)
        assert answer.status_code == 404, (method, path)


def test_no_cookie_opens_an_address_of_programs(app: Flask, boris: Character) -> None:
    """attack 98: whoever is signed in, the key is missing; and a key that is there opens it"""
    browser = Visitor(app).is_let_in(boris.email)
    token = token_of(app, boris.email)
    found = addresses(app, Gate.PROGRAMS)
    assert {method for method, _ in found} == {"GET", "POST"}
    for method, path in found:
        for client in (browser.client, Visitor(app).client):
            answer = client.open(path, method=method)
            assert (answer.status_code, answer.json["code"]) == (401, "unauthorized"), (method, path)
        known = browser.client.open(path, method=method, headers={"Authorization": f"Bearer {token}"})
        assert known.status_code not in (401, 403), (method, path)


def test_an_agent_finds_no_administration(app: Flask, ann: Character) -> None:
    give_password(app, ann.email)
    browser = Visitor(app)
    browser.signs_in(ann.email)
    for method, path in addresses(app, Gate.ADMIN):
        answer = browser.opens(path) if method == "GET" else browser.sends(path)
        assert answer.status_code == 404, (method, path)


def test_an_agent_who_works_here_no_more_finds_no_desk(app: Flask, ann: Character) -> None:
    """attack 53: rights are read at each request"""
    give_password(app, ann.email)
    browser = Visitor(app)
    browser.signs_in(ann.email)
    assert browser.opens("/account/password").status_code == 200
    hire(app, ann.email, "Ann")
    assert browser.opens("/account/password").status_code == 404


def test_looking_changes_nothing(app: Flask, ann: Character, boris: Character) -> None:
    """attack 67: the database itself refuses to be written to by a page that is only looked at"""
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    from helpdesk.db import session

    with app.app_context(), pytest.raises(DBAPIError, match=r"readonly|read-only"):
        session().execute(text("DELETE FROM people"))


def _value(rule: object, name: str) -> object:
    converter = rule._converters[name]  # type: ignore[attr-defined]
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 999999 if isinstance(converter, IntegerConverter) else "nothing"


def test_a_page_that_is_not_yours_looks_like_one_that_is_not_there(app: Flask, ann: Character, olga: Character) -> None:
    """attack 43: to the letter, but for the tokens of forms and the way home, which is the room's"""

    def seen(browser: Visitor, path: str) -> tuple[int, str]:
        answer = browser.opens(path)
        return answer.status_code, re.sub(r'(content|value)="[^"]{40,}"|href="/(desk/)?"', "", answer.text)

    agent = Visitor(app).is_let_in(ann.email)
    olga.writes("Printer on fire")
    customer = Visitor(app).is_let_in(olga.email, "cabinet")
    for browser, path in ((agent, "/admin/people"), (customer, "/admin/people"), (customer, "/desk/")):
        assert seen(browser, path) == seen(browser, "/nothing-of-ours")
