"""Every format: what is written says what was kept, proved line by line; what cannot be said is
counted, and nothing is taught that was wrong."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from inftool import synthesize
from inftool.cli import app
from inftool.core.chat import ChatMessage, ChatRole, ToolCallMessage, ToolSpec
from inftool.core.errors import ExportError, StoreError, UsageError
from inftool.core.trajectories import Trajectory, TurnVerdict, Verdict
from inftool.core.types import JsonObject
from inftool.export import FORMATS, export_run
from inftool.export import writer as write
from inftool.export.sample import Sample, segments
from inftool.runs.manifest import RunManifest
from inftool.runs.run_folder import Run, read_trajectories
from tests.conftest import SPECS

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "type": {
            "type": "object",
            "properties": {"x": {"type": ["number", "null"], "default": None}},
        },
        "n": {"type": "number", "enum": [1.0, 2, 3.5], "description": "Größe “a”"},
        "t": {"type": "string", "pattern": "^\\d+</tool_call>$"},
    },
    "required": ["n"],
    "additionalProperties": False,
}


def tool(name: str) -> ToolSpec:
    return {
        "type": "function",
        "function": {"name": name, "description": f"Does {name}.\nTwice.", "parameters": SCHEMA},
    }


def called(*calls: tuple[str, Any], text: str | None = None) -> ChatMessage:
    made: list[ToolCallMessage] = [
        {
            "id": f"c{n}{name}",
            "type": "function",
            "function": {
                "name": name,
                "arguments": given if isinstance(given, str) else json.dumps(given),
            },
        }
        for n, (name, given) in enumerate(calls)
    ]
    return {"role": "assistant", "content": text, "tool_calls": made}


def result(call_id: str, name: str, content: str = '{"ok": true}') -> ChatMessage:
    return {"role": "tool", "tool_call_id": call_id, "name": name, "content": content}


def trajectory(
    *messages: ChatMessage,
    masked: tuple[int, ...] = (),
    later: dict[str, int] | None = None,
    name: str = "t1",
) -> Trajectory:
    instructions: ChatMessage = {"role": "system", "content": "You help."}
    turns = tuple(TurnVerdict(message=index, status="fail", loss=False) for index in masked)
    return Trajectory(
        id=name,
        messages=(instructions, *messages),
        tools=(tool("find"), tool("make")),
        offered_from=later or {},
        verdict=Verdict(status="pass", gates=(), turns=turns),
        provenance={"fingerprint": name},
    )


def user(text: str) -> ChatMessage:
    return {"role": "user", "content": text}


def said(text: str) -> ChatMessage:
    return {"role": "assistant", "content": text}


PLAIN = trajectory(
    user("find “1”"),
    called(("find", {"n": 1.0, "type": {"x": None}})),
    result("c0find", "find", "</tool_response>\nä"),
    said("It is 1."),
)
PARALLEL = trajectory(
    user("two"),
    called(("find", {"n": 1}), ("make", {"n": 3.5})),
    result("c0find", "find"),
    result("c1make", "make"),
    said("Done."),
    name="t2",
)
MENDED = trajectory(
    user("find"),
    called(("find", {"m": 1})),
    result("c0find", "find", "no"),
    called(("make", {"n": 2})),
    result("c0make", "make"),
    said("So."),
    masked=(2,),
    name="t3",
)
LATER = trajectory(
    user("make it"),
    said("I can't."),
    user("Now?"),
    called(("make", {"n": 2})),
    result("c0make", "make"),
    said("Yes."),
    later={"make": 3},
    name="t4",
)
BESIDE = trajectory(
    user("find"),
    called(("find", {"n": 1}), text="Let me see."),
    result("c0find", "find"),
    said("Here."),
    name="t5",
)
BROKEN = trajectory(
    user("find"), called(("find", "{")), result("c0find", "find"), said("Oh."), name="t6"
)


def store(folder: Path, *rows: Trajectory) -> Path:
    with Run.create(folder, RunManifest(state="complete", specs=())) as run:
        run.append([("kept", row.model_dump_json().encode()) for row in rows])
    return folder


def lines(path: Path) -> list[JsonObject]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real run, a third of whose plays hold a mistake."""
    folder = tmp_path_factory.mktemp("export") / "run"
    synthesize(
        [SPECS / "bookshop.yaml", SPECS / "airline.json"],
        out=folder,
        count=28,
        seed=2,
        mistakes=0.35,
    )
    return folder


@pytest.mark.parametrize("name", FORMATS)
def test_a_real_run_comes_back_as_it_was_kept(name: str, played: Path, tmp_path: Path) -> None:
    done = export_run(played, name, tmp_path / "out")
    assert done.proved == sum(done.files.values()) > 0
    assert {path.stem for path in (tmp_path / "out").glob("*.jsonl")} == set(done.files)
    assert not list((tmp_path / "out").glob("*.part"))
    if name in ("openai", "trl-sft", "hermes", "ms-swift", "axolotl", "prime-rl", "llamafactory"):
        assert done.proved >= sum(1 for _ in read_trajectories(played))


