"""Sampled numbers by the meaning of their property: prices, quantities, codes."""

from __future__ import annotations

from inftool.language.identifiers import bag, split
from inftool.world.lexicon import vocabulary as words
from inftool.world.sampling.facts import ROLES, Facts, time_of_day


def short_codes(name: str, facts: Facts, most: int) -> list[str | None]:
    """Short codes that a field of this name may hold where its schema allows no words: country, region, airport, currency, language, month."""
    parts = split(name)
    if not parts:
        return []
    said = set(parts)
    role = next((part for part in parts if part in ROLES), "")
    place = facts.place(role)
    out: list[str | None] = []
    if said & {"country", "nationality", "citizenship"}:
        out.append(place.country_code)
    if said & {"state", "region", "province"}:
        out.append(place.region_code)
    if said & {"currency"}:
        out.append(facts.currency)
    if said & {"language", "lang", "locale"}:
        out += [facts.rng.choice(words.LANGUAGES), place.locale]
    if (
        said
        & {
            "origin",
            "destination",
            "airport",
            "departure",
            "arrival",
            "iata",
            "from",
            "to",
            "station",
        }
        and most >= 3
    ):
        out.append(place.airport)
    if said & {"month", "expiry", "expires", "expiration"}:
        ahead = (
            facts.rng.randint(4, 44)
            if said & {"expiry", "expires", "expiration"}
            else -facts.rng.randint(0, 8)
        )
        year, month = divmod(facts.now.year * 12 + facts.now.month - 1 + ahead, 12)
        out += [
            f"{year}-{month + 1:02d}",
            f"{month + 1:02d}/{year % 100:02d}",
            f"{month + 1:02d}/{year}",
        ]
    if said & {"hours", "opening"}:
        start, end = facts.rng.choice(((8, 18), (9, 17), (7, 20), (10, 19)))
        out += [f"{start:02d}:00-{end:02d}:00", f"{start:02d}:00"]
    if parts[-1] == "key":
        out.append("".join(split(facts.thing()))[:3].upper())
    if said & {"time"}:
        out.append(time_of_day(facts.rng)[:5])
    return out


_PRICED = bag(
    "price amount total cost fee subtotal balance fare salary budget value sum payment rate charge deposit premium revenue "
    "spend tax vat discount shipping limit"
)


def number_for_name(name: str, facts: Facts, *, whole: bool) -> float | int | None:
    """A number for a field of this name, None where the name says nothing."""
    parts = split(name)
    rng = facts.rng
    if not parts:
        return None
    last, said, joined = parts[-1], set(parts), "".join(parts)
    if last in {"lat", "latitude"}:
        return round(facts.place().latitude) if whole else facts.place().latitude
    if last in {"lng", "lon", "long", "longitude"}:
        return round(facts.place().longitude) if whole else facts.place().longitude
    if last in {"age"}:
        return rng.randint(19, 78)
    if last in {"year"} or joined.endswith("year"):
        return rng.randint(facts.now.year - 15, facts.now.year)
    if last in {"rating", "stars", "score"}:
        return rng.randint(2, 5)
    if last in {"quantity", "qty"}:
        return rng.choice((1, 1, 2, 2, 3, 4))
    if last in {"stock", "inventory", "available"} or "stock" in said:
        return rng.randint(3, 120)
    if last in {
        "percent",
        "percentage",
        "pct",
        "brightness",
        "battery",
        "progress",
        "humidity",
        "completion",
        "volume",
        "level",
    }:
        return rng.choice((10, 20, 25, 40, 50, 60, 75, 80, 90, 100))
    if last in {"temperature", "temp"} or "temperature" in said:
        return (
            rng.choice((18, 19, 20, 21, 22))
            if whole
            else rng.choice((18.0, 19.5, 20.5, 21.0, 22.0))
        )
    if "pages" in joined or joined.endswith("pagecount"):
        return rng.randint(96, 640)
    if last in {"weight", "kg"} or "weight" in said:
        return rng.randint(1, 20) if whole else rng.choice((0.4, 0.8, 1.2, 2.5, 3.6, 5.0, 8.4))
    if last in {"width", "height", "length", "depth"} or last == "cm":
        return rng.randint(10, 90)
    if last in {"minutes", "mins", "duration", "minute"}:
        return rng.choice((15, 20, 30, 45, 60, 90))
    if last in {"seconds", "secs", "timeout", "interval"}:
        return rng.choice((5, 10, 30, 60))
    if last in {"hours"}:
        return rng.choice((1, 2, 4, 8))
    if last in {"days", "nights"}:
        return rng.choice((1, 2, 3, 5, 7, 14))
    if last in {"bytes", "size", "filesize"}:
        return rng.randint(2_000, 4_000_000) if whole else rng.randint(1, 40)
    if last in {"points", "miles"}:
        return rng.choice((120, 450, 800, 1500, 2300, 5200))
    if said & _PRICED:
        if "salary" in said or "budget" in said or "revenue" in said:
            return rng.randrange(12_000, 96_000, 500)
        if "cents" in said or "minor" in said or "pence" in said:
            return rng.randrange(499, 19_999, 50)
        if "balance" in said or "limit" in said:
            return (
                rng.randrange(200, 9_000, 10)
                if whole
                else round(rng.randrange(12_000, 900_000) / 100, 2)
            )
        if (
            "tax" in said
            or "vat" in said
            or "discount" in said
            or "fee" in said
            or "shipping" in said
            or last == "rate"
        ):
            return rng.choice((0, 2, 5, 8)) if whole else rng.choice((0.0, 1.5, 2.9, 4.5, 7.25))
        if set(facts.noun) & {
            "flight",
            "fare",
            "booking",
            "reservation",
            "hotel",
            "trip",
            "stay",
            "policy",
            "rent",
            "lease",
        }:
            return (
                rng.randint(49, 780)
                if whole
                else rng.choice(
                    (
                        64.0,
                        79.5,
                        98.0,
                        119.0,
                        142.5,
                        169.0,
                        205.0,
                        248.0,
                        310.5,
                        389.0,
                        455.0,
                        612.0,
                    )
                )
            )
        return (
            rng.randint(5, 240)
            if whole
            else rng.choice(
                (
                    4.5,
                    8.99,
                    9.5,
                    11.9,
                    12.99,
                    14.5,
                    16.0,
                    18.75,
                    19.9,
                    22.5,
                    24.99,
                    29.0,
                    34.5,
                    39.9,
                    45.0,
                    59.5,
                    79.0,
                    120.0,
                )
            )
        )
    if last in bag(
        "count total views likes votes followers uses copies capacity seats guests bedrooms position priority order rank index "
        "number attempts passengers adults participants members"
    ):
        return (
            rng.randint(1, 9)
            if last in {"priority", "attempts", "bedrooms", "passengers", "adults", "guests"}
            else rng.randint(1, 40)
        )
    return None
