"""Finds the argument outside the path that names the entity which a tool is about."""

from __future__ import annotations

from inftool.language.identifiers import split, squash
from inftool.world.resources.candidates import Group
from inftool.world.resources.entity_schema import is_scalar
from inftool.world.resources.routes.route import Route

_NAMED_SUFFIXES = ("id", "uuid", "key", "sid", "code", "number", "ref", "no", "reference")
_SHORT_SUFFIXES = ("id", "uuid", "key", "sid", "code", "number")
_ALIAS_SUFFIXES = ("", "id", "key", "uuid")


def key_argument(route: Route, group: Group) -> str | None:
    """The argument that names one entity of a group, None if no argument does.

    In this order, for order lines: `order_line_id` or what paths call the key, a bare `id`,
    `line_id`, an alias, and the noun or a name alone: `cancel(order)`, `get_user(username)`.
    """
    path_arguments = set(route.path_arguments.values())
    arguments = {
        argument: squash(argument)
        for argument, shape in route.arguments.properties.items()
        if argument not in path_arguments and is_scalar(shape)
    }
    name = squash(group.name)
    short = squash(split(group.name)[-1]) if split(group.name) else name
    aliases = {squash(alias) for alias in group.aliases}
    every = set(arguments)
    required = every & set(route.arguments.required)
    # An alias is a guess, so it counts only if the tool does nothing without the argument.
    needed = every if len(route.arguments.properties) == 1 else required
    only_required = required if len(route.arguments.required) == 1 else set()
    path_keys = {squash(parameter) for parameter, _ in group.key_parameters}
    # Words, and the arguments that may be called so; the surest first.
    tiers: tuple[tuple[set[str], set[str]], ...] = (
        ({f"{name}{suffix}" for suffix in _NAMED_SUFFIXES} | path_keys, every),
        ({"id", "uuid", "key", "sid", "code", "slug"}, every),
        ({f"{short}{suffix}" for suffix in _SHORT_SUFFIXES}, every),
        ({f"{alias}{suffix}" for alias in aliases for suffix in _ALIAS_SUFFIXES}, needed),
        ({name, short}, required),
        ({"name", "username"}, only_required),
    )
    for words, among in tiers:
        for argument, word in arguments.items():
            if word in words and argument in among:
                return argument
    return None
