# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Set the time of files to now, and make those that are not there.

usage: touch [-c] [-r FILE | -d TIME] FILE ...

  -c, --no-create         make no files
  -r, --reference FILE    to the time of this file
  -d, --date TIME         to this time: 2026-11-26 15:04:05, or @ and seconds since 1970
"""

import os

from kernel import command


def main(cmd):
    cmd.expect(1, -1)
    when = None
    if cmd["r"] is not None:
        when = os.stat(cmd["r"]).st_mtime_ns
    elif cmd["d"] is not None:
        when = int(command.parse_time(cmd["d"]) * 1_000_000_000)
    times = None if when is None else (when, when)
    for name in cmd.operands:
        try:
            if not os.path.exists(name):
                if cmd["c"]:
                    continue
                with open(name, "ab"):
                    pass
                if times is None:
                    continue
            os.utime(name, ns=times) if times else os.utime(name)
        except OSError as error:
            cmd.error(f"cannot touch {command.quoted(name)}: {command.reason(error)}")


command.run(main, __doc__, argv)
