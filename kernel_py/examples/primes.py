# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Computing: the primes up to a number, by the sieve of Eratosthenes.

>>> sh('/examples/primes.py 100')
"""

import sys
import time

try:
    limit = int(argv[0]) if argv else 100
except ValueError:
    # A text as the exit status is a message on sys.stderr, and the status is 1.
    sys.exit(f"primes: {argv[0]!r} is no number")


def primes(limit):
    """Yields the primes up to a limit."""
    # A bytearray takes a byte for each number; a list would take eight.
    prime = bytearray([1]) * (limit + 1)
    for number in range(2, limit + 1):
        if prime[number]:
            yield number
            # Slices run in C: no loop of Python crosses out the multiples.
            prime[number * number :: number] = bytes(
                len(range(number * number, limit + 1, number))
            )


start = time.perf_counter()
found = list(primes(limit))
seconds = time.perf_counter() - start
print(*(found if len(found) <= 30 else [*found[:15], "...", *found[-5:]]))
print(f"{len(found)} primes up to {limit}, in {seconds:.3f} s")
