# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Dictionaries: insert, look up, update, delete, iterate."""

ROUNDS = 40
EXPECTED = (500, 124750, 250, 374250)


def run(n):
    for _ in range(n):
        table = {}
        for i in range(500):
            table[i] = i
        total = 0
        for key in table:
            total += table[key]
        size = len(table)
        names = {f"k{i}": i for i in range(500)}
        names.update({"k0": 0, "other": 1})
        for i in range(0, 500, 2):
            del table[i]
        rest = sum(names.get(f"k{i}", 0) for i in range(500)) * 3
    return size, total, len(table), rest
