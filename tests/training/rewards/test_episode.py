"""The reward of whole plays and the environment that gives it: nobody who does less, more or
otherwise than was asked earns what the honest do."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage
from inftool.core.errors import TrainingError
from inftool.core.types import JsonObject
from inftool.scenarios.authoring.document import WrittenCall, WrittenTurn, write_blueprint
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearse, rehearsed
from inftool.training.environment import Environment
from inftool.training.rewards.episode import score_episode
from inftool.training.rewards.score import Score
from inftool.verification.checker.builder import checker_of

Policy = Callable[[Environment, list[ChatMessage]], Score]
REFUSAL = "I'm sorry, I can't do that with the tools I have here."


@pytest.fixture(scope="module")
def blueprints(stage: WorldPool) -> list[Blueprint]:
    sampler, seen = BlueprintSampler(stage, load_personas(), 11), set[str]()
    return [
        sampler.draw(index, seen, lambda blueprint: rehearse(blueprint, stage).passed)
        for index in range(20)
    ]


def gold(blueprint: Blueprint, stage: WorldPool) -> list[ChatMessage]:
    """What the assistant says and calls when it plays the blueprint as it should."""
    return [
        message
        for message in rehearsed(blueprint, stage).messages
        if message["role"] == "assistant"
    ]


def say(text: str | None) -> ChatMessage:
    return {"role": "assistant", "content": text}


def call(*calls: tuple[str, Any]) -> ChatMessage:
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"type": "function", "function": {"name": name, "arguments": given}}
            for name, given in calls
        ],
    }


def follow(
    environment: Environment,
    messages: Sequence[ChatMessage | None],
    rest: ChatMessage | None = None,
) -> Score:
    """Say these messages one after another, then `rest` for ever."""
    environment.reset()
    for message in messages:
        if environment.done:
            break
        environment.step(message)
    while rest is not None and not environment.done:
        environment.step(rest)
    return environment.score()


def _calls(message: ChatMessage) -> list[tuple[str, JsonObject]]:
    return [
        (made["function"]["name"], json.loads(str(made["function"]["arguments"])))
        for made in message.get("tool_calls") or ()
    ]


def _altered(
    messages: list[ChatMessage], change: Callable[[str, JsonObject], tuple[str, JsonObject]]
) -> list[ChatMessage | None]:
    """The messages with their last calls changed."""
    found: list[ChatMessage | None] = list(messages)
    last = max((n for n, message in enumerate(messages) if message.get("tool_calls")), default=None)
    if last is not None:
        found[last] = call(*[change(*made) for made in _calls(messages[last])])
    return found


def _bare(messages: list[ChatMessage]) -> list[ChatMessage | None]:
    """The messages with every call that takes arguments made without."""
    return [
        call(*[(name, {}) for name, given in _calls(m) if given])
        if any(given for _, given in _calls(m))
        else m
        for m in messages
        if m
    ]


def _first_tool(environment: Environment) -> ChatMessage:
    return call((environment.tools()[0]["function"]["name"], {}))


def _every_tool(environment: Environment) -> ChatMessage:
    return call(*[(tool["function"]["name"], {}) for tool in environment.tools()])


def _spray(environment: Environment, messages: list[ChatMessage]) -> Score:
    """Every call that could be meant, with every subset of its arguments: what guessing pays."""
    made = [made for message in messages for made in _calls(message)]
    every = [
        (name, dict(list(given.items())[:size]))
        for name, given in made
        for size in range(len(given) + 1)
    ]
    return follow(environment, [call(*every)] if every else [], say("Done."))


DEGENERATE: dict[str, Policy] = {
    "says nothing": lambda environment, messages: follow(environment, [], say("")),
    "says done": lambda environment, messages: follow(
        environment, [], say("Done, I've taken care of it.")
    ),
    "refuses": lambda environment, messages: follow(environment, [], say(REFUSAL)),
    "asks for ever": lambda environment, messages: follow(
        environment, [], say("Could you tell me more?")
    ),
    "repeats the user": lambda environment, messages: follow(
        environment, [], say(environment.messages[1]["content"])
    ),
    "calls the first tool for ever": lambda environment, messages: follow(
        environment, [], _first_tool(environment)
    ),
    "calls the first tool, then refuses": lambda environment, messages: follow(
        environment, [_first_tool(environment)], say(REFUSAL)
    ),
    "calls every tool": lambda environment, messages: follow(
        environment, [_every_tool(environment)], say("Done.")
    ),
    "guesses every call": _spray,
    "calls rightly and leaves": lambda environment, messages: follow(
        environment, [m for m in messages if m.get("tool_calls")][:1]
    ),
    "drops every argument": lambda environment, messages: follow(
        environment, _bare(messages), say("Done.")
    ),
    "writes what cannot be read": lambda environment, messages: follow(environment, [None]),
}


NOTHING_DONE = (
    "says nothing",
    "says done",
    "refuses",
    "asks for ever",
    "repeats the user",
    "calls the first tool for ever",
    "writes what cannot be read",
)


def test_the_reference_earns_everything_and_reset_gives_the_same_bytes(
    blueprints: list[Blueprint], stage: WorldPool
) -> None:
    for blueprint in blueprints:
        environment = Environment(blueprint, stage)
        first = json.dumps([environment.messages, environment.tools(), environment.digest()])
        for _ in range(2):
            score = follow(environment, list(gold(blueprint, stage)))
            assert environment.done
            assert environment.finished
            assert (score.reward, score.gate, score.counted) == (1.0, "passed", True), (
                blueprint.category,
                score,
            )
            environment.reset()
            assert (
                json.dumps([environment.messages, environment.tools(), environment.digest()])
                == first
            )


def test_an_environment_is_a_rehearsal_step_by_step(
    blueprints: list[Blueprint], stage: WorldPool
) -> None:
    for blueprint in blueprints:
        environment = Environment(blueprint, stage)
        follow(environment, list(gold(blueprint, stage)))
        mine = [(m["role"], m.get("content")) for m in environment.messages[1:]]
        theirs = [(m["role"], m.get("content")) for m in rehearsed(blueprint, stage).messages]
        assert mine == theirs


@pytest.mark.parametrize("name", DEGENERATE)
def test_no_degenerate_policy_beats_an_honest_one(
    name: str, blueprints: list[Blueprint], stage: WorldPool
) -> None:
    """Play by play it earns less than the reference (unless it is right to refuse), and over all
    less than one that errs in every second play."""
    total = honest = 0.0
    for number, blueprint in enumerate(blueprints):
        messages = gold(blueprint, stage)
        score = DEGENERATE[name](Environment(blueprint, stage), messages)
        total += score.reward
        needless = not blueprint.plan or not any(step.arguments for step in blueprint.plan)
        assert score.reward < 1.0 or needless, (name, blueprint.category)
        assert score.reward == 0.0 or needless or name not in NOTHING_DONE, (
            name,
            blueprint.category,
        )
        erring = _altered(
            messages,
            lambda tool, given: (
                tool,
                {**given, **dict.fromkeys(list(given)[:1], "something else")},
            ),
        )
        honest += follow(
            Environment(blueprint, stage), erring if number % 2 else list(messages)
        ).reward
    assert total < 0.5 * honest, (name, total, honest)


def test_plays_that_are_broken_off_earn_nothing(
    blueprints: list[Blueprint], stage: WorldPool
) -> None:
    for blueprint in blueprints:
        messages = gold(blueprint, stage)
        for length in range(len(messages)):
            assert follow(Environment(blueprint, stage), list(messages[:length])).reward == 0.0
        limited = (
            Environment(blueprint, stage, max_messages=len(messages) - 1)
            if len(messages) > 1
            else None
        )
        assert limited is None or follow(limited, list(messages)).gate == "finish"


def test_what_a_published_reward_overlooks_costs_here(
    blueprints: list[Blueprint], stage: WorldPool
) -> None:
    """No calls on a read-only task, a reversed order, an extra `delete: true`, a fabricated answer,
    everything twice."""
    tried = dict.fromkeys(("nothing", "reversed", "delete", "fabricated", "twice"), 0)
    for blueprint in blueprints:
        messages = gold(blueprint, stage)
        if not blueprint.plan:
            continue
        environment = Environment(blueprint, stage)
        words = [message for message in messages if not message.get("tool_calls")]
        assert follow(environment, list(words)).reward == 0.0
        tried["nothing"] += 1
        assert (
            follow(
                environment,
                _altered(messages, lambda name, given: (name, {**given, "delete": True})),
            ).reward
            <= 0.5
        )
        tried["delete"] += 1
        doubled = [
            call(*(made for made in _calls(m) for _ in "12")) if m.get("tool_calls") else m
            for m in messages
        ]
        assert follow(environment, list(doubled)).reward < 1.0
        tried["twice"] += 1
        if any(turn.facts for turn in blueprint.turns):
            lied = [
                m
                if m.get("tool_calls") or "?" in str(m["content"])
                else say("Here it is: Zebulon Quux, 99 Nowhere Lane.")
                for m in messages
            ]
            assert follow(environment, list(lied)).reward <= 0.5
            tried["fabricated"] += 1
        made = [m for m in messages if m.get("tool_calls")]
        if len(blueprint.turns) == 1 and len(made) > 1 and _calls(made[0]) != _calls(made[-1]):
            backwards = [*reversed(made), *messages[len(made) :]]
            assert follow(environment, list(backwards)).reward < 1.0
            tried["reversed"] += 1
    assert all(tried.values()), tried


def test_the_order_of_parallel_calls_does_not_count(
    blueprints: list[Blueprint], stage: WorldPool
) -> None:
    seen = 0
    for blueprint in blueprints:
        messages = gold(blueprint, stage)
        turned = [
            call(*reversed(_calls(m))) if len(m.get("tool_calls") or ()) > 1 else m
            for m in messages
        ]
        if turned != messages:
            seen += 1
            assert follow(Environment(blueprint, stage), list(turned)).reward == 1.0
    assert seen


def test_renamed_generated_ids_are_the_same(stage: WorldPool) -> None:
    """A wording of the assistant's own makes another id; a later call that uses that id is as good
    as the plan's."""
    api = next(name for name in stage.api_names if "bookshop" in name)
    create, get = (
        next(name for name in stage.tools if name.endswith(tool) and stage.tools[name].api == api)
        for tool in ("createAuthor", "getAuthor")
    )
    made = WrittenCall(
        tool=create, arguments={"name": "Ida Moreau", "biography": "Writes at night."}
    )
    seen = WrittenCall(tool=get, arguments={"authorId": {"$from": "s1", "at": "/id"}})
    turns = [
        WrittenTurn(
            want="register an author with a short biography",
            say={"name": "Ida Moreau"},
            calls=(made,),
        ),
        WrittenTurn(
            want="see that author again",
            calls=(seen,),
            tell={"name": {"$from": "s2", "at": "/name"}},
        ),
    ]
    blueprint = write_blueprint(stage, turns, api=api)
    assert checker_of(blueprint, stage).calls[0].free == ("/biography",)
    environment = Environment(blueprint, stage)

    def play(biography: str, *, author: str | None = None) -> Score:
        environment.reset()
        answer = environment.step(
            call((create, {"name": "Ida Moreau", "biography": biography}))
        ).messages[0]
        environment.step(say("Done: I've registered Ida Moreau."))
        environment.step(
            call((get, {"authorId": author or json.loads(str(answer["content"]))["id"]}))
        )
        environment.step(say("The name is Ida Moreau."))
        return environment.score()

    assert play("Writes at night.").reward == 1.0
    renamed, wrong = (
        play("Up before the birds."),
        play("Up before the birds.", author="00000000-0000-4000-8000-000000000000"),
    )
    assert {part: renamed.parts[part] for part in ("tool", "keys", "values")} == {
        "tool": 1.0,
        "keys": 1.0,
        "values": 1.0,
    }
    assert wrong.parts["values"] == 0.5
    assert wrong.reward < renamed.reward == 1.0, renamed


