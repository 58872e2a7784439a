"""OpenTelemetry spans, if `OTEL_EXPORTER_OTLP_ENDPOINT` is set: conversations and their requests.

No message, no argument and no key is in a span.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from inftool.core.errors import MissingExtra

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"
# Seconds for an export: a collector that is down must not hold up the end of a run.
_EXPORT_TIMEOUT = 5
_MAX_PROBLEM_LENGTH = 200


class Tracer:
    """Makes spans and sends them in the background."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("inftool")

    @contextmanager
    def conversation(self, name: str, category: str) -> Iterator[None]:
        """The span of one conversation; requests made within are its children."""
        attributes = {"inftool.blueprint": name, "inftool.category": category}
        with self._tracer.start_as_current_span("play", attributes=attributes):
            yield

    def request(self, model: str, seconds: float, attempt: int, problem: str | None) -> None:
        """The span of one request that has just ended; `attempt` counts from 0."""
        from opentelemetry.trace import Status, StatusCode

        end = time.time_ns()
        # The names are those of OpenTelemetry's semantic conventions for generative AI.
        span = self._tracer.start_span(
            "chat.completions",
            start_time=end - int(seconds * 1e9),
            attributes={
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": model,
                "inftool.attempt": attempt + 1,
            },
        )
        if problem is not None:
            span.set_status(Status(StatusCode.ERROR, problem[:_MAX_PROBLEM_LENGTH]))
        span.end(end_time=end)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def tracer_from_environment() -> Tracer | None:
    """A tracer if the environment asks for one; MissingExtra if the SDK is not installed."""
    if not os.environ.get(VARIABLE):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise MissingExtra("opentelemetry-sdk with its OTLP exporter", "telemetry") from error
    service = os.environ.get("OTEL_SERVICE_NAME", "inftool")
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=_EXPORT_TIMEOUT)))
    return Tracer(provider)
