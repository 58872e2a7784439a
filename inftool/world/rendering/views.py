"""How tools show things: an entity in a tool's output schema, a list in its envelope; all valid."""

from __future__ import annotations

from inftool.core.json_pointer import split_pointer
from inftool.core.json_values import copied
from inftool.core.tools import Tool
from inftool.world.rendering.envelopes import Filled, Filler
from inftool.world.rendering.fitting import Fitter
from inftool.world.schema.repair import repair
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid
from inftool.world.seeding.base import SeededBase

# The shares of optional properties in the bodies that are tried in turn when one is not valid: an
# ordinary body first, then the smallest, then the largest one that the schema allows.
_OPTIONAL_SHARES = (0.7, 0.0, 1.0)
# Envelopes put their page's numbers at most this deep: `meta.pagination.total`.
_MAX_ENVELOPE_DEPTH = 2


class Views:
    """How one base world's tools show things; caches of prepared shapes, shared by all forks."""

    def __init__(self, base: SeededBase) -> None:
        self.base = base
        self._fitter = Fitter(base)
        self._outputs: dict[str, Shape] = {}
        self._inner: dict[tuple[str, str, bool], Shape | None] = {}

    def output(self, tool: Tool) -> Shape:
        """The shape of a tool's success body."""
        shape = self._outputs.get(tool.name)
        if shape is None:
            shape = self._outputs[tool.name] = Shape.of(tool.output_schema)
        return shape

    def inside(self, tool: Tool, pointer: str, *, item: bool) -> Shape | None:
        """The shape at a pointer inside a tool's success body (of the list's items where `item`).

        None where the body declares nothing there.
        """
        key = (tool.name, pointer, item)
        if key not in self._inner:
            self._inner[key] = self._shape_at(self.output(tool), pointer, item=item)
        return self._inner[key]

    @staticmethod
    def _shape_at(body: Shape, pointer: str, *, item: bool) -> Shape | None:
        shape: Shape | None = body
        for step in split_pointer(pointer):
            view = shape.object() if shape is not None else None
            shape = view.properties.get(step) if view is not None else None
        if not item or shape is None:
            return shape
        array = shape.array()
        return array.items if array is not None else None

    def fit(self, shape: Shape, value: object, *key: object) -> object:
        """A value as a shape shows it; `key` decides what is drawn where parts are missing."""
        return self._fitter.fit(shape, value, *key)

    def wrap(self, tool: Tool, pointer: str, value: object, fill: Filler) -> object:
        """The success body of a tool with a value at a pointer.

        `fill` says what the properties around it hold; what it does not know is left out, or made
        up where it is required. A value at `/data/items` -> {"data": {"items": value}, "total": 3}.
        """
        if not pointer:
            return value
        return self._wrap(self.output(tool), split_pointer(pointer), value, fill, tool)

    def _wrap(
        self, shape: Shape, steps: tuple[str, ...], value: object, fill: Filler, tool: Tool
    ) -> object:
        if not steps:
            return value
        step, deeper = steps[0], steps[1:]
        view = shape.object() or shape
        body: dict[str, object] = {}
        for name, sub in view.properties.items():
            if name == step:
                body[name] = self._wrap(sub, deeper, value, fill, tool)
                continue
            is_known, content = self._fill(name, sub, fill, 0)
            if is_known:
                body[name] = content
            # Always the same value: an envelope is about the list, not about who asks.
            elif name in view.required:
                body[name] = self._fitter.missing(sub, name, (tool.name, "wrap"))
        # A list that the output schema does not declare is shown where the role says it is.
        if step not in body:
            body[step] = self._wrap(Shape({}, shape.root), deeper, value, fill, tool)
        return body

    def _fill(self, name: str, shape: Shape, fill: Filler, depth: int) -> Filled:
        """What a property beside the value holds: as `fill` says, or an object of such properties.

        An object counts as known where at least one of its properties does.
        """
        schema = self._fitter.schema_of(shape)
        is_known, content = fill(name, shape)
        if is_known and is_valid(schema, content):
            return True, content
        view = shape.object()
        is_object = view is not None and bool(view.properties) and shape.array() is None
        if view is None or not is_object or depth >= _MAX_ENVELOPE_DEPTH:
            return False, None
        inner: dict[str, object] = {}
        knows_any = False
        for prop, sub in view.properties.items():
            is_known, content = self._fill(prop, sub, fill, depth + 1)
            if is_known:
                inner[prop] = content
                knows_any = True
            elif prop in view.required:
                inner[prop] = self._fitter.missing(sub, prop, ("wrap", name))
        if knows_any and is_valid(schema, inner):
            return True, inner
        return False, None

    def check(self, tool: Tool, body: object, *key: object) -> object:
        """A success body made valid where it is not yet: the schema has the last word."""
        if tool.output_schema is None or is_valid(tool.output_schema, body):
            return body

        def make(attempt: int) -> object:
            sampler = self.base.sampler(
                self.base.rng("body", tool.name, *key, attempt),
                optional=_OPTIONAL_SHARES[attempt % len(_OPTIONAL_SHARES)],
                strict=True,
            )
            return sampler.value(self.output(tool), "")

        return repair(tool.output_schema, copied(body), make, tries=6)
