# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Run a command again and again.

usage: watch [-t] [-n SECONDS] [-c NUM] COMMAND [WORD ...]

  -n, --interval SECONDS    wait so long between two runs (2)
  -c, --count NUM           end after so many runs; otherwise Ctrl-C ends it
  -t, --no-title            no line with the command and the time above

On a terminal each run begins on a clear screen.
"""

import time

from kernel import command


def main(cmd):
    cmd.expect(1, -1)
    interval = cmd.seconds("n", 2.0)
    left = cmd.number("c", -1, least=1)
    terminal = command.terminal()
    while left:
        left -= 1
        if terminal is not None:
            command.flush()
            terminal.write(b"\x1b[H\x1b[2J")
        if not cmd["t"]:
            title = f"Every {interval:.1f}s: {' '.join(cmd.operands)}"
            command.write_text(f"{title}    {time.strftime('%H:%M:%S')}\n")
        cmd.status = command.run_words(cmd.operands)
        command.flush()
        if left:
            time.sleep(interval)


command.run(main, __doc__, argv, first=True)
