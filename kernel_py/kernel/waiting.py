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

_watches = weakref.WeakKeyDictionary()  # loop → weak reference to its _Watch


class _Watch:
    """The notifier of one loop, and who waits for what.

    Only the loop has it, by its reader: closing the loop ends it, whatever waits there still.
    """

    def __init__(self, loop, notifier):
        self.notifier = notifier
        self.futures = {}
        loop.add_reader(notifier.fileno(), self.drain)

    def __del__(self):
        self.notifier.close()

    def drain(self):
        for pending in self.notifier.drain():
            future = self.futures.pop(pending, None)
            if future is not None and not future.done():
                future.set_result(None)


def _watch(loop):
    """The notifier of a loop, and its futures."""
    reference = _watches.get(loop)
    watch = None if reference is None else reference()
    if watch is None:
        watch = _Watch(loop, _vosal.Notifier())
        _watches[loop] = weakref.ref(watch)
    return watch.notifier, watch.futures


async def wait(begin, *args, **kwargs):
    """Calls begin(notifier, …), waits for the Pending that it returns, and returns its result.

    What is granted is set aside until the task runs and takes it here.  A task that is cancelled
    leaves the queue, and what was set aside for it goes to the next.
    """
    loop = asyncio.get_running_loop()
    notifier, futures = _watch(loop)
    pending = begin(notifier, *args, **kwargs)
    future = loop.create_future()
    if not pending.done:
        # What is granted from here on is found by drain(), which runs in this thread.
        futures[pending] = future
        try:
            await future
        except BaseException:
            pending.cancel()
            raise
        finally:
            futures.pop(pending, None)
    return pending.result()
