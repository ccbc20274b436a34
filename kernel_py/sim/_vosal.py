# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The operating system under the kernel, on the sim board.

The pure-Python reference (PEP 399) of the C module `_vosal`: same names, arguments and
exceptions.  The console is the process's standard input and output; a thread reads it so that
the interrupt character is seen while the main thread computes, sleeps or waits.
"""

import _thread
import collections
import contextlib
import errno
import faulthandler
import json
import operator
import os
import queue
import select
import signal
import sys
import threading
import time
import weakref

from .objects import *  # noqa: F403
from .waiting import (  # noqa: F401
    PRIORITY_DEFAULT,
    Notifier,
    lock,
    priorities,
    sleeping,
    started_ns,
)

BOARD = "sim"
ARCH = os.uname().machine
ZEPHYR_VERSION = ""
CPUS = os.cpu_count() or 1
# The prompt over TCP is CONFIG_ZPY_REPL_… of a board; here it is off unless asked for, because
# whoever has it has the rights of the user who started sim.
REPL = os.environ.get("ZPY_REPL", "off")
REPL_PORT = int(os.environ.get("ZPY_REPL_PORT", 5000))
REPL_BIND = "127.0.0.1"
REPL_TRUSTED = ""
REPL_SECRET = os.environ.get("ZPY_REPL_SECRET", "")
REPL_SESSIONS = 64
REPL_IDLE_TIMEOUT = 3600
REPL_WRITE_TIMEOUT = 30
cycles_per_second = 1_000_000_000

_open = open  # the host's

_READ_MAX = 4096
_STDIN, _STDOUT = 0, 1
# What the next run of the program must know after reboot() is kept in an unlinked file, whose
# descriptor travels in this variable: the terminal's first attributes and unread input.
_STATE = "ZPY_SIM_STATE"


def _version():
    """The version in app/VERSION (Zephyr's format)."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    fields = {}
    try:
        with open(os.path.join(root, "app", "VERSION"), encoding="utf-8") as file:
            for line in file:
                name, _, value = line.partition("=")
                fields[name.strip()] = value.strip()
        parts = [fields[name] for name in ("VERSION_MAJOR", "VERSION_MINOR", "PATCHLEVEL")]
    except (OSError, KeyError):
        return "0.1.0"
    extra = fields.get("EXTRAVERSION")
    return ".".join(parts) + (f"-{extra}" if extra else "")


VERSION = _version()


# --- waits that thread_interrupt() ends ----------------------------------------------------

_waits = {}  # ident → _Wait, of threads that are not the main one; a signal ends its waits


class _Wait(bytes):
    """A wait that thread_interrupt() ends, by putting it into the queue where its thread waits.

    In the queue of the console's input it is what others take for no input.
    """

    def __init__(self):
        self.ident = threading.get_ident()
        self.exception = None

    def end(self, exception):
        """From another thread: the wait is to end with this exception."""
        self.exception = exception
        self.put(self)

    def leave(self):
        """Raises what the wait was ended with, in place of the interpreter."""
        _drop_pending()
        raise self.exception


def _raise_pending():
    """Raises what thread_interrupt() has asked of this thread.

    CPython 3.11 and 3.12 may overlook one of two exceptions that are meant for two threads; a
    thread that comes back from a wait, however short, looks again, and a call raises it.
    """
    _host_sleep(0)
    (lambda: None)()


def _drop_pending():
    """Forgets what thread_interrupt() has asked of this thread.

    By raising it: to be told of no exception makes CPython 3.11 and 3.12 look for one for ever, at
    each call of each thread, and never return from a call that is traced or profiled.
    """
    with contextlib.suppress(BaseException):
        _raise_pending()


@contextlib.contextmanager
def _waiting(where):
    """While the calling thread waits at a queue: thread_interrupt() puts the _Wait into it."""
    wait = _Wait()
    wait.put = where.put
    _waits[wait.ident] = wait
    try:
        # What was asked for before the wait was known.
        _raise_pending()
        yield wait
    finally:
        del _waits[wait.ident]


_host_sleep = time.sleep


class _Nudge:
    """Ends what the main thread waits for, so that it sees what it has been sent.

    A signal that comes after the last look of the interpreter and before the wait in C begins
    is not seen: so another signal is sent until the main thread has answered.
    """

    INTERVAL = 0.01  # seconds between two signals
    PATIENCE = 100  # signals; a computation in C is left to itself

    answers = 0

    @classmethod
    def answer(cls, number, frame):
        """The signal's handler."""
        cls.answers += 1

    @classmethod
    def main_thread(cls):
        before = cls.answers
        main = threading.main_thread().ident
        for _ in range(cls.PATIENCE):
            signal.pthread_kill(main, signal.SIGURG)
            if main == threading.get_ident():
                return
            _host_sleep(cls.INTERVAL)
            if cls.answers != before:
                return


def _sleep(seconds, /):
    """Like time.sleep(), which thread_interrupt() would not end in this thread."""
    if threading.current_thread() is threading.main_thread() or not seconds > 0:
        _host_sleep(seconds)
        return
    ends = queue.SimpleQueue()
    with _waiting(ends) as wait:
        try:
            ends.get(timeout=min(seconds, threading.TIMEOUT_MAX))
        except queue.Empty:
            return
        wait.leave()


_sleep.__doc__ = time.sleep.__doc__


# --- the console ---------------------------------------------------------------------------


class _Console:
    """Standard input and output as a serial line."""

    def __init__(self):
        self.interrupt = -1
        self.received = queue.SimpleQueue()  # chunks of bytes, a _Wait; None after the last one
        self.unread = b""
        self.ended = False
        self.attributes = None  # the terminal's own, to be restored
        self.reader = None
        self.wake = None

    def start(self):
        """Puts the terminal into raw mode and starts to read.  Once; main thread only."""
        self._inherit()
        self._raw()
        # Ctrl-C comes as this signal.  Whoever started the program in the background of a shell
        # has made it ignore it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGURG, _Nudge.answer)
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name)
            signal.signal(number, lambda number, frame: poweroff(128 + number))
        self.wake = os.pipe()
        self.reader = threading.Thread(target=self._read, name="console", daemon=True)
        self.reader.start()

    def _inherit(self):
        descriptor = os.environ.pop(_STATE, None)
        if descriptor is None:
            return
        with os.fdopen(int(descriptor), "r", encoding="latin-1", newline="") as file:
            file.seek(0)
            state = json.load(file)
        self.unread = state["unread"].encode("latin-1")
        attributes = state["attributes"]
        if attributes:
            attributes[6] = [
                c if isinstance(c, int) else c.encode("latin-1") for c in attributes[6]
            ]
            self.attributes = attributes

    def bequeath(self):
        """Saves the state for the program that takes this one's place."""
        os.write(self.wake[1], b"x")
        self.reader.join()
        unread = [self.unread]
        while not self.received.empty():
            unread.append(self.received.get() or b"")
        attributes = self.attributes
        if attributes:
            attributes = attributes[:6] + [
                [c if isinstance(c, int) else c.decode("latin-1") for c in attributes[6]]
            ]
        import tempfile

        file = tempfile.TemporaryFile("w", encoding="latin-1", newline="")
        json.dump(
            {"unread": b"".join(unread).decode("latin-1"), "attributes": attributes},
            file,
            ensure_ascii=True,
        )
        file.flush()
        os.environ[_STATE] = str(os.dup(file.fileno()))
        os.set_inheritable(int(os.environ[_STATE]), True)

    def _raw(self):
        if not os.isatty(_STDIN):
            return
        import termios
        import tty

        if self.attributes is None:
            self.attributes = termios.tcgetattr(_STDIN)
        # TCSADRAIN keeps what was typed ahead.
        tty.setraw(_STDIN, termios.TCSADRAIN)

    def restore(self):
        """Gives the terminal back as it was."""
        if self.attributes is not None:
            import termios

            try:
                termios.tcsetattr(_STDIN, termios.TCSADRAIN, self.attributes)
            except termios.error:
                # The terminal is gone (hangup): there is nothing to restore.
                self.attributes = None

    def _read(self):
        while True:
            ready, _, _ = select.select([_STDIN, self.wake[0]], [], [])
            if self.wake[0] in ready:
                return
            try:
                data = os.read(_STDIN, _READ_MAX)
            except OSError:
                # EIO: the other end of a pseudo-terminal was closed.
                data = b""
            if not data:
                self.received.put(None)
                return
            self._receive(data)

    def _receive(self, data):
        while data:
            code = self.interrupt
            at = data.find(code) if code >= 0 else -1
            if at < 0:
                self.received.put(data)
                return
            if at:
                self.received.put(data[:at])
            data = data[at + 1 :]
            # A signal to the thread itself, because only that ends its sleep, lock or select.
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            # With two signals at once CPython 3.11 may make a SystemError of KeyboardInterrupt.
            _host_sleep(_Nudge.INTERVAL)
            _Nudge.main_thread()

    def _get(self, timeout):
        """What comes within the time."""
        with _waiting(self.received) as wait:
            while isinstance(data := self.received.get(timeout=timeout), _Wait):
                if data is wait:
                    wait.leave()
                if _waits.get(data.ident) is data:
                    # It is for another thread, which waits here too.
                    self.received.put(data)
                    _host_sleep(0.001)
        return data

    def _poll(self):
        """What has come.  queue.Empty: nothing has."""
        data = self.received.get_nowait()
        if isinstance(data, _Wait) and _waits.get(data.ident) is data:
            self.received.put(data)
            raise queue.Empty
        return data

    def _take(self, timeout):
        """One more chunk, or b''.  At the end of input a wait for ever ends the machine."""
        if self.ended:
            if timeout is None:
                poweroff()
            if timeout > 0:
                time.sleep(timeout)
            return b""
        try:
            if timeout is None or timeout > 0:
                data = self._get(timeout)
            else:
                data = self._poll()
        except queue.Empty:
            return b""
        if data is None:
            self.ended = True
            return self._take(timeout)
        return data

    def read(self, timeout):
        data = self.unread or self._take(timeout)
        # Nothing may raise between here and the return, or input would be lost: an interrupt
        # in this window is raised by the caller's next instruction.
        while len(data) < _READ_MAX and not self.received.empty():
            try:
                more = self._poll()
            except queue.Empty:
                break
            if more is None:
                self.ended = True
                break
            data += more
        self.unread = data[_READ_MAX:]
        return data[:_READ_MAX]


