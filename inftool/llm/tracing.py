"""OpenTelemetry spans, where `OTEL_EXPORTER_OTLP_ENDPOINT` is set: one a play, one a request. No message, no argument and no key is in one."""

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


class Tracer:
    """Makes spans and sends them in the background."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("inftool")

    @contextmanager
    def play(self, name: str, category: str) -> Iterator[None]:
        """The span of one play; requests made within are its children."""
        with self._tracer.start_as_current_span(
            "play", attributes={"inftool.blueprint": name, "inftool.category": category}
        ):
            yield

    def request(self, model: str, seconds: float, attempt: int, problem: str | None) -> None:
        """The span of one request that is just over."""
        from opentelemetry.trace import Status, StatusCode

        end = time.time_ns()
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
            span.set_status(Status(StatusCode.ERROR, problem[:200]))
        span.end(end_time=end)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def tracer_from_environment() -> Tracer | None:
    """A tracer where the environment asks for one; MissingExtra where the SDK is not installed."""
    if not os.environ.get(VARIABLE):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise MissingExtra("opentelemetry-sdk with its OTLP exporter", "telemetry") from error
    provider = TracerProvider(
        resource=Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "inftool")})
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=5)))
    return Tracer(provider)
