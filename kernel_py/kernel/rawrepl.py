# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""MicroPython's raw REPL with raw paste: how programs (mpremote, Thonny, zpy) use the machine.

Byte for byte what docs.micropython.org/en/latest/reference/repl.html describes: Ctrl-A enters,
Ctrl-B leaves, Ctrl-C clears, Ctrl-D runs what was sent, or restarts when that is nothing.  The
answer is `OK`, the output, 0x04, the traceback, 0x04, `>`.

A soft reboot here gives a fresh `__main__` and forgets modules that came from files, but keeps
the interpreter: host tools ask for one before each command.
"""

import sys

from .uncaught import without_kernel

CTRL_A, CTRL_B, CTRL_C, CTRL_D, CTRL_E = 1, 2, 3, 4, 5
_CONTROLS = bytes((CTRL_A, CTRL_B, CTRL_C, CTRL_D))
_GREETING = b"raw REPL; CTRL-B to exit\r\n"
_RAW_PASTE = b"\x05A"
_WINDOW = 256  # bytes the host may send before it must wait; two of them at first
_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

# 1 for the bytes that the raw REPL acts on
_KINDS = bytes(1 if byte in _CONTROLS else 0 for byte in range(256))


def serve(session):
    """Serves the raw REPL on a session's terminal until the host sends Ctrl-B."""
    terminal = session.terminal
    terminal.after_cr = False
    terminal.write(_GREETING)
    while True:
        try:
            session.disarm()
            terminal.write(b">")
            source = _read(terminal)
            if source is None:
                terminal.write(b"\r\n")
                return
            if source is _RAW_PASTE:
                source = _read_paste(terminal)
                if source is not None:
                    _run(session, source)
                continue
            terminal.write(b"OK")
            if source:
                _run(session, source)
                continue
            terminal.write(b"\r\nsoft reboot\r\n")
            _reset(session)
            terminal.write(_GREETING)
        except KeyboardInterrupt:
            # It came when what it was meant for had just ended.
            continue


def _read(terminal):
    """Reads up to Ctrl-D and returns the bytes; None for Ctrl-B, _RAW_PASTE for its request."""
    parts = []
    while True:
        data = terminal.read()
        if not data:
            raise EOFError
        at = data.translate(_KINDS).find(1)
        if at < 0:
            parts.append(data)
            continue
        parts.append(data[:at])
        byte = data[at]
        terminal.unread(data[at + 1 :])
        if byte == CTRL_D:
            return b"".join(parts)
        if byte == CTRL_B:
            return None
        line = b"".join(parts)
        parts.clear()
        if byte == CTRL_A:
            if line == _RAW_PASTE:
                terminal.write(b"R\x01")
                return _RAW_PASTE
            if len(line) == 2 and line[0] == CTRL_E:
                terminal.write(b"R\x00>")  # a request from a later version of the protocol
            else:
                terminal.write(_GREETING + b">")


def _read_paste(terminal):
    """Reads a raw paste; None if the host gave it up (Ctrl-C)."""
    terminal.write(_WINDOW.to_bytes(2, "little") + b"\x01")
    parts = []
    left = _WINDOW
    while True:
        data = terminal.read()
        if not data:
            raise EOFError
        end = min((at for at in (data.find(CTRL_C), data.find(CTRL_D)) if at >= 0), default=-1)
        if end >= 0:
            terminal.unread(data[end + 1 :])
            terminal.write(b"\x04")
            if data[end] == CTRL_C:
                terminal.write(b"\x04\x04")  # no output and no traceback
                return None
            return b"".join(parts) + data[:end]
        parts.append(data)
        left -= len(data)
        while left <= 0:
            terminal.write(b"\x01")
            left += _WINDOW


def _run(session, source):
    terminal = session.terminal
    failure = None
    try:
        session.arm()
        try:
            # Host tools send CR LF from Windows; Python's own compiler takes all line ends.
            filename = session.remember(source.decode("utf-8", "replace").replace("\r\n", "\n"))
            code = compile(source, filename, "exec", _AWAIT, True)
            session.execute(code)
        except BaseException as error:
            failure = error
        session.disarm()
    except KeyboardInterrupt as error:
        failure = failure or error
    session.flush()
    terminal.write(b"\x04")
    if failure is not None:
        _report(session, failure)
    terminal.write(b"\x04")


def _report(session, error):
    terminal = session.terminal
    try:
        if isinstance(error, SystemExit):
            if error.code is not None and not isinstance(error.code, int):
                terminal.write(f"{error.code}\r\n".encode("utf-8", "backslashreplace"))
            return
        import traceback

        error.__traceback__ = without_kernel(error.__traceback__)
        text = "".join(traceback.format_exception(error)).replace("\n", "\r\n")
        terminal.write(text.encode("utf-8", "backslashreplace").replace(b"\x04", b""))
    except Exception as failure:
        # Out of memory, or an exception that cannot be shown: the host needs its answer.
        terminal.write(f"{type(error).__name__} ({type(failure).__name__})\r\n".encode())


def _reset(session):
    loop = sys.modules.get("kernel.loop")
    if loop is not None:
        loop.stop()
    session.reset()
    for name, module in list(sys.modules.items()):
        if _from_file(module):
            del sys.modules[name]
    import gc

    gc.collect()


def _from_file(module):
    """True for a module that was loaded from a file of the user's, not of the system's."""
    import codecs

    import kernel

    file = getattr(module, "__file__", None) or ""
    if not file.endswith((".py", ".pyc")):
        return False  # frozen, built in, or machine code, which cannot be loaded again
    for system, levels in ((codecs, 1), (kernel, 2)):
        root = getattr(system, "__file__", None)
        if root and file.startswith(root.rsplit("/", levels)[0] + "/"):
            return False
    return True
