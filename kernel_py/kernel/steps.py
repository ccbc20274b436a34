# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The loop's class: asyncio's own, which looks at the clock after each step of a task.

Each step then knows what it has cost, and runs in the directory of its session.  asyncio offers
no place for that but the handle that it makes for each callback.
"""

import asyncio
from asyncio import events
from time import thread_time_ns

import _vosal

from . import session

_Task = asyncio.Task
_run = events.Handle._run


class Loop(asyncio.SelectorEventLoop):
    """The kernel's event loop."""

    def adopt(self):
        """Prepares the calling thread, which will run the loop."""
        console = session.console()
        first = console.directory if console else _vosal.Directory.current()
        variable = session.directory
        place = None  # where the thread works
        mark = thread_time_ns()

        # A closure: its variables are faster to reach than a module's or an object's.
        class Handle(events.Handle):
            """A callback that is about to run."""

            __slots__ = ()

            def _run(self):
                nonlocal place, mark
                wanted = self._context.get(variable) or first
                if wanted is not place:
                    wanted.use()
                    place = wanted
                owner = getattr(self._callback, "__self__", None)
                _run(self)
                # The thread's own time stands still while the loop waits, so that one look at
                # the clock for each step is enough.
                now = thread_time_ns()
                if type(owner) is _Task:
                    try:
                        owner.cpu_ns += now - mark
                    except AttributeError:
                        owner.cpu_ns = now - mark
                mark = now

        self._handle = Handle

    def _call_soon(self, callback, args, context):
        # As the original, with another class.
        handle = self._handle(callback, args, self, context)
        if handle._source_traceback:
            del handle._source_traceback[-1]
        self._ready.append(handle)
        return handle

    _handle = events.Handle
