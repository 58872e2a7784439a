"""Disjoint sets of numbers that are joined until they are clusters (union-find)."""

from __future__ import annotations

from collections import defaultdict


class DisjointSets:
    """The numbers from 0 to `count - 1`, each in a set that is named by its smallest number."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))
        self._sizes = [1] * count

    def find(self, number: int) -> int:
        """The smallest number of the set that a number is in."""
        parents = self._parents
        while parents[number] != number:
            # Halving the path keeps later searches short.
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    def size(self, number: int) -> int:
        """How many numbers are in the set of a number."""
        return self._sizes[self.find(number)]

    def join(self, first: int, second: int) -> None:
        """Make the sets of two numbers one."""
        one, other = sorted((self.find(first), self.find(second)))
        if one != other:
            self._parents[other] = one
            self._sizes[one] += self._sizes[other]

    def sets(self) -> list[list[int]]:
        """Every set, its numbers ascending; the sets by their smallest numbers."""
        members: dict[int, list[int]] = defaultdict(list)
        for number in range(len(self._parents)):
            members[self.find(number)].append(number)
        return list(members.values())
