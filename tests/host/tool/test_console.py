# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The terminal as the machine's console: the escape key."""

import os
import pty
import select
import sys
import time

from zpy.console import Keys
from zpy.paths import ROOT


def test_keys_pass_through():
    assert Keys().feed(b"abc\x03\x04\x1b[A\xff\x00") == b"abc\x03\x04\x1b[A\xff\x00"


def test_escape_and_x_leaves():
    keys = Keys()
    assert keys.feed(b"abc\x01xdef") == b"abc"
    assert keys.leave


def test_escape_cut_in_two():
    keys = Keys()
    assert keys.feed(b"\x01") == b""
    assert keys.feed(b"X") == b""
    assert keys.leave


def test_escape_itself():
    keys = Keys()
    assert keys.feed(b"\x01a\x01\x01\x01q") == b"\x01\x01"
    assert not keys.leave


def test_help():
    shown = []
    Keys(shown.append).feed(b"\x01h")
    assert b"Ctrl-A X" in shown[0]


def read_until(fd, mark, seconds=30):
    deadline = time.monotonic() + seconds
    seen = b""
    while mark not in seen:
        assert time.monotonic() < deadline, seen
        if select.select([fd], [], [], 0.2)[0]:
            seen += os.read(fd, 4096)
    return seen


def test_a_person_at_a_terminal():
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, str(ROOT / "zpy"), "run", "--board", "sim"])
    try:
        read_until(fd, b">>> ")
        os.write(fd, b"print('he' + 'llo')\r")
        read_until(fd, b"hello")
        os.write(fd, b"while True: pass\r\r")
        time.sleep(0.5)
        os.write(fd, b"\x03")
        read_until(fd, b"KeyboardInterrupt")
        os.write(fd, b"\x01x")
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0
    finally:
        os.close(fd)
