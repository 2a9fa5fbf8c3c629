import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from notebook_cells import execute

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
SECONDS = 20


def name_of(path):
    return path.name


def read(file):
    return json.loads(file.read_text(encoding="utf-8"))


def test_there_are_notebooks():
    assert "1_your_first_chain.ipynb" in {file.name for file in NOTEBOOKS}


@pytest.mark.slow  # it runs whole studies
@pytest.mark.parametrize("file", NOTEBOOKS, ids=name_of)
def test_a_notebook_runs_from_top_to_bottom_without_a_warning(file, tmp_path):
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-W", "error", Path(__file__).with_name("notebook_cells.py"), file],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "Agg", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=6 * SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
    # a machine that does other things at the same time is slower
    assert time.perf_counter() - started < 3 * SECONDS
    shown = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if "__repr__" in line}
    assert any("_repr_html_" in forms for forms in shown.values())
    assert any("_repr_png_" in forms for forms in shown.values())


@pytest.mark.parametrize("file", NOTEBOOKS, ids=name_of)
def test_a_notebook_is_kept_without_its_outputs(file):
    notebook = read(file)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("file", NOTEBOOKS, ids=name_of)
def test_a_notebook_tells_a_story_in_short_cells(file):
    cells = read(file)["cells"]
    assert "".join(cells[0]["source"]).startswith("# ")
    for cell in cells:
        text = "".join(cell["source"])
        assert len(text.split()) <= 120 if cell["cell_type"] == "markdown" else len(text.splitlines()) <= 40


def test_what_a_cell_ends_with_is_shown():
    names = {}
    assert execute("a", "x = 3\nx", names) == ["__repr__"]
    assert execute("b", "y = x + 1", names) == []
    assert names["y"] == 4
    assert execute("c", "print", names) == ["__repr__"]
    with pytest.raises(ZeroDivisionError):
        execute("d", "1 / 0", names)
