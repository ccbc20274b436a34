# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""A booted board that runs programs one after the other: what `run` and the tests use."""

import base64
import os
import tempfile
import time
from pathlib import Path

from zpy import launch
from zpy.machine import Machine
from zpy.progress import Step
from zpy.protocol import BOOT_TIMEOUT, Program, RawRepl

POWEROFF_TIME = 5.0  # seconds that the machine has to switch itself off


def request(code, argv, filename="<string>", isatty=False, env=None, files=None):
    """The request that starts a program on the machine.

    files: {path on the machine below /tmp/hostrun: bytes}.
    """
    return {
        "argv": list(argv),
        "code": code,
        "filename": filename,
        "isatty": isatty,
        "env": env or {},
        "files": {
            name: base64.b64encode(data).decode("ascii") for name, data in (files or {}).items()
        },
    }


def collect(paths):
    """Read files, and directories with all that is in them, as `files` for a request."""
    files = {}
    for path in map(Path, paths):
        if path.is_dir():
            for inner in sorted(path.rglob("*")):
                if inner.is_file() and "__pycache__" not in inner.parts:
                    files[str(inner.relative_to(path.parent))] = inner.read_bytes()
        else:
            files[path.name] = path.read_bytes()
    return files


class Session:
    """A machine from power-on to power-off, as a context manager."""

    def __init__(
        self,
        board,
        build_dir=None,
        icount=None,
        kvm=False,
        boot_timeout=BOOT_TIMEOUT,
        image=None,
        exchange=None,
        forwards=None,
    ):
        self.board = board
        # A program has its ports forwarded only when it is asked for: several run side by side.
        if forwards is None:
            forwards = launch.parse_forwards(os.environ.get("ZPY_FORWARD", ""))
        command = launch.command(board, build_dir, icount, kvm, image, exchange, forwards)
        self.machine = Machine(
            self.launch(command),
            cwd=launch.working_directory(board, build_dir),
            env=launch.environment(board),
        )
        self.repl = RawRepl(self.machine)
        self.boot_timeout = boot_timeout

    def launch(self, command):
        """The command to start, for a subclass that adds to it."""
        return command

    def __enter__(self):
        try:
            started = time.monotonic()
            with Step(f"booting {self.board.name}", after=3.0) as step:
                self.repl.enter(self.boot_timeout, step.update)
            self.boot_seconds = time.monotonic() - started
        except BaseException:
            self.machine.kill()
            raise
        return self

    def __exit__(self, exc_type, exc, tb):
        try:
            if exc_type is None and not self.machine.ended:
                self.power_off()
        finally:
            self.machine.kill()

    def power_off(self):
        """Let the machine switch itself off."""
        self.repl.start("import _vosal; _vosal.poweroff(0)")
        self.machine.wait_end(POWEROFF_TIME)

    def program(self, request, stdin=None, stdout=None, stderr=None, timeout=None):
        """Return a Program for this machine; stdin is a file descriptor, the others take bytes."""
        return Program(self.repl, request, stdin, stdout, stderr, timeout)

    def run(self, code, argv=("-c",), stdin=b"", timeout=None, **more):
        """Run code to its end; return (status, stdout, stderr) as int, bytes, bytes."""
        out, err = bytearray(), bytearray()
        with tempfile.TemporaryFile() as source:
            source.write(stdin)
            source.seek(0)
            program = self.program(
                request(code, argv, **more), source.fileno(), out.extend, err.extend, timeout
            )
            status = program.run()
            program.finish()
        return status, bytes(out), bytes(err)
