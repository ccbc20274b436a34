# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The prompt over TCP on a booted machine: many sessions, Ctrl-C, kills, bad clients."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
import time

import pytest

from promptclient import TIMEOUT, Client, session_count, wait_for_sessions
from zpy import launch
from zpy.machine import Machine
from zpy.paths import ROOT

BOOT_TIMEOUT = 240.0
SESSIONS = 32
CYCLES = 60  # --cycles 5000 is the long run


class Served:
    """A machine whose port for prompts is reached at 127.0.0.1:port."""

    def __init__(self, machine, console, port):
        self.machine = machine
        self.console = console
        self.port = port

    def connect(self):
        """A client at its first prompt."""
        return Client.at_prompt(self.port, patience=TIMEOUT)

    def run(self, line):
        """Runs a line in a session of its own; returns what it shows."""
        with self.connect() as client:
            return client.run(line)


def wait_until(condition, what):
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.1)


@contextlib.contextmanager
def booted(board, build_dir, port, mode):
    """A machine at its console's prompt, whose port for prompts is `port` here: Served."""
    env = {**os.environ, "ZPY_REPL": mode, "ZPY_REPL_PORT": str(port)}
    command = launch.command(board, build_dir, forwards=((port, 5000),))
    with Machine(command, cwd=launch.working_directory(board, build_dir), env=env) as machine:
        output = b""
        deadline = time.monotonic() + BOOT_TIMEOUT
        while b">>> " not in output:
            assert time.monotonic() < deadline and not machine.ended, output
            output += machine.poll(0.5)[0]
        pump = Pump(machine, output)
        try:
            yield Served(machine, pump, port)
        finally:
            pump.stop()


@pytest.fixture(scope="module")
def served(board, build_dir, network):
    with booted(board, build_dir, launch.free_port(), "plain") as served:
        yield served


@pytest.fixture(scope="module")
def native(board):
    """Skips the test where the port for prompts is not one of this machine's."""
    if board.kind != "native":
        pytest.skip("only native_sim's port is one of this machine's, with a secret")


class Pump:
    """Reads the console in the background, so that the machine never waits for a reader."""

    def __init__(self, machine, output=b""):
        self.output = bytearray(output)
        self._going = True
        self._machine = machine
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while self._going and not self._machine.ended:
            self.output += self._machine.poll(0.2)[0]

    def stop(self):
        self._going = False
        self._thread.join()


def test_printf_into_nc(served):
    served.run("1")  # the network is there
    with socket.create_connection(("127.0.0.1", served.port), TIMEOUT) as client:
        client.sendall(b"1+1\n")
        client.shutdown(socket.SHUT_WR)
        data = b""
        while more := client.recv(4096):
            data += more
    assert data.endswith(b">>> 2\n>>> ")


def test_thirty_two_sessions(served):
    """Each computes and answers correctly, while one loops and one is killed."""
    with served.connect() as watcher:
        wait_for_sessions(watcher, 2)
        looping, sleeping = served.connect(), served.connect()
        name = sleeping.run("kernel.session.current().id").strip()
        looping.send("while True: pass\n\n")
        looping.expect("... ")
        sleeping.send("import time; time.sleep(1000)\n")
        clients = [served.connect() for _ in range(SESSIONS - 3)]
        assert session_count(watcher) == SESSIONS + 1  # and the console
        failures = []

        def work(number, client):
            try:
                for step in range(4):
                    value = number * 1000 + step
                    client.run(f"x = {value}")
                    assert client.run("x ** 2") == f"{value**2}\n"
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=item) for item in enumerate(clients)]
        for thread in threads:
            thread.start()
        watcher.run(
            f"[s.end('killed') for s in kernel.session.sessions() if s.id == {name}] and None"
        )
        assert b"this session is killed" in sleeping.rest()
        for thread in threads:
            thread.join()
        assert not failures
        assert not looping.unread or b"Error" not in looping.unread
        looping.send(b"\x03")
        looping.expect("KeyboardInterrupt")
        looping.expect(">>> ")
        assert looping.run("1 + 1") == "2\n"
        for client in [*clients, looping]:
            client.close()
        wait_for_sessions(watcher, 2)


def test_ctrl_c_is_for_one_session(served):
    with served.connect() as one, served.connect() as two:
        one.send("while True: pass\n\n")
        one.expect("... ")
        two.send("import time; time.sleep(1000)\n")
        time.sleep(0.5)
        two.send(b"\x03")
        two.expect("KeyboardInterrupt")
        two.expect(">>> ")
        assert two.run("6 * 7") == "42\n"
        one.send(b"\x03")
        one.expect("KeyboardInterrupt")
        one.expect(">>> ")
        assert one.run("6 * 7") == "42\n"


