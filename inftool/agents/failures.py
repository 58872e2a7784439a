"""What an endpoint's refusals mean: ask again, never ask this again, or stop asking at all."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from inftool.agents.endpoints import Endpoint
from inftool.errors import CastError, FatalError, RetryableError, StructuralError

# Beyond this, an endpoint's wish is not taken at its word: openai's client stops at 60 s.
LONGEST_WAIT = 120.0
_NO_MONEY = ("insufficient_quota", "billing_hard_limit", "credit balance")


def refusal(endpoint: Endpoint, status: int, headers: Mapping[str, str], text: str, secret: str | None) -> CastError:
    """The error for an HTTP status other than 2xx; `secret` never stands in its message."""
    said = message_in(text)
    if secret:
        said = said.replace(secret, "***")
    what = f"{endpoint.model}: HTTP {status}: {said[:300]}"
    if status in (401, 403):
        return FatalError(
            f"{endpoint.model}: the endpoint refuses the key in {endpoint.key_env} ({status})", hint=f"set {endpoint.key_env} to a valid key"
        )
    if status == 402 or (status == 429 and any(word in text for word in _NO_MONEY)):
        return FatalError(what, hint="the account has no money left; top it up and go on with --resume")
    if status in (404, 405) or 300 <= status < 400:
        return FatalError(what, hint=f"is {endpoint.base_url or 'the address'} right, and does it have the model {endpoint.model!r}?")
    advice = headers.get("x-should-retry")
    again = status in (408, 409, 425, 429) or (status >= 500 and status not in (501, 505))
    if advice == "true" or (again and advice != "false"):
        return RetryableError(what, after=wait_asked(headers), pushback=status in (429, 503, 529))
    return StructuralError(what)


def message_in(text: str) -> str:
    """The message of an error's body, or the body itself."""
    try:
        body = json.loads(text)
    except ValueError:
        return text.strip()
    error = body.get("error", body) if isinstance(body, dict) else body
    found = error.get("message") if isinstance(error, dict) else error
    return found if isinstance(found, str) else text.strip()


def wait_asked(headers: Mapping[str, str]) -> float | None:
    """The seconds an endpoint asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date; None where it does not, or asks nonsense."""
    seconds: float | None = None
    try:
        if (value := headers.get("retry-after-ms")) is not None:
            seconds = float(value) / 1000
        elif (value := headers.get("retry-after")) is not None:
            try:
                seconds = float(value)
            except ValueError:
                seconds = parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(seconds, LONGEST_WAIT) if seconds is not None and seconds > 0 else None
