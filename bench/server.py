"""What the measurements talk to, each in a process of its own: `python -m bench.server desk|reference PORT`.

The settings come from the environment, as everybody's do.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from a2wsgi import WSGIMiddleware

from bench import reference
from config import Settings
from tests.servers.process import answers, free_port, running

ROOT = Path(__file__).parents[1]


def main() -> None:
    what, port = sys.argv[1], int(sys.argv[2])
    settings = Settings.from_env()
    if what == "desk":
        from helpdesk import asgi

        asgi.serve(settings, port=port, say=lambda line: None)
    else:
        pages = WSGIMiddleware(reference.app(settings.database), workers=settings.web_threads)
        uvicorn.run(pages, port=port, log_level="warning", access_log=False, server_header=False, timeout_keep_alive=30)


@contextmanager
def served(what: str, settings: Settings, *, log: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server of this kind within the block: its port and its process."""
    port = free_port()
    env = {**os.environ, **environment(settings), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bench.server", what, str(port)]
    with running(command, log=log, ready=lambda: answers(port), env=env) as process:
        yield port, process


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give these settings."""
    return {
        "HELPDESK_ENV": settings.env,
        "HELPDESK_VAR": settings.var,
        "HELPDESK_DATABASE_URL": settings.database_url,
        "HELPDESK_SECRET_KEY": settings.secret_key,
        "HELPDESK_DEMO": "yes" if settings.demo else "no",
    }


if __name__ == "__main__":
    main()
