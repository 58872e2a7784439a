"""The MCP tree of many real-looking tools: seconds, peak memory, and how many of the planted
duplicates were merged.

    python benchmarks/tree.py [-n 20000] [--seed 0]

The tools are made here: APIs of made-up vendors over some hundred nouns, each with the usual deeds,
spelled and described in several ways; one in ten APIs is
a second vendor's copy of another's, in other words for the same, so that its tools are redundant.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from typing import Any

from inftool.core.tools import Origin, Tool
from inftool.core.types import Effect
from inftool.toolset.tree.builder import build_tree

NOUNS = (
    "account address agent album alert appointment article asset attachment auction badge "
    "balance bank basket bill board boat book booking branch brand budget building bus campaign "
    "card cart case catalogue category channel chapter chart chat city claim class client "
    "clinic comment company contact contract coupon course courier crew customer dashboard deal "
    "dataset delivery deposit depot device discount doctor document domain donation draft "
    "driver email employee engine episode estimate event exam expense facility farm fee feed "
    "field file flight folder forecast form fund game garden gift goal grade grant group guest "
    "guide hotel house image incident ingredient insurance inventory invoice issue item job "
    "journal key kitchen label lead leaf lease lesson letter level library licence lift loan "
    "location log machine mailbox map market match meal measure media meeting member menu "
    "message meter milestone mission mortgage movie note notice offer office order organisation "
    "package page park parcel part partner passenger patient payment payout permit person phone "
    "photo pipeline plan plant player playlist podcast point policy poll port post prescription "
    "price product profile project promotion property proposal provider purchase question queue "
    "quota quote race rate reading receipt recipe record referral refund region release "
    "reminder rental report request reservation resident review reward ride role room route "
    "rule salary sale sample scan scene schedule school score season seat section segment "
    "sensor series server service session shelf shift shipment shop signal site skill slot "
    "snapshot song space sponsor staff stage statement station stock store story student "
    "subscription supplier survey table tag target task tax team template tenant terminal test "
    "theme thread ticket tide timer token tool topic tour track trade train transaction "
    "transfer translation trial trip truck unit update upload user vacancy variant vehicle "
    "vendor venue version video visit visitor volume voucher wallet warehouse warranty water "
    "weather webhook wine worker workspace zone "
).split()
FIELDS = (
    "name title status colour size weight price currency note description owner city country "
    "street start end due priority kind language amount quantity email phone url rating locale "
    "channel"
).split()
DEEDS: dict[str, tuple[Effect, tuple[str, ...]]] = {
    "list": (
        "read",
        ("List {p}", "Returns all {p}.", "List every {n} of the {v}", "Get a page of {p}"),
    ),
    "get": (
        "read",
        (
            "Get a {n}",
            "Retrieve one {n} by its identifier.",
            "Fetch the details of a {n}",
            "Returns a single {n}",
        ),
    ),
    "create": (
        "create",
        ("Create a {n}", "Adds a new {n} to the {v}.", "Register a {n}", "Make a new {n}"),
    ),
    "update": (
        "update",
        (
            "Update a {n}",
            "Change some properties of a {n}.",
            "Modify an existing {n}",
            "Edit the {n}",
        ),
    ),
    "delete": (
        "delete",
        ("Delete a {n}", "Remove a {n} for good.", "Deletes the {n} with the given identifier"),
    ),
    "archive": ("action", ("Archive a {n}", "Put a {n} away without deleting it.")),
}
SPELLED = {
    "list": ("list", "getAll", "index"),
    "get": ("get", "fetch", "retrieve"),
    "create": ("create", "add"),
    "update": ("update", "edit"),
    "delete": ("delete", "remove"),
    "archive": ("archive",),
}


def tools(count: int, seed: int) -> tuple[list[Tool], int]:
    """Some tools, and how many of them are copies."""
    rng = random.Random(seed)
    made: list[Tool] = []
    copies = 0
    plans: list[list[tuple[str, list[str], str]]] = []
    vendor = 0
    while len(made) < count:
        vendor += 1
        copied = bool(plans) and rng.random() < 0.1
        plan = (
            rng.choice(plans)
            if copied
            else [
                (
                    noun,
                    rng.sample(FIELDS, rng.randint(3, 8)),
                    rng.choice(("shop", "hub", "desk", "works", "line")),
                )
                for noun in rng.sample(NOUNS, rng.randint(2, 9))
            ]
        )
        if not copied:
            plans.append(plan)
        api = f"vendor{vendor}"
        style = rng.randrange(3)
        for noun, fields, service in plan:
            for deed, (effect, texts) in DEEDS.items():
                spelled = SPELLED[deed][0] if copied else rng.choice(SPELLED[deed])
                plural = f"{noun}s"
                name = (f"{spelled}_{noun}", f"{spelled}{noun.title()}", f"{noun}-{spelled}")[style]
                own: dict[str, Any] = (
                    {}
                    if deed in ("list", "create")
                    else {
                        ("id", f"{noun}Id", f"{noun}_id")[1 if deed != "list" else 0]: {
                            "type": "string",
                            "description": f"The {noun}'s identifier",
                        }
                    }
                )
                body = {
                    field: {"type": "string", "description": f"The {field} of the {noun}"}
                    for field in (
                        fields
                        if deed in ("create", "update")
                        else fields[:2]
                        if deed == "list"
                        else ()
                    )
                }
                text = rng.choice(texts).format(n=noun, p=plural, v=service)
                made.append(
                    Tool(
                        name=f"{api}_{name}",
                        description=f"{text} of the {service}." if deed != "list" else text,
                        summary=text,
                        effect=effect,
                        output_schema=None,
                        input_schema={
                            "type": "object",
                            "properties": {**own, **body},
                            "required": [*own, *(fields[:2] if deed == "create" else ())],
                        },
                        origin=Origin(file=f"{api}.json"),
                        api=api,
                        operation=name,
                        method="get",
                        path=f"/{plural}" if not own else f"/{plural}/{{id}}",
                        tags=(plural,),
                    )
                )
                copies += copied
    return made[:count], copies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    made, copies = tools(options.n, options.seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, cpu = time.perf_counter(), time.process_time()
    tree = build_tree(made)
    result = {
        "tools": len(made),
        "seconds": round(time.perf_counter() - started, 1),
        "CPU seconds": round(time.process_time() - cpu, 1),
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "MB before": before // 1024,
        "left": len(tree.leaves()),
        "merged away": len(made) - len(tree.leaves()),
        "copies planted": copies,
        "domains": len(tree.domains),
        "servers in the largest domain": max(len(domain.servers) for domain in tree.domains),
        "rounds": [
            {
                "before": item.before,
                "pairs": item.pairs,
                "clusters": item.clusters,
                "after": item.after,
            }
            for item in tree.rounds
        ],
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
