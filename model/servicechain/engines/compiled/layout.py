"""What the kernel works on: the structures of one replication, and how they refer to each other.

Everything is a 64-bit whole number or float in a structure of a pool, and refers to others by their position
there; `NOBODY` (-1) is none. The words are those of the reference engine: a *strand* is a line of steps along which a
customer or a request walks, a *fork* a `together` that goes on, a *frame* what is still to be done when a walk
has come to where it waits. What the reference engine has as an object with a life of its own (a *Timed*) is part of the
strand here, a *repair* part of its *breakdown*.

Elements of a pool that are not needed any more lie in limbo until the agenda is empty: what is still on it may
refer to them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from servicechain.engines.compiled.memory import element_of, reference_to

NOBODY = -1
NEVER = np.nan
NO_PRIORITY = -(1 << 62)
UNLIMITED = 1 << 62

QUEUEING, HELD, ATTENDED, OWN = range(4)
"""States of a customer's time, and of their own requests."""

ONE_OF_MANY, ALONE = 1, 2
"""Their own requests are one of several they may have (`front`; 0: not their own), or the only one."""

TIMED, REQUESTED, FORKED = range(3)
"""What a strand waits for (`doing`; NOBODY: nothing)."""

CUSTOMERS, REQUESTS, STRANDS, FORKS, LOOPS = range(5)
"""The pools."""

BEFORE, END, STAFF, ARRIVAL = range(4)
"""Kinds of event of one instant, the lowest first; arrivals of class k are ARRIVAL + k, ends of patience come last."""

OBSERVE, NEXT_BUCKET, WORK_OVER, TIME_OVER, MEMBER_COMES, LASTED, SHIFT, FAILURE, ARRIVES, PATIENCE_OVER = range(10)
"""What happens at an event: the subject is a strand, a member, a breakdown, an actor, a class or a customer."""

ASKED, BEGINS, RESUMES, ANSWERED, GOES_ON = range(5)
"""Consequences on the agenda: the subject is a request (the first three) or a strand; ANSWERED also takes
-2 - breakdown, and both let go of what the strand was doing."""

STARTING, PENDING, NEWCOMERS, BRANCHES, DROPPED, ENDED = range(6)
"""Frames: branches of a fork still to be started; strands that can go on, one after the other; customers who come;
and while something is broken off: branches of a fork, a strand, a request that ends with its customer."""

WORK, PAUSE, ASK, TELL, HAND_OFF, REPLY, CHANCE, CHOOSE, JUMP, LOOP, ROUND, TOGETHER, LEAVE, FINISH, BRANCH_ENDS = (
    range(15)
)
"""Steps: see `servicechain.engines.compiled.program`."""

NO_SOURCE, RENEWAL, TIMES, PROFILE, CLOSED = range(5)
"""Kinds of arrivals."""

RUNNING, OVER, BLOCK_FULL, ROOM_SHORT, STANDS_STILL, PAUSED = range(6)
"""Why the kernel returns."""


def structure(whole: str, real: str = "") -> np.dtype[Any]:
    """Make a structure of whole numbers and floats by their names."""
    return np.dtype([(name, np.int64) for name in whole.split()] + [(name, np.float64) for name in real.split()])


WORD = structure("value")
NUMBER = structure("", "value")

# -- the program: what does not change while the kernel runs -----------------------------------------------------------

STEP = structure(
    # key: of the path; first: that outside any loop; jump: where a chance that fails, a jump, or a loop that is
    # over leads to; ways: first position among the WORDs `ways`, with `count` of them (program counters); priority and
    # patience: what holds if nothing else is said, too, and `level` the position of that priority; lineage: of what is
    # asked for outside any loop, by a request whose own is `under` (0 in a journey)
    "op key first service priority level under lineage variate patience jump ways count needed",
    # probability: of the chance, or that a loop ends after a round; below 0 where it is not left to chance
    "probability at_most",
)
VARIATE = structure("code table length", "a b c")  # table: address
# actors: first position among the WORDs `offers`; actor: the first of them
SERVICE = structure("priority actors actor_count actor steps line")

CLASS = structure(
    "key priority patience leaves_held journey batch think population members kind gap table length repeat "
    # state: next number, whether anybody comes from here any more, where the source is
    "number open place rounds",
    "each reached",
)
MEMBER = structure("customer_class member cycle")

ACTOR = structure(
    "key in_front preempts stops ideal unlimited "
    # calendar: first position among `moments` and `staff`, how many; change: the number of the latest
    "calendar changes change "
    # unsteady: its staff changes, or it can fail; special: so, or it preempts, or has a speed of its own
    "unsteady special "
    # breakdowns: the first, how many; by_server: each server has its own
    "breakdowns breakdown_count by_server while_working restarts every lasts repair "
    # state; standing: requests in its line; served: the first and last in hand, in the order they were taken, kept
    # where something can be taken out of their hands (keeps_served), and for attribution; up: servers on duty that
    # have not failed, NOBODY while all are down
    "is_down outage standing served served_last keeps_served "
    "up broken busy working "
    # attribution
    "touched present links lines",
    # so many now, and integrals
    "servers speed since queue on_duty queue_time busy_time working_time duty_time held_time "
    "idle_time down_time overtime queue_max",
)
BREAKDOWN = structure(
    # stands: its clock of failures stands, with `left`; active: a repair is under way; serving: what that server has
    # in hand; down: that server has failed
    "actor server failures due stands at_work active drawn_as lineage repair serving down "
    # attribution
    "touched target counted counted_target counted_servers",
    "left",
)

