"""Whatever goes wrong, a person reads a sentence; a programmer finds the details in a log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from helpdesk.cli import COMMANDS, errors, root
from tests.cli.conftest import ROOT, Helpdesk


def every_command() -> list[list[str]]:
    found: list[list[str]] = []
    waiting: list[tuple[list[str], click.Command]] = [([], root)]
    context = click.Context(root)
    while waiting:
        words, command = waiting.pop()
        if isinstance(command, click.Group):
            waiting += [([*words, name], command.get_command(context, name)) for name in command.list_commands(context)]
        found.append(words)
    return found


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_helps(words: list[str]) -> None:
    done = CliRunner().invoke(root, [*words, "--help"], prog_name="helpdesk")
    assert done.exit_code == 0
    assert "Usage: " in done.output
    assert len(done.output.splitlines()) > 3, "a help that only repeats the name helps nobody"
    assert "..." not in done.output.partition("Commands:")[2], "what a list says of a command fits its line"


def test_all_promised_commands_are_there() -> None:
    assert {" ".join(words) for words in every_command()} >= {
        *COMMANDS,
        *(f"workflow {name}" for name in "check schema graph test history show diff apply rollback".split()),
        *(f"mail {name}" for name in "receive fetch replay quarantine inspect".split()),
        *(f"ticket {name}" for name in "list show new do".split()),
        *(f"user {name}" for name in "add set list password disable 2fa-reset".split()),
    }


def test_an_unexpected_error_is_a_sentence_and_a_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HELPDESK_VAR", str(tmp_path))
    monkeypatch.delenv("HELPDESK_ENV", raising=False)
    with pytest.raises(click.exceptions.Exit) as ended, errors.told():
        raise ZeroDivisionError("CANARY")
    assert ended.value.exit_code == 70
    log = tmp_path / "errors.log"
    assert "ZeroDivisionError: CANARY" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0
    monkeypatch.setenv("HELPDESK_ENV", "development")
    with pytest.raises(ZeroDivisionError), errors.told():
        raise ZeroDivisionError


def test_ctrl_c_ends_with_130_and_one_word(tmp_path: Path) -> None:
    env = os.environ | {"HELPDESK_VAR": str(tmp_path / "var")}
    command = [sys.executable, "-m", "helpdesk.cli", "mail", "receive"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hears_ctrl_c,  # noqa: PLW1509 - no thread of ours holds a lock here
    ) as waiting:
        wait_until_it_reads(waiting)
        waiting.send_signal(signal.SIGINT)
        _, err = waiting.communicate(timeout=20)
    assert (waiting.returncode, err.decode()) == (130, "Stopped.\n")


def test_a_reader_that_has_enough_is_no_error(program: Helpdesk) -> None:
    piped = f"{sys.executable} -m helpdesk.cli workflow schema | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", piped], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def hears_ctrl_c() -> None:
    """As at a terminal, even where these tests run behind a shell that keeps Ctrl-C from them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def wait_until_it_reads(process: subprocess.Popen[bytes]) -> None:
    """Until the program waits for its standard input: seen in /proc, not guessed by a time."""
    import select

    assert process.stdin is not None
    poll = select.poll()
    while process.poll() is None:
        words = Path(f"/proc/{process.pid}/syscall").read_text().split()
        if words[:2] == ["0", "0x0"]:  # read(0, …)
            return
        poll.poll(10)
