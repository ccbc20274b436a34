# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show where commands are.

usage: which NAME ...

The exit status is 1 if one of them is no command.
"""

from kernel import command, shell


def main(cmd):
    cmd.expect(1, -1)
    for name in cmd.operands:
        path = shell.find(name) if "/" not in name else None
        if path is None:
            cmd.status = 1
        else:
            command.write_text(path)


command.run(main, __doc__, argv)
