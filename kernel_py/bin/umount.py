# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Take a file system away.

usage: umount DIR ...
"""

import _vosal

from kernel import command


def main(cmd):
    cmd.expect(1, -1)
    for target in cmd.operands:
        with cmd.trying(target):
            _vosal.umount(target)


command.run(main, __doc__, argv)
