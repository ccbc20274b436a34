# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Running a command with its output in a log and its last line as progress."""

import subprocess


def run_logged(command, log, on_line, cwd=None, env=None):
    """Run a command to its end; return its exit status.

    log: an open text file that gets all output. on_line: called with every line.
    """
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            for line in process.stdout:
                log.write(line)
                on_line(line.strip())
        except BaseException:
            process.terminate()
            raise
    return process.returncode
