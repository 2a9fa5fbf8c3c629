"""What must hold whenever a server takes a request, watched in the reference engine itself.

Records tell when a request begins and ends, not which server has it in between; so this looks over the shoulder
of the teams, on random chains with every feature.
"""

import math
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings

from random_chains import chains
from servicechain import Chain, run
from servicechain.engines.reference.teams import Team

pytestmark = pytest.mark.theory  # many random chains


@contextmanager
def watched():
    """Check every taking and releasing of a server; count them."""
    take, release = Team.take, Team.release
    seen = {"taken": 0, "in hand": {}}

    def checked_take(team, request, now):
        assert request.server == -1, "a request that has a server takes another"
        assert not request.waiting
        assert now >= request.asked
        assert not team.is_down
        assert team.busy < team.on_duty - team.broken
        assert math.isnan(request.begun) or request.begun <= now
        take(team, request, now)
        assert (team.index, request.server) not in seen["in hand"], "a server has two requests"
        assert request.server < team.plan.servers
        seen["in hand"][team.index, request.server] = request
        seen["taken"] += 1

    def checked_release(team, request, now):
        assert seen["in hand"].pop((team.index, request.server)) is request
        release(team, request, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Team, "take", checked_take)
        patch.setattr(Team, "release", checked_release)
        yield seen


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=chains(everything=True))
def test_no_server_has_two_requests_and_no_request_two_servers(data):
    with watched() as seen:
        result = run(Chain.from_dict(data), until=40, replications=1, engine="reference", keep_records=True)
    begun = result.request_records["begun"].notna().sum()
    assert seen["taken"] >= begun
