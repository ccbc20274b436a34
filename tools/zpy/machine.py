# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""A running machine: a process in a group of its own, and the byte stream of its console."""

import ctypes
import os
import re
import select
import signal
import subprocess
import sys
import time

from zpy.errors import MachineError

HISTORY = 64 * 1024  # bytes of output that are kept for the dump when the machine dies
CHUNK = 65536

# What Zephyr or the kernel prints when nothing will come after it. The pattern is anchored to
# a line's start (Zephyr's logger may put a level before it).
FATAL = re.compile(rb"(?:^|\n)[^\n]{0,40}?(?:>>> ZEPHYR FATAL ERROR|\[ZPy\] FATAL)")


def _die_with_parent():
    # So that no QEMU is left behind when zpy is killed the hard way. Linux only; no harm else.
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Machine:
    """The process of a machine. A context manager: at its end nothing is left running.

    Writes are queued and sent while reading, because a machine that is busy printing does not
    read, and a host that waits for it to read would not take what it prints.
    """

    def __init__(self, command, cwd=None, env=None):
        self.history = bytearray()
        self._unsent = bytearray()
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        self._in = self.process.stdin.fileno()
        self._out = self.process.stdout.fileno()
        self._err = [self.process.stderr.fileno()]
        os.set_blocking(self._in, False)
        self.errors = bytearray()  # what the emulator itself has to say
        self.ended = False
        self.pushed_back = b""  # output that was read and belongs to whoever reads next

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.kill()

    def write(self, data):
        """Queue bytes for the console."""
        self._unsent += data

    def poll(self, timeout, watch=()):
        """Move bytes for up to `timeout` seconds; return (output, those of `watch` to read).

        Returns as soon as there is something. At the end of the machine's output `ended` is set.
        """
        reads = [*watch] if self.ended else [self._out, *self._err, *watch]
        writes = [self._in] if self._unsent and not self.ended else []
        ready, writable, _ = select.select(reads, writes, [], timeout)
        output = b""
        if writable:
            self._send()
        for fd in self._err:
            if fd in ready:
                said = os.read(fd, CHUNK)
                self.errors += said
                if not said:
                    self._err = []  # its end alone says nothing about the machine
        if self._out in ready:
            output = os.read(self._out, CHUNK)
            if not output:
                self.ended = True
            self.history += output
            del self.history[:-HISTORY]
        return output, [fd for fd in ready if fd in watch]

    def _send(self):
        try:
            sent = os.write(self._in, self._unsent[:CHUNK])
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._unsent.clear()  # its last output is still to be read
            return
        del self._unsent[:sent]

    def wait_end(self, seconds):
        """Give the machine that long to end by itself; return whether it did."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            if self.ended:
                time.sleep(0.01)
            else:
                self.poll(0.05)
        return self.process.poll() is not None

    def kill(self):
        """End the machine and all that it started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
            except (ProcessLookupError, PermissionError):
                break
            try:
                self.process.wait(1)
                break
            except subprocess.TimeoutExpired:
                continue
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except OSError:
                pass

    def died(self, why):
        """Return the MachineError that tells why, with the console's last words."""
        text = self.history.decode("utf-8", "replace").replace("\r", "")
        fatal = text.rfind("FATAL")
        start = (
            max(0, text.rfind("\n", 0, fatal) - 2000) if fatal >= 0 else max(0, len(text) - 3000)
        )
        said = self.errors.decode("utf-8", "replace").strip()
        message = f"{why}. The console's last words:\n{text[start:].strip() or '(none)'}"
        if said:
            message += f"\nThe emulator said:\n{said}"
        return MachineError(message)
