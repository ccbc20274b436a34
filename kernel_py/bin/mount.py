# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show what is mounted, or mount a file system.

usage: mount [-r] [-t TYPE SOURCE DIR]

  -t, --types TYPE    littlefs, fat, tmpfs or overlay
  -r, --read-only     nothing can be written there

SOURCE is the name of a storage (`_vosal.storages()` lists them), for tmpfs its limit in bytes
or '', for overlay two directories: LOWER:UPPER.  DIR is made if it is not there.
"""

import _vosal

from kernel import command


def main(cmd):
    if not cmd.operands and cmd["t"] is None:
        for target, kind, source, read_only in _vosal.mounts():
            mode = "ro" if read_only else "rw"
            command.write_text(f"{source or 'none'} on {target} type {kind} ({mode})")
        return
    cmd.expect(2)
    if cmd["t"] is None:
        raise command.UsageError("which kind? give -t TYPE")
    source, target = cmd.operands
    try:
        _vosal.mount(cmd["t"], source, target, read_only=cmd["r"])
    except OSError as error:
        cmd.error(f"mounting {source} on {target} failed: {command.reason(error)}")


command.run(main, __doc__, argv)
