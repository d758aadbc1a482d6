"""Messages with what is expected of them beside them: `01-question.eml` and `01-question.yaml` (N14).

The keys are those of `helpdesk mail inspect --json`, and what the desk does with the message. A text is compared as a
whole, or by what it has and lacks. What is not written is not asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helpdesk.errors import HelpdeskError
from helpdesk.workflows import nodes
from helpdesk.workflows.findings import did_you_mean
from helpdesk.workflows.schema.base import Position

GIVEN = ("through", "answers")
ONE = ("message_id", "from", "from_name", "reply_to", "subject", "date", "auto", "would", "workflow", "state")
MANY = ("to", "cc", "attachments", "problems", "ran", "mailed")
WORDS = ("text", "reply_text")
KEYS = (*GIVEN, *ONE, *MANY, *WORDS)
PARTS = ("has", "lacks")


class NotReadableError(HelpdeskError):
    """A file of expectations says something that means nothing; the sentence names file, line and column."""

    exit_code = 2


@dataclass(frozen=True)
class Words:
    """What a text must have, and what it must lack."""

    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


Value = str | tuple[str, ...] | Words


@dataclass(frozen=True)
class Wanted:
    """What is expected under one key, and the line it stands at."""

    key: str
    value: Value
    line: int


@dataclass(frozen=True)
class Golden:
    """One message. `wanted` is none where no expectations stand beside it. `through`: the source it comes by, if not
    the one it is addressed to. `answers`: the name of an earlier message, whose last mail from the desk this answers.
    """

    name: str
    mail: Path
    beside: Path
    wanted: tuple[Wanted, ...] | None = None
    through: str = ""
    answers: str = ""


def conversations(folder: Path) -> list[list[Golden]]:
    """Every folder with messages in it, here or below, is one conversation: its messages arrive in the order of their
    names. Raises NotReadableError, and OSError.
    """
    folders = sorted({each.parent for each in folder.rglob("*.eml") if each.is_file()})
    return [[_golden(mail) for mail in sorted(each.glob("*.eml")) if mail.is_file()] for each in folders]


def _golden(mail: Path) -> Golden:
    beside = mail.with_suffix(".yaml")
    if not beside.is_file():
        return Golden(mail.stem, mail, beside)
    wanted = _wanted(beside)
    given = {each.key: str(each.value) for each in wanted if each.key in GIVEN}
    return Golden(mail.stem, mail, beside, tuple(each for each in wanted if each.key not in GIVEN), **given)


def _wanted(file: Path) -> list[Wanted]:
    try:
        tree = nodes.parse(file.read_bytes(), str(file))
    except nodes.RefusedError as refused:
        found = refused.finding
        raise NotReadableError(f"{found.file}:{found.line}:{found.column}: {found.message}") from refused
    if tree is None:
        return []
    if not isinstance(tree, nodes.Pairs):
        raise _wrong(tree.at, "A file of expectations is a list of keys and values, such as `auto: none`.")
    return [_one(key, at, node) for key, (at, node) in tree.pairs.items()]


def _one(key: str, at: Position, node: nodes.Node) -> Wanted:
    if key not in KEYS:
        raise _wrong(at, f"There is no “{key}” to be expected. {did_you_mean(key, KEYS)}".rstrip())
    if key in MANY:
        return Wanted(key, _many(key, node), at.line)
    if key in WORDS and isinstance(node, nodes.Pairs):
        if strange := [part for part in node.pairs if part not in PARTS]:
            raise _wrong(node.pairs[strange[0]][0], f"“{key}” is a text, or what it `has` and `lacks`.")
        parts = {part: _many(part, value) for part, (_, value) in node.pairs.items()}
        return Wanted(key, Words(**parts), at.line)
    if not isinstance(node, nodes.Text):
        raise _wrong(node.at, f"“{key}” is one text.")
    return Wanted(key, node.text, at.line)


def _many(key: str, node: nodes.Node) -> tuple[str, ...]:
    listed = node.items if isinstance(node, nodes.Items) else [node]
    texts = tuple(each.text for each in listed if isinstance(each, nodes.Text))
    if len(texts) < len(listed):
        raise _wrong(node.at, f"“{key}” is a list of texts.")
    return texts


def _wrong(at: Position, sentence: str) -> NotReadableError:
    return NotReadableError(f"{at.file}:{at.line}:{at.column}: {sentence}")
