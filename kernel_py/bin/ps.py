# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""List what runs: sessions, threads and tasks.

usage: ps [-t] [-p] [NAME ...]

  -t, --tasks      only tasks of the event loop
  -p, --threads    only threads, and sessions, which are threads

PID is the number that `kill` takes, PRI Zephyr's priority (lower is more urgent), STACK how much
of a thread's stack was ever used, CPU seconds of CPU time.  With NAME, only what has it in its
name.
"""

from kernel import command, scheduler


def wanted(cmd, process):
    if cmd["t"] != cmd["p"] and (process.kind == "task") != cmd["t"]:
        return False
    return not cmd.operands or any(name in process.name for name in cmd.operands)


def main(cmd):
    found = scheduler.Processes(p for p in scheduler.ps() if wanted(cmd, p))
    command.write_text(repr(found))
    if cmd.operands and not found:
        cmd.status = 1


command.run(main, __doc__, argv)