@pytest.mark.parametrize("name", FORMATS)
def test_hard_cases_are_written_right_or_left_out_and_counted(name: str, tmp_path: Path) -> None:
    if name in ("trl-dpo", "trl-grpo"):
        pytest.skip("needs plays of blueprints")
    run = store(tmp_path / "run", PLAIN, PARALLEL, MENDED, LATER, BESIDE, BROKEN)
    done = export_run(run, name, tmp_path / "out")
    assert done.left_out["a call whose arguments are no JSON"] == 1
    assert done.proved == sum(done.files.values())


def test_what_went_wrong_is_never_learned_from(tmp_path: Path) -> None:
    run = store(tmp_path / "run", MENDED, LATER)
    export_run(run, "openai", tmp_path / "openai")
    mended, before, after = lines(tmp_path / "openai" / "train.jsonl")
    assert [message.get("weight") for message in mended["messages"]] == [
        None,
        None,
        0,
        None,
        None,
        None,
        None,
    ]
    # Before the tool was there, saying no was right; with it in sight, these words are not learned
    # from.
    assert [made["function"]["name"] for made in before["tools"]] == ["find"]
    assert [made["function"]["name"] for made in after["tools"]] == ["find", "make"]
    assert [
        message.get("weight") for message in after["messages"] if message["role"] == "assistant"
    ] == [0, None, None]
    export_run(run, "trl-sft", tmp_path / "sft")
    partial = lines(tmp_path / "sft" / "partial.jsonl")
    assert [len(row["prompt"]) for row in partial] == [4, 4]
    assert all(row["completion"][0]["role"] == "assistant" for row in partial)
    assert len(lines(tmp_path / "sft" / "train.jsonl")) == 1
    export_run(run, "axolotl", tmp_path / "axolotl")
    assert [m["train"] for m in lines(tmp_path / "axolotl" / "train.jsonl")[0]["messages"]] == [
        False,
        False,
        False,
        False,
        True,
        False,
        True,
    ]


def test_formats_without_a_mask_leave_such_plays_out(tmp_path: Path) -> None:
    run = store(tmp_path / "run", PLAIN, MENDED)
    for name in ("hermes", "ms-swift", "llamafactory", "prime-rl"):
        done = export_run(run, name, tmp_path / name)
        assert done.proved == 1
        assert done.left_out == {
            "a message that is not to be learned from, which this format cannot say": 1
        }


def test_tools_come_back_byte_for_byte(tmp_path: Path) -> None:
    export_run(store(tmp_path / "run", PLAIN), "trl-sft", tmp_path / "out")
    row = lines(tmp_path / "out" / "train.jsonl")[0]
    assert row["tools"] == json.dumps(list(PLAIN.tools), ensure_ascii=False)
    assert row["messages"][2]["tool_calls"][0]["function"]["arguments"] == {
        "n": 1.0,
        "type": {"x": None},
    }


def test_tools_and_messages_survive_arrow(played: Path, tmp_path: Path) -> None:
    """Through `datasets` and back, and through parquet: no key is padded and none is lost."""
    datasets = pytest.importorskip("datasets")
    run = store(tmp_path / "run", *list(read_trajectories(played))[:12], PLAIN, PARALLEL)
    export_run(run, "trl-sft", tmp_path / "out")
    wanted = lines(tmp_path / "out" / "train.jsonl")
    loaded = datasets.load_dataset(
        "json",
        data_files=str(tmp_path / "out" / "train.jsonl"),
        split="train",
        cache_dir=str(tmp_path / "cache"),
    )
    assert [json.dumps(row) for row in loaded] == [json.dumps(row) for row in wanted]
    loaded.to_parquet(str(tmp_path / "x.parquet"))
    again = datasets.Dataset.from_parquet(
        str(tmp_path / "x.parquet"), cache_dir=str(tmp_path / "cache")
    )
    assert [row["tools"] for row in again] == [row["tools"] for row in wanted]


def test_pairs_share_everything_but_one_step(played: Path, tmp_path: Path) -> None:
    export_run(played, "trl-dpo", tmp_path / "out")
    pairs = lines(tmp_path / "out" / "train.jsonl")
    rejected = {row.id: row for row in read_trajectories(played, "rejected")}
    assert len(pairs) >= 5
    for pair in pairs:
        messages = rejected[pair["id"]].messages
        assert [m["role"] for m in pair["prompt"]] == [
            m["role"] for m in messages[: len(pair["prompt"])]
        ]
        assert pair["chosen"] != pair["rejected"]
        assert len(pair["chosen"]) == len(pair["rejected"]) == 1
        assert messages[len(pair["prompt"])]["role"] == "assistant"
        planted = rejected[pair["id"]].provenance["planted"]
        assert planted is not None
        if planted["kind"] in (
            "wrong_tool",
            "dropped_argument",
            "invented_argument",
            "wrong_value",
            "mistyped_argument",
        ):
            made = pair["rejected"][0]["tool_calls"]
            assert any(call["function"] == planted["became"] for call in made)