def test_cycles_leave_nothing(served, request):
    """Connect, command, disconnect: no session, thread, descriptor or socket is left, and the
    heap is as it was."""
    closing = "sum(s[0] == 'tcp' and s[-1] not in ('listen', 'established') for s in net.sockets)"
    look = (
        "import _vosal, gc; gc.collect(); "
        "print('found', len(kernel.session.sessions()), len(_vosal.threads()), "
        "len(kernel.net.repl_server.server.clients), len(net.sockets), _vosal.heap_info()[1])"
    )

    def measure(watcher):
        wait_for_sessions(watcher, 2)
        wait_until(lambda: watcher.run(closing) == "0\n", lambda: watcher.run("net.sockets"))
        output = watcher.run(look)
        found = re.search(r"found (\d+) (\d+) (\d+) (\d+) (\d+)", output)
        assert found, output
        return [int(number) for number in found.groups()]

    def cycle(number):
        with served.connect() as client:
            assert client.run(f"{number} + 1") == f"{number + 1}\n"

    with served.connect() as watcher:
        for number in range(10):
            cycle(number)
        *before, heap = measure(watcher)
        for number in range(request.config.getoption("--cycles", None) or CYCLES):
            cycle(number)

        def as_before():
            # A thread is there for a moment longer than its session.
            return measure(watcher)[:-1] == before

        wait_until(as_before, lambda: f"{measure(watcher)}, and before {before}")
        heap_after = measure(watcher)[-1]
    assert heap_after - heap < 256 * 1024


def test_endless_line(served):
    with served.connect() as client:
        block = b"x" * 65536
        with pytest.raises(OSError):
            for _ in range(1600):
                client.socket.sendall(block)
    assert served.run("1 + 1") == "2\n"
    wait_until(lambda: b"a line of more than" in served.console.output, lambda: "no log line")


def test_resets(served):
    with served.connect() as watcher:
        wait_for_sessions(watcher, 2)
        for code in ("", "while True: pass\n\n", "while True: print('x' * 1000)\n\n"):
            client = served.connect()
            client.send(code)
            time.sleep(0.3)
            client.reset()
        wait_for_sessions(watcher, 2)


def zpy_repl(port, **env):
    return subprocess.run(
        [sys.executable, str(ROOT / "zpy"), "repl", "--port", str(port)],
        input=b"for i in range(3): print(i * 7)\n\n",
        capture_output=True,
        timeout=TIMEOUT,
        env={**os.environ, **env},
    )


def test_zpy_repl(served):
    served.run("1")
    done = zpy_repl(served.port)
    assert done.returncode == 0, done.stderr
    assert b"0\n7\n14\n" in done.stdout


def test_two_machines_and_one_port(board, build_dir, native):
    """The first has it; the other says that it has not, and boots."""
    port = launch.free_port()
    with booted(board, build_dir, port, "plain") as first:
        with booted(board, build_dir, port, "plain") as second:
            assert b"there is no prompt over TCP" in second.console.output
        assert b"there is no prompt over TCP" not in first.console.output
        assert first.run("6 * 7") == "42\n"


def test_secret_is_shown_when_it_is_needed(board, build_dir, native):
    with booted(board, build_dir, launch.free_port(), "auth") as served:
        assert b"secret" not in served.console.output
        with Client(served.port) as client:
            client.expect("challenge ")
        shown = re.compile(rb"the secret of this machine's REPL is (\S+) ")
        wait_until(
            lambda: shown.search(served.console.output), lambda: bytes(served.console.output)
        )
        secret = shown.search(served.console.output)[1].decode()
        done = zpy_repl(served.port, ZPY_SECRET=secret)
        assert done.returncode == 0 and b"0\n7\n14\n" in done.stdout, done
        done = zpy_repl(served.port, ZPY_SECRET="guess-horse-battery")
        assert done.returncode == 1, done


@pytest.mark.parametrize(
    "variable, value, word",
    [
        ("ZPY_REPL", "open", "mode is one of"),
        ("ZPY_REPL_PORT", "12x", "port is 0 to 65535"),
        ("ZPY_REPL_PORT", "70000", "port is 0 to 65535"),
    ],
)
def test_settings_that_cannot_be(boot, native, monkeypatch, variable, value, word):
    monkeypatch.setenv("ZPY_REPL", "plain")
    monkeypatch.setenv(variable, value)
    console = boot()
    console.expect(word, BOOT_TIMEOUT)
    console.expect(">>> ", BOOT_TIMEOUT)
    console.check_alive()
