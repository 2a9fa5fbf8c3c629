import pytest

from servicechain.engines import ENGINES


@pytest.fixture(params=sorted(ENGINES))
def engine(request):
    """Every test of this folder judges every engine."""
    return request.param
