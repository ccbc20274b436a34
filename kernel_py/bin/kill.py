# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""End tasks, threads, sessions or jobs.

usage: kill PID ...

`ps` shows the numbers.  A task is cancelled; in a thread SystemExit is raised, when it next runs
Python.  Threads of the RTOS, the event loop and the console cannot be ended.
"""

from kernel import command, scheduler


def main(cmd):
    cmd.expect(1, -1)
    for word in cmd.operands:
        pid = command.parse_size(word)
        if pid is None:
            cmd.error("arguments must be numbers", word)
            continue
        try:
            scheduler.kill(pid)
        except ProcessLookupError:
            cmd.error("No such process", f"({pid})")
        except PermissionError:
            cmd.error("Operation not permitted", f"({pid})")


command.run(main, __doc__, argv)
