"""Requests of a conversation: the first, those that follow, and those that leave something out."""

from __future__ import annotations

from inftool.core.tools import Tool
from inftool.scenarios.categories.single_turn import compose_either
from inftool.scenarios.composition.composer import compose
from inftool.scenarios.composition.options import ComposeOptions, Lookup, ReuseOptions
from inftool.scenarios.composition.scene import ComposedRequest, Scene
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.sampling.tool_choice import ToolChooser
from inftool.scenarios.sampling.tool_trials import Mode
from inftool.toolset.producer_graph import Edge

# How many edges a request is tried along, and how many an opening; composing one costs some
# milliseconds, and most of those that can be made are among the first.
_MOST_EDGES = 12
_OPENING_EDGES = 5
# How often an opening goes along an open edge where there is one; not always, so that tools
# without edges open conversations too.
_OPEN_EDGE_SHARE = 0.9
# How often another request follows while there is an open edge for it.
_MORE_ALONG_OPEN_EDGE = 0.8
# How often a tool is chosen for where its answer leads.
OUTWARD = 0.8
# How many tools are tried for a request that builds on what was shown.
_MOST_TRIES = 4


def opening_request(chooser: ToolChooser, scene: Scene, category: str) -> ComposedRequest:
    """The first request: by a tool whose answers are still to be used, if there is one."""
    for edge in (
        chooser.edges.openings(scene, _OPENING_EDGES)
        if scene.rng.random() < _OPEN_EDGE_SHARE
        else ()
    ):
        try:
            return compose_either(scene, chooser.pool.tools[edge.producer], toward=edge)
        except Unplayable:
            continue
    mode: Mode = "lookup" if scene.rng.random() < 0.5 else "plain"
    outward = scene.rng.random() < OUTWARD
    tool = chooser.pick(scene, mode, category=category, prefer_producers=outward)
    return compose_either(scene, tool)


def next_request(chooser: ToolChooser, scene: Scene, category: str) -> ComposedRequest:
    """A request that builds on what was shown, else one about something related to it.

    Along an open edge where that is possible; else by a tool that takes what was shown; else by any
    tool that is related to those that were used.
    """
    if (wish := request_along_open_edge(chooser, scene)) is not None:
        return wish
    known, near = scene.shown_resources(), chooser.related_tools(scene.api)
    around = {name for used in scene.used_tools for name in near.get(used, ())} - scene.used_tools

    def builds(tool: Tool) -> bool:
        role = scene.role(tool.name)
        if tool.name not in around or not any(
            resource in known for resource, _ in role.references.values()
        ):
            return False
        # A thing that a list has shown has nothing more to say where the list says it all.
        return role.kind != "get" or chooser.is_proven(scene.api, tool, "lookup")

    for _ in range(_MOST_TRIES):
        # Where nothing leads on along an open edge, something does that may open one.
        tool = chooser.pick(
            scene,
            "plain",
            builds,
            category,
            allow_unproven=True,
            prefer_producers=scene.rng.random() < OUTWARD,
        )
        try:
            lookup: Lookup = "direct" if scene.rng.random() < 0.3 else "none"
            options = ComposeOptions(
                lookup, reuse=ReuseOptions(), toward=chooser.edges.one_from(scene, tool)
            )
            return compose(scene, tool, options)
        except Unplayable:
            continue
    return compose_either(
        scene,
        chooser.pick(
            scene,
            "lookup" if scene.rng.random() < 0.5 else "plain",
            lambda tool: tool.name in around,
            category,
        ),
    )


def another_follows(chooser: ToolChooser, scene: Scene, share: float) -> bool:
    """Whether another request follows where none has to, with the probability `share`.

    More often while it can go along an edge that nothing has covered yet.
    """
    return scene.rng.random() < (_MORE_ALONG_OPEN_EDGE if chooser.edges.onward(scene, 1) else share)


def request_along_open_edge(chooser: ToolChooser, scene: Scene) -> ComposedRequest | None:
    """A request along an edge that nothing has covered yet; None if none can be made."""
    for edge in chooser.edges.onward(scene, _MOST_EDGES):
        try:
            return request_along(chooser, scene, edge)
        except Unplayable:
            continue
    return None


def request_along(chooser: ToolChooser, scene: Scene, edge: Edge) -> ComposedRequest:
    """A request whose call takes what the edge's producer has answered.

    If all it would read was shown before, it reads it again, and says so.
    """
    tool = chooser.pool.tools[edge.consumer]
    try:
        return compose(scene, tool, ComposeOptions("direct", reuse=ReuseOptions(edge)))
    except Unplayable:
        role = scene.role(tool.name)
        # What an answer said of another thing is looked at itself now and then, even where that
        # says no more.
        if role.kind != "get" or (
            scene.role(edge.producer).target.resource != role.target.resource
            and scene.rng.random() < 0.5
        ):
            raise
        again = ReuseOptions(edge, read_again=True)
        return compose(scene, tool, ComposeOptions("direct", reuse=again))


def incomplete_request(
    chooser: ToolChooser, scene: Scene, category: str, count: int
) -> ComposedRequest:
    """A request that leaves out something that is needed, up to `count` values.

    It is the value of an argument, or which entity the request is about.
    """

    def needs(tool: Tool) -> bool:
        return bool(tool.input_schema.get("required"))

    problem = Unplayable(UnplayableReason.NOTHING_TRIED)
    modes: list[Mode] = ["plain", "lookup"]
    scene.rng.shuffle(modes)
    for mode in modes:
        try:
            tool = chooser.pick(
                scene, mode, needs, category, prefer_producers=scene.rng.random() < OUTWARD
            )
            options = ComposeOptions(
                "direct" if mode == "lookup" else "none",
                withhold=count,
                toward=chooser.edges.one_from(scene, tool),
            )
            return compose(scene, tool, options)
        except Unplayable as error:
            problem = error
    raise problem
