"""What import-linter cannot see of the rooms' order (its contract is in pyproject.toml, `make check` runs it)."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import grimp

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


def test_no_two_files_of_the_door_import_each_other_not_even_from_within_a_function() -> None:
    graph = grimp.build_graph("helpdesk", exclude_type_checking_imports=True, cache_dir=None)
    door = {name for name in graph.modules if name.startswith("helpdesk.actions.")}
    circles = [
        graph.find_shortest_chain(importer=other, imported=name)
        for name in sorted(door)
        for other in graph.find_modules_directly_imported_by(name) & door
        if graph.chain_exists(importer=other, imported=name)
    ]
    assert circles == []
