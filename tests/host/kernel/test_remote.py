# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions over TCP on the sim board: the real ones, beside its console."""

import os
import pty
import select
import socket
import subprocess
import sys
import threading
import time

import pytest

from machine import KERNEL_PY, Machine
from promptclient import Client, session_count, wait_for_sessions

ZPY = KERNEL_PY.parent / "zpy"
SECRET = "correct-horse-battery"
TIMEOUT = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def served():
    """A sim machine whose prompt is open to all; its .port."""
    port = free_port()
    with Machine(env={"ZPY_REPL": "plain", "ZPY_REPL_PORT": str(port)}) as machine:
        machine.ready()
        machine.port = port
        yield machine


def test_printf_into_nc(served):
    with socket.create_connection(("127.0.0.1", served.port), TIMEOUT) as client:
        client.sendall(b"1+1\n")
        client.shutdown(socket.SHUT_WR)
        data = b""
        while more := client.recv(4096):
            data += more
    text = data.decode("ascii", "replace")
    assert text.endswith(">>> 2\n>>> ")
    assert "\x1b" not in text and "\r" not in text


def test_sessions_have_names_of_their_own(served):
    with Client.at_prompt(served.port) as one, Client.at_prompt(served.port) as two:
        one.run("x = 1")
        two.run("x = 2")
        assert one.run("x") == "1\n"
        assert two.run("x") == "2\n"
        assert one.run("_ + x") == "2\n"
        assert "NameError" in served.run("x")


def test_sessions_share_the_kernel(served):
    with Client.at_prompt(served.port) as one, Client.at_prompt(served.port) as two:
        one.run("kernel.shared_by_test = [1]")
        assert two.run("kernel.shared_by_test") == "[1]\n"
        two.run("del kernel.shared_by_test")


def test_output_goes_to_its_session(served):
    with Client.at_prompt(served.port) as one, Client.at_prompt(served.port) as two:
        one.run("import threading, time, sys")
        one.run("def later(): time.sleep(.3); print('from', 'a thread')\n")
        one.send("threading.Thread(target=later).start()\n")
        assert two.run("print('mine')") == "mine\n"
        one.expect("from a thread\n")
        assert one.run("print('err' + 'or', file=sys.stderr)") == "error\n"
        assert b"from a thread" not in served.quiet(0.1)
        assert b"a thread" not in two.unread


def test_a_value_comes_with_its_prompt(served):
    """One piece of what TCP carries, and nothing that has to be seen earlier is held back."""
    with Client.at_prompt(served.port) as client:
        for line, piece in (("6*7", b"42\n>>> "), ("'ab' * 3", b"'ababab'\n>>> ")):
            client.send(line + "\n")
            assert client.socket.recv(4096) == piece
        for line in ("8; input()", "f(8)", "for i in (8, 9): i if i == 8 else input()\n"):
            client.run("def f(x): import sys; sys.displayhook(x); return input()\n")
            client.send(line + "\n")
            client.expect("8\n")
            client.send("typed\n")
            client.expect("'typed'\n")
            client.expect(">>> ")
        client.send("6*7\n")
        client.expect("42\n>>> ")
        client.send("'x' * 5000\nexit()\n")
        assert b"x" * 5000 in client.rest()


def test_a_value_is_not_lost_without_a_prompt(served):
    with Client.at_prompt(served.port) as client:
        client.run("import sys")
        client.run("prompts = ['>>> ']")
        client.run(
            "class Once:\n  def __str__(self): return prompts.pop() if prompts else exit()\n"
        )
        client.send("sys.ps1 = Once()\n'va' 'lue'\n")
        try:
            assert b"'value'\n" in client.rest()
        finally:
            served.run("import sys; sys.ps1 = '>>> '")


def test_blocks_await_and_input(served):
    with Client.at_prompt(served.port) as client:
        assert client.run("for i in range(2):\n  print(i)\n").endswith("0\n1\n")
    with Client.at_prompt(served.port) as client:
        client.run("async def f(): return 'awaited'\n")
        assert client.run("await f()") == "'awaited'\n"
        client.send("input('name? ')\n")
        client.expect("name? ")
        client.send("Ada\n")
        assert client.expect(">>> ") == b"'Ada'\n"


def test_ctrl_c_is_for_one_session(served):
    with Client.at_prompt(served.port) as one, Client.at_prompt(served.port) as two:
        one.run("import itertools")
        two.send("while True: pass\n\n")
        two.expect("... ")
        one.send("for i in itertools.count(): pass\n\n")
        one.expect("... ")
        time.sleep(0.3)
        one.send(b"\x03")
        assert b"KeyboardInterrupt" in one.expect(">>> ")
        assert one.run("6 * 7") == "42\n"
        assert not select.select([two.socket], [], [], 0.2)[0]  # it loops on
        two.send(b"\x03")
        two.expect("KeyboardInterrupt")
        assert served.run("1 + 1") == "2\n"


def test_exit_ends_the_session_alone(served):
    with Client.at_prompt(served.port) as one, Client.at_prompt(served.port) as two:
        one.send("exit()\n")
        one.rest()
        assert two.run("1") == "1\n"


@pytest.mark.parametrize("code", ["", "while True: pass\n\n"])
def test_a_session_ends_another(served, code):
    with Client.at_prompt(served.port) as one, Client.at_prompt(served.port) as two:
        host, port = two.socket.getsockname()
        two.send(code)
        one.run(f"s = [s for s in kernel.session.sessions() if s.name == '{host}:{port}'][0]")
        one.run("s.end('ended by a test')")
        assert b"this session is ended by a test" in two.rest()
        deadline = time.monotonic() + TIMEOUT
        while "True" in one.run("s in kernel.session.sessions()"):
            assert time.monotonic() < deadline


