"""A skip is a failure where CI=true, and only there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WAYS_TO_SKIP = {
    "inside": "import pytest\ndef test_it():\n    pytest.skip('no server')\n",
    "marked": "import pytest\n@pytest.mark.skip(reason='no server')\ndef test_it(): pass\n",
    "fixture": "import pytest\n@pytest.fixture\ndef s():\n    pytest.skip('no server')\ndef test_it(s): pass\n",
    "module": "import pytest\npytest.skip('no server', allow_module_level=True)\n",
}


def test_every_way_to_skip_fails_in_ci_with_its_reason_and_is_allowed_elsewhere(tmp_path: Path) -> None:
    for way, source in WAYS_TO_SKIP.items():
        (tmp_path / f"test_{way}.py").write_text(source)
    in_ci, elsewhere = run_in(tmp_path, ci="true"), run_in(tmp_path, ci="")
    assert in_ci.returncode == 1
    assert "1 failed, 3 errors" in in_ci.stdout
    assert in_ci.stdout.count("A skip is a failure where CI=true. ") >= len(WAYS_TO_SKIP)
    assert in_ci.stdout.count("no server") >= len(WAYS_TO_SKIP)
    assert "4 skipped" in elsewhere.stdout


def run_in(folder: Path, *, ci: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.plugins.no_skips", "--continue-on-collection-errors"]
    env = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*command, "--rootdir", str(folder), str(folder)],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
