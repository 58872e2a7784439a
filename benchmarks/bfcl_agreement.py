"""How often our reading of BFCL's answers and BFCL's own checker agree, on outputs made by
corrupting gold.

    python benchmarks/bfcl_agreement.py --data .../bfcl_eval/data --checker .../venv-bfcl/bin/python
    -n 2000

`--checker` is a Python in which bfcl-eval is installed (its pins clash with ours, so it has an
environment of its own). Prints JSON: how many outputs of each corruption
agree, and every disagreement.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from inftool.core.types import JsonObject
from inftool.training.evaluation.bfcl import CATEGORIES, RELEVANCE, BfclCase, is_exact, read_cases

THEIRS = """
import json, sys
from bfcl_eval.constants.enums import Language
from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker
for line in sys.stdin:
    row = json.loads(line)
    try:
        language = Language[row["language"].upper()]
        if row["relevant"] is not None:
            found = {"valid": bool(row["output"]) is row["relevant"]}
        else:
            found = ast_checker(
                row["functions"],
                row["output"],
                row["answers"],
                language,
                row["category"],
                "meta-llama/Llama-3.1-8B-Instruct",
            )
        print(json.dumps({"valid": bool(found["valid"]), "why": str(found.get("error_type", ""))}))
    except Exception as error:
        print(json.dumps({"valid": None, "why": type(error).__name__ + ": " + str(error)[:100]}))
"""
KINDS = (
    "gold",
    "other",
    "order",
    "case",
    "marks",
    "drop",
    "extra",
    "rename",
    "twice",
    "fewer",
    "text",
    "float",
    "number",
    "empty",
    "null",
    "bool",
    "list",
)


def code(value: Any, kind: str, inner: str | None, language: str) -> str:
    """A value as an expression of a language."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        suffix = {"long": "L", "float": "f", "Bigint": "n"}.get(kind, "")
        return f"{value}{'' if (language, kind) == ('javascript', 'float') else suffix}"
    members = value.items() if isinstance(value, dict) else enumerate(value or ())
    texts = [
        (
            key,
            json.dumps(item) if isinstance(item, str) else code(item, inner or "", None, language),
        )
        for key, item in members
    ]
    if isinstance(value, dict):
        puts = " ".join(f"put({json.dumps(key)}, {text});" for key, text in texts)
        return (
            f"new HashMap<String, Object>() {{{{ {puts} }}}}"
            if language == "java"
            else "{" + ", ".join(f"{key}: {text}" for key, text in texts) + "}"
        )
    listed = ", ".join(text for _, text in texts)
    if language == "javascript":
        return f"[{listed}]"
    return (
        f"new Object[]{{{listed}}}"
        if kind == "Array"
        else f"new ArrayList<>(Arrays.asList({listed}))"
        if texts
        else "new ArrayList<>()"
    )


def as_code(
    case: BfclCase, calls: list[tuple[str, JsonObject]], rng: random.Random
) -> list[tuple[str, JsonObject]]:
    """Calls with their values as expressions; now and then one is left as it is, which is wrong."""
    properties = case.functions[0]["parameters"]["properties"]

    def one(key: str, value: Any) -> Any:
        schema = properties.get(key, {})
        return (
            value
            if rng.random() < 0.03
            else code(
                value,
                schema.get("type", ""),
                (schema.get("items") or {}).get("type"),
                case.language,
            )
        )

    return [(name, {key: one(key, value) for key, value in given.items()}) for name, given in calls]


def gold(case: BfclCase, rng: random.Random, *, first: bool = True) -> list[tuple[str, JsonObject]]:
    calls = []
    for answer in case.answers:
        ((name, wanted),) = answer.items()
        given = {}
        for key, accepted in wanted.items():
            options = [option for option in accepted if option != ""]
            if options and ("" not in accepted or rng.random() < 0.5):
                given[key] = settle(options[0] if first else rng.choice(options), rng)
        calls.append((name, given))
    return calls


