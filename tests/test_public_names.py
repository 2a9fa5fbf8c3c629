import subprocess
import sys
from importlib.util import find_spec

import pytest

import servicechain

NAMES = {
    *("Chain", "Actor", "Service", "CustomerClass", "Tolerance", "Result"),
    *("work", "ask", "tell", "hand_off", "reply", "pause", "chance", "choose", "repeat"),
    *("together", "custom"),
    *("read", "check", "run", "study", "distributions"),
    *("ServiceChainError", "ChainError", "RunError"),
}
HEAVY = ("numba", "pandas", "scipy", "matplotlib", "networkx", "simpy", "rich")


def fresh(code):
    """Run code in an interpreter of its own; give what it prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    return done.stdout.split()


def test_the_public_names_are_these():
    assert set(servicechain.__all__) == NAMES
    assert len(servicechain.__all__) == len(NAMES)
    assert servicechain.__all__ == sorted(servicechain.__all__)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_public_name_leads_to_something_explained(name):
    found = getattr(servicechain, name)
    assert found.__doc__
    assert name in dir(servicechain)


@pytest.mark.parametrize("name", sorted(NAMES - {"distributions"}))
def test_no_module_takes_the_place_of_a_public_name(name):
    # importing servicechain.NAME would put the module where the name stands
    assert find_spec(f"servicechain.{name}") is None


def test_a_name_that_is_none_is_told():
    with pytest.raises(AttributeError, match="has no attribute 'Chian'"):
        _ = servicechain.Chian


def test_a_star_import_gives_the_public_names():
    space = {}
    exec("from servicechain import *", space)
    assert set(space) - {"__builtins__"} == NAMES


def test_importing_is_quick_and_imports_nothing_heavy():
    code = (
        "import sys, time; started = time.process_time(); import servicechain; "
        f"print(time.process_time() - started, *[name for name in {HEAVY} if name in sys.modules])"
    )
    seconds, *heavy = fresh(code)
    assert heavy == []
    assert float(seconds) < 0.5


def test_reading_and_checking_import_no_engine_and_nothing_heavy(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(
        "chain: a\nunit: minutes\nactors: {b: {lane: contact, staff: 1}}\n"
        "services: {c: {by: b, steps: [{work: 1}, {tell: d}]}, d: {by: b, steps: [{chance: 0.5, then: [{tell: c}]}]}}\n"
        "customers: {e: {arrivals: every(5), journey: [{ask: c}]}}\n"
    )
    code = (
        f"import sys; from servicechain import read, check; print(len(check(read({str(file)!r})))); "
        f"print(*[name for name in {(*HEAVY, 'servicechain.engines', 'servicechain.cli')} if name in sys.modules])"
    )
    # circles are looked for with networkx
    assert fresh(code) == ["0", "networkx"]
