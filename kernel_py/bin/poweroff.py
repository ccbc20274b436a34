# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Switch the machine off.

usage: poweroff [STATUS]

STATUS, from 0 to 255, is for whoever has started the machine (an emulator).
"""

from kernel import command, power


def main(cmd):
    cmd.expect(0, 1)
    status = command.parse_size(cmd.operands[0]) if cmd.operands else 0
    if status is None or not 0 <= status <= 255:
        raise command.UsageError(f"invalid status '{cmd.operands[0]}'")
    power.poweroff(status)


command.run(main, __doc__, argv)
