"""A real Chromium, Debian's own, driven by Playwright: nothing is downloaded.

`page` is one test's page in a context of its own. At the end the test fails if the page broke its own
Content-Security-Policy or a script threw. `new_page` opens further ones (another person, a phone, dark colours).
`accessibility_problems` asks axe.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect, sync_playwright
from werkzeug.serving import make_server

from tests.servers.process import program

FLAGS = (
    "--no-sandbox",  # root may not have one
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
)
SHELL = "chromium-headless-shell"  # the same Chromium without its windows, which takes a quarter less of the machine
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
WAITS = 30_000  # milliseconds for what a page does by itself, on a machine that is busy with other things
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")

OpenPage = Callable[..., Page]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A story that is told in each colour and width is told in two of the four here, light and wide, dark and narrow;
    `make prove` tells the other two.
    """
    for item in items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        if {"scheme", "size"} <= params.keys() and (params["scheme"] == "light") != (params["size"] == DESKTOP):
            item.add_marker(pytest.mark.prove)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The session's browser."""
    executable = shutil.which(SHELL) or program("chromium", package=SHELL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        expect.set_options(timeout=WAITS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[OpenPage]:
    """Open a page in a new context (its own cookies). Options are Playwright's, such as `color_scheme="dark"`."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_page(**options: Any) -> Page:
        context = chromium.new_context(
            **{"viewport": DESKTOP, "locale": "en-GB", "timezone_id": "Europe/Tallinn", **options}
        )
        context.set_default_timeout(WAITS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
        page.on("console", lambda said: problems.extend(_violations(said)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems, "The page broke:\n" + "\n".join(problems)


@pytest.fixture
def page(new_page: OpenPage) -> Page:
    """A page at 1440 pixels, light."""
    return new_page()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the test's desk answers browsers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()


def look_in_all(page: Page, name: str) -> None:
    """`look` in both widths and both colours; without motion, so that nothing is on its way."""
    wide = page.viewport_size or PHONE
    for size, width in ((wide, "1440"), (PHONE, "390")):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            look(page, f"{name}-{scheme}-{width}")
    page.set_viewport_size(wide)
    page.emulate_media(color_scheme="light")


def look(page: Page, name: str) -> None:
    """Everybody can read it and nothing is wider than the window. HELPDESK_SHOTS names a folder for pictures."""
    page.wait_for_load_state("load")
    expect(page.locator(".skeleton, .htmx-request")).to_have_count(0)
    page.evaluate("() => document.fonts.ready.then(() => true)")
    if folder := os.environ.get("HELPDESK_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def accessibility_problems(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA on the page as it is now, one line for each element; empty is good."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": list(WCAG)}}).response["violations"]
    page.evaluate(
        """() => document.querySelectorAll('[style=""]').forEach((each) => each.removeAttribute("style"))"""
    )  # axe's
    return [f"{rule['id']}: {rule['help']}: {node['html']}" for rule in found for node in rule["nodes"]]


def _violations(said: ConsoleMessage) -> list[str]:
    return [f"{said.location['url']}: {said.text}"] if "Content Security Policy" in said.text else []
