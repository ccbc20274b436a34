# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Remove files.

usage: rm [-rfidv] FILE ...

  -r, -R, --recursive    also directories, with all that is in them
  -f, --force            no questions, and no message about a file that is not there
  -i, --interactive      ask before each
  -d, --dir              also empty directories
  -v, --verbose          say what is removed

`.`, `..` and `/` are refused.
"""

import errno
import os

from kernel import command


def main(cmd):
    if not cmd.operands and cmd["f"]:
        return
    cmd.expect(1, -1)
    for name in cmd.operands:
        if command.base(name) in (".", ".."):
            where = command.quoted(name)
            cmd.error(f"refusing to remove '.' or '..' directory: skipping {where}")
        elif cmd["r"] and os.path.realpath(name) == "/":
            cmd.error("it is dangerous to operate recursively on '/'")
        else:
            remove(cmd, name)


def remove(cmd, name):
    try:
        status = os.lstat(name)
    except OSError as error:
        if not (cmd["f"] and error.errno in (errno.ENOENT, errno.ENOTDIR)):
            failed(cmd, name, error)
        return
    if not command.is_directory(status):
        if name.endswith("/"):
            failed(cmd, name, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))
        elif asked(cmd, "remove", name):
            take(cmd, os.remove, "removed", name)
        return
    if not cmd["r"]:
        if not cmd["d"]:
            failed(cmd, name, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
        elif asked(cmd, "remove directory", name):
            take(cmd, os.rmdir, "removed directory", name)
        return
    remove_tree(cmd, name)


def remove_tree(cmd, name):
    """Removes a directory from below; what cannot be removed stays, with what is above it."""
    directories = []

    def unreadable(error, path):
        failed(cmd, path, error)

    for path, status in command.walk(name, unreadable):
        while directories and not path.startswith(directories[-1].rstrip("/") + "/"):
            finish(cmd, directories.pop())
        if command.is_directory(status):
            directories.append(path)
        elif asked(cmd, "remove", path):
            take(cmd, os.remove, "removed", path)
    while directories:
        finish(cmd, directories.pop())


def finish(cmd, path):
    if asked(cmd, "remove directory", path):
        take(cmd, os.rmdir, "removed directory", path)


def asked(cmd, what, path):
    if cmd.last_of("f", "i") != "i":
        return True
    return command.confirm(f"rm: {what} {command.quoted(path)}? ")


def take(cmd, action, text, path):
    try:
        action(path)
    except OSError as error:
        if not (cmd["f"] and error.errno == errno.ENOENT):
            failed(cmd, path, error)
        return
    if cmd["v"]:
        command.write_text(f"{text} {command.quoted(path)}")


def failed(cmd, path, error):
    cmd.error(f"cannot remove {command.quoted(path)}: {command.reason(error)}")


command.run(main, __doc__, argv)
