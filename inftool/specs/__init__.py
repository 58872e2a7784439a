"""Documents -> tools: API descriptions become records that a model can call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inftool.core.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from inftool.specs.compiler import compile_document as compile_document
    from inftool.specs.compiler import compile_specs as compile_specs
    from inftool.specs.validation.validator import Validator as Validator
    from inftool.specs.validation.validator import check as check
    from inftool.specs.validation.validator import violations as violations
    from inftool.specs.validation.violations import Violation as Violation

__all__ = ["Validator", "Violation", "check", "compile_document", "compile_specs", "violations"]

__getattr__ = lazy_exports(
    __name__,
    {
        "compile_document": "inftool.specs.compiler",
        "compile_specs": "inftool.specs.compiler",
        "Validator": "inftool.specs.validation.validator",
        "Violation": "inftool.specs.validation.violations",
        "check": "inftool.specs.validation.validator",
        "violations": "inftool.specs.validation.validator",
    },
)
