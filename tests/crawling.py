"""Everything a browser can reach by looking: each link of ours is followed, as a page and as a fragment, files too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

from werkzeug.test import TestResponse

from tests.visitor import Visitor

STARTS = ("/", "/desk/", "/desk/filters/all", "/my/", "/admin/", "/account/password", "/forms/contact", "/nothing/here")


def reached(browser: Visitor, *more: str, most: int = 150) -> dict[str, list[TestResponse]]:
    """By address: the answer as a page and as a fragment."""
    found: dict[str, list[TestResponse]] = {}
    waiting = [*STARTS, *more]
    while waiting and len(found) < most:
        path = waiting.pop()
        page = browser.opens(path)
        found[path] = [page, browser.opens(path, headers={"HX-Request": "true"})]
        for answer in found[path]:
            waiting += [each for each in _links(answer) if each not in found and each not in waiting]
    return found


def _links(answer: TestResponse) -> Iterable[str]:
    if answer.location:
        yield answer.location
    if answer.mimetype == "text/html":
        for each in re.findall(r'(?:href|src|hx-get|data-url)="(/[^"#]*)', answer.text):
            if not each.startswith("/assets/"):
                yield unescape(each)
