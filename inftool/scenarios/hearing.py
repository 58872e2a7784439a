"""What a text says under a name: the half of the scripted resolver that recovers values; it knows the names of things, and none of the wordings' code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from inftool.records import JsonObject
from inftool.scenarios.phrases import SEARCHES, path_words
from inftool.scenarios.words import MONTHS, is_code, split_name

_NUMBER = r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?"
_MONTH = "|".join(MONTHS)
_DATE = rf"(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{_MONTH}),? (?P<y1>\d{{4}})|(?P<m2>{_MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y2>\d{{4}}))"
_CLOCK = r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2}))?(?: ?(?P<half>am|pm))?"
_DATE_RE = re.compile(_DATE, re.IGNORECASE)
_STAMP_RE = re.compile(rf"{_DATE}(?: at {_CLOCK})?", re.IGNORECASE)
_CLOCK_RE = re.compile(_CLOCK, re.IGNORECASE)
_NUMBER_RE = re.compile(_NUMBER)
_QUOTED_RE = re.compile(r'"([^"]*)"')
_TOKEN_RE = re.compile(r"[^\s,\"]+")
_SORRY = re.compile(r"\s*(?:,|—|-)\s*(?:no, wait|no, sorry|no|sorry|wait)\s*,\s*(?:i mean(?:t)? |make that )?", re.IGNORECASE)


def _day(found: re.Match[str]) -> str | None:
    day, month, year = found["d1"] or found["d2"], found["m1"] or found["m2"], found["y1"] or found["y2"]
    names = [name.casefold() for name in MONTHS]
    try:
        return date(int(year), names.index(month.casefold()) + 1, int(day)).isoformat()
    except ValueError:
        return None


def _clock(found: re.Match[str]) -> str:
    hour = int(found["h"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0)
    return f"{hour:02d}:{found['mi']}:{found['s'] or '00'}"


def _read(text: str, at: int, schema: JsonObject) -> tuple[Any, int] | None:
    """The value that stands at a place of a text, as its schema types it, and where it ends."""
    kinds = schema.get("type")
    kind = next((item for item in kinds if item != "null"), None) if isinstance(kinds, list) else kinds
    options = schema.get("enum") or ()
    best: tuple[Any, int] | None = None
    for option in options:
        for form in {str(option), split_name(str(option)) if is_code(str(option)) else str(option)}:
            end = at + len(form)
            if text[at:end].casefold() == form.casefold() and not text[end : end + 1].isalnum() and (best is None or end > best[1]):
                best = option, end
    if best is not None or options:
        return best
    if kind in ("integer", "number"):
        found = _NUMBER_RE.match(text, at)
        if not found:
            return None
        plain = found[0].replace(",", "")
        return (int(plain) if "." not in plain else float(plain)), found.end()
    if quoted := _QUOTED_RE.match(text, at):
        return quoted[1], quoted.end()
    if (stamp := _STAMP_RE.match(text, at)) and (day := _day(stamp)):
        return (f"{day}T{_clock(stamp)}Z" if stamp["h"] else day), stamp.end()
    if (clock := _CLOCK_RE.match(text, at)) and not text[clock.end() : clock.end() + 1].isalnum():
        return _clock(clock)[:5] if not clock["s"] else _clock(clock), clock.end()
    token = _TOKEN_RE.match(text, at)
    if not token:
        return None
    plain = token[0].rstrip(".,;:")
    if kind is None and (number := _NUMBER_RE.fullmatch(plain)):
        # Nothing says that it is a text.
        bare = number[0].replace(",", "")
        return (int(bare) if "." not in bare else float(bare)), at + len(plain)
    return plain, at + len(plain)


@lru_cache(maxsize=8192)
def _slots(words: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Where a name's value stands: behind it, in front of it, in a list, and the two ways of a switch."""
    name, bare = re.escape(words), re.escape(re.sub(r"^(?:is|has|should be) ", "", words))
    return (
        re.compile(
            rf"\bthe {name}(?: is| are|:| should be| should read| has to be| to|, put)? (?!of the |is |are |should |has to |to |and )(?=\S)",
            re.IGNORECASE,
        ),
        re.compile(rf" (?:as|for) the {name}\b", re.IGNORECASE),
        re.compile(rf"\bthe {name}(?: is| are|:| should be| to| has to be)? (?!of the )(?=\S)", re.IGNORECASE),
        re.compile(rf"\bno {bare}\b|\b{bare}: no\b|\bwith {bare} switched off\b", re.IGNORECASE),
        re.compile(rf"\byes to {bare}\b|\b{bare}: yes\b|\bwith {bare} switched on\b", re.IGNORECASE),
    )


