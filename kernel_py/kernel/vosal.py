# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Real-time threads, and what they wait for.

    from kernel import vosal

    ready = vosal.Semaphore()
    thread = vosal.Thread(target=work, args=(ready,), priority=vosal.PRIO_HIGH, name="work")
    thread.start()
    ready.acquire(timeout=1)                # in a thread
    await ready.acquire_async()             # in a task: the loop goes on

A priority is Zephyr's number: lower is more urgent, below 0 is cooperative.  Times are seconds
unless a name says otherwise.  Every wait lets other threads run, ends with Ctrl-C, and gives way
to the most urgent waiter first.  C threads and interrupts can use the same objects
(modules/vosal/include/zpy/vosal.h).
"""

import asyncio
import contextlib
import threading

import _vosal

from . import waiting

PRIO_LOWEST = _vosal.PRIORITY_MAX
PRIO_LOWER = 12
PRIO_LOW = 10
PRIO_NORMAL = _vosal.PRIORITY_DEFAULT
PRIO_HIGH = 4
PRIO_HIGHER = 2
PRIO_HIGHEST = 1  # below the interrupt thread's

cycles = _vosal.cycles
cycles_per_second = _vosal.cycles_per_second
uptime_ns = _vosal.uptime_ns
sleep_ns = _vosal.sleep_ns


def sleep_us(us):
    """Sleeps for at least us microseconds."""
    _vosal.sleep_ns(round(us * 1e3))


def sleep_ms(ms):
    """Sleeps for at least ms milliseconds."""
    _vosal.sleep_ns(round(ms * 1e6))


def sleep(seconds):
    """Sleeps for at least so many seconds."""
    _vosal.sleep_ns(round(seconds * 1e9))


class ThreadAborted(BaseException):
    """Raised in a thread that abort() was called for.  Not caught, it ends the thread quietly."""


class Thread(threading.Thread):
    """A thread with a priority and a stack of its own; else a threading.Thread.

    priority: Zephyr's number.  stack_size: bytes, None for the default.  cpu: the number of the
    only processor that it may run on.  ValueError for what the machine does not have.
    """

    def __init__(
        self,
        target=None,
        args=(),
        kwargs=None,
        *,
        priority=PRIO_NORMAL,
        stack_size=None,
        name=None,
        cpu=None,
        daemon=None,
    ):
        if stack_size is not None and stack_size < 1:
            raise ValueError(f"stack_size must be None or a number of bytes, not {stack_size}")
        super().__init__(target=target, args=args, kwargs=kwargs, name=name, daemon=daemon)
        self._wanted = (priority, stack_size or 0, -1 if cpu is None else cpu)
        # Wrong values are to show here, not at start().  It is forgotten at once.
        _vosal.thread_next(*self._wanted)
        _vosal.thread_next(PRIO_NORMAL)
        self.aborted = False
        self._ended = Event()

    def start(self):
        """Starts it.  RuntimeError when it was started before, or there is no memory."""
        _vosal.thread_next(*self._wanted)
        try:
            super().start()
        finally:
            # Where it was not used, what the caller starts next must not get it.
            _vosal.thread_next(PRIO_NORMAL)

    def _bootstrap_inner(self):
        # abort() acts in run(), of whatever class: what threading does before and after must be
        # done.
        _vosal.thread_guard()
        self._body, self.run = self.run, self._live
        try:
            super()._bootstrap_inner()
        finally:
            self._ended.set()

    def _live(self):
        body = self._body
        del self._body, self.run  # they lead back to this thread, which would not be freed
        if _vosal.BOARD == "sim":
            _vosal.thread_priority(self.ident, self._wanted[0])  # the host does not know it
        try:
            _vosal.thread_run(body)
        except ThreadAborted:
            self.aborted = True

    def _row(self):
        for row in _vosal.threads() if self.is_alive() else ():
            if row[1] == self.ident:
                return row
        return None

    @property
    def priority(self):
        """Its own priority.  Can be set, also while it runs."""
        if self.is_alive():
            try:
                return _vosal.thread_priority(self.ident)
            except ValueError:
                pass  # it ended a moment ago
        return self._wanted[0]

    @priority.setter
    def priority(self, value):
        _vosal.thread_next(value)  # ValueError shows here
        _vosal.thread_next(PRIO_NORMAL)
        if self.is_alive():
            with contextlib.suppress(ValueError):  # it ended a moment ago
                _vosal.thread_priority(self.ident, value)
        self._wanted = (value, *self._wanted[1:])

    @property
    def state(self):
        """`new`, `ended`, or what Zephyr says: `running`, `pending`, `queued`, `sleeping` …"""
        row = self._row()
        if row is None:
            return "new" if self.ident is None else "ended"
        return row[3] or "running"

    @property
    def stack(self):
        """(size, most that was ever used) of its stack in bytes; None when it does not run."""
        row = self._row()
        return None if row is None else (row[4], row[4] - row[5])

    @property
    def cpu_time(self):
        """Seconds that it has computed; None when it does not run."""
        row = self._row()
        return None if row is None else row[6] / cycles_per_second

    def abort(self, exception=ThreadAborted):
        """Raises an exception, given as its class, in the thread; ends what it waits for.

        It acts in run(): before, it waits; when run() has returned it does nothing.
        RuntimeError when the thread does not run.
        """
        if not (isinstance(exception, type) and issubclass(exception, BaseException)):
            raise TypeError(f"exception must be a class of exceptions, not {exception!r}")
        with contextlib.suppress(ValueError):  # it ended a moment ago
            if self.is_alive():
                _vosal.thread_interrupt(self.ident, exception)
                return
        raise RuntimeError(f"cannot abort {self.name}: it does not run")

    async def join_async(self):
        """Waits for its end, in a task."""
        if self.ident is None:
            raise RuntimeError("cannot join thread before it is started")
        if self is threading.current_thread():
            raise RuntimeError("cannot join current thread")
        await self._ended.wait_async()
        self.join()


class Semaphore(_vosal.Semaphore):
    """Semaphore(value=0, limit=2147483647): a count; acquire() takes 1, release() gives 1."""

    async def acquire_async(self):
        """Waits, in a task, until the count is not 0, and takes 1."""
        return await waiting.wait(self.acquire_begin)

    async def __aenter__(self):
        await self.acquire_async()
        return self

    async def __aexit__(self, *exception):
        self.__exit__(*exception)


class Mutex(_vosal.Mutex):
    """Mutex(): a lock whose owner inherits the priority of who waits for it."""

    async def acquire_async(self):
        """Waits, in a task, until nobody has it.  The owner is the thread of the loop."""
        return await waiting.wait(self.acquire_begin)

    async def __aenter__(self):
        await self.acquire_async()
        return self

    async def __aexit__(self, *exception):
        self.__exit__(*exception)


class Condition(_vosal.Condition):
    """Condition(mutex=None): wait() gives up the mutex until somebody calls notify()."""

    def wait_for(self, predicate, timeout=None):
        """Waits until predicate() is true, for at most timeout seconds.  Returns what it is."""
        end = None if timeout is None else uptime_ns() + timeout * 1e9
        while not (result := predicate()):
            left = None if end is None else (end - uptime_ns()) / 1e9
            if left is not None and left <= 0:
                break
            self.wait(left)
        return result

    async def wait_async(self):
        """Waits, in a task, for notify().  Has the mutex again then, also when it is cancelled.

        Only Ctrl-C, and whatever else ends the loop, does not wait for who has the mutex.
        """
        mutex = self.mutex
        pending = None
        depth = 0  # how often the mutex was locked

        def begin(notifier):
            nonlocal pending, depth
            pending = self.wait_begin(notifier)
            depth = mutex.depth
            for _ in range(depth):
                mutex.release()
            return pending

        try:
            try:
                notified = await waiting.wait(begin)
            except (Exception, asyncio.CancelledError):
                if pending is not None:
                    await self._get_back(depth)
                raise
            await self._get_back(depth)
        except BaseException:
            if pending is not None:
                pending.cancel()  # who was notified all the same passes it on
            raise
        return notified

    async def _get_back(self, depth):
        """Locks the mutex so often; a task that is cancelled meanwhile has it first."""
        cancelled = None
        while True:
            try:
                await waiting.wait(self.mutex.acquire_begin)
                break
            except asyncio.CancelledError as error:
                cancelled = error
        for _ in range(depth - 1):
            self.mutex.acquire()
        if cancelled is not None:
            try:
                raise cancelled
            finally:
                cancelled = None  # it has this frame

    async def __aenter__(self):
        await waiting.wait(self.mutex.acquire_begin)
        return self

    async def __aexit__(self, *exception):
        self.__exit__(*exception)


class Event(_vosal.Event):
    """Event(): 32 bits; wait() waits for one or all of some."""

    async def wait_async(self, bits=1, *, all=False, clear=False):
        """Waits, in a task, until one of the bits is set, or all.  Returns those that are."""
        return await waiting.wait(self.wait_begin, bits, all=all, clear=clear)


class Queue(_vosal.Queue):
    """Queue(size, capacity): messages of size bytes; put() waits for room, get() for one."""

    async def put_async(self, message):
        """Waits for room, in a task, and puts a message."""
        return await waiting.wait(self.put_begin, message)

    async def get_async(self):
        """Waits for a message, in a task, and returns it."""
        return await waiting.wait(self.get_begin)

    def __aiter__(self):
        return self

    async def __anext__(self):
        return await self.get_async()


class Timer(_vosal.Timer):
    """Timer(interrupt=None): start(delay, period), then wait(); or a source of interrupts."""

    async def wait_async(self):
        """Waits, in a task, until it has expired since the last wait; returns how often."""
        return await waiting.wait(self.wait_begin)

    def __aiter__(self):
        return self

    async def __anext__(self):
        return await self.wait_async()
