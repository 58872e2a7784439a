"""What a text says under a name: the half of the scripted resolver that recovers values; it knows
the names of things, and none of the wordings' code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from inftool.core.types import JsonObject
from inftool.language.dates import MONTHS
from inftool.language.values import is_code, say, split_name
from inftool.scenarios.tool_schema.places import choices
from inftool.scenarios.wording.details import ORDERS, SPANS
from inftool.scenarios.wording.phrases import SEARCHES, path_words, singular

_NUMBER = r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?"
_MONTH = "|".join(MONTHS)
_DATE = (
    rf"(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{_MONTH}),? "
    rf"(?P<y1>\d{{4}})|(?P<m2>{_MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y2>\d{{4}}))"
)
_CLOCK = r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2}))?(?: ?(?P<half>am|pm))?"
_DATE_RE = re.compile(_DATE, re.IGNORECASE)
_STAMP_RE = re.compile(rf"{_DATE}(?: at {_CLOCK})?", re.IGNORECASE)
_CLOCK_RE = re.compile(_CLOCK, re.IGNORECASE)
_NUMBER_RE = re.compile(_NUMBER)
_QUOTED_RE = re.compile(r'"([^"]*)"')
_TOKEN_RE = re.compile(r"[^\s,\"]+")
_SORRY = re.compile(
    r"\s*(?:,|—|-)\s*(?:no, wait|no, sorry|no|sorry|wait)\s*,\s*(?:i mean(?:t)? |make that )?",
    re.IGNORECASE,
)


def _day(found: re.Match[str]) -> str | None:
    day, month, year = (
        found["d1"] or found["d2"],
        found["m1"] or found["m2"],
        found["y1"] or found["y2"],
    )
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
    kind = (
        next((item for item in kinds if item != "null"), None) if isinstance(kinds, list) else kinds
    )
    options = schema.get("enum") or ()
    best: tuple[Any, int] | None = None
    for option in options:
        for form in {
            str(option),
            split_name(str(option)) if is_code(str(option)) else str(option),
            say(option) if str(option)[:1] in ("-", "+") else str(option),
        }:
            start = at + (text[at : at + 1] == '"')
            end = start + len(form)
            if (
                text[start:end].casefold() == form.casefold()
                and not text[end : end + 1].isalnum()
                and (best is None or end > best[1])
            ):
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


_OF = r"(?:the|an?|my|our|its|their)"


@lru_cache(maxsize=8192)
def _slots(words: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Where a name's value stands: behind it, in front of it, and in a list."""
    name = re.escape(words)
    return (
        re.compile(
            (
                rf"(?:\b{_OF} {name}(?: is| are|:| would be| should be| should read| (?:has|have) to "
                rf"be| to|, put)?|(?<![^.;,?!] )(?<!\w){name}:) "
                r"(?!of the |for |is |are |should |would |has to |have to |to |and |between |from |at "
                r"least |at most |no earlier |no later )(?=\S)"
            ),
            re.IGNORECASE,
        ),
        re.compile(rf" (?:as|for) the {name}\b", re.IGNORECASE),
        re.compile(
            rf"\bthe {name}(?: is| are|:| should be| to| (?:has|have) to be)? (?!of the )(?=\S)",
            re.IGNORECASE,
        ),
    )


