"""A scenario of your own: InfTool's agents over MCP, judged by replay, without model or key."""

import asyncio
from pathlib import Path

from fastmcp import Client

from inftool import build_server, compile_specs, verify
from inftool.agents import ToolAssistant, UserSimulator


async def main() -> None:
    apis = compile_specs([Path(__file__).parents[1] / "specs" / "bookshop.yaml"])
    async with Client(build_server(apis, seed=0)) as client:
        # `scripted` needs no model. `UserSimulator(model_client, wishes="…")` and
        # `ToolAssistant(model_client, client)` take any AutoGen model client.
        user = UserSimulator.scripted("Which paperbacks are in stock?", "Who wrote the first one?")
        shelf = ("listBooks", {"format": "paperback", "inStock": True})
        author = ("getAuthor", {"authorId": {"$from": "s1", "at": "/data/0/authorId"}})
        answers = ("The first one is {s1/data/0/title}.", "That was {s2/name}.")
        script = (shelf, answers[0], author, answers[1])
        assistant = ToolAssistant.scripted(client, *script)
        reply = None
        while (words := await user.say(reply)) is not None:
            reply = await assistant.reply(words)
            print(f"user: {words}\nassistant: {reply}")
        played = {"messages": await assistant.messages(), "tools": await assistant.offered()}
        verdict = verify(played, apis, seed=0)
    print({gate.gate: gate.status for gate in verdict.gates})


asyncio.run(main())
