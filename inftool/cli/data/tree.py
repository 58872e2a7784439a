"""`inftool tree`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inftool.cli.common import AsJson, Cards, KeyVariable, Role, Specs, app, specs_or_samples
from inftool.cli.rendering import err, out, plain, show_json

Out = Annotated[Path | None, typer.Option("-o", "--out", help="Save the tree as JSON.")]
Delta = Annotated[
    float,
    typer.Option(min=0, max=1, help="Tools with a cosine similarity above this are compared."),
]
Rounds = Annotated[int, typer.Option(min=1, help="How many rounds of merging at most.")]
Embedding = Annotated[
    str, typer.Option(help="tfidf, sentence-transformers/MODEL or endpoint/MODEL.")
]
Model = Annotated[
    str | None, typer.Option(help="A model that decides which tools are merged; default: rules.")
]
BaseUrl = Annotated[
    str | None, typer.Option(help="The endpoint of the model and of an endpoint embedding.")
]
Most = Annotated[int, typer.Option(min=0, help="How many tools to show for each server.")]


@app.command(epilog="Example:  inftool tree specs/ -o tree.json")
def tree(
    specs: Specs = None,
    to: Out = None,
    # The paper does not publish its threshold; see inftool/toolset/tree for what this one does.
    delta: Delta = 0.82,
    rounds: Rounds = 8,
    embedding: Embedding = "tfidf",
    model: Model = None,
    base_url: BaseUrl = None,
    key_env: KeyVariable = None,
    role: Role = None,
    card: Cards = None,
    most: Most = 12,
    as_json: AsJson = False,
) -> None:
    """Merge near-duplicate tools and arrange all as domains, servers and tools."""
    from inftool.agents.tool_merger import discriminator
    from inftool.specs import compile_specs
    from inftool.synthesis.cast_builder import own_cards, role_endpoint
    from inftool.toolset.toolset import Toolset
    from inftool.toolset.tree.builder import build_tree
    from inftool.toolset.tree.embeddings import embedder_by_name
    from inftool.toolset.tree.tool_tree import tree_document

    toolset = Toolset.of([api for api in compile_specs(specs_or_samples(specs)) if api.tools])
    endpoint = role_endpoint("merger", role or (), model=model, base_url=base_url, key_env=key_env)
    with discriminator(endpoint, own_cards(card or ())) as (discriminate, spent):
        grown = build_tree(
            toolset.tools.values(),
            titles={api.name: api.title for api in toolset.apis},
            delta=delta,
            rounds=rounds,
            embed=embedder_by_name(embedding, base_url, key_env or "OPENAI_API_KEY"),
            embedding=embedding,
            discriminate=discriminate,
        )
    if endpoint is not None:
        err.print(plain(f"{endpoint.model} was asked: {spent.summary(endpoint)}"))
    if to is not None:
        grown.save(to)
        err.print(f"wrote {plain(str(to))}")
    if as_json:
        show_json(tree_document(grown))
    else:
        out.print(plain(grown.render(most)))
