# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The digits of pi by Gibbons' unbounded spigot: integers of any length."""

ROUNDS = 2
EXPECTED = "31415926535897932384 ... 1609"

DIGITS = 400


def digits():
    """Yield the digits of pi."""
    q, r, t, k, m, x = 1, 0, 1, 1, 3, 3
    while True:
        if 4 * q + r - t < m * t:
            yield m
            q, r, m = 10 * q, 10 * (r - m * t), 10 * (3 * q + r) // t - 10 * m
        else:
            q, r, t, k, m, x = (
                q * k,
                (2 * q + r) * x,
                t * x,
                k + 1,
                (q * (7 * k + 2) + r * x) // (t * x),
                x + 2,
            )


def run(n):
    for _ in range(n):
        source = digits()
        text = "".join(str(next(source)) for _ in range(DIGITS))
    return f"{text[:20]} ... {text[-4:]}"