def _corrupted(
    made: tuple[str, JsonObject], kind: str, environment: Environment
) -> tuple[str, JsonObject]:
    name, given = made
    if kind == "value":
        return name, {
            **given,
            **{
                key: 987654 if isinstance(value, int) else "nowhere"
                for key, value in list(given.items())[:1]
            },
        }
    if kind == "fewer":
        return name, dict(list(given.items())[1:])
    if kind == "more":
        return name, {**given, "delete": True}
    others = sorted(
        tool["function"]["name"] for tool in environment.tools() if tool["function"]["name"] != name
    )
    return (others or ["another"])[0], given


@pytest.mark.parametrize("seed", range(3))
def test_mending_one_thing_never_lowers_the_reward_of_a_play(
    seed: int, blueprints: list[Blueprint], stage: WorldPool
) -> None:
    for number, blueprint in enumerate(blueprints):
        rng = random.Random(f"{seed}/{number}")
        messages = gold(blueprint, stage)
        environment = Environment(blueprint, stage)
        spots = [
            (at, place)
            for at, message in enumerate(messages)
            for place, _ in enumerate(message.get("tool_calls") or [None])
        ]
        wrong = {
            spot: rng.choice(("value", "fewer", "more", "tool"))
            for spot in spots
            if rng.random() < 0.6
        }
        rewards = []
        while True:
            said: list[ChatMessage | None] = []
            for at, message in enumerate(messages):
                if message.get("tool_calls"):
                    said.append(
                        call(
                            *[
                                _corrupted(m, wrong[at, i], environment) if (at, i) in wrong else m
                                for i, m in enumerate(_calls(message))
                            ]
                        )
                    )
                else:
                    said.append(
                        say("It is all as you wished, at 99 Nowhere Lane.")
                        if (at, 0) in wrong
                        else message
                    )
            rewards.append(follow(environment, said).reward)
            if not wrong:
                break
            wrong.pop(rng.choice(sorted(wrong)))
        assert rewards == sorted(rewards), (blueprint.category, rewards)
        assert rewards[-1] == 1.0


