# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show the lines that were entered in this session.

usage: history [-c] [NUM]

  -c, --clear    forget them

With NUM, only so many.
"""

from kernel import command, session


def main(cmd):
    cmd.expect(0, 1)
    lines = session.current().history.lines
    if cmd["c"]:
        lines.clear()
        return
    count = len(lines)
    if cmd.operands:
        count = command.parse_size(cmd.operands[0])
        if count is None or count < 0:
            raise command.UsageError(f"{cmd.operands[0]}: numeric argument required")
    first = max(len(lines) - count, 0)
    for number, line in enumerate(lines[first:], first + 1):
        command.write_text(f"{number:5}  {line}")


command.run(main, __doc__, argv)
