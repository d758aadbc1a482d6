"""A changed workflow reaches every process that runs: the web process and a worker, through nothing but the database
(N3, fault 28). `apply` is a third process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from flask import Flask

from config import Settings
from helpdesk import clock
from helpdesk.workflows import revisions
from helpdesk.workflows.revisions import in_force
from tests.cast import Character
from tests.cli.conftest import environment
from tests.rollout.changes import DESK, changed
from tests.servers.process import running, wait_until
from tests.visitor import Visitor

ROOT = Path(__file__).parents[2]
ESCALATES_AT_ONCE = changed(
    ("label: Quote a price", "label: Name a price"),
    ("timers: [{after: 2d, do: escalate}]", "timers: [{after: 1h, do: escalate}]"),
)["workflows.yaml"]


def test_web_and_worker_follow_what_another_process_applies(
    app: Flask, settings: Settings, olga: Character, ann: Character, tmp_path: Path
) -> None:
    with clock.frozen(clock.now() - timedelta(days=1)):
        case = olga.writes("Printer on fire")
    page = Visitor(app).is_let_in(ann.email)
    see = lambda: page.opens(f"/desk/tickets/{case.ref}").text  # noqa: E731
    assert "Quote a price" in see()
    file = tmp_path / "new.yaml"
    file.write_text(ESCALATES_AT_ONCE)
    env = {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}
    env |= environment(settings) | {"PYTHONPATH": str(ROOT)}
    program = [sys.executable, "-u", "-m", "helpdesk.cli"]
    log = tmp_path / "worker.log"
    works = lambda: log.exists() and "The worker is running" in log.read_text()  # noqa: E731
    with running([*program, "worker"], log=log, ready=works, env=env):
        subprocess.run([*program, "workflow", "apply", str(file)], env=env, check=True, capture_output=True)
        assert in_force.LOOK_AGAIN <= 1, "all processes switch within two seconds"
        wait_until(lambda: "Name a price" in see(), what="the web process to follow")
        wait_until(lambda: "escalate" in case.story, what="the worker to follow")
    escalated = case.events[-1]
    with app.app_context():
        assert escalated.revision_id == revisions.newest_id()
        assert revisions.get(escalated.revision_id or 0).files["new.yaml"] != DESK
