# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Interrupts in Python: from a source to callbacks and tasks.

    from kernel.interrupts import interrupt, source

    button = source("button", debounce=0.02)

    @interrupt(button)
    def pressed(event):
        print(event.value, event.time_ns)

    async for event in button: ...
    event = await button.next()

The interrupt itself only takes the time and queues the event.  One thread, the most urgent one
that runs Python, takes the events and calls the callbacks: these may allocate, wait for nothing
long, and raise, which is logged and changes nothing.  `show()` lists the sources.
"""

import collections
import threading

import _vosal

from . import log

Event = collections.namedtuple("Event", "source time_ns value")
Event.__doc__ = "What has happened: the uptime in ns, taken in the interrupt, and 32 bits."

_log = log.get("kernel.interrupts")
_handlers = {}  # source → list of callables
_kept = {}  # source → the objects, Timers for one, whose source it is and that were attached to
_lock = threading.Lock()
_abandoned = collections.deque()  # (source, function) to be detached: see Events.__del__()
_thread = None
_wake = None  # the source that ends the thread
_complained = {}  # source → (uptime of the last traceback in ns, errors since)
_COMPLAIN_NS = 1_000_000_000


def source(name, depth=64, debounce=0):
    """The source of that name; a new one, for software to post to, if there is none.

    depth: events that its queue holds.  debounce: seconds in which what follows is no event.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, not {type(name).__name__}")
    for known in _vosal.interrupts():
        if known.name == name:
            return known
    make = getattr(_vosal, "interrupt_" + name.replace("-", "_"), None)
    if make is not None and name != "wait":
        return make()
    return _vosal.Interrupt(name, depth, debounce)


def sources():
    """All sources of the machine, by name."""
    return sorted(_vosal.interrupts(), key=lambda found: found.name)


def find(what):
    """The source that is meant: a source, its name, or an object that has one as `interrupt`."""
    if isinstance(what, _vosal.Interrupt):
        return what
    if isinstance(what, str):
        return source(what)
    found = getattr(what, "interrupt", None)
    if isinstance(found, _vosal.Interrupt):
        return found
    raise TypeError(f"{what!r} is no source of interrupts and has none")


def interrupt(what, *, debounce=None):
    """Decorator: calls the function with an Event each time the source has one."""
    found = find(what)
    if debounce is not None:
        found.debounce = debounce
    if isinstance(what, str):
        what = found

    def register(function):
        attach(what, function)
        return function

    return register


def attach(what, function):
    """Calls function(event) for each event of a source, in the interrupt thread.

    what is kept for as long as the source has handlers: a Timer that is attached to goes on.
    """
    if not callable(function):
        raise TypeError(f"{function!r} cannot be called")
    found = find(what)
    _sweep()
    with _lock:
        _handlers.setdefault(found, []).append(function)
        if what is not found and not isinstance(what, str):
            _kept.setdefault(found, []).append(what)
        _start()


def begin(start, function):
    """Attaches a function to the source that start() returns, and that it lets events come from.

    No event is lost that comes before the function is known.
    """
    with _lock:
        found = start()
        _handlers.setdefault(found, []).append(function)
        _start()
    return found


def detach(what, function):
    """Calls it no more.  ValueError when it was not attached."""
    found = find(what)
    with _lock:
        functions = _handlers.get(found, [])
        try:
            functions.remove(function)
        except ValueError:
            raise ValueError(f"{function!r} is not attached to {found.name}") from None
        if not functions:
            del _handlers[found]
            _kept.pop(found, None)


def forget(found):
    """Calls nothing more for a source.  What runs at the moment goes on."""
    with _lock:
        _handlers.pop(found, None)
        _kept.pop(found, None)


def _sweep():
    """Detaches what nobody listens to any more."""
    while _abandoned:
        try:
            detach(*_abandoned.popleft())
        except (IndexError, ValueError):
            pass  # another thread was first


def start():
    """Starts the interrupt thread, if it does not run: attach() does so, too."""
    if _thread is None or not _thread.is_alive():
        with _lock:
            _start()


def _start():
    global _thread, _wake
    if _thread is not None and _thread.is_alive():
        return
    from . import vosal

    _wake = _vosal.Interrupt("stop", 1)
    _thread = vosal.Thread(
        target=_serve,
        args=(_wake,),
        name="interrupts",
        priority=_vosal.INTERRUPT_PRIORITY,
        daemon=True,
    )
    _thread.start()


