"""The open worlds of one server process, by id, so that no state leaks between conversations.

A conversation's id travels in the `_meta` of its calls.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

from inftool.core.errors import WorldError
from inftool.core.tools import Api
from inftool.world.rules import Rules
from inftool.world.world import World

META_KEY = "inftool/world"
"""The key of a call's `_meta` that names its world."""
WORLD_HEADER = "X-InfTool-World"
WORLD_QUERY = "world"
# A fork costs a few kilobytes until it is written to, so that this many fit into any memory.
MAX_OPEN = 10_000


class WorldSet(Mapping[str, World]):
    """The worlds of one conversation: API name -> world."""

    __slots__ = ("_worlds",)

    def __init__(self, worlds: Mapping[str, World]) -> None:
        self._worlds = dict(worlds)

    @classmethod
    def seed(
        cls,
        apis: Sequence[Api],
        seed: int = 0,
        *,
        size: int = 8,
        rules: Mapping[str, Rules] | None = None,
    ) -> WorldSet:
        """A seeded world for each API, with the rules that `rules` has for its name."""
        rules = rules or {}
        return cls(
            {api.name: World.seed(api, seed, size=size, rules=rules.get(api.name)) for api in apis}
        )

    def __getitem__(self, name: str) -> World:
        return self._worlds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._worlds)

    def __len__(self) -> int:
        return len(self._worlds)

    def fork(self) -> WorldSet:
        """A set of forks of its worlds."""
        return WorldSet({name: world.fork() for name, world in self._worlds.items()})

    def digest(self) -> str:
        """The digests of its worlds joined, in order of name."""
        return "-".join(self._worlds[name].digest() for name in sorted(self._worlds))


class WorldRegistry:
    """The worlds that were opened for conversations, by id."""

    def __init__(self) -> None:
        self._open: dict[str, WorldSet] = {}
        self._next = count(1)

    def open(self, world: World | Mapping[str, World], *, id: str | None = None) -> str:
        """Open a world, or one for each API; its id. WorldError where the id is taken."""
        if isinstance(world, World):
            world = {world.api.name: world}
        name = id if id is not None else f"w{next(self._next)}"
        if name in self._open:
            raise WorldError(f"a world with the id {name!r} is open already")
        self._open[name] = world if isinstance(world, WorldSet) else WorldSet(world)
        return name

    def get(self, id: str) -> WorldSet:
        """The open worlds with an id; WorldError where there are none."""
        worlds = self._open.get(id)
        if worlds is None:
            raise WorldError(
                f"no open world with the id {id!r}",
                hint="open one with WorldRegistry.open and send its id in the call's _meta",
            )
        return worlds

    def close(self, id: str) -> None:
        """Forget the worlds with an id; nothing happens where they are not open."""
        self._open.pop(id, None)

    def __len__(self) -> int:
        return len(self._open)


class NamedWorlds:
    """Worlds that callers name as they like.

    A name that was never seen opens forks of the worlds that `start` gives. At most MAX_OPEN names
    are kept; the ones used longest ago go first.
    """

    def __init__(self, start: Callable[[], WorldSet]) -> None:
        self._start = start
        self._open: OrderedDict[str, WorldSet] = OrderedDict()

    def get(self, name: str) -> WorldSet:
        """The worlds of that name."""
        worlds = self._open.get(name)
        if worlds is None:
            worlds = self._open[name] = self._start().fork()
            if len(self._open) > MAX_OPEN:
                # The least recently used: a conversation that has ended is never used again.
                self._open.popitem(last=False)
        else:
            self._open.move_to_end(name)
        return worlds

    def __len__(self) -> int:
        return len(self._open)


def named_by(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """The world that an HTTP request names by its header or by `?world=` in its address, if any."""
    return headers.get(WORLD_HEADER) or query.get(WORLD_QUERY) or None
