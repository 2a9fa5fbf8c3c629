"""The models the engines are timed on, as service chains, and what their results have to be.

M1, a front desk
    Customers come Poisson to four receptionists; lognormal work.
M2, a hotel
    A receptionist is held while the booking system, at times the programmer and the manager, work for the guest,
    who gives up when the wait in line is too long: four actors, a nested request, patience.
M3, ten stations
    A Jackson network (Jackson 1957, Operations Research 5:518-521, doi 10.1287/opre.5.4.518): Poisson to the first,
    exponential service, on to the next with 0.8, to any of the ten with 0.1, else out. So the mean number at each
    station is that of M/M/c alone, and its sum over the arrival rate is the mean time in system (Little's law).

For growth the same again, larger: ``hotels 30`` is thirty hotels side by side in one chain, ``servers 1000`` a line
before a thousand servers at 0.9 of what they can do, ``rush`` a desk to which ten times as many come as it serves,
``patient rush`` the same with a patience that nobody reaches, so that each in line has a deadline ahead. In
``tolerant M1`` satisfaction is measured as well.

This module needs no servicechain before a chain is asked for: other programs, which may be installed where
servicechain is not, read the numbers from here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

M1_RATE, M1_DESKS, M1_WORK = 0.9, 4, 4.0
M2_RATE, M2_PATIENCE = 0.46, 20.0
M2_SERVERS = {"receptionist": 3, "booking system": 2, "programmer": 1, "manager": 1}
M2_BEFORE, M2_BOOKING, M2_AFTER = 1.0, 1.5, 2.0
# how likely they are asked, and how long they take
M2_HELPERS = {"programmer": (0.1, 15.0), "manager": (0.05, 5.0)}
CV = 0.7  # of what is lognormal
SIGMA = math.sqrt(math.log(1 + CV**2))

M3_RATE, M3_LOAD = 1.0, 0.8
M3_SERVERS = tuple(1 + station % 3 for station in range(10))
M3_NEXT, M3_ANY = 0.8, 0.1


def location(mean):
    """Give the mean of the logarithm of a lognormal time of that mean and of our coefficient of variation."""
    return math.log(mean) - SIGMA**2 / 2


def routing():
    """Give the matrix of where customers of M3 go on to; what is missing to one leaves."""
    stations = len(M3_SERVERS)
    return np.full((stations, stations), M3_ANY / stations) + np.diag([M3_NEXT] * (stations - 1), 1)


def station_rates():
    """Solve the traffic equations: how many come to each station in a minute."""
    outside = np.zeros(len(M3_SERVERS))
    outside[0] = M3_RATE
    return np.linalg.solve(np.eye(len(M3_SERVERS)) - routing().T, outside)


def station_means():
    """Give the mean service times which load every station alike."""
    return M3_LOAD * np.array(M3_SERVERS) / station_rates()


def waiting_probability(servers, load):
    """Give Erlang's C: the probability of waiting for one of `servers`, each busy for the share `load` of the time.

    Erlang (1917), by the recursion of his loss formula.
    """
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = servers * load * blocked / (number + servers * load * blocked)
    return blocked / (1 - load * (1 - blocked))


def mean_wait(servers, load, mean):
    """Give the mean time in line of M/M/c, those who need not wait included."""
    return waiting_probability(servers, load) * mean / (servers * (1 - load))


def station_waits():
    """Give the exact mean time in line at each station of M3."""
    return [mean_wait(servers, M3_LOAD, mean) for servers, mean in zip(M3_SERVERS, station_means(), strict=True)]


def mean_time_in_system():
    """Give the exact mean time that a customer of M3 spends in the network."""
    return float(station_rates() @ (np.array(station_waits()) + station_means())) / M3_RATE


@dataclass(frozen=True)
class Known:
    """What every program has to find: a mean over the customers who come after a warm-up.

    Attributes
    ----------
    name : str
        For those who read.
    value, warm_up : float
        Minutes.
    """

    name: str
    value: float
    warm_up: float


def mean(values):
    """Give the mean of what was kept, NaN if that is nothing: a first, tiny run ends within the warm-up."""
    kept = list(values)
    return math.fsum(kept) / len(kept) if kept else math.nan


# M/G/4 has no closed form. Twice the recursion of Kiefer and Wolfowitz (1955, Transactions of the American
# Mathematical Society 78:1-18, doi 10.1090/S0002-9947-1955-0066575-8): 10^9 customers, standard error 0.004; and
# the first fifty of 10^7 days that begin empty, standard error 0.0006.
KNOWN = {
    "M1": Known("time in line", 5.886, 1000.0),
    # from long runs of several programs
    "M2": Known("time in line of those served", 3.784, 500.0),
    "M3": Known("time in system", mean_time_in_system(), 600.0),
}
OPENING_CUSTOMERS = 50
OPENING = Known(f"time in line of the first {OPENING_CUSTOMERS}", 1.977, 0.0)


def chain_for(model):
    """Write a model, by its name, as a servicechain.Chain."""
    from servicechain import Chain

    if model in _WRITTEN:
        parts = _WRITTEN[model]()
    else:
        kind, size = model.split()
        parts = _SIZED[kind](int(size))
    return Chain.from_dict({"chain": model, "unit": "minutes", **parts})


def _front_desk(**customer):
    return _one_desk(M1_RATE, M1_DESKS, f"lognormal(mean={M1_WORK}, cv={CV})", **customer)


def _one_desk(rate, servers, work, **customer):
    return {
        "actors": {"desk": {"lane": "contact", "staff": servers}},
        "services": {"serve": {"by": "desk", "steps": [{"work": work}]}},
        "customers": {
            "customer": {"arrivals": f"poisson(rate={rate!r})", "journey": [{"ask": "serve"}], **customer},
        },
    }


def _hotel(copy=""):
    lanes = {"receptionist": "contact", "booking system": "system", "programmer": "backstage", "manager": "backstage"}
    size = {name: "capacity" if lane == "system" else "staff" for name, lane in lanes.items()}
    helpers = [
        {"chance": share, "then": [{"ask": f"help by {name}{copy}"}]} for name, (share, _mean) in M2_HELPERS.items()
    ]
    check_in = [
        {"work": f"exponential(mean={M2_BEFORE})"},
        {"ask": f"find{copy}"},
        *helpers,
        {"work": f"exponential(mean={M2_AFTER})"},
    ]
    find = [{"work": f"lognormal(mean={M2_BOOKING}, cv={CV})"}]
    helps = {
        f"help by {name}{copy}": {"by": f"{name}{copy}", "steps": [{"work": f"exponential(mean={mean})"}]}
        for name, (_share, mean) in M2_HELPERS.items()
    }
    guest = {
        "arrivals": f"poisson(rate={M2_RATE})",
        "patience": f"exponential(mean={M2_PATIENCE})",
        "journey": [{"ask": f"check in{copy}"}],
    }
    return {
        "actors": {f"{name}{copy}": {"lane": lanes[name], size[name]: M2_SERVERS[name]} for name in lanes},
        "services": {
            f"check in{copy}": {"by": f"receptionist{copy}", "steps": check_in},
            f"find{copy}": {"by": f"booking system{copy}", "steps": find},
            **helps,
        },
        "customers": {f"guest{copy}": guest},
    }


def _hotels(copies):
    hotels = [_hotel(f" {number}") for number in range(1, copies + 1)]
    return {
        part: {name: one for hotel in hotels for name, one in hotel[part].items()}
        for part in ("actors", "services", "customers")
    }


def _stations():
    names = [f"station {number}" for number in range(1, len(M3_SERVERS) + 1)]
    anywhere = {"choose": [{"weight": 1, "label": name, "steps": [{"hand_off": f"visit {name}"}]} for name in names]}
    services = {}
    for name, after, mean in zip(names, [*names[1:], None], station_means(), strict=True):
        onward = {"weight": M3_NEXT, "label": "on", "steps": [{"hand_off": f"visit {after}"}] if after else []}
        back = {"weight": M3_ANY, "label": "anywhere", "steps": [anywhere]}
        out = {"weight": 1 - M3_NEXT - M3_ANY, "label": "out", "steps": []}
        steps = [{"work": f"exponential(mean={float(mean)!r})"}, {"choose": [onward, back, out]}]
        services[f"visit {name}"] = {"by": name, "steps": steps}
    return {
        "actors": {
            name: {"lane": "contact", "staff": servers} for name, servers in zip(names, M3_SERVERS, strict=True)
        },
        "services": services,
        "customers": {"customer": {"arrivals": f"poisson(rate={M3_RATE})", "journey": [{"ask": f"visit {names[0]}"}]}},
    }


_WRITTEN = {
    "M1": _front_desk,
    "M2": _hotel,
    "M3": _stations,
    "tolerant M1": lambda: _front_desk(tolerance={"desired": 3, "adequate": 10}),
    "rush": lambda: _one_desk(10.0, 1, "exponential(mean=1)"),
    "patient rush": lambda: _one_desk(10.0, 1, "exponential(mean=1)", patience="exponential(mean=1e12)"),
}
_SIZED = {
    "hotels": _hotels,
    "servers": lambda servers: _one_desk(0.9 * servers, servers, "exponential(mean=1)"),
}
