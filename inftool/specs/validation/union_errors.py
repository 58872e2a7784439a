"""A union that no branch of fits: what to say about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from inftool.specs.validation.violations import Path, Violation, violation_at
from inftool.specs.validation.wording import choices_text, place_text, types_text, value_text


@dataclass(frozen=True)
class UnionError:
    """An error of `anyOf` or `oneOf`, with the errors of each branch."""

    error: ValidationError
    branches: list[list[ValidationError]]
    describe: Callable[[ValidationError], list[Violation]]
    """What an error inside of a branch says."""

    @property
    def path(self) -> Path:
        """Where the value of the union is."""
        return tuple(self.error.instance_path)

    def violations(self) -> list[Violation]:
        """What is wrong with the branch that was meant, or what the branches expect in common."""
        # {"anyOf": [{"required": ["id"]}, {"required": ["name"]}]} says that one of them is needed.
        names = self._required_names()
        if names:
            expected = f"one of: {', '.join(names)}"
            message = f"{place_text(self.path)} needs {expected}"
            return [violation_at((*self.path, names[0]), "missing_required", expected, message)]
        # A branch of another type, or with another value of a discriminator, was not meant.
        meant = [branch for branch in self.branches if not any(map(self._excludes, branch))]
        if len(meant) == 1:
            return [violation for error in meant[0] for violation in self.describe(error)]
        if not meant:
            violation = self._wrong_type() or self._wrong_tag()
            if violation is not None:
                return [violation]
        return [self._no_match(meant)]

    def _required_names(self) -> list[str]:
        """The names of which each branch requires another one, if that is all they do."""
        names: dict[str, None] = {}
        for branch in self.branches:
            kind = branch[0].kind
            if len(branch) > 1 or not isinstance(kind, Kind.Required) or self._depth(branch[0]):
                return []
            names[kind.property] = None
        return list(names)

    def _depth(self, error: ValidationError) -> int:
        """How many levels inside of the union's value an error is."""
        return len(error.instance_path) - len(self.error.instance_path)

    def _excludes(self, error: ValidationError) -> bool:
        """Whether an error shows that its branch was not meant."""
        depth = self._depth(error)
        if depth == 0:
            return isinstance(error.kind, (Kind.Type, Kind.Constant, Kind.Enum))
        return depth == 1 and isinstance(error.kind, Kind.Constant)

    def _wrong_type(self) -> Violation | None:
        """The types of all branches, if each of them is of another type than the value."""
        types: list[str] = []
        for branch in self.branches:
            kinds = [error.kind for error in branch if not self._depth(error)]
            branch_types = [kind.types for kind in kinds if isinstance(kind, Kind.Type)]
            if not branch_types:
                return None
            types.extend(name for names in branch_types for name in names)
        if not types:
            return None
        expected = types_text(types)
        given = value_text(self.error.instance)
        message = f"{place_text(self.path)} must be {expected}, not {given}"
        return violation_at(self.path, "wrong_type", expected, message)

    def _wrong_tag(self) -> Violation | None:
        """The values of the member that distinguishes the branches, if there is one."""
        tags: dict[str, list[object]] = {}
        for branch in self.branches:
            for error in branch:
                if isinstance(error.kind, Kind.Constant) and self._depth(error) == 1:
                    name = str(error.instance_path[-1])
                    tags.setdefault(name, []).append(error.kind.expected_value)
        if not tags:
            return None
        name, choices = max(tags.items(), key=lambda entry: len(entry[1]))
        instance = self.error.instance
        given = instance.get(name) if isinstance(instance, dict) else None
        expected, path = choices_text(choices), (*self.path, name)
        message = f"{place_text(path)} must be {expected}, not {value_text(given)}"
        return violation_at(path, "bad_enum", expected, message)

    def _no_match(self, meant: list[list[ValidationError]]) -> Violation:
        """That no branch fits, and what is wrong with the nearest: the one of fewest errors."""
        nearest = min(meant or self.branches, key=len)
        detail = self.describe(nearest[0])[0]
        count = len(self.branches)
        message = (
            f"{place_text(self.path)} fits none of its {count} alternatives; "
            f"the nearest one says: {detail.message}"
        )
        expected = f"a value that fits one of {count} alternatives"
        return violation_at(self.path, "no_match", expected, message)
