# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Exceptions: raise, catch, finally, with, through several frames."""

ROUNDS = 10
EXPECTED = (2000, 4000)


class Guard:
    def __init__(self, counter):
        self.counter = counter

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.counter[0] += 1
        return False


def deep(level):
    if not level:
        raise ValueError(level)
    try:
        deep(level - 1)
    except KeyError:
        return 0
    return 1


def run(n):
    for _ in range(n):
        caught = 0
        counter = [0]
        for _ in range(2000):
            try:
                with Guard(counter):
                    deep(3)
            except ValueError:
                caught += 1
            finally:
                counter[0] += 1
    return caught, counter[0]
