"""What all desks of the tests have in common is made once in a process, not again for each of its thousands of desks:
the code of the pages' templates and the functions that write the addresses of routes.

Nothing a test looks at is remembered: every desk still reads its own templates, declares its own routes, and has its
own database, files and clock. What was made while the tests were collected is left alone by the garbage collector.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from types import CodeType
from typing import Any, ClassVar

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class Compiled(BytecodeCache):
    """Templates as code, by name and text."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self.codes[bucket.key, bucket.checksum] = bucket.code


class Route(Rule):
    """A route that writes its addresses as an equal one of another desk does."""

    written: ClassVar[dict[object, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        equal = (self.rule, self.subdomain, self.merge_slashes, repr(self.defaults), append_unknown)
        if equal not in self.written:
            self.written[equal] = super()._compile_builder(append_unknown)
        return self.written[equal]


def pytest_configure(config: pytest.Config) -> None:
    Flask.url_rule_class = Route
    options: dict[str, Any] = {**Flask.jinja_options, "bytecode_cache": Compiled()}
    Flask.jinja_options = options


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 5)  # what is old is looked at once in some ten desks; by itself, with each of them
