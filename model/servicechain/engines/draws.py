"""Random numbers that depend on what is drawn, never on when.

Philox4x32-10 turns a counter into four random words, so a draw is a pure function of its key: the same
customer takes the same time at the same step, whatever the staffing, the order of events or the engine.
The key is (seed, replication), the counter (who, number, lineage, path):

who
    a customer class or an actor, as a 32-bit word, e.g. its `name_key`;
number
    which customer (or failure) of it, from 0. What exceeds 32 bits is mixed into `who`, not cut off, so
    that a number may hold two, e.g. ``cycle << 32 | member`` of a closed population;
lineage
    which request of that customer, as `lineage` hashes it; 0 for the customer's own journey;
path
    which step, as `step_key` hashes it with its round in a loop.

The trap is mixing signed and unsigned whole numbers in compiled code, which gives floats: every word goes in
and comes out as a signed 64-bit number from 0 to 2**32 - 1.

References: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw (2011), Parallel random numbers: as easy as 1,
2, 3, doi 10.1145/2063384.2063405; the mixing of words is the finaliser of A. Appleby's MurmurHash3.
"""

from __future__ import annotations

from hashlib import blake2s
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from servicechain.compiled_cache import inlined, kernel
from servicechain.distributions.quantiles import quantile, quantile_scalar

if TYPE_CHECKING:
    from numpy.typing import NDArray

Word: TypeAlias = int | np.uint64

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_NONE = np.uint64(0)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_ROUNDS = 10

_MURMUR_1 = np.uint64(0x85EBCA6B)
_MURMUR_2 = np.uint64(0xC2B2AE35)
_SHIFT_13 = np.uint64(13)
_SHIFT_16 = np.uint64(16)

_UNUSED_BITS = np.uint64(11)
_ALL_53 = (1 << 53) - 1
_STEP = 2.0**-53
_BELOW_ONE = 1.0 - 2.0**-53


@inlined
def _signed(word: np.uint64) -> int:
    return np.int64(word)  # type: ignore[return-value]  # compiled, both are the same


@inlined
def philox4x32(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> tuple[int, int, int, int]:
    """Turn a counter of four 32-bit words and a key of two into four random words (ten rounds)."""
    x0, x1, x2, x3 = np.uint64(c0) & _LOW, np.uint64(c1) & _LOW, np.uint64(c2) & _LOW, np.uint64(c3) & _LOW
    key0, key1 = np.uint64(k0) & _LOW, np.uint64(k1) & _LOW
    for _ in range(_ROUNDS):
        product0 = _MULTIPLIER_0 * x0
        product1 = _MULTIPLIER_1 * x2
        x0 = (product1 >> _HALF) ^ x1 ^ key0
        x1 = product1 & _LOW
        x2 = (product0 >> _HALF) ^ x3 ^ key1
        x3 = product0 & _LOW
        key0 = (key0 + _WEYL_0) & _LOW
        key1 = (key1 + _WEYL_1) & _LOW
    return _signed(x0), _signed(x1), _signed(x2), _signed(x3)


@inlined
def unit(word0: int, word1: int, antithetic: bool = False) -> float:
    """Make a uniform number of two random words: (53 bits + ½) / 2⁵³, rounded to the nearest double.

    Never 0 and never 1: where the half would round up to 1 it is the number before. An antithetic one takes
    the complement of the 53 bits, which is 1 - u rounded the same way.
    """
    bits = _signed(((np.uint64(word0) << _HALF) | np.uint64(word1)) >> _UNUSED_BITS)
    if antithetic:
        bits = _ALL_53 - bits
    return min((bits + 0.5) * _STEP, _BELOW_ONE)


@inlined
def uniform(
    seed: int, replication: int, who: int, number: int, lineage: int, path: int, antithetic: bool = False
) -> float:
    """Draw a number between 0 and 1, both excluded.

    Parameters
    ----------
    seed, replication, who, lineage, path : int
        32-bit words; more is cut off.
    number : int
        From 0 to 2**63 - 1.
    antithetic : bool
        Whether to take 1 - u instead of u.
    """
    actor = np.uint64(who)
    high = np.uint64(number) >> _HALF
    if high != _NONE:
        actor ^= np.uint64(mix(high, actor))
    word0, word1, _, _ = philox4x32(actor, number, lineage, path, seed, replication)
    return unit(word0, word1, antithetic)


@kernel
def draw(
    seed: int,
    replication: int,
    who: int,
    number: int,
    lineage: int,
    path: int,
    antithetic: bool,
    code: int,
    a: float,
    b: float,
    c: float,
    table: NDArray[np.float64],
) -> float:
    """Draw from a distribution.

    Parameters
    ----------
    seed, replication, who, number, lineage, path, antithetic
        The key, as `uniform` takes it.
    code, a, b, c, table
        The distribution, as `Distribution.lowered` gives it.

    Returns
    -------
    float
        A time in the unit the distribution was lowered in.
    """
    return quantile(code, a, b, c, table, uniform(seed, replication, who, number, lineage, path, antithetic))


@kernel
def draw_scalar(
    seed: int,
    replication: int,
    who: int,
    number: int,
    lineage: int,
    path: int,
    antithetic: bool,
    code: int,
    a: float,
    b: float,
    c: float,
) -> float:
    """Do the same as `draw` for a distribution whose table is empty; from Python it is quicker."""
    return quantile_scalar(code, a, b, c, uniform(seed, replication, who, number, lineage, path, antithetic))


@inlined
def _scramble(word: np.uint64) -> np.uint64:
    x = word & _LOW
    x = ((x ^ (x >> _SHIFT_16)) * _MURMUR_1) & _LOW
    x = ((x ^ (x >> _SHIFT_13)) * _MURMUR_2) & _LOW
    return x ^ (x >> _SHIFT_16)


@inlined
def mix(a: Word, b: Word) -> int:
    """Hash two 32-bit words to one: their order counts, and for a fixed one no two of the other collide."""
    return _signed(_scramble(_scramble(np.uint64(a) + _WEYL_0) + np.uint64(b)))


@inlined
def step_key(path: int, round_number: int) -> int:
    """Hash the path of a step with its round in a loop, from 1; 0 is outside any loop."""
    return mix(path, round_number)


@inlined
def lineage(parent: int, path: int, round_number: int) -> int:
    """Hash which request this is: the lineage of who asks, the path of the asking step, and its round."""
    return mix(parent, mix(path, round_number))


def name_key(text: str) -> int:
    """Hash a name or the path of a step to a 32-bit word, the same on every machine and in every process."""
    return int.from_bytes(blake2s(text.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "little")
