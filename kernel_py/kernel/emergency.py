# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The emergency prompt: what is left when boot fails.

It imports nothing else of the kernel, which is what has failed.
"""

import sys

import _vosal

_PROMPTS = b">>> ", b"... "


class _Stream:
    """A standard stream that writes to the console; without io, it may be io that failed."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def write(self, text):
        """Writes text; returns its length."""
        _write(text)
        return len(text)

    def flush(self):
        """Does nothing: nothing is held back."""


def _write(text):
    _vosal.console_write(text.replace("\n", "\r\n").encode("utf-8", "backslashreplace"))


def run(error):
    """Shows why boot failed and serves a plain prompt.  Ctrl-D reboots: does not return."""
    sys.stdout = sys.stderr = _Stream()
    _show(error)
    _write(
        f"[ZPy] ERROR kernel.boot: boot failed: {_describe(error)}; this is the emergency prompt\n"
    )
    namespace = {"__name__": "__main__", "__builtins__": __builtins__, "error": error}
    while True:
        try:
            _vosal.console_interrupt_char(-1)
            source = _read(namespace)
            if source is None:
                _write("\nreboot\n")
                _vosal.reboot()
                continue
            _vosal.console_interrupt_char(3)
            _execute(source, namespace)
        except KeyboardInterrupt:
            _write("\nKeyboardInterrupt\n")


def _describe(error):
    try:
        return f"{type(error).__name__}: {error}"
    except Exception as failure:
        return f"{type(error).__name__} (and its text: {type(failure).__name__})"


def _show(error):
    """The traceback, by the traceback module if that works."""
    try:
        sys.__excepthook__(type(error), error, error.__traceback__)
    except Exception as failure:
        _write(f"(no traceback: {type(failure).__name__})\n")


def _execute(source, namespace):
    try:
        exec(compile(source, "<emergency>", "single"), namespace)
    except KeyboardInterrupt:
        raise
    except SystemExit:
        _write("there is nothing to exit to; Ctrl-D reboots\n")
    except BaseException as error:
        first = error.__traceback__
        error.__traceback__ = first and first.tb_next
        _show(error)


def _read(namespace):
    """Reads a statement, over several lines if it is a block; None for Ctrl-D."""
    lines = []
    while True:
        _vosal.console_write(_PROMPTS[bool(lines)])
        line = _read_line()
        if line is None:
            return None
        lines.append(line)
        source = "\n".join(lines) + "\n"
        if not line.strip() or not _incomplete(source):
            return source


def _incomplete(source):
    """True if the source may become a statement by more lines."""
    flags = 0x4200  # PyCF_ALLOW_INCOMPLETE_INPUT | PyCF_DONT_IMPLY_DEDENT
    try:
        compile(source.rstrip("\n"), "<emergency>", "single", flags)
    except SyntaxError:
        try:
            compile(source, "<emergency>", "single", flags)
        except SyntaxError as error:
            return error.msg == "incomplete input"
        except Exception:
            return False  # executing it will say what is wrong
        return True
    except Exception:
        return False
    return False


_input = b""
_after_cr = False


def _read_line():
    global _input, _after_cr
    line = bytearray()
    while True:
        if not _input:
            _input = _vosal.console_read()
        byte, _input = _input[0], _input[1:]
        after_cr, _after_cr = _after_cr, byte == 13
        if byte == 13 or (byte == 10 and not after_cr):
            _vosal.console_write(b"\r\n")
            return line.decode("utf-8", "replace")
        if byte == 3:
            raise KeyboardInterrupt
        if byte == 4 and not line:
            return None
        if byte in (8, 127) and line:
            while line and line.pop() & 0xC0 == 0x80:
                continue  # the further bytes of a UTF-8 sequence
            _vosal.console_write(b"\b \b")
        elif byte >= 32 and byte != 127:
            line.append(byte)
            _vosal.console_write(bytes((byte,)))
