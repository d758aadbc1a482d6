"""The files of ready answers beside the workflow file: looked for without being read, and never outside its folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from helpdesk.workflows import check
from helpdesk.workflows.enclosures import LARGEST, Enclosure, GoneError, Known, Problem
from helpdesk.workflows.filenames import bad_name
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.folder import Folder

HERE = Path(__file__).parent
SHOP = (HERE / "correct/shop.yaml").read_text()
SUNDAYS = "body: We are closed on Sundays.}"


def found(folder: Path, files: str) -> list[Finding]:
    path = folder / "workflows.yaml"
    path.write_text(SHOP.replace(SUNDAYS, f"{SUNDAYS[:-1]}, files: {files}}}"))
    return check.run_file(path).findings


def test_what_is_there_is_not_told_of(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    for name in ("price list.pdf", "papers/карта.png", "papers/a.tar.gz"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "within.pdf").symlink_to("price list.pdf")
    assert found(tmp_path, '["price list.pdf", papers/карта.png, papers/a.tar.gz, within.pdf]') == []


def test_a_folder_of_files_has_them_beside_all_of_its_files(tmp_path: Path) -> None:
    head, _, rest = SHOP.partition("replies:\n")
    replies, _, rest = rest.partition("emails:\n")
    (tmp_path / "a.yaml").write_text(f"{head}emails:\n{rest}")
    (tmp_path / "b.yaml").write_text("replies:\n" + replies.replace(SUNDAYS, f"{SUNDAYS[:-1]}, files: [terms.txt]}}"))
    findings = check.run_file(tmp_path).findings
    assert [(each.code, Path(each.file).name, each.line) for each in findings] == [("unknown_file", "b.yaml", 2)]
    (tmp_path / "terms.txt").write_text("x")
    assert check.run_file(tmp_path).findings == []


def test_more_than_ten_megabytes_together_are_too_much(tmp_path: Path) -> None:
    for name, size in (("a.bin", LARGEST // 2), ("b.bin", LARGEST // 2), ("c.bin", 1)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    assert found(tmp_path, "[a.bin, b.bin]") == []
    (finding,) = found(tmp_path, "[a.bin, b.bin, c.bin]")
    assert (finding.code, finding.path) == ("file_too_big", "replies.sundays.files.2")


def test_a_check_opens_none_of_them(tmp_path: Path) -> None:
    """A pipe that nobody writes into would hold it for ever."""
    os.mkfifo(tmp_path / "pipe")
    (finding,) = found(tmp_path, "[pipe]")
    assert (finding.code, finding.message) == ("unreadable_file", "“pipe” is no ordinary file.")


def test_links_that_lead_out_or_around_are_refused(tmp_path: Path) -> None:
    outside = tmp_path / "secret_key"
    outside.write_text("x")
    house = tmp_path / "house"
    (house / "papers").mkdir(parents=True)
    (house / "a.txt").symlink_to(outside)
    (house / "up").symlink_to(tmp_path)
    (house / "round").symlink_to("round")
    names = ["a.txt", "up/secret_key", "round"]
    assert [each.code for each in found(house, f"[{', '.join(names)}]")] == ["file_outside"] * 3
    for name in (*names, "../secret_key", str(outside), "papers/../../secret_key"):
        with pytest.raises(GoneError):
            Folder(house).read(name)
        assert Folder(house).digest(name) == ""
        assert Folder(house).is_there(name), "nothing is ever written there"


@pytest.mark.parametrize(
    "name",
    ["", "/", ".", "..", "a//b", "a/", "/etc/passwd", "../a", "a/../b", ".env", "a/.git/b", "a\\b", "C:a", "a\0b",
     "a\nb", "a*", "x.yaml", "x.yml", " a", "a ", "a/ b", "x" * 201],
)  # fmt: skip
def test_names_that_are_none(name: str) -> None:
    assert bad_name(name).endswith(".")
    assert isinstance(Folder(HERE).look(name), Problem)


def test_a_revision_knows_its_own_and_no_disk() -> None:
    known = Known({"price-list.pdf": Enclosure("0" * 64, 5, "application/pdf")})
    text = SHOP.replace(SUNDAYS, f"{SUNDAYS[:-1]}, files: [price-list.pdf, price-lst.pdf]}}")
    (finding,) = check.run_texts({"workflows.yaml": text}, beside=known).findings
    assert (finding.code, finding.path) == ("unknown_file", "replies.sundays.files.1")
    text = SHOP.replace(SUNDAYS, f"{SUNDAYS[:-1]}, files: [price-lst.pdf]}}")
    (finding,) = check.run_texts({"workflows.yaml": text}, beside=known).findings
    assert finding.hint == "Did you mean “price-list.pdf”?"