_console = _Console()


def console_read(timeout=None):
    """Waits for console input and returns all there is, at most 4096 bytes.

    timeout: seconds; None waits for ever, 0 does not wait.  Returns b'' when it has passed.
    Raises KeyboardInterrupt when interrupted while waiting, ValueError if timeout is negative.
    """
    if timeout is not None and not timeout >= 0:
        raise ValueError("timeout must not be negative")
    return _console.read(timeout)


def console_write(data, /):
    """Writes all of a bytes-like object as it is."""
    view = memoryview(data).cast("B")
    while view:
        try:
            view = view[os.write(_STDOUT, view) :]
        except BrokenPipeError:
            # Nobody reads the console any more: to the machine that is the end of its power.
            poweroff(1)


def console_interrupt_char(code, /):
    """Sets the byte (0..255) that interrupts the main thread; -1: none.  Returns the last.

    ValueError: code is outside -1..255.
    """
    code = operator.index(code)
    if not -1 <= code <= 255:
        raise ValueError("code must be in -1..255")
    previous = _console.interrupt
    _console.interrupt = code
    return previous


def console_size():
    """(columns, rows) of the console."""
    try:
        columns, rows = os.get_terminal_size(_STDOUT)
    except OSError:
        return 80, 24
    return columns or 80, rows or 24


