"""How models write calls: what a chat template writes is read back, in every style, and constrained
decoding lets that be written and nothing that is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inftool import synthesize
from inftool.core.chat import ChatMessage, ToolCallMessage, ToolSpec
from inftool.core.types import JsonObject
from inftool.export.sample import Sample
from inftool.training._optional import require
from inftool.training.tokenization.call_styles import CallStyle, read_message
from tests.conftest import SPECS

torch = pytest.importorskip("torch")
pytest.importorskip("trl")
pytest.importorskip("llguidance")
pytestmark = [pytest.mark.cpu_limit(120), pytest.mark.filterwarnings("ignore")]
torch.set_num_threads(1)

TEMPLATES = Path(str(require("trl").__file__)).parent / "chat_templates"
# As Mistral's tokenizers of the third and of the eleventh generation put it; written for this test.
_ID_CHECK = "{%- if {id}|length != 9 %}{{- raise_exception('ids have nine letters') }}{%- endif %}"
_CALL = (
    """('' if loop.first else ', ') + '{"name": "' + call.function.name"""
    """ + '", "arguments": ' + (call.function.arguments | tojson) + ', "id": "' + call.id + '"}'"""
)
_LATER_CALL = "'[TOOL_CALLS]' + call.function.name + '[ARGS]' + (call.function.arguments | tojson)"
_MISTRAL = """{{- bos_token }}{%- for message in messages %}
{%- if message.role == 'user' or message.role == 'system' %}
{{- '[INST] ' + message.content + '[/INST]' }}
{%- elif message.role == 'tool' %}RESULT_ID
{{- '[TOOL_RESULTS] ' + message.content + '[/TOOL_RESULTS]' }}
{%- elif message.tool_calls %}{{- OPENING }}{%- for call in message.tool_calls %}
CALL_ID
{{- CALL }}
{%- endfor %}{{- CLOSING }}
{%- else %}{{- ' ' + message.content + eos_token }}{%- endif %}{%- endfor %}"""
_MISTRAL = _MISTRAL.replace("RESULT_ID", _ID_CHECK.replace("{id}", "message.tool_call_id"))
_MISTRAL = _MISTRAL.replace("CALL_ID", _ID_CHECK.replace("{id}", "call.id"))


def _mistral(opening: str, call: str, closing: str) -> str:
    parts = _MISTRAL.replace("OPENING", opening).replace("CLOSING", closing)
    return parts.replace("CALL }}", f"{call} }}}}")


MISTRAL = _mistral("'[TOOL_CALLS] ['", _CALL, "']' + eos_token")
LATER = _mistral("''", _LATER_CALL, "eos_token")
# Style, template, marks that are tokens of their own, end mark, whether two calls can be said.
KINDS: dict[str, tuple[CallStyle, str | None, tuple[str, ...], str, bool]] = {
    "ours": ("hermes", None, (), "</s>", True),
    "qwen3": ("hermes", "qwen3.jinja", ("<|im_start|>",), "<|im_end|>", True),
    "llama3.1": (
        "llama",
        "llama3_1.jinja",
        ("<|python_tag|>", "<|start_header_id|>", "<|end_header_id|>"),
        "<|eot_id|>",
        False,
    ),
    "llama3.2": (
        "llama",
        "llama3_2.jinja",
        ("<|start_header_id|>", "<|end_header_id|>"),
        "<|eot_id|>",
        False,
    ),
    "qwen3.5": ("qwen-xml", "qwen3_5_nothink.jinja", ("<|im_start|>",), "<|im_end|>", True),
    "mistral": ("mistral", MISTRAL, ("[TOOL_CALLS]", "[INST]", "[/INST]"), "</s>", True),
    "mistral-later": ("mistral-args", LATER, ("[TOOL_CALLS]", "[ARGS]", "[INST]"), "</s>", True),
}
PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "count": {"type": "integer", "minimum": 1, "maximum": 99},
        "kind": {"type": "string", "enum": ["red wine", "tea"]},
        "exact": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "size": {
            "type": "object",
            "properties": {"w": {"type": "number"}},
            "required": ["w"],
            "additionalProperties": False,
        },
    },
    "required": ["city"],
    "additionalProperties": False,
}
TOOLS: list[ToolSpec] = [
    {
        "type": "function",
        "function": {"name": "find_it", "description": "Finds.", "parameters": PARAMETERS},
    },
    {
        "type": "function",
        "function": {
            "name": "stop",
            "description": "Stops.",
            "parameters": {"type": "object", "properties": {}, "additionalProperties": False},
        },
    },
]
TEXT = (
    st.text(
        st.characters(
            codec="utf-8",
            exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn"),
            exclude_characters="<>[]{}",
        ),
        min_size=1,
        max_size=12,
    )
    .map(str.strip)
    .filter(bool)
)
ARGUMENTS = st.fixed_dictionaries(
    {"city": TEXT},
    optional={
        "count": st.integers(1, 99),
        "kind": st.sampled_from(["red wine", "tea"]),
        "exact": st.booleans(),
        "tags": st.lists(TEXT, max_size=3),
        "size": st.fixed_dictionaries({"w": st.integers(0, 9)}),
    },
).map(
    lambda found: {key: found[key] for key in PARAMETERS["properties"] if key in found}
)  # in the schema's order, as grammars have it


class Models(dict[str, Any]):
    """Models by name; a failing test does not print them."""

    def __repr__(self) -> str:
        return "models"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """A tiny random Llama a style, loaded from its folder."""
    from inftool.training.models.loading import load_model
    from tests.support.tiny import make_styled

    folder = tmp_path_factory.mktemp("styles")
    synthesize([SPECS / "parcels.json"], out=folder / "run", count=6, seed=1)
    found = Models()
    for name, (_, template, marks, end, _) in KINDS.items():
        text = (
            (TEMPLATES / template).read_text("utf-8")
            if template and template.endswith(".jinja")
            else template
        )
        found[name] = load_model(make_styled(folder / name, folder / "run", text, marks, end))
    return found


def calling(*calls: tuple[str, JsonObject]) -> ChatMessage:
    made: list[ToolCallMessage] = [
        {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": given}}
        for n, (name, given) in enumerate(calls)
    ]
    return {"role": "assistant", "content": "", "tool_calls": made}


ASKED: ChatMessage = {"role": "user", "content": "Please find it."}


def written(model: Any, message: ChatMessage) -> str:
    """What the template has the assistant write, without the end mark."""
    from inftool.training.tokenization.tokens import render

    before, after = (
        render(model.tokenizer, model.template, [ASKED], TOOLS),
        render(model.tokenizer, model.template, [ASKED, message], TOOLS, reply=False),
    )
    assert after.startswith(before)
    return after[len(before) :].rstrip("\n").removesuffix(model.tokenizer.eos_token)


@pytest.mark.parametrize("name", KINDS)
def test_the_template_says_how_calls_are_written(name: str, loaded: Models) -> None:
    model = loaded[name]
    assert model.style == KINDS[name][0]
    assert model.tokenizer.convert_ids_to_tokens(model.end_tokens[0]) == KINDS[name][3]
    assert model.model.generation_config.eos_token_id == list(model.end_tokens)


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=25, deadline=None)
@given(st.lists(ARGUMENTS, min_size=1, max_size=2))
def test_what_is_written_is_read_back_and_may_be_written(
    name: str, loaded: Models, every: list[JsonObject]
) -> None:
    model, several = loaded[name], KINDS[name][4]
    calls = [("find_it", given) for given in every][: None if several else 1] + (
        [("stop", {})] if several else []
    )
    text = written(model, calling(*calls))
    read = read_message(text, model.style, TOOLS)
    assert read is not None
    assert [
        (call["function"]["name"], json.loads(str(call["function"]["arguments"])))
        for call in read["tool_calls"]
    ] == calls
    assert constraint(model).allows(text, TOOLS), text


@pytest.mark.parametrize("name", KINDS)
def test_words_are_words_and_may_be_written(name: str, loaded: Models) -> None:
    for words in ("It is 7 < 9, as you asked.", "Which one? A or B?\n\nSay so."):
        text = written(loaded[name], {"role": "assistant", "content": words})
        assert read_message(text, loaded[name].style, TOOLS) == {
            "role": "assistant",
            "content": words,
        }
        assert constraint(loaded[name]).allows(text, TOOLS)


WRONG: list[tuple[str, JsonObject]] = [
    ("find_all", {"city": "x"}),
    ("find_it", {}),
    ("find_it", {"city": "x", "delete": True}),
    ("find_it", {"city": "x", "count": "many"}),
    ("find_it", {"city": "x", "count": 100}),
    ("find_it", {"city": "x", "kind": "coffee"}),
    ("find_it", {"city": "x", "size": {}}),
    ("stop", {"city": "x"}),
]


@pytest.mark.parametrize("name", KINDS)
def test_wrong_calls_cannot_be_written(name: str, loaded: Models) -> None:
    model = loaded[name]
    for call in WRONG:
        if name == "qwen3.5" and call[1].get("count") == 100:
            continue  # bare numbers are held to their type, not to their bounds
        assert not constraint(model).allows(written(model, calling(call)), TOOLS), call
    assert not constraint(model).allows(written(model, calling(("stop", {}))), [])
    assert not constraint(model).allows("", TOOLS)


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("llama", '{"name": "find_it", "parameters": {"city": "x"}'),
        ("llama", '{"name": "find_it", "parameters": "x"}'),
        ("llama", '<|python_tag|>find_it.call(city="x")'),
        ("llama", '{"name": "find_it", "arguments": {}} and more'),
        ("mistral", '[TOOL_CALLS] [{"name": "find_it"}]'),
        ("mistral", "[TOOL_CALLS] []"),
        ("mistral", '[TOOL_CALLS] [{"name": "find_it", "arguments": {"count": NaN}}]'),
        ("mistral-args", "[TOOL_CALLS]find_it{}"),
        (
            "qwen-xml",
            "<tool_call>\n<function=find_it>\n<parameter=city>\nx\n</parameter>\n</function>",
        ),
        ("qwen-xml", "<tool_call>\n<function=find_it>\nx\n</function>\n</tool_call>"),
        (
            "qwen-xml",
            "<tool_call>\n<function=a>\n<parameter=k>\n1\n</parameter>\n"
            "<parameter=k>\n2\n</parameter>\n</function>\n</tool_call>",
        ),
        ("qwen-xml", "<tool_call>\n<function=stop>\n</function>\n</tool_call> so"),
        ("hermes", '<tool_call>{"name": "find_it"}</tool_call>'),
    ],
)
def test_what_is_not_exact_cannot_be_read(style: CallStyle, text: str) -> None:
    assert read_message(text, style, TOOLS) is None


PIECES = (
    *'{}[]"<>:, \n\\ax1',
    "<tool_call>",
    "</tool_call>",
    "[TOOL_CALLS]",
    "[ARGS]",
    "<function=f>",
    '"name"',
    "<|python_tag|>",
)


@pytest.mark.parametrize("style", ["hermes", "llama", "mistral", "mistral-args", "qwen-xml"])
@given(st.lists(st.sampled_from([*PIECES]), max_size=40).map("".join))
@settings(max_examples=150, deadline=None)
def test_whatever_a_model_writes_is_read_or_refused(style: CallStyle, text: str) -> None:
    found = read_message(text, style, TOOLS)
    assert found is None or found["role"] == "assistant"


def test_thoughts_are_taken_off(loaded: Models) -> None:
    text = "<think>\nHm. <tool_call>\n</think>\n\n" + written(loaded["ours"], calling(("stop", {})))
    assert read_message(text)["tool_calls"][0]["function"]["name"] == "stop"  # type: ignore[index]
    assert constraint(loaded["ours"]).allows(text, TOOLS)


@pytest.mark.parametrize("name", ["llama3.1", "mistral", "qwen3.5"])
def test_masks_without_marks_in_the_template(name: str, loaded: Models) -> None:
    """Templates that mark nothing: the labels are what the assistant writes, end marks included,
    and a masked message is not among them."""
    from inftool.training.tokenization.tokens import encode

    model = loaded[name]
    call = calling(("find_it", {"city": "Rome"}))
    messages: tuple[ChatMessage, ...] = (
        ASKED,
        call,
        {"role": "tool", "tool_call_id": "call_0", "name": "find_it", "content": '{"ok": true}'},
        {"role": "assistant", "content": "It is there."},
        {"role": "user", "content": "Thanks. Stop?"},
        {"role": "assistant", "content": "Yes."},
    )
    learn = tuple(message["role"] == "assistant" for message in messages)
    whole = encode(
        model.tokenizer,
        model.template,
        Sample(id="x", messages=messages, tools=tuple(TOOLS), learn=learn),
        10**6,
    )
    assert whole is not None
    end = model.tokenizer.eos_token
    said = model.tokenizer.decode([label for label in whole.labels if label != -100]).split(end)
    assert [part.replace("<think>\n\n</think>", "").strip() for part in said] == [
        written(model, call).replace("<think>\n\n</think>", "").strip(),
        "It is there.",
        "Yes.",
        "",
    ]
    masked = encode(
        model.tokenizer,
        model.template,
        Sample(
            id="x", messages=messages, tools=tuple(TOOLS), learn=(False,) * 3 + (True, False, False)
        ),
        10**6,
    )
    assert masked is not None
    assert (
        model.tokenizer.decode([label for label in masked.labels if label != -100])
        .replace("<think>\n\n</think>", "")
        .strip()
        == f"It is there.{end}"
    )


def test_two_calls_where_one_can_be_said_are_refused_and_counted(loaded: Models) -> None:
    from inftool.training.tokenization.protocol import RenderError
    from inftool.training.tokenization.tokens import encode

    model = loaded["llama3.1"]
    two = Sample(
        id="x",
        messages=(ASKED, calling(("stop", {}), ("stop", {}))),
        tools=tuple(TOOLS),
        learn=(False, True),
    )
    with pytest.raises(RenderError, match="single tool-calls"):
        encode(model.tokenizer, model.template, two, 10**6)


_CONSTRAINTS: dict[int, Any] = {}


def constraint(model: Any) -> Any:
    from inftool.training.models.constrained_decoding import GrammarConstraint

    return _CONSTRAINTS.setdefault(id(model.model), GrammarConstraint(model))


@pytest.mark.parametrize("name", ["ours", "llama3.1", "mistral-later"])
def test_a_random_model_under_constraint_writes_valid_calls(name: str, loaded: Models) -> None:
    """Sampled through the logits processor, with words put out of reach: whatever comes to its end
    is a call that its schema allows."""
    from inftool.training.models.policy import decode_message, generate
    from inftool.training.tokenization.tokens import render

    model, schema = loaded[name], require("jsonschema")
    small: list[ToolSpec] = [
        TOOLS[1],
        {
            "type": "function",
            "function": {
                "name": "pick",
                "parameters": {
                    "type": "object",
                    "properties": {"kind": {"enum": ["red", "tea"]}, "yes": {"type": "boolean"}},
                    "required": ["kind"],
                    "additionalProperties": False,
                },
            },
        },
    ]
    processor = constraint(model).processor([small] * 8)
    mark = {"ours": "<", "llama3.1": "{", "mistral-later": "[TOOL_CALLS]"}[name]
    first = model.tokenizer.convert_tokens_to_ids(mark)

    def calls_only(ids: Any, scores: Any) -> Any:
        found = processor(ids, scores)
        if ids.shape[1] == len(prompt):
            found = found.clone()
            assert torch.isfinite(found[:, first]).all()
            found[:, [token for token in range(found.shape[1]) if token != first]] = float("-inf")
        return found

    prompt = model.tokenizer(
        render(model.tokenizer, model.template, [ASKED], small), add_special_tokens=False
    ).input_ids
    torch.manual_seed(0)
    made = generate(model, [prompt] * 8, max_new_tokens=80, temperature=1.0, processor=calls_only)
    ended = [ids for ids in made if ids[-1] in model.end_tokens]
    assert ended  # the others were still writing when their tokens ran out
    parameters = {tool["function"]["name"]: tool["function"]["parameters"] for tool in small}
    for ids in ended:
        message = decode_message(model, ids, small)
        assert message is not None
        for call in message["tool_calls"]:
            schema.validate(
                json.loads(str(call["function"]["arguments"])), parameters[call["function"]["name"]]
            )
