"""The live worlds of one server process, by id: a conversation's id travels in the call's `_meta` and no state leaks between two."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

from inftool.core.errors import WorldError
from inftool.core.tools import Api
from inftool.world.rules import Rules
from inftool.world.world import World

META_KEY = "inftool/world"
WORLD_HEADER = "X-InfTool-World"
WORLD_QUERY = "world"
MAX_OPEN = 10_000


class WorldSet(Mapping[str, World]):
    """One world an API, by the API's name: what one conversation plays in."""

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
        """A seeded world for each API; `rules`: those of some of them, by the API's name."""
        return cls(
            {
                api.name: World.seed(api, seed, size=size, rules=(rules or {}).get(api.name))
                for api in apis
            }
        )

    def __getitem__(self, name: str) -> World:
        return self._worlds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._worlds)

    def __len__(self) -> int:
        return len(self._worlds)

    def fork(self) -> WorldSet:
        """All its worlds forked."""
        return WorldSet({name: world.fork() for name, world in self._worlds.items()})

    def digest(self) -> str:
        """The digests of its worlds, in order of name."""
        return "-".join(self._worlds[name].digest() for name in sorted(self._worlds))


class WorldRegistry:
    """The registry of live worlds."""

    def __init__(self) -> None:
        self._open: dict[str, WorldSet] = {}
        self._next = count(1)

    def open(self, world: World | Mapping[str, World], *, id: str | None = None) -> str:
        """Make a world (or one world an API) live; its id. WorldError where the id is taken."""
        found = (
            WorldSet({world.api.name: world})
            if isinstance(world, World)
            else world
            if isinstance(world, WorldSet)
            else WorldSet(world)
        )
        name = id if id is not None else f"w{next(self._next)}"
        if name in self._open:
            raise WorldError(f"a world with the id {name!r} is open already")
        self._open[name] = found
        return name

    def get(self, id: str) -> WorldSet:
        """A live world by id; WorldError where it is not open."""
        found = self._open.get(id)
        if found is None:
            raise WorldError(
                f"no open world with the id {id!r}",
                hint="open one with Worlds.open and send its id in the call's _meta",
            )
        return found

    def close(self, id: str) -> None:
        """Forget a world; nothing happens where it is not open."""
        self._open.pop(id, None)

    def __len__(self) -> int:
        return len(self._open)


class NamedWorlds:
    """Worlds that callers name as they like: a name that was never seen opens one, as `start` gives it.

    At most MAX_OPEN are kept; the ones used longest ago go first.
    """

    def __init__(self, start: Callable[[], WorldSet]) -> None:
        self._start = start
        self._open: OrderedDict[str, WorldSet] = OrderedDict()

    def get(self, name: str) -> WorldSet:
        """The worlds of that name."""
        found = self._open.get(name)
        if found is None:
            found = self._open[name] = self._start().fork()
            if len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
        else:
            self._open.move_to_end(name)
        return found

    def __len__(self) -> int:
        return len(self._open)


def named_by(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """The world that an HTTP request names, by its header or by `?world=` in its address; None where by neither."""
    return headers.get(WORLD_HEADER) or query.get(WORLD_QUERY) or None
