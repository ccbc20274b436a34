# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""sys.stdin, sys.stdout and sys.stderr, for each session its own.

The three objects in `sys` are the same for all; they hand each call on to the streams of the
context that calls.  A thread or task has the context of whoever started it, so what it prints
goes to the terminal of its session, or into the pipe of its command.  Who has none (a thread
that C code started) has the console's.

The layers below are CPython's own: a TextIOWrapper does encoding and line ends in C; below it is
an object of this module for the bytes of a terminal.
"""

import _io
import sys
from _contextvars import ContextVar

_PROMPT_MAX = 256


class Streams:
    """Three text streams that belong together."""

    __slots__ = ("stdin", "stdout", "stderr")

    def __init__(self, stdin, stdout, stderr):
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr

    def flush(self):
        """Brings out what was written without an end of line.

        A stream whose flush() raises is given up: the other one is flushed all the same, and
        the first exception is raised.
        """
        try:
            self.stdout.flush()
        finally:
            self.stderr.flush()


# --- over a terminal -----------------------------------------------------------------------


class Sink:
    """Where the bytes for a terminal go: write(data), and the last of them, `tail`."""

    __slots__ = ("write", "tail")

    def __init__(self, write):
        self.write = write
        self.tail = b""  # the last write, where it may end in a prompt


class Output(_io._BufferedIOBase):
    """The bytes of a stdout or stderr."""

    mode = "wb"

    def __init__(self, name, sink, descriptor=None):
        self.name = name
        self._sink = sink
        self._descriptor = descriptor

    def write(self, data):
        """Writes all of a bytes-like object as it is; returns the number of bytes."""
        sink = self._sink
        sink.write(data)
        sink.tail = data if type(data) is bytes and len(data) <= _PROMPT_MAX else b""
        return len(data) if type(data) is bytes else memoryview(data).nbytes

    def flush(self):
        """Does nothing: what was written is on its way."""

    def writable(self):
        """True."""
        return True

    def isatty(self):
        """True: somebody may be looking."""
        return True

    def fileno(self):
        """The descriptor that the C library writes to the console with; others have none."""
        if self._descriptor is None:
            return super().fileno()
        return self._descriptor

    def close(self):
        """Does nothing: the terminal stays, as the next thing to be printed may be an error."""


class Input(_io._RawIOBase):
    """The bytes of a stdin: lines edited by the user, each with b'\\n' at its end."""

    name = "<stdin>"
    mode = "rb"

    def __init__(self, terminal, sink):
        self._terminal = terminal
        self._sink = sink
        self._editor = None
        self._line = b""

    def readinto(self, buffer):
        """Reads at most one line; 0 at the end of input (Ctrl-D on an empty line)."""
        if not self._line:
            self._line = self._edit()
        count = min(len(buffer), len(self._line))
        buffer[:count] = self._line[:count]
        self._line = self._line[count:]
        return count

    def _edit(self):
        if self._editor is None:
            from .history import History
            from .lineedit import Editor

            self._editor = Editor(self._terminal, History())
        # input() has written its prompt, which ends the last write: the editor needs to know
        # it in order to draw the line again.
        prompt = bytes(self._sink.tail).rpartition(b"\n")[2].decode("utf-8", "replace")
        try:
            line = self._editor.readline(prompt, shown=True)
        except EOFError:
            return b""
        return line.encode("utf-8", "surrogateescape") + b"\n"

    def readable(self):
        """True."""
        return True

    def isatty(self):
        """True."""
        return True

    def close(self):
        """Does nothing: the terminal stays."""


def text(buffer, mode, newline="\n"):
    """A text stream over bytes, as the standard streams are: UTF-8, a line at a time."""
    stream = _io.TextIOWrapper(
        buffer,
        encoding="utf-8",
        newline=newline,
        errors="backslashreplace" if mode == "w" else "surrogateescape",
        line_buffering=True,
    )
    stream.mode = mode
    return stream


def of_terminal(terminal, sink=None, descriptors=(None, None)):
    """The streams of a terminal; each "\\n" written becomes CR LF there."""
    sink = sink or Sink(terminal.write)
    return Streams(
        text(_io.BufferedReader(Input(terminal, sink)), "r"),
        text(Output("<stdout>", sink, descriptors[0]), "w", "\r\n"),
        text(Output("<stderr>", sink, descriptors[1]), "w", "\r\n"),
    )


# --- for each context its own --------------------------------------------------------------

current = globals().get("current") or ContextVar("kernel.streams.current")


class _Stream:
    """A standard stream: that of the calling context."""

    __slots__ = ()

    def __getattr__(self, name):
        return getattr(self._target(), name)

    def __setattr__(self, name, value):
        setattr(self._target(), name, value)

    def __delattr__(self, name):
        delattr(self._target(), name)

    def __dir__(self):
        return dir(self._target())

    def __repr__(self):
        return repr(self._target())

    def __iter__(self):
        return iter(self._target())

    def __next__(self):
        return next(self._target())

    def __enter__(self):
        return self._target().__enter__()

    def __exit__(self, *exc):
        return self._target().__exit__(*exc)


# Written out for each: print() comes by here twice a call, the prompt with each line.


class Stdin(_Stream):
    """sys.stdin."""

    __slots__ = ()

    def _target(self):
        return current.get().stdin


class Stdout(_Stream):
    """sys.stdout."""

    __slots__ = ()

    def _target(self):
        return current.get().stdout

    def write(self, text):
        """Writes text; returns its length."""
        return current.get().stdout.write(text)

    def flush(self):
        """Brings out what was written without an end of line."""
        current.get().stdout.flush()


class Stderr(_Stream):
    """sys.stderr."""

    __slots__ = ()

    def _target(self):
        return current.get().stderr

    def write(self, text):
        """Writes text; returns its length."""
        return current.get().stderr.write(text)

    def flush(self):
        """Brings out what was written without an end of line."""
        current.get().stderr.flush()


stdin, stdout, stderr = Stdin(), Stdout(), Stderr()


def install(streams):
    """Makes the standard streams of the interpreter; `streams` are for who has no others."""
    global current
    current = ContextVar("kernel.streams.current", default=streams)
    import io

    for kind in (Stdin, Stdout, Stderr):
        io.TextIOBase.register(kind)
    sys.stdin = sys.__stdin__ = stdin
    sys.stdout = sys.__stdout__ = stdout
    sys.stderr = sys.__stderr__ = stderr


def restore():
    """Puts the standard streams back into `sys`, whatever somebody has put there."""
    sys.stdin, sys.stdout, sys.stderr = stdin, stdout, stderr
