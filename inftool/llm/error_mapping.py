"""What an endpoint's refusals mean: ask again, never ask this again, or stop asking at all."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import aiohttp

from inftool.core.errors import AddressError, CastError, FatalError, RetryableError, StructuralError
from inftool.llm.config import Endpoint

# Beyond this, an endpoint's wish is not taken at its word: openai's client stops at 60 s.
LONGEST_WAIT = 120.0
_VERSION = re.compile(r"/v\d+[a-z]*(/|$)")
_NO_MONEY = ("insufficient_quota", "billing_hard_limit", "credit balance")


def refusal(
    endpoint: Endpoint, status: int, headers: Mapping[str, str], text: str, secret: str | None
) -> CastError:
    """The error for an HTTP status other than 2xx; `secret` never stands in its message."""
    said = message_in(text)
    if secret:
        said = said.replace(secret, "***")
    what = f"{endpoint.model}: HTTP {status}: {said[:300]}"
    if status in (401, 403):
        if not secret:
            return FatalError(
                f"{endpoint.model}: the endpoint wants a key, and {endpoint.key_env} is not set ({status})",
                hint="set it, or name the variable that holds the key with --key-env",
            )
        # A refused key is sometimes quoted in part, and a 403 is often about something else.
        why = f": {said[:300]}" if status == 403 and "***" not in said else ""
        return FatalError(
            f"{endpoint.model}: the endpoint refuses the key in {endpoint.key_env} ({status}){why}",
            hint=f"set {endpoint.key_env} to a valid key",
        )
    if status == 402 or (status == 429 and any(word in text for word in _NO_MONEY)):
        return FatalError(what, hint="the account has no money left; top it up")
    if status in (404, 405) or 300 <= status < 400:
        return AddressError(what, hint=where_to_look(endpoint))
    advice = headers.get("x-should-retry")
    again = status in (408, 409, 425, 429) or (status >= 500 and status not in (501, 505))
    if advice == "true" or (again and advice != "false"):
        return RetryableError(what, after=wait_asked(headers), pushback=status in (429, 503, 529))
    return StructuralError(what)


def where_to_look(endpoint: Endpoint) -> str:
    """What to look at where an address does not answer like an OpenAI-compatible endpoint."""
    base = endpoint.base_url or "the address"
    if endpoint.base_url and not _VERSION.search(endpoint.base_url):
        return f"is {base} right? Such addresses mostly end in /v1: try --base-url {base}/v1"
    return f"is {base} right, and does it have the model {endpoint.model!r}?"


def unreached(endpoint: Endpoint, error: Exception) -> CastError:
    """The error for a connection that did not come about, or broke."""
    if isinstance(error, TimeoutError):
        return RetryableError(f"{endpoint.model}: no answer within {endpoint.timeout:g} s")
    if isinstance(error, aiohttp.InvalidURL):
        return AddressError(f"{endpoint.base_url} is no address")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return AddressError(
            f"{endpoint.model}: the certificate of {error.host}:{error.port} is not trusted ({error.certificate_error})",
            hint="if it is your own, let SSL_CERT_FILE name the PEM file of whoever signed it",
        )
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return AddressError(
            f"{endpoint.model}: {error.host}:{error.port} does not speak TLS ({error.strerror})",
            hint="does its address start with http://?",
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        why = f"the name {error.host} is not known"
    elif isinstance(error, aiohttp.ClientProxyConnectionError):
        why = f"the proxy {error.host}:{error.port}, which the environment names, cannot be reached"
    elif isinstance(error, aiohttp.ClientConnectorError):
        why = f"cannot connect to {error.host}:{error.port} ({error.os_error.strerror or error.os_error})"
    elif isinstance(error, aiohttp.ClientHttpProxyError):
        why = f"the proxy answers HTTP {error.status}"
    elif isinstance(error, aiohttp.ServerDisconnectedError):
        why = "it closed the connection"
    elif isinstance(error, aiohttp.ClientPayloadError):
        why = "the answer broke off"
    else:
        why = f"{type(error).__name__}: {error}"
    return RetryableError(f"{endpoint.model}: no answer: {why}")


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
