"""docs/workflows.md is the reference: a key, code, type or part of the language that it does not explain fails here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from helpdesk.cli.workflow import workflow as workflow_commands
from helpdesk.rollout import testing
from helpdesk.text import sandbox
from helpdesk.workflows import check, conditions, kinds, references, texts
from helpdesk.workflows.check import FAMILIES, run_file, templates
from helpdesk.workflows.check.tests import REFUSALS
from helpdesk.workflows.later import LATER
from helpdesk.workflows.nodes import parse
from helpdesk.workflows.schema import BUILT_IN, RIGHTS, Action, Desk, Source
from helpdesk.workflows.shapes import Shape, keys_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/workflows.md").read_text()
ROOM = ROOT / "helpdesk/workflows"


def _classes(cls: type, seen: dict[str, type]) -> dict[str, type]:
    """Every class of the language that is reached from `cls`."""
    if cls.__name__ in seen:
        return seen
    seen[cls.__name__] = cls
    for key in keys_of(cls).values():
        shape: Shape | None = key.shape
        while shape is not None:
            if shape.element:
                _classes(shape.element, seen)
            shape = shape.of
    if cls is Action:
        for name in kinds.actions.names():
            _classes(kinds.actions.get(name), seen)
    if cls is Source:
        for name in kinds.channels.names():
            _classes(kinds.channels.get(name), seen)
    return seen


CLASSES = _classes(Desk, {})


HEADINGS = {
    "Desk": "The file",
    "Company": "Company",
    "Role": "Roles",
    "Group": "Groups",
    "Field": "Fields",
    "InputSpec": "Inputs",
    "Reply": "Ready answers",
    "EmailTemplate": "E-mail texts",
    "EmailText": "An e-mail text in a language",
    "Workflow": "Workflows",
    "OnCreate": "At the opening",
    "State": "States",
    "OnMessage": "When a message comes",
    "Timer": "Timers",
    "Action": "Actions",
    "Button": "Buttons",
    "Branch": "Branches",
    "Assign": "Assigning",
    "Email": "E-mails of an action",
    "Source": "Sources",
    "SourceMail": "Mail of a source",
    "EmailSource": "Sources of type email",
    "Fetch": "Reading a mailbox",
    "OAuth": "Signing a mailbox in",
    "FormSource": "Sources of type form",
    "After": "After a form",
    "ChatSource": "Sources of type chat",
    "Calendar": "Calendars",
    "ServiceLevel": "Service levels",
    "Approve": "Approval",
    "Sms": "Text messages of an action",
    "Webhook": "Webhooks",
    "Service": "Services",
    "Route": "Routing",
    "Test": "Tests",
    "Given": "How a test begins",
    "Step": "Steps of a test",
    "Expect": "What a test expects",
}


def _section(name: str) -> str:
    """The table of a class, or for the options of an action type its line in the table of types."""
    if name in HEADINGS:
        return PAGE.partition(f"\n### {HEADINGS[name]}\n")[2].partition("\n### ")[0]
    return "".join(line for line in PAGE.splitlines() if "its option" in line)


@pytest.mark.parametrize("name", sorted(name for name in CLASSES if keys_of(CLASSES[name])))
def test_every_key_is_explained(name: str) -> None:
    section = _section(name)
    assert [key for key in keys_of(CLASSES[name]) if f"`{key}`" not in section] == []


def test_every_key_has_a_sentence_for_the_editor() -> None:
    silent = [f"{name}.{key.name}" for name, cls in CLASSES.items() for key in keys_of(cls).values() if not key.help]
    assert silent == []


def _codes() -> set[str]:
    """Every code that a finding of the room can have, read from the source."""
    said = set(texts.FORM_CODES.values())
    said |= {f"unknown_{noun.replace(' ', '_').replace('-', '')}" for noun, _ in references._KNOWN.values()}
    said |= {
        f"unknown_{registry.noun.replace(' ', '_')}" for registry in (kinds.actions, kinds.channels, kinds.sms_drivers)
    }
    for file in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in ("found", "at_key", "at_value", "_say", "_refuse", "Problem"):
                    said.add(str(node.args[0].value))
    return said


def test_every_code_stands_in_the_table_and_no_other_does() -> None:
    table = set(re.findall(r"^\| `([a-z0-9_]+)` \|", PAGE.partition("## Findings")[2], re.MULTILINE))
    assert table == _codes()


def test_every_type_and_strategy_is_named() -> None:
    words = {*kinds.actions.names(), *kinds.field_types.names(), *references.STRATEGIES, *texts.COLORS}
    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_the_first_workflow_of_the_page_is_clean_and_passes_its_own_test() -> None:
    first = PAGE.partition("## A first workflow")[2].partition("```yaml\n")[2].partition("```")[0]
    assert check.run_text(first).findings == []
    assert [result.failures for result in testing.run(first).results] == [()]


def test_every_piece_of_yaml_on_the_page_can_be_read() -> None:
    for piece in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL):
        assert parse(piece, "docs/workflows.md") is not None


def test_every_group_of_codes_has_an_example_of_its_own() -> None:
    groups = PAGE.partition("\n## Findings\n")[2].split("\n### ")[1:]
    assert len(groups) > 5
    for group in groups:
        codes = set(re.findall(r"^\| `([a-z0-9_]+)` \|", group, re.MULTILINE))
        shown = re.findall(r"^workflows\.yaml:\d+:\d+: (?:error|warning) (\w+): ", group, re.MULTILINE)
        assert shown, group[:60]
        assert set(shown) <= codes, group[:60]


def test_every_word_of_the_language_is_named() -> None:
    """Names that conditions and texts may use, filters and tests of both, recipients, refusals, rights."""
    names = {word for first, others in templates.NAMES.items() for word in (first, *others)}
    words = {
        *names, *conditions.FILTERS, *sandbox.FILTERS, *references.RECIPIENTS, *references.RESERVED, *REFUSALS,
        *(f"is {test}" for test in (*conditions.TESTS, *sandbox.TESTS)), *BUILT_IN, *RIGHTS,
    }  # fmt: skip
    assert [word for word in sorted(words) if not re.search(rf"\b{re.escape(word)}\b", PAGE)] == []


def test_every_command_for_the_file_is_named() -> None:
    """Here what a support lead needs; docs/commands.md has all of it."""
    wanted = [name for name in workflow_commands.commands if f"helpdesk workflow {name}" not in PAGE]
    assert wanted == []


def test_every_template_of_the_library_is_named() -> None:
    templates_of_ours = [file.stem for file in (ROOM / "library").glob("*.yaml")]
    assert [name for name in templates_of_ours if f"| `{name}` |" not in PAGE] == []


def test_every_link_within_the_page_leads_somewhere() -> None:
    headings = re.findall(r"^#{2,4} (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert [link for link in re.findall(r"\]\(#([^)]+)\)", PAGE) if link not in anchors] == []


def test_every_part_that_comes_later_is_a_part_of_the_language() -> None:
    """A line of `later` that no file could ever meet would be forgotten there."""
    for feature in LATER:
        owner, _, key = feature.partition("=")[0].partition(".")
        if owner != "Duration":
            assert key in keys_of(CLASSES[owner]) or owner == "Action", feature


def test_the_page_is_about_a_desk_that_is_clean() -> None:
    assert FAMILIES
    assert run_file(ROOT / "workflows.yaml").findings == []
