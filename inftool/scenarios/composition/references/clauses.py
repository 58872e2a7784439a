"""Where the user names a chosen entity: in the intent, or in a clause of its own."""

from __future__ import annotations

from inftool.core.blueprints import Detail
from inftool.core.types import Arguments, JsonPointer
from inftool.language.values import split_name
from inftool.scenarios.composition.attempt import Choice, WishAttempt
from inftool.scenarios.composition.references.relations import KEY_SUFFIX, names_key_only
from inftool.scenarios.wording.phrases import path_words, singular
from inftool.world.resources.models import Resource

# Names of arguments that are prepositions already: "it's from the Main account".
_PREPOSITIONS = ("from", "to", "by", "for")


def name_entity(
    attempt: WishAttempt,
    argument: JsonPointer,
    arguments: Arguments,
    resource: Resource,
    choice: Choice,
) -> None:
    """Let the user name a chosen entity.

    The target is named in the intent ("cancel the order of Ana Ruiz"), and so is one that it lies
    under. Anything else, and everything that may be withheld, is a detail: "the author is …".
    """
    is_target = argument == f"/{attempt.role.target.argument}"
    name = _noun(argument, resource)
    if not attempt.request.withhold:
        if is_target:
            attempt.target = choice.words
            return
        if _is_qualifier(attempt, argument, name, resource):
            attempt.qualifiers.append((resource.name, choice.words))
            return
    noun, words = resource.name, choice.words
    if argument.count("/") > 1 and not is_target:
        # Several entities in one request: it has to be said what each one is for.
        head, of, rest = path_words(argument, arguments).partition(" of the ")
        name = f"{KEY_SUFFIX.sub('', head) or noun}{of}{rest}"
        phrase = f"the {name} is {words}"
    elif attempt.role.kind in ("patch", "replace") and not is_target:
        phrase = f"the {name} should be {words}"
    elif is_target or name.lower() == noun.lower():
        name, phrase = noun, f"it's {'' if is_target else 'for '}{words}"
    elif name.lower() in _PREPOSITIONS:
        phrase = f"it's {name.lower()} {words}"
    else:
        phrase = f"the {name} is {words}"
    # A parent that two arguments name is mentioned once.
    if all(phrase != detail.phrase for detail in attempt.details):
        value = choice.key if choice.kind == "key" else None
        attempt.details.append(Detail(words=name, said=words, value=value, phrase=phrase))


def _noun(argument: JsonPointer, resource: Resource) -> str:
    """What a person calls the entity of an argument: `/authorId` -> "author"."""
    words = split_name(_property_name(argument))
    noun = KEY_SUFFIX.sub("", words) or resource.name
    if argument[-1].isdigit():
        noun = singular(noun)
    # "tracking number" names the key; what is meant is the shipment.
    return resource.name if names_key_only(words, noun, resource) else noun


def _is_qualifier(
    attempt: WishAttempt, argument: JsonPointer, name: str, resource: Resource
) -> bool:
    """Whether the intent names an entity as what the target belongs to.

    It names one. Of an update it has to be what the target lies under, since anything else is part
    of the change.
    """
    part, target = _property_name(argument), attempt.role.target
    lies_under = any(part == scope_argument for _, scope_argument in target.scope)
    if not lies_under and attempt.role.kind in ("patch", "replace"):
        return False
    return (
        not attempt.qualifiers
        and argument.count("/") == 1
        and (part in target.keys or name.lower() == resource.name.lower())
    )


def _property_name(argument: JsonPointer) -> str:
    """The last name of a pointer: `/lines/0/bookId` -> `bookId`, `/tagIds/1` -> `tagIds`."""
    return next(part for part in reversed(argument.split("/")) if not part.isdigit())
