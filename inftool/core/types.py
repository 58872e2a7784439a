"""The types that everything else is built from: the base of records, and kinds of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema

JsonObject = dict[str, Any]
"""A JSON object of unknown form; prefer `Schema`, `Arguments` or a record where it is known."""

Schema = Mapping[str, object]
"""A JSON Schema: keyword -> value. Read only; what is read has to be checked before it is used."""

Arguments = Mapping[str, object]
"""The arguments of a tool call: name -> JSON value. Read only."""

JsonPointer = str
"""A JSON pointer (RFC 6901), such as `/items/0/id`; the empty text points at the whole document."""

Effect = Literal["read", "create", "update", "delete", "action"]
"""What a call does to the state of a service; `action`: a change that is none of the others."""

Level = Literal["info", "warning", "error"]
"""How bad a loss is."""

Location = Literal["path", "query", "header", "cookie", "form", "body", "whole_body"]
"""The part of an HTTP request that an argument travels in."""

RoleName = Literal["user", "assistant", "judge", "world", "merger", "writer"]
"""A role that a model can play."""


class Record(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AsJsonObject:
    """Annotates a TypedDict in a record: `Annotated[ChatMessage, AsJsonObject]`.

    The type checker sees the TypedDict. At run time any JSON object is accepted, with whatever keys
    it has, and is dumped unchanged: what a record holds may have been written by somebody else.
    """

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return handler.generate_schema(dict[str, Any])
