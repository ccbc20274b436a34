# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""What the target tests share: a booted machine, for programs or for typing at its prompt.

Twister calls pytest with --platform and --build-dir; by hand and on sim it is --board.
"""

import re
import time
from pathlib import Path

import pytest

from zpy import boards, build, launch
from zpy.machine import Machine
from zpy.session import Session

BOOT_TIMEOUT = 240.0
OWN_FILES = {"test_small.py": "--small", "test_free_threading.py": "--free-threading"}
COLOURS = re.compile(rb"\x1b\[[0-9;]*m")


def pytest_addoption(parser):
    parser.addoption("--board", help="the board to boot, where Twister does not say it")
    parser.addoption("--power-cuts", type=int, default=10, help="kills in the test of /flash (10)")
    parser.addoption("--power-seed", type=int, default=1, help="their random times (1)")
    parser.addoption("--cycles", type=int, help="connections in the test of the prompt over TCP")
    parser.addoption("--frames", type=int, help="frames in the fuzz of the network card")
    parser.addoption("--restarts", type=int, default=12, help="soft restarts in their test (12)")
    parser.addoption("--small", action="store_true", help="the image has the small profile")
    parser.addoption("--free-threading", action="store_true", help="the image has no GIL")
    parser.addoption("--sample", help="the image is this sample's own")
    parser.addoption("--image", help="the board's build directory, where Twister does not")
    parser.addoption("--serial", help="the board is on a desk: the device of its serial line")
    parser.addoption("--baud", type=int, default=115200, help="the speed of that line")


def pytest_ignore_collect(collection_path, config):
    """Images of a special kind have files of their own; the others are for all images."""
    option = OWN_FILES.get(collection_path.name)
    return True if option and not config.getoption(option) else None


@pytest.fixture(scope="session")
def board(request):
    """The board under test."""
    name = request.config.getoption("--board", None) or request.config.getoption(
        "--platform", None
    )
    if not name:
        pytest.skip("no board: give --board=sim, or let Twister drive")
    # Twister has options of its own for a board that is connected.
    serial = request.config.getoption("--serial", None)
    baud = request.config.getoption("--baud", None)
    if request.config.getoption("--device-type", None) == "hardware":
        serial = request.config.getoption("--device-serial")
        baud = request.config.getoption("--device-serial-baud")
    return boards.on_line(name, serial, int(baud)) if serial else boards.get(name)


@pytest.fixture(scope="session")
def build_dir(request, board):
    """The directory of the board's build; None on sim."""
    if board.kind in ("sim", "hardware"):
        return None
    image = request.config.getoption("--image")
    if image:
        return Path(image).resolve()
    path = Path(request.config.getoption("--build-dir")).resolve()
    build.make_images(board, path)
    return path


@pytest.fixture(scope="session")
def network(board, build_dir):
    """Skips the test where this machine and the board's have no network between them."""
    if board.kind == "hardware":
        pytest.skip("which network a board on a desk is on is not known here")
    if board.kind == "sim":
        return
    config = (build_dir / "zephyr" / ".config").read_text()
    if "CONFIG_CPYTHON_SOCKETS=y" not in config.splitlines():
        pytest.skip("this board has no network")


class SharedSession:
    """One booted machine for all programs; booted again when a test has brought it down."""

    def __init__(self, board, build_dir):
        self._args = (board, build_dir)
        self._session = None

    def get(self):
        if self._session is None:
            session = Session(*self._args, boot_timeout=BOOT_TIMEOUT)
            self._session = session.__enter__()
        return self._session

    def close(self):
        if self._session is not None:
            session, self._session = self._session, None
            session.machine.kill()


@pytest.fixture(scope="session")
def shared_session(board, build_dir):
    shared = SharedSession(board, build_dir)
    yield shared
    shared.close()


@pytest.fixture
def run(shared_session):
    """Run a program on the machine: run(code, argv=…, stdin=…) → (status, stdout, stderr)."""

    def run_program(code, timeout=120, **more):
        try:
            return shared_session.get().run(code, timeout=timeout, **more)
        except BaseException:
            shared_session.close()
            raise

    return run_program


class Console:
    """A machine at its prompt, for typing: send() and expect()."""

    def __init__(self, machine):
        self.machine = machine
        self._output = b""

    def send(self, data):
        """Type bytes, or text as UTF-8."""
        self.machine.write(data.encode() if isinstance(data, str) else data)

    def expect(self, marker, timeout=30.0):
        """Wait for the marker; return what came before it. Fails with what came instead."""
        marker = marker.encode() if isinstance(marker, str) else marker
        deadline = time.monotonic() + timeout
        while marker not in self._output:
            if time.monotonic() > deadline or self.machine.ended:
                why = "the machine ended" if self.machine.ended else f"{timeout:.0f} s passed"
                pytest.fail(f"{why} without {marker!r}; there was {self._output[-2000:]!r}")
            data, _ = self.machine.poll(0.2)
            self._output = COLOURS.sub(b"", self._output + data)
        before, _, self._output = self._output.partition(marker)
        return before

    def settle(self, quiet=0.5, timeout=30.0):
        """Read until nothing has come for `quiet` seconds; return it all."""
        deadline = time.monotonic() + timeout
        until = time.monotonic() + quiet
        while not self.machine.ended and (now := time.monotonic()) < min(until, deadline):
            data, _ = self.machine.poll(until - now)
            if data:
                self._output += data
                until = time.monotonic() + quiet
        seen, self._output = self._output, b""
        return seen

    def fresh_prompt(self):
        """Interrupt what runs and empty the line, so that the next test starts clean."""
        self.send(b"\x03\x03\r")
        self.settle(0.2)
        self.check_alive()

    def check_alive(self, timeout=30.0):
        """The prompt works: what is typed is evaluated. The mark is not in what is echoed."""
        token = f"{time.monotonic_ns():x}"
        self.send(f"print('alive' + '-{token}')\r")
        self.expect(f"alive-{token}", timeout)
        self.expect(">>> ", timeout)


@pytest.fixture
def boot(board, build_dir):
    """Boot a machine of the test's own: boot(…) → Console; for launch.command() are the ….

    change: what the command that starts it is put through.
    """
    if board.kind == "hardware":
        pytest.skip("a board on a desk is one machine, and stays on")
    machines = []

    def start(change=list, **more):
        command = change(launch.command(board, build_dir, **more))
        cwd = launch.working_directory(board, build_dir)
        machine = Machine(command, cwd=cwd, env=launch.environment(board))
        machines.append(machine)
        return Console(machine)

    yield start
    for machine in machines:
        machine.kill()


@pytest.fixture(scope="module")
def booted_console(board, build_dir):
    command = launch.command(board, build_dir)
    cwd = launch.working_directory(board, build_dir)
    with Machine(command, cwd=cwd, env=launch.environment(board)) as machine:
        console = Console(machine)
        if board.kind == "hardware":
            console.send("\x03\x02\r")  # it is at its prompt, or in the raw REPL
        console.expect(">>> ", BOOT_TIMEOUT)
        yield console


@pytest.fixture
def console(booted_console):
    """The module's machine at a clean prompt."""
    booted_console.fresh_prompt()
    return booted_console
