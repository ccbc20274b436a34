# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show how much space files take.

usage: du [-ahsc] [-d NUM] [FILE ...]

  -a, --all               also files, not only directories
  -h, --human-readable    sizes like 1.5K, instead of units of 1024 bytes
  -s, --summarize         only one line for each FILE
  -c, --total             a total at the end
  -d, --max-depth NUM     directories no deeper than that

Without FILE, the working directory.  `--help` shows this.
"""

import os

from kernel import command


def show(cmd, size, path):
    text = command.human(size) if cmd["h"] else -(-size // 1024)
    command.write_text(f"{text}\t{path}")


def measure(cmd, path, depth, most):
    """The size of a file or tree in bytes; prints what is wanted of it."""
    try:
        status = os.lstat(path)
    except OSError as error:
        cmd.error(f"cannot access {command.quoted(path)}: {command.reason(error)}")
        return 0
    size = command.disk_use(status)
    if not command.is_directory(status):
        if not depth or (cmd["a"] and depth <= most):
            show(cmd, size, path)
        return size
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        cmd.error(f"cannot read directory {command.quoted(path)}: {command.reason(error)}")
        names = []
    for name in names:
        size += measure(cmd, os.path.join(path, name), depth + 1, most)
    if depth <= most:
        show(cmd, size, path)
    return size


def main(cmd):
    most = 0 if cmd["s"] else cmd.number("d", 1 << 30)
    total = sum(measure(cmd, path, 0, most) for path in cmd.operands or ["."])
    if cmd["c"]:
        show(cmd, total, "total")


command.run(main, __doc__, argv)
