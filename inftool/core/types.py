"""The shared words: every stage takes and gives these records, and nothing else crosses a stage's border."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

JsonObject = dict[str, Any]
Effect = Literal["read", "create", "update", "delete", "action"]
Level = Literal["info", "warning", "error"]
Location = Literal["path", "query", "header", "cookie", "form", "body", "whole_body"]


class Record(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
