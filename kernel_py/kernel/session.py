# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A session: a user at a terminal, with a thread, a namespace, a directory and streams of its own.

The serial console is session 1 and runs on the main thread.  Others run on threads of their own:

    Session(terminal, banner="hello").start()

All share the live objects of the kernel.  What a session's code prints, and what the threads and
tasks print that it starts, goes to its terminal.

What the session itself writes goes straight to its terminal, never through sys.stdout: a user
who breaks sys.stdout still has a prompt.
"""

import _thread
import builtins
import sys
from _contextvars import ContextVar

import _vosal

from . import streams as streams_
from .history import History

_COROUTINE = 0x80  # inspect.CO_COROUTINE
_SOURCES_KEPT = 256
CONSOLE = 1  # the id of the console's session

# These outlive a reload of this module.
_current = globals().get("_current") or ContextVar("kernel.session", default=None)
directory = globals().get("directory") or ContextVar("kernel.session.directory", default=None)
_live = globals().get("_live") or {}
_lock = globals().get("_lock") or _thread.allocate_lock()


def current():
    """The session of the calling thread or task; the console's for who has none.

    None before the first session exists.
    """
    return _current.get() or _live.get(CONSOLE)


def console():
    """The console's session, or None before it exists."""
    return _live.get(CONSOLE)


def sessions():
    """The live sessions, by id."""
    return [_live[key] for key in sorted(_live)]


class Status(int):
    """The exit status of a command: 0 when all went well.  The prompt does not show it."""


