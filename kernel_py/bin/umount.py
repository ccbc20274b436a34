# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Take a file system away.

usage: umount DIR ...

Nothing of it may be in use: no file, no working directory of a session, no other mount.
"""

import errno
import os

from kernel import command, mounts


def main(cmd):
    cmd.expect(1, -1)
    for target in cmd.operands:
        try:
            mounts.umount(os.path.abspath(target))
        except OSError as error:
            cmd.error("Not mounted" if error.errno == errno.EINVAL else error, target)


command.run(main, __doc__, argv)
