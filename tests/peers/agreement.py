"""When two programs agree: to the last digits where both were given the same numbers, else by their means.

**The same numbers.** Every time is a list made by numpy and given to both, so each request of each customer has to
be asked, begun and ended at the same moments, to 1e-9. The times are continuous: no two events fall together
unless the rules make them, and what then comes first does not depend on either program's taste.

**The same distributions.** Both simulate n independent replications; the means agree if

1. they are within k combined standard errors, √(e₁² + e₂²), and
2. the combined standard error is at most 3 % of the mean (6 % of a share), so that a wrong rule would be seen.

k is such that one run of everything raises a false alarm with probability 0.1 %: that, over at most `COMPARISONS`
two-sided comparisons (Bonferroni), by Student's t with n − 1 degrees of freedom, the fewest that Welch's formula
can give for two samples of n. The trap: customers of one run wait in the same line, so the standard error comes
from replications only.

Seeds derive from the test's id (exact) or the model's name, and from the environment variable
``SERVICECHAIN_SEED_OFFSET``, so that anybody can see that no agreement hangs on one seed.
"""

from __future__ import annotations

import math
import os
import zlib

import numpy as np
from scipy.stats import t

FALSE_ALARMS = 0.001
COMPARISONS = 30
RELATIVE_ERROR = 0.03
RELATIVE_ERROR_OF_SHARE = 0.06
FEWEST_REPLICATIONS = 20
SEED_OFFSET = int(os.environ.get("SERVICECHAIN_SEED_OFFSET", "0"))
ENGINE = os.environ.get("SERVICECHAIN_ENGINE", "auto")


def seed_of(name):
    return (zlib.crc32(name.encode()) + SEED_OFFSET) % 2**32


def same_moments(ours, theirs):
    """Compare what happened: for each key (whose, which request) the moments of everybody it stands for.

    NaN is a moment that never came. Members of a batch are alike, so it does not matter which of them was first.
    """
    assert ours.keys() == theirs.keys()
    for key, moments in theirs.items():
        here, there = (np.array(sorted(each, key=_comparable)) for each in (ours[key], moments))
        assert here.shape == there.shape, key
        assert np.allclose(here, there, rtol=0, atol=1e-9, equal_nan=True), f"{key}: ours {here}, theirs {there}"


def _comparable(moments):
    return [math.inf if math.isnan(moment) else round(moment, 6) for moment in moments]


def standard_errors(replications):
    """Give the k of the rule above."""
    return t.isf(FALSE_ALARMS / COMPARISONS / 2, replications - 1)


def same_mean(ours, theirs, what, *, share=False):
    """Compare the means of two samples, one value for each replication."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    count = min(len(ours), len(theirs))
    assert count >= FEWEST_REPLICATIONS, what
    error = math.hypot(*(values.std(ddof=1) / np.sqrt(len(values)) for values in (ours, theirs)))
    away = (ours.mean() - theirs.mean()) / error
    told = f"{what}: ours {ours.mean():.6g}, theirs {theirs.mean():.6g}, combined standard error {error:.2g}"
    assert abs(away) <= standard_errors(count), f"{told}, which is {away:+.1f} of them apart"
    allowed = (RELATIVE_ERROR_OF_SHARE if share else RELATIVE_ERROR) * abs(theirs.mean())
    assert error <= allowed, f"{told}: too vague, it must not exceed {allowed:.2g}"
