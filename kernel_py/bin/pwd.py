# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Print the working directory.

usage: pwd
"""

import os

from kernel import command


def main(cmd):
    cmd.expect(0)
    command.write_text(os.getcwd())


command.run(main, __doc__, argv)
