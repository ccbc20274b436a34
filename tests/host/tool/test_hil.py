# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Boards on a desk: the hardware map, west's command, and a session over a serial line."""

import os
import pty
import subprocess
import sys
import tty
from pathlib import Path

import pytest

from zpy import boards, hil, launch
from zpy.errors import UsageError
from zpy.session import Session

MAP = """\
- connected: true
  id: 000683759358
  platform: rpi_4b
  product: unknown
  runner: openocd
  serial: /dev/ttyACM0
- connected: false
  platform: up_squared
  serial: null
"""


def test_map(tmp_path):
    path = tmp_path / "map.yml"
    path.write_text(MAP)
    (entry,) = hil.entries(path)
    assert entry["platform"] == "rpi_4b"
    command = hil.flash_command(entry, Path("/b"))
    assert command[:5] == ["west", "flash", "--no-rebuild", "-d", "/b"]
    assert command[5:7] == ["--runner", "openocd"]
    with pytest.raises(UsageError, match="no board is connected of up_squared"):
        hil.entries(path, ("up_squared",))


@pytest.mark.parametrize(
    "text", ["", "a: b", "- 5", "- connected: true\n  platform: x", "- [", "[]"]
)
def test_bad_maps(tmp_path, text):
    path = tmp_path / "map.yml"
    path.write_text(text)
    with pytest.raises(UsageError):
        hil.entries(path)


def test_no_map(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        hil.entries(tmp_path / "map.yml")


def test_boards():
    board = boards.on_line("rpi_4b", "/dev/ttyX", 9600)
    assert (board.name, board.arch, board.serial) == ("rpi_4b", "aarch64", "/dev/ttyX")
    assert launch.command(board)[-2:] == ["/dev/ttyX", "9600"]
    assert boards.on_line("some/board", "/dev/ttyX").target == "some/board"
    with pytest.raises(UsageError, match="hil"):
        launch.command(boards.get("rpi_4b"))


@pytest.fixture
def line():
    """A serial line with a sim machine at its end; gives the line's device."""
    machine, port = pty.openpty()
    tty.setraw(port)
    process = subprocess.Popen(
        launch.command(boards.get("sim")),
        cwd=launch.working_directory(boards.get("sim")),
        stdin=machine,
        stdout=machine,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    yield os.ttyname(port)
    process.kill()
    process.wait()
    os.close(machine)
    os.close(port)


def test_session(line):
    pytest.importorskip("serial")
    session = Session(boards.on_line("rpi_4b", line))
    with session.machine:
        session.repl.enter(60)
        status, out, err = session.run("import sys; print('x' * 5000); sys.exit(3)", timeout=60)
    assert (status, out, err) == (3, b"x" * 5000 + b"\n", b"")


def test_no_line():
    pytest.importorskip("serial")
    command = [sys.executable, "-m", "zpy.serial_line", "/dev/no-such-line", "115200"]
    done = subprocess.run(
        command, cwd=launch.ROOT / "tools", capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 1
    assert "/dev/no-such-line" in done.stderr
