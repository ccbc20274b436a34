# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""This terminal as the machine's console: raw, with Ctrl-A as the key to the emulator."""

import contextlib
import os
import sys
import termios
import time
import tty

ESCAPE = 0x01  # Ctrl-A, as in QEMU
HELP = (
    b"\r\nCtrl-A X    switch the machine off and leave\r\n"
    b"Ctrl-A A    send Ctrl-A to the machine\r\n"
    b"Ctrl-A H    this help\r\n"
)


class Keys:
    """Finds the escape key in what is typed: `feed(data)` returns the bytes for the machine."""

    def __init__(self, show=lambda text: None):
        self.leave = False
        self._escaped = False
        self._show = show

    def feed(self, data):
        """Take typed bytes; after Ctrl-A X `leave` is set."""
        result = bytearray()
        for byte in data:
            if self._escaped:
                self._escaped = False
                key = bytes([byte]).lower()
                if key == b"x":
                    self.leave = True
                    break
                if key == b"a" or byte == ESCAPE:
                    result.append(ESCAPE)
                elif key in (b"h", b"?"):
                    self._show(HELP)
            elif byte == ESCAPE:
                self._escaped = True
            else:
                result.append(byte)
        return bytes(result)


@contextlib.contextmanager
def raw_terminal(fd):
    """The terminal without line editing, echo and signals; as it was afterwards."""
    if not os.isatty(fd):
        yield
        return
    saved = termios.tcgetattr(fd)
    try:
        tty.setraw(fd)
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, saved)


def write_all(data, fd=1):
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _show_messages(data):
    # The emulator's own messages, by whole lines; returns how many bytes have been dealt with.
    whole = data[: data.rfind(b"\n") + 1]
    for line in bytes(whole).splitlines():
        if b"TCG doesn't support requested feature" not in line:  # said at each boot; no harm
            write_all(line + b"\r\n", fd=2)
    return len(whole)


def join(machine):
    """Connect the terminal with the machine until it ends or Ctrl-A X; return an exit status."""
    keys = Keys(write_all)
    shown = 0
    watch = [0]
    with raw_terminal(0):
        while not machine.ended:
            output, ready = machine.poll(1.0, watch)
            write_all(output)
            shown += _show_messages(machine.errors[shown:])
            if ready:
                typed = os.read(0, 4096)
                if not typed:
                    watch = []
                machine.write(keys.feed(typed))
            if keys.leave:
                break
    sys.stdout.write("\n" if keys.leave else "")
    sys.stdout.flush()
    if keys.leave:
        return 0
    # The console closes a moment before the process is gone.
    deadline = time.monotonic() + 2
    while machine.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return 0
