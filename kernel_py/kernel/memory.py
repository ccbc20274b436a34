# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The memory of the machine: the heap, the stacks, and what lies where."""

import collections

import _vosal

Heap = collections.namedtuple("Heap", "total used peak free", module=__name__)
Stack = collections.namedtuple("Stack", "thread size used", module=__name__)
Region = collections.namedtuple("Region", "name start size", module=__name__)


def heap():
    """The heap that all share, in bytes: objects, stacks of Python threads, files in RAM."""
    total, used, peak = _vosal.heap_info()
    return Heap(total, used, peak, total - used)


def stacks():
    """The stack of each thread: its size, and the most of it that was ever used, in bytes."""
    return [Stack(row[0], row[4], row[4] - row[5]) for row in _vosal.threads()]


def pools():
    """What the interpreter keeps for itself inside the heap: {name: number}.

    `blocks` are small objects in its arenas, `tracked` those the garbage collector watches.
    """
    import gc
    import sys

    return {
        "blocks": sys.getallocatedblocks(),
        "tracked": len(gc.get_objects()),
        "collections": sum(generation["collections"] for generation in gc.get_stats()),
    }


def map():
    """The regions of the address space that are in use, by address."""
    return sorted((Region(*row) for row in _vosal.memory_map()), key=lambda region: region.start)


def show():
    """Prints the heap and the map."""
    print("heap: {:,} bytes, {:,} in use, {:,} at most, {:,} free".format(*heap()))
    for name, start, size in map():
        print(f"{start:#018x}  {size:>12,}  {name}")
