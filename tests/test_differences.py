import math

import numpy as np
import pytest
from scipy import stats

from servicechain.studies.differences import differences, paired, variance_reduction

NAN = math.nan


def test_a_pair_of_scenarios_by_hand():
    # differences 1, 2, 3: mean 2, standard error 1/√3, t(2) = 4.302653
    found = differences([11.0, 22.0, 33.0], [10.0, 20.0, 30.0])
    assert found.mean == 2.0
    assert found.halfwidth == pytest.approx(4.30265273 / math.sqrt(3), rel=1e-8)


def test_as_the_paired_t_test():
    generator = np.random.default_rng(2)
    base = generator.gamma(2, 5, 40)
    values = base * 0.9 + generator.normal(0, 1, 40)
    low, high = stats.ttest_rel(values, base).confidence_interval(1 - 0.05 / 7)
    found = differences(values, base, comparisons=7)
    assert found.mean - found.halfwidth == pytest.approx(low, rel=1e-9)
    assert found.mean + found.halfwidth == pytest.approx(high, rel=1e-9)


def test_the_shorter_decides_and_pairs_need_both():
    longer = [1.0, NAN, 3.0, 9.0, 7.0, 100.0]
    assert paired(longer, [0.0, 5.0, NAN, 8.0, 5.0]).tolist() == [1.0, 1.0, 2.0]
    assert differences(longer, [0.0, 5.0, NAN, 8.0, 5.0]) == differences([1.0, 9.0, 7.0], [0.0, 8.0, 5.0])


def test_what_rounding_leaves_is_no_difference():
    # 0.1 added ten times is 1 less 1.1e-16
    base = np.array([1440.0, 1440.0, 720.0])
    values = base * sum([0.1] * 10)
    assert (values != base).any()
    found = differences(values, base)
    assert (found.mean, found.halfwidth) == (0.0, 0.0)
    assert differences([1.0 + 1e-9] * 3, [1.0] * 3).mean == pytest.approx(1e-9, rel=1e-6)


def test_too_few_pairs_and_equal_ones():
    assert math.isnan(differences([NAN, 1.0], [1.0, NAN]).mean)
    one = differences([3.0], [1.0, 4.0])
    assert one.mean == 2.0
    assert math.isnan(one.halfwidth)
    same = differences([1.1, 2.2, 3.3], [1.1, 2.2, 3.3], comparisons=11)
    assert (same.mean, same.halfwidth) == (0.0, 0.0)


def test_how_much_pairing_saves():
    # variances 1 and 4, covariance 2 (the second is twice the first): (1 + 4)/(1 + 4 − 4)
    assert variance_reduction([2.0, 4.0, 6.0], [1.0, 2.0, 3.0]) == pytest.approx(5.0)
    assert variance_reduction([1.0, 2.0, NAN], [2.0, 3.0, 4.0]) == math.inf
    assert math.isnan(variance_reduction([1.0, 1.0], [2.0, 2.0]))
    assert math.isnan(variance_reduction([1.0], [2.0]))


def test_all_comparisons_together_hold_as_often_as_they_say():
    # Six scenarios that differ by nothing. Bonferroni promises at least 95 %, and with these correlations (0.5, the
    # base is in all differences) not much more; 3.1 standard errors below is a false alarm in a thousand times.
    generator = np.random.default_rng(12)
    studies, right = 1000, 0
    for _ in range(studies):
        base, *others = generator.normal(0, 1, (7, 24))
        found = [differences(other, base, len(others)) for other in others]
        right += all(abs(each.mean) <= each.halfwidth for each in found)
    error = math.sqrt(0.95 * 0.05 / studies)
    assert 0.95 - 3.1 * error <= right / studies < 0.99
