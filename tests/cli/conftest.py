"""The command line as a script calls it, on the desk of the other fixtures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from config import Settings
from helpdesk.cli import root

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Said:
    """What a command said: its exit code, and what stood on each stream."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Helpdesk = Callable[..., Said]


def environment(settings: Settings) -> dict[str, str]:
    """The variables that stand for these settings."""
    named = ("env", "var", "database_url", "secret_key", "workflows", "base_url", "sqlite_synchronous")
    return {f"HELPDESK_{name.upper()}": str(getattr(settings, name)) for name in named}


@pytest.fixture
def helpdesk(app: Flask, settings: Settings) -> Helpdesk:
    """Runs `helpdesk WORDS…` on the desk of `app`; `stdin` and more variables by keyword."""

    def run(*words: str, stdin: str | bytes = "", **variables: str) -> Said:
        done = CliRunner().invoke(root, words, input=stdin, env=environment(settings) | variables, prog_name="helpdesk")
        assert "Traceback" not in done.output
        return Said(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def program(tmp_path: Path) -> Helpdesk:
    """Runs the real program on a desk of its own that is not there yet."""

    def run(*words: str, stdin: str | bytes = b"", **variables: str) -> Said:
        env = {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}
        env |= {"HELPDESK_VAR": str(tmp_path / "var"), **variables}
        given = stdin.encode() if isinstance(stdin, str) else stdin
        command = [sys.executable, "-m", "helpdesk.cli", *words]
        done = subprocess.run(command, cwd=ROOT, env=env, input=given, capture_output=True, check=False, timeout=60)
        said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in said.out + said.err
        return said

    return run
