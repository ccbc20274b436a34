# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The Mandelbrot set on a grid: complex arithmetic in a tight loop."""

ROUNDS = 1
EXPECTED = 522


def inside(point, limit):
    z = 0j
    for _ in range(limit):
        z = z * z + point
        if z.real * z.real + z.imag * z.imag > 4.0:
            return False
    return True


def run(n):
    for _ in range(n):
        count = 0
        for y in range(-20, 21):
            for x in range(-40, 21):
                count += inside(complex(x / 20, y / 16), 60)
    return count
