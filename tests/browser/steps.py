"""What everybody does in a browser before anything else."""

from __future__ import annotations

from time import monotonic

from flask import Flask
from playwright.sync_api import Locator, Page, Route, expect

from tests.cast import Case, Character, hire
from tests.visitor import PASSWORD, give_password, mailed_link


def the_head(app: Flask) -> Character:
    """Boris, the head of support and the administrator, who can sign in."""
    boris = hire(app, "boris@acme.example", "Boris", roles=["manager"], admin=True)
    give_password(app, boris.email)
    return boris


def sign_in(page: Page, address: str, email: str) -> None:
    """Sign in at the desk of this address, with the password of `give_password`."""
    page.goto(f"{address}/account/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk/**")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def come_in(app: Flask, page: Page, address: str, email: str) -> None:
    """Come into the cabinet as this customer, by the link that is mailed."""
    page.goto(f"{address}/my/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Mail me a link").click()
    page.goto(address + mailed_link(app, email))
    page.get_by_role("button", name="Sign in").click()


def letter_to(page: Page, address: str, recipient: str, subject: str) -> Page:
    """The newest letter to them with this subject, opened in the mail catcher. It may still be on its way: looks again
    until it is there, for half a minute.
    """
    letter = page.get_by_role("link", name=subject).first
    ends = monotonic() + 30
    while page.goto(f"{address}/dev/mail/?to={recipient}") and not letter.count() and monotonic() < ends:
        page.wait_for_timeout(100)
    letter.click()
    return page


def sheet(page: Page) -> Locator:
    """What one writes a message on, once the script has put it in the place of the plain field."""
    return page.get_by_role("textbox", name="Message").and_(page.locator("[contenteditable=true]"))


def listens(page: Page) -> None:
    """The page hears what rings: the desk has taken it into its rooms. What rang before that it did not hear."""
    expect(page.locator("html[data-listens]")).to_be_attached()


def at_the_ticket(app: Flask, page: Page, address: str, who: Character, case: Case) -> Page:
    """They are signed in and look at the ticket; the page hears what rings."""
    give_password(app, who.email)
    sign_in(page, address, who.email)
    page.goto(f"{address}/desk/tickets/{case.ref}")
    listens(page)
    return page


class Held:
    """Requests for some address: each is let through when the test says so."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._routes: list[Route] = []
        page.route(address, lambda route: self._routes.append(route))  # noqa: PLW0108 - Playwright marks the function

    def is_asked(self) -> Route:
        ends = monotonic() + 10
        while not self._routes and monotonic() < ends:
            self.page.wait_for_timeout(20)
        return self._routes[0]

    def goes_through(self) -> None:
        """It is asked for by now; its answer has come and is in the page, or is thrown away."""
        route = self.is_asked()
        with self.page.expect_event("requestfinished", lambda request: request == route.request):
            route.continue_()
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
