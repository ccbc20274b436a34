# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Points on the unit sphere: floating point, attributes, the functions of math."""

from math import cos, sin, sqrt

ROUNDS = 6
EXPECTED = (0.89437, 1.0, 0.44718)


class Point:
    __slots__ = ("x", "y", "z")

    def __init__(self, angle):
        self.x = sin(angle)
        self.y = cos(angle) * 3
        self.z = self.x * self.x / 2

    def normalise(self):
        norm = sqrt(self.x * self.x + self.y * self.y + self.z * self.z)
        self.x /= norm
        self.y /= norm
        self.z /= norm

    def maximum(self, other):
        self.x = max(self.x, other.x)
        self.y = max(self.y, other.y)
        self.z = max(self.z, other.z)
        return self


def run(n):
    for _ in range(n):
        points = [Point(i) for i in range(2000)]
        for point in points:
            point.normalise()
        best = points[0]
        for point in points[1:]:
            best = best.maximum(point)
    return round(best.x, 5), round(best.y, 5), round(best.z, 5)
