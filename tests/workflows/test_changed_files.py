"""Attack 85, at length: whatever is cut, doubled, swapped or renamed in a good file, the check answers with findings at
places inside the file or with a desk. It never raises, never hangs and never eats memory.

A short seed runs with the tests; `make prove` takes ten times as much and every line of the shipped file.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpdesk.workflows import check
from helpdesk.workflows.load import Loaded

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DESKS = {
    file.stem: file.read_text()
    for file in (HERE / "example.yaml", HERE / "small.yaml", *(HERE / "correct").glob("*.yaml"))
}
SHIPPED = (ROOT / "workflows.yaml").read_text()
SOME = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(SOME, max_examples=2000)

WORDS = (
    "",
    "null",
    "~",
    "yes",
    "-1",
    "1e9",
    "2026-02-30",
    "{{",
    "{% if",
    "fields.",
    "same",
    "again",
    "a" * 500,
    "é\u200f😀",
)


def answers(text: str | bytes) -> None:
    """The check says something about `text`, and each finding can be shown beside it."""
    loaded = checked(text)
    assert isinstance(loaded, Loaded), "it raised"
    assert (loaded.desk is None) == any(each.severity == "error" for each in loaded.findings)
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    lines = len(words.splitlines()) or 1
    for each in loaded.findings:
        assert 1 <= each.line <= lines, each
        assert each.column >= 1, each
        assert each.message.endswith((".", "?", "!")), each


def checked(text: str | bytes) -> Loaded | Exception:
    try:
        return check.run_text(text)
    except Exception as error:  # noqa: BLE001 - whatever it is, it should have been a finding
        return error


# Lines


def without_lines(text: str, at: int, count: int) -> str:
    lines = text.splitlines()
    return "\n".join(lines[:at] + lines[at + count :])


def with_a_line_again(text: str, at: int, to: int) -> str:
    lines = text.splitlines()
    lines.insert(to % len(lines), lines[at % len(lines)])
    return "\n".join(lines)


def indented_otherwise(text: str, at: int, by: int) -> str:
    lines = text.splitlines()
    line = lines[at % len(lines)]
    lines[at % len(lines)] = " " * by + line if by > 0 else line[min(-by, len(line) - len(line.lstrip())) :]
    return "\n".join(lines)


# Subtrees: what YAML says, changed and written again


def changed_tree(text: str, seed: int) -> str:
    chance = random.Random(seed)
    data = read(text)
    for _ in range(chance.randint(1, 3)):
        chance.choice(CHANGES)(chance, list(_holders(data)))
    return written(data, default_flow_style=chance.choice((None, False, True)))


def read(text: str) -> Any:
    """Texts, lists and mappings, nothing else."""
    return yaml.load(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader))


def written(data: object, **style: Any) -> str:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(data, Dumper=dumper, sort_keys=False, allow_unicode=True, **style))


def _holders(node: object) -> Iterator[tuple[dict | list, object]]:
    """Every place of the tree: what holds it, and its key or number there."""
    waiting = [node]
    while waiting:
        holder = waiting.pop()
        if isinstance(holder, dict | list):
            for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
                yield holder, key
                waiting.append(holder[key])  # type: ignore[index]


Places = list[tuple[dict | list, object]]


def _delete(chance: random.Random, places: Places) -> None:
    holder, key = chance.choice(places)
    if not isinstance(holder, list) or int(str(key)) < len(holder):
        del holder[key]  # type: ignore[arg-type]


def _swap(chance: random.Random, places: Places) -> None:
    (one, first), (other, second) = chance.choice(places), chance.choice(places)
    if not _within(one[first], other) and not _within(other[second], one):  # type: ignore[index, call-overload]
        one[first], other[second] = other[second], one[first]  # type: ignore[index, call-overload]


def _within(node: object, holder: object) -> bool:
    return node is holder or any(node_holder is holder for node_holder, _ in _holders(node))


def _rename(chance: random.Random, places: Places) -> None:
    holder, key = chance.choice(places)
    if isinstance(holder, dict):
        holder[chance.choice((*WORDS, str(key) + "s", str(key)[:-1], str(key).upper()))] = holder.pop(key)


def _replace(chance: random.Random, places: Places) -> None:
    holder, key = chance.choice(places)
    holder[key] = chance.choice((*WORDS, [], {}, ["a", "a"], {"a": "b"}, [[]]))  # type: ignore[index, call-overload]


CHANGES: tuple[Callable[[random.Random, Places], None], ...] = (_delete, _swap, _rename, _replace)


@SOME
@given(st.sampled_from(sorted(DESKS)), st.integers(0, 10**9))
def test_no_change_of_the_tree_makes_it_raise(name: str, seed: int) -> None:
    answers(changed_tree(DESKS[name], seed))


@SOME
@given(st.sampled_from(sorted(DESKS)), st.integers(0, 250), st.integers(1, 12))
def test_no_lines_that_are_missing_make_it_raise(name: str, at: int, count: int) -> None:
    answers(without_lines(DESKS[name], at, count))


@SOME
@given(st.sampled_from(sorted(DESKS)), st.integers(0, 250), st.integers(0, 250))
def test_no_line_that_stands_elsewhere_again_makes_it_raise(name: str, at: int, to: int) -> None:
    answers(with_a_line_again(DESKS[name], at, to))


@SOME
@given(st.sampled_from(sorted(DESKS)), st.integers(0, 250), st.integers(-4, 6))
def test_no_indentation_makes_it_raise(name: str, at: int, by: int) -> None:
    answers(indented_otherwise(DESKS[name], at, by))


@pytest.mark.prove
@MANY
@given(st.sampled_from(sorted(DESKS)), st.integers(0, 10**9))
def test_two_thousand_changed_trees(name: str, seed: int) -> None:
    answers(changed_tree(DESKS[name], seed))


@pytest.mark.prove
@MANY
@given(st.binary(max_size=3000))
def test_two_thousand_heaps_of_bytes(raw: bytes) -> None:
    answers(raw)


@pytest.mark.prove
@pytest.mark.parametrize("name", [*sorted(DESKS), "workflows"])
def test_every_line_can_be_missing(name: str) -> None:
    text = DESKS.get(name, SHIPPED)
    for at in range(len(text.splitlines())):
        answers(without_lines(text, at, 1))


@pytest.mark.prove
@pytest.mark.parametrize("name", sorted(DESKS))
def test_every_subtree_can_be_missing(name: str) -> None:
    for number in range(len(list(_holders(read(DESKS[name]))))):
        data = read(DESKS[name])
        holder, key = list(_holders(data))[number]
        del holder[key]  # type: ignore[arg-type]
        answers(written(data))


def test_a_check_of_a_heavy_file_stays_within_two_seconds_and_256_mb() -> None:
    """In a process of its own, whose system ends it beyond 256 MB and, our machine being busy, ten seconds of work."""
    heavy = "version: 1\nworkflows: {w: {states: {" + "".join(f"s{n}: {{x: 1}}, " for n in range(30_000)) + "}}}"

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (256_000_000, 256_000_000))
        resource.setrlimit(resource.RLIMIT_CPU, (10, 10))

    program = """import sys; from helpdesk.workflows import check
print(len(check.run_text(sys.stdin.buffer.read()).findings))"""
    said = subprocess.run(
        [sys.executable, "-c", program],
        check=False, input=heavy.encode(), capture_output=True, preexec_fn=bounded,
        env={"PYTHONPATH": str(ROOT)}, timeout=120,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr.decode()[-500:]
    assert int(said.stdout) == 1001
