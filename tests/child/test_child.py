"""Work in a child process: it answers, it is bounded, it can die, and it knows nothing of ours."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import helpdesk.child
from helpdesk.child import Child, ChildFailed

MB = 1024 * 1024


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Child]]:
    """Functions for the child, in a module of their own beside the program."""
    (tmp_path / "errands.py").write_text(
        "import os, sys\n"
        "kept = []\n"
        "def echo(p): return p\n"
        "def loop(p):\n    while True: pass\n"
        "def hoard(p): return {'size': len(bytearray(p['bytes']))}\n"
        "def talk(p): print('noise'); sys.stdout.flush(); os.write(1, b'more'); return {'said': 'x' * p['size']}\n"
        "def fail(p): raise ValueError('no such thing')\n"
        "def die(p): os._exit(3)\n"
        "def stop(p):\n    try: open(p['mark'], 'x')\n    except FileExistsError: return {'said': 'done'}\n"
        "    os.kill(os.getpid(), 15)\n"
        "def show(p): return {'environment': dict(os.environ), 'folder': os.getcwd(), 'pid': os.getpid()}\n"
        "def stack(p): return stack(p)\n"
        "def misread(p): return {'said': p['bytes'].decode('ascii')}\n"
    )
    plain = helpdesk.child._environment
    monkeypatch.setattr(
        helpdesk.child, "_environment", lambda: plain() | {"PYTHONPATH": f"{plain()['PYTHONPATH']}:{tmp_path}"}
    )
    made: list[Child] = []

    class Errand(Child):
        def __init__(self, name: str, **bounds: float) -> None:
            chosen = {"seconds": 60.0, "memory": 64 * MB, "output": MB, **bounds}
            super().__init__(
                f"errands:{name}",
                seconds=chosen["seconds"],
                memory=int(chosen["memory"]),
                output=int(chosen["output"]),
                idle=chosen.get("idle", 30.0),
            )
            made.append(self)

    yield Errand
    for child in made:
        child.end()


def test_plain_data_goes_there_and_back(work: type[Child]) -> None:
    sent = {"text": "Ä\ud800", "raw": b"\x00\xff" * 5, "list": [1, 2.5, None, True, {"deep": b"x"}], "": ""}
    assert work("echo").call(sent) == sent
    large = {"mail": os.urandom(900_000)}
    assert work("echo").call(large) == large


def test_the_child_is_kept_for_the_next_call(work: type[Child]) -> None:
    child = work("show")
    assert child.call({})["pid"] == child.call({})["pid"] != os.getpid()


def test_it_sees_no_setting_and_no_secret(work: type[Child], monkeypatch: pytest.MonkeyPatch) -> None:
    """Attack 42."""
    monkeypatch.setenv("HELPDESK_SECRET_KEY", "canary-7f3a")
    monkeypatch.setenv("MAIL_URL", "canary-7f3a")
    seen = work("show").call({})
    assert "canary-7f3a" not in str(seen)
    assert set(seen["environment"]) <= {"PYTHONPATH", "PYTHONUTF8", "PYTHONHASHSEED", "LC_ALL", "LC_CTYPE", "TZ"}


@pytest.mark.parametrize(
    ("errand", "payload", "reason"),
    [
        ("loop", {}, "timeout"),
        ("hoard", {"bytes": 200 * MB}, "memory"),
        ("talk", {"size": 2 * MB}, "output"),
        ("fail", {}, "error"),
        ("die", {}, "died"),
        ("stack", {}, "error"),
        ("misread", {"bytes": b"\xff"}, "error"),
    ],
)
def test_what_goes_wrong_is_named_and_the_next_call_works(
    work: type[Child], errand: str, payload: dict[str, Any], reason: str
) -> None:
    """Attack 84."""
    child = work(errand, **({"seconds": 0.5} if reason == "timeout" else {}))
    for _ in range(2):
        with pytest.raises(ChildFailed) as failed:
            child.call(payload)
        assert failed.value.reason == reason
        assert failed.value.sentence.endswith((".", "thing")) or reason == "error"


def test_a_child_that_does_not_even_start_has_died(work: type[Child]) -> None:
    child = work("no such errand")
    for ask in (child.call, child.begin):
        with pytest.raises(ChildFailed) as failed:
            ask({})
        assert failed.value.reason == "died"


def test_what_was_begun_is_answered_later_in_whatever_order_it_is_asked_for(work: type[Child]) -> None:
    child = work("echo")
    first = child.begin({"number": 1})
    assert child.call({"number": 2}) == {"number": 2}
    second = child.begin({"number": 3})
    third = child.begin({"number": 4})
    assert [child.answer(each)["number"] for each in (third, first, second)] == [4, 1, 3]


def test_what_was_begun_fails_for_itself_alone(work: type[Child]) -> None:
    """Attack 84: whoever asks next is answered, and whoever began it hears why it failed."""
    child = work("die")
    begun = child.begin({})
    again = child.begin({})
    for each in (begun, again):
        with pytest.raises(ChildFailed) as failed:
            child.answer(each)
        assert failed.value.reason == "died"


def test_what_was_begun_is_answered_though_the_child_went_home_or_was_ended(work: type[Child]) -> None:
    child = work("show", idle=1.0)
    first = child.call({})["pid"]
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)  # it went home; nobody has noticed yet
    begun = child.begin({})
    child.end()
    assert child.answer(begun)["pid"] != first


def test_what_a_child_does_while_the_service_is_stopped_is_done_by_another(work: type[Child], tmp_path: Path) -> None:
    """All processes of a service hear that it stops; a mail that is just read is not unreadable for it."""
    child = work("stop")
    assert child.call({"mark": str(tmp_path / "first")}) == {"said": "done"}
    assert child.answer(child.begin({"mark": str(tmp_path / "second")})) == {"said": "done"}


def test_an_answer_that_came_long_before_it_is_asked_for_is_in_time(
    work: type[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its seconds are those that somebody waits."""
    child = work("echo")
    begun = child.begin({"number": 1})
    began = time.monotonic()
    monkeypatch.setattr(helpdesk.child.time, "monotonic", lambda: began + 3600)
    assert child.answer(begun) == {"number": 1}


