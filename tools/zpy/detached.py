# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""A machine in the background: one a clone, its console on a Unix socket.

A keeper process owns the machine. It hands the console to one visitor at a time and keeps the
last output for whoever comes next.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time

from zpy import launch
from zpy.console import Keys, raw_terminal, write_all
from zpy.errors import ZpyError
from zpy.machine import Machine
from zpy.paths import LOG, ROOT, STATE
from zpy.progress import say

STATE_FILE = STATE / "run.json"
SOCKET = "console.sock"  # relative to STATE, because a socket's path may have 107 bytes only


def state():
    """What is running in the background: {"pid", "board"}, or None."""
    try:
        found = json.loads(STATE_FILE.read_text())
        command_line = open(f"/proc/{found['pid']}/cmdline", "rb").read()
    except (OSError, ValueError, KeyError):
        return None
    # The number may belong to another process by now.
    return found if b"zpy.detached" in command_line else None


def start(board, build_dir, options, disks):
    """Boot a machine in the background; return the exit status.

    disks: those of its arguments for launch.command().
    """
    running = state()
    if running:
        raise ZpyError(f"{running['board']} is running already: ./zpy run --attach, or ./zpy stop")
    STATE.mkdir(parents=True, exist_ok=True)
    LOG.mkdir(parents=True, exist_ok=True)
    (STATE / SOCKET).unlink(missing_ok=True)
    forwards = launch.usual_forwards(board)
    plan = {
        "command": launch.command(
            board, build_dir, options.icount, options.kvm, forwards=forwards, **disks
        ),
        "cwd": str(launch.working_directory(board, build_dir)),
        "board": board.name,
    }
    with open(LOG / "detached.log", "w") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "zpy.detached", json.dumps(plan)],
            env={**os.environ, "PYTHONPATH": str(ROOT / "tools")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + 10
    while not (STATE / SOCKET).exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            raise ZpyError(f"the machine did not start; see {LOG / 'detached.log'}")
        time.sleep(0.05)
    say(f"{board.name} runs in the background (process {keeper.pid})")
    say("./zpy run --attach joins its console, ./zpy stop ends it")
    if way := launch.ways_in(board, forwards, options.icount):
        say(way)
    return 0


def stop():
    """End what runs in the background; return the exit status."""
    running = state()
    if not running:
        STATE_FILE.unlink(missing_ok=True)
        say("nothing is running in the background")
        return 0
    with contextlib.suppress(ProcessLookupError):
        os.kill(running["pid"], signal.SIGTERM)
    deadline = time.monotonic() + 5
    while state() and time.monotonic() < deadline:
        time.sleep(0.05)
    if state():
        os.kill(running["pid"], signal.SIGKILL)
    STATE_FILE.unlink(missing_ok=True)
    say(f"{running['board']} is stopped")
    return 0


def attach():
    """Join the console of what runs in the background; Ctrl-A X leaves it running."""
    if not state():
        raise ZpyError("nothing is running in the background; ./zpy run --detach starts it")
    with socket.socket(socket.AF_UNIX) as console:
        here = os.getcwd()
        os.chdir(STATE)
        try:
            console.connect(SOCKET)
        finally:
            os.chdir(here)
        say("joined; Ctrl-A X leaves (the machine runs on)")
        keys = Keys(write_all)
        watch = [console, 0]
        with raw_terminal(0):
            while not keys.leave:
                ready, _, _ = select.select(watch, [], [])
                if console in ready:
                    data = console.recv(65536)
                    if not data:
                        break
                    write_all(data)
                if 0 in ready:
                    typed = os.read(0, 4096)
                    if not typed:
                        # Piped input has ended: stay for a moment to see what it leads to.
                        watch = [console]
                        console.settimeout(1.0)
                        with contextlib.suppress(TimeoutError):
                            while data := console.recv(65536):
                                write_all(data)
                        break
                    console.sendall(keys.feed(typed))
    print()
    return 0


def keep(plan):
    """The keeper: runs the machine and serves its console until it ends or is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.chdir(STATE)
    with socket.socket(socket.AF_UNIX) as server, Machine(plan["command"], plan["cwd"]) as machine:
        STATE_FILE.write_text(json.dumps({"pid": os.getpid(), "board": plan["board"]}))
        server.bind(SOCKET)
        os.chmod(SOCKET, 0o600)
        server.listen(1)
        visitor = None
        try:
            while not machine.ended:
                # One visitor at a time: others wait in the queue of the socket.
                awaited = visitor or server
                output, ready = machine.poll(1.0, [awaited.fileno()])
                if visitor and output:
                    visitor = _give(visitor, output)
                if not ready:
                    continue
                if awaited is server:
                    visitor, _ = server.accept()
                    visitor = _give(visitor, bytes(machine.history[-4096:]))
                elif visitor:
                    typed = _take(visitor)
                    if typed:
                        machine.write(typed)
                    else:
                        visitor.close()
                        visitor = None
        finally:
            os.unlink(SOCKET)
            STATE_FILE.unlink(missing_ok=True)


def _give(visitor, data):
    try:
        visitor.sendall(data)
    except OSError:
        visitor.close()
        return None
    return visitor


def _take(visitor):
    try:
        return visitor.recv(4096)
    except OSError:
        return b""


if __name__ == "__main__":
    keep(json.loads(sys.argv[1]))
