"""Refusals: an error's status and body in the shape that the spec declares for it."""

from __future__ import annotations

import random
from collections.abc import Mapping

from inftool.core.tools import Response, Result, Tool
from inftool.core.types import Arguments
from inftool.specs import violations
from inftool.world.rendering.error_bodies import ErrorDetails, error_body
from inftool.world.rendering.statuses import documented_error, error_title
from inftool.world.sampling.context import SamplerSettings
from inftool.world.sampling.sampler import ValueSampler
from inftool.world.schema.repair import repair
from inftool.world.schema.shape import Shape
from inftool.world.seeding.base import SeededBase

# A caller mends a few arguments at a time; more of them would only make the message long.
_MAX_VIOLATIONS = 5


def violation_result(base: SeededBase | None, tool: Tool, arguments: Arguments) -> Result | None:
    """The refusal of arguments that break the tool's schema, None for arguments that satisfy it.

    The status is 422 where the tool documents 422 and not 400, else 400.
    """
    broken = violations(tool, arguments)
    if not broken:
        return None
    message = "; ".join(violation.message for violation in broken[:_MAX_VIOLATIONS])
    statuses = {answer.status for answer in tool.responses}
    status = 422 if "422" in statuses and "400" not in statuses else 400
    return failure(base, tool, status, message, field=broken[0].argument)


def failure(
    base: SeededBase | None,
    tool: Tool,
    status: int,
    message: str,
    *,
    field: str = "",
    headers: Mapping[str, str] | None = None,
    fault: str | None = None,
) -> Result:
    """A refusal in the shape that the spec declares for it, else in that of RFC 9457.

    `field` is the argument at fault, `fault` the name of an injected failure. The same refusal of
    the same tool has the same body every time.
    """
    shown, answer = documented_error(tool, status)
    body: object = {"status": shown, "title": error_title(shown), "detail": message}
    answer = answer or _any_refusal(tool)
    if answer is not None and answer.body:
        shape = Shape.of(answer.body)
        # From the refusal itself, not from the world: a refused call has no draws to depend on.
        rng = random.Random(f"{tool.name}:{shown}:{message}")
        if base is not None:
            sampler = base.sampler(rng, optional=0.0)
        else:
            sampler = ValueSampler(rng, SamplerSettings(optional=0.0))
        details = ErrorDetails(shown, message, field, tool.path, sampler)
        body = repair(
            answer.body, error_body(shape, details), lambda attempt: sampler.value(shape, "")
        )
    return Result(status=shown, body=body, headers=dict(headers or {}), fault=fault)


def _any_refusal(tool: Tool) -> Response | None:
    """The first documented 4xx answer with a body: it shows the shape of the API's errors."""
    refusals = (answer for answer in tool.responses if answer.status.startswith("4"))
    return next((answer for answer in refusals if answer.body), None)
