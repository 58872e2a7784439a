"""From HTTP statuses and connection errors to InfTool's errors: retry, skip, or end the run."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import aiohttp

from inftool.core.errors import AddressError, CastError, FatalError, RetryableError, StructuralError
from inftool.llm.config import Endpoint

# The longest wait that an endpoint can ask for (seconds), whatever it says: openai's client follows
# such a wish up to 60 s; a run has nobody who waits for it, and can be more patient.
LONGEST_WAIT = 120.0
# What is quoted of an endpoint's message; some servers answer with whole pages.
_MAX_MESSAGE = 300
# "https://api.example.com/v1beta/" has a version.
_VERSION = re.compile(r"/v\d+[a-z]*(/|$)")
# In the body of a 429 that waiting does not help against.
_NO_MONEY = ("insufficient_quota", "billing_hard_limit", "credit balance")
# Statuses below 500 that pass: timeout, conflict, too early, too many requests.
_RETRIED = (408, 409, 425, 429)
# Statuses from 500 up that do not pass: not implemented, HTTP version not supported.
_NOT_RETRIED = (501, 505)
# Too many requests, unavailable, and 529, which some hosted models send when they are overloaded.
_PUSHBACK = (429, 503, 529)


def refusal(
    endpoint: Endpoint, status: int, headers: Mapping[str, str], text: str, secret: str | None
) -> CastError:
    """The error for an HTTP status other than 200.

    `text` is the body or its beginning; `secret` is the key, which is blotted out of the message.
    """
    message = message_in(text)
    if secret:
        message = message.replace(secret, "***")
    summary = f"{endpoint.model}: HTTP {status}: {message[:_MAX_MESSAGE]}"
    if status in (401, 403):
        return _key_error(endpoint, status, message, has_key=bool(secret))
    if status == 402 or (status == 429 and any(phrase in text for phrase in _NO_MONEY)):
        return FatalError(summary, hint="the account has no money left; top it up")
    # Redirects are not followed: they would take the key along.
    if status in (404, 405) or 300 <= status < 400:
        return AddressError(summary, hint=where_to_look(endpoint))
    advice = headers.get("x-should-retry")
    passes = status in _RETRIED or (status >= 500 and status not in _NOT_RETRIED)
    if advice == "true" or (passes and advice != "false"):
        return RetryableError(summary, after=wait_asked(headers), pushback=status in _PUSHBACK)
    return StructuralError(summary)


def _key_error(endpoint: Endpoint, status: int, message: str, *, has_key: bool) -> FatalError:
    if not has_key:
        return FatalError(
            f"{endpoint.model}: the endpoint wants a key,"
            f" and {endpoint.key_env} is not set ({status})",
            hint="set it, or name the variable that holds the key with --key-env",
        )
    # The message of a 401 is left out, since some endpoints quote part of the refused key. A 403
    # is often about something else, so its message is shown.
    reason = f": {message[:_MAX_MESSAGE]}" if status == 403 and "***" not in message else ""
    return FatalError(
        f"{endpoint.model}: the endpoint refuses the key in {endpoint.key_env} ({status}){reason}",
        hint=f"set {endpoint.key_env} to a valid key",
    )


def where_to_look(endpoint: Endpoint) -> str:
    """A hint for an address that does not answer like an OpenAI-compatible endpoint."""
    base = endpoint.base_url or "the address"
    if endpoint.base_url and not _VERSION.search(endpoint.base_url):
        return f"is {base} right? Such addresses mostly end in /v1: try --base-url {base}/v1"
    return f"is {base} right, and does it have the model {endpoint.model!r}?"


def unreached(endpoint: Endpoint, error: Exception) -> CastError:
    """The error for a connection that could not be made, or that broke."""
    if isinstance(error, TimeoutError):
        return RetryableError(f"{endpoint.model}: no answer within {endpoint.timeout:g} s")
    if isinstance(error, aiohttp.InvalidURL):
        return AddressError(f"{endpoint.base_url} is no address")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return AddressError(
            f"{endpoint.model}: the certificate of {error.host}:{error.port}"
            f" is not trusted ({error.certificate_error})",
            hint="if it is your own, let SSL_CERT_FILE name the PEM file of whoever signed it",
        )
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return AddressError(
            f"{endpoint.model}: {error.host}:{error.port} does not speak TLS ({error.strerror})",
            hint="does its address start with http://?",
        )
    return RetryableError(f"{endpoint.model}: no answer: {_reason(error)}")


def _reason(error: Exception) -> str:
    # The order matters: aiohttp derives the errors of DNS and proxies from ClientConnectorError.
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the name {error.host} is not known"
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return (
            f"the proxy {error.host}:{error.port}, which the environment names, cannot be reached"
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error.strerror or error.os_error
        return f"cannot connect to {error.host}:{error.port} ({cause})"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answers HTTP {error.status}"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "it closed the connection"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer broke off"
    return f"{type(error).__name__}: {error}"


def message_in(text: str) -> str:
    """The message of an error's body, or the body itself.

    `'{"error": {"message": "No such model"}}'` -> `"No such model"`.
    """
    try:
        body = json.loads(text)
    except ValueError:
        return text.strip()
    error = body.get("error", body) if isinstance(body, dict) else body
    message = error.get("message") if isinstance(error, dict) else error
    return message if isinstance(message, str) else text.strip()


def wait_asked(headers: Mapping[str, str]) -> float | None:
    """The seconds that an endpoint asks to wait, at most LONGEST_WAIT.

    Read from `retry-after-ms`, or from `retry-after` in seconds or as a date (RFC 9110, section
    10.2.3). None if there is neither, or no time in the future.
    """
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
