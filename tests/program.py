"""A program at the API: brings a token of somebody of the cast, keeps no cookie, sends JSON."""

from __future__ import annotations

from typing import Any, Literal

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from helpdesk.db import writing
from helpdesk.people import api_tokens, find


def token_of(app: Flask, email: str, *, scope: Literal["read", "write"] = "write", days: int = 90) -> str:
    with app.app_context(), writing():
        person = find.by_email(email)
        assert person is not None, f"{email} is not known yet"
        return api_tokens.make(person, name="a test", scope=scope, days=days)[1]


class Program:
    """`email`: as whom; without one it brings no token. `ip`: where it runs."""

    def __init__(
        self, app: Flask, email: str = "", *, scope: Literal["read", "write"] = "write", ip: str = "198.51.100.9"
    ) -> None:
        self.app = app
        self.token = token_of(app, email, scope=scope) if email else ""
        self.client: FlaskClient = app.test_client(use_cookies=False)
        self.client.environ_base["REMOTE_ADDR"] = ip

    def gets(self, path: str, *, headers: dict[str, str] | None = None, **query: Any) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers=self._head(headers), query_string=query or None)

    def posts(self, path: str, body: Any = None, *, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        sent = more or {"json": {} if body is None else body}
        return self.client.post(f"/api/v1{path}", headers=self._head(headers), **sent)

    def does(self, ref: str, action: str, *, headers: dict[str, str] | None = None, **values: Any) -> TestResponse:
        """Run an action with these values."""
        return self.posts(f"/tickets/{ref}/actions/{action}", {"values": values}, headers=headers)

    def _head(self, headers: dict[str, str] | None) -> dict[str, str]:
        mine = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**mine, **(headers or {})}
