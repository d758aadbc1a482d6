"""One client that asks for pages one after the other on a kept connection, signed in as somebody of the staff."""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from flask import Flask
from flask import session as cookie

from helpdesk.db import session, writing
from helpdesk.people.models import Person
from helpdesk.web import sign_ins

WARM_UPS, REQUESTS, RUNS = 50, 300, 3


@dataclass(frozen=True)
class Page:
    """A page to ask for; `holds` is what must stand on it, or it was another page."""

    name: str
    port: int
    path: str
    holds: str
    headers: Mapping[str, str]


def sign_in(app: Flask, person_id: int) -> dict[str, str]:
    """The headers of a browser that is signed in at the desk."""
    with app.test_request_context("/", headers={"User-Agent": "bench"}), writing():
        sign_ins.begin(session().get_one(Person, person_id), "desk")
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return {"Cookie": f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(dict(cookie))}"}


def compared(pages: Sequence[Page], *, requests: int = REQUESTS) -> list[dict[str, float]]:
    """The median time of each page in milliseconds, by name, for each of three runs that take turns between the
    pages.
    """
    for page in pages:
        ask(page, WARM_UPS)
    return [{page.name: ask(page, requests) for page in pages} for _ in range(RUNS)]


def ask(page: Page, times: int) -> float:
    """Ask `times` times for a page; the median in milliseconds. Raises RuntimeError when it is not that page."""
    return statistics.median(islice(_asked(page), times)) * 1000


def longest(page: Page, going_on: Callable[[], bool]) -> float:
    """Ask for a page again and again while something is `going_on`; the longest answer in milliseconds."""
    most = 0.0
    for took in _asked(page):
        most = max(most, took)
        if not going_on():
            break
    return most * 1000


def _asked(page: Page) -> Iterator[float]:
    """How many seconds each answer takes."""
    with closing(http.client.HTTPConnection("127.0.0.1", page.port, timeout=60)) as connection:
        while True:
            begun = time.perf_counter()
            connection.request("GET", page.path, headers=dict(page.headers))
            answer = connection.getresponse()
            body = answer.read()
            took = time.perf_counter() - begun
            if answer.status != 200 or page.holds.encode() not in body:
                raise RuntimeError(f"{page.path} gave {answer.status}, not the page with {page.holds!r}.")
            yield took
