"""Values out of a schema: valid, coherent inside one object, and like what a person would have typed."""

from __future__ import annotations

import base64
import random
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from inftool.core.json_values import canonical
from inftool.core.types import JsonObject
from inftool.language.identifiers import bag, singular, split, squash
from inftool.language.identifiers import noun as noun_of
from inftool.world.sampling import coherence, number_values, regex_strings, text_values
from inftool.world.sampling import facts as facts_module
from inftool.world.sampling.examples import collect_examples, is_code, plain_keys, temporal, texts
from inftool.world.sampling.facts import EPOCH, Facts
from inftool.world.sampling.machine_values import machine_text_for_name
from inftool.world.schema.repair import repair
from inftool.world.schema.shape import Shape, integer_keyword
from inftool.world.schema.validation import is_valid

ReferencePicker = Callable[[str], Any]
"""Given a pointer pattern (`/lines/*/bookId`), the key of an entity to put there, or None."""

_DEEP = 7
_BUDGET = 300
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)")
_IPV4 = re.compile(r"\d{1,3}(\.\d{1,3}){3}$")
_COORDINATES = {("lat",), ("latitude",), ("lng",), ("lon",), ("long",), ("longitude",)}
_USUAL = {
    "id",
    "status",
    "state",
    "name",
    "title",
    "email",
    "createdat",
    "subject",
    "price",
    "total",
    "amount",
}


