# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Lists: append, index, slice, comprehend, sort, pop."""

ROUNDS = 25
EXPECTED = (1000, 499500, 0, 999, 333)


def run(n):
    for _ in range(n):
        items = []
        for i in range(1000):
            items.append(i * 7 % 1000)
        total = 0
        for i in range(len(items)):
            total += items[i]
        items.sort()
        thirds = [item for item in items if item % 3 == 1]
        half = items[:500] + items[500:]
        half.reverse()
        while thirds and thirds[-1] < 0:
            thirds.pop()
    return len(half), total, items[0], half[0], len(thirds)
