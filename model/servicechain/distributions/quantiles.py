"""Compiled inversion: from a uniform number to a value of any family, ever larger the larger the number.

Everything that draws, in either engine, goes through `quantile`; therefore the engines agree to the last bit.
Only functions of `math` and of `logarithm` are used: numpy's own log, exp and power differ in the last bit.
Values that are solved for (gamma, erlang, pert, hyperexponential) rise up to their last digit, about 3e-15 of
them: between neighbouring uniform numbers they may fall by as much.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from servicechain.compiled_cache import inlined, kernel
from servicechain.distributions import codes
from servicechain.distributions.logarithm import exponential
from servicechain.distributions.special import beta_quantile_lower, gamma_quantile, normal_quantile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@inlined
def quantile(code: int, a: float, b: float, c: float, table: NDArray[np.float64], u: float) -> float:
    """Give the value that a share `u` of all values do not exceed.

    Parameters
    ----------
    code, a, b, c, table
        The family and its parameters, as `Distribution.lowered` gives them.
    u : float
        Probability, above 0 and below 1.
    """
    if code < codes.HYPEREXPONENTIAL:
        return quantile_scalar(code, a, b, c, u)
    return _quantile_of_table(code, table, u)


@inlined
def quantile_scalar(code: int, a: float, b: float, c: float, u: float) -> float:
    """Do the same for the families that need no table."""
    if code == codes.EXPONENTIAL:
        return exponential_quantile(a, u)
    if code == codes.LOGNORMAL:
        return math.exp(a + b * normal_quantile(u))
    if code == codes.CONSTANT:
        return a
    return _quantile_of_rest(code, a, b, c, u)


@inlined
def exponential_quantile(mean: float, u: float) -> float:
    """Do the same for the family that is drawn from most."""
    value: float = mean * exponential(u)
    return value


@kernel
def _quantile_of_rest(code: int, a: float, b: float, c: float, u: float) -> float:
    if code == codes.UNIFORM:
        return min(a + b * u, c)
    if code == codes.GAMMA:
        return b * gamma_quantile(u, a, c)
    if code == codes.WEIBULL:
        return a * math.pow(exponential(u), b)
    if code == codes.TRIANGULAR:
        return _triangular(a, b, c, u)
    return _pert(a, b, c, u)


@kernel
def _triangular(low: float, mode: float, high: float, u: float) -> float:
    width = high - low
    if u * width <= mode - low:
        return min(low + math.sqrt(u * width * (mode - low)), mode)
    # The distance from the mode, not from the high end, keeps all digits when the mode is the low end.
    falling = high - mode
    passed = u * width - (mode - low)
    return min(mode + falling * passed / (falling + math.sqrt((1.0 - u) * width * falling)), high)


@kernel
def _pert(low: float, high: float, alpha: float, u: float) -> float:
    if u <= 0.5:
        return low + (high - low) * beta_quantile_lower(u, alpha, 6.0 - alpha)
    return high - (high - low) * beta_quantile_lower(1.0 - u, 6.0 - alpha, alpha)


@kernel
def _quantile_of_table(code: int, table: NDArray[np.float64], u: float) -> float:
    if code == codes.EMPIRICAL:
        return float(table[max(math.ceil(u * len(table)) - 1, 0)])
    if code == codes.DISCRETE:
        return _discrete(table, u)
    return _hyperexponential(table, u)


@kernel
def _discrete(table: NDArray[np.float64], u: float) -> float:
    """Search the first of the cumulated weights, in the second half of the table, that reaches `u`."""
    count = len(table) // 2
    low, high = 0, count - 1
    while low < high:
        middle = (low + high) // 2
        if table[count + middle] < u:
            low = middle + 1
        else:
            high = middle
    return float(table[low])


@kernel
def _hyperexponential(table: NDArray[np.float64], u: float) -> float:
    """Solve for the logarithm of the survival function by Newton's method.

    A mixture of exponentials is convex in its logarithm; from below, Newton's steps never pass the root.
    """
    count = len(table) // 2
    goal = math.log1p(-u)
    rate = 0.0
    for i in range(count):
        rate += table[i] / table[count + i]
    x = -goal / rate
    for i in range(count):
        x = max(x, table[count + i] * (math.log(table[i]) - goal))
    for _ in range(200):
        done = alive = dying = 0.0
        for i in range(count):
            left = math.exp(-x / table[count + i])
            alive += table[i] * left
            dying += table[i] / table[count + i] * left
            done -= table[i] * math.expm1(-x / table[count + i])
        log_alive = math.log1p(-done) if u < 0.5 else math.log(alive)
        step = (log_alive - goal) * alive / dying
        x += step
        if abs(step) <= 1e-9 * x:
            break
    return x
