"""Arrivals: when the customers of one class come, as the fields of a CLASS.

The table of a profile holds the cumulative rate at the end of each interval, then the rate of each.
"""

from __future__ import annotations

from itertools import accumulate

from servicechain.arrivals import Arrivals, At, Every, Poisson, Profile
from servicechain.distributions import Exponential
from servicechain.engines.compiled.layout import CLOSED, NO_SOURCE, NOBODY, PROFILE, RENEWAL, TIMES
from servicechain.engines.compiled.rows import Tables
from servicechain.engines.compiled.variates import Variates
from servicechain.populations import Closed

Fields = dict[str, float]


def source_of(arrivals: Arrivals, variates: Variates, tables: Tables) -> Fields:
    """Give the fields in which classes that come in different ways differ.

    Parameters
    ----------
    arrivals : Arrivals
        In the chain's unit, and read if they stand in a file.
    variates, tables
        Take what is drawn, and what is listed.
    """
    match arrivals:
        case Poisson() if arrivals.rate.value > 0:
            return {"kind": RENEWAL, "gap": variates.of(Exponential(1 / arrivals.rate.value))}
        case Every():
            return {"kind": RENEWAL, "gap": variates.of(arrivals.interval)}
        case At():
            times = [time.value for time in arrivals.times if not isinstance(time, str)]
            return {"kind": TIMES, "table": tables.keep(times), "length": len(times)}
        case Profile():
            return _profile(arrivals, tables)
        case Closed():
            return {"kind": CLOSED, "think": variates.of(arrivals.think), "population": arrivals.population}
    return {"kind": NO_SOURCE}


def _profile(profile: Profile, tables: Tables) -> Fields:
    each = profile.each.value
    ends = list(accumulate(rate * each for rate in profile.rates))
    if ends[-1] == 0:
        return {"kind": NO_SOURCE}
    return {
        "kind": PROFILE,
        "table": tables.keep([*ends, *profile.rates]),
        "length": len(ends),
        "repeat": profile.repeat,
        "each": each,
    }


NO_FIELDS: Fields = {
    "kind": NO_SOURCE,
    **dict.fromkeys(("gap", "think", "members"), NOBODY),
    **dict.fromkeys(("population", "table", "length", "repeat", "each"), 0),
}
"""What a class has whose kind of arrivals knows no such field."""
