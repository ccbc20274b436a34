# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Runs kernels where it is started, on a machine or on the host, and prints what they took.

    python runner.py [--directory D] [--factor F] [NAME ...]

For each kernel one line: its name, and the nanoseconds of time.perf_counter_ns() that it took;
with QEMU's -icount shift=0 these are instructions. A kernel is a module with

    ROUNDS      how many rounds are measured
    EXPECTED    what run() has to return
    setup()     makes what is not to be measured (optional)
    run(n)      does n rounds and returns the result of the last

One round before the measurement warms up the specialising interpreter. sys.getswitchinterval()
is called right before and right after what is measured and nowhere else: a profiler that can
watch for a C function finds the measured part by it.
"""

import gc
import importlib
import sys
import time


def measure(name):
    """Return the nanoseconds that the kernel takes; AssertionError for a wrong result."""
    kernel = importlib.import_module(name)
    if hasattr(kernel, "setup"):
        kernel.setup()
    check(name, kernel.run(1), kernel.EXPECTED)
    # How many objects live, and so what a collection costs, depends on who started the kernel.
    gc.collect()
    gc.freeze()
    mark = sys.getswitchinterval
    clock = time.perf_counter_ns
    mark()
    started = clock()
    result = kernel.run(kernel.ROUNDS)
    ended = clock()
    mark()
    gc.unfreeze()
    check(name, result, kernel.EXPECTED)
    return ended - started


def check(name, result, expected):
    """Raise AssertionError unless the result is what is expected."""
    if result != expected:
        raise AssertionError(f"{name} returned {result!r} instead of {expected!r}")


def main(argv):
    directory, *names = argv
    sys.path.insert(0, directory)
    for name in names:
        print(name, measure(name), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
