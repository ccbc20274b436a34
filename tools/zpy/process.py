# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Running a command with its output in a log and its last line as progress."""

import os
import select
import subprocess


def run_logged(command, log, on_line, cwd=None, env=None):
    """Run a command to its end; return its exit status.

    log: an open text file that gets all output. on_line: called with every line, and with None
    about once a second while there is none.
    """
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        for line in _lines(process.stdout.fileno()):
            if line is not None:
                log.write(line + "\n")
                line = line.strip()
            on_line(line)
        return process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    finally:
        process.stdout.close()
        log.flush()


def _lines(fd):
    rest = b""
    while True:
        if not select.select([fd], [], [], 1.0)[0]:
            yield None
            continue
        data = os.read(fd, 65536)
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
        if not data:
            if rest:
                yield rest.decode("utf-8", "replace")
            return
