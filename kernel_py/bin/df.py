# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show how full the file systems are.

usage: df [-hT] [FILE ...]

  -h, --human-readable    sizes like 1.5K, instead of units of 1024 bytes
  -T, --print-type        also the kind of file system

With FILE, only the file systems that these are on.  `--help` shows this.
"""

import errno
import os

import _vosal

from kernel import command


def row(cmd, mount):
    target, kind, source, _ = mount
    info = os.statvfs(target)
    unit = info.f_frsize or info.f_bsize
    total, free = info.f_blocks * unit, info.f_bfree * unit
    used, available = total - free, info.f_bavail * unit
    share = f"{-(-used * 100 // (used + available))}%" if used + available else "-"
    sizes = [command.human(n) if cmd["h"] else -(-n // 1024) for n in (total, used, available)]
    kinds = [kind] if cmd["T"] else []
    return [command.shown(source or kind), *kinds, *sizes, share, command.shown(target)]


def mount_of(path, mounts):
    """The file system that a file is on."""
    path = os.path.realpath(path)
    above = [m for m in mounts if path == m[0] or path.startswith(m[0].rstrip("/") + "/")]
    return max(above, key=lambda mount: len(mount[0]))


def main(cmd):
    mounts = _vosal.mounts()
    wanted = []
    for name in cmd.operands:
        with cmd.trying(name):
            os.stat(name)
            wanted.append(mount_of(name, mounts))
    if cmd.operands and not wanted:
        return
    wanted = wanted or mounts
    size = ["Size", "Used", "Avail"] if cmd["h"] else ["1K-blocks", "Used", "Available"]
    kind = ["Type"] if cmd["T"] else []
    rows = [["Filesystem", *kind, *size, "Use%", "Mounted on"]]
    for mount in wanted:
        try:
            rows.append(row(cmd, mount))
        except OSError as error:
            # /proc, for one, takes no space: that is said to who asks for it alone.
            if cmd.operands or error.errno != errno.ENOTSUP:
                cmd.error(error, mount[0])
    for line in command.table(rows, "<" + "<" * len(kind) + ">>>><", gap=1):
        print(line)


command.run(main, __doc__, argv)
