"""Values by what a field is called: the words, people, places, times and numbers that a person would expect there."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from inftool.servers import vocabulary as words
from inftool.servers.words import bag, singular, split

EPOCH = datetime(2025, 6, 2, 9, 30, tzinfo=UTC)


@dataclass
class Facts:
    """What belongs together in one object: one person, one place, one company, the noun that the object is."""

    noun: tuple[str, ...]
    rng: random.Random
    now: datetime
    currency: str
    names: frozenset[str] = frozenset()
    _kept: dict[str, Any] = field(default_factory=dict)

    def person(self, role: str = "") -> tuple[str, str]:
        """First and last name of the object's person (one for each role that its fields name)."""
        key = f"person:{role}"
        if key not in self._kept:
            first, last = words.people()
            self._kept[key] = (self.rng.choice(first), self.rng.choice(last))
        return self._kept[key]  # type: ignore[no-any-return]

    def place(self, role: str = "") -> words.Place:
        """The object's city, with its country, time zone and so on."""
        key = f"place:{role}"
        if key not in self._kept:
            self._kept[key] = self.rng.choice(words.PLACES)
        return self._kept[key]  # type: ignore[no-any-return]

    def company(self) -> str:
        """The object's company."""
        if "company" not in self._kept:
            self._kept["company"] = self.rng.choice(words.COMPANIES)
        return str(self._kept["company"])

    def thing(self) -> str:
        """What the object is called."""
        if "thing" not in self._kept:
            self._kept["thing"] = thing(self.noun, self)
        return str(self._kept["thing"])

    @property
    def is_person(self) -> bool:
        """Whether the object is a person by its noun."""
        return bool(self.noun) and self.noun[-1] in words.PERSON_NOUNS


def _slug(text: str) -> str:
    return "-".join(split(text)) or "item"


def thing(noun: tuple[str, ...], facts: Facts) -> str:
    """A name for a thing of some kind."""
    rng = facts.rng
    for word in reversed(noun):
        word = singular(word)
        if word in words.PERSON_NOUNS:
            return " ".join(facts.person())
        if word in {"book", "novel", "title", "publication"}:
            form = rng.randrange(6)
            first, second = rng.choice(words.ADJECTIVES), rng.choice(words.NOUNS)
            other = rng.choice([item for item in words.NOUNS if item != second])
            return (
                f"The {first} {second}",
                f"A {second} in {facts.place('title').city}",
                f"{first} {second}",
                f"The {second} and the {other}",
                f"{second} of {other}s",
                f"The Last {second}",
            )[form]
        if word in {"clinic", "hospital", "practice", "surgery"}:
            return rng.choice(words.THINGS["clinic"])
        if word in words.COMPANY_NOUNS:
            return facts.company()
        if word in {"review", "rating", "testimonial"}:
            return rng.choice(words.THINGS["review"])
        if word in {"address", "addressee"}:
            return " ".join(facts.person())
        if word in {"airport"}:
            return facts.place().airport_name
        if word in words.PLACE_NOUNS:
            return facts.place().city
        if word in words.THINGS:
            return rng.choice(words.THINGS[word])
        if word in words.ALIASES and words.ALIASES[word] in words.THINGS:
            return rng.choice(words.THINGS[words.ALIASES[word]])
        if word in {"product", "item", "variant", "good", "article", "sku", "offer", "gift"}:
            return f"{rng.choice(words.MATERIALS)} {rng.choice(words.GOODS)}"
    return f"{rng.choice(words.ADJECTIVES)} {rng.choice(words.NOUNS)}"


def sentence(noun: tuple[str, ...], rng: random.Random, kind: str = "") -> str:
    """A sentence that such a thing would carry."""
    if not kind and set(noun) & {"shipment", "parcel", "package", "tracking"} and set(noun) & {"event", "update", "scan", "activity"}:
        kind = "parcel"
    if not kind:
        kind = next((words.SENTENCE_OF[singular(word)] for word in reversed(noun) if singular(word) in words.SENTENCE_OF), "general")
    return rng.choice(words.SENTENCES[kind])


