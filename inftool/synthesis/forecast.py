"""A pilot: the first plays of a run predict its yield, cost and time, each with an interval.

The yield is a beta-binomial prediction (Jeffreys prior); money and tokens are a Student prediction
for a sum of what is still to come. Plays go round the categories, so that any prefix of a run is a
fair sample of the whole.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Mapping, Sequence

from inftool.core.trajectories import Usage
from inftool.core.types import Record
from inftool.llm.config import Endpoint
from inftool.llm.usage import cost_of, tokens_of

# Draws from the posterior: more make the bounds steadier and the forecast slower. Not measured.
DRAWS = 4000
LEVEL = 0.95


class PilotSample(Record):
    """One play of a pilot."""

    category: str
    kept: bool
    seconds: float
    tokens: int
    cost: float


class Interval(Record):
    """A prediction with its 95% interval; whole numbers for counts, fractions for the rest."""

    expected: int | float
    """The expected value."""

    low: int | float
    """The lower bound."""

    high: int | float
    """The upper bound."""


class Forecast(Record):
    """What a whole run is expected to come to, from its first plays."""

    count: int
    """How many plays the run is to have, the pilot's included."""

    pilot: int
    """How many plays the forecast is made from."""

    level: float
    """The probability with which each interval holds the truth."""

    kept: Interval
    """Trajectories that pass every gate."""

    cost: Interval
    """Money, in the unit of the prices that were given."""

    tokens: Interval
    """Tokens, sent and received, of all roles."""

    seconds: Interval
    """Wall-clock time of the whole run, in seconds."""


def sample_of(
    category: str,
    kept: bool,
    seconds: float,
    usage: Mapping[str, Usage],
    endpoints: Mapping[str, Endpoint],
) -> PilotSample:
    """A play as a pilot sees it."""
    return PilotSample(
        category=category,
        kept=kept,
        seconds=seconds,
        tokens=sum(map(tokens_of, usage.values())),
        cost=sum(cost_of(usage, endpoints).values()),
    )


def forecast(
    samples: Sequence[PilotSample], count: int, *, seconds: float, at_once: int
) -> Forecast:
    """What `count` plays will come to in all.

    `seconds` is how long the pilot took. The predicted time lies between what `at_once` plays side
    by side would take, if the endpoint answers that many as fast as it answered the pilot, and what
    it takes at the pilot's pace.
    """
    done, left = len(samples), count - len(samples)
    return Forecast(
        count=count,
        pilot=done,
        level=LEVEL,
        kept=_kept(sum(sample.kept for sample in samples), done, left),
        cost=_sum([sample.cost for sample in samples], left, 6),
        tokens=_sum([float(sample.tokens) for sample in samples], left, 0),
        seconds=_time([sample.seconds for sample in samples], left, seconds, at_once),
    )


def _kept(kept: int, done: int, left: int) -> Interval:
    # Seeded by the counts, so that the same pilot always gives the same forecast.
    rng = random.Random(f"{kept}/{done}/{left}")
    drawn: list[int] = []
    for _ in range(DRAWS):
        # Jeffreys prior: with all or none of the pilot kept, the interval is still not a point.
        share = rng.betavariate(kept + 0.5, done - kept + 0.5)
        spread = math.sqrt(left * share * (1 - share))
        # Binomial for a few, its normal limit for many: below the limit the sum is exact, above it
        # one draw stands for many.
        more = (
            sum(rng.random() < share for _ in range(left))
            if left < 30
            else round(rng.gauss(left * share, spread))
        )
        drawn.append(kept + min(left, max(0, more)))
    drawn.sort()
    return _interval(
        kept + left * kept / done,
        drawn[int(DRAWS * (1 - LEVEL) / 2)],
        drawn[int(DRAWS * (1 + LEVEL) / 2) - 1],
        0,
    )


def _sum(values: Sequence[float], left: int, digits: int) -> Interval:
    spent, mean = sum(values), statistics.fmean(values)
    expected = spent + left * mean
    margin = (
        0.0
        if len(values) < 2
        else _student(len(values) - 1)
        * statistics.stdev(values)
        * math.sqrt(left * left / len(values) + left)
    )
    return _interval(expected, max(spent, expected - margin), expected + margin, digits)


def _time(values: Sequence[float], left: int, seconds: float, at_once: int) -> Interval:
    done = len(values)
    rounds = max(1.0, left / max(1, at_once))
    fast = seconds + statistics.fmean(values) * rounds
    slow = seconds + seconds * left / done
    margin = (
        0.0
        if done < 2
        else _student(done - 1)
        * statistics.stdev(values)
        * math.sqrt(rounds * rounds / done + rounds)
    )
    low, high = sorted((fast, slow))
    # A pilot also pays for starting up, and its last play runs alone.
    return _interval((low + high) / 2, max(seconds, 0.5 * low - margin), 1.25 * high + margin, 1)


def _interval(expected: float, low: float, high: float, digits: int) -> Interval:
    if digits == 0:
        return Interval(expected=round(expected), low=round(low), high=round(high))
    return Interval(
        expected=round(expected, digits), low=round(low, digits), high=round(high, digits)
    )


def _student(freedom: int) -> float:
    """The 97.5% quantile of Student's t, by the expansion of Cornish and Fisher.

    For one and two degrees of freedom, where the expansion is poor, the tabulated 12.706 and 4.303.
    """
    if freedom <= 2:
        return (12.706, 4.303)[freedom - 1]
    z = statistics.NormalDist().inv_cdf((1 + LEVEL) / 2)
    g1 = (z**3 + z) / 4
    g2 = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + g1 / freedom + g2 / freedom**2 + g3 / freedom**3
