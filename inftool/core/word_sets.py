"""Sets and maps of words kept in JSON files beside the modules that use them."""

from __future__ import annotations

import json
from importlib.resources import files


def load_word_sets(package: str, file: str) -> dict[str, frozenset[str]]:
    """The sets in a JSON file of a package: name -> words.

    The file holds one object, name -> list of words. Load it once, at import.
    """
    text = files(package).joinpath(file).read_text(encoding="utf-8")
    return {name: frozenset(words) for name, words in json.loads(text).items()}


def load_word_maps(package: str, file: str) -> dict[str, dict[str, str]]:
    """The maps in a JSON file of a package: name -> word -> word.

    The file holds one object, name -> object of words. Load it once, at import.
    """
    text = files(package).joinpath(file).read_text(encoding="utf-8")
    maps: dict[str, dict[str, str]] = json.loads(text)
    return maps


def load_word_lists(package: str, file: str) -> dict[str, tuple[str, ...]]:
    """The lists in a JSON file of a package: name -> words or phrases, in the order of the file.

    The file holds one object, name -> list. Load it once, at import.
    """
    text = files(package).joinpath(file).read_text(encoding="utf-8")
    return {name: tuple(words) for name, words in json.loads(text).items()}