def _serve(stop):
    _vosal.thread_name("interrupts")
    while True:
        found, time_ns, value = _vosal.interrupt_wait()
        if found is stop:
            return
        _sweep()
        event = Event(found, time_ns, value)
        functions = _handlers.get(found)
        if not functions:
            with _lock:  # somebody may be about to say whom to call
                functions = _handlers.get(found)
        for function in tuple(functions or ()):
            call(found, function, event)
        # What is detached while this thread waits is to be freed there, not before the next event.
        found = event = functions = function = None


def call(found, function, *arguments):
    """Calls a function as a callback of a source: what it raises is logged."""
    try:
        function(*arguments)
    except BaseException as error:
        try:
            _complain(found, function, error)
        except BaseException as worse:
            # What describes the error or the function raises in turn.
            _log.error(
                f"{found.name}: a callback raised {type(error).__name__}, which cannot be "
                f"shown: {type(worse).__name__}"
            )


def _complain(found, function, error):
    """Logs what a callback raised, with at most one traceback a second for each source."""
    now = _vosal.uptime_ns()
    last, more = _complained.get(found.name, (None, 0))
    if last is not None and now - last < _COMPLAIN_NS:
        _complained[found.name] = (last, more + 1)
        return
    _complained[found.name] = (now, 0)
    name = getattr(function, "__qualname__", repr(function))
    since = f", after {more} more" if more else ""
    _log.exception(f"{found.name}: {name} raised {type(error).__name__}: {error}{since}", error)


def stop():
    """Ends the interrupt thread.  The next attach() starts another."""
    global _thread
    with _lock:
        thread, _thread = _thread, None
    if thread is None or not thread.is_alive() or thread is threading.current_thread():
        return
    _wake.post()
    thread.join(1)
    if thread.is_alive():
        _log.warning("the interrupt thread does not end: a callback does not return")


def show():
    """Prints a table of all sources: counts, and the way from the interrupt to Python in µs."""
    columns = "{:<16}" + "{:>9}" * 4 + "{:>8}" + "{:>11}" * 2
    heads = ("count", "handled", "dropped", "bounced", "masked", "mean µs", "worst µs")
    print(columns.format("source", *heads))
    for s in sources():
        mean = s.latency_sum_ns / s.handled / 1e3 if s.handled else 0
        counts = (s.count, s.handled, s.dropped, s.bounced, "yes" if s.masked else "no")
        print(columns.format(s.name, *counts, f"{mean:.1f}", f"{s.latency_worst_ns / 1e3:.1f}"))


class Events:
    """The events of a source for a task: an asynchronous iterator.

    It has a queue of its own: what finds it full is counted in `dropped`.
    """

    def __init__(self, what, depth=64):
        import asyncio

        self._mailbox = _Mailbox(asyncio.get_running_loop(), depth)
        self._source = find(what)
        attach(self._source, self._mailbox)

    @property
    def dropped(self):
        """Events that came while the queue was full."""
        return self._mailbox.dropped

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self._source is None:
            raise StopAsyncIteration
        return await self._mailbox.get()

    def close(self):
        """Listens no more."""
        found, self._source = self._source, None
        if found is not None:
            detach(found, self._mailbox)

    async def aclose(self):
        """Listens no more."""
        self.close()

    def __del__(self):
        # A collection of garbage may run in a thread that holds the lock: others detach it.
        if getattr(self, "_source", None) is not None:
            _abandoned.append((self._source, self._mailbox))


class _Mailbox:
    """Takes events in the interrupt thread and gives them to one task."""

    def __init__(self, loop, depth):
        self._loop = loop
        self._events = collections.deque()
        self._depth = depth
        self._future = None
        self.dropped = 0

    def __call__(self, event):
        if len(self._events) >= self._depth:
            self.dropped += 1
            return
        self._events.append(event)
        if len(self._events) == 1 and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell)

    def _tell(self):
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    async def get(self):
        while not self._events:
            self._future = self._loop.create_future()
            if self._events:
                break  # it came before anybody could be told
            await self._future
        return self._events.popleft()


async def next_event(what):
    """Waits, in a task, for the next event of a source."""
    events = Events(what, 1)
    try:
        return await anext(events)
    finally:
        events.close()
