"""The reference engine: SimPy, generators, and the words of a chain file; the specification one can read."""
