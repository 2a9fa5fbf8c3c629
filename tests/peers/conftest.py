import zlib

import numpy as np
import pytest

from peers.agreement import SEED_OFFSET
from servicechain.engines import ENGINES


@pytest.fixture(params=sorted(ENGINES))
def engine(request):
    """Every engine is compared with every peer."""
    return request.param


@pytest.fixture
def rng(request):
    """Other numbers for every test, by its id, and for every offset; the same for every engine."""
    name = request.node.name.replace("compiled", "reference")
    return np.random.default_rng([zlib.crc32(name.encode()), SEED_OFFSET])
