# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Measures the shell and the event loop of the machine it runs on; for `zpy bench`.

Prints a line for each figure: its name, a tab, the number, a tab, its unit. Nanoseconds of
time.perf_counter_ns() are instructions with QEMU's -icount shift=0.
"""

import asyncio
import gc
import io
import sys
import tempfile
import time

import _vosal

SWITCHES = 2000
TASKS = 10_000
PRINTS = 500
FILES = 1000  # in RAM

clock = time.perf_counter_ns


def show(name, value, unit="instructions"):
    """Prints a figure."""
    print(name, round(value), unit, sep="\t", flush=True)


def commands():
    """A command for the first time on this machine, and once more."""
    from kernel import shell, streams

    def run(line):
        out = io.StringIO()
        token = streams.current.set(streams.Streams(sys.stdin, out, out))
        try:
            if shell.sh(line) != 0:
                raise RuntimeError(f"{line}: {out.getvalue()}")
        finally:
            streams.current.reset(token)

    for name in ("first command (pwd)", "the same command again"):
        started = clock()
        run("pwd")
        show(name, clock() - started)
    started = clock()
    run("ls /bin")
    show("ls /bin", clock() - started)
    started = clock()
    run("ls /bin | head -n 1")
    show("ls /bin | head -n 1", clock() - started)
    with tempfile.TemporaryDirectory() as top:
        for number in range(FILES):
            open(f"{top}/file{number:04}", "wb").close()
        for command in ("ls", "ls -C", "ls -l"):
            started = clock()
            run(f"{command} {top}")
            show(f"{command} of {FILES} files", clock() - started)


class Nowhere(io.RawIOBase):
    """Takes all that is written."""

    def writable(self):
        """True."""
        return True

    def write(self, data):
        """Returns the number of bytes."""
        return len(data)


def printing():
    """print() into a stream that goes nowhere, with and without the session's dispatch."""
    from kernel import streams

    target = streams.text(io.BufferedWriter(Nowhere()), "w")
    token = streams.current.set(streams.Streams(sys.stdin, target, target))
    try:
        for name, file in (("print() to a stream", target), ("print() to sys.stdout", None)):
            started = clock()
            for _ in range(PRINTS):
                print("a line of text", file=file)
            passed = clock() - started
            streams.current.reset(token)
            show(name, passed / PRINTS)
            token = streams.current.set(streams.Streams(sys.stdin, target, target))
    finally:
        streams.current.reset(token)


async def switch(count):
    """Gives way to the others, count times."""
    for _ in range(count):
        await asyncio.sleep(0)


async def switching():
    """Two tasks by turns."""
    await asyncio.gather(switch(50), switch(50))
    started = clock()
    await asyncio.gather(switch(SWITCHES), switch(SWITCHES))
    return (clock() - started) / (2 * SWITCHES)


async def many():
    """TASKS tasks that wait; returns (nanoseconds, bytes, nanoseconds to end) of each."""
    event = asyncio.Event()
    gc.collect()
    used = _vosal.heap_info()[1]
    started = clock()
    tasks = [asyncio.create_task(event.wait()) for _ in range(TASKS)]
    await asyncio.sleep(0)
    alive = clock() - started
    used = _vosal.heap_info()[1] - used
    started = clock()
    event.set()
    await asyncio.gather(*tasks)
    return alive / TASKS, used / TASKS, (clock() - started) / TASKS


def main():
    """Measures all."""
    commands()
    printing()
    from kernel import loop

    show("task switch, kernel.loop", loop.run(switching()))
    show("task switch, asyncio.run", asyncio.run(switching()))
    begin, size, end = loop.run(many())
    show("10,000 tasks: to start one", begin)
    show("10,000 tasks: heap of one", size, "bytes")
    show("10,000 tasks: to end one", end)


if __name__ == "__main__":
    main()
