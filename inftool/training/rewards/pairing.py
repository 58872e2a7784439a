"""The best assignment of calls to what was wanted: the Hungarian method, so that no order of
parallel calls is better than another."""

from __future__ import annotations

import math
from collections.abc import Sequence


def assign(weights: Sequence[Sequence[float]]) -> list[int | None]:
    """For each row the column it is paired with (None where rows outnumber columns), so that the
    sum of the weights is the greatest there is.

    `weights` is a matrix of finite numbers; the cost is O(min² · max) of its sides.
    """
    rows = len(weights)
    columns = len(weights[0]) if rows else 0
    if not rows or not columns:
        return [None] * rows
    if rows <= columns:
        return list(_assign(weights, rows, columns))
    found: list[int | None] = [None] * rows
    for column, row in enumerate(
        _assign(
            [[weights[row][column] for row in range(rows)] for column in range(columns)],
            columns,
            rows,
        )
    ):
        found[row] = column
    return found


def _assign(weights: Sequence[Sequence[float]], rows: int, columns: int) -> list[int]:
    """The method with potentials, for no more rows than columns; index 0 stands for nothing, so
    everything is counted from 1."""
    of_row, of_column = [0.0] * (rows + 1), [0.0] * (columns + 1)
    taken_by, came_from = [0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        taken_by[0] = row
        column = 0
        slack, visited = [math.inf] * (columns + 1), [False] * (columns + 1)
        while taken_by[column]:
            visited[column] = True
            at, least, following = taken_by[column], math.inf, 0
            for other in range(1, columns + 1):
                if visited[other]:
                    continue
                cost = -weights[at - 1][other - 1] - of_row[at] - of_column[other]
                if cost < slack[other]:
                    slack[other], came_from[other] = cost, column
                if slack[other] < least:
                    least, following = slack[other], other
            for other in range(columns + 1):
                if visited[other]:
                    of_row[taken_by[other]] += least
                    of_column[other] -= least
                else:
                    slack[other] -= least
            column = following
        while column:
            taken_by[column] = taken_by[came_from[column]]
            column = came_from[column]
    found = [0] * rows
    for column in range(1, columns + 1):
        if taken_by[column]:
            found[taken_by[column] - 1] = column - 1
    return found
