"""A filled form becomes changes of the text, each at its own place: what was not touched is not written.

Called by `work`. The form is made again from the text, so only controls that it has can change anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from helpdesk.errors import NotPossible
from helpdesk.workflows.editing.change import drop, put
from helpdesk.workflows.editing.forms import Control, controls
from helpdesk.workflows.editing.spans import Path, at, read

Sent = Mapping[str, Sequence[str]]
GONE = object()
Change = tuple[Path, Any]


def apply(texts: Mapping[str, str], path: Path, sent: Sent) -> dict[str, str]:
    """The texts with what the form changed. Raises `NotPossible`, and `nodes.RefusedError`."""
    file = _file_of(texts, path)
    text = texts[file]
    held = at(read(text), path)
    changes = [*_changes(controls(texts, path), sent, held.plain() if held else {})]
    for below, value in sorted(changes, key=lambda change: change[1] is GONE):  # what goes, goes last and from the end
        if value is not GONE:
            text = put(text, (*path, *below), value)
    for below, value in reversed(changes):
        if value is GONE:
            text = drop(text, (*path, *below))
    return {**texts, file: text}


def add(texts: Mapping[str, str], path: Path, value: Mapping[str, Any]) -> dict[str, str]:
    """The texts with a new part at this path, in the file that holds its neighbours."""
    if any(at(read(text), path) is not None for text in texts.values()):
        raise NotPossible(f"There is a “{path[-1]}” already.")
    file = _file_of(texts, path[:-1])
    return {**texts, file: put(texts[file], path, dict(value), lines=True)}


def offer(texts: Mapping[str, str], workflow: str, states: Sequence[str], action: str) -> dict[str, str]:
    """The texts with an action offered in these states, as their last button."""
    done = dict(texts)
    for state in states:
        path = ("workflows", workflow, "states", state, "actions")
        file = _file_of(done, path[:-1])
        held = at(read(done[file]), path)
        old = held.plain() if held else []
        if isinstance(old, list) and action not in old:
            done[file] = put(done[file], path, [*old, action])
    return done


def remove(texts: Mapping[str, str], path: Path) -> dict[str, str]:
    """The texts without this part. Who still names it is told by the check."""
    file = _file_of(texts, path)
    return {**texts, file: drop(texts[file], path)}


def _file_of(texts: Mapping[str, str], path: Path) -> str:
    """The file that holds the most of a path."""
    roots = {file: read(text) for file, text in texts.items()}
    for length in range(len(path), 0, -1):
        for file, root in roots.items():
            if at(root, path[:length]) is not None:
                return file
    return next(iter(texts))


def _changes(asked: list[Control], sent: Sent, held: Any) -> Iterator[Change]:
    for control in asked:
        below = tuple(control["name"].split("."))
        old = held.get(below[-1]) if isinstance(held, dict) else None
        if control.get("means") == "assign":
            yield from _assigned(control, sent, old, below)
        elif control["kind"] == "group":
            yield from _grouped(control, sent, old, below)
        elif control["kind"] == "rows":
            yield from _rowed(control, sent, old, below)
        elif control["kind"] != "text" and _was_asked(control, sent):
            new = _value(control, sent)
            if new != _same_kind("" if control["kind"] == "flag" and old == "false" else old, new):
                yield below, GONE if new in ("", [], {}) else new


def _was_asked(control: Control, sent: Sent) -> bool:
    """Boxes that are not ticked are not sent; each list of boxes says that it was there."""
    return control["name"] in sent or f"{control['name']}:asked" in sent


def _value(control: Control, sent: Sent) -> Any:
    given = [one.replace("\r\n", "\n") for one in sent.get(control["name"], ())]
    if control["kind"] == "names":
        more = [one.strip() for one in ",".join(sent.get(f"{control['name']}:more", ())).split(",")]
        return list(dict.fromkeys(one for one in (*given, *more) if one))
    if control["kind"] == "pairs":
        pairs = (line.partition(":") for line in "\n".join(given).split("\n") if line.strip())
        return {key.strip(): label.strip() or key.strip() for key, _, label in pairs}
    if control.get("list"):
        return [one.strip() for one in ",".join(given).split(",") if one.strip()]
    return given[-1] if given and given[-1].strip() else ""


def _same_kind(old: Any, new: Any) -> Any:
    """What stood there, as the form would give it."""
    if old is None:
        return type(new)()
    if isinstance(new, list) and isinstance(old, str):
        return [old]
    return old.rstrip("\n") if isinstance(old, str) and isinstance(new, str) and old.rstrip("\n") == new else old


def _grouped(control: Control, sent: Sent, old: Any, below: Path) -> Iterator[Change]:
    inner = [*_changes(control["controls"], sent, old or {})]
    if old:
        gone = [change for change in inner if change[1] is GONE]
        if len(gone) == len(old) and len(inner) == len(gone):
            yield below, GONE
        else:
            yield from inner
    elif inner:
        yield below, _gathered(inner, len(below))


def _rowed(control: Control, sent: Sent, old: Any, below: Path) -> Iterator[Change]:
    listed = old if isinstance(old, list) else [] if old is None else [old]
    short = isinstance(old, str)
    for number, row in enumerate(control["rows"]):
        place = (*below, str(number))
        dropped = f"{'.'.join(place)}:drop" in sent
        held = listed[number] if number < len(listed) else None
        if dropped:
            if held is not None:
                yield (below if short else place), GONE
            continue
        plain = held if isinstance(held, dict) else {} if held is None else _long(row, held)
        inner = [*_changes(row, sent, plain)]
        if not inner:
            continue
        if isinstance(held, dict):
            yield from inner
        elif short and number > 0:
            yield below, [_long(row, str(old)), _gathered(inner, len(place))]
        else:
            whole = {**plain, **_gathered(inner, len(place))}
            whole = {key: value for key, value in whole.items() if value is not GONE}
            yield (below if short else place), _shortest(whole) if short or below[-1] == "to" else whole


def _long(row: list[Control], held: str) -> dict[str, str]:
    """A row with a short spelling, spelled out."""
    keys = [control["name"].rpartition(".")[2] for control in row]
    return {"use" if "use" in keys else "to": held}


def _shortest(whole: dict[str, Any]) -> Any:
    return whole["to"] if [*whole] == ["to"] else whole


def _gathered(inner: list[Change], depth: int) -> dict[str, Any]:
    """Changes below a thing that was not there, as the thing itself."""
    whole: dict[str, Any] = {}
    for path, value in inner:
        here = whole
        for step in path[depth:-1]:
            here = here.setdefault(step, {})
        here[path[-1]] = value
    return whole


def _assigned(control: Control, sent: Sent, old: Any, below: Path) -> Iterator[Change]:
    """`assign` is a word, or says whom."""
    given = {one["name"].rpartition(".")[2]: _value(one, sent) for one in control["controls"] if one["name"] in sent}
    if "how" not in given:
        return
    how = given.pop("how")
    new = {key: value for key, value in given.items() if value} if how == "to:" else how
    if new != (old or ""):
        yield below, new or GONE
