# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show how full the memory is.

usage: free [-hbkm]

  -h, --human    sizes like 1.5K
  -b, --bytes    in bytes
  -k, --kibi     in units of 1024 bytes, as without an option
  -m, --mebi     in units of 1048576 bytes

The heap is all memory that Python and the files in RAM share.  Its peak is since the start.
"""

import _vosal

from kernel import command


def main(cmd):
    cmd.expect(0)
    unit = {"b": 1, "m": 1 << 20}.get(cmd.last_of("b", "k", "m"), 1 << 10)

    def show(size):
        return command.human(size) if cmd["h"] else size // unit

    total, used, peak = _vosal.heap_info()
    rows = [
        ("", "total", "used", "free", "peak"),
        ("heap:", show(total), show(used), show(total - used), show(peak)),
    ]
    for line in command.table(rows, "<>>>>", gap=4):
        print(line)


command.run(main, __doc__, argv)
