# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Waiting, as all objects of _vosal do it: threads and tasks in one queue.

The reference of modules/vosal/wait.c and pending.c.  One lock guards everything.  The host has no
priorities; those that threads were given say who is first.
"""

import _thread
import collections
import os
import threading
import time
import weakref

started_ns = time.monotonic_ns()
lock = threading.RLock()
PRIORITY_DEFAULT = 7
priorities = weakref.WeakKeyDictionary()  # threading.Thread → priority
sleeping = {}  # ident → the Waiter that this thread sleeps on


class Waiter:
    """Who waits: a thread, or a Pending for a task."""

    def __init__(self, **wanted):
        self.granted = self.closed = False
        self.thread = threading.current_thread()
        self.pending = None
        self.wake = None  # a lock that the thread sleeps on
        self.__dict__.update(wanted)

    def tell(self):
        """Wakes it.  The lock is held."""
        if self.pending is not None:
            self.pending._notifier._complete(self.pending)
        elif self.wake is not None:
            self.wake.release()
            self.wake = None


class Side:
    """What can be waited for.

    take(waiter) takes what it wants, undo(waiter) gives it back.  With collect(waiter) take() only
    sets it aside for a task, which may be cancelled before it runs and collects it.
    """

    def __init__(self, owner, take, undo=None, collect=None):
        self.owner = owner
        self.take = take
        self.undo = undo
        self.collect = collect
        self.closed = False
        self.waiters = collections.deque()

    def in_order(self):
        """The waiters, the most urgent first.  The lock is held."""
        return sorted(self.waiters, key=_priority)

    def first(self):
        """The most urgent waiter, or None.  The lock is held."""
        return min(self.waiters, key=_priority, default=None)

    def grant(self, waiter):
        """Takes a waiter out and wakes it.  The lock is held."""
        self.waiters.remove(waiter)
        waiter.granted = True
        waiter.tell()

    def close(self):
        """Wakes all and lets nobody wait again."""
        with lock:
            self.closed = True
            for waiter in list(self.waiters):
                waiter.closed = True
                self.grant(waiter)

    def check(self):
        if self.closed:
            raise ValueError(f"the {type(self.owner).__name__} is closed")

    def wait(self, waiter, end):
        """Takes, or waits until the time `end` (None: for ever).  False after the time-out."""
        with lock:
            self.check()
            if self.take(waiter):
                return True
            if end is not None and end <= time.monotonic():
                return False
            self.waiters.append(waiter)
        granted = self.sleep(waiter, end)
        if waiter.closed:
            self.check()
        return granted

    def sleep(self, waiter, end):
        """Sleeps until a waiter that has entered is granted.  False after the time-out."""
        ident = threading.get_ident()
        try:
            while True:
                with lock:
                    if waiter.granted:
                        break
                    if end is not None and end <= time.monotonic():
                        self.waiters.remove(waiter)
                        return False
                    wake = waiter.wake = threading.Lock()
                    wake.acquire()
                    sleeping[ident] = waiter
                if end is None:
                    wake.acquire()
                else:
                    wake.acquire(timeout=max(0, end - time.monotonic()))
                with lock:
                    waiter.wake = None
                    sleeping.pop(ident, None)
        except BaseException:
            with lock:
                waiter.wake = None
                sleeping.pop(ident, None)
                if not waiter.granted:
                    if waiter in self.waiters:
                        self.waiters.remove(waiter)
                elif not waiter.closed and self.undo:
                    self.undo(waiter)
            raise
        return True

    def begin(self, waiter, notifier, result=None):
        """Begins a wait that does not sleep."""
        pending = Pending(self, waiter, notifier, result)
        with lock:
            self.check()
            if self.take(waiter):
                waiter.granted = True
            else:
                self.waiters.append(waiter)
        return pending


def _priority(waiter):
    return priorities.get(waiter.thread, PRIORITY_DEFAULT)


def until(timeout):
    """Seconds or None to the time at which they have passed."""
    if timeout is None:
        return None
    if not timeout >= 0:
        raise ValueError("timeout must be None or a number >= 0")
    return time.monotonic() + min(timeout, 1e9) if timeout > 0 else 0.0


def blocking(flag, timeout):
    """acquire()'s two arguments to a time."""
    if not flag:
        if timeout is not None:
            raise ValueError("a timeout is for a blocking call")
        return 0.0
    return until(timeout)


class Notifier:
    """What an event loop watches to hear of its Pending objects."""

    def __init__(self):
        self._completed = []
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def _complete(self, pending):
        self._completed.append(pending)
        if self._writer >= 0:
            try:
                os.write(self._writer, b"x")
            except BlockingIOError:
                pass  # it is full of what wakes the loop anyway

    def drain(self):
        """Returns a list of the Pending objects that were granted since the last call."""
        try:
            os.read(self._reader, 4096)
        except BlockingIOError:
            pass  # nobody has written
        with lock:
            completed, self._completed = self._completed, []
        return completed

    def fileno(self):
        """The descriptor that is readable when drain() has something to give."""
        if self._reader < 0:
            raise ValueError("the Notifier is closed")
        return self._reader

    def close(self):
        """Gives the descriptor back."""
        with lock:
            self._end()

    def _end(self):
        ends, self._reader, self._writer = (self._reader, self._writer), -1, -1
        self._completed = []
        for end in ends:
            if end >= 0:
                os.close(end)

    def __del__(self):
        # Nobody else has it; and the lock may be held by who collects garbage.
        self._end()


class Pending:
    """A wait that does not sleep: the begin functions of the objects make it."""

    def __init__(self, side, waiter, notifier, result=None):
        if type(notifier) is not Notifier:
            raise TypeError(f"a Notifier is needed, not {type(notifier).__name__}")
        notifier.fileno()
        self._side, self._waiter, self._notifier = side, waiter, notifier
        self._result = result
        self._taken = self._cancelled = False
        waiter.pending = self

    @property
    def done(self):
        """Whether it has been granted."""
        return self._waiter.granted

    def result(self):
        """Takes and returns what was waited for."""
        with lock:
            if not self._waiter.granted or self._cancelled:
                raise RuntimeError("the wait is not done")
            if self._waiter.closed:
                self._side.check()
            if self._side.collect and not self._taken:
                self._taken = True
                self._side.collect(self._waiter)
        return self._result(self._waiter) if self._result else True

    def cancel(self):
        """Stops waiting, and gives back what was granted and not taken.  True if it waited."""
        if lock._is_owned():
            # The task is garbage, collected while this thread changes what the lock guards.
            _thread.start_new_thread(self.cancel, ())
            return True
        with lock:
            if self._cancelled:
                return False
            self._cancelled = True
            waited = not self._waiter.granted
            if waited:
                self._side.waiters.remove(self._waiter)
            elif not self._waiter.closed and not self._taken and self._side.undo:
                self._side.undo(self._waiter)
        return waited
