"""Why no request can be composed from a draw."""

from __future__ import annotations

from enum import Enum


class UnplayableReason(Enum):
    """A reason, with its text; what stands in braces is filled in by `Unplayable`."""

    # The draw itself.
    NOTHING_TRIED = "nothing was tried"
    NO_TOOL_TO_SHOW = "there is no tool to show"
    NO_OTHER_TOOL = "there is no other tool to show"

    # Choosing a tool.
    NO_PLAYABLE_TOOL = "no operation that can be played is of that kind"
    NO_LOOKUP_TOOL = "no operation takes the key of an entity that another lists"
    NO_TOOL_WITH_TWO_LOOKUPS = "no operation takes the keys of two entities that others list"
    NO_TOOL_WITH_NESTED_LOOKUP = (
        "no operation takes the key of an entity that is listed by its owner"
    )
    NO_TOOL_WITH_REFUSAL = (
        "no operation documents a refusal that the world's state can cause, "
        "and no rules file adds one"
    )
    NO_TOOL_WITH_TRANSIENT_FAILURE = "no operation documents a transient failure"

    # Arguments.
    KEY_NOBODY_SAYS = "a key is needed that people do not say"
    KEY_OF_RESOURCE_NOBODY_SAYS = "the key of a {resource} is not one that people say"
    NOT_SAYABLE = "what {tool} needs cannot be said"
    SESSION_CONFLICT = "the session cannot give two values for {argument}"
    SCHEMA_VIOLATION = "what was chosen does not fit the schema"
    NOTHING_TO_WITHHOLD = "nothing that is needed can be left out"
    NOT_UNDERSTOOD = "what is said about {place} is not clear"

    # References to entities.
    NOTHING_SHOWN = "nothing that was shown can be referred to"
    NOTHING_REUSED = "nothing from an earlier result is used"
    REFERENCE_BECAME_AMBIGUOUS = "a reference became ambiguous"
    INDISTINGUISHABLE = "no {resource} can be told from the others"
    NOT_FOUND_UNDER_OWNER = "no {resource} is found under a {owner}"
    UNNECESSARY_LOOKUP = "a lookup gives nothing that was not known"
    VALUE_DOES_NOT_MATTER = "{tool} does not depend on the value of {argument}"

    # The outcome of the call.
    UNEXPECTED_STATUS = "{tool} answers {status}"
    NOTHING_CHANGED = "{tool} changes nothing"
    NOT_REFUSED = "{tool} is not refused"
    NEVER_REFUSED = "nothing refuses {tool}"
    NO_SINGLE_TARGET = "the call is not about one entity"
    NO_TRANSIENT_FAILURE = "{tool} documents no transient failure"

    # What the answer tells.
    NOTHING_TO_TELL = "the answer holds nothing to tell"
    NOTHING_TO_TELL_OF_LIST = "the list holds nothing to tell"
    TOLD_BEFORE = "what was told before is said again"

    # Several requests in one turn.
    CALLS_UNDO_EACH_OTHER = "the calls undo each other"
    CALLS_NOT_INDEPENDENT = "the calls are not independent"
    CALLS_OF_DIFFERENT_KINDS = "the calls are about different kinds of entities"
    CALLS_INDISTINGUISHABLE = "nothing distinguishes the calls"
    CALLS_INTERFERE = "the calls interfere with each other"
    NO_COMMON_FACT = "the answers have nothing in common to tell"
    QUESTION_AMBIGUOUS = "a question about one answer could be about another"
    NO_LOOKUP_NEEDED = "nothing had to be looked up"
    NO_CALL_WITH_TWO_SOURCES = "no call needs two others"
    PLAN_TOO_SHALLOW = "no three calls depend on each other in a row"

    # Several turns.
    TURNS_UNRELATED = "the turns have nothing to do with each other"
    NO_OPEN_EDGE = "the opening leads along no edge that is still open"
    TOOL_NEEDED_EARLIER = "the tool is needed before it is there"
    NOTHING_TO_CORRECT = "there is no value to correct"
    CHANGE_UNRELATED = "the change is about something else"

    # What cannot be fulfilled.
    EVERY_TOOL_FITS = "every tool could be meant"
    NO_NAME_FOR_RESOURCE = "no {resource} can be named"
    NO_NAME_FOR_ENTITY = "the {resource} cannot be named"
    UNKNOWN_RESOURCE = "nothing is known of what the tool changes"
    EVERYTHING_CAN_CHANGE = "everything of a {resource} can be changed"
    NO_OTHER_VALUE = "there is no other value for it"


class Unplayable(Exception):
    """No request can be composed from this draw; another draw may succeed.

    `names` fill in the text of the reason: `Unplayable(NOT_REFUSED, tool="payOrder")` reads
    "payOrder is not refused".
    """

    def __init__(self, reason: UnplayableReason, **names: object) -> None:
        super().__init__(reason.value.format(**names))
        self.reason = reason
