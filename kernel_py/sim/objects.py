# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The real-time objects of _vosal on the host: the reference of their C files.

They mean the same and promise less: the host decides who runs.  Priorities say whose turn it is,
and nobody inherits one.
"""

import collections
import operator
import threading
import time
import weakref

from .waiting import Pending, Side, Waiter, blocking, lock, started_ns, until

_BITS = 0xFFFFFFFF


def _int(value):
    """What C takes for an int."""
    value = operator.index(value)
    if not -0x80000000 <= value <= 0x7FFFFFFF:
        raise OverflowError("the number does not fit into a C int")
    return value


class Semaphore:
    """A count.  acquire() waits until it is not 0 and takes 1, release() gives 1."""

    def __init__(self, value=0, limit=0x7FFFFFFF):
        value, limit = _int(value), _int(limit)
        if limit < 1:
            raise ValueError("limit must be at least 1")
        if not 0 <= value <= limit:
            raise ValueError("value must be in 0..limit")
        self._count, self._limit = value, limit
        self._reserved = 0  # of the count: for tasks that are to take it
        self._side = Side(self, self._take, self._undo, self._collect)

    value = property(lambda self: self._count - self._reserved, doc="the count")
    limit = property(lambda self: self._limit, doc="the highest count")

    def _take(self, waiter):
        if self._count == self._reserved:
            return False
        if waiter.pending:
            self._reserved += 1
        else:
            self._count -= 1
        return True

    def _collect(self, waiter):
        self._reserved -= 1
        self._count -= 1

    def _undo(self, waiter):
        if waiter.pending:
            self._reserved -= 1
        else:
            self._count += 1
        self._serve()

    def _serve(self):
        while (waiter := self._side.first()) and self._take(waiter):
            self._side.grant(waiter)

    def _give(self, n):
        waiters = self._side.in_order()[:n]
        stay = n - sum(waiter.pending is None for waiter in waiters)
        if stay > self._limit - self._count:
            raise ValueError("released too many times: the semaphore is at its limit")
        self._count += n
        self._serve()

    def acquire(self, blocking=True, timeout=None):
        """Waits until the count is not 0, and takes 1.  False after timeout seconds."""
        return self._side.wait(Waiter(), _blocking(blocking, timeout))

    def release(self, n=1):
        """Gives n.  ValueError, and nothing is given, if that is more than the limit."""
        n = _int(n)
        if n < 1:
            raise ValueError("n must be at least 1")
        with lock:
            self._side.check()
            self._give(n)

    def acquire_begin(self, notifier, /):
        """Begins what acquire() does, without sleeping.  Returns a Pending."""
        return self._side.begin(Waiter(), notifier)

    def close(self):
        """Ends its use: who waits, and who uses it later, gets ValueError."""
        self._side.close()

    def __enter__(self):
        self.acquire()
        return self

    def __exit__(self, *exception):
        with lock:
            if not self._side.closed:
                self._give(1)


_blocking = blocking


class _Guard:
    """Goes with the thread that made it: passes on what the thread had locked."""

    def __init__(self):
        self.ident = threading.get_ident()
        self.mutexes = weakref.WeakSet()  # that the thread has asked for

    def __del__(self):
        with lock:
            for mutex in self.mutexes:
                mutex.thread_ends(self.ident)


_guards = threading.local()


def _guarded(mutex):
    """A Waiter of the calling thread, which will pass the mutex on when it ends."""
    guard = getattr(_guards, "guard", None)
    if guard is None:
        guard = _guards.guard = _Guard()
    guard.mutexes.add(mutex)
    return Waiter(ident=guard.ident)


class Mutex:
    """A lock with an owner, which may lock it again."""

    def __init__(self):
        self._owner, self._depth = 0, 0
        self._side = Side(self, self._take, lambda waiter: self._give())

    owner = property(lambda self: self._owner, doc="the ident of the thread that has it, or 0")
    depth = property(lambda self: self._depth, doc="how often its owner has locked it")

    def _take(self, waiter):
        if self._owner and (waiter.pending or self._owner != waiter.ident):
            return False
        self._owner = waiter.ident
        self._depth += 1
        return True

    def _give(self):
        self._depth -= 1
        if self._depth:
            return
        self._owner = 0
        if waiter := self._side.first():
            self._owner, self._depth = waiter.ident, 1
            self._side.grant(waiter)

    def thread_ends(self, ident):
        """Nobody waits for a thread that has ended, nor it for anybody.  The lock is held."""
        for waiter in [w for w in self._side.waiters if w.ident == ident]:
            self._side.waiters.remove(waiter)
        if self._owner == ident:
            self._depth = 1
            self._give()

    def acquire(self, blocking=True, timeout=None):
        """Locks it, or locks it once more.  False after timeout seconds."""
        return self._side.wait(_guarded(self), _blocking(blocking, timeout))

    def release(self):
        """Unlocks it.  RuntimeError in a thread that has not locked it."""
        with lock:
            if self._owner != threading.get_ident():
                who = "another thread has" if self._owner else "nobody has"
                raise RuntimeError(f"cannot release a mutex that {who} acquired")
            self._give()

    def acquire_begin(self, notifier, /):
        """Begins to lock it for a task, without sleeping.  Returns a Pending."""
        return self._side.begin(_guarded(self), notifier)

    def locked(self):
        """Whether it is locked."""
        return self._owner != 0

    def __enter__(self):
        self.acquire()
        return self

    def __exit__(self, *exception):
        # An exception of a Condition's wait() may leave the block without the mutex.
        if exception[:1] in ((), (None,)) or self._owner == threading.get_ident():
            self.release()


class Condition:
    """wait() gives up the mutex, waits for notify(), and has the mutex again."""

    def __init__(self, mutex=None):
        if mutex is None:
            mutex = Mutex()
        if not isinstance(mutex, Mutex):
            raise TypeError(f"mutex must be a Mutex, not {type(mutex).__name__}")
        self._mutex = mutex
        self._side = Side(self, lambda waiter: False, self._undo)

    mutex = property(lambda self: self._mutex, doc="its Mutex")

    def _undo(self, waiter=None):
        if other := self._side.first():
            self._side.grant(other)

    def _check(self):
        if self._mutex._owner != threading.get_ident():
            raise RuntimeError("acquire the condition's mutex first")
        return self._mutex._depth

    def wait(self, timeout=None):
        """Waits for notify(), for at most timeout seconds.  Has the mutex again then.

        Only an exception, of Ctrl-C or abort(), does not wait for another thread that has the
        mutex, and comes without it.
        """
        end = until(timeout)
        depth = self._check()
        waiter = Waiter()
        with lock:
            self._side.check()
            self._side.waiters.append(waiter)
        for _ in range(depth):
            self._mutex.release()
        notified = False
        try:
            notified = self._side.sleep(waiter, end)
            self._mutex.acquire()
        except BaseException:
            if notified and not waiter.closed:
                with lock:
                    self._undo()
            if self._mutex.acquire(False):
                self._mutex._depth = depth
            raise
        self._mutex._depth = depth
        if waiter.closed:
            self._side.check()
        return notified

    def notify(self, n=1):
        """Wakes n of those that wait.  Needs the mutex.  ValueError once it is closed."""
        n = _int(n)
        self._check()
        with lock:
            self._side.check()
            for waiter in self._side.in_order()[: max(n, 0)]:
                self._side.grant(waiter)

    def notify_all(self):
        """Wakes all that wait.  Needs the mutex.  ValueError once it is closed."""
        self.notify(0x7FFFFFFF)

    def wait_begin(self, notifier, /):
        """Begins to wait for notify().  The caller gives the mutex up and gets it back itself."""
        self._check()
        return self._side.begin(Waiter(), notifier)

    def close(self):
        """Ends its use: who waits, and who uses it later, gets ValueError."""
        self._side.close()

    def __enter__(self):
        self._mutex.acquire()
        return self

    def __exit__(self, *exception):
        self._mutex.__exit__(*exception)


def _bits(bits):
    bits = operator.index(bits)
    if not 1 <= bits <= _BITS:
        raise ValueError("bits must be in 1..0xffffffff")
    return bits


class Event:
    """32 bits.  set() and clear() change them, wait() waits for one or all of some."""

    def __init__(self):
        self._bits = 0
        self._side = Side(self, self._take, self._undo)

    bits = property(lambda self: self._bits, doc="the bits that are set")

    def _take(self, waiter):
        got = self._bits & waiter.value
        if got != waiter.value if waiter.all else not got:
            return False
        if waiter.clear:
            self._bits &= ~got
        waiter.value = got
        return True

    def _undo(self, waiter):
        if waiter.clear:
            self._bits |= waiter.value
            self._serve()

    def _serve(self):
        for waiter in self._side.in_order():
            if self._take(waiter):
                self._side.grant(waiter)

    def _change(self, bits, mask):
        with lock:
            self._side.check()
            before = self._bits
            self._bits = before & ~mask | bits
            self._serve()
        return before

    def set(self, bits=1, /):
        """Sets bits.  Returns the bits before."""
        bits = _bits(bits)
        return self._change(bits, bits)

    def clear(self, bits=_BITS, /):
        """Clears bits.  Returns the bits before."""
        return self._change(0, _bits(bits))

    def wait(self, bits=1, timeout=None, *, all=False, clear=False):
        """Waits until one of the bits is set, or all.  Returns those; 0 after the time-out."""
        waiter = Waiter(value=_bits(bits), all=all, clear=clear)
        return waiter.value if self._side.wait(waiter, until(timeout)) else 0

    def wait_begin(self, notifier, /, bits=1, *, all=False, clear=False):
        """Begins what wait() does, without sleeping.  Returns a Pending."""
        waiter = Waiter(value=_bits(bits), all=all, clear=clear)
        return self._side.begin(waiter, notifier, lambda waiter: waiter.value)

    def close(self):
        """Ends its use: who waits, and who uses it later, gets ValueError."""
        self._side.close()


class Queue:
    """capacity messages of size bytes each.  put() waits for room, get() for a message."""

    def __init__(self, size, capacity):
        self._size, self._capacity = operator.index(size), operator.index(capacity)
        if not 1 <= self._size <= 65536:
            raise ValueError("size must be in 1..65536 bytes")
        if self._capacity < 1:
            raise ValueError("capacity must be at least 1 message")
        self._messages = collections.deque()
        self._reserved_messages = 0  # of those there are: for tasks that are to get them
        self._reserved_room = 0  # of the rest: for tasks that are to put there
        self._getters = Side(self, self._get, self._undo_get, self._collect_get)
        self._putters = Side(self, self._put, self._undo_put, self._collect_put)

    size = property(lambda self: self._size, doc="the bytes of a message")
    capacity = property(lambda self: self._capacity, doc="the messages that it has room for")
    dropped = property(lambda self: 0, doc="messages that C put when it was full")

    def __len__(self):
        return len(self._messages) - self._reserved_messages

    def __bool__(self):
        return True

    def _take_message(self, waiter):
        if len(self._messages) == self._reserved_messages:
            return False
        if waiter.pending:
            self._reserved_messages += 1
        else:
            waiter.item = self._messages.popleft()
        return True

    def _take_room(self, waiter):
        if len(self._messages) + self._reserved_room >= self._capacity:
            return False
        if waiter.pending:
            self._reserved_room += 1
        else:
            self._messages.append(waiter.item)
        return True

    def _serve(self):
        while True:
            if (getter := self._getters.first()) and self._take_message(getter):
                self._getters.grant(getter)
            elif (putter := self._putters.first()) and self._take_room(putter):
                self._putters.grant(putter)
            else:
                return

    def _get(self, waiter):
        taken = self._take_message(waiter)
        self._serve()
        return taken

    def _put(self, waiter):
        taken = self._take_room(waiter)
        self._serve()
        return taken

    def _collect_get(self, waiter):
        self._reserved_messages -= 1
        waiter.item = self._messages.popleft()
        self._serve()

    def _collect_put(self, waiter):
        self._reserved_room -= 1
        self._messages.append(waiter.item)
        self._serve()

    def _undo_get(self, waiter):
        if waiter.pending:
            self._reserved_messages -= 1
        else:
            self._messages.appendleft(waiter.item)
        self._serve()

    def _undo_put(self, waiter):
        if waiter.pending:  # else the message has been put, and stays
            self._reserved_room -= 1
            self._serve()

    def _message(self, message):
        view = memoryview(message)
        if not view.c_contiguous:
            raise BufferError("memoryview: underlying buffer is not C-contiguous")
        message = bytes(view)
        if len(message) != self._size:
            raise ValueError(f"a message of this queue has {self._size} bytes, not {len(message)}")
        return message

    def put(self, message, /, timeout=None):
        """Waits for room, for at most timeout seconds, and puts a message."""
        end = until(timeout)
        return self._putters.wait(Waiter(item=self._message(message)), end)

    def get(self, timeout=None):
        """Waits for a message, for at most timeout seconds.  None after the time-out."""
        waiter = Waiter(item=None)
        return waiter.item if self._getters.wait(waiter, until(timeout)) else None

    def put_begin(self, notifier, message, /):
        """Begins what put() does, without sleeping.  Returns a Pending."""
        return self._putters.begin(Waiter(item=self._message(message)), notifier)

    def get_begin(self, notifier, /):
        """Begins what get() does, without sleeping.  Returns a Pending."""
        return self._getters.begin(Waiter(item=None), notifier, lambda waiter: waiter.item)

    def close(self):
        """Ends its use: who waits, and who uses it later, gets ValueError."""
        self._getters.close()
        self._putters.close()


# --- interrupts ----------------------------------------------------------------------------

_sources = weakref.WeakSet()
_line = collections.deque()  # weak references to sources that have something, each once
_server = Side(None, lambda waiter: bool(_line))


class Interrupt:
    """A source of interrupts, with a queue of depth events."""

    def __init__(self, name, depth=64, debounce=0):
        if not isinstance(name, str):
            raise TypeError(f"name must be str, not {type(name).__name__}")
        depth = operator.index(depth)
        if not 1 <= depth <= 65536:
            raise ValueError("depth must be in 1..65536")
        if len(name.encode()) > 31:
            raise ValueError("a source's name has 31 bytes at most")
        self._name, self._depth = name, depth
        self._queue = collections.deque()
        self._reference = weakref.ref(self)
        self._last = None
        self.masked = False
        self.debounce = debounce
        self.reset()
        _sources.add(self)

    name = property(lambda self: self._name, doc="its name")
    depth = property(lambda self: self._depth, doc="the events that its queue has room for")
    pending = property(lambda self: len(self._queue), doc="the events in its queue")

    @property
    def masked(self):
        """Whether events are ignored."""
        return self._masked

    @masked.setter
    def masked(self, value):
        self._masked = bool(value)

    @property
    def debounce(self):
        """Seconds in which what follows an event is none."""
        return self._debounce

    @debounce.setter
    def debounce(self, value):
        if not 0 <= value <= 3600:
            raise ValueError("debounce must be in 0..3600 s")
        self._debounce = float(value)

    def __repr__(self):
        return f"<Interrupt {self._name}: {self.count}>"

    def reset(self):
        """Sets all counters and times to 0."""
        self.count = self.dropped = self.bounced = self.suppressed = self.handled = 0
        self.latency_worst_ns = self.latency_sum_ns = 0

    def post(self, value=0, /):
        """Tells that it has happened.  False when it was masked, bounced or dropped."""
        now = time.monotonic_ns() - started_ns
        value = operator.index(value) & _BITS
        with lock:
            self.count += 1
            if self._masked:
                self.suppressed += 1
                return False
            if self._last is not None and now - self._last < self._debounce * 1e9:
                self.bounced += 1
                return False
            if len(self._queue) == self._depth:
                self.dropped += 1
                return False
            self._last = now
            self._queue.append((now, value))
            if self._reference not in _line:
                _line.append(self._reference)
            if waiter := _server.first():
                _server.grant(waiter)
            return True

    def __aiter__(self):
        from kernel import interrupts

        return interrupts.Events(self)

    def next(self):
        """The next event, to be awaited."""
        from kernel import interrupts

        return interrupts.next_event(self)

    def trigger(self, value=0, /):
        """Posts as soon as may be; on the machine, out of a true interrupt."""
        value = operator.index(value)
        threading.Timer(0, self.post, (value,)).start()


def interrupt_wait(timeout=None):
    """Waits for an event of any source; returns (source, time_ns, value), None after timeout."""
    end = until(timeout)
    while True:
        with lock:
            if _line:
                source = _line.popleft()()
                if source is None:
                    continue
                happened, value = source._queue.popleft()
                if source._queue:
                    _line.append(source._reference)
                latency = time.monotonic_ns() - started_ns - happened
                source.handled += 1
                source.latency_sum_ns += latency
                source.latency_worst_ns = max(source.latency_worst_ns, latency)
                return source, happened, value
        if not _server.wait(Waiter(), end):
            return None


def interrupts():
    """A list of all Interrupt objects."""
    return list(_sources)


# --- timers --------------------------------------------------------------------------------


class Timer:
    """A timer, to be started.  wait() waits for it.  With an Interrupt it posts to that, too."""

    def __init__(self, interrupt=None):
        if interrupt is not None and not isinstance(interrupt, Interrupt):
            raise TypeError(f"an Interrupt is needed, not {type(interrupt).__name__}")
        self._interrupt = interrupt
        self._side = Side(self, self._take, self._undo)
        self._status = 0
        self._run = None  # the event that ends the thread that rings
        self._period = 0.0
        self.expiries = self.overruns = self.error_sum_ns = self.error_worst_ns = 0

    interrupt = property(lambda self: self._interrupt, doc="what it posts to, or None")
    period = property(lambda self: self._period, doc="seconds, 0 for one shot")
    active = property(lambda self: self._run is not None, doc="whether it will expire")

    def _take(self, waiter):
        if not self._status:
            return False
        waiter.value, self._status = self._status, 0
        return True

    def _undo(self, waiter):
        self._status += waiter.value
        self._serve()

    def _serve(self):
        count = self._status
        for waiter in self._side.in_order() if count else ():
            waiter.value, self._status = count, 0
            self._side.grant(waiter)

    def start(self, delay=None, period=0):
        """Starts it: once after delay seconds, then every period seconds if that is not 0."""
        for what, value in (("period", period), ("delay", 0 if delay is None else delay)):
            if not 0 <= value <= 1e9:
                raise ValueError(f"{what} must be in 0..1e9 s")
        if 0 < period < TICK_NS / 1e9:
            raise ValueError(f"period must be 0 or at least a tick, {TICK_NS} ns")
        if delay is None:
            if not period:
                raise ValueError("give a delay, a period, or both")
            delay = period
        self.stop()
        with lock:
            self._side.check()
            self._status = 0
            self._period = float(period)
            self._run = threading.Event()
        due = time.monotonic_ns() + round(delay * 1e9)
        threading.Thread(target=self._ring, args=(self._run, due), daemon=True).start()

    def _ring(self, run, due):
        period = round(self._period * 1e9)
        while not run.wait(max(0, due - time.monotonic_ns()) / 1e9):
            with lock:
                if self._run is not run:
                    return
                now = time.monotonic_ns()
                self.expiries += 1
                self.error_sum_ns += max(0, now - due)
                self.error_worst_ns = max(self.error_worst_ns, now - due)
                self.overruns += self._status > 0
                self._status += 1
                due += period
                if period and due <= now:
                    missed = (now - due) // period + 1
                    self.expiries += missed
                    self.overruns += missed
                    self._status += missed
                    due += missed * period
                if not period:
                    self._run = None
                count = self._status
                self._serve()
                if self._interrupt is not None:
                    self._status = 0
            if self._interrupt is not None:
                self._interrupt.post(count)
            if not period:
                return

    def stop(self):
        """Stops it.  What it has counted stays."""
        with lock:
            run, self._run = self._run, None
        if run is not None:
            run.set()

    def wait(self, timeout=None):
        """Waits until it has expired since the last wait; returns how often, 0 after timeout."""
        waiter = Waiter(value=0)
        return waiter.value if self._side.wait(waiter, until(timeout)) else 0

    def wait_begin(self, notifier, /):
        """Begins what wait() does, without sleeping.  Returns a Pending."""
        return self._side.begin(Waiter(value=0), notifier, lambda waiter: waiter.value)

    def close(self):
        """Stops it and ends its use."""
        self.stop()
        self._side.close()


TICK_NS = 100_000

__all__ = (
    "Condition",
    "Event",
    "Interrupt",
    "Mutex",
    "Pending",
    "Queue",
    "Semaphore",
    "TICK_NS",
    "Timer",
    "interrupt_wait",
    "interrupts",
)
