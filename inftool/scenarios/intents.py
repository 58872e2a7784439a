"""What a user wants of an operation, in plain words: an imperative ("cancel an order") and what the assistant says when it is done."""

from __future__ import annotations

import re
from functools import lru_cache

from inftool.records import Tool
from inftool.scenarios.words import split_name

# Verbs that summaries begin with, as imperatives. A first word outside this list (or its inflections) is taken for a noun.
_VERBS = frozenset(
    [
        "accept",
        "acknowledge",
        "activate",
        "add",
        "adjust",
        "allocate",
        "amend",
        "answer",
        "append",
        "apply",
        "approve",
        "archive",
        "arrange",
        "ask",
        "assign",
        "attach",
        "authorize",
        "ban",
        "batch",
        "begin",
        "block",
        "book",
        "browse",
        "buy",
        "calculate",
        "call",
        "cancel",
        "capture",
        "change",
        "charge",
        "check",
        "choose",
        "claim",
        "clear",
        "clone",
        "close",
        "collect",
        "commit",
        "compare",
        "complete",
        "compose",
        "compute",
        "configure",
        "confirm",
        "connect",
        "convert",
        "copy",
        "correct",
        "count",
        "create",
        "deactivate",
        "decline",
        "define",
        "delete",
        "deliver",
        "deploy",
        "describe",
        "detach",
        "determine",
        "disable",
        "comment",
        "disconnect",
        "dismiss",
        "dispatch",
        "display",
        "download",
        "draft",
        "duplicate",
        "edit",
        "email",
        "enable",
        "end",
        "enrol",
        "enroll",
        "estimate",
        "evaluate",
        "exchange",
        "execute",
        "expire",
        "export",
        "extend",
        "fetch",
        "file",
        "fill",
        "filter",
        "find",
        "finish",
        "flag",
        "follow",
        "force",
        "forget",
        "freeze",
        "generate",
        "get",
        "give",
        "grant",
        "group",
        "hide",
        "hold",
        "import",
        "include",
        "increase",
        "initialize",
        "initiate",
        "insert",
        "inspect",
        "install",
        "invite",
        "issue",
        "join",
        "kill",
        "label",
        "launch",
        "leave",
        "link",
        "list",
        "load",
        "lock",
        "log",
        "login",
        "logout",
        "look",
        "lookup",
        "lower",
        "make",
        "manage",
        "mark",
        "match",
        "measure",
        "merge",
        "modify",
        "monitor",
        "move",
        "mute",
        "name",
        "notify",
        "obtain",
        "offer",
        "open",
        "order",
        "override",
        "park",
        "patch",
        "pause",
        "pay",
        "perform",
        "pick",
        "pin",
        "place",
        "plan",
        "play",
        "post",
        "predict",
        "prescribe",
        "prepare",
        "preview",
        "print",
        "process",
        "promote",
        "propose",
        "provide",
        "provision",
        "publish",
        "pull",
        "purchase",
        "purge",
        "push",
        "put",
        "query",
        "queue",
        "quote",
        "raise",
        "rate",
        "read",
        "reassign",
        "rebook",
        "receive",
        "record",
        "redeem",
        "redirect",
        "reduce",
        "refresh",
        "refund",
        "regenerate",
        "register",
        "reject",
        "release",
        "reload",
        "remind",
        "remove",
        "rename",
        "renew",
        "reopen",
        "reorder",
        "replace",
        "reply",
        "report",
        "request",
        "reschedule",
        "reserve",
        "reset",
        "resend",
        "resolve",
        "respond",
        "restart",
        "restore",
        "resume",
        "retrieve",
        "retry",
        "return",
        "reverse",
        "review",
        "revoke",
        "ring",
        "rotate",
        "run",
        "save",
        "scan",
        "schedule",
        "search",
        "see",
        "select",
        "send",
        "set",
        "settle",
        "share",
        "ship",
        "show",
        "sign",
        "silence",
        "simulate",
        "skip",
        "snooze",
        "sort",
        "split",
        "start",
        "stop",
        "store",
        "subscribe",
        "submit",
        "suggest",
        "summarize",
        "suspend",
        "switch",
        "sync",
        "synchronize",
        "tag",
        "take",
        "test",
        "toggle",
        "trace",
        "track",
        "transfer",
        "transition",
        "trash",
        "trigger",
        "turn",
        "unarchive",
        "unassign",
        "unblock",
        "undo",
        "unfollow",
        "unfreeze",
        "unlink",
        "unlock",
        "unmute",
        "unpin",
        "unpublish",
        "unregister",
        "unsubscribe",
        "update",
        "upgrade",
        "upload",
        "upsert",
        "use",
        "validate",
        "verify",
        "view",
        "void",
        "vote",
        "watch",
        "withdraw",
        "write",
    ]
)
_IRREGULAR = {
    "buy": "bought", "choose": "chosen", "find": "found", "freeze": "frozen", "get": "got", "give": "given", "hide": "hidden", "hold": "held",
    "leave": "left", "lock": "locked", "look": "looked", "make": "made", "pay": "paid", "put": "put", "read": "read", "run": "run", "see": "seen",
    "send": "sent", "set": "set", "show": "shown", "split": "split", "take": "taken", "undo": "undone", "unfreeze": "unfrozen", "withdraw": "withdrawn",
    "write": "written", "begin": "begun", "forget": "forgotten", "reset": "reset", "resend": "resent", "log": "logged", "stop": "stopped", "ship": "shipped",
    "submit": "submitted", "cancel": "cancelled", "transfer": "transferred", "drop": "dropped", "tag": "tagged", "pin": "pinned", "plan": "planned",
    "ban": "banned", "commit": "committed", "skip": "skipped", "unpin": "unpinned", "enrol": "enrolled", "refer": "referred", "label": "labelled",
    "flag": "flagged", "swap": "swapped", "lookup": "looked up", "rebook": "rebooked", "ring": "rung", "undelete": "restored", "scan": "scanned",
    "trim": "trimmed", "sit": "sat", "login": "logged in", "logout": "logged out", "override": "overridden", "input": "input", "permit": "permitted",
}  # fmt: skip
_READING = frozenset(
    [
        "fetch",
        "get",
        "list",
        "look",
        "lookup",
        "obtain",
        "pull",
        "query",
        "read",
        "retrieve",
        "return",
        "search",
        "see",
        "show",
        "view",
        "display",
        "find",
        "browse",
        "describe",
        "inspect",
        "download",
        "check",
    ]
)
# Who says it matters: "I'd like to show a comment" is not what a user means. "look up" is true from both sides.
_NEUTRAL = {
    "show": "look up",
    "view": "look up",
    "see": "look up",
    "display": "look up",
    "read": "look up",
    "return": "get",
    "retrieve": "get",
    "obtain": "get",
    "fetch": "get",
}
_PREPOSITIONS = frozenset(
    [
        "to",
        "for",
        "of",
        "from",
        "in",
        "by",
        "with",
        "on",
        "at",
        "as",
        "into",
        "between",
        "across",
        "about",
        "via",
        "using",
        "that",
        "which",
        "when",
        "where",
        "during",
        "under",
        "over",
        "within",
        "per",
        "is",
        "are",
    ]
)
_DETERMINERS = frozenset(
    [
        "a",
        "an",
        "the",
        "my",
        "your",
        "his",
        "her",
        "our",
        "their",
        "its",
        "this",
        "that",
        "these",
        "those",
        "all",
        "any",
        "some",
        "each",
        "every",
        "one",
        "two",
        "no",
        "another",
        "multiple",
        "several",
        "many",
        "more",
        "new",
        "up",
        "out",
        "off",
        "back",
        "down",
        "in",
        "on",
        "to",
        "for",
        "into",
        "someone",
        "something",
        "somebody",
        "it",
        "them",
        "me",
        "us",
        "you",
    ]
)
_MASS = frozenset(
    [
        "information",
        "metadata",
        "data",
        "feedback",
        "access",
        "content",
        "history",
        "availability",
        "usage",
        "inventory",
        "stock",
        "everything",
        "anything",
        "weather",
        "traffic",
        "capacity",
        "health",
        "music",
        "text",
        "money",
        "pricing",
        "shipping",
        "billing",
        "authentication",
        "authorization",
        "help",
        "progress",
        "research",
        "homework",
        "markdown",
        "people",
        "children",
        "free",
        "busy",
    ]
)
_ARTICLES = frozenset(["a", "an", "the", "my", "your", "our", "all", "another", "this"])
_IDLE = re.compile(r"\b(?:(an?)|(the|this|one))\s+(?:single|specific|existing|given|particular|certain|individual|specified)\s+(\w)", re.IGNORECASE)
_NOISE = re.compile(r"<[^>]*>|https?://\S+|[`*_#\[\]{}|\\]|\([^)]*\)")
_TAIL = re.compile(
    r"\s+(?:by|with|for|using|via|given|based on)\s+(?:an?\s+|the\s+|its\s+|their\s+|unique\s+|specific\s+|given\s+)*(?:\w+\s+){0,2}"
    r"(?:ids?|identifiers?|keys?|uuids?|guids?|names?|slugs?|tokens?|handles?|sid|codes?|numbers?)$",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:this|the)\s+(?:endpoint|api|operation|method|call|route|request)\s+(?:is\s+used\s+to|can\s+be\s+used\s+to|allows?\s+(?:you|users?|clients?)\s+to|will|lets\s+you)?\s*"
    r"|(?:api|endpoint|operation|method|use\s+this|used|allows?\s+(?:you\s+|users?\s+|clients?\s+)?)\s*(?:to|for)\s+|(?:bulk|admin|internal)\s*:\s*)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def _imperative(word: str) -> str | None:
    """The imperative of a verb in any inflection, None for a word that is no verb."""
    lower = word.lower().rstrip(",:")
    if lower in _VERBS:
        return lower
    candidates = [lower[:-1], lower[:-2], f"{lower[:-3]}y"] if lower.endswith("s") else []
    if lower.endswith("ing"):
        candidates += [lower[:-3], f"{lower[:-3]}e", lower[:-4]]
    return next((stem for stem in candidates if stem in _VERBS), None)


