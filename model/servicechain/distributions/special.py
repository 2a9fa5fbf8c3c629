"""Inverses of the normal, gamma and beta distribution functions, compiled, to about 1e-14.

Whatever is below the median is found from the lower tail and the rest from the upper one, so that no digit is
lost in 1 - u. Gamma and beta are solved by Halley's method for the logarithm of the tail over the logarithm
of x, where both are nearly straight lines (the logarithms of the tails are concave there, so that even a far
start comes back).

References: M. J. Wichura (1988), algorithm AS 241, doi 10.2307/2347330; NIST Digital Library of Mathematical
Functions, 8.7.1 and 8.7.3 (series), 8.9.2 (continued fraction), 8.17.22 (beta); C. Loader (2000), Fast and
accurate computation of binomial probabilities, for the density of a gamma variable of large shape.
"""

from __future__ import annotations

import math

from servicechain.compiled_cache import inlined, kernel

_ENOUGH = 1e-17
_TINY = 1e-300
_ONE_ULP = 2.5e-16


@inlined
def normal_quantile(u: float) -> float:
    """Invert the standard normal distribution function (AS 241, PPND16: about 16 digits)."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        above = 2.5090809287301226727e3
        above = above * r + 3.3430575583588128105e4
        above = above * r + 6.7265770927008700853e4
        above = above * r + 4.5921953931549871457e4
        above = above * r + 1.3731693765509461125e4
        above = above * r + 1.9715909503065514427e3
        above = above * r + 1.3314166789178437745e2
        above = above * r + 3.3871328727963666080e0
        below = 5.2264952788528545610e3
        below = below * r + 2.8729085735721942674e4
        below = below * r + 3.9307895800092710610e4
        below = below * r + 2.1213794301586595867e4
        below = below * r + 5.3941960214247511077e3
        below = below * r + 6.8718700749205790830e2
        below = below * r + 4.2313330701600911252e1
        below = below * r + 1.0
        return q * above / below
    return math.copysign(_normal_tail(min(u, 1.0 - u)), q)


@kernel
def _normal_tail(p: float) -> float:
    r = math.sqrt(-math.log(p))
    if r <= 5.0:
        r -= 1.6
        above = 7.74545014278341407640e-4
        above = above * r + 2.27238449892691845833e-2
        above = above * r + 2.41780725177450611770e-1
        above = above * r + 1.27045825245236838258e0
        above = above * r + 3.64784832476320460504e0
        above = above * r + 5.76949722146069140550e0
        above = above * r + 4.63033784615654529590e0
        above = above * r + 1.42343711074968357734e0
        below = 1.05075007164441684324e-9
        below = below * r + 5.47593808499534494600e-4
        below = below * r + 1.51986665636164571966e-2
        below = below * r + 1.48103976427480074590e-1
        below = below * r + 6.89767334985100004550e-1
        below = below * r + 1.67638483018380384940e0
        below = below * r + 2.05319162663775882187e0
        return above / (below * r + 1.0)
    r -= 5.0
    above = 2.01033439929228813265e-7
    above = above * r + 2.71155556874348757815e-5
    above = above * r + 1.24266094738807843860e-3
    above = above * r + 2.65321895265761230930e-2
    above = above * r + 2.96560571828504891230e-1
    above = above * r + 1.78482653991729133580e0
    above = above * r + 5.46378491116411436990e0
    above = above * r + 6.65790464350110377720e0
    below = 2.04426310338993978564e-15
    below = below * r + 1.42151175831644588870e-7
    below = below * r + 1.84631831751005468180e-5
    below = below * r + 7.86869131145613259100e-4
    below = below * r + 1.48753612908506148525e-2
    below = below * r + 1.36929880922735805310e-1
    below = below * r + 5.99832206555887937690e-1
    return above / (below * r + 1.0)


@kernel
def gamma_quantile(u: float, shape: float, norm: float) -> float:
    """Invert the gamma distribution function of scale 1.

    Parameters
    ----------
    u : float
        Probability, above 0 and below 1.
    shape : float
        From 1e-3 to 1e6.
    norm : float
        log Γ(shape + 1); from shape 10 on what Stirling's formula adds to shape log(shape) - shape.
    """
    upper = u > 0.5
    goal = 1.0 - u if upper else u
    x = _gamma_start(u, goal, shape, norm)
    if x < _ENOUGH:
        return x  # the first term of the series is all there is
    near = 1e-5 / (1.0 + math.sqrt(shape))
    for _ in range(80):
        density = shape * math.exp(_gamma_log_term(x, shape, norm))
        tail = _gamma_upper(x, shape, norm, density) if upper else _gamma_lower(x, shape, density)
        step = _halley(math.log(tail / goal), density / tail, shape - x, upper)
        x *= math.exp(step)
        if abs(step) < near:
            break
    return x


@inlined
def _halley(off: float, slope: float, bend: float, upper: bool) -> float:
    """Step along log x: `off` the log of the tail over its goal, `bend` the slope of log(x density)."""
    newton = off / slope if upper else -off / slope
    turn = 0.5 * newton * (bend + slope if upper else bend - slope)
    return newton / (1.0 + min(max(turn, -0.5), 1.0))


@kernel
def _gamma_start(u: float, goal: float, shape: float, norm: float) -> float:
    """Guess by Wilson and Hilferty's cube, by the first term of the series, or by the exponential tail."""
    if shape >= 1.0:
        ninth = 1.0 / (9.0 * shape)
        root = 1.0 - ninth + normal_quantile(u) * math.sqrt(ninth)
        if root > 0.3 or (shape >= 10.0 and root > 0.01):
            return shape * root * root * root
    x = math.exp((math.log(u) + norm) / shape) if shape < 10.0 else 1e-6 * shape
    if shape < 1.0 and x > 0.1 and u > 0.5:
        return max(1.0, math.log(shape) - norm - math.log(goal))
    return x


