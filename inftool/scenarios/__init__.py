"""Scenarios: blueprints sampled from the specs or written by hand, each run before it is played."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inftool.scenarios.handwritten import read_blueprint as read_blueprint
    from inftool.scenarios.sample import Sampler as Sampler
    from inftool.scenarios.stage import Stage as Stage
    from inftool.scenarios.written import WrittenCall as WrittenCall
    from inftool.scenarios.written import WrittenTurn as WrittenTurn
    from inftool.scenarios.written import write_blueprint as write_blueprint

__all__ = ["Sampler", "Stage", "WrittenCall", "WrittenTurn", "read_blueprint", "write_blueprint"]

_HOMES = {
    "Sampler": "sample",
    "Stage": "stage",
    "WrittenCall": "written",
    "WrittenTurn": "written",
    "read_blueprint": "handwritten",
    "write_blueprint": "written",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"inftool.scenarios.{_HOMES[name]}"), name)
