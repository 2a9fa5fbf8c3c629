import math
import os
import random
import subprocess
import sys
import zlib
from fractions import Fraction

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from servicechain.distributions import discrete, exponential, gamma, hyperexponential, lognormal, pert
from servicechain.engines.draws import (
    draw,
    draw_scalar,
    lineage,
    mix,
    name_key,
    philox4x32,
    step_key,
    uniform,
    unit,
)

WORD = 2**32 - 1
WORDS = st.integers(0, WORD)
KEYS = st.tuples(WORDS, WORDS, WORDS, st.integers(0, 2**63 - 1), WORDS, WORDS)


@pytest.fixture
def seed(request):
    """A seed of its own for every test, the same in every run."""
    return zlib.crc32(request.node.nodeid.encode())


def philox_in_python(counter, key):
    """Write the definition of Salmon et al. down once more, on Python's own integers."""
    a, b, c, d = counter
    left, right = key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * a, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c, 2**32)
        a, b, c, d = high1 ^ b ^ left, low1, high0 ^ d ^ right, low0
        left, right = (left + 0x9E3779B9) % 2**32, (right + 0xBB67AE85) % 2**32
    return a, b, c, d


class TestPhilox:
    # The vectors published with Random123 (kat_vectors): zeros, ones, digits of pi.
    @pytest.mark.parametrize(
        ("counter", "key", "words"),
        [
            ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
            ((WORD,) * 4, (WORD,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
            (
                (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
                (0xA4093822, 0x299F31D0),
                (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
            ),
        ],
    )
    def test_published_vectors(self, counter, key, words):
        assert philox4x32(*counter, *key) == words
        assert philox_in_python(counter, key) == words

    @settings(deadline=None)
    @given(st.tuples(*[WORDS] * 4), st.tuples(*[WORDS] * 2))
    def test_agrees_with_python(self, counter, key):
        assert philox4x32(*counter, *key) == philox_in_python(counter, key)


class TestUniform:
    @settings(deadline=None)
    @given(KEYS.filter(lambda key: key[3] <= WORD))
    def test_is_the_definition(self, key):
        seed, replication, who, number, lineage, path = key
        word0, word1, _, _ = philox_in_python((who, number, lineage, path), (seed, replication))
        bits = (word0 * 2**32 + word1) >> 11
        exact = Fraction(2 * bits + 1, 2**54)
        assert uniform(*key) == min(float(exact), 1 - 2.0**-53)
        assert uniform(*key, True) == min(float(1 - exact), 1 - 2.0**-53)

    @pytest.mark.parametrize(
        ("words", "u", "mirrored"),
        [
            ((0, 0), 2.0**-54, 1 - 2.0**-53),
            ((WORD, WORD), 1 - 2.0**-53, 2.0**-54),
            ((WORD, WORD - 2**11), 1 - 2.0**-52, 3 * 2.0**-54),
            ((2**31, 0), 0.5, 0.5 - 2.0**-54),
            ((2**31 - 1, WORD), 0.5 - 2.0**-54, 0.5),
        ],
    )
    def test_strictly_inside_at_extreme_words(self, words, u, mirrored):
        assert unit(*words) == u
        assert unit(*words, True) == mirrored
        assert 0 < u < 1

    @settings(deadline=None)
    @given(KEYS)
    def test_antithetic_mirrors(self, key):
        assert uniform(*key, True) == pytest.approx(1 - uniform(*key), abs=2.0**-53)

    @settings(deadline=None)
    @given(KEYS, st.integers(0, 5), st.integers(0, 31))
    def test_every_bit_of_the_key_counts(self, key, part, bit):
        other = list(key)
        other[part] ^= 1 << bit
        assert uniform(*key) != uniform(*other)

    def test_large_numbers_are_not_cut_off(self):
        numbers = [low + high * 2**32 for low in range(50) for high in (0, 1, 2, 1000, 2**31 - 1)]
        assert len({uniform(1, 0, 7, number, 0, 0) for number in numbers}) == len(numbers)
        # The class still counts, and so does the low part.
        assert uniform(1, 0, 7, 2**40, 0, 0) != uniform(1, 0, 8, 2**40, 0, 0)

    @settings(deadline=None)
    @given(KEYS)
    def test_words_of_any_type_mean_the_same_in_compiled_code(self, key):
        seed, replication, who, number, lineage, path = key
        small = [np.uint32(word) for word in (seed, replication, who, lineage, path)]
        large = [np.uint64(word) for word in (seed, replication, who, lineage, path)]
        for words, count in ((small, np.int64(number)), (large, np.uint64(number))):
            assert in_a_kernel(words[0], words[1], words[2], count, words[3], words[4]) == uniform(*key)
        assert hashes_in_a_kernel(small[0], small[1]) == hashes_in_a_kernel(large[0], large[1])


@numba.njit
def in_a_kernel(seed, replication, who, number, lineage, path):
    return uniform(seed, replication, who, number, lineage, path)


@numba.njit
def hashes_in_a_kernel(a, b):
    return mix(a, b), step_key(a, b), lineage(a, b, a)


FIXED = {"replication": 0, "who": 3, "number": 0, "lineage": 5, "path": 9}


class TestIndependence:
    """Each test raises a false alarm with probability 1e-6; the seed is fixed, so it does so always or never."""

    COUNT = 40_000
    PARTS = ("seed", "replication", "who", "number", "lineage", "path")

    def sample(self, **key):
        numbers = range(key.pop("number"), self.COUNT)
        return np.array([uniform(**key, number=number) for number in numbers])

    def test_uniform(self, seed):
        assert stats.kstest(self.sample(**FIXED, seed=seed), "uniform").pvalue > 1e-6

    @pytest.mark.parametrize("part", PARTS)
    def test_neighbouring_keys(self, seed, part):
        key = FIXED | {"seed": seed}
        one, other = self.sample(**key), self.sample(**(key | {part: key[part] + 1}))
        one = one[: len(other)]
        counts, _, _ = np.histogram2d(one, other, bins=16, range=[[0, 1], [0, 1]])
        expected = len(one) / 256
        statistic = float(np.sum((counts - expected) ** 2) / expected)
        assert stats.chi2.sf(statistic, 255) > 1e-6
        correlation = np.corrcoef(one, other)[0, 1]
        assert 2 * stats.norm.sf(abs(correlation) * math.sqrt(len(one))) > 1e-6

    def test_steps_one_after_the_other(self, seed):
        """The draws of one customer: paths and rounds that differ in a single bit."""
        keys = [step_key(path, turn) for path in range(200) for turn in range(200)]
        values = np.array([uniform(seed, 0, 1, 0, 0, key) for key in keys])
        assert stats.kstest(values, "uniform").pvalue > 1e-6
        correlation = np.corrcoef(values[1:], values[:-1])[0, 1]
        assert 2 * stats.norm.sf(abs(correlation) * math.sqrt(len(values))) > 1e-6


class TestHashes:
    def test_both_words_change_half_of_the_bits(self, seed):
        """Change a bit of the input: each bit of the output changes with probability ½, to 7 standard errors.

        False alarm: 2048 × 2.6e-12.
        """
        generator = random.Random(seed)
        pairs = [(generator.randrange(2**32), generator.randrange(2**32)) for _ in range(1000)]
        allowed = 7 * math.sqrt(0.25 / len(pairs))
        for bit in range(32):
            for flip in ((1 << bit, 0), (0, 1 << bit)):
                changed = np.array([mix(a, b) ^ mix(a ^ flip[0], b ^ flip[1]) for a, b in pairs])
                shares = (changed[:, None] >> np.arange(32) & 1).mean(axis=0)
                assert np.abs(shares - 0.5).max() < allowed

    def test_small_words_do_not_collide(self):
        words = range(150)
        # Among 22,500 of 2**32 values 0.06 collisions are expected; among a row or a column none.
        hashes = np.array([[mix(a, b) for b in words] for a in words])
        assert len(np.unique(hashes)) >= hashes.size - 3
        assert all(len(set(row)) == len(words) for row in hashes)
        assert all(len(set(column)) == len(words) for column in hashes.T)

    @settings(deadline=None)
    @given(WORDS, WORDS, WORDS)
    def test_words_come_out(self, a, b, c):
        for word in (mix(a, b), step_key(a, b), lineage(a, b, c)):
            assert type(word) is int
            assert 0 <= word <= WORD

    def test_order_and_round_count(self):
        assert mix(1, 2) != mix(2, 1)
        assert len({step_key(7, turn) for turn in range(1000)}) == 1000
        assert len({lineage(1, 2, 3), lineage(2, 1, 3), lineage(1, 3, 2), lineage(1, 2, 0), lineage(0, 2, 3)}) == 5

    def test_the_finaliser_is_the_published_one(self):
        def finaliser(word):
            word = (word ^ (word >> 16)) * 0x85EBCA6B % 2**32
            word = (word ^ (word >> 13)) * 0xC2B2AE35 % 2**32
            return word ^ (word >> 16)

        for a, b in ((0, 0), (1, 2), (WORD, WORD), (0x61C88647, 5)):
            assert mix(a, b) == finaliser((finaliser((a + 0x9E3779B9) % 2**32) + b) % 2**32)

    def test_names(self):
        names = ["guest", "receptionist", "services/check in/0", "services/check in/1", "", "Überprüfung", "\ud800"]
        keys = [name_key(name) for name in names]
        assert len(set(keys)) == len(names)
        assert all(0 <= key <= WORD for key in keys)

    @pytest.mark.parametrize("hash_seed", ["1", "2"])
    @pytest.mark.theory  # it starts processes
    def test_names_mean_the_same_in_every_process(self, hash_seed):
        code = "from servicechain.engines.draws import name_key; print(name_key('guest'))"
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
        assert int(done.stdout) == name_key("guest")


FAMILIES = [exponential(3), lognormal(2, 0.7), gamma(2, 0.5), pert(1, 2, 6), hyperexponential([1, 3], [1, 5])]


class TestDraw:
    @pytest.mark.parametrize("family", [*FAMILIES, discrete([1, 5], [1, 3])], ids=str)
    @settings(deadline=None, max_examples=30)
    @given(key=KEYS, antithetic=st.booleans())
    def test_is_the_quantile_of_the_uniform(self, family, key, antithetic):
        assert draw(*key, antithetic, *family.lowered()) == family.quantile(uniform(*key, antithetic))

    @pytest.mark.parametrize("family", FAMILIES[:4], ids=str)
    def test_without_a_table_it_is_the_same(self, family):
        lowered = family.lowered()
        for number in range(200):
            for antithetic in (False, True):
                key = (1, 2, 3, number, 4, 5, antithetic)
                assert draw(*key, *lowered) == draw_scalar(*key, *lowered[:4])

    def test_the_order_of_draws_does_not_matter(self, seed):
        keys = [(seed, r, 1, n, 0, step_key(p, 0)) for r in range(3) for n in range(50) for p in range(4)]
        first = {key: draw(*key, False, *FAMILIES[0].lowered()) for key in keys}
        random.Random(seed).shuffle(keys)
        for key in keys:
            draw(*keys[0], False, *FAMILIES[1].lowered())
            assert draw(*key, False, *FAMILIES[0].lowered()) == first[key]

    @pytest.mark.parametrize("family", FAMILIES, ids=str)
    def test_mean(self, seed, family):
        """Five standard errors: a false alarm of 6e-7 each."""
        count = 40_000
        values = np.array([draw(seed, 0, 1, n, 0, 0, False, *family.lowered()) for n in range(count)])
        assert abs(values.mean() - family.mean) < 5 * math.sqrt(family.variance / count)

    def test_antithetic_pairs_cancel(self, seed):
        lowered = exponential(3).lowered()
        one, other = (
            np.array([draw(seed, 0, 1, n, 0, 0, mirrored, *lowered) for n in range(20_000)])
            for mirrored in (False, True)
        )
        # Of exponential times the correlation of such pairs is 1 - π²/6; its standard error is below 0.005.
        assert np.corrcoef(one, other)[0, 1] == pytest.approx(1 - math.pi**2 / 6, abs=0.025)
