# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Remove empty directories.

usage: rmdir [-pv] DIR ...

  -p, --parents    also those above, as far as they are in the name
  -v, --verbose    say what is removed
"""

import os

from kernel import command


def main(cmd):
    cmd.expect(1, -1)
    for name in cmd.operands:
        path = name
        while path:
            if cmd["v"]:
                command.write_text(f"rmdir: removing directory, {command.quoted(path)}")
            try:
                os.rmdir(path)
            except OSError as error:
                cmd.error(f"failed to remove {command.quoted(path)}: {command.reason(error)}")
                break
            above = os.path.dirname(path.rstrip("/")) if cmd["p"] else ""
            path = "" if above == "/" else above


command.run(main, __doc__, argv)
