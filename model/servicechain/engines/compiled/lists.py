"""The requests in an actor's hands, in the order in which they were taken.

The list is kept only where somebody reads it: where work can be taken out of their hands, and for attribution.
"""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import small
from servicechain.engines.compiled.layout import NOBODY, actor_at, request_at


@small
def serve(w: Any, actor: int, request: int) -> None:
    """Put a request at the end of those in an actor's hands."""
    a = actor_at(w, actor)
    r = request_at(w, request)
    r.earlier = a.served_last
    r.later = NOBODY
    if a.served_last == NOBODY:
        a.served = request
    else:
        request_at(w, a.served_last).later = request
    a.served_last = request


@small
def serve_no_more(w: Any, actor: int, request: int) -> None:
    """Take a request out of an actor's hands."""
    a = actor_at(w, actor)
    r = request_at(w, request)
    if r.earlier == NOBODY:
        a.served = r.later
    else:
        request_at(w, r.earlier).later = r.later
    if r.later == NOBODY:
        a.served_last = r.earlier
    else:
        request_at(w, r.later).earlier = r.earlier
