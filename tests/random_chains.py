"""Random chains over the whole language, with whole-number times (full of ties) and with random ones.

With ``everything`` also those words that bring closed populations, staff by the clock, failures, pre-emption,
branches side by side and services that several actors share.

A service requests only services after it in the file, so no service asks itself; actors may still ask each
other in circles, and a run may end in a deadlock. That is part of what is tested.
"""

from hypothesis import strategies as st

TIMES = st.one_of(
    st.integers(0, 4),
    st.sampled_from(
        [
            "exponential(mean=2)",
            "lognormal(mean=1, cv=0.7)",
            "uniform(low=0, high=3)",
            "discrete(values=[0, 1, 2], weights=[1, 2, 1])",
            "gamma(mean=1.5, cv=0.5)",
            "hyperexponential(weights=[0.9, 0.1], means=[1, 6])",
        ]
    ),
)
PROBABILITIES = st.sampled_from([0, 0.2, 0.5, 0.9, 1])
PRIORITIES = st.one_of(st.none(), st.integers(0, 2))


def without_none(mapping):
    return {key: value for key, value in mapping.items() if value is not None}


def request(kind, later, patience):
    options = {kind: st.sampled_from(later), "priority": PRIORITIES}
    if patience and kind == "ask":
        options["patience"] = st.one_of(st.none(), TIMES)
    return st.fixed_dictionaries(options).map(without_none)


def simple_steps(later, journey):
    steps = [TIMES.map(lambda time: {"work": time}), TIMES.map(lambda time: {"pause": time})]
    if later:
        steps += [
            request("ask", later, journey),
            request("ask", later, journey),
            request("tell", later, False),
        ]
    return st.one_of(steps)


def is_free(step):
    """Whether a step leaves a server free to do something else meanwhile."""
    return isinstance(step, dict) and ("ask" in step or "tell" in step)


def side_by_side(inner, journey):
    """Branches side by side; in a service, only the first may keep its server busy."""
    body = st.lists(inner, max_size=2)
    patient = body.map(lambda steps: [without_patience(step) for step in steps])
    others = patient if journey else body.map(lambda steps: [step for step in steps if is_free(step)])
    return st.builds(
        lambda one, rest, need: without_none({"together": [one, *rest], "need": need and min(need, 1 + len(rest))}),
        patient,
        st.lists(others, max_size=2),
        st.sampled_from([None, None, 1, 2]),
    ).flatmap(lambda step: st.sampled_from([step, {**step, "need": "any"}]))


def without_patience(step):
    return {key: value for key, value in step.items() if key != "patience"}


def compound(inner):
    body = st.lists(inner, max_size=2)
    return st.one_of(
        st.builds(lambda p, a, b: {"chance": p, "then": a, "else": b}, PROBABILITIES, body, body),
        st.builds(
            lambda w, a, b: {"choose": [{"weight": w, "steps": a}, {"weight": 1, "label": "other", "steps": b}]},
            st.integers(0, 2),
            body,
            body,
        ),
        st.builds(lambda steps, n: {"repeat": steps, "times": n}, body, st.integers(0, 3)),
        st.builds(lambda steps: {"repeat": steps, "until": 0.5, "at_most": 4}, body),
    )


def steps_of(later, journey, most=4, everything=False):
    simple = simple_steps(later, journey)
    kinds = [simple, simple, compound(simple)]
    if everything:
        branches = side_by_side(simple, journey)
        kinds += [branches, compound(branches)]
    return st.lists(st.one_of(kinds), min_size=1, max_size=most)


@st.composite
def service_steps(draw, later, everything):
    steps = draw(steps_of(later, journey=False, everything=everything))
    ending = draw(st.sampled_from(["", "", "reply", "hand_off", "branch"]))
    if ending == "reply":
        steps = [*steps, "reply", *draw(steps_of(later, journey=False, most=2))]
    elif later and ending:
        off = draw(request("hand_off", later, False))
        steps = (
            [*steps, off] if ending == "hand_off" else [*steps, {"chance": 0.5, "then": [off], "else": [{"work": 1}]}]
        )
    return steps


