# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Calls: functions, methods, keywords, closures, C functions, recursion."""

ROUNDS = 6
EXPECTED = (2584, 12497500, 9)


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def keyword(a, b=2, *, c=3):
    return a + b - c


class Adder:
    def __init__(self):
        self.total = 0

    def add(self, number):
        self.total += number


def outer(step):
    def inner(number):
        return number + step

    return inner


def run(n):
    for _ in range(n):
        value = fibonacci(18)
        adder = Adder()
        plus = outer(1)
        for i in range(5000):
            adder.add(plus(keyword(i, c=3)))
        length = 0
        for _ in range(3000):
            length = len("123456789")
            abs(-length)
    return value, adder.total, length
