"""No times are compared before the programs are found to agree on what they simulate.

A program agrees with a known mean (`models.KNOWN`) if, over n >= 20 independent rounds,

1. it is within 4.5 standard errors of it, and
2. the standard error is at most `FINE` of it, or `COARSE` where little time is given: a program that is wrong by
   more than 4.5 times that, 22 % or 45 %, is more likely refused than not. M1 is the vaguest, by far: its line is
   long and long-lived. (A server more shortens it by 75 %.) Its first hours are sharper, and tested apart.

False alarms of the first: the statistic is Student's t with n - 1 degrees of freedom, so a true value is refused
with probability 2.5e-4 for n = 20; a table of fifteen rows with 0.4 %. Means of waiting times are skew to the
right, which makes that a little larger.
"""

from __future__ import annotations

import statistics

STANDARD_ERRORS = 4.5
FEWEST_ROUNDS = 20
FINE, COARSE = 0.05, 0.1


def check_agreement(known, who, values, vague=FINE):
    """Refuse the values, one for each round, of a program that does not find what is known."""
    rounds = len(values)
    assert rounds >= FEWEST_ROUNDS, f"{who}: of {rounds} rounds no standard error can be told"
    mean, error = statistics.fmean(values), statistics.stdev(values) / rounds**0.5
    told = f"{who}: {known.name} {mean:.4g}, standard error {error:.2g}, but known is {known.value:.5g}"
    assert abs(mean - known.value) <= STANDARD_ERRORS * error, told
    assert error <= vague * known.value, f"{told}: too vague, simulate more customers"
