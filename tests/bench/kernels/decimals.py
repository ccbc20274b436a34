# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Decimal arithmetic: an exponential series with 50 digits (libmpdec)."""

from decimal import Decimal, localcontext

ROUNDS = 40
EXPECTED = "2.7182818284590452353602874713526624977572470936999"


def run(n):
    for _ in range(n):
        with localcontext() as context:
            context.prec = 60
            total = term = Decimal(1)
            for i in range(1, 60):
                term /= i
                total += term
    return str(total)[:51]
