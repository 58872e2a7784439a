"""Cleans the summary of an operation until what is left is a verb phrase that a person could say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inftool.core.tools import Tool
from inftool.language.values import split_name
from inftool.language.verbs import CREATE_VERBS, NOUN_OR_VERB, READ_VERBS, imperative
from inftool.scenarios.wording.phrases import singular

PREPOSITIONS = frozenset(
    "to for of from in by with on at as into between across about via using that which when where during under over within per is are matching belonging associated contained available whose who than after before without against".split()
)
DETERMINERS = frozenset(
    "a an the my your his her our their its this that these those all any some each every one two no another multiple several many more new up out off back down in on to for into someone something somebody it them me us you".split()
)
MASS = frozenset(
    "information metadata data feedback access content history availability usage inventory stock everything anything weather traffic capacity health music text money pricing shipping billing authentication authorization help progress research homework markdown people children free busy advice equipment evidence furniture knowledge luggage news permission software storage training email mail credit revenue telemetry settings status details sms spam "
    "liveness captions statistics analytics".split()
)
_ARTICLES = frozenset("a an the my your our all another this".split())
_METHODS = frozenset("get post put patch delete head options".split())
_NOISE = re.compile(r"<[^>]*>|https?://\S+|[`*_#\[\]{}|\\]|\([^)]*\)")
TAIL = re.compile(
    r"\s+(?:(?:searching|filtered|filtering|identified|specified|referenced|searched|selected)\s+)?(?:by|with|for|using|via|given|based on|from)\s+"
    r"(?:an?\s+|the\s+|its\s+|their\s+|unique\s+|specific\s+|given\s+|provided\s+|supplied\s+)*(?:\w+\s+){0,2}"
    r"(?:ids?|identifiers?|keys?|uuids?|guids?|names?|slugs?|tokens?|handles?|sids?|codes?|numbers?|refs?|references?)$",
    re.IGNORECASE,
)
CRITERIA = re.compile(
    r",?\s+(?:that match(?:es)?|which match(?:es)?|matching|based on|according to|using|meeting|satisfying|filtered by|with)\s+(?:(?:the|a|an|your|some|given|query|search|specified|provided|"
    r"supplied|various|certain|optional|filter|filtering|following|these)\s+)*(?:criteri(?:a|on)|parameters?|params|query|queries|filters?|conditions?|request|body|payload|input|options|attributes)$",
    re.IGNORECASE,
)
# "Given a project and a date range, returns a timeseries of pagecounts."
_GIVEN = re.compile(
    r"^(?:given|for) [^.]{3,80}, (?=(?:returns?|gets?|retrieves?|lists?|shows?|calculates?|computes?)\b)",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:this|the)\s+(?:endpoint|api|operation|method|call|route|request|resource)\s+(?:is\s+used\s+to|can\s+be\s+used\s+to|allows?\s+(?:you|users?|clients?|one)\s+to|will|lets\s+you)?\s*"
    r"|(?:api|endpoint|operation|method|use\s+this|use\s+it|used|enables?\s+(?:you\s+|users?\s+|clients?\s+)?|allows?\s+(?:you\s+|users?\s+|clients?\s+|one\s+)?)\s*(?:to|for)\s+"
    r"|\W*(?:deprecated|under development|in development|experimental|beta|preview|legacy|obsolete|internal|admin|bulk|wip|todo|new|note|premium|public|private)\W*[:\-–—]+\s*"
    r"|deprecated\s+(?=[A-Z])|handles?\s+(?:the\s+)?(?:get|post|put|delete|patch|http)\s+\w*re\w*\s+(?:for|to|of)\s+(?:the\s+)?)",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"^(?:no (?:documentation|description|summary)\b.*|deprecated operation|deprecated|todo|tbd|n/?a|none|not implemented.*|your get endpoint|default response)$",
    re.IGNORECASE,
)
_USING = re.compile(
    r"\s+using\s+(?:get|post|put|patch|delete|head)$|\s+v\d+(?:\.\d+)?$|\s+\d+$", re.IGNORECASE
)
IDLE = re.compile(
    r"\b(?:single|specific|existing|existent|given|particular|certain|individual|specified|provided|supplied|requested|desired|corresponding|previously created)\s+(?=\w)",
    re.IGNORECASE,
)
SEVERAL = re.compile(
    r"\bone or (?:more|many|several|multiple)\s+((?:new\s+)?)((?:\w+\s+){0,2}?)(\w+)s\b",
    re.IGNORECASE,
)
_OPTIONAL = re.compile(r"(\w)\((?:s|es)\)", re.IGNORECASE)
OTHERWISE = re.compile(
    r"\s+or\s+(?:update|replace|modify|overwrite|edit|change|return)s?\s+(?:(?:an?|the|it|one|them)\b\s*)?(?:existing\s*)?(?:one|it|them)?$",
    re.IGNORECASE,
)
_EITHER = re.compile(r"^(\w+)\s*(?:\s+(?:and/or|or|and)\s+|/)\s*(\w+)\s+(?=\w)", re.IGNORECASE)
_SELF = r"(?:the\s+|a\s+)?(?:logged[- ]in|current|currently logged[- ]in|authenticated|authenticating|currently authenticated|calling|signed[- ]in|requesting)\s+(?:user|customer|account|member|person|owner|profile|contact)"
MINE = re.compile(rf"\b{_SELF}'?s'?\s+(?=\w)", re.IGNORECASE)
OF_MINE = re.compile(
    rf"^(.+?)\s+(?:for|of|from|owned by|belonging to|registered (?:for|by))\s+{_SELF}(?:'s)?(?:\s+account)?$",
    re.IGNORECASE,
)
AMID = re.compile(
    rf"^(all )?(?:the )?([a-z]+(?: [a-z]+)?) (?:for|of) {_SELF} (?=in |on |with |from )",
    re.IGNORECASE,
)
ME = re.compile(
    rf"^{_SELF}(?:'s)?(?:\s+(?:account|profile|details|information|info))?$", re.IGNORECASE
)
CHAFF = re.compile(
    r"\s+(?:resources?|endpoints?|objects?|entit(?:y|ies)|instances?|records?|items?|api|operation|response|method|call)$",
    re.IGNORECASE,
)
_MACHINE = frozenset(
    "endpoint endpoints api operation object resource request json http http: method payload parameter parameters query id ids url get post put patch callback array dto".split()
)


# A name of code, not a brand: `webhookSubscription`, `UserOrganization`.
_CAMEL = re.compile(r"^[a-z]+[A-Z]\w*$|^(?:[A-Z][a-z]{2,}){2,}$|^[A-Z]{2,}[A-Z][a-z]{2,}$")
_BRANDS = frozenset(
    "GitHub YouTube LinkedIn JavaScript TypeScript WordPress SharePoint HubSpot WhatsApp FaceTime OneDrive MailChimp TikTok BitBucket PowerPoint eBay iPhone iOS macOS SoundCloud "
    "DocuSign SendGrid DropBox QuickBooks".split()
)
# What stands alone behind a preposition though one of many is meant.
PERSONS = frozenset(
    "user customer account project organization organisation team group list batch device file member company repository store".split()
)
_VAGUE = frozenset(
    "info data list all status one result response details index root default".split()
)


def _clean(text: str) -> str:
    """One line of plain words: no markup, no addresses, no parentheses, no sentence after the
    first; names of code taken apart."""
    line = _NOISE.sub(" ", _OPTIONAL.sub(r"\1", text.strip().split("\n")[0]))
    line = re.split(r"(?<=[a-z\d])[.;:!?](?:\s|$)|\s[-–—]\s(?=[a-z])", line)[0]
    line = " ".join(re.sub(r"[^\w\s'/&,-]", " ", line).split()).strip(" .,-/")
    line = re.sub(r",? (?:and optionally|and, optionally|and then|or optionally)\b.*$", "", line)
    line = re.sub(r",? (?:i e|e g|ie|eg|etc)\b.*$|,? (?:and|or)$", "", line)
    return " ".join(
        split_name(word) if _CAMEL.match(word) and word not in _BRANDS else word
        for word in line.split()
    )


def candidates(tool: Tool, noun: str, plural: str) -> Iterator[tuple[float, str]]:
    """Each way to say it with its demerits, the fewest being the best."""
    for cost, text in ((0.0, tool.summary), (0.6, tool.description)):
        if (said := _said(tool, text)) is not None:
            yield cost + said[0], said[1]
    if tool.operation and (said := _coded(tool, noun, plural)) is not None:
        yield said
    last = [split_name(part) for part in tool.path.split("/") if part and not part.startswith("{")][
        -1:
    ]
    if (
        last
        and (words := last[0].lower().split())
        and (verb := imperative(words[0]))
        and not (words[0] in NOUN_OR_VERB and tool.effect == "read")
    ):
        yield (
            (2.2 if verb != noun else 9.0, f"{verb} {article(noun)}")
            if len(words) == 1
            else (1.2, " ".join([verb, *words[1:]]))
        )
    is_list = (
        tool.effect == "read"
        and tool.output_schema is not None
        and tool.output_schema.get("type") == "array"
    )
    yield 4.0, f"{_verb_for(tool)} {plural if is_list else article(noun)}"


def _said(tool: Tool, text: str) -> tuple[float, str] | None:
    """A summary as an imperative with its demerits; None where it is none."""
    line = text.strip()
    line = _GIVEN.sub("", line)
    while (shorter := _LEAD.sub("", line, count=1)) != line:
        line = shorter
    cleaned = _clean(line)
    if not cleaned or _EMPTY.match(cleaned) or not cleaned.isascii():
        return None
    cleaned = _USING.sub("", cleaned)
    words = cleaned.split()
    if len(words) > 1 and words[-1].lower() in _METHODS and not imperative(words[0]):
        # "Twilio Message Get"
        words = words[:-1]
    if words and words[0].lower().endswith("ly") and len(words) > 2:
        words = words[1:]
    if not 1 <= len(words) <= 14 or len(cleaned) > 95 or any("/" in word for word in words[1:]):
        return None
    words = _EITHER.sub(lambda found: _first_of(found, tool), " ".join(words)).split()
    verb = imperative(words[0])
    if (
        verb in NOUN_OR_VERB
        and tool.effect == "read"
        and verb not in READ_VERBS
        and (len(words) < 2 or words[1].lower() not in DETERMINERS)
    ):
        verb = None
    if (
        verb is None
        and len(words) > 1
        and words[1].lower() in _ARTICLES
        and words[0].isalpha()
        and words[0].lower() not in DETERMINERS
    ):
        verb = words[0].lower()
    if len(words) == 1 and (verb or len(words[0]) < 3):
        return None
    cost = 0.12 * max(0, len(words) - 6) + sum(word.lower() in _MACHINE for word in words[1:]) * 0.7
    cost += 1.5 if verb is None else 0.0
    if (
        verb is not None
        and tool.effect in ("update", "delete")
        and (verb in READ_VERBS or verb in CREATE_VERBS)
    ):
        # What it says it does is not what it does.
        cost += 2.5
    rest = words[1:] if verb is not None else words
    # Headings are written in capitals; running text has them in names only.
    heading = sum(word[:1].isupper() for word in rest) > 1 or verb is None
    known = {singular(word) for word in split_name(tool.path).lower().split()}
    rest = [
        _lower(word) if heading or number == 0 or singular(word.lower()) in known else word
        for number, word in enumerate(rest)
    ]
    if verb is None and len(rest) > 1 and rest[-1] in ("collection", "list", "listing"):
        rest = [*rest[:-2], rest[-2] if rest[-2].endswith("s") else f"{rest[-2]}s"]
    elif verb is None and len(rest) > 1 and rest[-1] == "detail":
        rest = ["details", "of", *article(" ".join(rest[:-1])).split()]
    return cost, " ".join([verb or _verb_for(tool), *rest])


def _first_of(found: re.Match[str], tool: Tool) -> str:
    """Of "create or update a thing" what the operation does; of "get or search" the plainer one."""
    first, second = imperative(found[1]), imperative(found[2])
    if first is None or second is None:
        return found[0]
    return f"{second if tool.effect == 'update' and second not in CREATE_VERBS else first} "


def _coded(tool: Tool, noun: str, plural: str) -> tuple[float, str] | None:
    """An operation's id as an imperative: `getUserUsingGET`, `Vouchers_Put`, `get_generate_uuid`."""
    parts = [part for part in re.split(r"[_.]", tool.operation) if part]
    whole = split_name(tool.operation)
    first = split_name(parts[-1]).split()[0] if parts else ""
    if (
        len(parts) > 1
        and imperative(first)
        and (first.lower() in _METHODS or not imperative(split_name(parts[0]).split()[0]))
    ):
        whole = split_name(parts[-1])
    words = re.sub(r"(?<=[a-z])\d+$", "", _USING.sub("", _USING.sub("", whole))).split()
    if (
        len(words) > 2
        and words[0].lower() in _METHODS
        and imperative(words[1])
        and words[1].lower() not in NOUN_OR_VERB
    ):
        words = words[1:]
    if (
        words
        and imperative(words[0]) is None
        and 1 < len(words) < 5
        and all(word.isalpha() for word in words)
    ):
        return 3.0, f"{_verb_for(tool)} {article(' '.join(_lower(word) for word in words))}"
    if not words or len(words) > 7 or (verb := imperative(words[0])) is None:
        return None
    rest = [
        word for word in words[1:] if word.lower() not in ("api", "rest", "endpoint", "request")
    ]
    if verb in ("post", "put", "patch") and tool.effect != "read":
        verb = _verb_for(tool)
    while len(rest) > 1 and rest[-1].lower() in (
        "item",
        "collection",
        "resource",
        "by",
        "id",
        "ID",
        "all",
    ):
        rest = rest[:-1]
    if len(rest) > 2 and "by" in rest[1:]:
        rest = rest[: rest.index("by", 1)]
    if not rest:
        return 2.0, f"{verb} {plural if verb == 'list' else article(noun)}"
    if (
        verb in ("list", "search")
        and singular(rest[-1]) == rest[-1]
        and rest[-1] not in MASS
        and singular(plural.rsplit(maxsplit=1)[-1]) == rest[-1].lower()
    ):
        rest[-1] = plural.rsplit(maxsplit=1)[-1]
    vague = len(rest) == 1 and rest[0].lower() in _VAGUE
    return (2.9 if vague else 1.4), f"{verb} {' '.join(_lower(word) for word in rest)}"


