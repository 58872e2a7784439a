"""The best pairing of calls with those that are wanted, by the Hungarian method.

It finds the greatest sum, so no order of parallel calls is better than another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def assign(weights: Sequence[Sequence[float]]) -> list[int | None]:
    """For each row of a matrix the column it is paired with, so that the weights' sum is greatest.

    None for a row without a column, where rows outnumber columns. The weights must be finite; the
    cost is O(min² · max) of the matrix's sides. [[1, 2], [1, 5]] -> [0, 1].
    """
    rows = len(weights)
    columns = len(weights[0]) if rows else 0
    if not rows or not columns:
        return [None] * rows
    if rows <= columns:
        return list(_assign(weights, rows, columns))
    transposed = [[weights[row][column] for row in range(rows)] for column in range(columns)]
    assigned: list[int | None] = [None] * rows
    for column, row in enumerate(_assign(transposed, columns, rows)):
        assigned[row] = column
    return assigned


def _assign(weights: Sequence[Sequence[float]], rows: int, columns: int) -> list[int]:
    """The method with potentials, for no more rows than columns.

    Rows and columns are counted from 1; 0 stands for "none", which ends an augmenting path.
    """
    row_potential, column_potential = [0.0] * (rows + 1), [0.0] * (columns + 1)
    row_of, previous = [0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        row_of[0] = row
        column = 0
        slack, visited = [math.inf] * (columns + 1), [False] * (columns + 1)
        # Grow a tree of tight edges, as in Dijkstra's algorithm, until it meets a free column.
        while row_of[column]:
            visited[column] = True
            current, least, nearest = row_of[column], math.inf, 0
            for candidate in range(1, columns + 1):
                if visited[candidate]:
                    continue
                # Costs are minimized, so the weights are negated.
                weight = weights[current - 1][candidate - 1]
                cost = -weight - row_potential[current] - column_potential[candidate]
                if cost < slack[candidate]:
                    slack[candidate], previous[candidate] = cost, column
                if slack[candidate] < least:
                    least, nearest = slack[candidate], candidate
            for candidate in range(columns + 1):
                if visited[candidate]:
                    row_potential[row_of[candidate]] += least
                    column_potential[candidate] -= least
                else:
                    slack[candidate] -= least
            column = nearest
        # Turn the path round: each of its columns takes the row of the one before.
        while column:
            row_of[column] = row_of[previous[column]]
            column = previous[column]
    assigned = [0] * rows
    for column in range(1, columns + 1):
        if row_of[column]:
            assigned[row_of[column] - 1] = column - 1
    return assigned
