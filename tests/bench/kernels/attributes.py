# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Attributes: of instances, with slots, of classes, through properties and modules."""

import sys

ROUNDS = 12
EXPECTED = (5000, 5000, 15000)


class Plain:
    shared = 3

    def __init__(self):
        self.count = 0


class Slotted:
    __slots__ = ("count",)

    def __init__(self):
        self.count = 0

    @property
    def next(self):
        return self.count + 1


def run(n):
    for _ in range(n):
        plain = Plain()
        slotted = Slotted()
        total = 0
        for _ in range(5000):
            plain.count += 1
            slotted.count = slotted.next
            total += plain.shared
            sys.maxsize  # noqa: B018
    return plain.count, slotted.count, total
