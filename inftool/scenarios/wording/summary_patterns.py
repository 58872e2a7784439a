"""The patterns of machine talk in summaries of operations, each with what it takes away."""

from __future__ import annotations

import re

# Markup, addresses and parentheses: "Lists [users](https://...) (paged)" -> "Lists users".
NOISE = re.compile(r"<[^>]*>|https?://\S+|[`*_#\[\]{}|\\]|\([^)]*\)")
# "Lists user(s)" -> "Lists user"
OPTIONAL_PLURAL = re.compile(r"(\w)\((?:s|es)\)", re.IGNORECASE)
# "get a user by their unique user id" -> "get a user"
KEY_AT_END = re.compile(
    r"\s+(?:(?:searching|filtered|filtering|identified|specified|referenced|searched|selected)\s+)?"
    r"(?:by|with|for|using|via|given|based on|from)\s+"
    r"(?:an?\s+|the\s+|its\s+|their\s+|unique\s+|specific\s+|given\s+|provided\s+|supplied\s+)*"
    r"(?:\w+\s+){0,2}"
    r"(?:ids?|identifiers?|keys?|uuids?|guids?|names?|slugs?|tokens?|handles?|sids?|codes?"
    r"|numbers?|refs?|references?)$",
    re.IGNORECASE,
)
# "list orders that match the given filter criteria" -> "list orders"
CRITERIA = re.compile(
    r",?\s+(?:that match(?:es)?|which match(?:es)?|matching|based on|according to|using|meeting"
    r"|satisfying|filtered by|with)\s+"
    r"(?:(?:the|a|an|your|some|given|query|search|specified|provided|supplied|various|certain"
    r"|optional|filter|filtering|following|these)\s+)*"
    r"(?:criteri(?:a|on)|parameters?|params|query|queries|filters?|conditions?|request|body|payload"
    r"|input|options|attributes)$",
    re.IGNORECASE,
)
# "Given a project and a date range, returns a timeseries of pagecounts."
GIVEN = re.compile(
    r"^(?:given|for) [^.]{3,80}, "
    r"(?=(?:returns?|gets?|retrieves?|lists?|shows?|calculates?|computes?)\b)",
    re.IGNORECASE,
)
# "This endpoint allows you to create a user" -> "create a user"; "[Deprecated] - list pets" ->
# "list pets"; "Handles GET requests for the status" -> "status".
LEAD = re.compile(
    r"^(?:(?:this|the)\s+(?:endpoint|api|operation|method|call|route|request|resource)\s+"
    r"(?:is\s+used\s+to|can\s+be\s+used\s+to|allows?\s+(?:you|users?|clients?|one)\s+to|will"
    r"|lets\s+you)?\s*"
    r"|(?:api|endpoint|operation|method|use\s+this|use\s+it|used|enables?\s+(?:you\s+|users?\s+"
    r"|clients?\s+)?|allows?\s+(?:you\s+|users?\s+|clients?\s+|one\s+)?)\s*(?:to|for)\s+"
    r"|\W*(?:deprecated|under development|in development|experimental|beta|preview|legacy|obsolete"
    r"|internal|admin|bulk|wip|todo|new|note|premium|public|private)\W*[:\-–—]+\s*"
    r"|deprecated\s+(?=[A-Z])"
    r"|handles?\s+(?:the\s+)?(?:get|post|put|delete|patch|http)\s+\w*re\w*\s+(?:for|to|of)\s+"
    r"(?:the\s+)?)",
    re.IGNORECASE,
)
# Summaries that say nothing.
EMPTY = re.compile(
    r"^(?:no (?:documentation|description|summary)\b.*|deprecated operation|deprecated|todo|tbd"
    r"|n/?a|none|not implemented.*|your get endpoint|default response)$",
    re.IGNORECASE,
)
# Endings that generators add: "getUserUsingGET", "list users v2", "find pets 1".
GENERATED_ENDING = re.compile(
    r"\s+using\s+(?:get|post|put|patch|delete|head)$|\s+v\d+(?:\.\d+)?$|\s+\d+$", re.IGNORECASE
)
# "get a single existing user" -> "get a user"
IDLE = re.compile(
    r"\b(?:single|specific|existing|existent|given|particular|certain|individual|specified"
    r"|provided|supplied|requested|desired|corresponding|previously created)\s+(?=\w)",
    re.IGNORECASE,
)
# "create one or more new users": what is made is one, "a new user".
SEVERAL = re.compile(
    r"\bone or (?:more|many|several|multiple)\s+((?:new\s+)?)((?:\w+\s+){0,2}?)(\w+)s\b",
    re.IGNORECASE,
)
# "create a user or update the existing one" -> "create a user"
OTHERWISE = re.compile(
    r"\s+or\s+(?:update|replace|modify|overwrite|edit|change|return)s?\s+"
    r"(?:(?:an?|the|it|one|them)\b\s*)?(?:existing\s*)?(?:one|it|them)?$",
    re.IGNORECASE,
)
# "create/update a user", "get and search users": two verbs in front of one object.
TWO_VERBS = re.compile(r"^(\w+)\s*(?:\s+(?:and/or|or|and)\s+|/)\s*(\w+)\s+(?=\w)", re.IGNORECASE)
# A word at the end that names the API's own concept: "get the user resource" -> "get the user".
CHAFF = re.compile(
    r"\s+(?:resources?|endpoints?|objects?|entit(?:y|ies)|instances?|records?|items?|api|operation"
    r"|response|method|call)$",
    re.IGNORECASE,
)
# A name of code, not a brand: `webhookSubscription`, `UserOrganization`, `APIKey`.
CAMEL_CASE = re.compile(r"^[a-z]+[A-Z]\w*$|^(?:[A-Z][a-z]{2,}){2,}$|^[A-Z]{2,}[A-Z][a-z]{2,}$")

# The user who makes the request.
_SELF = (
    r"(?:the\s+|a\s+)?(?:logged[- ]in|current|currently logged[- ]in|authenticated|authenticating"
    r"|currently authenticated|calling|signed[- ]in|requesting)\s+"
    r"(?:user|customer|account|member|person|owner|profile|contact)"
)
# "the current user's orders" -> "my orders"
MINE = re.compile(rf"\b{_SELF}'?s'?\s+(?=\w)", re.IGNORECASE)
# "all orders of the authenticated user" -> "all my orders"
OF_MINE = re.compile(
    r"^(.+?)\s+(?:for|of|from|owned by|belonging to|registered (?:for|by))\s+"
    rf"{_SELF}(?:'s)?(?:\s+account)?$",
    re.IGNORECASE,
)
# "orders of the current user in a shop" -> "my orders in a shop"
AMID = re.compile(
    rf"^(all )?(?:the )?([a-z]+(?: [a-z]+)?) (?:for|of) {_SELF} (?=in |on |with |from )",
    re.IGNORECASE,
)
# "the current user" -> "my details"
ME = re.compile(
    rf"^{_SELF}(?:'s)?(?:\s+(?:account|profile|details|information|info))?$", re.IGNORECASE
)
