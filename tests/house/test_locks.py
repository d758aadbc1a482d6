"""The locks: each holds all that the one before it holds, in the same versions, which `scripts/setup` counts on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

LOCKS = Path(__file__).parents[2] / "requirements"


def packages(lock: str) -> set[str]:
    return set(re.findall(r"(?m)^[\w.-]+==\S+(?: ; [^\\]+)?(?= \\)", (LOCKS / f"{lock}.lock").read_text()))


@pytest.mark.parametrize(("smaller", "larger"), [("runtime", "dev"), ("dev", "prove")])
def test_a_lock_holds_all_of_the_one_before(smaller: str, larger: str) -> None:
    assert len(packages(smaller)) > 30
    assert packages(smaller) <= packages(larger)


@pytest.mark.parametrize("lock", ["runtime", "dev", "prove"])
def test_every_package_has_hashes_and_no_lock_names_an_address(lock: str) -> None:
    text = (LOCKS / f"{lock}.lock").read_text()
    blocks = re.split(r"(?m)^(?=[\w.-]+==)", text)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text
