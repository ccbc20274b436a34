# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""A fast Fourier transform in place and back again: complex numbers, list items."""

from cmath import exp, pi

ROUNDS = 3
EXPECTED = (1024, True)


def transform(values, sign):
    """Cooley and Tukey's, by bit reversal and butterflies."""
    size = len(values)
    other = 0
    for i in range(1, size):
        bit = size >> 1
        while other & bit:
            other ^= bit
            bit >>= 1
        other |= bit
        if i < other:
            values[i], values[other] = values[other], values[i]
    span = 2
    while span <= size:
        root = exp(sign * 2j * pi / span)
        half = span // 2
        for start in range(0, size, span):
            factor = 1.0 + 0j
            for i in range(start, start + half):
                low = values[i]
                high = values[i + half] * factor
                values[i] = low + high
                values[i + half] = low - high
                factor *= root
        span *= 2


def run(n):
    for _ in range(n):
        given = [complex(i % 17, i % 5) for i in range(1024)]
        values = list(given)
        transform(values, -1)
        transform(values, 1)
        error = max(abs(a / 1024 - b) for a, b in zip(values, given, strict=True))
    return len(values), error < 1e-9
