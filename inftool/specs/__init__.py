"""Documents -> tools: raw API specifications become records that a model can call and a world can play."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inftool.specs.compile import compile_document, compile_specs
    from inftool.specs.explain import Violation
    from inftool.specs.validate import Validator, check, violations

__all__ = ["Validator", "Violation", "check", "compile_document", "compile_specs", "violations"]

_HOMES = {
    "compile_document": "compile",
    "compile_specs": "compile",
    "Validator": "validate",
    "Violation": "explain",
    "check": "validate",
    "violations": "validate",
}


def __getattr__(name: str) -> Any:
    # Validators and YAML are only loaded by those who compile something.
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"inftool.specs.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