def settle(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict):
        chosen = {
            key: [item for item in (inner if isinstance(inner, list) else [inner]) if item != ""]
            for key, inner in value.items()
        }
        return {key: settle(options[0], rng) for key, options in chosen.items() if options}
    return [settle(item, rng) for item in value] if isinstance(value, list) else value


def corrupt(
    calls: list[tuple[str, JsonObject]], kind: str, rng: random.Random
) -> list[tuple[str, JsonObject]]:
    made = copy.deepcopy(calls)
    place = rng.randrange(len(made)) if made else 0
    if not made:
        return made
    name, given = made[place]
    key = rng.choice(sorted(given)) if given else None
    if kind == "order":
        rng.shuffle(made)
    elif kind == "drop" and key:
        del given[key]
    elif kind == "extra":
        given["delete"] = True
    elif kind == "rename":
        made[place] = (name + "_all", given)
    elif kind == "twice":
        made.append((name, given))
    elif kind == "fewer":
        made.pop(place)
    elif key is not None:
        given[key] = change(given[key], kind, rng)
    return made


def change(value: Any, kind: str, rng: random.Random) -> Any:
    if kind == "case" and isinstance(value, str):
        return value.swapcase()
    if kind == "marks" and isinstance(value, str):
        return value.replace(" ", "-") + "."
    if kind == "text":
        return str(value) if not isinstance(value, str) else value + " x"
    if kind == "float" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if kind == "number" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return value + rng.choice((1, -1, 0.5))
    if kind == "list":
        return value[::-1] if isinstance(value, list) else [value]
    if kind in ("empty", "null", "bool"):
        return {
            "empty": "" if rng.random() < 0.5 else [],
            "null": None,
            "bool": rng.random() < 0.5,
        }[kind]
    return value


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checker", required=True)
    parser.add_argument("-n", type=int, default=2000)
    given = parser.parse_args()
    rng = random.Random(0)
    every = {
        category: list(read_cases(given.data, category)) for category in (*CATEGORIES, *RELEVANCE)
    }
    rows, ours = [], []
    for number in range(given.n):
        # Each category as often as the others: by their sizes Java and JavaScript would hardly come
        # up.
        category = rng.choice(sorted(every))
        case = rng.choice(every[category])
        kind = KINDS[number % len(KINDS)]
        if case.relevant is None:
            output = corrupt(gold(case, rng, first=kind != "other"), kind, rng)
            output = as_code(case, output, rng) if case.language != "python" else output
        else:
            output = (
                []
                if rng.random() < 0.5
                else [(case.functions[0]["name"] if case.functions else "f", {})]
            )
        rows.append(
            {
                "id": case.id,
                "kind": kind,
                "category": category,
                "language": case.language,
                "relevant": case.relevant,
                "functions": case.functions,
                "answers": case.answers,
                "output": [{n: a} for n, a in output],
            }
        )
        ours.append(is_exact(case, output))
    done = subprocess.run(
        [given.checker, "-c", THEIRS],
        input="\n".join(map(json.dumps, rows)),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    agree = Counter(
        row["kind"]
        for row, mine, other in zip(rows, ours, theirs, strict=True)
        if mine == other["valid"]
    )
    print(
        json.dumps(
            {
                "outputs": len(rows),
                "agree": agree.total(),
                "share": round(agree.total() / len(rows), 4),
                "valid": sum(ours),
                "by_kind": {
                    kind: [agree[kind], sum(row["kind"] == kind for row in rows)] for kind in KINDS
                },
                "by_category": {
                    name: [
                        sum(
                            row["category"] == name and mine == other["valid"]
                            for row, mine, other in zip(rows, ours, theirs, strict=True)
                        ),
                        sum(row["category"] == name for row in rows),
                    ]
                    for name in every
                },
                "disagreements": [
                    {
                        "id": row["id"],
                        "kind": row["kind"],
                        "ours": mine,
                        "theirs": other["valid"],
                        "why": other["why"],
                        "output": row["output"],
                        "answers": row["answers"],
                    }
                    for row, mine, other in zip(rows, ours, theirs, strict=True)
                    if mine != other["valid"]
                ],
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
