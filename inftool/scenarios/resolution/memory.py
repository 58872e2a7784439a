"""What a conversation has shown so far: the entities that answers of tools held."""

from __future__ import annotations

from dataclasses import dataclass, field

from inftool.core.json_pointer import find_all
from inftool.core.types import JsonObject


@dataclass
class ShownEntity:
    """An entity that an answer showed."""

    resource: str
    """The name of its resource."""

    step: str
    """The step whose answer showed it."""

    pointer: str
    """Where it is in that answer."""

    entity: JsonObject
    """The entity itself."""

    listing: int | None = None
    """The number of the list that showed it; None where it was shown alone."""

    looked_up: bool = False
    """Whether it was shown by a lookup, whose answer the assistant does not read out."""


@dataclass
class ConversationMemory:
    """What a conversation has shown so far, in order."""

    things: list[ShownEntity] = field(default_factory=list)
    """Every entity, once for each answer that showed it."""

    lists: int = 0
    """How many lists were shown."""

    def learn(
        self,
        resource: str,
        step: str,
        body: object,
        items: str | None,
        item: str | None,
        *,
        looked_up: bool,
    ) -> None:
        """Remember what the answer of a step shows.

        `items` is a pointer to the list in the answer, `item` to the one entity; both None where
        the answer is the entity.
        """
        if items is not None:
            self.things += [
                ShownEntity(resource, step, pointer, node, self.lists, looked_up)
                for pointer, node in find_all(body, f"{items}/*")
                if isinstance(node, dict)
            ]
            self.lists += 1
            return
        for pointer, node in find_all(body, item or ""):
            if isinstance(node, dict):
                self.things.append(ShownEntity(resource, step, pointer, node, None, looked_up))

    def copy(self) -> ConversationMemory:
        """A memory that starts with the same entities and changes independently."""
        return ConversationMemory(list(self.things), self.lists)

    def of(self, resource: str) -> list[ShownEntity]:
        """Everything that was shown of one resource."""
        return [thing for thing in self.things if thing.resource == resource]