def moment(parts: tuple[str, ...], facts: Facts) -> datetime:
    """When something with such a name happened or will happen, seen from the world's clock."""
    rng, now = facts.rng, facts.now
    said = set(parts)
    if said & {"birth", "birthday", "dob", "born"}:
        return datetime(rng.randint(1948, 2004), rng.randint(1, 12), rng.randint(1, 28), tzinfo=UTC)
    if said & {"published", "publication", "released", "release"} and set(facts.noun) & {"book", "movie", "film", "album", "song", "novel"}:
        return datetime(rng.randint(1988, now.year - 1), rng.randint(1, 12), rng.randint(1, 28), tzinfo=UTC)
    past = said & bag(
        "created added joined registered opened placed ordered issued started since posted sent uploaded purchased hired signed "
        "booked submitted occurred recorded paid shipped closed completed cancelled canceled resolved published updated "
        "modified edited changed last received delivered checked logged seen accessed used measured written requested"
    )
    future = said & bag(
        "due expires expiry expiration expire deadline until valid renewal renews next estimated eta target scheduled planned "
        "end ends departure departs arrival arrives start starts begin begins from to date check checkin checkout pickup "
        "delivery event appointment visit travel"
    )
    if "month" in said or "period" in said:
        past = past or {"period"}
    if said & {"expires", "expiry", "expiration", "expire"}:
        base = now + timedelta(days=rng.randint(20, 900))
    elif future and not past:
        base = now + timedelta(days=rng.randint(1, 45))
    else:
        base = now - timedelta(days=rng.randint(2, 380) if said & bag("created joined registered opened added since hired") else rng.randint(1, 60))
    if past:
        return base.replace(hour=rng.randint(7, 20), minute=rng.randrange(60), second=rng.randrange(60), microsecond=0)
    return base.replace(hour=rng.randint(8, 19), minute=rng.choice((0, 0, 15, 30, 30, 45)), second=0, microsecond=0)


def stamp(when: datetime) -> str:
    """A moment as RFC 3339 text."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def clock(rng: random.Random) -> str:
    """A time of day."""
    return f"{rng.randint(7, 20):02d}:{rng.choice((0, 15, 30, 45)):02d}:00"


def day(when: datetime) -> str:
    """A moment's date."""
    return date(when.year, when.month, when.day).isoformat()


def email(facts: Facts, role: str = "") -> str:
    """An address for the object's person, at a domain that cannot exist."""
    first, last = facts.person(role)
    return f"{first}.{last}@example.{('com', 'org', 'net')[len(last) % 3]}".lower()


def phone(facts: Facts) -> str:
    """A telephone number in international form."""
    rng = facts.rng
    dial = facts.place().dial
    if dial == "+1":
        return f"+1{rng.randint(201, 989)}555{rng.randint(100, 9999):04d}"
    return f"{dial}{rng.randint(200000000, 799999999)}"


def handle(facts: Facts) -> str:
    """A user name."""
    first, last = facts.person()
    return f"{first}.{last}".lower() if facts.rng.random() < 0.5 else f"{first}{last[0]}{facts.rng.randint(2, 99)}".lower()


# What stands beside a state that is part of an address.
_PLACED = bag("city zip zipcode postalcode postcode country countrycode street address1 line1 addressline1 town locality")
_ROLES = bag("origin destination departure arrival from to billing shipping sender recipient pickup dropoff source target home work")


