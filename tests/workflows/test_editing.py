"""Changing one part of a workflow's text: what was asked for, and not one character besides."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from helpdesk.errors import NotPossible
from helpdesk.workflows import check
from helpdesk.workflows.editing import filled, forms, work
from helpdesk.workflows.editing.change import drop, put
from helpdesk.workflows.editing.diff import compared
from helpdesk.workflows.editing.outline import outline
from helpdesk.workflows.editing.spans import Listed, Mapped, Scalar, Span, at, read
from helpdesk.workflows.editing.spans import Path as Place
from helpdesk.workflows.nodes import RefusedError

HERE = Path(__file__).parents[2]
SHIPPED = (HERE / "workflows.yaml").read_text()
WHOLE = (HERE / "tests/workflows/example.yaml").read_text()
STATES, ACTIONS = ("workflows", "repair", "states"), ("workflows", "repair", "actions")
DEEP = '  deep: {one: 1, two: {three: "3"}}'
COMMENTED = """\
# above
desk:   # beside
  label:   Old     # why it is so

  list: [a,  b]   # spaced
  deep: {one: 1, two: {three: "3"}}
  lines:
    - first   # of the lines
    # between
    - second
  text: |
    Hello

    there
  last: x
# below
"""


def lines_changed(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def leaves(span: Span | None, path: Place = ()) -> list[Place]:
    """The places of all texts of one line."""
    if isinstance(span, Mapped):
        return [place for key, entry in span.entries.items() for place in leaves(entry.value, (*path, key))]
    if isinstance(span, Listed):
        return [place for number, item in enumerate(span.items) for place in leaves(item, (*path, str(number)))]
    return [path] if isinstance(span, Scalar) and "\n" not in span.value else []


@pytest.mark.parametrize(
    ("path", "value", "gone", "new"),
    [
        (("desk", "label"), "New", "  label:   Old     # why it is so", "  label:   New     # why it is so"),
        (("desk", "label"), "a: b", "  label:   Old     # why it is so", '  label:   "a: b"     # why it is so'),
        (("desk", "list"), ["a", "c"], "  list: [a,  b]   # spaced", "  list: [a, c]   # spaced"),
        (("desk", "list", "2"), "c", "  list: [a,  b]   # spaced", "  list: [a,  b, c]   # spaced"),
        (("desk", "deep", "two", "three"), "4", DEEP, '  deep: {one: 1, two: {three: "4"}}'),
        (("desk", "deep", "x"), True, DEEP, '  deep: {one: 1, two: {three: "3"}, x: true}'),
        (("desk", "lines", "1"), "third", "    - second", "    - third"),
        (("desk", "lines", "2"), "third", None, "    - third"),
        (("desk", "lines"), ["first", "second", "third"], None, "    - third"),
        (("desk", "lines"), ["second"], "    - first   # of the lines", None),
        (("desk", "more"), {"a": "b"}, None, "  more: {a: b}"),
        (("desk", "last"), "no", "  last: x", '  last: "no"'),
    ],
)  # fmt: skip
def test_one_value_changes_and_every_comment_stays(
    path: Place, value: object, gone: str | None, new: str | None
) -> None:
    after = put(COMMENTED, path, value)
    said = [f"- {gone}"] * (gone is not None) + [f"+ {new}"] * (new is not None)
    assert [line for line in lines_changed(COMMENTED, after) if line.strip("+- ")] == said


def test_what_goes_takes_its_own_lines_and_no_others() -> None:
    assert lines_changed(COMMENTED, drop(COMMENTED, ("desk", "label"))) == ["-   label:   Old     # why it is so"]
    assert "two" not in drop(COMMENTED, ("desk", "deep", "two", "three"))  # nothing empty is left behind
    assert drop(COMMENTED, ("desk", "nothing")) == COMMENTED
    text = put(COMMENTED, ("desk", "text"), "One\n\ntwo\n")
    assert at(read(text), ("desk", "text")).plain() == "One\n\ntwo\n"  # type: ignore[union-attr]
    assert [line for line in lines_changed(COMMENTED, text) if line.startswith("-")] == ["-     Hello", "-     there"]


@pytest.mark.parametrize("text", [SHIPPED, WHOLE], ids=["shipped", "example"])
def test_any_value_of_a_real_file_can_be_changed_at_its_own_line(text: str) -> None:
    for path in leaves(read(text))[::40]:
        after = put(text, path, "something else: and more")
        assert len(lines_changed(text, after)) <= 4, path  # with the marks of ndiff
        assert at(read(after), path).plain() == "something else: and more"  # type: ignore[union-attr]


def test_what_cannot_be_written_safely_is_left_to_a_person() -> None:
    with pytest.raises(NotPossible, match="Change it in the text"):
        put("a: {b: x}\n", ("a", "b", "c"), "y")
    with pytest.raises(RefusedError):
        put("a: &x b\nc: *x\n", ("a",), "y")


def test_hostile_texts_are_refused_before_anything_is_made_of_them() -> None:
    """attack 85"""
    for text in ("!!python/object:os.system x", "a: " + "[" * 40, "a: 1\na: 2\n", "x" * 1_100_000):
        with pytest.raises(RefusedError):
            read(text)


def test_the_outline_knows_the_lines_of_each_part() -> None:
    found = outline({"workflows.yaml": SHIPPED})
    lines = SHIPPED.splitlines()
    for part in found["parts"]:
        assert part["path"][-1] in lines[part["line"] - 1]
        assert part["end"] >= part["line"]
    assert {"new", "waiting"} <= found["names"]["states"]["repair"].keys()


def test_the_form_of_a_state_has_every_key_of_the_language() -> None:
    from helpdesk.workflows.schema import Action, State
    from helpdesk.workflows.shapes import keys_of

    texts = {"workflows.yaml": SHIPPED}
    assert {one["name"] for one in forms.controls(texts, (*STATES, "new"))} == set(keys_of(State))
    assert {one["name"] for one in forms.controls(texts, (*ACTIONS, "quote"))} >= set(keys_of(Action))
    assert forms.controls(texts, ("workflows", "repair", "states", "nowhere")) == []


def test_a_filled_form_writes_only_what_was_changed() -> None:
    texts = {"workflows.yaml": SHIPPED}
    sent = {
        "label": ["Fresh"],
        "timers.1.after": ["1d"],
        "timers.1.do": ["escalate"],
        "visible_to:asked": ["1"],
        "visible_to": ["agent"],
    }
    after = filled.apply(texts, (*STATES, "new"), sent)["workflows.yaml"]
    assert lines_changed(SHIPPED, after) == [
        "-         label: New",
        "+         label: Fresh",
        "-         timers: [{after: 2d, do: escalate}]",
        "+         timers: [{after: 2d, do: escalate}, {after: 1d, do: escalate}]",
    ]
    same = {"label": ["New"], "visible_to:asked": ["1"], "visible_to": ["agent"], "final:asked": ["1"]}
    assert filled.apply(texts, (*STATES, "new"), same) == texts


def test_a_state_an_action_with_a_conditional_money_field_and_a_timer_come_from_forms_alone() -> None:
    texts = {"workflows.yaml": SHIPPED}
    texts = filled.add(
        texts,
        (*STATES, "on_loan"),
        {"label": "On loan", "customer_label": "With you", "color": "teal", "visible_to": ["agent"]},
    )
    texts = filled.add(
        texts, (*ACTIONS, "lend"), {"type": "set_fields", "label": "Lend", "allow": ["agent"], "to": "on_loan"}
    )
    texts = filled.offer(texts, "repair", ["new"], "lend")
    texts = filled.apply(
        texts,
        (*ACTIONS, "lend"),
        {
            "fields.0.name": ["deposit"], "fields.0.type": ["money"], "fields.0.label": ["Deposit"],
            "fields.0.show_if": ["fields.fault == 'broken'"], "fields.0.required": ["true"],
        },
    )  # fmt: skip
    texts = filled.apply(
        texts,
        (*STATES, "on_loan"),
        {"timers.0.after": ["3d"], "timers.0.do": ["escalate"], "actions": ["finish", "note"], "actions:asked": ["1"]},
    )
    loaded = check.run_texts({**texts})
    assert loaded.desk, [str(one) for one in loaded.findings]
    repair = loaded.desk.workflows["repair"]
    deposit = repair.actions["lend"].fields[-1]
    assert (deposit.field.type, deposit.required, deposit.show_if) == ("money", True, "fields.fault == 'broken'")
    assert repair.states["on_loan"].timers[0].do == "escalate"
    assert all(
        not line.startswith("-") or "actions: [" in line for line in lines_changed(SHIPPED, texts["workflows.yaml"])
    )


def test_a_file_among_several_is_changed_where_the_part_stands() -> None:
    texts = {
        "a.yaml": "version: 1\nworkflows:\n  one:\n    states:\n      new: {label: New}\n",
        "b.yaml": "workflows:\n  two:\n    states:\n      new: {label: New}\n",
    }
    after = filled.apply(texts, ("workflows", "two", "states", "new"), {"label": ["Other"]})
    assert after["a.yaml"] == texts["a.yaml"]
    assert "label: Other" in after["b.yaml"]


def test_the_difference_of_two_texts_is_numbered_on_both_sides() -> None:
    (file,) = compared({"w": "a\nb\nc\n"}, {"w": "a\nx\nc\n"})
    assert (file["new"], file["gone"]) == (1, 1)
    assert [(line["kind"], line["old"], line["new"], line["text"]) for line in file["hunks"][0]][1:3] == [
        ("gone", 2, None, "b"),
        ("new", None, 2, "x"),
    ]


def test_the_child_looks_at_a_text_and_never_longer_than_its_time() -> None:
    """attack 84, for texts: what would keep a processor busy is killed, and the next text is answered"""
    found = work.ask("look", {"workflows.yaml": SHIPPED}, live={}, active={}, places={})
    assert [one for one in found["findings"] if one["severity"] == "error"] == []
    assert found["parts"]
    broken = work.ask(
        "look", {"workflows.yaml": SHIPPED.replace("initial: new", "initial: nwe", 1)}, live={}, active={}, places={}
    )
    wrong = next(one for one in broken["findings"] if one["severity"] == "error")
    assert SHIPPED.splitlines()[wrong["line"] - 1].index("new") + 1 == wrong["column"]
    assert work.ask("look", {"w.yaml": "a: [\n"}, live={}, active={}, places={})["findings"][0]["code"] == "yaml_syntax"