# --- the machine ---------------------------------------------------------------------------


def reboot(slept=False):
    """Resets the machine.  Does not return.  slept: it was a deep sleep, not a reboot()."""
    reset(*("deep sleep", "deepsleep()") if slept else ("software", "reboot()"))


def reset(reason, text):
    """Resets the machine, which will know why."""
    os.environ[_RESET] = f"{reason}/{text}/{_reset[2] + 1}"
    start_again()


def start_again(restart=False):
    """Starts the program anew; with restart the files in RAM are kept."""
    from . import storage

    sys.stdout.flush()
    _console.bequeath()
    storage.hand_over(restart)
    os.execv(sys.executable, [sys.executable, *_arguments])


def poweroff(status=0):
    """Ends the machine with an exit status (0..255).  Does not return."""
    from . import storage

    _console.restore()
    storage.end()
    os._exit(status & 0xFF)


# How this program was started, so that reboot() can start it again.
_arguments = sys.orig_argv[1:]


def heap_info():
    """(total, used, peak): bytes of heap on the machine, in use now and at most so far."""
    import resource

    page = os.sysconf("SC_PAGE_SIZE")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if sys.platform != "darwin":
        peak *= 1024
    try:
        with _open("/proc/self/statm", "rb") as file:
            used = int(file.read().split()[1]) * page
    except FileNotFoundError:
        used = peak
    return os.sysconf("SC_PHYS_PAGES") * page, used, max(peak, used)