def text(name: str, facts: Facts) -> str | None:
    """A string for a field of this name, None where the name says nothing."""
    parts = split(name)
    if not parts:
        return None
    rng, said, last = facts.rng, set(parts), parts[-1]
    joined = "".join(parts)
    role = next((part for part in parts if part in _ROLES), "")
    who = next((part for part in parts[:-1] if part in words.PERSON_NOUNS and part not in facts.noun), "")
    if "email" in said or joined in {"mail", "contactmail"}:
        return email(facts, who)
    if last in {"phone", "telephone", "mobile", "tel", "fax", "msisdn"} or joined.endswith(("phonenumber", "mobilenumber", "faxnumber")):
        return phone(facts)
    if joined in {"username", "userid", "login", "nickname", "handle", "screenname"}:
        return handle(facts)
    if last == "first" or joined.endswith(("firstname", "givenname", "forename")):
        return facts.person(who)[0]
    if joined.endswith(("lastname", "surname", "familyname")) or (joined == "last" and "first" in facts.names):
        return facts.person(who)[1]
    if joined.endswith(("fullname", "displayname", "realname", "legalname")) and (facts.is_person or who or joined.endswith("fullname")):
        return " ".join(facts.person(who))
    if joined in {"middlename"}:
        return words.people()[0][rng.randrange(len(words.people()[0]))]
    if last in bag(
        "company organization organisation employer vendor merchant supplier publisher manufacturer brand businessname business"
    ) or joined.endswith(("companyname", "businessname", "organizationname")):
        return facts.company()
    if last in {"bank"} or joined == "bankname":
        return rng.choice(words.BANKS)
    if "country" in said and ("code" in said or "iso" in said):
        return facts.place(role).country_code
    if last == "country" or joined.endswith("countryname"):
        return facts.place(role).country
    if last in {"city", "town", "locality", "municipality"} or joined.endswith("cityname"):
        return facts.place(role).city
    if joined in {"statecode", "provincecode", "regioncode"} or (joined == "state" and facts.names & _PLACED):
        return facts.place(role).region_code
    if last in {"province", "county"} or (last == "region" and "region" not in facts.noun):
        return facts.place(role).region
    if last in {"zip", "postcode", "postal", "zipcode"} or joined.endswith(("zipcode", "postalcode", "postcode")):
        return facts.place(role).postal
    if last in {"iata"} or joined.endswith(("iatacode", "airportcode")):
        return facts.place(role).airport
    if joined.endswith("airport"):
        return facts.place(role).airport_name
    if "timezone" in joined or joined == "tz":
        return facts.place(role).zone
    if last == "currency" or joined.endswith("currencycode"):
        return facts.currency
    if last in {"locale"}:
        return facts.place(role).locale
    if last in {"language", "lang"} or joined.endswith("languagecode"):
        return rng.choice(words.LANGUAGES)
    if last in {"street", "address1", "line1", "addressline1", "streetaddress", "streetname"} or joined.endswith(
        ("addressline1", "line1", "street1", "address1")
    ):
        return f"{rng.randint(2, 189)} {rng.choice(words.STREETS)}"
    if joined.endswith(("line2", "address2", "addressline2", "street2")):
        return f"Flat {rng.randint(1, 24)}"
    if last in {"address", "location", "venue", "place"} and "ip" not in said and "mac" not in said:
        return f"{rng.randint(2, 189)} {rng.choice(words.STREETS)}, {facts.place(role).city}"
    if last in {"origin", "destination"}:
        return facts.place(last).city
    if joined in {"firstline"}:
        return rng.choice(words.STREETS)
    if last in {"isbn", "isbn13"}:
        return _isbn(rng)
    if last in {"iban"}:
        return f"DE{rng.randint(10, 98)}{rng.randint(10**17, 10**18 - 1)}"
    if last in {"bic", "swift"}:
        return f"{rng.choice(('NORT', 'COPP', 'HARB', 'LAKE'))}{facts.place().country_code}2X"
    if last in {"vin"}:
        return "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(17))
    if last in {"color", "colour"}:
        return rng.choice(words.COLORS)
    if last in {"slug", "permalink"}:
        return _slug(facts.thing())
    if last in {"sku"}:
        return f"{rng.choice('ABCDEFGHKLMNPRSTW')}{rng.choice('ABCDEFGHKLMNPRSTW')}-{rng.randint(1000, 9999)}"
    if last in {"url", "uri", "link", "href", "website", "homepage", "webhook", "callback", "permalink"}:
        return f"https://example.com/{_slug(' '.join(facts.noun) or 'page')}/{_slug(facts.thing())}"
    if last in {"ip", "ipaddress"} or joined.endswith("ipaddress"):
        return f"192.0.2.{rng.randint(2, 250)}"
    if last in {"useragent"} or joined == "useragent":
        return "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"
    if last in {"specialty", "speciality"}:
        return rng.choice(words.SPECIALTIES)
    if last in {"genre"}:
        return rng.choice(words.GENRES)
    if joined in {"jobtitle", "occupation", "position", "profession"}:
        return rng.choice(words.JOBS)
    if last in bag(
        "author owner assignee reporter creator by contact manager host organizer recipient sender driver passenger instructor "
        "doctor holder payee publisher editor artist director customer client user guest patient signatory"
    ):
        return " ".join(facts.person(last))
    if len(parts) == 1 and last in words.PERSON_NOUNS and last not in facts.noun:
        return " ".join(facts.person(last))
    if last in {"reason", "cause", "justification"}:
        medical = len(parts) == 1 and any(words.SENTENCE_OF.get(singular(word)) == "medical" for word in facts.noun)
        return sentence(facts.noun, rng, "medical" if medical else "reason")
    if last in bag(
        "description notes note comment comments body message content text details remarks bio biography instructions memo "
        "abstract synopsis feedback overview excerpt review about plaintext instruction"
    ):
        return sentence(
            (*facts.noun, singular(last)) if not facts.noun or last in {"message", "comment", "review"} else facts.noun,
            rng,
            "bio" if last in {"bio", "biography"} else "",
        )
    if last in {"tag", "label", "keyword"} and len(parts) == 1 and not (facts.noun and facts.noun[-1] in words.THINGS):
        return rng.choice(words.THINGS["tag"])
    if last in {"category"} and facts.noun[-1:] != (last,):
        return rng.choice(words.THINGS["category"])
    if last in bag("name title subject summary headline caption label displayname nickname") or joined.endswith(("friendlyname", "displayname")):
        before = parts[:-1]
        if before and before[-1] in bag("counterparty creditor merchant debtor payee biller seller beneficiary") and before[-1] not in facts.noun:
            return facts.company()
        if (
            before
            and before not in {("display",), ("friendly",), ("short",), ("full",), ("event",)}
            and (
                before[-1] in words.PERSON_NOUNS
                or before[-1] in words.THINGS
                or before[-1] in words.ALIASES
                or before[-1] in words.COMPANY_NOUNS
                or before[-1] in {"product", "item", "book"}
            )
        ):
            return thing(before, facts) if before[-1] not in words.PERSON_NOUNS else " ".join(facts.person(before[-1]))
        return facts.thing()
    if last in {"contents", "goods"}:
        return rng.choice(words.GOODS)
    if last in {"allergy", "allergies"}:
        return rng.choice(words.THINGS["allergy"])
    if last in {"dosage", "dose"}:
        return rng.choice(words.THINGS["dosage"])
    if last in {"aircraft", "plane"}:
        return rng.choice(words.THINGS["aircraft"])
    if last in {"filename", "file"}:
        return rng.choice(words.THINGS["file"])
    if last in {"query", "q", "search", "keyword", "keywords", "term"}:
        return rng.choice(facts.thing().split()).lower()
    if last in {"hour", "time"} and "date" not in said:
        return clock(rng)[:5]
    if last in {"gate"}:
        return f"{rng.choice('ABCD')}{rng.randint(1, 38)}"
    if last in {"seat"} or joined == "seatnumber":
        return f"{rng.randint(1, 32)}{rng.choice('ABCDEF')}"
    if last in {"terminal"}:
        return str(rng.randint(1, 4))
    if joined in {"version"}:
        return f"{rng.randint(1, 4)}.{rng.randint(0, 9)}.{rng.randint(0, 9)}"
    if last in {"reference", "number", "code", "ref", "no"}:
        initials = "".join(word[0] for word in (parts[:-1] or facts.noun or ("r",)))[:3].upper()
        return f"{initials}-{rng.randint(1000, 9999)}" if last != "code" else f"{initials}{rng.randint(100, 999)}"
    if last in {"key", "token", "secret"}:
        return None
    if singular(last) in words.THINGS and len(parts) <= 2:
        return rng.choice(words.THINGS[singular(last)])
    if (
        singular(last) in words.ALIASES
        and len(parts) <= 2
        and words.ALIASES[singular(last)] in words.THINGS
        and singular(last) not in bag("class kind type tier case rule site zone track topic")
    ):
        return rng.choice(words.THINGS[words.ALIASES[singular(last)]])
    return None


