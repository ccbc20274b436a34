# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Pancake flips over all permutations of seven numbers: list slices, recursive generators."""

ROUNDS = 2
EXPECTED = (228, 16)  # of the Computer Language Benchmarks Game, whose order this is


def permute(items, size):
    """Yield after each rotation of the first 2, 3, ... size items; in place."""
    if size == 1:
        yield
        return
    for _ in range(size):
        yield from permute(items, size - 1)
        items[:size] = items[1:size] + items[:1]


def flips(permutation):
    """Count the flips until the first number is 0."""
    stack = list(permutation)
    count = 0
    while first := stack[0]:
        stack[: first + 1] = stack[first::-1]
        count += 1
    return count


def run(n):
    for _ in range(n):
        checksum = most = 0
        sign = 1
        items = list(range(7))
        for _ in permute(items, 7):
            count = flips(items)
            most = max(most, count)
            checksum += sign * count
            sign = -sign
    return checksum, most
