# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A sim machine for tests: on a pseudo-terminal or on pipes, read up to markers."""

import base64
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

KERNEL_PY = Path(__file__).resolve().parents[3] / "kernel_py"
# The interpreter that runs sim; the tests themselves run on whatever pytest runs on.
PYTHON = os.environ.get("ZPY_SIM_PYTHON", sys.executable)
TIMEOUT = 30


class Machine:
    """A sim process with its console in the hands of the test."""

    def __init__(self, *, tty=True, env=None, python=PYTHON):
        environ = {**os.environ, "TERM": "dumb", "NO_COLOR": "1"}
        environ.pop("PYTHONPATH", None)
        environ.update(env or {})
        self.tty = tty
        if tty:
            self.fd, slave = pty.openpty()
            self.process = subprocess.Popen(
                [python, "-m", "sim"],
                cwd=KERNEL_PY,
                env=environ,
                close_fds=True,
                stdin=slave,
                stdout=slave,
                stderr=slave,
                start_new_session=True,
            )
            self.slave = slave
            self.write_fd = self.fd
        else:
            self.process = subprocess.Popen(
                [python, "-m", "sim"],
                cwd=KERNEL_PY,
                env=environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
            self.fd = self.process.stdout.fileno()
            self.write_fd = self.process.stdin.fileno()
        self.log = b""  # everything that the machine has written
        self.unread = b""  # what no expect() has used yet
        self.marks = 0

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        """Ends the machine."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(TIMEOUT)
        if self.tty:
            os.close(self.slave)
            os.close(self.fd)
        else:
            self.process.stdin.close()
            self.process.stdout.close()

    def send(self, data):
        """Types bytes or text."""
        if isinstance(data, str):
            data = data.encode()
        while data:
            data = data[os.write(self.write_fd, data[:1024]) :]
            self._fill(0)

    def _fill(self, timeout):
        """Reads what there is within a time; False at the end of output or of the time."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.log += data
        self.unread += data
        return bool(data)

    def expect(self, marker, timeout=TIMEOUT):
        """Reads up to and with a marker; returns what came before it."""
        marker = marker.encode() if isinstance(marker, str) else marker
        deadline = time.monotonic() + timeout
        while marker not in self.unread:
            left = deadline - time.monotonic()
            if left <= 0 or not self._fill(left):
                raise AssertionError(f"no {marker!r}; unread: {self.unread[-2000:]!r}")
        before, _, self.unread = self.unread.partition(marker)
        return before

    def quiet(self, seconds=0.3):
        """Reads until nothing has come for some time; returns what had not been read."""
        while self._fill(seconds):
            pass
        data, self.unread = self.unread, b""
        return data

    def sync(self):
        """Waits until all that was sent has been done, and the prompt is free."""
        self.marks += 1
        # The marker is not in the echo of the line, only in what it prints.
        self.send(f"print('mark' '-{self.marks}-' 'end')\r")
        before = self.expect(f"mark-{self.marks}-end\r\n")
        self.expect(">>> ")
        return before

    def ready(self):
        """Waits for the first prompt."""
        self.expect('Type "help" for help.')
        self.sync()
        return self

    def run(self, line):
        """Runs a line at the prompt; returns the text that it shows."""
        self.marks += 1
        marker = f"mark-{self.marks}-end"
        self.send(line + "\r")
        self.send(f"print('mark' '-{self.marks}-' 'end')\r")
        text = self.expect(marker + "\r\n").decode()
        self.expect(">>> ")
        # Between the echo of the line and the echo of the marker's line.
        shown = text.rpartition(">>> ")[0].partition("\r\n")[2]
        return shown.replace("\r\n", "\n")

    def wait(self, timeout=TIMEOUT):
        """Waits for the machine's end; returns the exit status."""
        deadline = time.monotonic() + timeout
        while self.process.poll() is None and time.monotonic() < deadline:
            self._fill(0.05)
        while self._fill(0.05):
            pass
        return self.process.wait(max(0.1, deadline - time.monotonic()))

    def kill(self, number=signal.SIGTERM):
        """Sends a signal to the process."""
        self.process.send_signal(number)


class RawRepl:
    """The host end of the raw REPL on a machine."""

    def __init__(self, machine):
        self.machine = machine
        machine.send(b"\r\x03\r\x01")
        machine.expect(b"raw REPL; CTRL-B to exit\r\n>")

    def execute(self, code):
        """Runs code; returns (output, traceback)."""
        self.machine.send(code.encode() + b"\x04")
        self.machine.expect(b"OK")
        output = self.machine.expect(b"\x04")
        error = self.machine.expect(b"\x04")
        self.machine.expect(b">")
        return output, error

    def leave(self):
        """Back to the friendly prompt."""
        self.machine.send(b"\x02")


class HostRun:
    """The host end of kernel.hostrun: one program."""

    def __init__(
        self,
        machine,
        code,
        *,
        argv=None,
        filename="prog.py",
        stdin=b"",
        isatty=False,
        env=None,
        files=None,
    ):
        self.machine = machine
        self.stdin = stdin
        self.streams = {b"O": b"", b"E": b""}
        self.current = b"O"
        self.status = None
        self.requests = 0
        request = {
            "code": code,
            "filename": filename,
            "argv": argv or [filename],
            "isatty": isatty,
            "env": env or {},
        }
        if files:
            request["files"] = {
                name: base64.b64encode(data).decode() for name, data in files.items()
            }
        self._request = json.dumps(request).encode()
        self._asked = False
        machine.send(b"import kernel.hostrun; kernel.hostrun.serve()\x04")
        machine.expect(b"OK")

    def _next(self, count=1):
        while len(self.machine.unread) < count:
            if not self.machine._fill(TIMEOUT):
                raise AssertionError(f"silence; so far {self.streams!r}")
        data = self.machine.unread[:count]
        self.machine.unread = self.machine.unread[count:]
        return data

    def step(self):
        """Handles one piece of the stream; False when the program has ended."""
        data = self._next()
        if data != b"\x10":
            self.streams[self.current] += data
            return True
        kind = self._next()
        if kind == b"\x10":
            self.streams[self.current] += kind
        elif kind in b"OE":
            self.current = kind
        elif kind in b"RX":
            number = b""
            while (digit := self._next()) != b"\n":
                number += digit
            if kind == b"X":
                self.status = int(number)
                return False
            self.requests += 1
            self.answer(int(number))
        else:
            raise AssertionError(f"DLE {kind!r}")
        return True

    def answer(self, count):
        """Answers a request for data: the program's request first, then standard input."""
        if self._request is not None:
            block, self._request = self._request[:count], self._request[count:]
            if not block:
                self._request = None
        else:
            line, newline, rest = self.stdin.partition(b"\n")
            block = (line + newline)[:count]
            self.stdin = self.stdin[len(block) :]
        self.machine.send(base64.b64encode(block) + b"\n")

    def finish(self):
        """Serves the program to its end; returns (status, stdout, stderr)."""
        while self.step():
            pass
        self.machine.expect(b"\x04\x04>")
        return self.status, self.streams[b"O"], self.streams[b"E"]

    def until(self, marker):
        """Serves the program until its standard output contains a marker."""
        while marker not in self.streams[b"O"]:
            if not self.step():
                raise AssertionError(f"ended: {self.streams!r}")
