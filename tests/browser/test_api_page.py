"""The page of the API: read in both themes, on a desk and on a telephone, without a word from elsewhere."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.servers.browser import DESKTOP, PHONE, OpenPage, look

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_developer_reads_how_it_is_done(
    app: Flask, address: str, new_page: OpenPage, size: dict[str, int], scheme: str
) -> None:
    page = new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/api/v1/docs")
    expect(page.get_by_role("heading", name="The API of this desk")).to_be_visible()
    look(page, f"api-{scheme}-{size['width']}")
    page.get_by_role("navigation", name="On this page").get_by_role("link", name="Run an action").click()
    expect(page.get_by_role("heading", name="Run an action")).to_be_in_viewport()
    page.get_by_role("link", name="Done", exact=True).click()
    expect(page.get_by_role("heading", name="Done", exact=True)).to_be_in_viewport()
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