@lru_cache(maxsize=8192)
def _switches(words: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """How something is said not to be so, and to be so."""
    bare = re.escape(re.sub(r"^(?:is|has|should be) ", "", words))
    can = re.escape(re.sub(r"^(?:is|has|should be) ", "", words).replace(" can ", " cannot ", 1))
    no = (
        r"\b(?:don't|do not|no need to|shouldn't be|don't make it|without|none of the|leave out "
        rf"the) {bare}\b"
    )
    yes = rf"(?<!don't )(?<!not )\b(?:please|do|with|make it|should be|only the|just the) {bare}\b"
    if can != bare:
        return re.compile(rf"\b{can}\b", re.IGNORECASE), re.compile(rf"\b{bare}\b", re.IGNORECASE)
    return re.compile(no, re.IGNORECASE), re.compile(yes, re.IGNORECASE)


_END = re.compile(
    r"^(?:(?P<low>minimum|from|after|since|start|earliest|lowest)|maximum|to|before|until|end|latest|highest) (?P<a>.+)$"
    r"|^(?P<b>.+) (?:(?P<least>minimum|from|after|since|min)|maximum|to|before|until|max)$",
    re.IGNORECASE,
)


@lru_cache(maxsize=8192)
def _limits(words: str) -> re.Pattern[str] | None:
    """Where the value of one end of a range stands: "the rating at least 4" for "minimum rating"."""
    end = _END.match(words)
    if not end:
        return None
    stem = re.escape(end["a"] or end["b"])
    return re.compile(
        (
            rf"\b(?:the )?{stem} (?:should be "
            rf")?{'(?:at least|no earlier than)' if end['low'] or end['least'] else '(?:at most|no later than)'} (?=\S)"
        ),
        re.IGNORECASE,
    )


_PUT = re.compile(r"\b(?:use|put) (?=\S)", re.IGNORECASE)
_TITLED = re.compile(r'\b(?:call it|called) "([^"]*)"', re.IGNORECASE)
_SOUGHT = re.compile(r'\b(?:look|search) for "([^"]*)"', re.IGNORECASE)
_MORE = re.compile(r", (?!the\b)| and (?!the\b)")


def parse_values(text: str, words: str, schema: JsonObject) -> list[Any]:
    """Every value that a text gives under a name, corrections taken: ("use 3, sorry, 4 as the
    quantity", "quantity") gives 4."""
    found: list[Any] = []
    if schema.get("type") == "boolean" or (
        isinstance(schema.get("type"), list) and "boolean" in schema["type"]
    ):
        no, yes = _switches(words)
        return [value for value, way in ((False, no), (True, yes)) if way.search(text)]
    behind, before, _ = _slots(words)
    for match in behind.finditer(text):
        if (read := _read(text, match.end(), schema)) is not None:
            found.append(_corrected(text, read, schema))
    if (limits := _limits(words)) is not None:
        for match in limits.finditer(text):
            if (read := _read(text, match.end(), schema)) is not None:
                found.append(read[0])
    for match in _PUT.finditer(text):
        if (read := _read(text, match.end(), schema)) is None:
            continue
        value = _corrected(text, read, schema)
        end = read[1] if value is read[0] else _end(text, read, schema)
        if before.match(text, end):
            found.append(value)
    if split_name(words).lower().rpartition(" ")[2] in (
        "title",
        "name",
        "label",
        "heading",
        "headline",
        "subject",
        "nickname",
    ):
        found += [match[1] for match in _TITLED.finditer(text)]
    if words in ("group by", "sort by", "order by", "sort"):
        for match in re.finditer(
            rf"\b{words.split(maxsplit=1)[0]} them by (?=\S)", text, re.IGNORECASE
        ):
            if (read := _read(text, match.end(), schema)) is not None:
                found.append(read[0])
    if words in ORDERS and (
        way := re.search(r"\bin (asc|desc)ending order\b", text, re.IGNORECASE)
    ):
        found += [
            option
            for option in choices(schema)
            if str(option).lower() in (way[1].lower(), f"{way[1].lower()}ending")
        ]
    if words in SPANS and schema.get("type") == "integer":
        found += [
            int(match[1]) for match in re.finditer(rf"\bfor (\d+) {words}\b", text, re.IGNORECASE)
        ]
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
    """The values of a list that a text gives under a name: "the weekdays are monday, friday and
    sunday"; one value goes by the name of one."""
    match = _slots(words)[2].search(text) or _slots(singular(words))[2].search(text)
    values: list[Any] = []
    at = match.end() if match else -1
    while at >= 0 and (read := _read(text, at, item)) is not None:
        values.append(read[0])
        more = _MORE.match(text, read[1])
        at = more.end() if more else -1
    return values


# Spans of these need no name: "only those between 3 May and 9 May 2026".
_TIMES = frozenset(
    ["date", "dates", "time", "period", "day", "range", "timestamp", "window", "created", "at"]
)


def hear_span(text: str, name: str, schema: JsonObject) -> list[list[Any]]:
    """Every pair of ends that a text gives, of a name or of none: "the price between 10 and 20",
    "only those from 3 May to 9 May 2026"."""
    named = (
        (
            rf"(?:the|a) {re.escape(name)}(?: is| are| (?:has|have) to be| should be)?|(?:only "
            rf"those|it should be) {re.escape(name)}"
        )
        if name
        else ""
    )
    bare = r"only those|the ones|it should be" if name in _TIMES or not name else ""
    opening = rf"\b(?:{'|'.join(way for way in (named, bare) if way)}) "
    found = []
    for match in re.finditer(rf"{opening}on (?=\S)", text, re.IGNORECASE):
        if (read := _read(text, match.end(), schema)) is not None:
            found.append([read[0], read[0]])
    for match in re.finditer(rf"{opening}(?:between|from) (?=\S)", text, re.IGNORECASE):
        # The first day of two in one year is said without it.
        day = re.compile(rf"(?P<d>\d{{1,2}}) (?P<m>{_MONTH})(?= (?:and|to) )", re.IGNORECASE).match(
            text, match.end()
        )
        first = (None, day.end()) if day else _read(text, match.end(), schema)
        link = re.compile(r" (?:and|to) (?=\S)").match(text, first[1]) if first else None
        second = _read(text, link.end(), schema) if link else None
        if first is None or second is None:
            continue
        low = (
            f"{str(second[0])[:4]}-{_month(day['m']):02d}-{int(day['d']):02d}" if day else first[0]
        )
        found.append([low, second[0]])
    return found


def _month(name: str) -> int:
    return [month.casefold() for month in MONTHS].index(name.casefold()) + 1


def hear_together(
    text: str, kind: str, name: str, schemas: Sequence[JsonObject], count: int
) -> list[list[Any]]:
    """Every set of values that a text gives in one breath under a name; `kind` is that of
    `inftool.scenarios.together`."""
    if kind in ("moments", "numbers"):
        return hear_span(text, name, schemas[0])
    said = re.finditer(
        rf"\bthe {re.escape(name)} (?:is|would be|should be) (?=\S)", text, re.IGNORECASE
    )
    found: list[list[Any]] = []
    for match in said:
        rest = text[match.end() :]
        if kind == "name":
            words = re.match(r"([^\W\d_][\w'-]*) ([^\W\d_][\w'-]*)(?![\w'-])", rest)
            found += [[words[1], words[2]]] if words else []
        elif kind == "money":
            sum_of = _NUMBER_RE.match(rest)
            code = re.match(r" ([A-Z]{3})\b", rest[sum_of.end() :]) if sum_of else None
            if sum_of and code:
                plain = sum_of[0].replace(",", "")
                amount: Any = (
                    plain
                    if schemas[0].get("type") == "string"
                    else (int(plain) if "." not in plain else float(plain))
                )
                found.append([amount, code[1]])
        else:
            # An address goes to the end of its sentence.
            whole = re.match(r"[^.;!?]+", rest)
            parts = whole[0].split(", ") if whole else []
            found += [parts] if len(parts) == count else []
    return found


def same(heard: Any, wanted: Any) -> bool:
    """Whether what was heard is the argument: moments are compared as such, true is not 1, 1 is
    1.0."""
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
    heard = parse_values(text, path_words(pointer, arguments), schema)
    return len(heard) == 1 and same(heard[0], value)


def recovers_list(
    text: str, pointer: str, values: Sequence[Any], item: JsonObject, arguments: Any
) -> bool:
    """The same for a list of plain values."""
    heard = hear_list(text, path_words(pointer, arguments), item)
    return len(heard) == len(values) and all(
        same(one, other) for one, other in zip(heard, values, strict=True)
    )


def recovers_together(
    text: str, kind: str, name: str, values: Sequence[Any], schemas: Sequence[JsonObject]
) -> bool:
    """The same for values that are said in one breath."""
    heard = [
        found
        for found in hear_together(text, kind, name, schemas, len(values))
        if len(found) == len(values)
    ]
    return len(heard) == 1 and all(
        same(one, other) or str(one) == str(other)
        for one, other in zip(heard[0], values, strict=True)
    )
