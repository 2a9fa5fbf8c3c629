"""The numbers by which compiled code knows the families; they mean nothing outside one run."""

from __future__ import annotations

from typing import Final

CONSTANT: Final = 0
EXPONENTIAL: Final = 1
LOGNORMAL: Final = 2
GAMMA: Final = 3
WEIBULL: Final = 4
UNIFORM: Final = 5
TRIANGULAR: Final = 6
PERT: Final = 7
HYPEREXPONENTIAL: Final = 8
EMPIRICAL: Final = 9
DISCRETE: Final = 10
