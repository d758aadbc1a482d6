"""The tests' desk with parts of its text changed."""

from __future__ import annotations

from pathlib import Path

DESK = (Path(__file__).parents[1] / "desk.yaml").read_text()


def changed(*changes: tuple[str, str], every: bool = False, text: str = DESK) -> dict[str, str]:
    """The desk's file with each first text (`every`: each occurrence) replaced by the second."""
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after) if every else text.replace(before, after, 1)
    return {"workflows.yaml": text}


RENAMED = changed(
    ("      waiting:\n", "      on_hold:\n        renamed_from: waiting\n"), ("to: waiting\n", "to: on_hold\n")
)
"""“waiting” is called “on_hold”."""

WITHOUT_WAITING = changed(
    (DESK[DESK.index("      waiting:\n") : DESK.index("      workshop:\n        label: At")], ""),
    ("to: waiting\n", "to: new\n"),
)
"""There is no “waiting”, and nothing says where its tickets go."""

LEAVING = changed(("      waiting:\n", "      waiting:\n        move_to: workshop\n"), ("to: waiting\n", "to: new\n"))
"""“waiting” goes; its tickets move to the workshop, which agents do not see."""
