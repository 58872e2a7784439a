"""Values by what a field is called: the words, people, places, times and numbers that a person would expect there."""

from __future__ import annotations

from inftool.language.identifiers import bag, singular, split
from inftool.world.lexicon import vocabulary as words
from inftool.world.sampling.facts import (
    PLACED,
    ROLES,
    Facts,
    entity_name,
    isbn,
    sentence,
    slug,
    time_of_day,
)


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
    return (
        f"{first}.{last}".lower()
        if facts.rng.random() < 0.5
        else f"{first}{last[0]}{facts.rng.randint(2, 99)}".lower()
    )


def text_for_name(name: str, facts: Facts) -> str | None:
    """A string for a field of this name, None where the name says nothing."""
    parts = split(name)
    if not parts:
        return None
    rng, said, last = facts.rng, set(parts), parts[-1]
    joined = "".join(parts)
    role = next((part for part in parts if part in ROLES), "")
    who = next(
        (part for part in parts[:-1] if part in words.PERSON_NOUNS and part not in facts.noun), ""
    )
    if "email" in said or joined in {"mail", "contactmail"}:
        return email(facts, who)
    if last in {"phone", "telephone", "mobile", "tel", "fax", "msisdn"} or joined.endswith(
        ("phonenumber", "mobilenumber", "faxnumber")
    ):
        return phone(facts)
    if joined in {"username", "userid", "login", "nickname", "handle", "screenname"}:
        return handle(facts)
    if last == "first" or joined.endswith(("firstname", "givenname", "forename")):
        return facts.person(who)[0]
    if joined.endswith(("lastname", "surname", "familyname")) or (
        joined == "last" and "first" in facts.names
    ):
        return facts.person(who)[1]
    if joined.endswith(("fullname", "displayname", "realname", "legalname")) and (
        facts.is_person or who or joined.endswith("fullname")
    ):
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
    if joined in {"statecode", "provincecode", "regioncode"} or (
        joined == "state" and facts.names & PLACED
    ):
        return facts.place(role).region_code
    if last in {"province", "county"} or (last == "region" and "region" not in facts.noun):
        return facts.place(role).region
    if last in {"zip", "postcode", "postal", "zipcode"} or joined.endswith(
        ("zipcode", "postalcode", "postcode")
    ):
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
    if last in {
        "street",
        "address1",
        "line1",
        "addressline1",
        "streetaddress",
        "streetname",
    } or joined.endswith(("addressline1", "line1", "street1", "address1")):
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
        return isbn(rng)
    if last in {"iban"}:
        return f"DE{rng.randint(10, 98)}{rng.randint(10**17, 10**18 - 1)}"
    if last in {"bic", "swift"}:
        return f"{rng.choice(('NORT', 'COPP', 'HARB', 'LAKE'))}{facts.place().country_code}2X"
    if last in {"vin"}:
        return "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(17))
    if last in {"color", "colour"}:
        return rng.choice(words.COLORS)
    if last in {"slug", "permalink"}:
        return slug(facts.thing())
    if last in {"sku"}:
        return f"{rng.choice('ABCDEFGHKLMNPRSTW')}{rng.choice('ABCDEFGHKLMNPRSTW')}-{rng.randint(1000, 9999)}"
    if last in {
        "url",
        "uri",
        "link",
        "href",
        "website",
        "homepage",
        "webhook",
        "callback",
        "permalink",
    }:
        return f"https://example.com/{slug(' '.join(facts.noun) or 'page')}/{slug(facts.thing())}"
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
        medical = len(parts) == 1 and any(
            words.SENTENCE_OF.get(singular(word)) == "medical" for word in facts.noun
        )
        return sentence(facts.noun, rng, "medical" if medical else "reason")
    if last in bag(
        "description notes note comment comments body message content text details remarks bio biography instructions memo "
        "abstract synopsis feedback overview excerpt review about plaintext instruction"
    ):
        return sentence(
            (*facts.noun, singular(last))
            if not facts.noun or last in {"message", "comment", "review"}
            else facts.noun,
            rng,
            "bio" if last in {"bio", "biography"} else "",
        )
    if (
        last in {"tag", "label", "keyword"}
        and len(parts) == 1
        and not (facts.noun and facts.noun[-1] in words.THINGS)
    ):
        return rng.choice(words.THINGS["tag"])
    if last in {"category"} and facts.noun[-1:] != (last,):
        return rng.choice(words.THINGS["category"])
    if last in bag(
        "name title subject summary headline caption label displayname nickname"
    ) or joined.endswith(("friendlyname", "displayname")):
        before = parts[:-1]
        if (
            before
            and before[-1]
            in bag("counterparty creditor merchant debtor payee biller seller beneficiary")
            and before[-1] not in facts.noun
        ):
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
            return (
                entity_name(before, facts)
                if before[-1] not in words.PERSON_NOUNS
                else " ".join(facts.person(before[-1]))
            )
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
        return time_of_day(rng)[:5]
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
        return (
            f"{initials}-{rng.randint(1000, 9999)}"
            if last != "code"
            else f"{initials}{rng.randint(100, 999)}"
        )
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