def _isbn(rng: random.Random) -> str:
    digits = [9, 7, 8, *(rng.randrange(10) for _ in range(9))]
    check = (10 - sum(digit * (3 if index % 2 else 1) for index, digit in enumerate(digits)) % 10) % 10
    return "".join(map(str, [*digits, check]))


def codes(name: str, facts: Facts, most: int) -> list[str | None]:
    """Short codes that a field of this name may hold where its schema allows no words: country, region, airport, currency, language, month."""
    parts = split(name)
    if not parts:
        return []
    said = set(parts)
    role = next((part for part in parts if part in _ROLES), "")
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
    if said & {"origin", "destination", "airport", "departure", "arrival", "iata", "from", "to", "station"} and most >= 3:
        out.append(place.airport)
    if said & {"month", "expiry", "expires", "expiration"}:
        ahead = facts.rng.randint(4, 44) if said & {"expiry", "expires", "expiration"} else -facts.rng.randint(0, 8)
        year, month = divmod(facts.now.year * 12 + facts.now.month - 1 + ahead, 12)
        out += [f"{year}-{month + 1:02d}", f"{month + 1:02d}/{year % 100:02d}", f"{month + 1:02d}/{year}"]
    if said & {"hours", "opening"}:
        start, end = facts.rng.choice(((8, 18), (9, 17), (7, 20), (10, 19)))
        out += [f"{start:02d}:00-{end:02d}:00", f"{start:02d}:00"]
    if parts[-1] == "key":
        out.append("".join(split(facts.thing()))[:3].upper())
    if said & {"time"}:
        out.append(clock(facts.rng)[:5])
    return out


