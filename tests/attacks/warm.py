"""A process that has imported all that is not ours, and runs pytest in a fork of itself for each line it is given: so a
run begins in a fraction of a second, and what is ours is imported afresh each time, as it then is.

Started by `tests.attacks.guards.Copy` alone. A line is a JSON list: the file that takes what is printed, whether
compiled files are written, and pytest's words. The answer is a line with pytest's exit code.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import sys

NOT_OURS = (
    "pytest", "hypothesis.strategies", "playwright.sync_api", "flask", "flask_wtf", "flask_babel", "flask_mail",
    "flask_sqlalchemy", "sqlalchemy.ext.declarative", "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite",
    "alembic.command", "psycopg", "jinja2.sandbox", "wtforms", "yaml", "nh3", "bleach", "babel.dates", "transitions",
    "socketio", "uvicorn", "a2wsgi", "aiosmtpd.smtp", "limits", "redis", "click.testing", "bs4", "argon2", "pyotp",
)  # fmt: skip


def main() -> None:
    for name in NOT_OURS:
        try:
            importlib.import_module(name)
        except ImportError:  # it is only slower without
            continue
    for line in sys.stdin:
        told, compiled, words = json.loads(line)
        child = os.fork()
        if child == 0:
            _run(told, compiled, words)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(told: str, compiled: bool, words: list[str]) -> None:
    import pytest

    handle = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number in (1, 2):
        os.dup2(handle, number)
    if not compiled:
        sys.dont_write_bytecode, os.environ["PYTHONDONTWRITEBYTECODE"] = True, "1"
    code = 3
    try:
        code = int(pytest.main(words))
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