def test_who_kill_and_wall(served):
    """The commands: one sees the other, talks to it, and ends it."""
    with Client.at_prompt(served.port) as one, Client.at_prompt(served.port) as two:
        host, port = two.socket.getsockname()
        listed = one.run("who")
        assert f"{host}:{port}" in listed and "console" in listed and "*" in listed
        one.run("wall hello you")
        two.expect("] hello you")
        number = one.run(
            f"[s.id for s in kernel.session.sessions() if s.name == '{host}:{port}'][0]"
        )
        assert "no such session" in one.run("who -k 999")
        assert "ends with the interpreter" in one.run("who -k 1")
        one.run(f"who -k {number.strip()}")
        assert b"this session is ended from" in two.rest()


def test_client_that_vanishes_while_its_code_runs(served):
    """Reset while `while True` runs, and while code prints: both sessions end."""
    with Client.at_prompt(served.port) as watcher:
        count = session_count(watcher)
        for code in ("while True: pass\n\n", "while True: print('x' * 1000)\n\n"):
            client = Client.at_prompt(served.port)
            client.send(code)
            time.sleep(0.2)
            client.reset()
        wait_for_sessions(watcher, count)


def test_thirty_two_sessions(served):
    """Each computes and answers correctly, while one loops and one is reset."""
    looping, leaving = Client.at_prompt(served.port), Client.at_prompt(served.port)
    looping.send("while True: pass\n\n")
    leaving.send("while 1: pass\n\n")
    clients = [Client.at_prompt(served.port) for _ in range(30)]
    failures = []

    def work(number, client):
        try:
            for step in range(5):
                value = number * 1000 + step
                assert client.run(f"{value} ** 2") == f"{value**2}\n"
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=item) for item in enumerate(clients)]
    for thread in threads:
        thread.start()
    leaving.reset()
    for thread in threads:
        thread.join()
    assert not failures
    looping.send(b"\x03")
    looping.expect("KeyboardInterrupt")
    for client in [*clients, looping]:
        client.close()
    with Client.at_prompt(served.port) as watcher:
        wait_for_sessions(watcher, 2)


def test_cycles_leave_nothing(served):
    with Client.at_prompt(served.port) as watcher:
        watcher.run("import threading")
        count = "len(kernel.session.sessions()), threading.active_count()"
        wait_for_sessions(watcher, 2)
        before = watcher.run(count)
        for number in range(200):
            with Client.at_prompt(served.port) as client:
                assert client.run(f"{number} + 1") == f"{number + 1}\n"
        wait_for_sessions(watcher, 2)
        assert before == watcher.run(count)


def test_zpy_repl_at_a_terminal(served):
    """Editing and completion through ./zpy repl."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, str(ZPY), "repl", "--port", str(served.port)])

    seen = b""

    def expect(marker):
        nonlocal seen
        deadline = time.monotonic() + TIMEOUT
        while marker not in seen:
            assert time.monotonic() < deadline, seen
            if select.select([fd], [], [], 0.2)[0]:
                seen += os.read(fd, 4096)
        seen = seen.partition(marker)[2]

    try:
        expect(b">>> ")
        os.write(fd, b"forty = 40\r")
        expect(b">>> ")
        os.write(fd, b"fort\t")
        expect(b"forty")
        os.write(fd, b" + 3\x7f2\r")
        expect(b"42\r\n>>> ")
        os.write(fd, b"\x1b[A\r")
        expect(b"42\r\n>>> ")
        os.write(fd, b"while True: pass\r\r")
        time.sleep(0.3)
        os.write(fd, b"\x03")
        expect(b"KeyboardInterrupt")
        expect(b">>> ")
        os.write(fd, b"\x01x")
        expect(b"\n")
    finally:
        os.close(fd)
        os.waitpid(pid, 0)


def test_login_with_zpy_repl(tmp_path):
    port = free_port()
    env = {"ZPY_REPL": "auth", "ZPY_REPL_PORT": str(port), "ZPY_REPL_SECRET": SECRET}
    with Machine(env=env) as machine:
        machine.ready()

        def zpy(secret):
            return subprocess.run(
                [sys.executable, str(ZPY), "repl", "--port", str(port)],
                input=b"6 * 7\n",
                capture_output=True,
                timeout=TIMEOUT,
                env={**os.environ, "ZPY_SECRET": secret},
            )

        done = zpy(SECRET)
        assert done.returncode == 0 and b"42\n" in done.stdout
        done = zpy("guess")
        assert done.returncode == 1 and b"not its secret" in done.stderr
        log = machine.run("[l for l in kernel.log.lines() if 'audit' in l]")
        assert "let in" in log and "wrong answer" in log


def test_restart_closes_the_port_and_opens_it_again():
    port = free_port()
    with Machine(env={"ZPY_REPL": "plain", "ZPY_REPL_PORT": str(port)}) as machine:
        machine.ready()
        client = Client.at_prompt(port)
        client.send("while True: pass\n\n")
        machine.send(b"\x04")
        client.rest()
        machine.expect("ready after")
        deadline = time.monotonic() + TIMEOUT
        while True:
            try:
                with Client.at_prompt(port) as again:
                    assert again.run("3 + 4") == "7\n"
                break
            except ConnectionError:
                assert time.monotonic() < deadline
