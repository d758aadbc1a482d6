"""The picture of a workflow: nothing overlaps, everything is there, and words stay words (WS20, N8)."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import shipped
from helpdesk.workflows import diagram, library
from helpdesk.workflows.diagram import Live
from helpdesk.workflows.diagram.layered import lay_out
from helpdesk.workflows.diagram.shapes import Box, Drawing, Link
from helpdesk.workflows.load import load_file, load_text
from helpdesk.workflows.schema import Workflow

HERE = Path(__file__).parent
SMALL = (HERE / "small.yaml").read_text()
SVG = "{http://www.w3.org/2000/svg}"
DESKS = [shipped("workflows.yaml"), HERE / "example.yaml", HERE.parent / "desk.yaml"]

boxes = st.lists(
    st.builds(Box, st.floats(40, 200), st.floats(20, 90), st.sampled_from((0.0, 40.0))), min_size=1, max_size=9
)


def workflows(path: Path) -> list[Workflow]:
    desk = load_file(path, allow_later=True).draft
    assert desk is not None
    return list(desk.workflows.values())


@pytest.fixture
def small() -> Workflow:
    desk = load_text(SMALL).desk
    assert desk is not None
    return desk.workflows["help"]


def drawn(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def states(picture: str) -> dict[str, ElementTree.Element]:
    return {group.get("data-state", ""): group for group in drawn(picture).iter(f"{SVG}g") if group.get("data-state")}


@settings(max_examples=150, deadline=None)
@given(boxes, st.data())
def test_no_box_and_no_label_ever_meets_another(given_boxes: list[Box], data: st.DataObject) -> None:
    ends = st.integers(0, len(given_boxes) - 1)
    label = st.one_of(st.none(), st.builds(Box, st.floats(20, 180), st.floats(16, 60)))
    links = data.draw(st.lists(st.builds(Link, ends, ends, label), max_size=18))
    found = lay_out(given_boxes, links)
    places = _areas(found, given_boxes, links)
    for one, other in itertools.combinations(places, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)
    assert all(left >= 0 and right <= found.width + 0.01 for left, _, right, _ in places)
    assert all(top >= -0.01 and bottom <= found.height + 0.01 for _, top, _, bottom in places)


def _areas(found: Drawing, boxes: list[Box], links: list[Link]) -> list[tuple[float, float, float, float]]:
    areas = [
        (x - box.width / 2, y - box.height / 2, x + box.width / 2, y + box.height / 2 + box.below)
        for (x, y), box in zip(found.boxes, boxes, strict=True)
    ]
    for route, link in zip(found.routes, links, strict=True):
        if route and route.label and link.label:
            (x, y), label = route.label, link.label
            areas.append((x - label.width / 2, y - label.height / 2, x + label.width / 2, y + label.height / 2))
    return areas


@pytest.mark.parametrize("path", DESKS, ids=lambda path: path.stem)
def test_every_state_stands_there_with_its_line_and_every_arrow_with_its_words(path: Path) -> None:
    for workflow in workflows(path):
        picture = diagram.svg(workflow)
        found = states(picture)
        assert set(found) == set(workflow.states)
        for name, group in found.items():
            assert int(group.get("data-line", "0")) == workflow.states[name].at.line
        said = {text.text for text in drawn(picture).iter(f"{SVG}text")}
        assert {state.label for state in workflow.states.values()} <= said
        assert "style=" not in picture, "a strict page refuses style attributes"
        assert "<style" not in picture


STANDING_STILL = """\
version: 1
company: {name: A, url: "https://a.example", languages: [en], timezone: UTC, currency: EUR}
roles: {agent: {label: Agent}}
workflows:
  help:
    label: Help
    initial: open
    ref: "H-{number}"
    states:
      open:
        label: Open
        actions: [rewrite_the_summary, close]
        on_message: {customer: customer_writes, other: customer_writes}
      closed: {label: Closed, final: true}
    actions:
      rewrite_the_summary: {type: set_fields, label: Rewrite the summary of it, allow: [agent], to: open}
      customer_writes: {type: customer_message, label: Write to the support, customer: own, to: open}
      close: {type: close, label: Close, allow: [agent], to: closed}
"""


def test_ways_back_to_the_same_state_stand_side_by_side() -> None:
    desk = load_text(STANDING_STILL).draft
    assert desk is not None
    picture = diagram.svg(desk.workflows["help"])
    loops = [each for each in drawn(picture).iter(f"{SVG}g") if each.get("data-from") == each.get("data-to") == "open"]
    assert sorted(each.get("data-kind", "") for each in loops) == ["customer", "person"]
    assert not meeting([area for group in loops for area in labels(group)])


@pytest.mark.parametrize("path", DESKS, ids=lambda path: path.stem)
def test_no_words_stand_on_other_words(path: Path) -> None:
    for workflow in workflows(path):
        assert not meeting(labels(drawn(diagram.svg(workflow))))


def labels(within: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of the words on arrows."""
    areas = []
    for ground in within.iter(f"{SVG}rect"):
        if ground.get("class") == "ground":
            x, y, width, height = (float(ground.get(key, "")) for key in ("x", "y", "width", "height"))
            areas.append((x, y, x + width, y + height))
    return areas


