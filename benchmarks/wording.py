"""How the scripted conversations read, counted over any specs: what no person would say, and how
much of the wording repeats.

    python benchmarks/wording.py SPECS... [-n 300] [--seed 1] [--show KIND] [--beside BFCL_FILES...]

Each smell is a count per 100 messages of the side that it is about; what smells is decided by
patterns that know nothing of the code that makes the wording, so
that another version, or a model's words, can be measured as well. `--beside` takes question files
of BFCL and reports the
distinct-2 of their user turns beside ours, at as many words: the share of different pairs of words
falls as a text grows, so that only equal lengths compare. That every value can be recovered from
the words is tested in `tests/scenarios/wording/test_sentences.py`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from inftool.agents.role_cards import load_personas
from inftool.agents.scripted import user_lines
from inftool.core.blueprints import Blueprint
from inftool.core.errors import ScenarioError
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import compile_specs
from inftool.synthesis.rehearsal import rehearse, rehearsed

MANY = 5
_DATE = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December)|(?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December) \d{1,2})"
)
USER = {
    "protocol words": re.compile(
        r"\b(?:x )?(?:request|correlation|trace|tenant|session urid|span|transaction) ID\b|"
        r"idempotency|pretty ?print|quota user|user IP\b|xgafv|field mask|update mask|\betag\b|"
        r"page token|"
        r"start cursor|\bcursor\b|api version|api key|access token|\bcallback\b|if match|user "
        r"agent|content type|upload (?:type|protocol)|sync token|\bthe fields\b",
        re.IGNORECASE,
    ),
    "opaque ids": re.compile(
        r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b|"
        r"\b(?=\w*\d)(?=\w*[A-Za-z])\w{25,}\b"
    ),
    "switches": re.compile(
        r"switched (?:on|off)|\b\w+: (?:yes|no)\b|\byes to \w|\bno \w+ \w*$", re.IGNORECASE
    ),
    "single letters": re.compile(r"\bthe [a-z] (?:of|is|should)\b", re.IGNORECASE),
    "nested of": re.compile(
        r"\bof the [\w ]{2,30} (?:is|are|should|has to)\b|\bfor the \w+ of the\b|\bas the \w+ "
        r"of the\b",
        re.IGNORECASE,
    ),
    "bounds apart": re.compile(
        r"\b(?:start|from|after|min\w*)[\w ]{0,20}(?:is|should be|has to be)? [^.]{1,40} and "
        r"[^.]{0,30}\b(?:end|to|before|max\w*)\b[\w ]{0,12}(?:is|should be|has to be) ",
        re.IGNORECASE,
    ),
    "put for": re.compile(r"\bput [^.\"]{1,40} for the\b", re.IGNORECASE),
    "articles": re.compile(
        r"\b(?:an one|a [aio](?!ne\b|nce\b)[a-z]+|an [bcdfgjkpqtvwz][a-z]+|an? (?:the|that same|"
        r"\w+ (?:the|that same)))\b",
        re.IGNORECASE,
    ),
    "one or more": re.compile(
        r"\bone or (?:more|many)\b|\b(?:endpoint|resource based|the given|the specified|by the "
        r"given)\b",
        re.IGNORECASE,
    ),
    "possessives": re.compile(r"\b\w+'s the \w+|\bcurrent user\b|\blogged-in\b", re.IGNORECASE),
}
ASSISTANT = {
    "quoted dates": re.compile(rf'"[^"]*{_DATE}[^"]*"'),
    "disagreement": re.compile(
        r"\bthe \w+(?<!s) are (?![^.]*\band\b)|\bthe \w+ of the \w+s are \w", re.IGNORECASE
    ),
    "status codes": re.compile(r"\bstatus (?:code )?is [1-5]\d\d\b"),
    "lists of the same": re.compile(r"\b(\w[\w ]*), \1(?:,| and \1)"),
    "articles": USER["articles"],
    "there are names": re.compile(r"\bthere are (?:\"|[A-Z])"),
}


def clauses(text: str) -> int:
    """How many clauses in a row have one shape: "the … is/should be/has to be …", "use … as …",
    "put …"."""
    longest = run = 0
    for piece in re.split(r"(?<=[a-z\d\"])[.,](?:\s+and)?\s|\sand\s", text):
        same = re.match(
            r"(?:for the \w+ one[,:] |the \w+ one[,:] )?(?:(?:the [\w ]+? (?:is|are|should|has|"
            r"to)\b)|(?:use|put|set|make|change|only those|i only need)\b)",
            piece.strip(),
            re.IGNORECASE,
        )
        run = run + 1 if same else 0
        longest = max(longest, run)
    return longest


def smells(blueprint: Blueprint, stage: WorldPool) -> Iterator[tuple[str, str, str]]:
    """Everything that smells in one conversation: who says it, the kind, the words."""
    for message in rehearsed(blueprint, stage).messages:
        text = message.get("content") or ""
        if message["role"] == "user":
            yield from (
                ("user", kind, text) for kind, pattern in USER.items() if pattern.search(text)
            )
            if clauses(text) > MANY:
                yield "user", "clause lists", text
        elif message["role"] == "assistant" and text:
            yield from (
                ("assistant", kind, text)
                for kind, pattern in ASSISTANT.items()
                if pattern.search(text)
            )


def tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+(?:['’.-][a-z0-9]+)*", text.lower())


def distinct(texts: Sequence[str], words: int, seed: int = 0) -> float:
    """Distinct-2 (Li et al. 2016) of texts in a random order, up to so many words: different pairs
    of neighbours over all of them; no pair spans two texts."""
    rng = random.Random(seed)
    pairs: list[tuple[str, str]] = []
    count = 0
    for text in rng.sample(list(texts), len(texts)):
        said = tokens(text)[: max(0, words - count)]
        count += len(said)
        pairs += itertools.pairwise(said)
    return round(len(set(pairs)) / max(1, len(pairs)), 4)


def questions(path: Path) -> list[str]:
    """The user turns of a question file of BFCL: a JSON object a line, `question` a list of turns
    of messages."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [
        message["content"]
        for row in rows
        for turn in row["question"]
        for message in turn
        if message["role"] == "user"
    ]


