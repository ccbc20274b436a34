# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show what machine this is and how it is.

usage: sysinfo
"""

import os
import sys

import _vosal

from kernel import boot, command, scheduler, session


def main(cmd):
    cmd.expect(0)
    total, used, _ = _vosal.heap_info()
    count = scheduler.count()
    print("ZPy")
    print(f"Scheduler: {count} task{'s' * (count != 1)}")
    command.write_text(f"cwd: {os.getcwd()}")
    print(f"Version: {boot.version()}")
    print(f"Board: {_vosal.BOARD} ({_vosal.ARCH}, {_vosal.CPUS} CPU{'s' * (_vosal.CPUS != 1)})")
    print(f"Python: {sys.version.partition(' ')[0]}, {sys.platform}")
    print(f"Uptime: {command.duration(_vosal.uptime_ns() / 1e9)}")
    print(f"Heap: {command.human(used)} of {command.human(total)} in use")
    print(f"Threads: {len(_vosal.threads())}")
    print(f"Sessions: {len(session.sessions())}")
    command.write_text(f"Mounts: {' '.join(mount[0] for mount in _vosal.mounts())}")


command.run(main, __doc__, argv)
