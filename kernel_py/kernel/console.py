# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The console: `_vosal`'s bytes as a terminal and as sys.stdin, sys.stdout and sys.stderr.

The layers are CPython's own: a TextIOWrapper does encoding and line ends in C, so that print()
costs one call of Python code a line; below it is an object of this module for the bytes.
"""

import _io
import sys

import _vosal

from . import log
from .terminal import INTERRUPT, Terminal

_PROMPT_MAX = 256


class Console(Terminal):
    """The terminal on the machine's console."""

    def __init__(self):
        super().__init__(_vosal.console_read, _vosal.console_write, _vosal.console_size)

    def arm(self):
        """See Terminal.arm()."""
        _vosal.console_interrupt_char(INTERRUPT[0])
        super().arm()

    def disarm(self):
        """See Terminal.disarm()."""
        _vosal.console_interrupt_char(-1)


class Output(_io._BufferedIOBase):
    """The bytes of sys.stdout or sys.stderr."""

    mode = "wb"

    def __init__(self, name, descriptor):
        self.name = name
        self._descriptor = descriptor

    def write(self, data):
        """Writes all of a bytes-like object as it is; returns the number of bytes."""
        global _tail
        if self.closed:
            raise ValueError("write to closed file")
        _write(data)
        _tail = data if type(data) is bytes and len(data) <= _PROMPT_MAX else b""
        return len(data) if type(data) is bytes else memoryview(data).nbytes

    def writable(self):
        """True."""
        return True

    def isatty(self):
        """True: somebody may be looking."""
        return True

    def fileno(self):
        """The descriptor that the C library writes to the console with."""
        return self._descriptor

    def close(self):
        """Does nothing: the console stays, as the next thing to be printed may be an error."""


class Input(_io._RawIOBase):
    """The bytes of sys.stdin: lines edited by the user, each with b'\\n' at its end."""

    name = "<stdin>"
    mode = "rb"

    def __init__(self):
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

            self._editor = Editor(terminal, History())
        # input() has written its prompt, which ends the last write: the editor needs to know
        # it in order to draw the line again.
        prompt = bytes(_tail).rpartition(b"\n")[2].decode("utf-8", "replace")
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
        """Does nothing: the console stays."""


_tail = b""  # the last write, where it may end in a prompt
_write = _vosal.console_write
terminal = Console()


def _text(buffer, mode):
    # newline: TextIOWrapper turns each "\n" written into CR LF, and leaves input as it is.
    stream = _io.TextIOWrapper(
        buffer,
        encoding="utf-8",
        newline="\r\n" if mode == "w" else "\n",
        errors="backslashreplace" if mode == "w" else "surrogateescape",
        line_buffering=True,
    )
    stream.mode = mode
    return stream


stdin = _text(_io.BufferedReader(Input()), "r")
stdout = _text(Output("<stdout>", 1), "w")
stderr = _text(Output("<stderr>", 2), "w")


def install():
    """Makes the console the standard streams of the interpreter."""
    sys.stdin = sys.__stdin__ = stdin
    sys.stdout = sys.__stdout__ = stdout
    sys.stderr = sys.__stderr__ = stderr


def divert(write=None):
    """Sends the bytes of the streams and of the log elsewhere; None: to the console again."""
    global _write
    _write = write or _vosal.console_write
    log.set_sink(_write)
