"""Converted schemas -> self-contained ones that fit a budget.

Each gets only the definitions that it uses. If they do not fit, what is nearest to the root stays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from inftool.core.identity_cache import IdentityCache
from inftool.specs.schemas.budget.limits import (
    ANY_SIZE,
    BY_DEPTH,
    GENTLE,
    HARSH,
    LAST,
    CutLimits,
)
from inftool.specs.schemas.budget.pruning import (
    MAX_NAMES,
    Pruned,
    WithoutTexts,
    has_long_enum,
    prune,
)
from inftool.specs.schemas.converter import Converter
from inftool.specs.schemas.inspection import definition_of
from inftool.specs.schemas.keywords.values import json_size

# Bytes of `"$defs":{}` with its comma, and of the quotes, colon and comma of one definition.
_DEFINITIONS_SIZE = 10
_DEFINITION_SIZE = 4
# Far above the number of simple schemas in one document.
_MAX_WITHOUT_TEXTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Cut:
    """What had to go from a schema."""

    code: str
    """The loss code."""
    count: int
    """How many texts, members or enums."""
    names: tuple[str, ...] = ()
    """The names of some of the properties concerned."""


def _new_without_texts() -> WithoutTexts:
    return IdentityCache(_MAX_WITHOUT_TEXTS)


@dataclass
class SchemaAssembler:
    """Adds the definitions of one converter to schemas; sizes and cuts are shared by all tools."""

    converter: Converter
    _sizes: dict[str, int] = field(default_factory=dict)
    _pruned: dict[tuple[str, CutLimits], Pruned] = field(default_factory=dict)
    _long_enums: dict[str, bool] = field(default_factory=dict)
    _without_texts: WithoutTexts = field(default_factory=_new_without_texts)

    def assemble(
        self, schema: dict[str, object], uses: Iterable[str], budget: int
    ) -> tuple[dict[str, object], list[Cut]]:
        """The schema with its `$defs`, and what was cut to fit it into `budget` bytes.

        `uses` are the definitions that it refers to itself. A schema whose required arguments
        alone are larger than the budget stays larger.
        """
        definitions = self.converter.definitions
        uses = set(uses)
        if list(schema) == ["$ref"]:
            # A root that is only a reference tells a model nothing: the definition takes its place,
            # and stays a definition as well only if it refers to itself.
            root = definitions[definition_of(schema["$ref"])]
            schema, uses = root.schema, set(root.uses)
        names = self._reachable(uses, budget - json_size(schema))
        if names is None:
            schema, parts = self._shrink(schema, budget)
            return schema, _cuts(parts)
        if not names:
            return schema, []
        return {**schema, "$defs": {name: definitions[name].schema for name in names}}, []

    def _reachable(self, uses: Iterable[str], room: int) -> list[str] | None:
        """All definitions that are needed, the nearest first; None if they need more room."""
        definitions, sizes = self.converter.definitions, self._sizes
        todo = deque(sorted(uses))
        reached = dict.fromkeys(todo)
        room -= _DEFINITIONS_SIZE if reached else 0
        while todo and room >= 0:
            name = todo.popleft()
            if name not in sizes:
                sizes[name] = json_size(definitions[name].schema) + len(name) + _DEFINITION_SIZE
            room -= sizes[name]
            # Sorted, so that a schema does not depend on the order of a set.
            for inner in sorted(definitions[name].uses - reached.keys()):
                reached[inner] = None
                todo.append(inner)
        return None if room < 0 else list(reached)

    def _shrink(
        self, root: dict[str, object], budget: int
    ) -> tuple[dict[str, object], list[Pruned]]:
        """The root and its definitions, within the mildest limits that fit."""
        best = self._attempt(root, GENTLE[-1], budget)
        if best is not None:
            # Cutting texts and long enums is enough; perhaps cutting fewer of them is.
            milder = (self._attempt(root, limits, budget) for limits in GENTLE[:-1])
            return next((attempt for attempt in milder if attempt is not None), best)
        # The steps get larger and larger until one does not fit.
        for limits in BY_DEPTH:
            attempt = self._attempt(root, limits, budget)
            if attempt is None:
                break
            best = attempt
        for limits in HARSH if best is None else ():
            best = self._attempt(root, limits, budget)
            if best is not None:
                break
        if best is None:
            best = self._attempt(root, LAST, ANY_SIZE)
        return best if best is not None else (root, [])

    def _attempt(
        self, root: dict[str, object], limits: CutLimits, budget: int
    ) -> tuple[dict[str, object], list[Pruned]] | None:
        """The root and its definitions within limits, None if that is larger than the budget."""
        top = prune(root, limits, self._without_texts, is_root=True)
        parts = [top]
        room = budget - top.size - _DEFINITIONS_SIZE
        definitions: dict[str, object] = {}
        # Nearest first: a definition is pruned as its nearest user needs it.
        depths: dict[str, int] = {}
        for name, depth in top.references:
            depths[name] = min(depth, depths.get(name, depth))
        todo = deque(sorted(depths.items(), key=lambda entry: entry[1]))
        while todo and room >= 0:
            name, depth = todo.popleft()
            pruned = self._definition(name, limits.below(depth))
            parts.append(pruned)
            definitions[name] = pruned.schema
            room -= pruned.size + len(name) + _DEFINITION_SIZE
            for inner, further in pruned.references:
                if inner not in depths:
                    depths[inner] = depth + further
                    todo.append((inner, depth + further))
        if room < 0:
            return None
        return ({**top.schema, "$defs": definitions} if definitions else top.schema), parts

    def _definition(self, name: str, limits: CutLimits) -> Pruned:
        schema = self.converter.definitions[name].schema
        if limits.enum != ANY_SIZE:
            if name not in self._long_enums:
                self._long_enums[name] = has_long_enum(schema)
            if not self._long_enums[name]:
                # Without long enums the limit makes no difference: one entry serves them all.
                limits = limits._replace(enum=ANY_SIZE)
        key = (name, limits)
        if key not in self._pruned:
            self._pruned[key] = prune(schema, limits, self._without_texts, name=name)
        return self._pruned[key]


def _cuts(parts: list[Pruned]) -> list[Cut]:
    """What was cut from all parts together, one entry a code."""
    counts: dict[str, int] = {}
    names: dict[str, dict[str, None]] = {}
    for part in parts:
        for code, count, part_names in part.cut:
            counts[code] = counts.get(code, 0) + count
            names.setdefault(code, {}).update(dict.fromkeys(part_names))
    return [Cut(code, count, tuple(names[code])[:MAX_NAMES]) for code, count in counts.items()]
