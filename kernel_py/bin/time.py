# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Run a command and show how long it took.

usage: time COMMAND [WORD ...]

The times go to standard error: real is the clock's, cpu is that of all threads of the machine.
"""

import sys
import time

from kernel import command


def shown(seconds):
    return f"{int(seconds // 60)}m{seconds % 60:.3f}s"


def main(cmd):
    cmd.expect(1, -1)
    real, cpu = time.perf_counter(), time.process_time()
    try:
        cmd.status = command.run_words(cmd.operands)
    finally:
        command.flush()
        real, cpu = time.perf_counter() - real, time.process_time() - cpu
        print(f"\nreal\t{shown(real)}\ncpu\t{shown(cpu)}", file=sys.stderr)


command.run(main, __doc__, argv, first=True)
