"""Ready answers: the files they bring along, and what they ask."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.enclosures import LARGEST, MOST, Beside, Problem
from helpdesk.workflows.filenames import bad_name
from helpdesk.workflows.findings import Finding, did_you_mean
from helpdesk.workflows.scalars import HINTED, Path, Use
from helpdesk.workflows.scalars import MOST as MOST_FINDINGS
from helpdesk.workflows.schema import Reply


def check(whole: Whole) -> Iterator[Finding]:
    named = _named(whole)
    for reply in whole.desk.replies.values():
        yield from _asks_no_files(whole, reply)
        if len(reply.files) > MOST:
            sentence = f"An answer brings at most {MOST} files along."
            yield whole.at_key("too_many_files", sentence, (*reply.path, "files"))
    if whole.beside is not None:
        missing = count()
        for uses in named.values():
            if len(uses) <= MOST:
                yield from _files(whole, uses, whole.beside, missing)


def _asks_no_files(whole: Whole, reply: Reply) -> Iterator[Finding]:
    for field in reply.ask:
        if field.type == "file" and field.path:
            sentence = "A ready answer cannot ask for files."
            hint = "Name those it brings along under `files`; the action itself asks for others."
            yield whole.at_value("file_not_asked", sentence, (*field.path, "type"), hint=hint)


def _files(whole: Whole, uses: list[Use], beside: Beside, missing: Iterator[int]) -> Iterator[Finding]:
    """What is wrong with the files of one answer. `missing` counts those of all: nobody needs a thousand hints."""
    total = 0
    for use in uses:
        looked = beside.look(use.text)
        if isinstance(looked, Problem):
            number = next(missing)
            if number > MOST_FINDINGS:
                return
            others = [one for one in looked.offered if all(one != each.text for each in uses)]
            hint = (_meant(use.text, others) if number < HINTED else "") or looked.hint
            yield whole.at_value(looked.code, looked.sentence, use.path, hint=hint)
            continue
        total += looked
        if total > LARGEST:
            sentence = f"The files of an answer have at most {LARGEST // 1_000_000} MB together."
            yield whole.at_value("file_too_big", sentence, use.path)
            return


def _named(whole: Whole) -> dict[Path, list[Use]]:
    """What each answer names. Names that are none were told of when they were read."""
    named: dict[Path, list[Use]] = {}
    for use in whole.uses:
        if use.what == "enclosure" and not bad_name(use.text):
            named.setdefault(use.path[:-1], []).append(use)
    return named


def _meant(name: str, offered: list[str]) -> str:
    """The file that was meant: nearly so called, or so called in another folder."""
    last = name.rpartition("/")[2].casefold()
    same = next((one for one in offered if one.rpartition("/")[2].casefold() == last), "")
    return f"Did you mean “{same}”?" if same else did_you_mean(name, offered)