_PRICED = bag(
    "price amount total cost fee subtotal balance fare salary budget value sum payment rate charge deposit premium revenue "
    "spend tax vat discount shipping limit"
)


def number(name: str, facts: Facts, *, whole: bool) -> float | int | None:
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
    if last in {"percent", "percentage", "pct", "brightness", "battery", "progress", "humidity", "completion", "volume", "level"}:
        return rng.choice((10, 20, 25, 40, 50, 60, 75, 80, 90, 100))
    if last in {"temperature", "temp"} or "temperature" in said:
        return rng.choice((18, 19, 20, 21, 22)) if whole else rng.choice((18.0, 19.5, 20.5, 21.0, 22.0))
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
            return rng.randrange(200, 9_000, 10) if whole else round(rng.randrange(12_000, 900_000) / 100, 2)
        if "tax" in said or "vat" in said or "discount" in said or "fee" in said or "shipping" in said or last == "rate":
            return rng.choice((0, 2, 5, 8)) if whole else rng.choice((0.0, 1.5, 2.9, 4.5, 7.25))
        if set(facts.noun) & {"flight", "fare", "booking", "reservation", "hotel", "trip", "stay", "policy", "rent", "lease"}:
            return rng.randint(49, 780) if whole else rng.choice((64.0, 79.5, 98.0, 119.0, 142.5, 169.0, 205.0, 248.0, 310.5, 389.0, 455.0, 612.0))
        return (
            rng.randint(5, 240)
            if whole
            else rng.choice((4.5, 8.99, 9.5, 11.9, 12.99, 14.5, 16.0, 18.75, 19.9, 22.5, 24.99, 29.0, 34.5, 39.9, 45.0, 59.5, 79.0, 120.0))
        )
    if last in bag(
        "count total views likes votes followers uses copies capacity seats guests bedrooms position priority order rank index "
        "number attempts passengers adults participants members"
    ):
        return rng.randint(1, 9) if last in {"priority", "attempts", "bedrooms", "passengers", "adults", "guests"} else rng.randint(1, 40)
    return None
