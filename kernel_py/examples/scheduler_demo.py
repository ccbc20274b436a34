# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The scheduler: starting work, looking at it, ending it.

    >>> run('/examples/scheduler_demo.py')

spawn() takes a coroutine, which becomes a task of the kernel's loop, or a function, which gets a
thread of its own.  Both have a number, and `ps` and `kill` know them by it.
"""

import asyncio
import time


def countdown(start):
    """Work that blocks: in a thread of its own."""
    for _ in range(start):
        time.sleep(0.01)
    return "liftoff"


async def blink(times):
    """Work that awaits: a task."""
    for _ in range(times):
        await asyncio.sleep(0.01)
    return times


async def for_ever():
    """What has to be ended from outside."""
    while True:
        await asyncio.sleep(3600)


rocket = scheduler.spawn(countdown, 3, name="rocket")
light = scheduler.spawn(blink(5), name="light")
print("the thread returned:", scheduler.wait(rocket))
print("the task returned:", scheduler.wait(light))

endless = scheduler.spawn(for_ever(), name="endless")
names = [process.name for process in scheduler.ps()]
print("is it listed?", "endless" in names)
scheduler.kill(endless.pid)
scheduler.wait(endless)
print("state after kill():", endless.state)


async def fails():
    """What a task dies of is kept, and raised where somebody waits for it."""
    return 1 / 0


try:
    scheduler.wait(scheduler.spawn(fails(), name="fails"))
except ZeroDivisionError as error:
    print("a task died of:", type(error).__name__)
