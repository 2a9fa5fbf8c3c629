"""Whether the colours of one picture can be told apart by people who see colours in one of the less common ways.

What they see is simulated as by Machado, Oliveira & Fernandes (2009, doi 10.1109/TVCG.2009.113), complete
deficiency; the distance of two colours is that of CIE 1976 L*a*b*, in which about 2.3 is just noticed.
"""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from servicechain.plots.arrivals import FILLS
from servicechain.plots.load import PARTS
from servicechain.plots.queues import LINES as QUEUES
from servicechain.plots.style import COLOURS
from servicechain.plots.waits import BELOW, DELIGHTED, INSIDE, LINES

SIGHTS = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def lab(colour, sight):
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = (
        (t ** (1 / 3)) if t > 0.008856 else 7.787 * t + 16 / 116
        for t in (TO_XYZ @ np.clip(sight @ linear, 0, 1)) / WHITE
    )
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def nearest_pair(colours, sight):
    return min(float(np.linalg.norm(lab(one, sight) - lab(other, sight))) for one, other in combinations(colours, 2))


def test_the_measure_is_right():
    np.testing.assert_allclose(lab("white", SIGHTS["usual"]), [100, 0, 0], atol=0.02)
    # Lindbloom's calculator: sRGB (255, 0, 0) is L*a*b* (53.24, 80.09, 67.20)
    np.testing.assert_allclose(lab("red", SIGHTS["usual"]), [53.24, 80.09, 67.20], atol=0.05)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize(
    ("colours", "least"),
    [
        (list(PARTS.values()), 15),
        ([line["color"] for line in LINES.values()], 15),
        (FILLS, 15),
        (COLOURS[:QUEUES], 15),
        ([DELIGHTED, INSIDE, BELOW], 6),
    ],
    ids=["load", "waits", "arrivals", "queues", "zone"],
)
def test_colours_of_one_picture_can_be_told_apart(colours, least, sight):
    assert nearest_pair(colours, SIGHTS[sight]) > least


def test_lines_can_be_told_apart_without_any_colour():
    styles = [str(line.get("linestyle", "-")) for line in LINES.values()]
    widths = [line["linewidth"] for line in LINES.values()]
    assert len(set(zip(styles, widths, strict=True))) == len(LINES)
