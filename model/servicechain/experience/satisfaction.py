"""How satisfied a wait leaves a customer: the zone of tolerance.

Between the service a customer desires and the service they hold adequate lies a zone in which they do not
much mind (Zeithaml, Berry & Parasuraman 1993, doi 10.1177/0092070393211001); outside it small differences
count, below it most (Johnston 1995, International Journal of Service Industry Management 6(2)). Here: 1 for
no wait, falling linearly to 0.9 at the desired and to 0.5 at the adequate wait, then exponentially towards 0,
at first `steepness` times as steep as inside the zone.

The trap: the three numbers are conventions that give the scale its meaning, not findings; desired and
adequate waits are what to ask customers about.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from servicechain.errors import Mistake
from servicechain.units import finite

AT_DESIRED = 0.9
AT_ADEQUATE = 0.5
STEEPNESS = 2.25


def satisfaction(wait: ArrayLike, desired: float, adequate: float, steepness: float = STEEPNESS) -> NDArray[np.float64]:
    """Satisfaction with a wait, from 1 (none) over 0.9 (desired) and 0.5 (adequate) towards 0.

    Continuous but for a customer who desires no wait at all (`desired` 0): 1 for none, 0.9 for the shortest.
    Who gives up is not asked here: their satisfaction is 0.

    Parameters
    ----------
    wait : array_like
        Waits; NaN stays NaN.
    desired, adequate : float
        The two edges of the zone, in the unit of the waits; 0 ≤ desired ≤ adequate.
    steepness : float
        Slope just beyond the adequate wait, as a multiple of the slope just inside; 1 to 4, positive.

    Returns
    -------
    ndarray
        Same shape as `wait`, from 0 to 1.

    Raises
    ------
    Mistake
        If the edges are not in order, or the steepness is not positive.

    Examples
    --------
    >>> satisfaction([0, 3, 10], desired=3, adequate=10).tolist()
    [1.0, 0.9, 0.5]
    """
    _checked(desired, adequate, steepness)
    waits = np.asarray(wait, np.float64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        good = 1.0 - (1.0 - AT_DESIRED) * np.where(waits > 0, waits / desired, 0.0)
        depth = (waits - desired) / np.float64(adequate - desired)  # 0 at the desired, 1 at the adequate wait
        fair = AT_DESIRED - (AT_DESIRED - AT_ADEQUATE) * depth
        drop = steepness * (AT_DESIRED - AT_ADEQUATE) / AT_ADEQUATE
        poor = AT_ADEQUATE * np.exp(-drop * (depth - 1.0))
    result = np.where(waits <= desired, good, np.where(waits <= adequate, fair, poor))
    return np.where(np.isnan(waits), np.nan, result)


def _checked(desired: float, adequate: float, steepness: float) -> None:
    finite(desired, "the desired wait")
    finite(adequate, "the adequate wait")
    if not 0 <= desired <= adequate:
        raise Mistake(
            f"the desired wait must be from 0 to the adequate wait, got desired {desired} and adequate "
            f"{adequate}; desired is what delights, adequate what is just acceptable"
        )
    if finite(steepness, "the steepness") <= 0:
        raise Mistake(f"the steepness must be above 0, got {steepness}; 2.25 is usual")
