"""Layered queueing networks: read a model in the XML format of LQNS (.lqnx) as a chain.

Both say the same thing: whoever asks is a client, and a server that asks is held until it is answered.

=============================================  =================================================================
layered queueing network                       chain
=============================================  =================================================================
task with threads (``fcfs``, ``inf``)          actor in the lane `system`, capacity = multiplicity
entry                                          service of that actor
task ``hol`` or ``pri``, priorities of entries  `priority` of the services, the other way round, not preemptive
reference task, think time Z                   customer class, arrivals {population: multiplicity, think: exponential}
several entries of a reference task            `choose` with equal weights, as lqsim does
open arrivals                                  customer class "ENTRY arrivals", arrivals poisson
processor that can be busy                     actor, capacity = multiplicity; each slice is an `ask` of it
processor ``inf``, or never short of servers   no actor: a slice is `work` of the task
processor ``hol`` / ``pp``, task priorities    `priority` of its services / and `preempt: true`
speed factor                                   `speed`
host demand D with mean calls Y                slices with mean D / (1 + Y), between calls
squared coefficient of variation c² of demand  0 constant, 1 exponential, below 1 gamma, above hyperexponential
stochastic calls                               a `chance` of a `repeat … until`: a geometric number with mean Y
deterministic calls                            exactly so many, in the order of the file
rendezvous / send-no-reply                     `ask` / `tell`
phases two and three                           what follows the `reply`
forwarding                                     `hand_off`; where the thread goes on, the asker asks on
an answer to a neighbour on one processor      `reply` and `pause: 0`: who is answered comes first, as in lqsim
think time of an activity                      `pause`
or-fork and or-join                            `choose`
and-fork and and-join                          `together`; slices in branches are always asked for
loop with mean count                           a geometric number of rounds with that mean, as in LQNS
=============================================  =================================================================

Refused with a reason and a place: processor sharing and random order on a processor that can be busy, groups,
replication, limited lines, semaphores and locks, quorum joins, answers from inside parallel branches, branches that
do not nest, bursty customers, parameters (SPEX, LQX), components. Results in a file are skipped.

The traps: .lqnx files give *squared* coefficients of variation, of a slice; their priorities grow with importance; and
they have no unit of time, so that all numbers are taken as seconds.

Reference: Franks, Al-Omari, Woodside, Das & Derisavi 2009, IEEE Trans. Software Engineering 35:148-161,
doi 10.1109/TSE.2008.74; Franks et al., Layered Queueing Network Solver and Simulator User Manual, Carleton University.
"""

from __future__ import annotations

from servicechain.lqn.importing import Imported, import_lqn, read_lqn

__all__ = ["Imported", "import_lqn", "read_lqn"]
