"""One tool, read by itself, before tools are compared with each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inftool.core.tools import Tool
from inftool.language.identifiers import VERB_FAMILIES, noun, split, split_verb
from inftool.world.resources.routes.paths import Segment, Template, path_segments
from inftool.world.schema.shape import Shape

READ_METHODS = frozenset({"get", "head"})
"""The methods that change nothing (RFC 9110, section 9.2.1), as far as tools use them."""


@dataclass(frozen=True)
class Route:
    """What the path, the name and the schemas of one tool say."""

    tool: Tool
    """The tool."""

    steps: tuple[Segment, ...]
    """The steps of its path, none if it has no path."""

    verb: str
    """The family of the verb in its name (see `VERB_FAMILIES`), "" if it has none."""

    noun: str
    """The rest of its name in the singular: `order line` for `listOrderLines`."""

    action: str
    """The word of its name that says what it does: `cancel` for `cancelOrder`."""

    output: Shape
    """The schema of its success answer."""

    arguments: Shape
    """The schema of its arguments."""

    path_arguments: Mapping[str, str] = field(default_factory=dict)
    """Parameter of the path -> the argument that fills it."""

    @property
    def template(self) -> Template:
        """The whole path as a key."""
        return tuple(step.mark for step in self.steps)

    @property
    def method(self) -> str:
        """The HTTP method in lower case, "" if there is none."""
        return self.tool.method.lower()

    @property
    def reads(self) -> bool:
        """Whether the HTTP method changes nothing."""
        return self.method in READ_METHODS

    @property
    def last_key(self) -> int:
        """The index of the last step that picks an entity, -1 if none does."""
        return max((index for index, step in enumerate(self.steps) if step.is_key), default=-1)

    @property
    def operation_name(self) -> str:
        """The name as the spec writes it, which keeps the words of `operationId` apart."""
        return self.tool.operation or self.tool.name

    def argument_at(self, index: int) -> str | None:
        """The argument that fills the parameter at a step, None if the step is the caller."""
        step = self.steps[index]
        return self.path_arguments.get(step.text) if step.kind == "param" else None


def read_route(tool: Tool) -> Route:
    """Read one tool by itself."""
    words = split(tool.operation or tool.name)
    family, rest = split_verb(words)
    action = words[0] if words else ""
    if family and words and words[0] not in VERB_FAMILIES:
        # `users.list`, `orders_cancel`: the noun comes first and the verb last.
        action = words[-1]
    return Route(
        tool=tool,
        steps=path_segments(tool.path) if tool.path else (),
        verb=family,
        noun=noun(" ".join(rest)) if rest else "",
        action=action,
        output=Shape.of(tool.output_schema),
        arguments=Shape.of(tool.input_schema),
        path_arguments={
            parameter.name: parameter.argument
            for parameter in tool.parameters
            if parameter.location == "path"
        },
    )
