# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The raw REPL, byte for byte as MicroPython's host tools expect it."""

import contextlib
import os
import shutil
import subprocess
import threading
import time
import tty

import pytest

from machine import RawRepl

GREETING = b"raw REPL; CTRL-B to exit\r\n"


@pytest.fixture
def raw(machine):
    """The raw REPL of a fresh machine."""
    return RawRepl(machine)


def test_the_bytes(machine):
    machine.send(b"\r\x03")
    machine.quiet()
    machine.send(b"\r\x01")
    assert machine.quiet() == b"\r\n>>> \r\n" + GREETING + b">"
    machine.send(b"print(1)\x04")
    assert machine.quiet() == b"OK1\r\n\x04\x04>"
    machine.send(b"\x01")
    assert machine.quiet() == GREETING + b">"
    machine.send(b"\x04")
    assert machine.quiet() == b"OK\r\nsoft reboot\r\n" + GREETING + b">"
    machine.send(b"garbage\x03print(2)\x04")
    assert machine.quiet() == b"OK2\r\n\x04\x04>"
    machine.send(b"x = 1\r\nif x:\r\n    print(x)\r\n\x04")
    assert machine.quiet() == b"OK1\r\n\x04\x04>"
    machine.send(b"import sys\x04")
    assert machine.quiet() == b"OK\x04\x04>"
    machine.send(b"sys.exit('why')\x04")
    assert machine.quiet() == b"OK\x04why\r\n\x04>"
    machine.send(b"\r\x02")
    shown = machine.quiet()
    assert shown.startswith(b"\r\nZPy ") and shown.endswith(b">>> ")


def test_tracebacks(raw):
    output, error = raw.execute("print('before')\ndef f():\n    1/0\nf()\n")
    assert output == b"before\r\n"
    assert error.startswith(b"Traceback (most recent call last):\r\n")
    assert b"line 4, in <module>\r\n" in error and b"    1/0\r\n" in error
    assert error.endswith(b"ZeroDivisionError: division by zero\r\n")
    assert b"kernel" not in error and b"Control" not in error
    assert raw.execute("x = = 1")[1].endswith(b"SyntaxError: invalid syntax\r\n")
    assert raw.execute("print(1)") == (b"1\r\n", b"")


def test_names_stay_until_the_soft_reboot(raw):
    raw.execute("x = 5")
    assert raw.execute("print(x)") == (b"5\r\n", b"")
    raw.machine.send(b"\x04")
    raw.machine.expect(b"OK\r\nsoft reboot\r\n" + GREETING + b">")
    assert b"NameError" in raw.execute("print(x)")[1]


def test_interrupt(raw):
    raw.machine.send(b"print('go')\nwhile True: pass\x04")
    raw.machine.expect(b"OKgo\r\n")
    time.sleep(0.2)
    raw.machine.send(b"\x03")
    raw.machine.expect(b"\x04Traceback")
    raw.machine.expect(b"KeyboardInterrupt\r\n\x04>")
    assert raw.execute("print(1)") == (b"1\r\n", b"")


def test_await(raw):
    assert raw.execute("import asyncio\nprint(await asyncio.sleep(0, 3))") == (b"3\r\n", b"")


def paste(machine, code, piece=None):
    """Sends code by raw paste as pyboard.py does; returns what the machine answers to it."""
    machine.send(b"\x05A\x01")
    machine.expect(b"R\x01")
    while len(machine.unread) < 3:
        machine._fill(10)
    head, machine.unread = machine.unread[:3], machine.unread[3:]
    window = int.from_bytes(head[:2], "little")
    assert window >= 128 and head[2] == 1
    left = 2 * window
    while code:
        while not left or machine.unread or machine._fill(0):
            if not machine.unread:
                assert machine._fill(10), "no more credit"
                continue
            credit, machine.unread = machine.unread[:1], machine.unread[1:]
            assert credit == b"\x01"
            left += window
        part = code[: min(left, piece or left)]
        machine.send(part)
        code, left = code[len(part) :], left - len(part)
    machine.send(b"\x04")
    machine.expect(b"\x04")
    output = machine.expect(b"\x04")
    error = machine.expect(b"\x04")
    machine.expect(b">")
    return output, error


@pytest.mark.parametrize("piece", [None, 1, 100])
def test_raw_paste(raw, piece):
    code = b"# " + b"x" * 3000 + b"\nprint('pasted')\n"
    assert paste(raw.machine, code, piece) == (b"pasted\r\n", b"")
    assert paste(raw.machine, b"1/0")[1].endswith(b"division by zero\r\n")
    assert paste(raw.machine, "print('é')".encode()) == ("é\r\n".encode(), b"")


def test_raw_paste_refused_and_given_up(raw):
    machine = raw.machine
    machine.send(b"\x05B\x01")
    machine.expect(b"R\x00>")
    machine.send(b"\x05A\x01")
    machine.expect(b"\x01")
    machine.send(b"half a progr\x03")
    machine.quiet()
    assert raw.execute("print(1)") == (b"1\r\n", b"")


def test_modules_from_files_are_forgotten(raw, tmp_path):
    (tmp_path / "fresh.py").write_text("x = 1\n")
    raw.execute(f"import sys; sys.path.insert(0, {str(tmp_path)!r})")
    raw.execute("import fresh, json")
    raw.machine.send(b"\x04")
    raw.machine.expect(GREETING + b">")
    assert raw.execute("import sys; print('fresh' in sys.modules, 'json' in sys.modules)") == (
        b"False True\r\n",
        b"",
    )


def test_mpremote(machine, tmp_path):
    """The real tool, where it is installed."""
    tool = shutil.which("mpremote")
    if tool is None:
        pytest.skip("mpremote is not installed")
    # mpremote opens a serial device: a second pseudo-terminal, joined to the machine's.
    master, slave = os.openpty()
    tty.setraw(slave)

    def join(source, sink):
        with contextlib.suppress(OSError):  # the machine has ended
            while True:
                os.write(sink, os.read(source, 4096))

    for ends in ((master, machine.fd), (machine.fd, master)):
        threading.Thread(target=join, args=ends, daemon=True).start()

    def run(*arguments):
        return subprocess.run(
            [tool, "connect", os.ttyname(slave), *arguments],
            capture_output=True,
            timeout=60,
            text=True,
        )

    script = tmp_path / "script.py"
    script.write_text("print('script', sum(range(10)))\n")
    assert run("exec", "print(6 * 7)").stdout == "42\n"
    assert run("eval", "2**100").stdout == f"{2**100}\n"
    assert run("run", str(script)).stdout == "script 45\n"
    failed = run("exec", "1/0")
    assert failed.returncode == 1 and "ZeroDivisionError" in failed.stdout + failed.stderr
    assert run("resume", "exec", "y = 3", "resume", "eval", "y").stdout == "3\n"
