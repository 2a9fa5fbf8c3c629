"""Small Markov chains in continuous time, solved: the exact values of models without a closed form.

A chain is given by where it starts and by its moves, a function from a state to pairs of a rate and the next state;
its states are found by walking. The trap is a line without end: it is cut where nobody is ever seen, and
`Markov.edge` says how likely the cut is met.

Long-run shares solve πQ = 0. Shares at a time are found by uniformization: the chain looks at a clock that ticks at
the largest rate, and the Poisson number of ticks is summed out (Jensen 1953, doi 10.1080/03461238.1953.10419459).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

State = Hashable
Moves = Callable[[State], Iterable[tuple[float, State]]]


class Markov:
    """A Markov chain with finitely many states.

    Parameters
    ----------
    start : iterable of states
        From which all others are reached.
    moves : callable
        From a state to its rates and next states; a rate of 0 is no move.
    """

    def __init__(self, start: Iterable[State], moves: Moves) -> None:
        self.states = [*start]
        place = {state: number for number, state in enumerate(self.states)}
        rows, columns, rates = [], [], []
        for state in self.states:  # grows while it is walked through
            for rate, after in moves(state):
                if rate > 0:
                    if after not in place:
                        place[after] = len(self.states)
                        self.states.append(after)
                    rows.append(place[state])
                    columns.append(place[after])
                    rates.append(rate)
        self.place = place
        size = len(self.states)
        flows = sparse.coo_matrix((rates, (rows, columns)), shape=(size, size)).tocsr()
        self.generator = (flows - sparse.diags(np.asarray(flows.sum(axis=1)).ravel())).tocsr()

    def long_run(self) -> np.ndarray:
        """Give the share of time spent in each state."""
        equations = self.generator.T.tolil()
        equations[-1, :] = 1.0
        right = np.zeros(len(self.states))
        right[-1] = 1.0
        shares = spsolve(equations.tocsc(), right)
        assert np.all(shares > -1e-9)
        return shares

    def mean(self, value: Callable[[State], float]) -> float:
        """Give the long-run mean of something that can be said of a state."""
        return float(self.long_run() @ self.of_each(value))

    def means(self, *values: Callable[[State], float]) -> list[float]:
        """Give several long-run means."""
        shares = self.long_run()
        return [float(shares @ self.of_each(value)) for value in values]

    def of_each(self, value: Callable[[State], float]) -> np.ndarray:
        """Say something of every state."""
        return np.array([value(state) for state in self.states], dtype=float)

    def certainly(self, state: State) -> np.ndarray:
        """Be in one state for sure."""
        shares = np.zeros(len(self.states))
        shares[self.place[state]] = 1.0
        return shares

    def after(self, shares: np.ndarray, time: float) -> np.ndarray:
        """Give the chances of being in each state a time later."""
        return self._sums(shares, time)[0]

    def spent(self, shares: np.ndarray, time: float) -> np.ndarray:
        """Give the mean time spent in each state during a time."""
        return self._sums(shares, time)[1]

    def _sums(self, shares: np.ndarray, time: float) -> tuple[np.ndarray, np.ndarray]:
        """Sum over the ticks: the chances at the end, and the time spent on the way."""
        tick = 1.02 * -self.generator.diagonal().min()
        step = (sparse.identity(len(self.states), format="csr") + self.generator / tick).T.tocsr()
        ticks = np.arange(int(tick * time + 12 * math.sqrt(tick * time) + 40))
        logs = ticks * math.log(tick * time) - tick * time - np.cumsum(np.log(np.maximum(ticks, 1)))
        chance = np.exp(logs)
        more = np.clip(1.0 - np.cumsum(chance), 0.0, None)
        end, spent, now = np.zeros_like(shares), np.zeros_like(shares), shares
        for number in ticks:
            end = end + chance[number] * now
            spent = spent + more[number] / tick * now
            now = step @ now
        return end, spent