def memory_map():
    """(name, start, size) of what lies where.  The host keeps that to itself."""
    return []


def cpus():
    """(number, thread, busy_cycles) of each processor.  The host keeps that to itself."""
    return [(number, "", 0) for number in range(CPUS)]


WATCHDOG_MS = 0


class _Watchdog:
    timer = None
    timeout = 0.0


def _bite():
    faulthandler.dump_traceback(all_threads=True)
    os.write(_STDOUT, b"[ZPy] ERROR kernel.watchdog: rebooting\r\n")
    reboot()


def watchdog_start(timeout=None, restart=None):
    """Starts the watchdog; returns the seconds in which it has to be fed.  None: not at all."""
    if timeout is None:
        return 0.0
    if not 0.01 <= timeout <= 86400:
        raise ValueError("timeout must be in 0.01..86400 s")
    _Watchdog.timeout = float(timeout)
    watchdog_feed()
    return _Watchdog.timeout


def watchdog_feed():
    """Feeds it: its time begins anew."""
    if _Watchdog.timer is not None:
        _Watchdog.timer.cancel()
    if _Watchdog.timeout:
        _Watchdog.timer = threading.Timer(_Watchdog.timeout, _bite)
        _Watchdog.timer.daemon = True
        _Watchdog.timer.start()


def watchdog_stop():
    """Stops it."""
    _Watchdog.timeout = 0.0
    watchdog_feed()


_RESET = "ZPY_RESET"  # what a program that starts again leaves to itself


def _left():
    reason, _, rest = os.environ.pop(_RESET, "power-on//0").partition("/")
    text, _, count = rest.partition("/")
    return reason, text, int(count)


_reset = _left()


def reset_reason():
    """(reason, text, count): why the machine was reset last, as far as it did that itself."""
    return _reset


def control_registers():
    """The control registers of the processor.  A program on a host has none."""
    return {}


class _NotHere:
    def __init__(self, *arguments, **keywords):
        raise OSError(errno.ENOTSUP, "a program on a host has no access to devices")


class Registers(_NotHere):
    """Registers of a device."""


class DMABuffer(_NotHere):
    """Memory at one physical address."""


def uptime_ns():
    """Nanoseconds since the machine started."""
    return time.monotonic_ns() - started_ns


def cycles():
    """The hardware cycle counter, `cycles_per_second` of them a second."""
    return time.monotonic_ns() - started_ns


# --- threads -------------------------------------------------------------------------------

PRIORITY_MIN, PRIORITY_MAX = -16, 14
INTERRUPT_PRIORITY = 0
_STACK_MIN = 65536

_next = threading.local()

_names = {}


def threads():
    """One tuple for each thread of the machine:

    (name, ident, priority, state, stack_size, stack_unused, cycles): ident is threading's,
    the stack in bytes, the cycles used so far.  What the host does not tell is 0.
    """
    named = {each.ident: each.name for each in threading.enumerate()}
    current = threading.get_ident()
    found = []
    for ident in sys._current_frames():
        name = _names.get(ident) or named.get(ident) or "thread"
        state = "running" if ident == current else "pending"
        thread = threading._active.get(ident)
        priority = PRIORITY_DEFAULT if thread is None else priorities.get(thread, PRIORITY_DEFAULT)
        found.append((name, ident, priority, state, 0, 0, 0))
    for ident in _names.keys() - {entry[1] for entry in found}:
        _names.pop(ident, None)
    return found