def test_what_the_work_prints_does_not_disturb(work: type[Child]) -> None:
    assert work("talk").call({"size": 3}) == {"said": "xxx"}


def test_memory_below_the_bound_is_there(work: type[Child]) -> None:
    assert work("hoard").call({"bytes": 30 * MB}) == {"size": 30 * MB}


def test_an_idle_child_goes_home_and_the_next_call_finds_a_new_one(work: type[Child]) -> None:
    child = work("show", idle=1.0)
    first = child.call({})["pid"]
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)  # until it has gone by itself
    assert child.pid is None
    assert child.call({})["pid"] != first


def test_a_child_that_was_killed_meanwhile_is_replaced(work: type[Child]) -> None:
    child = work("show")
    first = child.call({})["pid"]
    os.kill(first, 9)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert child.call({})["pid"] != first


def test_threads_take_turns(work: type[Child]) -> None:
    child = work("echo")
    wrong: list[object] = []

    def ask(number: int) -> None:
        for turn in range(20):
            answer = child.call({"me": number, "turn": turn})
            if answer != {"me": number, "turn": turn}:
                wrong.append(answer)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_is_no_plain_data_never_leaves(work: type[Child]) -> None:
    """Attack 87: nothing is pickled."""
    with pytest.raises(TypeError):
        work("echo").call({"object": object()})
    with pytest.raises(TypeError):
        work("echo").call({"\x00": [0, 1]})


def test_the_template_child_is_small() -> None:
    from helpdesk.text import templates

    templates.render("x", {})
    assert templates._child.pid is not None
    rollup = Path(f"/proc/{templates._child.pid}/smaps_rollup").read_text()
    pss = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    assert pss < 25_000, "kilobytes"