def _lower(word: str) -> str:
    """A capitalised word of a heading as running text has it; acronyms and mixed case stay."""
    return word.lower() if word[:1].isupper() and (word[1:].islower() or len(word) == 1) else word


def _verb_for(tool: Tool) -> str:
    return {
        "read": "look up",
        "create": "create",
        "update": "update",
        "delete": "delete",
        "action": "run",
    }[tool.effect]


_AN_LETTERS = frozenset("AEFHILMNORSX")
_YOU = re.compile(r"(?:uni(?!n|m|d)|us[aeu]|ut[ei]|eu|one\b|once|uuid|url|uri|ubi)", re.IGNORECASE)


def article(noun: str) -> str:
    """A noun with its indefinite article, by its sound: "an hour", "a user", "an SMS", "a URL"."""
    word = noun.split(" ", 1)[0] if noun else ""
    if word.isupper() and len(word) > 1:
        vowel = word[0] in _AN_LETTERS and word not in (
            "NASA",
            "NATO",
            "SIM",
            "RAM",
            "ROM",
            "LAN",
            "SAML",
            "MAC",
            "SUV",
            "NAT",
        )
    elif word.lower().startswith(("hour", "honest", "heir", "honour")):
        vowel = True
    else:
        vowel = word[:1].lower() in "aeiou" and word != "" and not _YOU.match(word)
    return f"{'an' if vowel else 'a'} {noun}"
