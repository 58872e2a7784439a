"""The verbs of requests: which words are verbs at all, their imperatives and participles, and which of them only read."""

from __future__ import annotations

from functools import lru_cache

# Verbs that summaries begin with, as imperatives. A first word outside this list (or its inflections) is taken for a noun.
IMPERATIVES = frozenset(
    (
        "accept acknowledge activate add adjust allocate amend analyse analyze answer append apply approve archive arrange ask assign associate "
        "attach authenticate authorize autocomplete ban batch begin bind block book bookmark broadcast browse buy calculate call cancel capture "
        "change charge check choose claim clear clone close collect comment commit compare compile complete compose compress compute configure "
        "confirm connect convert copy correct count crawl create crop deactivate decline decode decrypt define delete deliver demote deploy "
        "deprecate describe detach detect determine dial disable disassociate disconnect dismiss dispatch display dissociate download draft "
        "duplicate edit email enable encode encrypt end enrich enrol enroll escalate estimate evaluate evict exchange execute expire explain export "
        "extend extract favorite fetch file fill filter find finish fix flag follow force forget format forward freeze generate geocode get give "
        "grant group hide hold hydrate identify ignore impersonate import include increase index ingest initialize initiate inject insert inspect "
        "install introspect invite invoke issue join kill label launch leave link lint list load locate lock log login logout look lookup lower "
        "make manage mark match measure mention merge migrate mint modify monitor move mute name nominate normalize notify obtain offer open "
        "optimize order override park parse patch pause pay perform pick pin ping place plan play poll populate post preauthorize predict prepare "
        "prescribe preview print process promote propose provide provision publish pull purchase purge push put query queue quote raise rank rate "
        "read reassess reassign rebook rebuild recalculate recall receive recognize recommend reconcile record recover redeem redirect redo reduce "
        "refresh refund regenerate register reimburse reindex reinstate reject release reload remind remove rename render renew reopen reorder "
        "replace replicate reply report repost reprocess request rerun reschedule resend reserve reset resize resolve respond restart restore "
        "resume retrieve retry return reverse review revoke rewind ring rollback rotate route run sanitize save scale scan schedule score scrape "
        "screen search see segment select sell send separate set settle share ship show sign silence simulate skip snooze sort split star start "
        "stop store submit subscribe subtract suggest summarize suspend swap switch sync synchronize tag take test toggle tokenize trace track "
        "transcribe transfer transition translate trash trigger trim turn unarchive unassign unban unbind unblock unconfirm undo unfavorite "
        "unfollow unfreeze unignore unlike unlink unlock unmute unpin unpublish unregister unstar unsubscribe unsuspend untag update upgrade upload "
        "upsert use validate verify view void vote warn watch whitelist wipe withdraw write zip "
    ).split()
)
_IRREGULAR = {
    "buy": "bought", "choose": "chosen", "find": "found", "freeze": "frozen", "get": "got", "give": "given", "hide": "hidden", "hold": "held",
    "leave": "left", "lock": "locked", "look": "looked", "make": "made", "pay": "paid", "put": "put", "read": "read", "run": "run", "see": "seen",
    "send": "sent", "set": "set", "show": "shown", "split": "split", "take": "taken", "undo": "undone", "unfreeze": "unfrozen", "withdraw": "withdrawn",
    "write": "written", "swap": "swapped", "zip": "zipped", "crop": "cropped", "star": "starred", "ping": "pinged", "unban": "unbanned", "untag": "untagged", "rerun": "rerun", "sell": "sold", "redo": "redone", "unbind": "unbound", "bind": "bound", "hang": "hung", "begin": "begun", "forget": "forgotten", "reset": "reset", "resend": "resent", "log": "logged", "stop": "stopped", "ship": "shipped",
    "submit": "submitted", "cancel": "cancelled", "transfer": "transferred", "drop": "dropped", "tag": "tagged", "pin": "pinned", "plan": "planned",
    "ban": "banned", "commit": "committed", "skip": "skipped", "unpin": "unpinned", "enrol": "enrolled", "refer": "referred", "label": "labelled",
    "flag": "flagged", "lookup": "looked up", "rebook": "rebooked", "ring": "rung", "undelete": "restored", "scan": "scanned",
    "trim": "trimmed", "sit": "sat", "login": "logged in", "logout": "logged out", "override": "overridden", "input": "input", "permit": "permitted",
}  # fmt: skip
READ_VERBS = frozenset(
    "fetch get list look lookup obtain pull query read retrieve return search see show view display find browse describe inspect download check detect locate identify".split()
)
# Words that are as often a thing as a deed: in front of another noun, where nothing is done, they are the thing.
NOUN_OR_VERB = frozenset(
    "schedule order report file record score rank rate quote query label group test check view log list index route segment star mark park plan process project queue request review "
    "sign store track transfer trigger issue link name note offer place play post present scan share sort split stop tag trace use vote watch charge claim comment contact copy count "
    "display draft email end estimate exchange export flag follow format hold import invite join match measure merge answer batch block book call capture change clone batch filter".split()
)
CREATE_VERBS = frozenset("create add insert make register generate open post issue new".split())
# Who says it matters: "I'd like to show a comment" is not what a user means. "look up" is true from both sides.
USER_VERBS = {
    **dict.fromkeys(
        "show view see display read query lookup return describe inspect".split(), "look up"
    ),
    **dict.fromkeys("retrieve obtain fetch pull".split(), "get"),
    **dict.fromkeys("patch modify upsert override".split(), "update"),
    **dict.fromkeys("insert".split(), "add"),
    "trash": "delete",
    "purge": "delete",
}


@lru_cache(maxsize=4096)
def imperative(word: str) -> str | None:
    """The imperative of a verb in any inflection, None for a word that is no verb."""
    lower = word.lower().rstrip(",:")
    if "-" in lower:
        # "un-confirm", "re-send"
        head, _, tail = lower.partition("-")
        lower = f"{head}{tail}" if head in ("un", "re", "de", "dis") else lower
    if lower in IMPERATIVES:
        return lower
    candidates = [lower[:-1], lower[:-2], f"{lower[:-3]}y"] if lower.endswith("s") else []
    if lower.endswith("ing"):
        candidates += [lower[:-3], f"{lower[:-3]}e", lower[:-4]]
    return next((stem for stem in candidates if stem in IMPERATIVES), None)


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
