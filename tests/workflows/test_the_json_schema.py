"""The JSON Schema, by which editors complete and underline: it takes every correct file as YAML reads it, says no to
misspelt keys and wrong shapes, and has a sentence for every key.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from helpdesk.workflows import library
from helpdesk.workflows.json_schema import json_schema

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)

CORRECT = [
    ROOT / "workflows.yaml",
    HERE / "example.yaml",
    HERE / "small.yaml",
    *sorted((HERE / "correct").glob("*.yaml")),
    *sorted(Path(library.__file__).parent.glob("*.yaml")),
]
# What a shape alone can tell: the schema knows no names, no conditions and no ways.
BY_SHAPE = ("unknown_key", "missing_key", "wrong_type", "unknown_color", "unknown_action_type", "unknown_source_type")
BROKEN = sorted(
    file
    for family in ("spelling", "levels", "shapes", "names")
    for file in (HERE / "broken" / family).glob("*.yaml")
    if file.read_text().partition("# finds: ")[2].partition(" ")[0] in BY_SHAPE
)


def as_an_editor_reads(file: Path) -> Any:
    """Editors read YAML 1.2: numbers, `true` and `false` are none of our words; dates, `on` and `off` are texts."""
    return yaml.load(file.read_text(), _Editor)


class _Editor(yaml.CSafeLoader):
    yaml_implicit_resolvers = {  # noqa: RUF012 - so the loader wants it
        first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] not in ("timestamp", "bool")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Editor.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), ["t", "f"])


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", CORRECT, ids=lambda file: file.stem)
def test_a_correct_file_is_taken(file: Path) -> None:
    problems = VALIDATOR.iter_errors(as_an_editor_reads(file))
    assert [f"{'.'.join(map(str, each.path))}: {each.message[:200]}" for each in problems] == []


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_broken_shape_is_underlined(file: Path) -> None:
    assert not VALIDATOR.is_valid(as_an_editor_reads(file))


def test_every_key_has_its_sentence() -> None:
    silent = [
        f"{name}.{key}"
        for name, part in SCHEMA["$defs"].items()
        for each in (part, *(option["then"] for option in part.get("allOf", ())))
        for key, described in each["properties"].items()
        if not described.get("description")
    ]
    assert silent == []


def test_editors_can_tell_what_file_it_is_for() -> None:
    assert SCHEMA["$schema"].startswith("https://json-schema.org/")
    assert SCHEMA["title"]
