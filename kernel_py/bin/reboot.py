# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Reset the machine.

usage: reboot
"""

from kernel import command, power


def main(cmd):
    cmd.expect(0)
    power.reboot()


command.run(main, __doc__, argv)
