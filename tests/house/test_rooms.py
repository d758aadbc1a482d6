"""What import-linter cannot see of the rooms' order (its contract is in pyproject.toml, `make check` runs it)."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_settings_import_nothing_but_the_standard_library() -> None:
    tree = ast.parse((ROOT / "config.py").read_text())
    named = [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    named += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert [name for name in named if name.split(".")[0] not in sys.stdlib_module_names] == []


def test_every_folder_of_the_desk_is_a_package_so_that_no_room_escapes_the_check() -> None:
    with_python = {path.parent for path in (ROOT / "helpdesk").rglob("*.py")}
    assert [
        str(folder.relative_to(ROOT)) for folder in sorted(with_python) if not (folder / "__init__.py").exists()
    ] == []
