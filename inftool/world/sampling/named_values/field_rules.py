"""Tables of rules that make a value for a field by its name; the first rule that fits makes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from inftool.world.lexicon.field_patterns import FieldName, field_name, field_patterns

Context = TypeVar("Context")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class FieldRule(Generic[Context, Value]):
    """How the values of one concept, such as postal codes, are made."""

    concept: str
    """The name of the pattern in `field_patterns.json` that a field's name must match."""
    make: Callable[[FieldName, Context], Value | None]
    """Makes a value. None says that this name gets no value, and ends the search."""
    when: Callable[[FieldName, Context], bool] | None = None
    """What must hold besides the name, such as that the object also has a `city`."""


class FieldRules(Generic[Context, Value]):
    """A table of rules in the order in which they are tried."""

    def __init__(
        self,
        section: str,
        rules: Sequence[FieldRule[Context, Value]],
        *,
        parse: Callable[[str], FieldName] = field_name,
    ) -> None:
        """`section` is that of the rules' patterns; `parse` takes a field's name apart."""
        patterns = field_patterns(section)
        self._rules = [(patterns[rule.concept], rule) for rule in rules]
        self._parse = parse
        # Which patterns a name matches depends on nothing else, and the same names come again.
        self._matching = lru_cache(maxsize=16384)(self._find)

    @property
    def concepts(self) -> list[str]:
        """The concepts of the rules, in their order."""
        return [rule.concept for _, rule in self._rules]

    def _find(self, name: str) -> tuple[FieldName, tuple[FieldRule[Context, Value], ...]]:
        field = self._parse(name)
        if not field.words:
            return field, ()
        return field, tuple(rule for pattern, rule in self._rules if pattern.matches(field))

    def value(self, name: str, context: Context) -> Value | None:
        """A value for a field of this name, or None if no rule knows one."""
        field, rules = self._matching(name)
        for rule in rules:
            if rule.when is None or rule.when(field, context):
                return rule.make(field, context)
        return None