@lru_cache(maxsize=4096)
def participle(verb: str) -> str:
    """The past participle: "place" becomes "placed", "send" "sent"."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ied"
    return f"{verb}ed"


def _clean(text: str) -> str:
    """One line of plain words: no markup, no addresses, no parentheses, no sentence after the first."""
    line = _NOISE.sub(" ", text.strip().split("\n")[0])
    line = re.split(r"(?<=[a-z\d])[.;:!?](?:\s|$)", line)[0]
    return " ".join(re.sub(r"[^\w\s'/&,-]", " ", line).split()).strip(" .,-/")


def _phrase(tool: Tool, noun: str, plural: str) -> str:
    for text in (tool.summary, tool.description):
        cleaned = _LEAD.sub("", _clean(text))
        words = cleaned.split()
        if not 2 <= len(words) <= 12 or len(cleaned) > 80 or not cleaned.isascii():
            continue
        # Some summaries are code: an identifier, or a method and a path.
        if any("/" in word or (word != words[0] and not word.isupper() and re.search(r"[a-z][A-Z]", word)) for word in words):
            continue
        if words[0].lower().endswith("ly") and len(words) > 2:
            words, cleaned = words[1:], cleaned.split(" ", 1)[1]
        verb = _imperative(words[0])
        if verb is None and words[1].lower() in _ARTICLES and words[0].isalpha():
            verb = words[0].lower()
        if verb is not None:
            return f"{verb} {' '.join(_lower(word) for word in words[1:])}"
        rest = cleaned[0].lower() + cleaned[1:] if words[0].istitle() else cleaned
        return f"{_verb_for(tool)} {rest}"
    words = split_name(tool.operation or tool.name).split()
    if words and (verb := _imperative(words[0])) and len(words) <= 7:
        return f"{verb} {' '.join(words[1:])}" if len(words) > 1 else f"{verb} {_article(noun)}"
    if tool.effect == "action" and tool.path:
        last = [split_name(part) for part in tool.path.split("/") if part and not part.startswith("{")][-1:]
        if last and (verb := _imperative(last[0].split()[0])):
            return f"{verb} {_article(noun)}"
    is_list = tool.effect == "read" and tool.output_schema is not None and tool.output_schema.get("type") == "array"
    return f"{_verb_for(tool)} {plural if is_list else _article(noun)}"


def _lower(word: str) -> str:
    """A capitalised word of a heading as running text has it; acronyms and mixed case stay."""
    return word.lower() if word[:1].isupper() and (word[1:].islower() or len(word) == 1) else word


def _verb_for(tool: Tool) -> str:
    return {"read": "look up", "create": "create", "update": "update", "delete": "delete", "action": "run"}[tool.effect]


def _article(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def intent(tool: Tool, noun: str = "record", plural: str = "records") -> str:
    """The wish behind a call as an imperative, lower case, without ids and markup: "cancel an order", "list a customer's orders".

    `noun` and `plural` name the resource, for operations whose spec says nothing a person would say.
    """
    phrase = _TAIL.sub("", _IDLE.sub(_idle, _phrase(tool, noun, plural)))
    verb, _, rest = phrase.partition(" ")
    rest = rest if verb in ("list", "search") else _with_article(rest)
    return _swap(f"{_NEUTRAL.get(verb, verb)} {rest}".strip(), {"your": "my", "yours": "mine", "you": "me"})


def _with_article(rest: str) -> str:
    """A bare singular noun of a heading gets its article: "invoice" becomes "an invoice", "museum hours" stays."""
    words = rest.split()
    head = next((index for index, word in enumerate(words) if word in _PREPOSITIONS), len(words))
    if not 1 <= head <= 3 or not all(word.isalpha() and word.islower() for word in words[:head]):
        return rest
    if (
        words[0] in _DETERMINERS
        or words[0].endswith("ly")
        or words[head - 1].endswith("s")
        or words[head - 1] in _MASS
        or "or" in words[:head]
        or "and" in words[:head]
    ):
        return rest
    return f"{_article(words[0])}{rest[len(words[0]) :]}"


def _swap(text: str, words: dict[str, str]) -> str:
    return " ".join(words.get(word, word) for word in text.split(" "))


def _idle(found: re.Match[str]) -> str:
    article = found[2] or ("an" if found[3].lower() in "aeio" else "a")
    return f"{article} {found[3]}"


def is_reading(phrase: str) -> bool:
    """Whether an intent asks to be told something, so that "I've got …" is no answer to it."""
    return phrase.split(maxsplit=1)[0] in _READING or phrase.startswith("look up")


def addressed(phrase: str) -> str:
    """A user's intent as the assistant says it back: "my calendars" become "your calendars"."""
    return _swap(phrase, {"my": "your", "mine": "yours", "me": "you"})


