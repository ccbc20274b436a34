# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Progress lines, and commands whose output is a log."""

import io
import sys

import pytest

from zpy import progress
from zpy.process import run_logged
from zpy.progress import Step


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_what_is_quick_is_silent():
    stream = io.StringIO()
    with Step("quick", stream) as step:
        step.update("1/2")
    assert stream.getvalue() == ""


def test_plain_lines(monkeypatch):
    monkeypatch.setattr(progress, "PLAIN_INTERVAL", 0)
    stream = io.StringIO()
    with Step("slow", stream, after=0) as step:
        step.update("1/2")
        step.update()
    lines = stream.getvalue().splitlines()
    assert lines[1:] == ["zpy: slow (0 s) 1/2"] * 2 + ["zpy: slow: done in 0 s"]
    assert "\x1b" not in stream.getvalue()


def test_terminal_is_clean_afterwards():
    stream = Terminal()
    with Step("slow", stream, after=0) as step:
        step.update("1/2")
    assert stream.getvalue().endswith("\r\x1b[K")
    assert "\n" not in stream.getvalue()


def test_nothing_is_said_to_be_done_that_failed():
    stream = io.StringIO()
    with pytest.raises(ValueError), Step("slow", stream, after=0):
        raise ValueError
    assert "done" not in stream.getvalue()


def run(code):
    log, lines = io.StringIO(), []
    status = run_logged([sys.executable, "-c", code], log, lines.append)
    return status, log.getvalue(), lines


def test_command_with_a_log():
    code = "import sys; print(' one'); print('two', file=sys.stderr, end=''); sys.exit(4)"
    status, log, lines = run(code)
    assert status == 4
    assert sorted(log.splitlines()) == [" one", "two"]
    assert sorted(line for line in lines if line) == ["one", "two"]


def test_command_that_is_silent_for_long():
    _, log, lines = run("import time; time.sleep(2.5); print('at last')")
    assert lines.count(None) >= 2
    assert log == "at last\n"


def test_output_that_is_no_text():
    assert run(r"import os; os.write(1, b'\xff\n')")[1] == "\ufffd\n"
