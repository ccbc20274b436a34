# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Eight queens: all placements, found by permuting rows (recursive generators)."""

ROUNDS = 3
EXPECTED = 92


def placements(size, columns=(), up=frozenset(), down=frozenset()):
    """Yield the columns of the queens, row after row."""
    row = len(columns)
    if row == size:
        yield columns
        return
    for column in range(size):
        if column not in columns and row + column not in up and row - column not in down:
            yield from placements(
                size, (*columns, column), up | {row + column}, down | {row - column}
            )


def run(n):
    for _ in range(n):
        count = sum(1 for _ in placements(8))
    return count
