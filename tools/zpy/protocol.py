# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Talking to the machine: its raw REPL, and the stream of a program that runs there.

The raw REPL is MicroPython's (Ctrl-A enters it, Ctrl-D executes, Ctrl-B leaves). A program runs
under `kernel.hostrun`, whose output is a stream in which DLE (0x10) begins a word to the host:

    DLE DLE            the byte 0x10 itself
    DLE O, DLE E       what follows is standard output, standard error
    DLE R <n> LF       the program wants at most n bytes; answered by a line of base64,
                       an empty one at the end of the file
    DLE X <status> LF  the program has ended

The first bytes that it wants are the request: JSON, ended by an empty line.
"""

import base64
import json
import os
import re
import time

from zpy.errors import EXIT_INTERRUPT, MachineError, MachineTimeout
from zpy.machine import FATAL

DLE = 0x10
ENTER_RAW = b"\r\x03\x03\x01"
BANNER = b"raw REPL; CTRL-B to exit\r\n>"
PROMPT = b">>> "
REBOOT = re.compile(rb"\*\*\* Booting Zephyr|\[ZPy\] INFO +kernel\.boot:")
CTRL_C = b"\x03"

BOOT_TIMEOUT = 180.0  # seconds; a loaded host emulating another processor is slow
FIRST_KNOCK = 20.0  # seconds without a prompt until the raw REPL is tried all the same
ANSWER_TIMEOUT = 5.0  # seconds that the raw REPL has to answer
GRACE = 4.0  # seconds of silence after a fatal error until the machine counts as dead
ANSWER_MAX = 2048  # bytes at once: as a base64 line they fit a console buffer of 4 KB
SECOND_INTERRUPT = 1.5  # seconds within which a second Ctrl-C kills


class RawRepl:
    """The raw REPL of a machine."""

    def __init__(self, machine):
        self.machine = machine

    def enter(self, timeout=BOOT_TIMEOUT, on_progress=lambda: None):
        """Wait for the machine to boot and for its raw REPL to answer."""
        machine = self.machine
        deadline = time.monotonic() + timeout
        knock_at = time.monotonic() + FIRST_KNOCK
        seen = b""
        while time.monotonic() < deadline:
            data, _ = machine.poll(0.2)
            seen += data
            on_progress()
            if FATAL.search(seen):
                self._collect(2.0)
                raise machine.died("the machine stopped while it booted")
            if machine.ended:
                raise machine.died("the machine ended while it booted")
            # A prompt in the midst of other output is no prompt.
            at_prompt = not data and seen.endswith(PROMPT)
            if at_prompt or time.monotonic() >= knock_at:
                if self._knock():
                    self._synchronise()
                    return
                seen = bytes(machine.history[-256:])
                knock_at = time.monotonic() + ANSWER_TIMEOUT
        raise machine.died(f"the machine did not reach its prompt within {timeout:.0f} s")

    def _knock(self):
        self.machine.write(ENTER_RAW)
        try:
            self.read_until(BANNER, ANSWER_TIMEOUT)
        except MachineTimeout:
            return False
        return True

    def _synchronise(self):
        # Earlier knocks may have been kept and be answered now: read past all of that.
        token = os.urandom(6).hex()
        self.start(f"print('{token[:6]}' + '{token[6:]}')")
        self.read_until(token.encode(), ANSWER_TIMEOUT * 4)
        self.read_until(b"\x04\x04>", ANSWER_TIMEOUT)

    def start(self, code):
        """Send code to be executed, without waiting for anything."""
        self.machine.write(code.encode() + b"\x04")

    def execute(self, code, timeout=30.0):
        """Execute code; return (what it printed, its traceback), as bytes."""
        self.start(code)
        self.read_until(b"OK", timeout)
        output = self.read_until(b"\x04", timeout)
        traceback = self.read_until(b"\x04", timeout)
        self.read_until(b">", timeout)
        return output, traceback

    def _collect(self, seconds):
        deadline = time.monotonic() + seconds
        while not self.machine.ended and time.monotonic() < deadline:
            self.machine.poll(0.1)

    def read_until(self, mark, timeout):
        """Return what comes before `mark`; MachineTimeout when it does not come."""
        deadline = time.monotonic() + timeout
        got = bytearray(self.machine.pushed_back)
        self.machine.pushed_back = b""
        while mark not in got:
            left = deadline - time.monotonic()
            if left <= 0:
                raise MachineTimeout(f"no answer from the machine (awaiting {mark!r})")
            data, _ = self.machine.poll(min(left, 0.5))
            got += data
            if self.machine.ended and not data:
                raise self.machine.died("the machine ended")
        before, _, rest = bytes(got).partition(mark)
        self.machine.pushed_back = rest
        return before


class Decoder:
    """Takes the stream of a program apart: `feed(data)` yields ("out", bytes) and the like.

    The events: ("out", bytes), ("err", bytes), ("want", count), ("exit", status).
    """

    def __init__(self):
        self.rest = b""  # what comes after the end of the program
        self._stream = "out"
        self._word = None  # what has come of a DLE word so far
        self._ended = False

    def feed(self, data):
        """Yield the events in this piece of the stream; words may be cut anywhere."""
        while data and not self._ended:
            if self._word is not None:
                data = yield from self._continue_word(data)
                continue
            text, found, data = data.partition(bytes([DLE]))
            if text:
                yield self._stream, text
            if found:
                self._word = b""
        self.rest += data

    def _continue_word(self, data):
        if not self._word:
            kind, data = data[:1], data[1:]
            if kind == bytes([DLE]):
                yield self._stream, kind
            elif kind in (b"O", b"E"):
                self._stream = "out" if kind == b"O" else "err"
            elif kind in (b"R", b"X"):
                self._word = kind
                return data
            else:
                raise MachineError(f"the machine does not follow the protocol: DLE {kind!r}")
            self._word = None
            return data
        number, found, rest = data.partition(b"\n")
        self._word += number
        if not found:
            if len(self._word) > 32:
                raise MachineError(f"the machine does not follow the protocol: {self._word!r}")
            return b""
        kind, digits = self._word[:1], self._word[1:].strip()
        self._word = None
        try:
            value = int(digits)
        except ValueError:
            raise MachineError(f"the machine does not follow the protocol: {digits!r}") from None
        if kind == b"X":
            self._ended = True
            yield "exit", value
        else:
            yield "want", value
        return rest


class Program:
    """One program on a booted machine.

    repl: a RawRepl that has been entered. stdin: a file descriptor or None; stdout, stderr:
    functions that take bytes.
    """

    def __init__(self, repl, request, stdin=None, stdout=None, stderr=None, timeout=None):
        self.repl = repl
        self.machine = repl.machine
        self.stdin = stdin
        self.sinks = {"out": stdout, "err": stderr}
        self.timeout = timeout
        self._request = memoryview(json.dumps(request).encode())
        self._requested = False  # whether the end of the request has been sent
        self._wanted = 0  # bytes of standard input that the program waits for
        self._last_interrupt = -SECOND_INTERRUPT
        self.killed = False
        self._tail = b""
        self._fatal_at = None

    def interrupt(self):
        """Pass a Ctrl-C on to the program; the second one in short time ends the machine."""
        now = time.monotonic()
        if now - self._last_interrupt < SECOND_INTERRUPT:
            self.killed = True
        self._last_interrupt = now
        self.machine.write(CTRL_C)

    def run(self):
        """Run the program to its end; return its status."""
        self.repl.start("import kernel.hostrun; kernel.hostrun.serve()")
        self.repl.read_until(b"OK", 30.0)
        decoder = Decoder()
        status = None
        pending, self.machine.pushed_back = self.machine.pushed_back, b""
        deadline = None if self.timeout is None else time.monotonic() + self.timeout
        while status is None:
            for kind, value in decoder.feed(pending):
                if kind == "exit":
                    status = value
                elif kind == "want":
                    self._want(value)
                else:
                    self.sinks[kind](value)
            if status is not None:
                break
            watch = [self.stdin] if self._wanted and self.stdin is not None else []
            pending, ready = self.machine.poll(0.25, watch)
            if ready:
                self._send_input()
            self._watch_health(pending)
            if self.killed:
                return EXIT_INTERRUPT
            if deadline is not None and time.monotonic() > deadline:
                raise MachineTimeout(f"the program did not end within {self.timeout:g} s")
        self.machine.pushed_back = decoder.rest
        return status

    def finish(self):
        """Read the raw REPL's answer to the end of the program, so that another can run."""
        self.repl.read_until(b"\x04", 30.0)
        self.repl.read_until(b"\x04", 30.0)
        self.repl.read_until(b">", 30.0)

    def _want(self, count):
        count = min(count, ANSWER_MAX)
        if not self._requested:
            piece, self._request = self._request[:count], self._request[count:]
            self._answer(bytes(piece))
            self._requested = not piece
        elif self.stdin is None:
            self._answer(b"")
        else:
            self._wanted = count

    def _send_input(self):
        data = os.read(self.stdin, self._wanted)
        self._wanted = 0
        self._answer(data)

    def _answer(self, data):
        self.machine.write(base64.b64encode(data) + b"\n")

    def _watch_health(self, data):
        if self.machine.ended:
            raise self.machine.died("the machine ended under the program")
        now = time.monotonic()
        if data:
            self._tail = (self._tail + data)[-4096:]
            # A program may print such words itself, so only the silence after them tells.
            fatal = FATAL.search(self._tail)
            self._fatal_at = now if fatal else None
            if fatal and REBOOT.search(self._tail, fatal.end()):
                raise self.machine.died("the machine died under the program and booted again")
        elif self._fatal_at and now - self._fatal_at > GRACE:
            raise self.machine.died("the machine died under the program")
