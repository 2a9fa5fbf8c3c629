import numpy as np
import pytest
from scipy.stats import norm

from peers import test_ciw_statistics, test_simpy_statistics
from peers.agreement import COMPARISONS, FALSE_ALARMS, same_mean, same_moments, standard_errors

pytestmark = pytest.mark.theory


def test_the_false_alarms_are_shared_by_all_comparisons():
    assert len(test_ciw_statistics.COMPARED) + len(test_simpy_statistics.COMPARED) <= COMPARISONS
    # with many replications Student's t is the normal distribution
    k = standard_errors(1_000_000)
    assert COMPARISONS * 2 * norm.sf(k) == pytest.approx(FALSE_ALARMS, rel=1e-3)


def test_different_means_are_told_apart():
    values = np.linspace(0.9, 1.1, 40)
    same_mean(values, values[::-1], "the same")
    with pytest.raises(AssertionError, match="of them apart"):
        same_mean(values, values + 0.1, "another")
    with pytest.raises(AssertionError, match="too vague"):
        same_mean(values * 10 - 9, values * 10 - 9, "nearly anything")


@pytest.mark.parametrize("other", [{}, {"a": [(1, 2, 3.1)]}, {"a": [(1, 2, 3), (1, 2, 3)]}, {"a": [(1, np.nan, 3)]}])
def test_different_moments_are_told_apart(other):
    same_moments({"a": [(1, 2, 3)]}, {"a": [(1, 2, 3 + 1e-12)]})
    with pytest.raises(AssertionError):
        same_moments({"a": [(1, 2, 3)]}, other)
