# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Generators and coroutines: yield, yield from, send, await."""

ROUNDS = 10
EXPECTED = (4094, 1000, 499500)


def tree(depth):
    if depth:
        yield from tree(depth - 1)
        yield depth
        yield from tree(depth - 1)
        yield -depth


def echo():
    value = None
    while True:
        value = yield value


class Ready:
    def __await__(self):
        yield self
        return 1


async def count(n):
    total = 0
    for i in range(n):
        total += await Ready() * i
    return total


def run(n):
    for _ in range(n):
        nodes = sum(1 for _ in tree(11))
        echoer = echo()
        next(echoer)
        echoed = sum(echoer.send(1) for _ in range(1000))
        coroutine = count(1000)
        try:
            while True:
                coroutine.send(None)
        except StopIteration as stop:
            total = stop.value
    return nodes, echoed, total
