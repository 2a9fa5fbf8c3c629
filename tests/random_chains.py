"""Random chains over the whole language, with whole-number times (full of ties) and with random ones.

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


def steps_of(later, journey, most=4):
    simple = simple_steps(later, journey)
    return st.lists(st.one_of(simple, simple, compound(simple)), min_size=1, max_size=most)


@st.composite
def service_steps(draw, later):
    steps = draw(steps_of(later, journey=False))
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
def arrivals(draw):
    return draw(
        st.one_of(
            st.lists(st.integers(0, 12), min_size=1, max_size=12).map(lambda times: f"at({times})"),
            st.sampled_from(["poisson(rate=0.4)", "every(exponential(mean=3))", "every(2)"]),
            st.just({"rates": [30, 0, 60], "per": "hour", "each": 5}),
        )
    )


@st.composite
def chains(draw):
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
                "steps": draw(service_steps(names[index + 1 :])),
            }
        )
    customers = {}
    for index in range(draw(st.integers(1, 2))):
        customers[f"class {index}"] = without_none(
            {
                "arrivals": draw(arrivals()),
                "batch": draw(st.sampled_from([None, None, 2])),
                "priority": draw(PRIORITIES),
                "patience": draw(st.one_of(st.none(), st.none(), TIMES)),
                "journey": draw(steps_of(names, journey=True)),
            }
        )
    return {
        "chain": "random",
        "unit": "minutes",
        "actors": actors,
        "services": services,
        "customers": customers,
    }
