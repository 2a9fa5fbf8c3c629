"""Do all programs simulate the same models? (The rule and its false alarms: agreement.py.)"""

import statistics

import pytest

from benchmarks import compare, models
from benchmarks.agreement import COARSE, FEWEST_ROUNDS, FINE, STANDARD_ERRORS, check_agreement
from benchmarks.models import KNOWN
from benchmarks.programs import PROGRAMS, why_not
from servicechain import run

# enough for an error that is not too coarse; a tenfold number where that costs nothing
CUSTOMERS = {"M2": 1200, "M3": 1200}
OPENINGS = 400  # error 4.5 %
TENFOLD = ("cimba", "compiled", "compiled-bare")
# their meaning is tested elsewhere as well, so they may take their time
LATER = ("reference", "compiled-bare")
FOUND = [
    pytest.param(model, name, marks=pytest.mark.slow if name in LATER else pytest.mark.theory)
    for name, program in PROGRAMS.items()
    for model in CUSTOMERS
    if model in program.shares
]
OPENED = [
    pytest.param(name, marks=pytest.mark.slow if name in LATER else pytest.mark.theory)
    for name, program in PROGRAMS.items()
    if "M1" in program.shares
]


def skip_without(name):
    reason = why_not(name)
    if reason is not None:
        pytest.skip(reason)


@pytest.mark.parametrize(("model", "name"), FOUND)
def test_a_program_finds_what_is_known(model, name):
    skip_without(name)
    simulate = PROGRAMS[name].simulator(model, KNOWN[model].warm_up)
    customers = CUSTOMERS[model] * (10 if name in TENFOLD else 1)
    check_agreement(KNOWN[model], name, [simulate(customers, seed) for seed in range(FEWEST_ROUNDS)], COARSE)


@pytest.mark.parametrize("name", OPENED)
def test_the_first_customers_of_a_day_wait_as_known(name):
    skip_without(name)
    simulate = PROGRAMS[name].simulator("M1")
    waits = [simulate(models.OPENING_CUSTOMERS, seed) for seed in range(OPENINGS)]
    check_agreement(models.OPENING, name, waits, FINE)


@pytest.mark.theory
def test_every_station_of_the_network_waits_as_if_it_were_alone():
    # 4.5 standard errors for each of ten stations: one false alarm in four hundred runs; the reference engine gives the
    # same records, but so many customers take it minutes, and fewer have not forgotten that they began from empty
    chain = models.chain_for("M3")
    rounds = [
        run(chain, customers=30_000, warm_up=1000, replications=1, seed=seed, engine="compiled", attribution=False)
        for seed in range(FEWEST_ROUNDS)
    ]
    for service, exact in zip(chain.services, models.station_waits(), strict=True):
        waits = [one.value(f"services.{service}.queue_wait.mean") for one in rounds]
        error = statistics.stdev(waits) / FEWEST_ROUNDS**0.5
        assert error < COARSE * exact, service
        assert abs(statistics.fmean(waits) - exact) < STANDARD_ERRORS * error, service


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([3.784 * 1.3] * 10 + [3.784 * 1.31] * 10, "somebody: time in line of those served 4.938, standard error"),
        ([1.0, 6.568] * 10, "too vague"),
        ([3.784], "no standard error"),
    ],
)
def test_what_does_not_agree_is_refused(values, told):
    with pytest.raises(AssertionError, match=told):
        check_agreement(KNOWN["M2"], "somebody", values)


@pytest.mark.theory
def test_the_table_has_a_row_for_each_program_and_says_what_is_left_out(capsys):
    compare.main(["--quick", "--models", "M2", "--programs", "simpy", "cimba", "--customers", "1500"])
    head, rows = capsys.readouterr().out.split(compare.HEAD)
    assert "simpy" in head
    lines = rows.strip().splitlines()
    assert lines[0].split()[:2] == ["M2", "SimPy"]
    assert lines[0].split()[4] == "1"
    assert ("left out, cimba is not installed" in lines[1]) == (why_not("cimba") is not None)
