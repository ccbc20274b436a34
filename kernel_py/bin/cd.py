# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Change the working directory of the session.

usage: cd [DIR]

Without DIR, to /.  `cwd` is the directory in Python.
"""

import os

from kernel import command


def main(cmd):
    global cwd
    cmd.expect(0, 1)
    os.chdir(cmd.operands[0] if cmd.operands else "/")
    cwd = os.getcwd()


command.run(main, __doc__, argv)