def thread_name(name, /):
    """Names the calling thread for the RTOS, which may cut longer names."""
    if not isinstance(name, str):
        raise TypeError("name must be a str")
    _names[threading.get_ident()] = name


def _check_priority(priority):
    priority = operator.index(priority)
    if not PRIORITY_MIN <= priority <= PRIORITY_MAX:
        raise ValueError(
            f"priority must be in {PRIORITY_MIN} (most urgent)..{PRIORITY_MAX}, not {priority}"
        )
    return priority


def thread_next(priority, stack_size=0, cpu=-1):
    """Says how the next thread that the calling thread starts is to be.

    The host starts it as it likes: here only wrong values show.
    """
    _check_priority(priority)
    stack_size, cpu = operator.index(stack_size), operator.index(cpu)
    total = heap_info()[0]
    if stack_size != 0 and not _STACK_MIN <= stack_size <= total:
        raise ValueError(
            f"stack_size must be 0 or in {_STACK_MIN}..{total} bytes, not {stack_size}"
        )
    if not -1 <= cpu < CPUS:
        raise ValueError(f"cpu must be -1 or in 0..{CPUS - 1}, not {cpu}")
    _next.priority = priority


def _check_ident(ident):
    if ident not in sys._current_frames():
        raise ValueError("no thread has this ident")


def thread_priority(ident, priority=None, /):
    """The priority of a thread; sets it if one is given.  The host does not mind it."""
    _check_ident(ident)
    if priority is not None:
        _check_priority(priority)
    thread = threading._active.get(ident)
    if thread is None:  # not of threading, or about to end
        return PRIORITY_DEFAULT
    before = priorities.get(thread, PRIORITY_DEFAULT)
    if priority is not None:
        priorities[thread] = priority
    return before


def sleep_ns(ns, /):
    """Sleeps for at least ns nanoseconds."""
    ns = operator.index(ns)
    if ns < 0:
        raise ValueError("the time to sleep must not be negative")
    time.sleep(ns / 1e9)


def _raise_later(ident, exception):
    """Has the interpreter raise it in a thread (None: nothing); how many have the ident."""
    import ctypes

    return ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(ident), None if exception is None else ctypes.py_object(exception)
    )


class _Guard:
    """Of a thread that lets thread_interrupt() act in thread_run() alone.

    It has no lock: an exception that is raised just as one was taken would leave it locked.
    """

    def __init__(self):
        self.open = False
        self.senders = collections.deque()  # who is about to interrupt the thread
        self.pending = None  # what they want to be raised once it is open

    def send(self, ident, exception):
        self.senders.append(ident)
        try:
            if self.open:
                _interrupt(ident, exception)
            else:
                self.pending = exception
        finally:
            self.senders.pop()

    def _settle(self):
        while self.senders:
            _host_sleep(0)

    def enter(self):
        self.open = True
        self._settle()
        if self.pending is not None:
            raise self.pending

    def close(self):
        self.open = False
        self._settle()
        _drop_pending()


_guards = weakref.WeakValueDictionary()  # ident → _Guard, which lives as long as its thread
_own = threading.local()


def thread_guard():
    """From now on what thread_interrupt() asks of the calling thread waits.

    Until thread_run() calls a function, and again when that has returned.
    """
    _own.guard = _guards[threading.get_ident()] = _Guard()


def thread_run(function, /):
    """Calls a function, within which thread_interrupt() acts, and returns its result."""
    guard = getattr(_own, "guard", None)
    if guard is None:
        return function()
    try:
        guard.enter()
        return function()
    finally:
        # The exception may come while it is closed; then it is closed again.
        try:
            guard.close()
        finally:
            guard.close()