def test_every_call_too_many_lowers_the_reward(
    blueprints: list[Blueprint], stage: WorldPool
) -> None:
    for blueprint in blueprints:
        messages = gold(blueprint, stage)
        if messages[0].get("tool_calls") and len(blueprint.turns) == 1:
            rewards = [
                follow(Environment(blueprint, stage), [messages[0]] * times + messages[1:]).reward
                for times in (1, 2, 3)
            ]
            assert rewards[0] == 1.0
            assert all(later < earlier for earlier, later in itertools.pairwise(rewards)), (
                blueprint.category,
                rewards,
            )


def test_a_failure_that_is_the_users_is_not_counted(
    blueprints: list[Blueprint], stage: WorldPool
) -> None:
    blueprint = next(
        item for item in blueprints if item.category == "simple" and item.turns[0].details
    )
    environment = Environment(
        blueprint,
        stage,
        user=lambda messages: (
            "Hello there, could you help me with something?" if len(messages) == 1 else None
        ),
    )
    score = follow(environment, list(gold(blueprint, stage)))
    assert not score.exact
    assert not score.counted


def test_steps_after_the_end_and_unreadable_lines(
    blueprints: list[Blueprint], stage: WorldPool
) -> None:
    environment = Environment(blueprints[0], stage)
    assert environment.step(None).done
    assert score_episode(environment.trajectory(), stage, finished=False).gate == "finish"
    with pytest.raises(TrainingError, match="over"):
        environment.step(say("hello"))
    environment.reset()
    answers = environment.step(
        call(("no_such_tool", {}), (environment.tools()[0]["function"]["name"], "{broken"))
    )
    assert [message["role"] for message in answers.messages] == ["tool", "tool"]
    assert "no tool named" in str(answers.messages[0]["content"])
    assert "not a JSON object" in str(answers.messages[1]["content"])