def meeting(areas: list[tuple[float, float, float, float]]) -> list[object]:
    return [
        (one, other)
        for one, other in itertools.combinations(areas, 2)
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ]


def test_what_stands_alone_brings_its_look_in_both_themes(small: Workflow) -> None:
    picture = diagram.svg(small, standalone=True)
    assert "light-dark(" in picture
    assert drawn(picture).find(f"{SVG}style") is not None


def test_timers_are_dashed_and_say_their_time() -> None:
    (repair,) = workflows(DESKS[2])
    picture = diagram.svg(repair)
    timers = [each for each in drawn(picture).iter(f"{SVG}g") if each.get("data-kind") == "timer"]
    assert timers
    assert all(
        line.get("stroke-dasharray")
        for each in timers
        for line in each.iter(f"{SVG}path")
        if line.get("class") == "line"
    )
    words = " ".join(text.text or "" for each in timers for text in each.iter(f"{SVG}text"))
    assert re.search(r" after \d+[mhdw]", words)


def test_actions_offered_everywhere_are_drawn_once() -> None:
    text = DESKS[2].read_text().replace("always: [take, details]", "always: [take, details, close]")
    desk = load_text(text).desk
    assert desk is not None
    picture = diagram.svg(desk.workflows["repair"])
    arrows = [each.get("data-from") for each in drawn(picture).iter(f"{SVG}g") if each.get("class") == "arrow"]
    assert arrows.count("*") == 1


def test_words_of_people_cannot_break_a_picture() -> None:
    """Attack 1."""
    evil = '"><script>alert(1)</script>\x1b'
    quoted = evil.replace("\x1b", "\\e").replace('"', '\\"')
    desk = load_text(SMALL.replace("label: Waiting", f'label: "{quoted}"')).desk
    assert desk is not None
    picture = diagram.svg(desk.workflows["help"], standalone=True)
    assert "<script" not in picture
    drawn(picture)


def test_what_changed_is_marked_for_the_eye_and_in_words(small: Workflow) -> None:
    changed = SMALL.replace("      waiting:\n", "      on_hold:\n        renamed_from: waiting\n").replace(
        "to: waiting", "to: on_hold"
    )
    desk = load_text(changed).desk
    assert desk is not None
    after = desk.workflows["help"]
    assert states(diagram.svg(after, before=small))["on_hold"].get("data-change") == "changed", "the same state renamed"
    gone = states(diagram.svg(small, before=after))
    assert gone["waiting"].get("data-change") == "added"
    assert gone["on_hold"].get("data-change") == "removed"
    assert "class s" in diagram.mermaid(small, before=after)


def test_live_numbers_stand_on_the_states(small: Workflow) -> None:
    picture = diagram.svg(small, live={"new": Live(1234, "3 d 4 h", 2)})
    said = [text.text for text in states(picture)["new"].iter(f"{SVG}text")]
    assert "1 234 tickets · 3 d 4 h" in said
    assert "2 stuck" in said
    assert "2 stuck" in diagram.mermaid(small, live={"new": Live(1234, "3 d 4 h", 2)})


def test_a_dragged_state_stays_where_it_was_put(small: Workflow) -> None:
    picture = diagram.svg(small, places={"new": (900.0, 700.0)})
    group = states(picture)["new"]
    box = next(group.iter(f"{SVG}rect"))
    left, top = map(float, re.findall(r"[-\d.]+", group.get("transform", "")))
    assert (left + float(box.get("width", 0)) / 2, top + float(box.get("height", 0)) / 2) == pytest.approx(
        (900, 700), abs=0.2
    )


def test_the_same_file_gives_the_same_picture(small: Workflow) -> None:
    again = load_text(SMALL).desk
    assert again is not None
    assert diagram.svg(small) == diagram.svg(again.workflows["help"])


@pytest.mark.parametrize("name", ["support", "repair"])
def test_the_pictures_in_the_docs_are_those_of_the_shipped_desk(name: str) -> None:
    """After a change: helpdesk workflow graph --format svg --workflow NAME --output docs/pictures/NAME.svg"""
    desk = load_file(shipped("workflows.yaml")).desk
    assert desk is not None
    picture = diagram.svg(desk.workflows[name], sources=diagram.sources_of(desk, name), standalone=True)
    assert (HERE.parents[1] / "docs" / "pictures" / f"{name}.svg").read_text() == picture


@pytest.mark.parametrize("name", ["complaints", "recruitment", "tender"])
def test_the_pictures_in_the_docs_are_those_of_the_templates(name: str) -> None:
    """After a change: helpdesk workflow graph --format svg --output docs/pictures/library-NAME.svg TEMPLATE"""
    desk = load_file(Path(library.__file__).parent / f"{name}.yaml").desk
    assert desk is not None
    (workflow,) = desk.workflows.values()
    picture = diagram.svg(workflow, sources=diagram.sources_of(desk, workflow.name), standalone=True)
    assert (HERE.parents[1] / "docs" / "pictures" / f"library-{name}.svg").read_text() == picture
