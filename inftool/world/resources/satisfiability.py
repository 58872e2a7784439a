"""Checks before any call that the answers which a spec declares can be given at all."""

from __future__ import annotations

import random
from functools import lru_cache
from typing import Literal, NamedTuple

from inftool.core.identity_cache import IdentityCache
from inftool.core.json_values import canonical
from inftool.core.tools import Api, Response, Tool
from inftool.core.types import Schema
from inftool.world.sampling.context import SamplerSettings
from inftool.world.sampling.sampler import ValueSampler
from inftool.world.schema.repair import repair
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid

Contract = Literal["declared", "loosened", "dropped"]
"""What holds of a declared answer: its schema, that with `oneOf` read as `anyOf`, or nothing."""

# Schemas without any of these always accept what the sampler makes of them.
_RISKY_TEXTS = (
    *('"oneOf"', '"allOf"', '"not"', '"if"', '"const"', '"dependent', '"unevaluated', '"pattern'),
    '"additionalProperties":false',
)
# Attempts to repair a value before a schema counts as accepting nothing. More find hardly any, and
# every schema with a keyword above pays for them.
_REPAIR_TRIES = 5
# Which optional properties a value has: none, all, then half of them.
_OPTIONAL_SHARES = (0.0, 1.0, 0.5)


class _SatisfiableApi(NamedTuple):
    """An API whose answers can be given, and what that took."""

    api: Api
    """The API; the original one if nothing had to change."""

    contracts: dict[str, Contract]
    """Tool -> contract, without tools whose answers are as declared."""


# Two for each API in the cache of inferred resources: as it was, and as it is answered.
_CACHE: IdentityCache[Api, _SatisfiableApi] = IdentityCache(512)


def satisfiable_api(api: Api) -> Api:
    """The API with answers that can be given.

    If no value meets the schema of an answer, its `oneOf` is read as `anyOf`; if that does not
    help, the schema is dropped.
    """
    return _satisfiable(api).api


def contracts(api: Api) -> dict[str, Contract]:
    """The contracts of an API's answers by tool; those that are as declared are left out."""
    return _satisfiable(api).contracts


def _satisfiable(api: Api) -> _SatisfiableApi:
    cached = _CACHE.get(api)
    if cached is not None:
        return cached
    by_tool: dict[str, Contract] = {}
    tools: list[Tool] = []
    for tool in api.tools:
        satisfiable, contract = _satisfiable_tool(tool)
        tools.append(satisfiable)
        if contract != "declared":
            by_tool[tool.name] = contract
    unchanged = all(new is old for new, old in zip(tools, api.tools, strict=True))
    result = _SatisfiableApi(
        api if unchanged else api.model_copy(update={"tools": tuple(tools)}), by_tool
    )
    # The result is asked for as well, and needs no second look.
    if not unchanged:
        _CACHE.put(result.api, result)
    return _CACHE.put(api, result)


def _satisfiable_tool(tool: Tool) -> tuple[Tool, Contract]:
    """A tool whose answers can be given (itself if they can already), and what holds of them."""
    output, contract = _satisfiable_schema(tool.output_schema)
    responses: list[Response] = []
    for response in tool.responses:
        is_output = response.body == tool.output_schema
        body = output if is_output else _satisfiable_schema(response.body)[0]
        same = body is response.body
        responses.append(response if same else response.model_copy(update={"body": body}))
    unchanged = output is tool.output_schema and all(
        new is old for new, old in zip(responses, tool.responses, strict=True)
    )
    if unchanged:
        return tool, contract
    update = {"output_schema": output, "responses": tuple(responses)}
    return tool.model_copy(update=update), contract


def _satisfiable_schema(
    schema: dict[str, object] | None,
) -> tuple[dict[str, object] | None, Contract]:
    if not schema:
        return schema, "declared"
    text = canonical(schema)
    if not any(risk in text for risk in _RISKY_TEXTS):
        return schema, "declared"
    contract = _contract(text, _Uncompared(schema))
    if contract == "loosened":
        return _with_any_of(schema), contract
    return (schema if contract == "declared" else None), contract


class _Uncompared:
    """Carries a schema past a cache that tells schemas apart by their texts."""

    def __init__(self, schema: dict[str, object]) -> None:
        self.schema = schema

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Uncompared)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=8192)
def _contract(text: str, carried: _Uncompared) -> Contract:
    """The contract of a schema; a check takes up to a hundred milliseconds, hence the cache."""
    schema = carried.schema
    if _can_be_met(schema):
        return "declared"
    return "loosened" if '"oneOf"' in text and _can_be_met(_with_any_of(schema)) else "dropped"


def _can_be_met(schema: dict[str, object]) -> bool:
    """Whether a value that a schema accepts is found in some attempts."""
    shape = Shape.of(schema)

    def make(attempt: int) -> object:
        optional = _OPTIONAL_SHARES[attempt % len(_OPTIONAL_SHARES)]
        settings = SamplerSettings(optional=optional, strict=True)
        return ValueSampler(random.Random(f"promise:{attempt}"), settings).value(shape)

    return is_valid(schema, repair(schema, make(0), make, tries=_REPAIR_TRIES))


def _with_any_of(schema: Schema) -> dict[str, object]:
    """A schema in which "exactly one of" reads "any of", at any depth."""
    loosened = {keyword: _with_any_of_inside(value) for keyword, value in schema.items()}
    options = loosened.get("oneOf")
    if isinstance(options, list):
        del loosened["oneOf"]
        if "anyOf" in loosened:
            conditions = loosened.get("allOf")
            others = conditions if isinstance(conditions, list) else []
            loosened["allOf"] = [*others, {"anyOf": options}]
        else:
            loosened["anyOf"] = options
    return loosened


def _with_any_of_inside(value: object) -> object:
    if isinstance(value, list):
        return [_with_any_of_inside(item) for item in value]
    return _with_any_of(value) if isinstance(value, dict) else value
