# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""How a task waits for what threads, C and interrupts give: without a thread, without asking.

The objects of `_vosal` have `…_begin(notifier, …)` beside each call that waits.  It enters a
Pending into the object's queue, among the threads that wait there.  Whoever grants it, be it an
interrupt, makes the notifier's descriptor readable, and that wakes the loop.
"""

import asyncio
import weakref

import _vosal

_watches = weakref.WeakKeyDictionary()  # loop → _Watch


class _Watch:
    """The notifier of one loop, and who waits for what."""

    def __init__(self, loop):
        self.notifier = _vosal.Notifier()
        self.futures = {}
        loop.add_reader(self.notifier.fileno(), self.drain)

    def drain(self):
        for pending in self.notifier.drain():
            future = self.futures.pop(pending, None)
            if future is not None and not future.done():
                future.set_result(None)


async def wait(begin, *args, **kwargs):
    """Calls begin(notifier, …), waits for the Pending that it returns, and returns its result.

    A task that is cancelled leaves the queue, and gives back what it had got already.
    """
    loop = asyncio.get_running_loop()
    watch = _watches.get(loop)
    if watch is None:
        watch = _watches[loop] = _Watch(loop)
    pending = begin(watch.notifier, *args, **kwargs)
    future = loop.create_future()
    if not pending.done:
        # What is granted from here on is found by drain(), which runs in this thread.
        watch.futures[pending] = future
        try:
            await future
        except BaseException:
            pending.cancel()
            raise
        finally:
            watch.futures.pop(pending, None)
    return pending.result()
