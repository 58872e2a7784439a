"""What a spec promises of its answers, held against what can be made: a schema that accepts nothing is found here, before anything is answered."""

from __future__ import annotations

import random
from functools import lru_cache
from typing import Any, Literal

from inftool.core.json_values import canonical
from inftool.core.tools import Api, Tool
from inftool.core.types import JsonObject
from inftool.world.sampling.sampler import ValueSampler
from inftool.world.schema.repair import repair
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid

Contract = Literal["declared", "loosened", "dropped"]
# Schemas without any of these words always accept what the sampler makes of them.
_RISKY = (
    '"oneOf"',
    '"allOf"',
    '"not"',
    '"if"',
    '"dependent',
    '"unevaluated',
    '"pattern',
    '"const"',
    '"additionalProperties":false',
)
_SETTLED: dict[int, tuple[Api, Api, dict[str, Contract]]] = {}


def satisfiable_api(api: Api) -> Api:
    """The API with answers that can be given: where no answer meets a declared schema, its `oneOf` count as `anyOf`, else the schema is dropped."""
    return _settled(api)[1]


def kept(api: Api) -> dict[str, Contract]:
    """What became of each tool's declared answers, by the tool's name; those that stand as declared are left out."""
    return _settled(api)[2]


def _settled(api: Api) -> tuple[Api, Api, dict[str, Contract]]:
    known = _SETTLED.get(id(api))
    if known is not None:
        return known
    marks: dict[str, Contract] = {}
    tools: list[Tool] = []
    for tool in api.tools:
        output, how = _settle(tool.output_schema)
        answers = []
        for answer in tool.responses:
            body = output if answer.body == tool.output_schema else _settle(answer.body)[0]
            answers.append(
                answer if body is answer.body else answer.model_copy(update={"body": body})
            )
        if how != "declared":
            marks[tool.name] = how
        same = output is tool.output_schema and all(
            new is old for new, old in zip(answers, tool.responses, strict=True)
        )
        tools.append(
            tool
            if same
            else tool.model_copy(update={"output_schema": output, "responses": tuple(answers)})
        )
    same = all(new is old for new, old in zip(tools, api.tools, strict=True))
    found = api if same else api.model_copy(update={"tools": tuple(tools)})
    if len(_SETTLED) > 256:
        _SETTLED.clear()
    entry = _SETTLED[id(api)] = (api, found, marks)
    if found is not api:
        _SETTLED[id(found)] = (found, found, marks)
    return entry


def _settle(schema: JsonObject | None) -> tuple[JsonObject | None, Contract]:
    if not schema:
        return schema, "declared"
    text = canonical(schema)
    if not any(word in text for word in _RISKY):
        return schema, "declared"
    how = _verdict(text, _Held(schema))
    if how == "declared":
        return schema, how
    return (loosened(schema), how) if how == "loosened" else (None, how)


class _Held:
    """A schema on its way past a cache that knows it by its text alone."""

    def __init__(self, schema: JsonObject) -> None:
        self.schema = schema

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=8192)
def _verdict(text: str, held: _Held) -> Contract:
    if can_be_met(held.schema):
        return "declared"
    return "loosened" if '"oneOf"' in text and can_be_met(loosened(held.schema)) else "dropped"


def can_be_met(schema: JsonObject) -> bool:
    """Whether a value can be made that a schema accepts; where none is found in some tries, there is none that a caller would ever see."""
    shape = Shape.of(schema)

    def make(attempt: int) -> Any:
        rng = random.Random(f"promise:{attempt}")
        return ValueSampler(rng, optional=(0.0, 1.0, 0.5)[attempt % 3], strict=True).value(
            shape, ""
        )

    return is_valid(schema, repair(schema, make(0), make, tries=5))


def loosened(node: Any) -> Any:
    """A schema in which "exactly one of" is "any of", at any depth."""
    if isinstance(node, list):
        return [loosened(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {name: loosened(item) for name, item in node.items()}
    options = out.get("oneOf")
    if isinstance(options, list):
        del out["oneOf"]
        if "anyOf" in out:
            out["allOf"] = [*out.get("allOf", ()), {"anyOf": options}]
        else:
            out["anyOf"] = options
    return out
