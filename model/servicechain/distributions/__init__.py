"""Distributions of times and of small whole numbers: how they are written, and what they mean.

In a script every family is a function of the same name as in a chain file::

    from servicechain.distributions import lognormal

    lognormal(mean="2m", cv=0.7)
"""

from __future__ import annotations

from servicechain.distributions.base import Distribution, Lowered
from servicechain.distributions.continuous import (
    Erlang,
    Exponential,
    Gamma,
    HyperExponential,
    LogNormal,
    Pert,
    Triangular,
    Uniform,
    Weibull,
)
from servicechain.distributions.expressions import Call, bind, read_expression
from servicechain.distributions.finite import Constant, Discrete, Empirical, EmpiricalFile, empirical
from servicechain.distributions.parsing import DURATION_PATTERN, FAMILIES, distribution_of, parse_distribution

constant = Constant
exponential = Exponential
lognormal = LogNormal
gamma = Gamma
erlang = Erlang
weibull = Weibull
uniform = Uniform
triangular = Triangular
pert = Pert
hyperexponential = HyperExponential
discrete = Discrete

__all__ = [
    "DURATION_PATTERN",
    "FAMILIES",
    "Call",
    "Constant",
    "Discrete",
    "Distribution",
    "Empirical",
    "EmpiricalFile",
    "Erlang",
    "Exponential",
    "Gamma",
    "HyperExponential",
    "LogNormal",
    "Lowered",
    "Pert",
    "Triangular",
    "Uniform",
    "Weibull",
    "bind",
    "constant",
    "discrete",
    "distribution_of",
    "empirical",
    "erlang",
    "exponential",
    "gamma",
    "hyperexponential",
    "lognormal",
    "parse_distribution",
    "pert",
    "read_expression",
    "triangular",
    "uniform",
    "weibull",
]
