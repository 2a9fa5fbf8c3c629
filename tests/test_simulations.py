import difflib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import servicechain as sc

SIMULATIONS = Path(__file__).parents[1] / "simulations"
PROMISES = sorted(SIMULATIONS.glob("*.out"))
CHAINS = sorted(SIMULATIONS.glob("*.yaml"))


def test_there_are_studies():
    assert {"hotel.yaml", "it_service_desk.yaml"} <= {file.name for file in CHAINS}


def name_of(path):
    return path.name


@pytest.mark.parametrize("chain_file", CHAINS, ids=name_of)
def test_a_chain_has_a_script_and_what_it_prints_beside_it(chain_file):
    assert chain_file.with_suffix(".out") in PROMISES
    assert chain_file.with_suffix(".py").exists()


@pytest.mark.slow  # it runs whole studies
@pytest.mark.parametrize("promise", PROMISES, ids=name_of)
def test_a_script_prints_what_the_file_beside_it_promises(promise, tmp_path):
    script, promised = promise.with_suffix(".py"), promise.read_bytes()
    done = subprocess.run(
        [sys.executable, "-W", "error", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    assert list(tmp_path.iterdir()) == []
    if done.stdout != promised:
        pytest.fail(difference(script, promised, done.stdout), pytrace=False)


def difference(script, promised, printed):
    lines = difflib.unified_diff(
        promised.decode().splitlines(),
        printed.decode().splitlines(),
        f"{script.stem}.out",
        f"{script.name} prints",
        lineterm="",
    )
    return "\n".join(lines) or "only line ends differ"


@pytest.mark.parametrize("chain_file", CHAINS, ids=name_of)
def test_nothing_is_found_in_a_chain(chain_file):
    assert sc.check(sc.read(chain_file)) == []


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
@pytest.mark.parametrize("chain_file", CHAINS, ids=name_of)
def test_a_chain_written_and_read_again_is_equal(chain_file, suffix, tmp_path):
    # beside the files it names
    beside = shutil.copytree(SIMULATIONS, tmp_path / "simulations")
    chain = sc.read(chain_file)
    again = beside / f"again{suffix}"
    chain.save(again)
    assert sc.read(again) == chain
    assert sc.read(again).loaded() == chain.loaded()
