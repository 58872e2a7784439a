"""Joining numbers into sets."""

from __future__ import annotations

from inftool.toolset.tree.disjoint_sets import DisjointSets


def test_a_set_is_named_by_its_smallest_number_however_it_was_joined() -> None:
    sets = DisjointSets(5)
    sets.join(4, 3)
    sets.join(1, 4)
    sets.join(3, 1)
    assert [sets.find(number) for number in range(5)] == [0, 1, 2, 1, 1]
    assert sets.size(4) == 3
    assert sets.sets() == [[0], [1, 3, 4], [2]]
