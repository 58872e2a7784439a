"""Replies of the OpenAI chat protocol: the JSON of a completion becomes AutoGen's record."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from autogen_core import FunctionCall
from autogen_core.models import CreateResult, RequestUsage

from inftool.core.errors import NonsenseError
from inftool.llm import text_tool_calls
from inftool.llm.chat_protocol import encode
from inftool.llm.config import Endpoint

# "<think>A plan.</think>Hello" -> "A plan.". Some chat templates write the opening tag into the
# prompt, so that a reply holds only the closing one.
_THINKING = re.compile(r"^\s*(?:<think>)?(.*?)</think>", re.DOTALL)

# A chat template adds tokens to what was sent. A prompt counted at more than its bytes and this
# many was counted wrong: some servers add up the counts of all their requests.
_MAX_TEMPLATE_TOKENS = 4096

# No model writes this much in one reply: a larger count is an error of the server.
_MAX_COMPLETION_TOKENS = 1_000_000

# Bytes a token of English and JSON, for the estimate where an endpoint does not count.
_BYTES_PER_TOKEN = 4

# Hexadecimal digits of an id for a call that came as text; as long as the ids of hosted models.
_ID_DIGITS = 16


class CallsResult(CreateResult):
    """A completion that consists of tool calls, with the text that came beside them."""

    text: str | None = None
    """What the model said to the user; `thought` holds its reasoning and nothing else."""


def to_create_result(reply: Any, endpoint: Endpoint, *, sent: int, offered: bool) -> CreateResult:
    """A reply (decoded JSON) as AutoGen's record.

    `sent` is the size of the request in bytes, `offered` whether it offered tools. NonsenseError if
    the reply is no completion; its `spent` holds the tokens that the reply cost all the same.
    """
    spent = (0, 0)
    try:
        spent = _token_counts(reply, sent)
        return _completion(reply["choices"][0], endpoint, spent, sent=sent, offered=offered)
    except NonsenseError as error:
        error.spent = spent
        raise
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise NonsenseError(f"{type(error).__name__}: {error}", spent=spent) from error


def _completion(
    choice: Any, endpoint: Endpoint, spent: tuple[int, int], *, sent: int, offered: bool
) -> CreateResult:
    message = choice["message"]
    thought, content = _thought_and_text(message)
    usage = RequestUsage(prompt_tokens=spent[0], completion_tokens=spent[1])
    if calls := message.get("tool_calls"):
        return CallsResult(
            finish_reason="function_calls",
            content=[_function_call(call) for call in calls],
            usage=usage,
            cached=False,
            thought=thought,
            text=content.strip() or None,
        )
    finish: Literal["stop", "length", "content_filter"] = "stop"
    if (reason := choice.get("finish_reason")) in ("length", "content_filter"):
        finish = reason
    if finish == "stop" and (not content.strip() or content.lstrip().startswith("<think>")):
        raise NonsenseError("an unfinished thought" if content.strip() else "an empty message")
    if finish == "stop" and offered and endpoint.tool_calls == "hermes":
        before, texts = text_tool_calls.read_calls(content)
        if texts:
            return CallsResult(
                finish_reason="function_calls",
                content=_calls_from_text(texts, sent),
                usage=usage,
                cached=False,
                thought=thought,
                text=before or None,
            )
    return CreateResult(
        finish_reason=finish, content=content, usage=usage, cached=False, thought=thought
    )


def _thought_and_text(message: Mapping[str, Any]) -> tuple[str | None, str]:
    """The reasoning of a message, wherever an endpoint puts it, and the text for the user."""
    thought = message.get("reasoning_content") or message.get("reasoning") or None
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(part.get("text", "") for part in content)
    # A refusal to answer in the requested shape is an answer all the same.
    content = content or message.get("refusal") or ""
    if not isinstance(content, str):
        raise NonsenseError(f"content of type {type(content).__name__}")
    if "</think>" in content and (thinking := _THINKING.match(content)):
        thought = thought or thinking[1].strip() or None
        content = content[thinking.end() :].lstrip()
    return thought, content


def _function_call(call: Mapping[str, Any]) -> FunctionCall:
    function = call["function"]
    arguments = function.get("arguments")
    if isinstance(arguments, dict):
        # The protocol wants JSON text here; some local servers send the object itself.
        arguments = encode(arguments)
    return FunctionCall(
        id=str(call["id"]), name=str(function["name"]), arguments=str(arguments or "{}")
    )


def _calls_from_text(texts: Sequence[tuple[str, str]], sent: int) -> list[FunctionCall]:
    return [
        FunctionCall(id=_text_id(sent, number, text), name=text[0], arguments=text[1])
        for number, text in enumerate(texts)
    ]


def _text_id(sent: int, number: int, text: tuple[str, str]) -> str:
    """An id for a call that came as text, which has none.

    Requests of a conversation grow, so their size keeps equal calls of different replies apart.
    """
    digest = hashlib.sha256(repr((sent, number, text)).encode()).hexdigest()
    return f"call_{digest[:_ID_DIGITS]}"


def _token_counts(reply: object, sent: int) -> tuple[int, int]:
    """The tokens of the prompt and of the completion.

    As the endpoint counts them; an estimate where it does not count or cannot have counted right.
    """
    usage = reply.get("usage") if isinstance(reply, dict) else None
    counts = usage if isinstance(usage, dict) else {}
    prompt = _plausible(counts.get("prompt_tokens"), sent + _MAX_TEMPLATE_TOKENS)
    if prompt is None:
        prompt = sent // _BYTES_PER_TOKEN
    completion = _plausible(counts.get("completion_tokens"), _MAX_COMPLETION_TOKENS)
    if completion is None:
        choices = reply.get("choices") if isinstance(reply, dict) else reply
        completion = len(encode(choices)) // _BYTES_PER_TOKEN
    return prompt, completion


def _plausible(count: object, most: int) -> int | None:
    # `True` is an int in Python, and no count in JSON.
    if isinstance(count, int) and not isinstance(count, bool) and 0 < count <= most:
        return count
    return None
