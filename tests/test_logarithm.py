from decimal import Decimal, localcontext

import numpy as np
import pytest

from peers.agreement import SEED_OFFSET
from servicechain.compiled_cache import kernel
from servicechain.distributions.logarithm import logarithm

LAST_DIGIT = 2.0**-53


@kernel
def logarithms(numbers, found):
    for place in range(len(numbers)):
        found[place] = logarithm(numbers[place])


def distances(numbers):
    """How far the logarithm of each is from the true one, in parts of it."""
    found = np.zeros(len(numbers))
    logarithms(np.array(numbers), found)
    with localcontext() as context:
        context.prec = 50
        exact = [Decimal(float(number)).ln() for number in numbers]
        return [float(abs(Decimal(one) - other) / abs(other)) for one, other in zip(found.tolist(), exact, strict=True)]


@pytest.mark.parametrize("lowest", [1e-300, 1e-16, 0.01, 0.4, 0.7, 0.99, 1 - 1e-9])
def test_the_logarithm_is_right_to_the_last_digits(lowest):
    chance = np.random.default_rng([SEED_OFFSET, int(lowest * 1000)])
    tosses = chance.random(2000)
    numbers = np.exp(np.log(lowest) * tosses) if lowest < 0.4 else 1 - (1 - lowest) * tosses
    assert max(distances([number for number in numbers if number < 1])) < 4 * LAST_DIGIT


def test_where_the_power_of_two_changes_and_at_both_ends():
    root = float(np.sqrt(0.5))
    numbers = [1e-300, 2.0**-53, 0.25, root / 2, 0.5, np.nextafter(root, 0), root, np.nextafter(root, 1), 1 - 2.0**-53]
    assert max(distances(numbers)) < 4 * LAST_DIGIT


def test_the_logarithm_of_one_is_zero():
    found = np.ones(1)
    logarithms(np.ones(1), found)
    assert found[0] == 0.0
