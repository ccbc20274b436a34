# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Copy files.

usage: cp [-rfipv] SOURCE ... TARGET

  -r, -R, --recursive    also directories, with all that is in them
  -f, --force            no questions
  -i, --interactive      ask before a file is overwritten
  -p, --preserve         keep the mode and the time
  -v, --verbose          say what is copied

Several files, or one where TARGET is a directory, are copied into TARGET.
"""

import os
import stat

from kernel import command, copying


def main(cmd):
    for source, target in copying.pairs(cmd):
        copy(cmd, source, target)


def copy(cmd, source, target):
    """Copies a file, or a directory, to a name."""
    try:
        status = os.stat(source)
    except OSError as error:
        cmd.error(f"cannot stat {command.quoted(source)}: {command.reason(error)}")
        return
    if not stat.S_ISDIR(status.st_mode):
        copy_file(cmd, source, target)
        return
    if not cmd["r"]:
        cmd.error(f"-r not specified; omitting directory {command.quoted(source)}")
        return
    if command.is_below(target, source):
        inside = f"{command.quoted(source)}, into itself, {command.quoted(target)}"
        cmd.error(f"cannot copy a directory, {inside}")
        return
    copy_tree(cmd, source, target)


def copy_tree(cmd, source, target):
    top = source.rstrip("/")

    def unreadable(error, path):
        cmd.error(f"cannot access {command.quoted(path)}: {command.reason(error)}")

    skipped = None
    made = []
    for path, status in command.walk(source, unreadable):
        if skipped and path.startswith(skipped):
            continue
        goal = target + path[len(top) :].rstrip("/")
        if not command.is_directory(status):
            copy_file(cmd, path, goal)
            continue
        try:
            if os.path.isdir(goal):
                pass
            elif os.path.exists(goal):
                text = f"{command.quoted(goal)} with directory {command.quoted(path)}"
                cmd.error(f"cannot overwrite non-directory {text}")
                skipped = path + "/"
                continue
            else:
                os.mkdir(goal)
        except OSError as error:
            reason = command.reason(error)
            cmd.error(f"cannot create directory {command.quoted(goal)}: {reason}")
            skipped = path + "/"
            continue
        if cmd["v"]:
            command.write_text(f"{command.quoted(path)} -> {command.quoted(goal)}")
        made.append((goal, status))
    if cmd["p"]:
        for goal, status in reversed(made):
            copying.keep(cmd, goal, status)


def copy_file(cmd, source, target):
    if os.path.isdir(target):
        cmd.error(f"cannot overwrite directory {command.quoted(target)} with non-directory")
        return
    if copying.same(source, target):
        cmd.error(f"{command.quoted(source)} and {command.quoted(target)} are the same file")
        return
    if cmd["i"] and not cmd["f"] and os.path.exists(target):
        if not command.confirm(f"cp: overwrite {command.quoted(target)}? "):
            return
    if copying.copy(cmd, source, target, keep=cmd["p"]) and cmd["v"]:
        command.write_text(f"{command.quoted(source)} -> {command.quoted(target)}")


command.run(main, __doc__, argv)