@st.composite
def arrivals(draw, everything):
    # who neither thinks nor does anything comes for ever at one instant
    thinks = st.sampled_from([1, 3, "exponential(mean=2)", "uniform(low=1, high=3)"])
    closed = st.builds(lambda number, time: {"population": number, "think": time}, st.integers(1, 4), thinks)
    return draw(
        st.one_of(
            *([closed] if everything else []),
            st.lists(st.integers(0, 12), min_size=1, max_size=12).map(lambda times: f"at({times})"),
            st.sampled_from(["poisson(rate=0.4)", "every(exponential(mean=3))", "every(2)"]),
            st.just({"rates": [30, 0, 60], "per": "hour", "each": 5}),
        )
    )


SHIFTS = st.lists(
    st.fixed_dictionaries(
        {
            "days": st.sampled_from(["daily", "mon-fri", ["mon", "wed"]]),
            "from": st.sampled_from(["00:00", "00:02", "08:00"]),
            "to": st.sampled_from(["00:01", "00:05", "08:03", "24:00"]),
            "staff": st.integers(0, 2),
        }
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def failures(draw, one_by_one, repairs):
    """Failures of an actor; `repairs` are the services others offer."""
    every = draw(st.sampled_from([3, 10, "exponential(mean=6)", "uniform(low=1, high=9)"]))
    back = {"repair": draw(st.sampled_from(repairs))} if repairs and draw(st.booleans()) else {"lasts": draw(TIMES)}
    return {
        "every": every,
        **back,
        "stops": draw(st.sampled_from(["all", "one"])) if one_by_one else "all",
        "clock": draw(st.sampled_from(["always", "working"])),
        "after": draw(st.sampled_from(["resume", "restart"])),
    }


def enrich(draw, actors, services):
    """Give actors staff by the clock, failures and pre-emption, and services several who offer them."""
    for service in services.values():
        if draw(st.booleans()):
            service["by"] = draw(st.lists(st.sampled_from(sorted(actors)), min_size=1, max_size=3, unique=True))
    for name, actor in actors.items():
        count = "staff" if "staff" in actor else "capacity"
        actor["preempt"] = draw(st.booleans())
        if draw(st.integers(0, 2)) == 0:
            del actor[count]
            actor["shifts"] = draw(SHIFTS)
            actor["at_shift_end"] = draw(st.sampled_from(["finish", "stop"]))
        if draw(st.integers(0, 2)) == 0:
            others = [service for service, one in services.items() if name not in one["by"] and name != one["by"]]
            actor["failures"] = draw(failures(isinstance(actor.get(count), int), others))


@st.composite
def chains(draw, everything=False):
    """A chain as plain data."""
    actors = {}
    for index in range(draw(st.integers(1, 4))):
        lane = draw(st.sampled_from(["contact", "backstage", "system", "supplier"]))
        count = "staff" if lane in ("contact", "backstage") else "capacity"
        servers = draw(st.sampled_from([1, 1, 2, 3, "unlimited"]))
        actors[f"actor {index}"] = {"lane": lane, count: servers, "speed": draw(st.sampled_from([1, 0.5, 2]))}
    names = [f"service {index}" for index in range(draw(st.integers(1, 5)))]
    services = {}
    for index, name in enumerate(names):
        services[name] = without_none(
            {
                "by": draw(st.sampled_from(sorted(actors))),
                "priority": draw(PRIORITIES),
                "steps": draw(service_steps(names[index + 1 :], everything)),
            }
        )
    customers = {}
    for index in range(draw(st.integers(1, 2))):
        customers[f"class {index}"] = without_none(
            {
                "arrivals": draw(arrivals(everything)),
                "batch": draw(st.sampled_from([None, None, 2])),
                "priority": draw(PRIORITIES),
                "patience": draw(st.one_of(st.none(), st.none(), TIMES)),
                "journey": draw(steps_of(names, journey=True, everything=everything)),
            }
        )
    if everything:
        enrich(draw, actors, services)
        for customer in customers.values():
            customer["patience_covers"] = draw(st.sampled_from(["queueing", "wait"]))
            if "population" in customer["arrivals"]:
                customer.pop("batch", None)
    return {
        "chain": "random",
        "unit": "minutes",
        "actors": actors,
        "services": services,
        "customers": customers,
    }