class Session:
    """A user at a terminal.

    id: 1 for the console, then the lowest number that is free
    terminal: a kernel.terminal.Terminal
    streams: what sys.stdin, sys.stdout and sys.stderr are for its code
    namespace: the dict that its code runs in: a fresh `__main__` unless given
    editor, history: of its prompt
    thread: the ident of the thread that serves it, None before and after
    status: the exit status of its last command
    directory: a _vosal.Directory
    running: True while it runs code, False while its user edits a line
    expression: the code that it runs, where that shows one value and has ended then; else None
    """

    def __init__(self, terminal, namespace=None, banner="", *, streams=None, name=""):
        self.terminal = terminal
        self.banner = banner
        self.streams = streams or streams_.of_terminal(terminal)
        self.history = History()
        self.status = 0
        self.thread = None
        self.directory = None  # before it is served
        self.running = False
        self.expression = None
        self._count = 0
        self._repl = None
        with _lock:
            self.id = next(key for key in range(1, len(_live) + 2) if key not in _live)
            _live[self.id] = self
        # The console's sources have the names that they have in any Python.
        self._inputs = "<python-input-" if self.id == CONSOLE else f"<session-{self.id}-input-"
        self.name = name or ("console" if self.id == CONSOLE else f"session-{self.id}")
        self.namespace = namespace
        if namespace is None:
            self.reset()

    def __repr__(self):
        return f"<Session {self.id}: {self.name}>"

    @property
    def editor(self):
        """The line editor of its prompt."""
        return self._prompt().editor

    @property
    def cwd(self):
        """Its working directory, from any thread; "/" before it is served."""
        return self.directory.path if self.directory else "/"

    def reset(self):
        """Begins with a fresh `__main__`, in which are the kernel's live objects."""
        import kernel

        from . import log

        main = type(sys)("__main__")
        main.__builtins__ = builtins
        self.namespace = main.__dict__
        self.namespace.update(kernel=kernel, log=log)
        if self.id == CONSOLE:
            sys.modules["__main__"] = main

    # --- serving ---------------------------------------------------------------------------

    def _prompt(self):
        if self._repl is None:
            from .repl import Repl

            self._repl = Repl(self)
        return self._repl

    def run(self):
        """Serves the user on the calling thread until the session ends.

        Returns what comes next: "restart" from the console (Ctrl-D, exit()), "end" from others.
        """
        self._place()
        self.thread = _thread.get_ident()
        session = _current.set(self)
        own = streams_.current.set(self.streams)
        place = directory.set(self.directory)
        sys.displayhook = displayhook
        try:
            return self._prompt().run()
        finally:
            directory.reset(place)
            streams_.current.reset(own)
            _current.reset(session)
            self.thread = None
            if "kernel.vfs" in sys.modules:
                sys.modules["kernel.vfs"].close_all(self.id)
            if self.id != CONSOLE:
                with _lock:
                    _live.pop(self.id, None)

    def start(self):
        """Serves the user on a thread of its own; returns the thread."""
        import threading

        thread = threading.Thread(target=self._serve, name=self.name, daemon=True)
        thread.start()
        return thread

    def _serve(self):
        _vosal.thread_name(self.name)
        try:
            self.run()
        except Exception as error:
            from . import log

            log.exception(f"{self.name} failed: {type(error).__name__}: {error}", error)

    def _place(self):
        """Takes a working directory of its own; the console has the machine's first one."""
        if self.id == CONSOLE:
            self.directory = _vosal.Directory.current()
        else:
            import os

            self.directory = _vosal.Directory()
            self.directory.use()
            os.chdir("/")

    # --- from other threads ----------------------------------------------------------------

    def interrupt(self, exception=None):
        """Raises KeyboardInterrupt, or another class, in the code that the session runs.

        It also ends a wait, whatever it is for.  While the session runs no code but edits a
        line, nothing happens.
        """
        # No lock: the exception could come while the session holds it.  If the code ends just
        # now, the prompt gets the exception, and can take it.
        if self.running:
            _vosal.thread_interrupt(self.thread, exception or KeyboardInterrupt)

    def end(self, why="ended"):
        """Ends the session as if its user had left: for a terminal that is gone, or is to go."""
        self.terminal.hang_up(why)
        self.interrupt(SystemExit)

    def arm(self):
        """From now on the session runs code: Ctrl-C interrupts it.  See Terminal.arm()."""
        self.running = True
        self.terminal.arm()

    def disarm(self):
        """From now on the session runs no code: Ctrl-C is input."""
        self.terminal.disarm()
        if self.running and self.id != CONSOLE:
            # What comes too late for the code that it was meant for.
            _vosal.thread_interrupt(self.thread, None)
        self.running = False

    def show_banner(self):
        """Writes the banner."""
        if self.banner:
            self.terminal.write(self.banner.replace("\n", "\r\n").encode() + b"\r\n")

    # --- running code ----------------------------------------------------------------------

    def remember(self, source, filename=None):
        """Keeps a source for tracebacks and inspect; returns the file name it goes by."""
        import linecache

        if filename is None:
            filename = f"{self._inputs}{self._count}>"
            if self._count >= _SOURCES_KEPT:
                linecache.cache.pop(f"{self._inputs}{self._count - _SOURCES_KEPT}>", None)
            self._count += 1
        linecache.cache[filename] = (
            len(source),
            None,
            [line + "\n" for line in source.split("\n")],
            filename,
        )
        return filename

    def execute(self, code):
        """Runs a code object in the namespace; one with `await`, on the kernel's loop."""
        from .shell import execute

        execute(code, self.namespace)

    def show_exception(self, error):
        """Shows an exception that the session's code did not catch."""
        self.disarm()
        self.flush()
        from . import uncaught

        uncaught.report(error)

    def flush(self):
        """Brings out what was printed without an end of line."""
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name, None)
            if stream is None:
                continue
            try:
                stream.flush()
            except Exception:
                # The user's own object, or a closed one: back to one that works.
                setattr(sys, name, getattr(sys, f"__{name}__"))
                self.terminal.write(f"sys.{name} failed and was restored\r\n".encode())


def displayhook(value):
    """Shows the value of an expression, and keeps it as `_` of the session."""
    if value is None or type(value) is Status:
        return
    session = current()
    namespace = session.namespace
    namespace["_"] = None  # while repr() runs, as the original does
    shown = repr(value)
    # Nothing but the prompt comes after the value of an expression: both go together.
    session.terminal.more = sys._getframe(1).f_code is session.expression
    try:
        sys.stdout.write(shown + "\n")
    finally:
        session.terminal.more = False
    namespace["_"] = value
