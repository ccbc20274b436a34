# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""asyncio: many things at once in one thread, which take turns at each await.

    >>> run('/examples/async_tasks.py')

The top level of a program may await.  It then runs on the kernel's event loop, together with the
tasks of all other programs and sessions, so nothing in it may block: it awaits instead.
"""

import asyncio


async def worker(name, queue, results):
    """Takes numbers out of a queue until there are no more."""
    while True:
        number = await queue.get()
        if number is None:
            return
        await asyncio.sleep(0.01 * number)  # stands for waiting on a device or on the network
        results.append((name, number, number * number))


queue = asyncio.Queue()
results = []
for number in range(6):
    queue.put_nowait(number)

# A task group waits for all its tasks, and ends the others if one of them fails.
async with asyncio.TaskGroup() as group:
    for name in ("red", "green", "blue"):
        group.create_task(worker(name, queue, results))
        queue.put_nowait(None)

print("squares:", sorted(square for _, _, square in results))
print("workers:", sorted({name for name, _, _ in results}))

# A time limit is a context, too.
try:
    async with asyncio.timeout(0.05):
        await asyncio.sleep(60)
except TimeoutError:
    print("60 seconds were too long")