def repeats(blueprints: Sequence[Blueprint], beside: Sequence[Path]) -> dict[str, Any]:
    """How much of what users say repeats: their first messages, and pairs of words in all they say,
    beside public sets at as many words."""
    talks = [user_lines.utterances(blueprint) for blueprint in blueprints]
    firsts = Counter(talk[0] for talk in talks)
    texts = [text for talk in talks for text in talk]
    words = sum(len(tokens(text)) for text in texts)
    found: dict[str, Any] = {
        "user turns": len(texts),
        "words": words,
        "distinct first messages": round(len(firsts) / max(1, len(talks)), 4),
        "commonest first message": {
            "share": round(firsts.most_common(1)[0][1] / len(talks), 5),
            "text": firsts.most_common(1)[0][0],
        },
        "distinct-2": distinct(texts, words),
    }
    theirs = (
        {
            "all of them": [text for path in beside for text in questions(path)],
            **{path.stem: questions(path) for path in beside},
        }
        if beside
        else {}
    )
    for name, others in theirs.items():
        same = min(words, sum(len(tokens(text)) for text in others))
        found.setdefault("beside", {})[name] = {
            "user turns": len(others),
            "words": same,
            "theirs": distinct(others, same),
            "ours": distinct(texts, same),
        }
    return found


def measure(blueprints: Sequence[Blueprint], stage: WorldPool, show: str = "") -> dict[str, Any]:
    """Every smell per 100 messages, and how much repeats."""
    found: Counter[str] = Counter()
    said: Counter[str] = Counter()
    shapes: Counter[str] = Counter()
    for blueprint in blueprints:
        for side, kind, text in smells(blueprint, stage):
            found[f"{side}: {kind}"] += 1
            if show and show in f"{side}: {kind}":
                print(f"{kind}: {text}")
        messages = rehearsed(blueprint, stage).messages
        users = [str(message["content"]) for message in messages if message["role"] == "user"]
        said["user"] += len(users)
        said["assistant"] += sum(
            message["role"] == "assistant" and bool(message.get("content")) for message in messages
        )
        shapes.update(
            " ".join(sentence.split()[:3]).lower()
            for text in users
            for sentence in re.split(r"(?<=[.?!])\s+", text)
            if sentence
        )
    total = sum(shapes.values())
    return {
        "conversations": len(blueprints),
        "messages": dict(said),
        "per 100 messages": {
            kind: round(100 * found[kind] / max(1, said[kind.split(":")[0]]), 2)
            for kind in [
                *(f"user: {kind}" for kind in [*USER, "clause lists"]),
                *(f"assistant: {kind}" for kind in ASSISTANT),
            ]
        },
        "all smells per 100 messages": round(
            100 * sum(found.values()) / max(1, sum(said.values())), 2
        ),
        "commonest sentence beginnings": {
            shape: round(count / max(1, total), 4) for shape, count in shapes.most_common(5)
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("specs", nargs="+")
    parser.add_argument("-n", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", default="", help="print the messages that smell of this")
    parser.add_argument(
        "--beside", nargs="*", type=Path, default=[], help="question files of BFCL, to compare with"
    )
    given = parser.parse_args()
    stage = WorldPool([api for api in compile_specs(given.specs) if api.tools])
    sampler, seen, blueprints = BlueprintSampler(stage, load_personas(), given.seed), set[str](), []
    tried: Counter[bool] = Counter()

    def accept(blueprint: Blueprint) -> bool:
        passed = rehearse(blueprint, stage).passed
        tried[passed] += 1
        return passed

    started, missed = time.process_time(), 0
    for index in range(given.n):
        try:
            blueprints.append(sampler.draw(index, seen, accept))
        except ScenarioError:
            missed += 1
    seconds = time.process_time() - started
    report = measure(blueprints, stage, given.show)
    report |= repeats(blueprints, given.beside) | {
        "not drawn": missed,
        "rehearsals passed": round(tried[True] / max(1, tried.total()), 4),
        "ms a conversation": round(1000 * seconds / max(1, len(blueprints)), 1),
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