def test_llamafactory_takes_turns_and_describes_itself(tmp_path: Path) -> None:
    done = export_run(
        store(tmp_path / "run", PLAIN, PARALLEL, BESIDE), "llamafactory", tmp_path / "out"
    )
    assert done.left_out == {"words beside calls, which this format drops": 1}
    for row in lines(tmp_path / "out" / "train.jsonl"):
        speakers = [part["from"] for part in row["conversations"]]
        assert len(speakers) % 2 == 0
        assert set(speakers[::2]) <= {"human", "observation"}
        assert set(speakers[1::2]) <= {"gpt", "function_call"}
    assert (
        json.loads((tmp_path / "out" / "dataset_info.json").read_text())["inftool"]["file_name"]
        == "train.jsonl"
    )


def test_bfcl_has_its_own_types_and_acceptable_values(tmp_path: Path) -> None:
    export_run(store(tmp_path / "run", PLAIN), "bfcl", tmp_path / "out")
    function = lines(tmp_path / "out" / "questions.jsonl")[0]["function"][0]
    assert function["parameters"]["type"] == "dict"
    assert function["parameters"]["properties"]["type"]["type"] == "dict"
    assert function["parameters"]["properties"]["n"]["type"] == "float"
    assert lines(tmp_path / "out" / "answers.jsonl")[0]["ground_truth"] == [
        {"find": {"n": [1.0], "type": [{"x": [None]}]}}
    ]


@pytest.mark.parametrize("name", ["openai", "trl-sft", "hermes", "bfcl"])
def test_a_format_that_lies_is_caught(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof is no ceremony: whatever a writer drops or changes, nothing is given its name."""
    honest = FORMATS[name]

    def lying(sample: Sample) -> list[tuple[str, JsonObject]]:
        return [
            (file, json.loads(json.dumps(row).replace("3.5", "3")))
            for file, row in honest.rows(sample)
        ]

    monkeypatch.setitem(write.FORMATS, name, honest._replace(rows=lying))
    with pytest.raises(ExportError, match="does not say what"):
        export_run(store(tmp_path / "run", PLAIN, PARALLEL), name, tmp_path / "out")
    assert not list((tmp_path / "out").glob("*.jsonl"))


def test_a_run_is_never_held_in_memory(tmp_path: Path) -> None:
    long = trajectory(
        user("x" * 20_000),
        called(("find", {"n": 1})),
        result("c0find", "find", "y" * 20_000),
        said("Done."),
    )
    run = store(tmp_path / "run", *[long] * 200)
    tracemalloc.start()
    export_run(run, "trl-sft", tmp_path / "out")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "out" / "train.jsonl").stat().st_size > 8_000_000
    assert peak < 3_000_000


def test_errors_say_what_to_do(tmp_path: Path) -> None:
    run = store(tmp_path / "run", PLAIN)
    with pytest.raises(UsageError, match="no format 'nope'"):
        export_run(run, "nope", tmp_path / "out")
    with pytest.raises(UsageError, match="not empty"):
        export_run(run, "openai", run)
    with pytest.raises(StoreError, match="no run"):
        export_run(tmp_path, "openai", tmp_path / "out")
    with pytest.raises(ExportError, match="nothing in"):
        export_run(run, "trl-grpo", tmp_path / "grpo")
    with pytest.raises(ExportError, match="no longer where they were"):
        export_run(run, "trl-dpo", tmp_path / "dpo")


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    run = store(tmp_path / "run", PLAIN, MENDED)
    done = CliRunner().invoke(
        app, ["export", str(run), "-f", "trl-sft", "-o", str(tmp_path / "out"), "--json"]
    )
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert document["files"] == {"train": 1, "partial": 1}
    assert document["proved"] == 2


ROLES: list[ChatRole] = ["user", "assistant", "tool"]
MESSAGES = st.lists(st.sampled_from(ROLES), min_size=1, max_size=12)


@settings(max_examples=100, deadline=None)
@given(MESSAGES, st.randoms(use_true_random=False))
def test_segments_hold_every_learned_message_once(roles: list[ChatRole], rng: Any) -> None:
    learn = tuple(role == "assistant" and rng.random() < 0.6 for role in roles)
    sample = Sample(id="x", messages=tuple({"role": role} for role in roles), tools=(), learn=learn)
    held = [
        index
        for start, end in segments(sample)
        for index in range(start, end)
        if roles[index] == "assistant"
    ]
    assert held == [index for index, it in enumerate(learn) if it]