# -- pools -------------------------------------------------------------------------------------------------------------

CUSTOMER_STATE = structure(
    # what has one value at the beginning lies side by side, so that it is written at once
    "key drawn_as customer_class number come main kept deadline state "
    # attribution
    "open target account_state mark marked parts watched closing "
    "begun overdue gone queueing_requests held_requests attended_requests touched",
    "queueing held attended own arrived since account_since",
)
REQUEST_STATE = structure(
    # whose draws: key of the class or the failed actor, its number, what the records say; asker: a strand, or -2
    # less a breakdown
    "key drawn_as customer_class number service priority level lineage asker "
    # customer: NOBODY for repairs; line, target, counted, counted_target: attribution
    "customer patience actor server working interrupted main pending line target counted counted_target "
    # shown: kept for one of many; touched: attribution
    "front order waiting withdrawn over touched shown "
    # began: how many had begun then; kept: 1 + the strand that a place in the pool keeps as its main one, 0 if it never
    # had one; after: among those whose servers are to be released; earlier, later: in the actor's hands
    "began kept pending_last after earlier later",
    # since: when it began to stand in line, be held or be worked on
    "since asked begun answered",
)
STRAND = structure(
    # request: NOBODY if it is a customer's own; subject: the request or fork it waits for
    "request customer step fork doing subject loop due sibling pending round over by_server restarts pending_number",
    "drawn ends left speed",
)
FORK = structure("strand needed done waiting branches branches_last step started round node")
LOOPING = structure("done round parent step", "rounds")

GROUPS = 4
"""Groups of eight customers of whom it is known what a step draws for them."""

EIGHT = structure("group whose", "first second third fourth fifth sixth seventh eighth")
LINK = structure("before after")  # of request r, place k of its service's actors: at r << place_bits | k
LEVEL = structure("first last")  # of actor a, level l: at a * levels + l; a LINK's position

EVENT = structure("what order")  # what: the code and the subject, or the next that is free
CONSEQUENCE = structure("code subject")
FRAME = structure("kind subject next last")

POOL = structure("next top free limbo limbo_last limbo_count room")  # next: address of WORDs

WORLD = structure(
    # addresses
    "actors observed_actors services classes members breakdowns steps variates ways offers moments staff "
    "priorities customers requests strands forks loops links levels events dues tops agenda frames pools eights "
    "round_keys customer_block request_block edges "
    # how many
    "actor_count class_count step_count breakdown_count level_count place_bits "
    "groups in_hand first event_free events_used "
    "agenda_first agenda_last agenda_mask frame_count customer_count request_count block "
    "edge_count "
    # whose numbers
    "seed replication antithetic key_arrival key_batch key_patience key_failure key_repair stream_arrival stream_batch "
    # state; short: the kernel must return before the next step that needs room; waiting: how much is on the agenda or
    # put aside; look_for_last: the last may have come, or a time ends the run; tolerated: how much more may happen at
    # this instant, of what is allowed
    "stage short waiting seq walker orders beginnings postponed people "
    "sources closed thinking working_now repairs_now arrived left customers_wanted until_given look_for_last observed "
    "tolerated allowed always steps_left idle idle_last "
    # attribution: see servicechain.engines.compiled.attribution
    "attribution touched",
    "now in_hand_due first_due last_begun last_arrival until warm_up quiet long counted_until unit_seconds window",
)

# -- references to elements --------------------------------------------------------------------------------------------

word = reference_to(WORD)
number = reference_to(NUMBER)
step_at = element_of(WORLD, "steps", STEP)
variate_at = element_of(WORLD, "variates", VARIATE)
service_at = element_of(WORLD, "services", SERVICE)
class_at = element_of(WORLD, "classes", CLASS)
member_at = element_of(WORLD, "members", MEMBER)
actor_at = element_of(WORLD, "actors", ACTOR)
breakdown_at = element_of(WORLD, "breakdowns", BREAKDOWN)
customer_at = element_of(WORLD, "customers", CUSTOMER_STATE)
request_at = element_of(WORLD, "requests", REQUEST_STATE)
strand_at = element_of(WORLD, "strands", STRAND)
fork_at = element_of(WORLD, "forks", FORK)
looping_at = element_of(WORLD, "loops", LOOPING)
link_at = element_of(WORLD, "links", LINK)
level_at = element_of(WORLD, "levels", LEVEL)
event_at = element_of(WORLD, "events", EVENT)
due_at = element_of(WORLD, "dues", NUMBER)
top_at = element_of(WORLD, "tops", NUMBER)
consequence_at = element_of(WORLD, "agenda", CONSEQUENCE)
frame_at = element_of(WORLD, "frames", FRAME)
pool_at = element_of(WORLD, "pools", POOL)
observed_at = element_of(WORLD, "observed_actors", ACTOR)
way_at = element_of(WORLD, "ways", WORD)
offer_at = element_of(WORLD, "offers", WORD)
eight_at = element_of(WORLD, "eights", EIGHT)
