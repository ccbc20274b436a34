# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The chaos game: points of a fractal, drawn into a bitmap (floats, methods, bytearrays)."""

ROUNDS = 3
EXPECTED = 1063

SIZE = 64
CORNERS = ((0.0, 0.0), (1.0, 0.0), (0.5, 1.0))


class Random:
    """A linear congruential generator: the same numbers everywhere."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.state >> 16) % limit


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)


def draw(points):
    rows = [bytearray(SIZE) for _ in range(SIZE)]
    random = Random(2026)
    corners = [Vector(x, y) for x, y in CORNERS]
    place = Vector(0.3, 0.3)
    for _ in range(points):
        place = (place + corners[random.below(3)]) * 0.5
        rows[int(place.y * (SIZE - 1))][int(place.x * (SIZE - 1))] = 1
    return sum(map(sum, rows))


def run(n):
    for _ in range(n):
        drawn = draw(6000)
    return drawn
