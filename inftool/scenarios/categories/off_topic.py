"""Everyday requests that no API of a usual kind fulfills.

They are for `irrelevance`, where the toolset has no request of another kind that does not fit.
"""

from __future__ import annotations

import random

from inftool.core.word_sets import load_word_lists

_WORDS = load_word_lists("inftool.scenarios.categories", "off_topic_words.json")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def everyday_wish(rng: random.Random) -> str:
    """An everyday request as an imperative: "cook fish stew for 4 people by 7:30 pm"."""
    place, other = rng.sample(_WORDS["places"], 2)
    # Every value is drawn, whether or not the request has a place for it.
    return rng.choice(_WORDS["requests"]).format(
        place=place,
        other=other,
        thing=rng.choice(_WORDS["things"]),
        food=rng.choice(_WORDS["foods"]),
        topic=rng.choice(_WORDS["topics"]),
        name=rng.choice(_WORDS["names"]),
        count=rng.randint(2, 14),
        age=rng.randint(5, 90),
        price=rng.randint(15, 900),
        hour=_time_of_day(rng),
        day=rng.choice(_DAYS),
    )


def _time_of_day(rng: random.Random) -> str:
    hour = rng.randint(1, 12)
    minute = rng.choice(("00", "15", "30", "45"))
    return f"{hour}:{minute} {rng.choice(('am', 'pm'))}"
