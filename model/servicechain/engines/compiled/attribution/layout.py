"""What attribution works on: paths, nodes and their clocks, accounts.

The words are those of the reference engine. A *target* is where somebody's time goes: a path that has come to its
end (its number, from 0 on), nothing (`NOTHING`), or (−2 − its number) an *onward*, a path that goes on in a node. A
*node* is a line, or the branches of a `together`; a *view* is what the servers of an actor, or the branches, wait for
or do: *shares*, each a target with how many have it. The clock of a node is a list of *entries*, one for each path
that has ever ended there; it is only ever appended to and never set back, so what it showed is the copy of as many
entries as there were. Each time is a double and what rounding took away from it, so nothing is lost with the years.
Where a view is part of one node only, its *home*, how many have a path stands in the entry of the path (its *rate*).

Entries and marks lie in fours, which are gone through at once; where an entry is none yet, all is 0.

Everything lies in stores that grow between two calls of the kernel. What finds no room says so (`short`) and leaves
everything as it was, so that it can be done again.
"""

from __future__ import annotations

from servicechain.causes import Cause
from servicechain.engines.compiled.layout import NUMBER, WORD, structure
from servicechain.engines.compiled.memory import element_of, reference_to
from servicechain.records import PART

NOTHING = -1
"""The target of who waits for nobody."""

CAUSES = len(Cause)
"""The paths of an actor alone have the numbers ``actor * CAUSES + cause``."""

WORK, PAUSE, FAILURE, ABSENCE, DEADLOCK = (int(cause) for cause in Cause)

SHORT, DONE, CIRCLE = range(3)
"""How something went: no room, done, or not done because nodes wait for each other."""

A_REQUEST, AN_ACTOR, A_BREAKDOWN = range(3)
"""Things that are touched; customers have a list of their own."""

STEPS = 64
"""Nodes of a `together` that is over are kept by its step, modulo this."""

FOUR = 4
"""So many entries, or marks, lie together."""

SIZES = 48
"""Marks come in powers of two of `SMALLEST` entries."""

SMALLEST = FOUR

(
    PATHS,
    ONWARDS,
    NODES,
    VIEWS,
    SHARES,
    ENTRIES,
    VIAS,
    WORDS,
    MARKS,
    PARTIALS,
    ROWS,
    TALLIES,
    MOMENTS,
    GAINS,
    FLOWS,
    SCRATCH,
    FIGURES,
    PATHS_KNOWN,
    KNOWN,
) = range(19)
"""The stores."""

STORE = structure("address top room wanted")

PATH = structure(
    # place: among the shares of its actor, NOBODY if nobody has it, or if the actor has a home line; slot: there;
    # longer: the path that begins with `by` and goes on like this one, the latest asked for
    "first place slot by longer "
    # rest: the path after its first actor, NOTHING if it has but one; leaf: of the actor alone at its end; twin: the
    # same that ends in a failure; column: while a circle is solved; tally: the latest of the course
    "rest leaf twin column tally"
)
ONWARD = structure(
    # from a node on; via, by, longer: the latest asked for
    "node place via by longer failed "
    # by way of `actor` and then as `rest` (an onward) has it; numbers: WORDs, for as many entries of the node's clock
    # as `count` says the paths as seen from here
    "actor rest twin numbers count room"
)
NODE = structure(
    # actors: WORDs, to blame if nobody is there; single: its view, NOBODY if it has several; own: that view if this is
    # its home, else NOBODY; root: the onward that leads just here
    "actors actor_count single own root standing is_open emptied entries count room above "
    # of a node: next in limbo or among the free, the step; while circles are looked for
    "next step visit low stacked row",
    "last",
)
VIEW = structure(
    # home: the only node it is part of, NOBODY if there are several; shares, lines: those that are open, WORDs;
    # counts: what the servers of an actor have in hand is counted
    "present links shares count room home lines line_count counts"
)
# slot: of the entry of a path in a node; of a link the via, while its only node is brought up to now
SHARE = structure("target count slot")
ENTRIES_OF_FOUR = structure(
    " ".join(f"path_{k}" for k in range(FOUR)),
    " ".join(f"{name}_{k}" for name in ("high", "low", "rate") for k in range(FOUR)),
)
VIA = structure(
    # from a node over an onward: slots (WORDs) for as many entries behind as `mapped`; marks: what the first `marked`
    # of them showed
    "node onward slots mapped slot_room marks marked mark_room"
)
MARKS_OF_FOUR = structure("", " ".join(f"{name}_{k}" for name in ("high", "low") for k in range(FOUR)))
PARTIAL = structure("path next", "queueing held")
TALLY = structure("bucket customer_class path next", "time")
MOMENT = structure("state gains count", "start end")
GAIN = structure("path", "time")
FLOW = structure("node slot", "time")
KNOWN_KEY = structure("key value")

ATTRIBUTION = structure(
    # addresses, of the stores and what they hold
    "stores paths onwards nodes views shares entries vias words marks partials rows tallies moments gains flows "
    "scratch figures paths_known known marks_free forks_free gained paths_known_mask known_mask "
    # what is not done for want of room: accounts to be closed, a bucket to be turned, a look that is not over
    "short closing closing_last turning looking "
    # the first customer who is touched
    "touched_customers "
    # failing: something can fail; twinned: and somebody has to repair it
    "failing twinned partials_free partials_left emptied limbo "
    "has_edges bucket watched_class watched_number watching told "
    # while a circle is solved: its nodes in the scratch; the leaves of its columns there, and their times
    "circle circle_size columns column_count column_times",
    # the time that is booked
    "booked",
)

store_at = element_of(ATTRIBUTION, "stores", STORE)
path_at = element_of(ATTRIBUTION, "paths", PATH)
onward_at = element_of(ATTRIBUTION, "onwards", ONWARD)
node_at = element_of(ATTRIBUTION, "nodes", NODE)
view_at = element_of(ATTRIBUTION, "views", VIEW)
share_at = element_of(ATTRIBUTION, "shares", SHARE)
entry_word_at = element_of(ATTRIBUTION, "entries", WORD)
entry_number_at = element_of(ATTRIBUTION, "entries", NUMBER)
via_at = element_of(ATTRIBUTION, "vias", VIA)
mark_number_at = element_of(ATTRIBUTION, "marks", NUMBER)
partial_at = element_of(ATTRIBUTION, "partials", PARTIAL)
row_at = element_of(ATTRIBUTION, "rows", PART)
tally_at = element_of(ATTRIBUTION, "tallies", TALLY)
moment_at = element_of(ATTRIBUTION, "moments", MOMENT)
gain_at = element_of(ATTRIBUTION, "gains", GAIN)
flow_at = element_of(ATTRIBUTION, "flows", FLOW)
known_at = reference_to(KNOWN_KEY)
attribution_at = reference_to(ATTRIBUTION)
word_at = element_of(ATTRIBUTION, "words", WORD)
scratch_at = element_of(ATTRIBUTION, "scratch", WORD)
figure_at = element_of(ATTRIBUTION, "figures", NUMBER)
free_marks_at = element_of(ATTRIBUTION, "marks_free", WORD)
gained_at = element_of(ATTRIBUTION, "gained", NUMBER)
free_forks_at = element_of(ATTRIBUTION, "forks_free", WORD)
