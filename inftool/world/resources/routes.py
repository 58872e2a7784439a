"""What one tool's path, name and answers say, before tools are compared with each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from inftool.core.json_pointer import escape
from inftool.core.tools import Tool
from inftool.language.identifiers import (
    VERB_FAMILIES,
    bag,
    is_plural,
    noun,
    nouns,
    row,
    split,
    split_verb,
    squash,
)
from inftool.world.schema.shape import Shape

Kind = Literal["static", "param", "self", "verb"]

_PREFIX = re.compile(
    r"^(v\d+([._]\d+)*|api|rest|public|\d{4}-\d{2}(-\d{2})?|latest|stable|beta|alpha)$", re.I
)
_SELF = {"me", "self", "~", "@me", "current", "mine", "-"}
_ONE_PARAM = re.compile(r"^\{([^{}]+)\}$|^:([A-Za-z_]\w*)$")
_PARAM = re.compile(r"\{([^{}]+)\}")
# `distance.{outputFormat}`: how the answer is spelled is no key.
_SPELLED = re.compile(r"^([A-Za-z][\w-]*)\.\{\w*(?:format|ext|extension)\}$", re.IGNORECASE)
ITEM_LISTS = row(
    "items data results result records value values entries entry list rows content hits resources elements objects "
    "collection _embedded member docs documents payload response edges matches page"
)
ITEM_WRAPS = row(
    "data result item response payload record entity object resource content value body output detail details"
)
_IDS = {"id", "_id", "uuid", "guid", "sid", "key", "uid", "gid", "urn"}
_META_NAMES = bag(
    "meta metadata links _links paging pagination page error errors warnings included jsonapi success ok status message code"
)


_PAGING_WORDS = bag(
    "total count page pages offset limit cursor next previous prev more size token etag kind object type self first last "
    "href url per sync start found"
)


@dataclass(frozen=True)
class Segment:
    """One step of a path: static text, a `{parameter}`, a word for the caller (`me`) or a custom verb (`:cancel`)."""

    kind: Kind
    text: str

    @property
    def mark(self) -> str:
        """What two paths to the same thing have in common here."""
        return "{}" if self.kind in {"param", "self"} else squash(noun(self.text))


def segments(path: str) -> tuple[Segment, ...]:
    """A path's steps without version prefixes: `/v1/orders/{id}:cancel`, `/Orders({id})`, `/chat.postMessage` are understood."""
    out: list[Segment] = []
    for part in path.split("?", maxsplit=1)[0].split("/"):
        if not part:
            continue
        one = _ONE_PARAM.match(part)
        found = _PARAM.findall(part)
        if one:
            out.append(Segment("param", one.group(1) or one.group(2)))
        elif len(found) == 1 and ":" in part and part.index(":") > part.index("}"):
            out += [Segment("param", found[0]), Segment("verb", part.split(":")[-1])]
        elif len(found) == 1 and "(" in part.split("{")[0]:
            out += [Segment("static", part.split("(")[0]), Segment("param", found[0])]
        elif spelled := _SPELLED.match(part):
            out.append(Segment("static", spelled[1]))
        elif found:
            out += [Segment("param", name) for name in found]
        elif part.lower() in _SELF:
            out.append(Segment("self", part))
        elif ":" in part[1:]:
            head, _, tail = part.partition(":")
            out += [Segment("static", head), Segment("verb", tail)]
        elif "." in part.strip(".") and not re.search(r"\.(json|xml|php|aspx?|do)$", part, re.I):
            pieces = [piece for piece in part.split(".") if piece]
            out += [Segment("static", piece) for piece in pieces[:-1]]
            out.append(
                Segment(
                    "verb" if split_verb(split(pieces[-1]))[0] or len(pieces) > 1 else "static",
                    pieces[-1],
                )
            )
        else:
            out.append(
                Segment("static", re.sub(r"\.(json|xml|php|aspx?|do)$", "", part, flags=re.I))
            )
    start = 0
    while start < len(out) - 1 and out[start].kind == "static" and _PREFIX.match(out[start].text):
        start += 1
    return tuple(out[start:])


def has_undescribed_answer(tool: Tool) -> bool:
    """Whether the spec says nothing of a tool's answer and it must hold something all the same: a function list, or a read without a schema."""
    schema = tool.output_schema
    if not tool.responses:
        return schema is None
    fine = {
        answer.status
        for answer in tool.responses
        if answer.status.startswith("2") or answer.status == "default"
    }
    read = tool.method.lower() == "get" and (
        not fine or bool(fine & {"200", "201", "2XX", "default"})
    )
    node = schema or {}
    said = set(node) - {"description", "title", "examples", "$defs", "$schema"}
    # "An object" is no more than nothing said.
    bare = (
        node.get("type") == "object"
        and said <= {"type", "additionalProperties"}
        and node.get("additionalProperties", True) in (True, {})
    )
    return read and (not said or bare)


def has_identity(shape: Shape, name: str = "") -> bool:
    """Whether an object names itself: an `id`, `uuid`, `orderId`… among its own properties."""
    wanted = _IDS | (
        {
            squash(f"{name} {suffix}")
            for suffix in ("id", "uuid", "sid", "key", "number", "code", "reference", "ref")
        }
        if name
        else set()
    )
    return any(prop.lower() in _IDS or squash(prop) in wanted for prop in shape.properties)


