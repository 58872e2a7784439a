"""BFCL's data: where they are, their lines, and every question by its id."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from inftool.core.types import JsonObject

FOLDER_VARIABLE = "INFTOOL_BFCL"
"""The environment variable that names the folder of BFCL's data."""

# Which file documents which class of BFCL's simulated services.
_DOC_FILES = {
    "GorillaFileSystem": "gorilla_file_system",
    "MathAPI": "math_api",
    "MessageAPI": "message_api",
    "TwitterAPI": "posting_api",
    "TicketAPI": "ticket_api",
    "TradingBot": "trading_bot",
    "TravelAPI": "travel_booking",
    "VehicleControlAPI": "vehicle_control",
    "WebSearchAPI": "web_search",
    # The plain class is any of the three; its questions name no backend.
    "MemoryAPI": "memory_kv",
    "MemoryAPI_kv": "memory_kv",
    "MemoryAPI_vector": "memory_vector",
    "MemoryAPI_rec_sum": "memory_rec_sum",
}


def data_folder() -> Path | None:
    """The folder that `INFTOOL_BFCL` names, or that of an installed `bfcl-eval`.

    None if the variable names no folder, or if neither is there.
    """
    path = os.environ.get(FOLDER_VARIABLE)
    if path:
        return Path(path) if Path(path).is_dir() else None
    package = importlib.util.find_spec("bfcl_eval")
    for location in (package.submodule_search_locations or ()) if package else ():
        if (folder := Path(location) / "data").is_dir():
            return folder
    return None


def read_lines(path: Path) -> Iterator[JsonObject]:
    """The objects of a file of JSON lines.

    Other lines are left out, since BFCL has files of another kind beside these.
    """
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                yield row


@lru_cache(maxsize=4)
def questions(folder: Path) -> dict[str, JsonObject]:
    """Every question of BFCL's data by its id; those of many turns get their classes' docs."""
    docs = {
        path.stem: list(read_lines(path))
        for path in sorted((folder / "multi_turn_func_doc").glob("*.json"))
    }
    paths = [*folder.glob("BFCL_v*.json"), *folder.glob("memory_prereq_conversation/*.json")]
    by_id: dict[str, JsonObject] = {}
    for path in sorted(paths):
        for row in read_lines(path):
            if "id" not in row or "question" not in row:
                continue
            if "function" not in row:
                files = [_DOC_FILES.get(name, "") for name in row.get("involved_classes", ())]
                row["function"] = [doc for file in files for doc in docs.get(file, ())]
            by_id[str(row["id"])] = row
    return by_id


def is_code(question_id: str) -> bool:
    """Whether a question of this id asks for Java or JavaScript."""
    return "java" in question_id.casefold()
