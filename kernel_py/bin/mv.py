# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Move or rename files and directories.

usage: mv [-finv] SOURCE ... TARGET

  -f, --force          no questions
  -i, --interactive    ask before a file is overwritten
  -n, --no-clobber     do not overwrite
  -v, --verbose        say what is moved

Several files, or one where TARGET is a directory, are moved into TARGET.  Between two file
systems a file is copied beside its target and takes its place when it is whole; then the source
is removed.
"""

import errno
import os

from kernel import command, copying


def main(cmd):
    for source, target in copying.pairs(cmd):
        move(cmd, source, target)


def move(cmd, source, target):
    try:
        status = os.lstat(source)
    except OSError as error:
        cmd.error(f"cannot stat {command.quoted(source)}: {command.reason(error)}")
        return
    names = f"{command.quoted(source)} to {command.quoted(target)}"
    if copying.same(source, target):
        cmd.error(f"{command.quoted(source)} and {command.quoted(target)} are the same file")
        return
    if command.is_directory(status):
        if command.is_below(target, source):
            cmd.error(
                f"cannot move {command.quoted(source)} to a subdirectory of itself, "
                f"{command.quoted(target)}"
            )
            return
        if os.path.exists(target) and not os.path.isdir(target):
            text = f"{command.quoted(target)} with directory {command.quoted(source)}"
            cmd.error(f"cannot overwrite non-directory {text}")
            return
    elif os.path.isdir(target):
        cmd.error(f"cannot overwrite directory {command.quoted(target)} with non-directory")
        return
    if os.path.exists(target):
        choice = cmd.last_of("f", "i", "n")
        if choice == "n":
            return
        if choice == "i" and not command.confirm(f"mv: overwrite {command.quoted(target)}? "):
            return
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            cmd.error(f"cannot move {names}: {command.reason(error)}")
            return
        if not copying.move(cmd, source, target):
            return
    if cmd["v"]:
        command.write_text(f"renamed {command.quoted(source)} -> {command.quoted(target)}")


command.run(main, __doc__, argv)