_PUT = re.compile(r"\b(?:use|put) (?=\S)", re.IGNORECASE)
_TITLED = re.compile(r'\b(?:goes by|call it|called) "([^"]*)"', re.IGNORECASE)
_SOUGHT = re.compile(r'\b(?:look|search) for "([^"]*)"', re.IGNORECASE)
_MORE = re.compile(r", (?!the\b)| and (?!the\b)")


def hear(text: str, words: str, schema: JsonObject) -> list[Any]:
    """Every value that a text gives under a name, corrections taken: ("use 3, sorry, 4 as the quantity", "quantity") gives 4."""
    found: list[Any] = []
    behind, before, _, no, yes = _slots(words)
    if schema.get("type") == "boolean" or (isinstance(schema.get("type"), list) and "boolean" in schema["type"]):
        return [value for value, way in ((False, no), (True, yes)) if way.search(text)]
    for match in behind.finditer(text):
        if (read := _read(text, match.end(), schema)) is not None:
            found.append(_corrected(text, read, schema))
    for match in _PUT.finditer(text):
        if (read := _read(text, match.end(), schema)) is None:
            continue
        value = _corrected(text, read, schema)
        end = read[1] if value is read[0] else _end(text, read, schema)
        if before.match(text, end):
            found.append(value)
    if split_name(words).lower().rpartition(" ")[2] in ("title", "name", "label", "heading", "headline", "subject", "nickname"):
        found += [match[1] for match in _TITLED.finditer(text)]
    if words.lower() in SEARCHES:
        found += [match[1] for match in _SOUGHT.finditer(text)]
    unique: list[Any] = []
    for value in found:
        if not any(type(value) is type(other) and value == other for other in unique):
            unique.append(value)
    return unique


def _corrected(text: str, read: tuple[Any, int], schema: JsonObject) -> Any:
    sorry = _SORRY.match(text, read[1])
    second = _read(text, sorry.end(), schema) if sorry else None
    return second[0] if second is not None else read[0]


def _end(text: str, read: tuple[Any, int], schema: JsonObject) -> int:
    sorry = _SORRY.match(text, read[1])
    second = _read(text, sorry.end(), schema) if sorry else None
    return second[1] if second is not None else read[1]


def hear_list(text: str, words: str, item: JsonObject) -> list[Any]:
    """The values of a list that a text gives under a name: "the weekdays are monday, friday and sunday"."""
    match = _slots(words)[2].search(text)
    values: list[Any] = []
    at = match.end() if match else -1
    while at >= 0 and (read := _read(text, at, item)) is not None:
        values.append(read[0])
        more = _MORE.match(text, read[1])
        at = more.end() if more else -1
    return values


def same(heard: Any, wanted: Any) -> bool:
    """Whether what was heard is the argument: moments are compared as such, true is not 1, 1 is 1.0."""
    if isinstance(heard, bool) or isinstance(wanted, bool):
        return heard is wanted
    if isinstance(heard, (int, float)) and isinstance(wanted, (int, float)):
        return heard == wanted
    if isinstance(heard, str) and isinstance(wanted, str):
        return heard == wanted or _canonical(heard) == _canonical(wanted)
    return bool(heard == wanted)


def _canonical(text: str) -> str:
    if re.match(r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}", text):
        return f"{text[:10]}T{text[11:16]}"
    if re.match(r"^\d{2}:\d{2}:00$", text):
        return text[:5]
    return text


def recovers(text: str, pointer: str, value: Any, schema: JsonObject, arguments: Any) -> bool:
    """Whether a text gives exactly this value for the place at a pointer of the arguments."""
    heard = hear(text, path_words(pointer, arguments), schema)
    return len(heard) == 1 and same(heard[0], value)


def recovers_list(text: str, pointer: str, values: Sequence[Any], item: JsonObject, arguments: Any) -> bool:
    """The same for a list of plain values."""
    heard = hear_list(text, path_words(pointer, arguments), item)
    return len(heard) == len(values) and all(same(one, other) for one, other in zip(heard, values, strict=True))