def achieved(phrase: str) -> str:
    """An intent as something done: "cancel an order" becomes "cancelled an order"."""
    phrase = addressed(phrase)
    verb, _, rest = phrase.partition(" ")
    if phrase.startswith("look up"):
        return f"looked up {phrase[8:]}".strip()
    if (second := re.match(r"(or|and) (\w+)\b", rest)) and second[2] in _VERBS:
        rest = f"{second[1]} {participle(second[2])}{rest[second.end() :]}"
    return f"{participle(verb)} {rest}".strip()


def narrowed(phrase: str, noun: str, target: str) -> str:
    """An intent with its object named: "cancel an order" and "the order of 3 May" become "cancel the order of 3 May".

    "list an account's payments" becomes "list the payments of the account …". Where the object does not stand in the phrase, the target follows it.
    """
    if not noun:
        return f"{phrase} for {target}"
    head = r"\b(?:(?:an?|the|this|one|your|my|any|another)\s+(?:\w+\s+)?)?\b"
    owner = re.compile(rf"{head}{re.escape(noun)}'s\s+((?:\w+\s?)+?)(?=$|\s+(?:and|or|in|on|to|for|with|from|at|by|as)\b)", re.IGNORECASE)
    if found := owner.search(phrase):
        return f"{phrase[: found.start()].rstrip()} the {found[1].strip()} of {target}{phrase[found.end() :]}"
    plain = re.compile(rf"{head}{re.escape(noun)}(?!['\w-])", re.IGNORECASE)
    if found := plain.search(phrase):
        return f"{phrase[: found.start()].rstrip()} {target}{phrase[found.end() :]}"
    return f"{phrase} for {target}"