def find_list(shape: Shape, name: str = "") -> tuple[str, Shape, int] | None:
    """The list of objects inside an answer: its JSON pointer, its items' shape and a score (how sure); None where there is none."""
    if (array := shape.array()) is not None and (array is shape or not shape.properties):
        item = array.items
        fields = item.object() if item is not None else None
        return ("", item, 10) if item is not None and fields and fields.properties else None
    best: tuple[str, Shape, int] | None = None
    many = {squash(name), squash(nouns(name))} if name else set()

    def look(node: Shape, pointer: str, depth: int, bonus: int) -> None:
        nonlocal best
        view = node.object()
        if view is None:
            return
        for prop, sub in view.properties.items():
            if (
                squash(prop) in {"errors", "warnings", "links", "included"}
                and squash(prop) not in many
            ):
                continue
            word = prop.lower()
            score = (
                bonus
                + (
                    4
                    if squash(prop) in many
                    else 3
                    if word in ITEM_LISTS
                    else 1
                    if is_plural(prop)
                    else 0
                )
                - depth
            )
            here = f"{pointer}/{escape(prop)}"
            array = sub.array()
            if array is not None:
                item = array.items.object() if array.items is not None else None
                if (
                    item is not None
                    and item.properties
                    and array.items is not None
                    and (best is None or score > best[2])
                ):
                    best = (here, array.items, score)
            elif depth < 2 and (
                word in ITEM_LISTS or word in {"data", "_embedded"} or squash(prop) in many
            ):
                look(sub, here, depth + 1, bonus + 2)

    look(shape, "", 0, 0)
    if best is not None and not _is_envelope(shape, best[0], many):
        return None
    return best


def _is_envelope(shape: Shape, pointer: str, many: set[str]) -> bool:
    """Whether a body is there for its list alone: the list is named as lists are, or nothing but paging and its like stands beside it."""
    first = pointer.split("/")[1]
    if first.lower() in ITEM_LISTS or squash(first) in many:
        return True
    view = shape.object() or shape
    beside = [
        prop
        for prop in view.properties
        if prop != first
        and prop.lower() not in _META_NAMES
        and not (set(split(prop)) & _PAGING_WORDS)
    ]
    return not beside


def find_one(shape: Shape, name: str = "") -> tuple[str, Shape]:
    """The single thing inside an answer: its JSON pointer ("" is the body itself) and its shape."""
    view = shape.object()
    if view is None or not view.properties or has_identity(view, name):
        return "", view or shape
    best: tuple[int, str, Shape] | None = None
    short = split(name)[-1] if split(name) else ""
    for prop, sub in view.properties.items():
        inner = sub.object()
        if (
            inner is None
            or not inner.properties
            or sub.array() is not None
            or prop.lower() in _META_NAMES
        ):
            continue
        score = (
            4 if name and squash(prop) == squash(name) else 3 if prop.lower() in ITEM_WRAPS else 0
        ) + (2 if has_identity(inner, name) or (short and has_identity(inner, short)) else 0)
        others = [
            other for other in view.properties if other != prop and other.lower() not in _META_NAMES
        ]
        score += 1 if not others else -len(others) // 3
        if score >= 3 and (best is None or score > best[0]):
            best = (score, prop, sub)
    if best is None:
        return "", view
    pointer, found = (
        find_one(best[2], name)
        if best[1].lower() in ITEM_WRAPS
        else ("", best[2].object() or best[2])
    )
    return f"/{best[1]}{pointer}", found


@dataclass(frozen=True)
class Route:
    """One tool, read by itself: its path's steps, the verb and noun of its name, and what its success answer holds."""

    tool: Tool
    steps: tuple[Segment, ...]
    verb: str
    noun: str
    action: str
    out: Shape
    arguments: Shape
    path_arguments: dict[str, str] = field(default_factory=dict)

    @property
    def template(self) -> tuple[str, ...]:
        """The path with parameters and plurals ironed out."""
        return tuple(step.mark for step in self.steps)


def _title(tool: Tool) -> str:
    return tool.operation or tool.name


def read(tool: Tool) -> Route:
    """Read one tool by itself."""
    steps = segments(tool.path) if tool.path else ()
    names = {
        parameter.name: parameter.argument
        for parameter in tool.parameters
        if parameter.location == "path"
    }
    words = split(_title(tool))
    family, rest = split_verb(words)
    # `users.list`, `orders_cancel`: the verb stands last and the noun first.
    action = words[0] if words else ""
    if family and words and words[0] not in VERB_FAMILIES:
        action = words[-1]
    return Route(
        tool=tool,
        steps=steps,
        verb=family,
        noun=noun(" ".join(rest)) if rest else "",
        action=action,
        out=Shape.of(tool.output_schema),
        arguments=Shape.of(tool.input_schema),
        path_arguments=names,
    )


def path_argument(route: Route, place: int) -> str | None:
    """The argument that fills the parameter at some step of a path, None where it is the caller ("me")."""
    step = route.steps[place]
    return route.path_arguments.get(step.text) if step.kind == "param" else None