def thread_interrupt(ident, exception=KeyboardInterrupt, /):
    """Raises an exception in a thread, and ends what it waits for.

    ident is threading's; exception a class, or None: what was to be raised and has not been yet
    is forgotten.  Raises ValueError if there is no such thread.

    On this board a wait in C of a thread other than the main one goes on, and the exception is
    raised when it has ended; time.sleep(), a read of the console and a wait for an object of this
    module are ended.
    """
    if exception is not None and not (
        isinstance(exception, type) and issubclass(exception, BaseException)
    ):
        raise TypeError("exception must be an exception class or None")
    if exception is None and ident == threading.get_ident():
        _drop_pending()
        return
    guard = _guards.get(ident)
    if guard is None or exception is None:
        _interrupt(ident, exception)
    else:
        guard.send(ident, exception)


def _interrupt(ident, exception):
    if not _raise_later(ident, exception):
        raise ValueError(f"no thread {ident} runs Python")
    if exception is None:
        # So that the interpreter finds one, and looks no further.
        with contextlib.suppress(KeyboardInterrupt):
            _raise_later(threading.get_ident(), KeyboardInterrupt)
            _raise_pending()
        return
    if ident == threading.main_thread().ident:
        _Nudge.main_thread()
        return
    wait = _waits.get(ident)
    if wait is not None:
        wait.end(exception)
    with lock:
        waiter = sleeping.get(ident)
        if waiter is not None:
            waiter.tell()


def unraisable(args, /):
    """What sys.unraisablehook is: a KeyboardInterrupt is raised again, the rest is shown.

    The interpreter runs finalizers wherever they are due, and what Ctrl-C raises in one of them
    would be ignored, and the Ctrl-C with it.
    """
    if args.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(args)
        return
    # By another thread: here it would be raised in this function.
    _thread.start_new_thread(_raise_again, (threading.get_ident(),))


def _raise_again(ident):
    _host_sleep(0.01)
    try:
        thread_interrupt(ident)
    except ValueError:
        return  # it has ended


def __getattr__(name):
    # ctypes is large, and a boot needs no Directory.
    if name == "Directory":
        from sim.directory import Directory

        globals()["Directory"] = Directory
        return Directory
    raise AttributeError(f"module '_vosal' has no attribute {name!r}")


# --- files ---------------------------------------------------------------------------------

FLASH = "flash"
FORMAT_DAMAGED = False
UPPER, LOWER = 1, 2
tree = None  # the sim.tree.Tree of the machine


def mount(type, source, target, read_only=False):
    """Mounts a file system at a directory, which is made if need be.

    tmpfs: source is its limit in bytes (not kept to, here), or "".  romfs: a directory of the
    image.  overlay: "lower:upper", two directories; without upper, the target itself.  views:
    the name of a module.  littlefs, fat: there are none on this board.
    OSError: ENODEV for a type or storage that is not there, EBUSY for a target in use.
    """
    for value in (type, source, target):
        if not isinstance(value, str):
            raise TypeError(f"must be str, not {value.__class__.__name__}")
    tree.mount(type, source, target, bool(read_only))


def umount(target, /):
    """Takes a file system away.

    OSError: EINVAL when none is mounted there, EBUSY while it is in use.
    """
    tree.umount(target)


def mounts():
    """A list of (target, type, source, read_only), in the order of mounting."""
    return [(one.target, one.kind, one.source, one.read_only) for one in tree.mounts]


def format(type, source, /):
    """Makes an empty file system on a storage.  OSError: ENODEV, for there is none here."""
    raise OSError(19, "No such device", source)


def storages():
    """The disks and flash partitions of the machine: none, /flash is a directory of the host."""
    return []


def storage_is_blank(name, /):
    """Is there nothing at the start of a storage?  OSError: ENODEV, for there is none here."""
    raise OSError(19, "No such device", name)


def layers(path, /):
    """Where a file of an overlay is: UPPER (the user's), LOWER (shipped), or both.

    0 for a path on another file system.  OSError when there is no such file.
    """
    place = tree.place(path)
    if not tree.exists(place.path):
        raise FileNotFoundError(2, "No such file or directory", path)
    return tree.layers(place)
