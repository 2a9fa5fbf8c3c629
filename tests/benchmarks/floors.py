"""What the compiled engine has to reach.

Ratios are of CPU times of the simulation, medians of rounds taken in turn with idiomatic SimPy in processes of their
own, everything measured that `servicechain.run` reports.
"""

TIMES_SIMPY = {("M2", "compiled"): 40, ("M2", "compiled-bare"): 60, ("M1", "compiled"): 40}

# how many times the CPU time without it
ATTRIBUTION_COSTS = 1.5

# how many times the CPU time for each customer when there are 400 actors instead of 4
MORE_ACTORS_COST = 2.0

# peak of a million customers of M2, in bytes, and how much it may exceed that of a hundred thousand
MILLION_PEAK = 500e6
MILLION_GROWTH = 20e6
