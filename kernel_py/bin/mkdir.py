# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Make directories.

usage: mkdir [-pv] DIR ...

  -p, --parents    also those above; no message where it is there already
  -v, --verbose    say what is made
"""

import errno
import os

from kernel import command


def make(cmd, path):
    os.mkdir(path)
    if cmd["v"]:
        command.write_text(f"mkdir: created directory {command.quoted(path)}")


def make_all(cmd, path):
    """Makes a directory and those above; returns False after a message."""
    parts = [part for part in path.split("/") if part]
    current = "/" if path.startswith("/") else ""
    for index, part in enumerate(parts):
        current += part
        try:
            make(cmd, current)
        except OSError as error:
            # Some file systems say that they are read-only before they say that it is there.
            if not os.path.isdir(current):
                if isinstance(error, FileExistsError) and index < len(parts) - 1:
                    error = NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
                failed(cmd, current, error)
                return
        current += "/"


def failed(cmd, path, error):
    cmd.error(f"cannot create directory {command.quoted(path)}: {command.reason(error)}")


def main(cmd):
    cmd.expect(1, -1)
    for path in cmd.operands:
        if cmd["p"]:
            make_all(cmd, path)
            continue
        try:
            make(cmd, path)
        except OSError as error:
            failed(cmd, path, error)


command.run(main, __doc__, argv)