@inlined
def _gamma_log_term(x: float, shape: float, norm: float) -> float:
    """Compute log(x^shape e^-x / Γ(shape + 1)) without cancellation."""
    if shape < 10.0:
        return shape * math.log(x) - x - norm
    return shape * _log1p_minus((x - shape) / shape) - norm


@kernel
def _log1p_minus(x: float) -> float:
    """Compute log(1 + x) - x, also where both are nearly equal."""
    if abs(x) > 0.4:
        return math.log1p(x) - x
    t = x / (2.0 + x)
    square = t * t
    term = 2.0 * t * square
    result = 0.0
    odd = 3.0
    while abs(term) > _ENOUGH * abs(result):
        result += term / odd
        term *= square
        odd += 2.0
    return result - x * t


@kernel
def _gamma_series(x: float, shape: float) -> float:
    term = 1.0
    result = 1.0
    factor = shape
    while term > _ENOUGH * result:
        factor += 1.0
        term *= x / factor
        result += term
    return result


@kernel
def _gamma_fraction(x: float, shape: float) -> float:
    """Evaluate the continued fraction of the upper tail by Lentz's method."""
    b = x + 1.0 - shape
    c = 1.0 / _TINY
    d = 1.0 / b
    result = d
    i = 0.0
    change = 0.0
    while abs(change - 1.0) > _ONE_ULP and i < 1e5:
        i += 1.0
        a = -i * (i - shape)
        b += 2.0
        d = 1.0 / (a * d + b)
        c = b + a / c
        change = c * d
        result *= change
    return result


@kernel
def _gamma_lower(x: float, shape: float, density: float) -> float:
    if x < shape + 1.0:
        return density / shape * _gamma_series(x, shape)
    return 1.0 - density * _gamma_fraction(x, shape)


@kernel
def _gamma_upper(x: float, shape: float, norm: float, density: float) -> float:
    if shape < 1.0 and x < 1.0:
        return _gamma_upper_small(x, shape, norm)
    if shape >= 1.0 and x < shape + 1.0:
        return 1.0 - density / shape * _gamma_series(x, shape)
    return density * _gamma_fraction(x, shape)


@kernel
def _gamma_upper_small(x: float, shape: float, norm: float) -> float:
    """Compute the upper tail for a small shape, where the lower one is nearly 1."""
    power = shape * math.log(x) - norm
    term = 1.0
    result = 0.0
    n = 0.0
    while n == 0.0 or abs(term) > _ENOUGH * abs(result):
        n += 1.0
        term *= -x / n
        result += term / (shape + n)
    return -math.expm1(power) - math.exp(power) * shape * result


@kernel
def beta_quantile_lower(u: float, a: float, b: float) -> float:
    """Invert the beta distribution function for `u` up to one half, `a` and `b` from 1 to 5."""
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    x = math.exp((math.log(u * a) + log_beta) / a)
    for _ in range(80):
        term = math.exp(a * math.log(x) + b * math.log1p(-x) - log_beta)
        tail = term / a * _beta_fraction(x, a, b)
        step = _halley(math.log(tail / u), term / (1.0 - x) / tail, a - (b - 1.0) * x / (1.0 - x), False)
        moved = x * math.exp(step)
        x = moved if moved < 1.0 else 0.5 + 0.5 * x
        if abs(step) < 3e-6:
            break
    return x


@kernel
def _beta_fraction(x: float, a: float, b: float) -> float:
    """Evaluate the continued fraction of the lower tail by Lentz's method."""
    c = 1.0
    d = 1.0 / (1.0 - (a + b) * x / (a + 1.0))
    result = d
    m = 0.0
    change = 0.0
    while abs(change - 1.0) > _ONE_ULP and m < 1000.0:
        m += 1.0
        even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        d = 1.0 / (1.0 + even * d)
        c = 1.0 + even / c
        result *= c * d
        odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        d = 1.0 / (1.0 + odd * d)
        c = 1.0 + odd / c
        change = c * d
        result *= change
    return result
