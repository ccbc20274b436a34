# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The threads of the machine: Zephyr's own, C drivers' and Python's, all in one list.

kernel.threads.show()                   # a table
kernel.threads.find("interrupts").priority = 1
"""

import collections
import sys

import _vosal

Row = collections.namedtuple(
    "Row", "name ident priority state stack_size stack_unused cycles", module=__name__
)


class Thread:
    """One thread as it was when it was asked for; what can be changed acts on the thread itself.

    ident is threading's, 0 for a thread that has never run Python.  stack is (size, most that was
    ever used) in bytes, cpu_time the seconds that it has computed.
    """

    def __init__(self, row):
        self._row = Row(*row)
        self.name = self._row.name
        self.ident = self._row.ident
        self.state = self._row.state or "running"
        self.stack = (self._row.stack_size, self._row.stack_size - self._row.stack_unused)
        self.cpu_time = self._row.cycles / _vosal.cycles_per_second

    def __repr__(self):
        return f"<Thread {self.name!r}: priority {self.priority}, {self.state}>"

    @property
    def priority(self):
        """What it ran at, inherited priorities included.  Setting it sets its own."""
        return self._row.priority

    @priority.setter
    def priority(self, value):
        self._check()
        _vosal.thread_priority(self.ident, value)
        self._row = self._row._replace(priority=value)

    def abort(self, exception=SystemExit):
        """Raises an exception, given as its class, in the thread; ends what it waits for.

        ValueError for a thread that has never run Python, RuntimeError for one that has ended.
        """
        self._check()
        import threading

        from . import vosal

        for own in threading.enumerate():
            if own.ident == self.ident and isinstance(own, vosal.Thread):
                own.abort(exception)
                return
        try:
            _vosal.thread_interrupt(self.ident, exception)
        except ValueError:
            raise RuntimeError(f"cannot abort {self.name}: it has ended") from None

    def frame(self):
        """The Python frame that it runs, or None."""
        return sys._current_frames().get(self.ident)

    def _check(self):
        if not self.ident:
            raise ValueError(f"{self.name} is none of Python's threads")


def threads():
    """All threads, as a list of Thread objects."""
    return [Thread(row) for row in _vosal.threads()]


def find(name):
    """The thread of that name.  LookupError when there is none."""
    for thread in threads():
        if thread.name == name:
            return thread
    raise LookupError(f"no thread is called {name!r}")


def show():
    """Prints a table of all threads."""
    columns = "{:<24}{:>9}  {:<12}{:>16}{:>10}"
    print(columns.format("thread", "priority", "state", "stack used/size", "cpu s"))
    for t in sorted(threads(), key=lambda thread: thread.priority):
        size, used = t.stack
        print(columns.format(t.name, t.priority, t.state, f"{used}/{size}", f"{t.cpu_time:.2f}"))