class ValueSampler:
    """One source of values: a random generator, the world's clock and money, and where references come from.

    `strict`: alternatives are tried until exactly one holds (dearer; for second tries). `optional`: how likely an optional property is. `skip`: pointer patterns that are left out where they may be.
    """

    def __init__(
        self,
        rng: random.Random,
        *,
        now: datetime = EPOCH,
        currency: str = "EUR",
        refer: ReferencePicker | None = None,
        optional: float = 0.85,
        use_examples: bool = True,
        strict: bool = False,
    ) -> None:
        self.rng = rng
        self.now = now
        self.currency = currency
        self.refer = refer
        self.optional = optional
        self.use_examples = use_examples
        self.strict = strict
        # What is left of one value's budget: the largest schemas would else make thousands of parts.
        self.left = _BUDGET

    def facts(self, noun: tuple[str, ...]) -> Facts:
        """Fresh facts for one object."""
        return Facts(noun=noun, rng=self.rng, now=self.now, currency=self.currency)

    def value(
        self,
        shape: Shape,
        name: str = "",
        pointer: str = "",
        depth: int = 0,
        facts: Facts | None = None,
    ) -> Any:
        """A value for a shape; `facts` are those of the object that it lies in."""
        node = shape.node
        self.left = _BUDGET if depth == 0 else self.left - 1
        if facts is None:
            facts = self.facts(split(noun_of(name)) if name else ())
        if (
            self.refer is not None
            and pointer
            and not shape.properties
            and (found := self.refer(pointer)) is not None
        ):
            return found
        if shape.only_null:
            return None
        if "const" in node:
            return node["const"]
        if isinstance(node.get("enum"), list) and node["enum"]:
            return self._enum(node, name, facts)
        if shape.variants:
            options = [variant for variant in shape.variants if variant is not shape]
            if self.strict and options and "oneOf" in node and depth <= _DEEP:
                return self._one_of(shape, options, name, pointer, depth, facts)
            if options and depth <= _DEEP:
                simple = [
                    option
                    for option in options
                    if option.object() is None and option.array() is None
                ]
                chosen = (
                    self.rng.choice(simple)
                    if simple and (depth > 3 or len(simple) == len(options))
                    else self.rng.choice(options)
                )
                return self.value(chosen, name, pointer, depth + 1, facts)
            if options:
                return self.value(
                    min(options, key=lambda option: len(option.required)),
                    name,
                    pointer,
                    depth + 1,
                    facts,
                )
        types = shape.types
        if not types:
            return self._untyped(shape, name, facts)
        kind = (
            types[0]
            if len(types) == 1
            else next(
                (
                    item
                    for item in ("object", "array", "string", "number", "integer", "boolean")
                    if item in types and not (item in {"object", "array"} and depth > 3)
                ),
                types[0],
            )
        )
        if kind == "object":
            return self.object(shape, name, pointer, depth, facts)
        if kind == "array":
            return self.array(shape, name, pointer, depth, facts)
        if kind == "string":
            return self.string(shape, name, facts)
        if kind in {"integer", "number"}:
            return self.number(shape, name, facts, whole=kind == "integer")
        if kind == "boolean":
            return self._boolean(name)
        return None

    def _one_of(
        self, shape: Shape, options: list[Shape], name: str, pointer: str, depth: int, facts: Facts
    ) -> Any:
        """A value that exactly one of the alternatives accepts, tried with ever more of their optional parts."""
        schema, usual, made = shape.schema(), self.optional, None
        for share in (usual, 1.0, 0.5):
            self.optional = share
            for option in self.rng.sample(options, len(options)):
                made = self.value(option, name, pointer, depth + 1, facts)
                if is_valid(schema, made):
                    self.optional = usual
                    return made
        self.optional = usual
        return made

    def _enum(self, node: JsonObject, name: str, facts: Facts) -> Any:
        values = [value for value in node["enum"] if value is not None] or node["enum"]
        if squash(name).endswith(("currency", "currencycode")) and self.currency in values:
            return self.currency
        if "country" in split(name) and (here := facts.place().country_code) in values:
            return here
        return self.rng.choice(values)

    def _untyped(self, shape: Shape, name: str, facts: Facts) -> Any:
        examples = collect_examples(shape)
        if examples:
            return self.rng.choice(examples)
        if "default" in shape.node:
            return shape.node["default"]
        if temporal(name):
            return facts_module.format_timestamp(facts_module.plausible_moment(split(name), facts))
        said = text_values.text_for_name(name, facts)
        if said is not None:
            return said
        counted = number_values.number_for_name(name, facts, whole=False)
        return counted if counted is not None else facts.thing()

    def _boolean(self, name: str) -> bool:
        parts = split(name)
        likely = set(parts) & {
            "active",
            "enabled",
            "available",
            "success",
            "ok",
            "verified",
            "valid",
            "visible",
            "public",
            "in",
        }
        unlikely = set(parts) & {
            "deleted",
            "archived",
            "disabled",
            "locked",
            "hidden",
            "banned",
            "trashed",
            "test",
            "private",
            "draft",
        }
        return self.rng.random() < (0.8 if likely else 0.1 if unlikely else 0.5)

    def object(
        self,
        shape: Shape,
        name: str = "",
        pointer: str = "",
        depth: int = 0,
        facts: Facts | None = None,
    ) -> JsonObject:
        """An object: what is required, what is likely, and what belongs together."""
        if depth == 0:
            self.left = _BUDGET
        label = noun_of(name) if name else ""
        noun = (
            split(label)
            if label
            and label
            not in bag("data item attribute result body value object record field property")
            else (facts.noun if facts else ())
        )
        inner = self.facts(noun)
        if facts is not None and (
            label.endswith("address")
            or not noun
            or noun == facts.noun
            or label in {"geo", "coordinate", "location", "contact"}
        ):
            inner = facts
        if facts is not None and label in {"geo", "coordinate", "location"}:
            inner.noun = facts.noun
        inner.names |= shape.squashed
        out: JsonObject = {}
        for prop, sub in shape.properties.items():
            where = f"{pointer}/{prop}"
            array = sub.array() if shape.name and sub.has("array") else None
            if (
                array is not None
                and array.items is not None
                and array.items.name == shape.name
                and not array.node.get("minItems")
            ):
                # Replies to replies: one level is enough, and only where the schema insists on the list.
                if prop in shape.required or depth == 0:
                    out[prop] = []
                continue
            if prop not in shape.required:
                if (
                    self.left < 0
                    or depth >= _DEEP
                    or (depth > 2 and self.rng.random() > 0.4)
                    or (sub.has("object") and sub.name and sub.name == shape.name)
                ):
                    continue
                if self.rng.random() > self.optional and not (
                    self.optional > 0.6 and depth == 0 and squash(prop) in _USUAL
                ):
                    continue
            if depth > _DEEP + 6:
                continue
            if sub.may_be_null and prop in shape.required and depth > _DEEP:
                out[prop] = None
                continue
            out[prop] = self.value(sub, prop, where, depth + 1, inner)
        if not shape.properties:
            out.update(self._open(shape, pointer, depth, inner))
        for prop in shape.required:
            if prop not in out and prop not in shape.properties and depth <= _DEEP + 6:
                extra = shape.node.get("additionalProperties")
                out[prop] = self.value(
                    Shape(extra if isinstance(extra, dict) else {}, shape.root),
                    prop,
                    f"{pointer}/{prop}",
                    depth + 1,
                    inner,
                )
        least = shape.node.get("minProperties")
        if isinstance(least, int) and len(out) < least and depth <= _DEEP + 6:
            for prop, sub in shape.properties.items():
                if len(out) >= least:
                    break
                out.setdefault(prop, self.value(sub, prop, f"{pointer}/{prop}", depth + 1, inner))
        coherence.make_coherent(out, shape, self.now)
        return out

    def _open(self, shape: Shape, pointer: str, depth: int, facts: Facts) -> JsonObject:
        extra = shape.node.get("additionalProperties")
        least = shape.node.get("minProperties")
        if not isinstance(extra, dict):
            examples = [item for item in collect_examples(shape) if isinstance(item, dict)]
            made = dict(examples[0]) if examples else {}
            if (
                isinstance(least, int)
                and len(made) < least
                and not shape.closed
                and depth <= _DEEP + 6
            ):
                made |= {
                    key: facts.thing() for key in self.rng.sample(plain_keys(), min(least, 20))
                }
            return made
        if depth > _DEEP:
            return {}
        count = max(least if isinstance(least, int) else 0, 1 if depth > 2 else 2)
        keys = self.rng.sample(plain_keys(), min(count, 20))
        sub = Shape(extra, shape.root)
        return {key: self.value(sub, "", f"{pointer}/*", depth + 1, facts) for key in keys}

    def array(
        self,
        shape: Shape,
        name: str = "",
        pointer: str = "",
        depth: int = 0,
        facts: Facts | None = None,
    ) -> list[Any]:
        """An array: a few items, different where the schema says so."""
        node = shape.node
        least = integer_keyword(node, "minItems", 0)
        most = integer_keyword(node, "maxItems", max(3, least))
        if isinstance(node.get("prefixItems"), list):
            return [
                self.value(Shape(item, shape.root), name, f"{pointer}/*", depth + 1, facts)
                for item in node["prefixItems"]
            ]
        item = shape.items
        if item is None:
            examples = [value for value in collect_examples(shape) if isinstance(value, list)]
            return (
                list(examples[0])
                if examples
                else [
                    self.value(
                        Shape({"type": "string"}, shape.root),
                        singular(name),
                        f"{pointer}/*",
                        depth + 1,
                        facts,
                    )
                    for _ in range(least)
                ]
            )
        deep = self.left < 0 or depth > 4 or (item.object() is not None and depth > 3)
        count = (
            least
            if deep
            else self.rng.randint(max(least, 1), max(least, 1, min(most, max(least, 3))))
        )
        count = min(count, most) if most >= least else least
        one = noun_of(name)
        out: list[Any] = []
        seen: set[str] = set()
        for _ in range(count * 4):
            if len(out) >= count:
                break
            made = self.value(
                item, one, f"{pointer}/*", depth + 1, facts if item.object() is None else None
            )
            if isinstance(made, dict):
                own = next(
                    (
                        str(inner)
                        for prop, inner in made.items()
                        if split(prop)[-1:] in (("id",), ("number",), ("key",), ("email",))
                        and isinstance(inner, str | int)
                    ),
                    None,
                )
                if own is not None and not (self.refer is not None) and f"own:{own}" in seen:
                    continue
                seen.add(f"own:{own}")
            if node.get("uniqueItems") or isinstance(made, str):
                text = canonical(made)
                if text in seen and (node.get("uniqueItems") or len(out) >= least):
                    continue
                seen.add(text)
            out.append(made)
        return out

    def string(self, shape: Shape, name: str, facts: Facts) -> str:
        """A string: its format, its pattern, its name, its example, in this order of authority."""
        node = shape.node
        least = integer_keyword(node, "minLength", 0)
        most = integer_keyword(node, "maxLength", 4000)
        form = node.get("format")
        form = (
            {"datetime": "date-time", "iso8601": "date-time", "timestamp": "date-time"}.get(
                form.lower(), form
            )
            if isinstance(form, str)
            else None
        )
        pattern = node.get("pattern") if isinstance(node.get("pattern"), str) else None
        examples = texts(node)
        for made in self._candidates(node, name, facts, form=form, most=most, examples=examples):
            if (
                made is not None
                and least <= len(made) <= most
                and (pattern is None or regex_strings.matches_pattern(pattern, made))
            ):
                return made
        plain = self._plain(name, facts)
        if pattern is None:
            while len(plain) < least:
                plain = f"{plain} {facts_module.sentence(facts.noun, self.rng)}"
            return plain[:most].rstrip() if len(plain[:most].rstrip()) >= least else plain[:most]
        return examples[0] if examples else plain[:most]

    def _plain(self, name: str, facts: Facts) -> str:
        """A word where a field's name says nothing: its object's own name is no answer to what its `complement` is."""
        parts = split(name)
        named = (
            not parts
            or parts == facts.noun
            or parts[-1] in facts.noun
            or parts[-1] in bag("value name title label item")
        )
        return facts.thing() if named else self.rng.choice(plain_keys())

    def _candidates(
        self,
        node: JsonObject,
        name: str,
        facts: Facts,
        *,
        form: str | None,
        most: int,
        examples: list[str],
    ) -> Iterator[str | None]:
        pattern = node["pattern"] if isinstance(node.get("pattern"), str) else None
        least = integer_keyword(node, "minLength", 0)
        # A generator: most fields take the first candidate, and patterns are dear.
        rng = self.rng
        if form is not None:
            yield self._formatted(str(form), name, facts)
        if isinstance(shown := node.get("default"), str) and split(name)[-1:] == ("version",):
            yield shown
        code = bool(examples) and pattern is None and not form and is_code(examples[0])
        if examples and _MOMENT.match(examples[0]) and pattern is None and not form:
            yield (
                facts_module.format_timestamp(facts_module.plausible_moment(split(name), facts))
                if "T" in examples[0]
                else facts_module.format_date(facts_module.plausible_moment(split(name), facts))
            )
        if (
            examples
            and pattern is None
            and not form
            and (_IPV4.match(examples[0]) or split(name)[-1:] in _COORDINATES)
        ):
            yield (
                machine_text_for_name(name, facts) or text_values.text_for_name(name, facts)
                if _IPV4.match(examples[0])
                else str(number_values.number_for_name(name, facts, whole=False))
            )
        if self.use_examples and code:
            yield regex_strings.vary_example(rng.choice(examples), rng)
            yield regex_strings.vary_example(rng.choice(examples), rng)
        if pattern is not None or most <= 3:
            yield from number_values.short_codes(name, facts, most)
        said = text_values.text_for_name(name, facts)
        if said is not None:
            yield said
            if len(said) > most:
                yield said[:most].rstrip()
            if pattern is not None or least:
                yield said.replace(".", "_")
                yield said.replace(".", "").replace(" ", "")
                yield text_values.text_for_name(name, self.facts(facts.noun))
        elif (
            counted := number_values.number_for_name(name, facts, whole=False)
        ) is not None and not examples:
            yield (
                f"{counted:.2f}"
                if isinstance(counted, float)
                and abs(counted) < 10_000
                and "lat" not in name
                and "lon" not in name
                and "lng" not in name
                else str(counted)
            )
        if temporal(name) and (pattern is not None or not form):
            when = facts_module.plausible_moment(split(name), facts)
            yield (
                facts_module.format_timestamp(when)
                if (examples and "T" in examples[0])
                or split(name)[-1] in {"at", "time", "timestamp"}
                else facts_module.format_date(when)
            )
        if pattern is not None:
            for _ in range(3 if examples else 0):
                yield regex_strings.vary_example(rng.choice(examples), rng)
            yield regex_strings.from_pattern(pattern, rng, shortest=least, longest=min(most, 400))
        if self.use_examples and examples:
            yield rng.choice(examples)
        if isinstance(node.get("default"), str):
            yield str(node["default"])
        yield machine_text_for_name(name, facts)

    def _formatted(self, form: str, name: str, facts: Facts) -> str | None:
        rng = self.rng
        parts = split(name)
        if form == "date-time":
            return facts_module.format_timestamp(facts_module.plausible_moment(parts, facts))
        if form == "date":
            return facts_module.format_date(facts_module.plausible_moment(parts, facts))
        if form == "time":
            return facts_module.time_of_day(rng) + "Z"
        if form == "duration":
            return rng.choice(("PT30M", "PT1H", "PT45M", "P1D"))
        if form == "uuid":
            return str(uuid.UUID(int=rng.getrandbits(128), version=4))
        if form in {"email", "idn-email"}:
            return text_values.email(facts)
        if form in {"uri", "url", "uri-reference", "iri"}:
            found = text_values.text_for_name(name, facts)
            return (
                found
                if found and found.startswith("https://")
                else text_values.text_for_name("url", facts)
            )
        if form == "hostname":
            return f"{split(facts.thing())[0] if split(facts.thing()) else 'host'}.example.com"
        if form == "ipv4":
            return f"192.0.2.{rng.randint(2, 250)}"
        if form == "ipv6":
            return f"2001:db8::{rng.randint(1, 65535):x}"
        if form in {"byte", "base64"}:
            return base64.b64encode(facts_module.sentence(facts.noun, rng).encode()).decode()
        if form == "binary":
            return "(binary)"
        if form == "uri-template":
            return "https://example.com/items/{id}"
        if form == "json-pointer":
            return f"/{split(facts.thing())[0]}" if split(facts.thing()) else "/items"
        if form == "relative-json-pointer":
            return "0/items"
        if form == "regex":
            return "^[a-z]+$"
        if form == "idn-hostname":
            return "example.com"
        if form == "decimal":
            found_number = number_values.number_for_name(name, facts, whole=False)
            return f"{found_number if found_number is not None else rng.randint(5, 90):.2f}"
        if form in {"int64", "int32", "uint64"}:
            return str(rng.randint(10_000, 99_999))
        if form == "password":
            return f"{rng.choice(('Harbor', 'Lantern', 'Orchard'))}-{rng.randint(1000, 9999)}-x"
        if form in {"phone", "e164"}:
            return text_values.phone(facts)
        return None

    def number(self, shape: Shape, name: str, facts: Facts, *, whole: bool) -> int | float:
        """A number inside its bounds, of a size that its name suggests."""
        node = shape.node
        low, high = _bounds(node, whole)
        step = node.get("multipleOf")
        found = number_values.number_for_name(name, facts, whole=whole)
        if found is None and temporal(name):
            shown = next(
                (item for item in collect_examples(shape) if isinstance(item, int | float)), 0
            )
            thousands = (
                shown > 10**11
                or (node.get("format") == "int64" and "ms" in split(name))
                or not (whole or shown)
            )
            found = int(facts_module.plausible_moment(split(name), facts).timestamp()) * (
                1000 if thousands else 1
            )
        if found is None:
            examples = [
                item
                for item in collect_examples(shape)
                if isinstance(item, int | float) and not isinstance(item, bool)
            ]
            if examples and self.use_examples:
                example = self.rng.choice(examples)
                found = (
                    round(example * self.rng.uniform(0.6, 1.6), 2)
                    if not whole
                    else int(example * self.rng.uniform(0.6, 1.6)) or example
                )
        if found is None:
            bottom = low if low is not None else 1
            top = high if high is not None else bottom + 99
            top = min(top, bottom + 999)
            found = (
                self.rng.randint(int(bottom), max(int(bottom), int(top)))
                if whole or top - bottom > 3
                else round(self.rng.uniform(bottom, top), 2)
            )
        if whole:
            found = int(found)
        if (low is not None and found < low) or (high is not None and found > high):
            bottom = low if low is not None else (high or 0) - 10
            top = high if high is not None else bottom + 10
            top = min(top, bottom + 999) if low is not None else top
            found = (
                self.rng.randint(
                    int(bottom) if bottom == int(bottom) else int(bottom) + 1, int(top)
                )
                if whole or int(top) - int(bottom) > 3
                else round(self.rng.uniform(bottom, top), 3)
            )
            found = min(max(found, bottom), top)
        if isinstance(step, int | float) and step > 0:
            found = (int(found // step) or (1 if (low or 0) > 0 else int(found // step))) * step
            if low is not None and found < low:
                found += step
            if isinstance(step, float):
                found = round(found, 6)
            if whole:
                found = int(found)
        return found


def _bounds(node: JsonObject, whole: bool) -> tuple[float | int | None, float | int | None]:
    low, high = node.get("minimum"), node.get("maximum")
    under, over = node.get("exclusiveMinimum"), node.get("exclusiveMaximum")
    gap = 1 if whole else 0.01
    if isinstance(under, int | float) and not isinstance(under, bool):
        low = under + gap if low is None else max(low, under + gap)
    if isinstance(over, int | float) and not isinstance(over, bool):
        high = over - gap if high is None else min(high, over - gap)
    return (low if isinstance(low, int | float) else None), (
        high if isinstance(high, int | float) else None
    )


def sample(
    schema: JsonObject,
    rng: random.Random,
    *,
    name: str = "",
    noun: str = "",
    now: datetime = EPOCH,
    currency: str = "EUR",
    optional: float = 0.85,
    refer: ReferencePicker | None = None,
) -> Any:
    """A value that a schema accepts, coherent in itself and sayable: names, titles, cities, dates near `now`, amounts.

    `name`: the field's name; `noun`: the kind of thing that it belongs to ("book"); `refer(pointer)`: keys for references. The same
    schema and generator state give the same value.
    """
    shape = Shape.of(schema)
    seed = rng.getrandbits(64)

    def make(attempt: int) -> Any:
        share = optional if attempt == 0 else 0.0 if attempt % 2 else 1.0
        maker = ValueSampler(
            random.Random(f"{seed}:{attempt}"),
            now=now,
            currency=currency,
            refer=refer,
            optional=share,
            strict=attempt > 0,
        )
        facts = maker.facts(split(noun_of(noun))) if noun else None
        if shape.object() is not None and noun and not name:
            return maker.value(shape, noun)
        return maker.value(shape, name, facts=facts)

    return repair(schema, make(0), make)
