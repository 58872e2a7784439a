"""Everyday wishes that no API of a usual kind fulfils, for irrelevance where the toolset has no
stranger of its own."""

from __future__ import annotations

import random

_PLACES = [
    "the old harbour",
    "the station",
    "the river",
    "the market square",
    "the university",
    "the city park",
    "the north gate",
    "the theatre",
    "the museum quarter",
    "the airport",
]
_THINGS = [
    "a grey wool scarf",
    "a folding bicycle",
    "a cast-iron pan",
    "a desk lamp",
    "a rain jacket",
    "a chess set",
    "a hiking map",
    "a red suitcase",
    "a pair of headphones",
    "a kettle",
]
_FOODS = [
    "lentil soup",
    "mushroom risotto",
    "apple crumble",
    "flatbread",
    "pumpkin curry",
    "potato salad",
    "plum cake",
    "fish stew",
    "rice pudding",
    "onion tart",
]
_TOPICS = [
    "the tides",
    "sourdough",
    "beekeeping",
    "the French Revolution",
    "black holes",
    "watercolours",
    "medieval bridges",
    "migrating birds",
    "sailing knots",
    "volcanoes",
]
_NAMES = [
    "Marta",
    "Jonas",
    "Priya",
    "Kwame",
    "Elif",
    "Tomás",
    "Ingrid",
    "Hana",
    "Luca",
    "Noor",
    "Pavel",
    "Amara",
]

_WISHES = (
    ("water the plants on my balcony at {hour} "
"every {day}"), "write a limerick about {topic}", "translate a postcard from {name} about {topic}",
    "book a table for {count} near {place} on {day}", ("find out when the next ferry leaves from "
"{place} "
"after {hour}"), "remind {name} to bring {thing} on {day}",
    "cook {food} for {count} people by {hour}", "explain {topic} to {name}, who is {age} "
"years old", ("sell {thing} for {price} at the flea market near "
"{place}"),
    "wake me at {hour} on {day} with a song about "
"{topic}", ("measure how far it is on foot from {place} to "
"{other}"), "paint {thing} in oil for {name}",
    ("settle an argument between me and {name} about "
"{topic}"), "repair {thing} before {day}", "dial {name} and read out a recipe for {food}",
    ("work out how many calories {count} helpings of "
"{food} have"), "choose a present for {name} under "
"{price}", "plan a walk of {count} kilometres past "
"{place} and "
"{other}",
    "correct my essay of {price} words on {topic}", ("forecast the weather near {place} for {day} "
"at {hour}"),
)  # fmt: skip


def everyday_wish(rng: random.Random) -> str:
    """One such wish as an imperative in lower case."""
    place, other = rng.sample(_PLACES, 2)
    return rng.choice(_WISHES).format(
        place=place, other=other, thing=rng.choice(_THINGS), food=rng.choice(_FOODS), topic=rng.choice(_TOPICS), name=rng.choice(_NAMES),
        count=rng.randint(2, 14), age=rng.randint(5, 90), price=rng.randint(15, 900), hour=(f"{rng.randint(1, 12)}:{rng.choice(('00', '15', '30', '45'))} "
f"{rng.choice(('am', 'pm'))}"),
        day=rng.choice(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]),
    )  # fmt: skip
