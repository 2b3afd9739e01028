"""What a test that fails leaves behind, tried with one that fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import failure
from tests.e2e.server import ROOT

FAILING = """
from tests.e2e.server import AppServer

def test_of_nothing(page, tmp_path):
    page.set_content("<h1>what stood there</h1>")
    with AppServer(tmp_path / "data"):
        assert False
"""


@pytest.mark.long
def test_a_failed_test_leaves_its_pages_and_the_logs_of_its_apps_in_a_folder_and_says_where(
    tmp_path: Path,
) -> None:
    (tmp_path / "conftest.py").write_text("from tests.e2e.conftest import *\n", encoding="utf-8")
    (tmp_path / "test_it.py").write_text(FAILING, encoding="utf-8")
    left = tmp_path / "left"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        ROOT / "tests" / "pytest.ini",
        "--rootdir",
        ROOT,
        tmp_path,
    ]
    run = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {failure.VARIABLE: str(left)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    [folder] = left.iterdir()
    assert str(folder) in run.stdout
    assert "test_of_nothing" in folder.name
    assert (folder / "page-1.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "page-1.txt").read_text(encoding="utf-8") == "about:blank\n\nwhat stood there\n"
    assert "You can now view your Streamlit app" in (folder / "server-1.log").read_text(encoding="utf-8")
