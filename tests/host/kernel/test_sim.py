# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The sim board as a process: its terminal, its end, restarts, noise."""

import os
import random
import signal
import subprocess
import termios
import time

import pytest

from machine import KERNEL_PY, PYTHON, Machine


def test_the_terminal_is_restored():
    for leave in ("kernel.power.poweroff(7)\r", signal.SIGTERM, signal.SIGHUP):
        with Machine() as machine:
            machine.ready()
            raw = termios.tcgetattr(machine.slave)
            assert not raw[3] & (termios.ICANON | termios.ECHO | termios.ISIG)
            # A restart must not take the raw mode for the terminal's own.
            machine.send("\x04")
            machine.ready()
            if isinstance(leave, str):
                machine.send(leave)
                assert machine.wait() == 7
            else:
                machine.kill(leave)
                assert machine.wait() == 128 + leave
            now = termios.tcgetattr(machine.slave)
            assert now[3] & termios.ICANON and now[3] & termios.ECHO and now[3] & termios.ISIG


def test_sigterm_in_a_busy_loop(machine):
    machine.send("while True: pass\r\r")
    time.sleep(0.3)
    machine.kill()
    assert machine.wait() == 128 + signal.SIGTERM
    assert termios.tcgetattr(machine.slave)[3] & termios.ECHO


def test_restart(machine):
    machine.run("left_over = 1")
    machine.send("\x04")
    machine.expect("soft restart\r\n")
    machine.ready()
    assert machine.run("'left_over' in globals()") == "False\n"
    machine.send("exit()\r")
    machine.expect("soft restart\r\n")
    machine.ready()
    machine.send("kernel.power.reboot()\r")
    machine.ready()


def test_a_restart_is_not_held_up(machine):
    machine.run("import threading, time, asyncio")
    machine.run("threading.Thread(target=time.sleep, args=(100,), name='long').start()")
    machine.run("task = kernel.loop.get().call_soon_threadsafe(print)")
    machine.send("exit('good' 'bye')\r")
    machine.expect("goodbye\r\n")
    machine.expect("restart: thread 'long' is still running", timeout=10)
    machine.ready()


def test_input_typed_ahead_survives_a_restart(machine):
    machine.send("\x04")
    machine.expect("soft restart\r\n")
    machine.send("print('typed' 'ahead')\r")
    machine.expect("typedahead")


def test_ten_restarts(machine):
    for _ in range(10):
        machine.send("\x04")
        machine.ready()


def test_pipes():
    done = subprocess.run(
        [PYTHON, "-m", "sim"],
        cwd=KERNEL_PY,
        timeout=60,
        capture_output=True,
        input=b"print('one')\nx = [1,\n2]\nfor i in x:\n    print('row', i)\n\ninput()\nabc\n",
    )
    assert done.returncode == 0 and done.stderr == b""
    assert b"one\r\n" in done.stdout and b"row 1\r\nrow 2\r\n" in done.stdout
    assert b"'abc'\r\n" in done.stdout


def test_no_byte_code_is_written():
    """As on a board, whatever the environment says: a directory holds what was put there."""
    done = subprocess.run(
        [PYTHON, "-m", "sim"],
        cwd=KERNEL_PY,
        timeout=60,
        capture_output=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
        input=b"import os, sys, tempfile\nd = tempfile.mkdtemp(); sys.path.insert(0, d)\n"
        b"n = open(d + '/once.py', 'w').write('x = 1')\n"
        b"import once\nos.unlink(d + '/once.py'); os.rmdir(d); print('go' + 'ne')\n",
    )
    assert b"gone\r\n" in done.stdout, done.stdout


def test_as_a_directory():
    done = subprocess.run(
        [PYTHON, str(KERNEL_PY / "sim")],
        cwd="/",
        timeout=60,
        capture_output=True,
        input=b"print(6 * 7)\n",
    )
    assert b"\r\n42\r\n" in done.stdout and done.returncode == 0


def test_the_end_of_the_reader():
    """Nobody reads the output any more: the machine ends instead of spinning."""
    with Machine(tty=False) as machine:
        machine.ready()
        machine.process.stdout.close()
        os.write(machine.write_fd, b"while True: print('x')\n\n")
        assert machine.process.wait(30) == 1


def test_interrupt_over_pipes():
    with Machine(tty=False) as machine:
        machine.ready()
        machine.send("while True: pass\n\n")
        time.sleep(0.3)
        machine.send(b"\x03")
        machine.expect("KeyboardInterrupt")
        machine.sync()


def test_sigint_from_outside(machine):
    machine.kill(signal.SIGINT)
    machine.expect("KeyboardInterrupt")
    machine.sync()


@pytest.mark.parametrize("seed", range(4))
def test_noise(machine, seed):
    """Random bytes at the prompt: it is still there afterwards."""
    rng = random.Random(seed)
    # Without those that leave the prompt on purpose, and poweroff or the like in clear text.
    noise = bytes(byte for byte in rng.randbytes(20_000) if byte not in (1, 4))
    machine.send(noise)
    machine.send(b"\x1b\x03\x03\r")
    machine.sync()


def test_nul_bytes_and_a_very_long_line(machine):
    machine.send(b"\x00" * 5000 + b"\r")
    machine.sync()
    machine.send("len('" + "x" * 100_000 + "')\r")
    machine.expect("\r\n100000\r\n", timeout=60)
    machine.sync()


def test_lines_from_other_threads(machine):
    machine.run("import threading")
    machine.run("def f(n):\n    for i in range(50): print('thread', n, i)\n")
    machine.run("ts = [threading.Thread(target=f, args=(n,)) for n in range(4)]")
    machine.run("for t in ts: t.start()\n")
    machine.run("for t in ts: t.join()\n")
    machine.sync()
    text = machine.log.decode()
    assert all(f"thread {n} {i}\r\n" in text for n in range(4) for i in range(50))
