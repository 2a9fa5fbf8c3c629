"""Chains to draw, and what can be measured of a blueprint without looking at it."""

import itertools
import random

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from servicechain import Chain

LANES = ("contact", "backstage", "system", "supplier")
SYLLABLES = [
    "claims",
    "assessment",
    "regional",
    "specialist",
    "emergency",
    "warehouse",
    "of",
    "the",
    "night",
    "shift",
    "customer",
    "data",
    "archive",
    "payment",
    "gateway",
    "laboratory",
    "central",
    "northern",
    "logistics",
    "partner",
    "hotline",
    "second",
    "level",
    "maintenance",
]


def names(rng, number):
    """So many different names, of 3 to 40 letters."""
    found = []
    while len(found) < number:
        length = rng.choice([rng.randint(3, 15), rng.randint(3, 40), 40])
        text = " ".join(rng.choices(SYLLABLES, k=12))[:length].strip().ljust(3, "x")
        if text not in found:
            found.append(text)
    return found


def generated(seed, actors, services, classes):
    """A chain whose tells and hand-offs go in circles, over all lanes."""
    rng = random.Random(seed)
    who, what = names(rng, actors), names(rng, services)
    chain = {"chain": f"Chain {seed}", "unit": "minutes", "actors": {}, "services": {}, "customers": {}}
    for number, name in enumerate(who):
        lane = LANES[0] if number == 0 else rng.choice(LANES)
        key = "staff" if lane in LANES[:2] else "capacity"
        chain["actors"][name] = {"lane": lane, key: rng.choice([1, 2, 30, "unlimited"])}
    for number, name in enumerate(what):
        later = what[number + 1 :]
        steps = [{"work": 1}]
        asks = range(rng.randint(0, 2) if later else 0)
        steps += [{"chance": round(rng.random() ** 2, 3), "then": [{"ask": rng.choice(later)}]} for _ in asks]
        if rng.random() < 0.5:
            steps.append({"chance": 0.2, "then": [{"tell": rng.choice(what)}]})
        if rng.random() < 0.5:
            steps.append({"chance": 0.3, "then": [{"hand_off": rng.choice(what)}]})
        chain["services"][name] = {"by": who[number % actors], "steps": steps}
    for name in names(rng, classes):
        asked = [what[0], *rng.choices(what, k=rng.randint(0, 2))]
        journey = [{"chance": 0.5, "then": [{"ask": service}]} for service in asked]
        chain["customers"][name] = {"arrivals": f"poisson(rate={rng.randint(1, 50)}/h)", "journey": journey}
    return Chain.from_dict(chain)


def enriched(chain, seed):
    """Such a chain with shifts, failures, pre-emption, services by several, members, and branches side by side."""
    rng = random.Random(seed)
    written = chain.to_dict()
    actors, services = list(written["actors"]), list(written["services"])
    for name in actors:
        actor = written["actors"][name]
        if rng.random() < 0.4:
            actor.pop("staff", actor.pop("capacity", None))
            begins = rng.randint(0, 23)
            some = {"days": rng.choice(["daily", "mon-fri", ["sat", "sun"]]), "from": f"{begins:02}:00", "staff": 2}
            actor["shifts"] = [some | {"to": "17:30"}, some | {"to": "24:00", "staff": rng.randint(1, 300)}]
            actor["at_shift_end"] = rng.choice(["stop", "finish"])
        actor["preempt"] = rng.random() < 0.3
        repairs = [service for service in services if written["services"][service]["by"] != name]
        if rng.random() < 0.5 and repairs:
            back = rng.choice([{"repair": rng.choice(repairs)}, {"lasts": "exponential(mean=77)"}])
            actor["failures"] = {"every": "exponential(mean=1234h)", "clock": "working", **back}
    for place, name in enumerate(services):
        service = written["services"][name]
        failing = written["actors"][service["by"]].get("failures", {}).get("repair")
        if rng.random() < 0.4 and failing is None:
            others = [actor for actor in actors if "repair" not in written["actors"][actor].get("failures", {})]
            more = rng.sample(others, min(2, len(others)))
            service["by"] = list(dict.fromkeys([service["by"], *more]))
        if rng.random() < 0.5 and place + 2 < len(services):
            side = [[{"ask": other}] for other in services[place + 1 : place + 4]]
            service["steps"].insert(1, {"together": side, "need": rng.choice(["all", "any"])})
    for customer in written["customers"].values():
        if rng.random() < 0.5:
            customer["arrivals"] = {"population": 12345, "think": "exponential(mean=3)"}
    return Chain.from_dict(written)


def chain_of(actors, services, journey, **more):
    customers = {"guest": {"arrivals": "poisson(rate=24/h)", "journey": journey}}
    return Chain.from_dict(
        {"chain": "Small", "unit": "minutes", "actors": actors, "services": services, "customers": customers} | more
    )


class Measured:
    """The extents, in pixels, of everything a blueprint shows."""

    def __init__(self, ax):
        figure = ax.get_figure(root=True)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        self.whole = figure.bbox
        self.texts = [text for text in (*ax.texts, ax._left_title) if text.get_text()]
        self.text_boxes = [text.get_window_extent(renderer) for text in self.texts]
        shapes = {gid: [patch for patch in ax.patches if patch.get_gid() == gid] for gid in ("box", "head", "number")}
        extents = {gid: [Bbox(patch.get_window_extent().get_points()) for patch in of] for gid, of in shapes.items()}
        self.boxes, self.heads, self.numbers = extents["box"], extents["head"], extents["number"]
        arrows = [patch for patch in ax.patches if patch.get_gid() == "arrow"]
        self.lines = [patch.get_path().transformed(patch.get_transform()) for patch in arrows]


def overlap(one, other, slack=0.5):
    """Whether two boxes share more than a touching border."""
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    high = min(one.y1, other.y1) - max(one.y0, other.y0)
    return wide > slack and high > slack


def inside(inner, outer):
    return outer.x0 <= inner.x0 and inner.x1 <= outer.x1 and outer.y0 <= inner.y0 and inner.y1 <= outer.y1


def check_nothing_overlaps(ax):
    seen = Measured(ax)
    shapes = [("box", one) for one in seen.boxes] + [("head", one) for one in seen.heads]
    shapes += [("number", one) for one in seen.numbers]
    for (kind, one), (other_kind, other) in itertools.combinations(shapes, 2):
        assert not overlap(one, other), (kind, other_kind, one, other)
    for text, place in zip(seen.texts, seen.text_boxes, strict=True):
        said = text.get_text()
        assert inside(place, seen.whole), f"{said!r} is cut off"
        frames = {"name": seen.boxes, "count": seen.boxes, "label": seen.numbers}.get(text.get_gid(), [])
        met = [one for _, one in shapes if overlap(place, one)]
        assert all(one in frames and inside(place, one) for one in met), f"{said!r} overlaps a shape"
        assert len(met) == (text.get_gid() in ("name", "count")) or seen.numbers
        crossed = [line for line in seen.lines if line.intersects_bbox(place.padded(-1), filled=False)]
        assert not crossed or (text.get_gid() == "label" and seen.numbers), f"a line runs through {said!r}"
    for one, other in itertools.combinations(range(len(seen.texts)), 2):
        assert not overlap(seen.text_boxes[one], seen.text_boxes[other]), (seen.texts[one], seen.texts[other])
    for box in seen.boxes:
        assert inside(box, seen.whole)
        assert not any(line.intersects_bbox(box.padded(-2), filled=False) for line in seen.lines)


def said(ax, gid):
    return [text.get_text().replace("\n", " ") for text in ax.texts if text.get_gid() == gid]
